"""`window`: short datasets of consecutive elements."""

from __future__ import annotations

from typing import Any

from addax.data import _nest
from addax.data._arrays import ListNode
from addax.data._node import Cursor, Node, Transformation
from addax.data._spec import UNKNOWN, DatasetSpec


class WindowNode(Transformation):
    """Datasets of up to `size` elements, each component its own dataset.

    Args:
        node: The input.
        size: Elements a window.
        shift: Elements from the start of one window to that of the next.
        stride: Elements from one of a window to the next.
        drop_remainder: Whether windows that the end of the input cuts short are left out.
    """

    label = "Window"

    def __init__(self, node: Node, size: int, shift: int, stride: int, drop_remainder: bool) -> None:
        self.inputs = (node,)
        self.size, self.shift, self.stride, self.drop_remainder = size, shift, stride, drop_remainder

    @property
    def span(self) -> int:
        """Input elements that a window reaches over."""
        return (self.size - 1) * self.stride + 1

    def cursor(self) -> Cursor:
        """See `Node.cursor`."""
        return _Window(self, self.input.start())

    def make_spec(self, run: bool) -> Any:
        """See `Node.spec`."""
        spec = self.input.spec(run)
        return UNKNOWN if spec is UNKNOWN else _nest.map_leaves(DatasetSpec, spec)

    def cardinality(self) -> int:
        """See `Node.cardinality`."""
        size = self.input.cardinality()
        if size < 0:
            return size
        if self.drop_remainder:
            return max(0, -(-(size - self.span + 1) // self.shift))
        return -(-size // self.shift)


class _Window(Cursor):
    def __init__(self, node: WindowNode, child: Cursor) -> None:
        self.node, self.child = node, child
        self.buffer: list = []
        self.gap = 0  # input elements that belong to no window
        self.ended = False

    def next(self) -> Any:
        node = self.node
        self._fill(node.span)
        chosen = self.buffer[: node.span : node.stride]
        if not chosen or (node.drop_remainder and len(chosen) < node.size):
            raise StopIteration
        self.gap = max(0, node.shift - len(self.buffer))
        del self.buffer[: node.shift]
        return _side_by_side(chosen, node.input.spec())

    def _fill(self, count: int) -> None:
        try:
            while not self.ended and self.gap:
                self.child.next()
                self.gap -= 1
            while not self.ended and len(self.buffer) < count:
                self.buffer.append(self.child.next())
        except StopIteration:
            self.ended = True

    def get_state(self) -> Any:
        return {
            "buffer": list(self.buffer),
            "gap": self.gap,
            "ended": self.ended,
            "input": self.child.get_state(),
        }

    def set_state(self, state: Any) -> None:
        self.buffer, self.gap, self.ended = list(state["buffer"]), state["gap"], state["ended"]
        self.child.set_state(state["input"])


def _side_by_side(elements: list, spec: Any) -> Any:
    """A dataset for each component of some elements."""
    columns = zip(*(_nest.flatten(element) for element in elements), strict=True)
    specs = [None] * len(_nest.flatten(elements[0])) if spec is UNKNOWN else _nest.flatten(spec)
    return _nest.pack(elements[0], [ListNode(list(c), s) for c, s in zip(columns, specs, strict=True)])


def window_of(elements: list, spec: Any) -> ListNode:
    """A dataset of some elements, whole."""
    return ListNode(elements, None if spec is UNKNOWN else spec)
