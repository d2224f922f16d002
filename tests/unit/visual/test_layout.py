"""The layout alone: boxes never touch, edges run downwards, chains are straight."""

import itertools

import hypothesis.strategies as st
from hypothesis import given, settings

from addax.visual._layout import _increasing, arrange


def overlap(a, size_a, b, size_b):
    return all(p < q + m and q < p + n for p, q, n, m in zip(a, b, size_a, size_b, strict=True))


sizes_and_edges = st.integers(1, 12).flatmap(
    lambda n: st.tuples(
        st.lists(st.tuples(st.integers(10, 120), st.integers(10, 60)), min_size=n, max_size=n),
        st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=25),
    )
)


@settings(max_examples=60)
@given(sizes_and_edges)
def test_boxes_stand_apart_and_inside_the_picture(graph):
    sizes, edges = graph
    layout = arrange(sizes, edges)
    for (a, size_a), (b, size_b) in itertools.combinations(zip(layout.places, sizes, strict=True), 2):
        assert not overlap(a, size_a, b, size_b)
    for (x, y), (width, height) in zip(layout.places, sizes, strict=True):
        assert x >= -1e-6 and y >= 0
        assert x + width <= layout.size[0] + 1e-6 and y + height <= layout.size[1] + 1e-6


@settings(max_examples=60)
@given(sizes_and_edges)
def test_edges_run_downwards_unless_there_is_a_cycle(graph):
    sizes, edges = graph
    forwards = [(min(e), max(e)) for e in edges if e[0] != e[1]]
    layout = arrange(sizes, forwards)
    for (a, b), route in zip(forwards, layout.routes, strict=True):
        assert layout.places[a][1] + sizes[a][1] <= layout.places[b][1] + 1e-6
        heights = [y for _, y in route]
        assert heights == sorted(heights) and len(route) >= 2


@given(sizes_and_edges)
@settings(max_examples=30)
def test_every_edge_has_a_route(graph):
    sizes, edges = graph
    layout = arrange(sizes, edges)
    assert [bool(route) for route in layout.routes] == [a != b for a, b in edges]


def test_a_chain_with_skips_is_a_straight_line():
    edges = [(i, i + 1) for i in range(20)] + [(i, i + 4) for i in range(0, 16, 4)]
    layout = arrange([(40 + 7 * (i % 5), 20) for i in range(21)], edges)
    middles = {round(x + (40 + 7 * (i % 5)) / 2, 6) for i, (x, _) in enumerate(layout.places)}
    assert len(middles) == 1


def test_edges_that_need_not_cross_do_not():
    edges = [(0, 4), (1, 3), (2, 5)]  # the order of the boxes crosses them
    layout = arrange([(10, 10)] * 6, edges)
    ends = sorted((layout.places[a][0], layout.places[b][0]) for a, b in edges)
    assert [b for _, b in ends] == sorted(b for _, b in ends)


def test_an_input_that_is_used_late_stands_late():
    layout = arrange([(10, 10)] * 5, [(0, 1), (1, 2), (2, 4), (3, 4)])
    assert layout.places[3][1] == layout.places[2][1]


def test_a_cycle_is_drawn_with_one_edge_upwards():
    layout = arrange([(10, 10)] * 2, [(0, 1), (1, 0)])
    first, second = layout.routes
    assert first[0][1] < first[-1][1] and second[0][1] > second[-1][1]


def test_nothing_is_an_empty_picture():
    assert arrange([], []).size == (0.0, 0.0)


@given(st.lists(st.tuples(st.floats(-50, 50), st.floats(0.1, 9)), min_size=1, max_size=20))
def test_the_nearest_rising_sequence(pairs):
    values, weights = zip(*pairs, strict=True)
    found = _increasing(list(values), list(weights))
    assert len(found) == len(values)
    assert all(a <= b + 1e-9 for a, b in itertools.pairwise(found))
    total = sum(weights)
    mean = sum(v * w for v, w in pairs) / total
    assert abs(sum(f * w for f, w in zip(found, weights, strict=True)) / total - mean) < 1e-6
