"""`assert_cardinality` and `ignore_errors`: what is said of a dataset, and what is let pass."""

from __future__ import annotations

import logging
from typing import Any

from addax.core.errors import message
from addax.data._node import INFINITE, UNKNOWN_SIZE, Cursor, Node, Positional, Transformation


class KnownSizeNode(Positional):
    """The input, which is said to have `size` elements; checked at its end."""

    label = "AssertCardinality"

    def __init__(self, node: Node, size: int) -> None:
        self.inputs = (node,)
        self.size = size

    @property
    def vector(self) -> bool:
        """See `Node.vector`."""
        return False

    def cursor(self) -> Cursor:
        """See `Node.cursor`."""
        return _Counted(self.input.start(), self.size)

    def cardinality(self) -> int:
        """See `Node.cardinality`."""
        return self.size


class _Counted(Cursor):
    def __init__(self, child: Cursor, size: int) -> None:
        self.child, self.size = child, size
        self.count = 0

    def next(self) -> Any:
        try:
            element = self.child.next()
        except StopIteration:
            if self.count != self.size:
                raise self._wrong(f"an end after {self.count}") from None
            raise
        self.count += 1
        if 0 <= self.size < self.count:
            raise self._wrong("more")
        return element

    def _wrong(self, received: str) -> ValueError:
        expected = "elements without end" if self.size == INFINITE else f"{self.size} elements"
        return ValueError(
            message(
                "The dataset does not have the asserted cardinality.", expected=expected, received=received
            )
        )

    def get_state(self) -> Any:
        return {"count": self.count, "input": self.child.get_state()}

    def set_state(self, state: Any) -> None:
        self.count = state["count"]
        self.child.set_state(state["input"])


class IgnoreErrorsNode(Transformation):
    """The elements that can be computed.

    Args:
        node: The input.
        log: Whether each error is logged.
    """

    label = "IgnoreErrors"

    def __init__(self, node: Node, log: bool) -> None:
        self.inputs = (node,)
        self.log = log

    def cursor(self) -> Cursor:
        """See `Node.cursor`."""
        return _IgnoreErrors(self.input.start(), self.log)

    def cardinality(self) -> int:
        """See `Node.cardinality`."""
        size = self.input.cardinality()
        return INFINITE if size == INFINITE else UNKNOWN_SIZE


class _IgnoreErrors(Cursor):
    def __init__(self, child: Cursor, log: bool) -> None:
        self.child, self.log = child, log

    def next(self) -> Any:
        while True:
            try:
                return self.child.next()
            except StopIteration:
                raise
            except Exception as error:
                if self.log:
                    logging.getLogger("addax").warning("An element of a dataset was passed over: %s", error)

    def get_state(self) -> Any:
        return self.child.get_state()

    def set_state(self, state: Any) -> None:
        self.child.set_state(state)
