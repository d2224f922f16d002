"""`repeat`: the input again and again."""

from __future__ import annotations

from typing import Any

from addax.data._node import INFINITE, Cursor, Node, Positional


class RepeatNode(Positional):
    """The input `count` times in a row, each time from a fresh start.

    Args:
        node: The input.
        count: How often; -1 for ever.
    """

    label = "Repeat"

    def __init__(self, node: Node, count: int) -> None:
        self.inputs = (node,)
        self.count = count

    def cursor(self) -> Cursor:
        """See `Node.cursor`."""
        return _Repeat(self.input, self.count)

    def cardinality(self) -> int:
        """See `Node.cardinality`."""
        size = self.input.cardinality()
        if self.count < 0:
            return 0 if size == 0 else INFINITE
        if self.count == 0:
            return 0
        return size if size < 0 else size * self.count


class _Repeat(Cursor):
    def __init__(self, node: Node, count: int) -> None:
        self.node, self.count = node, count
        self.round = 0
        self.child: Cursor | None = None
        self.empty = True  # nothing has come in this round yet
        self._advance(first=True)

    def _advance(self, first: bool = False) -> None:
        if not first:
            self.round += 1
        going_on = self.count < 0 or self.round < self.count
        self.child = self.node.start() if going_on else None
        self.empty = True

    def _next(self, count: int | None) -> Any:
        while self.child is not None:
            try:
                element = self.child.next() if count is None else self.child.next_batch(count)
            except StopIteration:
                if self.empty:  # an empty input stays empty
                    self.child = None
                else:
                    self._advance()
            else:
                self.empty = False
                return element
        raise StopIteration

    def next(self) -> Any:
        return self._next(None)

    def next_batch(self, count: int) -> Any:
        return self._next(count)

    def get_state(self) -> Any:
        child = None if self.child is None else self.child.get_state()
        return {"round": self.round, "empty": self.empty, "input": child}

    def set_state(self, state: Any) -> None:
        self.round, self.empty = state["round"], state["empty"]
        if state["input"] is None:
            self.child = None
        else:
            self.child = self.node.start()
            self.child.set_state(state["input"])
