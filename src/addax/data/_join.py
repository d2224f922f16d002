"""`zip`, `concatenate` and `enumerate`: several datasets in one."""

from __future__ import annotations

from typing import Any

from addax.data import _nest
from addax.data._element import length, part
from addax.data._node import INFINITE, UNKNOWN_SIZE, Cursor, Node, Plan, read
from addax.data._range import RangeNode
from addax.data._spec import UNKNOWN, common


class ZipNode(Node):
    """Elements of several datasets side by side, up to the end of the shortest.

    Args:
        nest: A nest of nodes, the form of the elements.
        label: The name in the repr.
    """

    def __init__(self, nest: Any, label: str = "Zip") -> None:
        self.nest = _nest.map_leaves(lambda _: 0, nest)
        self.inputs = tuple(_nest.flatten(nest))
        self.label = label

    def cursor(self) -> Cursor:
        """See `Node.cursor`."""
        return _Zip(
            self.nest, [node.start() for node in self.inputs], all(node.fixed for node in self.inputs)
        )

    def plan(self) -> Plan | None:
        """See `Node.plan`: arrays that are walked from start to end go side by side."""
        plans = [node.plan() for node in self.inputs]
        if not all(plan is not None and type(plan.indices) is RangeNode for plan in plans):
            return None
        size = min(plan.indices.cardinality() for plan in plans if plan is not None)
        arrays = [part(plan.arrays, 0, size) for plan in plans if plan is not None]
        return Plan(_nest.pack(self.nest, arrays), RangeNode(0, size))

    @property
    def pure(self) -> bool:
        """See `Node.pure`."""
        return all(node.pure for node in self.inputs)

    @property
    def settles(self) -> bool:
        """See `Node.settles`."""
        return any(node.settles for node in self.inputs)

    def make_spec(self, run: bool) -> Any:
        """See `Node.spec`."""
        specs = [node.spec(run) for node in self.inputs]
        return UNKNOWN if any(spec is UNKNOWN for spec in specs) else _nest.pack(self.nest, specs)

    def sample(self) -> Any:
        """See `Node.sample`."""
        return _nest.pack(self.nest, [node.sample() for node in self.inputs])

    def cardinality(self) -> int:
        """See `Node.cardinality`."""
        sizes = [node.cardinality() for node in self.inputs]
        if UNKNOWN_SIZE in sizes:
            return UNKNOWN_SIZE
        return min((size for size in sizes if size != INFINITE), default=INFINITE)


class _Zip(Cursor):
    def __init__(self, nest: Any, children: list[Cursor], fixed: bool) -> None:
        self.nest, self.children, self.fixed = nest, children, fixed

    def next(self) -> Any:
        return _nest.pack(self.nest, [child.next() for child in self.children])

    def next_batch(self, count: int) -> Any:
        if not self.fixed:
            return super().next_batch(count)
        blocks = []
        for child in self.children:
            block = read(child, count)
            if block is None:
                raise StopIteration
            count = min(count, length(block))
            blocks.append(block)
        return _nest.pack(self.nest, [part(block, 0, count) for block in blocks])

    def get_state(self) -> Any:
        return [child.get_state() for child in self.children]

    def set_state(self, state: Any) -> None:
        for child, saved in zip(self.children, state, strict=True):
            child.set_state(saved)


class ConcatenateNode(Node):
    """The elements of one dataset, then those of another."""

    label = "Concatenate"

    def __init__(self, first: Node, second: Node) -> None:
        self.inputs = (first, second)
        self.spec()  # elements that do not go together are an error now

    def cursor(self) -> Cursor:
        """See `Node.cursor`."""
        return _Concatenate(self.inputs)

    @property
    def pure(self) -> bool:
        """See `Node.pure`."""
        return all(node.pure for node in self.inputs)

    def make_spec(self, run: bool) -> Any:
        """See `Node.spec`."""
        first, second = (node.spec(run) for node in self.inputs)
        return common(first, second, "concatenate()")

    def sample(self) -> Any:
        """See `Node.sample`."""
        return self.inputs[0].sample()

    def cardinality(self) -> int:
        """See `Node.cardinality`."""
        first, second = (node.cardinality() for node in self.inputs)
        if INFINITE in (first, second):
            return INFINITE
        return UNKNOWN_SIZE if UNKNOWN_SIZE in (first, second) else first + second


class _Concatenate(Cursor):
    def __init__(self, nodes: tuple[Node, ...]) -> None:
        self.nodes = nodes
        self.which = 0
        self.child = nodes[0].start()

    def _next(self, count: int | None) -> Any:
        while True:
            try:
                return self.child.next() if count is None else self.child.next_batch(count)
            except StopIteration:
                if self.which == len(self.nodes) - 1:
                    raise
                self.which += 1
                self.child = self.nodes[self.which].start()

    def next(self) -> Any:
        return self._next(None)

    def next_batch(self, count: int) -> Any:
        return self._next(count)

    def get_state(self) -> Any:
        return {"which": self.which, "input": self.child.get_state()}

    def set_state(self, state: Any) -> None:
        self.which = state["which"]
        self.child = self.nodes[self.which].start()
        self.child.set_state(state["input"])
