"""What a pipeline is made of: nodes describe it, cursors run it, plans replace it by a gather from arrays."""

from __future__ import annotations

import abc
import copy
from typing import Any, NamedTuple

import numpy as np

from addax.core.errors import message
from addax.data import _nest
from addax.data._element import concatenate, length, stack, take
from addax.data._spec import UNKNOWN, is_fixed, zeros

INFINITE = -1
UNKNOWN_SIZE = -2


class Cursor(abc.ABC):
    """A position in the elements of a dataset. It can be saved and set exactly.

    Elements are nests of host arrays. A cursor that has raised StopIteration goes on raising it.
    """

    @abc.abstractmethod
    def next(self) -> Any:
        """The next element; raises StopIteration behind the last one."""

    def next_batch(self, count: int) -> Any:
        """One to `count` of the next elements, stacked; raises StopIteration behind the last one."""
        return stack(pull(self, count))

    @abc.abstractmethod
    def get_state(self) -> Any:
        """The position, as a nest of numbers, strings and arrays."""

    @abc.abstractmethod
    def set_state(self, state: Any) -> None:
        """Go to a position that `get_state` gave, here or in another process."""


def pull(cursor: Cursor, count: int) -> list:
    """Up to `count` elements one by one; raises StopIteration if there is none."""
    elements = [cursor.next()]
    try:
        while len(elements) < count:
            elements.append(cursor.next())
    except StopIteration:
        pass
    return elements


def read(cursor: Cursor, count: int) -> Any:
    """Exactly `count` elements, stacked; fewer at the end, None behind it."""
    blocks, have = [], 0
    try:
        while have < count:
            blocks.append(cursor.next_batch(count - have))
            have += length(blocks[-1])
    except StopIteration:
        pass
    return concatenate(blocks) if blocks else None


class Plan(NamedTuple):
    """A pipeline over arrays, as a gather: the element (or batch) at a position is `arrays[position]`.

    Attributes:
        arrays: The nest of arrays, of equal first dimension.
        indices: A dataset of positions: numbers, or arrays of them behind `batch`.
    """

    arrays: Any
    indices: Node

    def start(self) -> Cursor:
        """A cursor at the start."""
        return PlannedCursor(self.arrays, self.indices.start())


class Node(abc.ABC):
    """One transformation or source; immutable but for what its iterations share (see `memory`).

    Attributes:
        inputs: The nodes it draws from.
        label: Its name in the repr of a dataset.
        epochs: Gives each iteration its randomness, if there is any.
    """

    inputs: tuple[Node, ...] = ()
    epochs: Any = None
    label = "Variant"
    _spec: Any = None

    @abc.abstractmethod
    def cursor(self) -> Cursor:
        """A cursor at the start, over the cursors of the inputs."""

    @abc.abstractmethod
    def make_spec(self, run: bool) -> Any:
        """See `spec`."""

    @abc.abstractmethod
    def cardinality(self) -> int:
        """The number of elements, INFINITE or UNKNOWN_SIZE."""

    def plan(self) -> Plan | None:
        """The same elements as a gather from arrays, if that is possible."""
        return None

    @property
    def pure(self) -> bool:
        """Whether elements follow from arrays alone, so that reading ahead of the user changes nothing."""
        return False

    @property
    def vector(self) -> bool:
        """Whether the elements are int64 scalars that `next_batch` gives without work for each."""
        return False

    @property
    def memory(self) -> Any:
        """What outlives an iteration: seeds and how many have started, the contents of a cache."""
        return None if self.epochs is None else self.epochs.get_state()

    @memory.setter
    def memory(self, value: Any) -> None:
        if self.epochs is not None:
            self.epochs.set_state(value)

    @property
    def settles(self) -> bool:
        """Whether there is no plan at first, but one when a cache is full."""
        return False

    def start(self) -> Cursor:
        """A cursor at the start, by the plan if there is one."""
        if self.settles:
            return _Settling(self)
        plan = self.plan()
        return self.cursor() if plan is None else plan.start()

    def spec(self, run: bool = False) -> Any:
        """The nest of specs of the elements.

        Args:
            run: Whether the first element may be computed to find out; else the result may be UNKNOWN.
        """
        if self._spec is None or (self._spec is UNKNOWN and run):
            self._spec = self.make_spec(run)
        return self._spec

    @property
    def fixed(self) -> bool:
        """Whether all elements are known to have the same shapes."""
        return is_fixed(self.spec())

    def sample(self) -> Any:
        """One element as it may come; the iterations of the pipeline do not notice.

        Raises:
            ValueError: If there is no element.
        """
        before = [node.memory for node in walk(self)]
        cursor = self.start()
        try:
            return cursor.next()
        except StopIteration:
            return self._stand_in()
        finally:
            for node, memory in zip(walk(self), before, strict=True):
                node.memory = memory

    def _stand_in(self) -> Any:
        """Zeros in the place of an element that an empty dataset does not have."""
        spec = self.spec()
        if spec is UNKNOWN:
            raise ValueError(
                message(
                    "The element_spec is not known: the dataset is empty, and its function cannot be traced.",
                    hint="Use tensor operations in the function, so that it can be traced without values.",
                )
            )
        return _nest.map_leaves(zeros, spec)


