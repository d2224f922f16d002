"""Layered drawing of a directed graph: ranks, order within the ranks, coordinates, routes of the edges.

The steps of Sugiyama, Tagawa and Toda (1981); coordinates by weighted isotonic regression, which keeps long edges
and chains straight.
"""

from __future__ import annotations

import bisect
import dataclasses
from collections.abc import Sequence

_SWEEPS = 12  # for the order
_MOVES = 8  # for the coordinates

Point = tuple[float, float]


@dataclasses.dataclass
class Layout:
    """Where things stand, from the left and from the top.

    Attributes:
        places: The upper left corner of each box.
        routes: The points of each edge, from below its source to above its target; pieces between ranks (from
            an even point to the next odd one) bend, the others are straight.
        size: Width and height of the whole.
    """

    places: list[Point]
    routes: list[list[Point]]
    size: Point


def arrange(
    sizes: Sequence[Point], edges: Sequence[tuple[int, int]], gap: float = 28.0, rank_gap: float = 34.0
) -> Layout:
    """Place boxes so that edges run downwards, with few crossings.

    Args:
        sizes: Width and height of each box.
        edges: Pairs of box numbers; an edge of a cycle may run upwards, one from a box to itself is left out.
        gap: The least distance between neighbours.
        rank_gap: The distance between ranks.

    Returns:
        The layout; `routes` has an entry for each edge.

    Example:
        >>> layout = arrange([(10, 10)] * 3, [(0, 1), (1, 2)])
        >>> [y for _, y in layout.places]
        [0.0, 44.0, 88.0]
    """
    if not sizes:
        return Layout([], [[] for _ in edges], (0.0, 0.0))
    downwards = _downwards(len(sizes), edges)
    ranks = _ranks(len(sizes), [e for e in downwards if e[0] != e[1]])
    graph = _Layered(list(ranks), len(sizes))
    chains = [graph.add_chain(a, b) for a, b in downwards]
    rows = _ordered(graph)
    widths = [w for w, _ in sizes] + [0.0] * (len(graph.ranks) - len(sizes))
    centers = _centers(graph, rows, widths, gap)
    tops, heights = _vertical(ranks, sizes, rank_gap)
    places = [
        (centers[i] - w / 2, tops[ranks[i]] + (heights[ranks[i]] - h) / 2) for i, (w, h) in enumerate(sizes)
    ]
    routes = []
    for chain, edge, down in zip(chains, edges, downwards, strict=True):
        route = _route(chain, graph.ranks, centers, tops, heights)
        routes.append(route if tuple(edge) == down else route[::-1])
    width = max(x + w for (x, _), (w, _) in zip(places, sizes, strict=True))
    points = [x for route in routes for x, _ in route]
    return Layout(places, routes, (max([width, *points]), tops[-1] + heights[-1]))


