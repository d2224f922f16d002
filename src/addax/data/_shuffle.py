"""`shuffle`: a buffer from which elements leave in random order."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax.data._element import rows
from addax.data._node import Cursor, Node, Positional, read
from addax.data._random import Draws, Orders

_BLOCK = 256  # how many elements are taken at once where reading ahead is allowed


class ShuffleNode(Positional):
    """Each element leaves from a random place of a buffer, and the next input takes its place.

    Behind the last input, what is left in the buffer leaves in random order.

    Args:
        node: The input.
        size: The places in the buffer.
        seed: The seed.
        reshuffle: Whether each iteration has another order.
    """

    label = "Shuffle"

    def __init__(self, node: Node, size: int, seed: int, reshuffle: bool) -> None:
        self.inputs = (node,)
        self.size = size
        self.epochs = Orders(seed, reshuffle)

    def cursor(self) -> Cursor:
        """See `Node.cursor`."""
        draws = self.epochs.start()
        child = self.input.start()
        if self.input.vector:
            return _VectorShuffle(child, self.size, draws)
        return _Shuffle(child, self.size, draws, _BLOCK if self.input.pure and self.input.fixed else 1)


class _Shuffle(Cursor):
    """Any elements, in a list."""

    def __init__(self, child: Cursor, size: int, draws: Draws, block: int) -> None:
        self.child, self.size, self.draws, self.block = child, size, draws, block
        self.buffer: list = []
        self.waiting: list = []  # read ahead, in reverse
        self.places: list[int] = []  # drawn ahead, in reverse
        self.ended = False

    def _input(self) -> Any:
        if not self.waiting:
            if self.block == 1:
                return self.child.next()
            self.waiting = rows(self.child.next_batch(self.block))[::-1]
        return self.waiting.pop()

    def _place(self) -> int:
        if not self.places:
            self.places = self.draws.below(self.size, _BLOCK)[::-1].tolist()
        return self.places.pop()

    def next(self) -> Any:
        buffer = self.buffer
        if not self.ended:
            try:
                while len(buffer) < self.size:
                    buffer.append(self._input())
                incoming = self._input()
            except StopIteration:
                self.ended = True
                order = self.draws.permutation(len(buffer))
                self.buffer = buffer = [buffer[i] for i in order[::-1]]
            else:
                place = self._place()
                element, buffer[place] = buffer[place], incoming
                return element
        if not buffer:
            raise StopIteration
        return buffer.pop()

    def get_state(self) -> Any:
        seed, epoch, drawn = self.draws.get_state()
        return {
            "draws": [seed, epoch, drawn - len(self.places)],
            "buffer": list(self.buffer),
            "waiting": list(self.waiting),
            "ended": self.ended,
            "input": self.child.get_state(),
        }

    def set_state(self, state: Any) -> None:
        self.draws.set_state(state["draws"])
        self.places = []
        self.buffer, self.waiting = list(state["buffer"]), list(state["waiting"])
        self.ended = state["ended"]
        self.child.set_state(state["input"])


class _VectorShuffle(Cursor):
    """Plain integers, whole blocks at a time; the order is that of `_Shuffle`."""

    def __init__(self, child: Cursor, size: int, draws: Draws) -> None:
        self.child, self.size, self.draws = child, size, draws
        self.buffer: np.ndarray | None = None
        self.ended = False
        self.waiting = np.zeros(0, np.int64)  # shuffled already, but not yet given out

    def next(self) -> np.ndarray:
        if not len(self.waiting):
            self.waiting = self._block(_BLOCK)
        element, self.waiting = self.waiting[0, ...], self.waiting[1:]
        return element

    def next_batch(self, count: int) -> np.ndarray:
        if len(self.waiting):
            block, self.waiting = self.waiting[:count], self.waiting[count:]
            return block
        return self._block(count)

    def _block(self, count: int) -> np.ndarray:
        if self.buffer is None:
            first = read(self.child, self.size)
            self.buffer = np.zeros(0, np.int64) if first is None else np.array(first)
        if not self.ended:
            try:
                incoming = self.child.next_batch(count)
            except StopIteration:
                self.ended = True
                self.buffer = self.buffer[self.draws.permutation(len(self.buffer))]
            else:
                return _exchange(self.buffer, incoming, self.draws.below(self.size, len(incoming)))
        if not len(self.buffer):
            raise StopIteration
        block, self.buffer = self.buffer[:count], self.buffer[count:]
        return block

    def get_state(self) -> Any:
        return {
            "draws": self.draws.get_state(),
            "buffer": None if self.buffer is None else self.buffer.copy(),
            "waiting": self.waiting.copy(),
            "ended": self.ended,
            "input": self.child.get_state(),
        }

    def set_state(self, state: Any) -> None:
        self.draws.set_state(state["draws"])
        self.buffer = None if state["buffer"] is None else np.array(state["buffer"])
        self.waiting, self.ended = np.array(state["waiting"]), state["ended"]
        self.child.set_state(state["input"])


def _exchange(buffer: np.ndarray, incoming: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Do `out[i], buffer[places[i]] = buffer[places[i]], incoming[i]` for each i in turn, without a loop."""
    order = np.argsort(places, kind="stable")  # visits to the same place follow each other, in turn
    visited = places[order]
    again = np.zeros(len(order), bool)  # whether the place was visited before in this block
    again[1:] = visited[1:] == visited[:-1]
    found = buffer[visited]
    found[again] = incoming[order[:-1]][again[1:]]
    last = np.ones(len(order), bool)
    last[:-1] = ~again[1:]
    buffer[visited[last]] = incoming[order[last]]
    out = np.empty_like(incoming)
    out[order] = found
    return out