class Transformation(Node):
    """A transformation of one input: as many elements of the same spec, unless a subclass says otherwise."""

    @property
    def input(self) -> Node:
        """The one input."""
        return self.inputs[0]

    def make_spec(self, run: bool) -> Any:
        """See `Node.spec`."""
        return self.input.spec(run)

    def cardinality(self) -> int:
        """See `Node.cardinality`."""
        return self.input.cardinality()


class Same(Transformation):
    """A transformation that gives the elements of its input as they are."""

    def sample(self) -> Any:
        """See `Node.sample`."""
        return self.input.sample()


class Positional(Same):
    """A transformation of one input that chooses, repeats or groups elements and never looks into them."""

    @property
    def pure(self) -> bool:
        """See `Node.pure`."""
        return self.input.pure

    @property
    def vector(self) -> bool:
        """See `Node.vector`."""
        return self.input.vector

    @property
    def settles(self) -> bool:
        """See `Node.settles`."""
        return self.input.settles

    def on(self, node: Node) -> Positional:
        """The same transformation of another input; both share what outlives an iteration."""
        new = copy.copy(self)
        new.inputs, new._spec = (node,), None
        return new

    def plan(self) -> Plan | None:
        """See `Node.plan`: the transformation is applied to the positions."""
        plan = self.input.plan()
        return None if plan is None else Plan(plan.arrays, self.on(plan.indices))


class PlannedCursor(Cursor):
    """Gathers from arrays at the positions that another cursor gives."""

    def __init__(self, arrays: Any, indices: Cursor) -> None:
        self.arrays, self.indices = arrays, indices
        self.leaves = _nest.flatten(arrays)

    def next(self) -> Any:
        """See `Cursor.next`."""
        return self._gather(self.indices.next())

    def next_batch(self, count: int) -> Any:
        """See `Cursor.next_batch`."""
        return self._gather(self.indices.next_batch(count))

    def _gather(self, indices: np.ndarray) -> Any:
        return _nest.pack(self.arrays, [take(leaf, indices) for leaf in self.leaves])

    def get_state(self) -> Any:
        """See `Cursor.get_state`."""
        return self.indices.get_state()

    def set_state(self, state: Any) -> None:
        """See `Cursor.set_state`."""
        self.indices.set_state(state)


class _Settling(Cursor):
    """A cursor of a node that may have a plan by now; its state says whether it had one at the start."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self._open(planned=True)

    def _open(self, planned: bool) -> None:
        plan = self.node.plan() if planned else None
        self.planned = plan is not None
        self.inner = self.node.cursor() if plan is None else plan.start()

    def next(self) -> Any:
        """See `Cursor.next`."""
        return self.inner.next()

    def next_batch(self, count: int) -> Any:
        """See `Cursor.next_batch`."""
        return self.inner.next_batch(count)

    def get_state(self) -> Any:
        """See `Cursor.get_state`."""
        return {"planned": self.planned, "inner": self.inner.get_state()}

    def set_state(self, state: Any) -> None:
        """See `Cursor.set_state`."""
        self._open(state["planned"])
        self.inner.set_state(state["inner"])


def walk(node: Node) -> list[Node]:
    """The node and everything it draws from, each once, in an order that follows from the pipeline alone."""
    found: dict[int, Node] = {}
    waiting = [node]
    while waiting:
        current = waiting.pop()
        if id(current) not in found:
            found[id(current)] = current
            waiting.extend(reversed(current.inputs))
    return list(found.values())
