"""`take`, `skip` and `shard`: some of the elements, by their number."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax.data import _nest
from addax.data._element import length
from addax.data._node import INFINITE, Cursor, Node, Positional


class TakeNode(Positional):
    """The first `count` elements; all of them for -1."""

    label = "Take"

    def __init__(self, node: Node, count: int) -> None:
        self.inputs = (node,)
        self.count = count

    def cursor(self) -> Cursor:
        """See `Node.cursor`."""
        child = self.input.start()
        return child if self.count < 0 else _Take(child, self.count)

    def cardinality(self) -> int:
        """See `Node.cardinality`."""
        size = self.input.cardinality()
        if self.count < 0:
            return size
        if size == INFINITE:
            return self.count
        return size if size < 0 else min(size, self.count)


class _Take(Cursor):
    def __init__(self, child: Cursor, count: int) -> None:
        self.child, self.left = child, count

    def next(self) -> Any:
        if self.left <= 0:
            raise StopIteration
        element = self.child.next()
        self.left -= 1
        return element

    def next_batch(self, count: int) -> Any:
        if self.left <= 0:
            raise StopIteration
        block = self.child.next_batch(min(count, self.left))
        self.left -= length(block)
        return block

    def get_state(self) -> Any:
        return {"left": self.left, "input": self.child.get_state()}

    def set_state(self, state: Any) -> None:
        self.left = state["left"]
        self.child.set_state(state["input"])


class SkipNode(Positional):
    """All but the first `count` elements; none of them for -1."""

    label = "Skip"

    def __init__(self, node: Node, count: int) -> None:
        self.inputs = (node,)
        self.count = count

    def cursor(self) -> Cursor:
        """See `Node.cursor`."""
        child = self.input.start()
        return _Take(child, 0) if self.count < 0 else _Skip(child, self.count, self.input.vector)

    def cardinality(self) -> int:
        """See `Node.cardinality`."""
        size = self.input.cardinality()
        if self.count < 0:
            return 0
        return size if size < 0 else max(0, size - self.count)


class _Skip(Cursor):
    def __init__(self, child: Cursor, count: int, vector: bool) -> None:
        self.child, self.left, self.vector = child, count, vector

    def _skip(self) -> None:
        while self.left > 0:
            self.left -= length(self.child.next_batch(self.left)) if self.vector else self._skip_one()

    def _skip_one(self) -> int:
        self.child.next()
        return 1

    def next(self) -> Any:
        self._skip()
        return self.child.next()

    def next_batch(self, count: int) -> Any:
        self._skip()
        return self.child.next_batch(count)

    def get_state(self) -> Any:
        return {"left": self.left, "input": self.child.get_state()}

    def set_state(self, state: Any) -> None:
        self.left = state["left"]
        self.child.set_state(state["input"])


class ShardNode(Positional):
    """Every `count`-th element, beginning with number `index`."""

    label = "Shard"

    def __init__(self, node: Node, count: int, index: int) -> None:
        self.inputs = (node,)
        self.count, self.index = count, index

    def cursor(self) -> Cursor:
        """See `Node.cursor`."""
        return _Shard(self.input.start(), self)

    def cardinality(self) -> int:
        """See `Node.cardinality`."""
        size = self.input.cardinality()
        return size if size < 0 else size // self.count + (self.index < size % self.count)


class _Shard(Cursor):
    def __init__(self, child: Cursor, node: ShardNode) -> None:
        self.child, self.count, self.index = child, node.count, node.index
        self.vector = node.input.vector
        self.position = 0

    def next(self) -> Any:
        while True:
            element = self.child.next()
            self.position += 1
            if (self.position - 1) % self.count == self.index:
                return element

    def next_batch(self, count: int) -> Any:
        if not self.vector:
            return super().next_batch(count)
        while True:
            block = self.child.next_batch(count * self.count)
            numbers = np.arange(self.position, self.position + length(block))
            self.position += len(numbers)
            kept = numbers % self.count == self.index
            if kept.any():
                return _nest.map_leaves(lambda x, kept=kept: x[kept], block)

    def get_state(self) -> Any:
        return {"position": self.position, "input": self.child.get_state()}

    def set_state(self, state: Any) -> None:
        self.position = state["position"]
        self.child.set_state(state["input"])