def _downwards(count: int, edges: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The edges, those that close a cycle turned round."""
    following: list[list[int]] = [[] for _ in range(count)]
    for a, b in edges:
        following[a].append(b)
    state = [0] * count  # 1: on the way, 2: done
    backwards = set()
    for start in range(count):
        stack = [(start, iter(following[start]))] if state[start] == 0 else []
        state[start] = state[start] or 1
        while stack:
            node, rest = stack[-1]
            nxt = next(rest, None)
            if nxt is None:
                state[node] = 2
                stack.pop()
            elif state[nxt] == 1:
                backwards.add((node, nxt))
            elif state[nxt] == 0:
                state[nxt] = 1
                stack.append((nxt, iter(following[nxt])))
    return [(b, a) if (a, b) in backwards else (a, b) for a, b in edges]


def _ranks(count: int, edges: list[tuple[int, int]]) -> list[int]:
    """The rank of each box: below all that lead to it; what nothing leads to stands as low as it can."""
    before: list[set[int]] = [set() for _ in range(count)]
    after: list[set[int]] = [set() for _ in range(count)]
    for a, b in edges:
        before[b].add(a)
        after[a].add(b)
    ranks = [0] * count
    waiting = [len(b) for b in before]
    ready = [i for i in range(count) if not waiting[i]]
    for node in ready:
        for other in after[node]:
            ranks[other] = max(ranks[other], ranks[node] + 1)
            waiting[other] -= 1
            if not waiting[other]:
                ready.append(other)
    for node in reversed(ready):
        if not before[node] and after[node]:
            ranks[node] = min(ranks[o] for o in after[node]) - 1
    lowest = min(ranks)
    return [r - lowest for r in ranks]


class _Layered:
    """The graph with long edges cut into pieces of one rank each; numbers from `real` on are bends."""

    def __init__(self, ranks: list[int], real: int) -> None:
        self.ranks = ranks
        self.real = real
        self.above: list[list[int]] = [[] for _ in ranks]
        self.below: list[list[int]] = [[] for _ in ranks]

    def add_chain(self, a: int, b: int) -> list[int]:
        """Add an edge; return its nodes, ends included."""
        if a == b:
            return []
        chain = [a]
        for rank in range(self.ranks[a] + 1, self.ranks[b]):
            self.ranks.append(rank)
            self.above.append([])
            self.below.append([])
            chain.append(len(self.ranks) - 1)
        chain.append(b)
        for upper, lower in zip(chain, chain[1:], strict=False):
            self.below[upper].append(lower)
            self.above[lower].append(upper)
        return chain


def _ordered(graph: _Layered) -> list[list[int]]:
    """The nodes of each rank from left to right, with few crossings: barycentres, up and down."""
    rows: list[list[int]] = [[] for _ in range(max(graph.ranks) + 1)]
    for node in _depth_first(graph):
        rows[graph.ranks[node]].append(node)
    best, fewest = [list(r) for r in rows], _crossings(graph, rows)
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        for r in range(len(rows))[:: 1 if down else -1]:
            _sort_row(rows, r, graph.above if down else graph.below, 1 if down else -1)
        found = _crossings(graph, rows)
        if found < fewest:
            best, fewest = [list(r) for r in rows], found
        if not fewest:
            break
    return best


def _depth_first(graph: _Layered) -> list[int]:
    seen: set[int] = set()
    order = []
    for start in sorted(range(len(graph.ranks)), key=lambda i: graph.ranks[i]):
        stack = [start]
        while stack:
            node = stack.pop()
            if node not in seen:
                seen.add(node)
                order.append(node)
                stack.extend(reversed(graph.below[node]))
    return order


def _sort_row(rows: list[list[int]], r: int, neighbours: list[list[int]], step: int) -> None:
    if not 0 <= r - step < len(rows):
        return
    position = {node: i for i, node in enumerate(rows[r - step])}
    here = {node: i for i, node in enumerate(rows[r])}

    def barycentre(node: int) -> float:
        found = [position[n] for n in neighbours[node] if n in position]
        return sum(found) / len(found) if found else here[node]

    rows[r].sort(key=barycentre)


def _crossings(graph: _Layered, rows: list[list[int]]) -> int:
    total = 0
    for upper, lower in zip(rows, rows[1:], strict=False):
        position = {node: i for i, node in enumerate(lower)}
        ends = [position[n] for node in upper for n in sorted(graph.below[node], key=position.__getitem__)]
        passed: list[int] = []
        for end in ends:
            total += len(passed) - bisect.bisect_right(passed, end)
            bisect.insort(passed, end)
    return total


def _centers(graph: _Layered, rows: list[list[int]], widths: list[float], gap: float) -> list[float]:
    """The middle of each node: near the middle of its neighbours, no nearer to the next than allowed."""
    centers = [0.0] * len(graph.ranks)
    for row in rows:
        offsets = _offsets(row, widths, gap)
        for node, offset in zip(row, offsets, strict=True):
            centers[node] = offset - offsets[-1] / 2
    both = [[*up, *down] for up, down in zip(graph.above, graph.below, strict=True)]
    for _ in range(_MOVES):
        for neighbours, order in ((graph.above, rows), (graph.below, rows[::-1]), (both, rows)):
            for row in order:
                _settle(graph, row, neighbours, centers, _offsets(row, widths, gap))
    for row in rows:  # what follows each other stands exactly below each other
        _settle(graph, row, graph.above, centers, _offsets(row, widths, gap))
    left = min(c - w / 2 for c, w in zip(centers, widths, strict=True))
    return [c - left for c in centers]


def _offsets(row: list[int], widths: list[float], gap: float) -> list[float]:
    offsets = [0.0]
    for a, b in zip(row, row[1:], strict=False):
        offsets.append(offsets[-1] + (widths[a] + widths[b]) / 2 + gap)
    return offsets


def _settle(
    graph: _Layered, row: list[int], neighbours: list[list[int]], centers: list[float], offsets: list[float]
) -> None:
    """Move a row to where its neighbours want it; bends have little to say beside boxes."""
    wanted, weights = [], []
    for node, offset in zip(row, offsets, strict=True):
        near = neighbours[node]
        boxes = [n for n in near if n < graph.real]
        if node < graph.real and len(boxes) == 1:  # a chain goes straight on, whatever passes it by
            near = boxes
        middle = sum(centers[n] for n in near) / len(near) if near else centers[node]
        wanted.append(middle - offset)
        weights.append(1.0 if near and node < graph.real else 1e-9)
    for node, offset, value in zip(row, offsets, _increasing(wanted, weights), strict=True):
        centers[node] = value + offset


def _increasing(values: list[float], weights: list[float]) -> list[float]:
    """The nearest sequence that never falls, by weighted squares: neighbours out of order are pooled."""
    pools: list[list[float]] = []  # mean, weight, length
    for value, weight in zip(values, weights, strict=True):
        pools.append([value, weight, 1])
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            mean, total, length = pools.pop()
            last = pools[-1]
            last[0] = (last[0] * last[1] + mean * total) / (last[1] + total)
            last[1] += total
            last[2] += length
    return [mean for mean, _, length in pools for _ in range(int(length))]


def _vertical(ranks: list[int], sizes: Sequence[Point], rank_gap: float) -> tuple[list[float], list[float]]:
    heights = [0.0] * (max(ranks) + 1)
    for rank, (_, height) in zip(ranks, sizes, strict=True):
        heights[rank] = max(heights[rank], height)
    tops = [0.0]
    for height in heights[:-1]:
        tops.append(tops[-1] + height + rank_gap)
    return tops, heights


def _route(
    chain: list[int], ranks: list[int], centers: list[float], tops: list[float], heights: list[float]
) -> list[Point]:
    """From the bottom of the first rank to the top of the last, through the bends."""
    points = []
    for i, node in enumerate(chain):
        top, bottom = tops[ranks[node]], tops[ranks[node]] + heights[ranks[node]]
        if i:
            points.append((centers[node], top))
        if i < len(chain) - 1:
            points.append((centers[node], bottom))
    return points
