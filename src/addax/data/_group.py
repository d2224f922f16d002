"""`group_by_window` and `bucket_by_sequence_length`: elements with the same key meet in a batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from addax.core.errors import message
from addax.data import _nest
from addax.data._batch import BatchNode
from addax.data._function import Function, to_user
from addax.data._map import arguments, check_arguments
from addax.data._node import UNKNOWN_SIZE, Cursor, Node, Transformation
from addax.data._padded_batch import PaddedBatchNode
from addax.data._random import Seeds, seed_of
from addax.data._spec import UNKNOWN
from addax.data._state import restore, save
from addax.data._window import window_of


class GroupNode(Transformation):
    """What a function makes of each full group of elements with the same key.

    Args:
        node: The input.
        key: The user's function, from an element to an integer scalar.
        reduce: `reduce(key, window, seeds) -> node`, of host values.
        size: `size(key) -> int`: how many elements make a group full.
        label: The name in the repr.
    """

    def __init__(self, node: Node, key: Callable, reduce: Callable, size: Callable, label: str) -> None:
        self.inputs = (node,)
        self.label, self.reduce, self.size = label, reduce, size
        self.function = Function(key, "group_by_window", seed_of(None))
        self.epochs = self.function.keys
        spec = node.spec()
        if spec is not UNKNOWN:
            check_arguments(key, arguments(spec), "group_by_window")

    def key(self, element: Any, seeds: Seeds) -> int:
        """The key of an element.

        Raises:
            TypeError: If the function gives something else than an integer scalar.
        """
        value = self.function.one(arguments(element), seeds)
        if not isinstance(value, np.ndarray) or value.ndim or value.dtype.kind not in "iu":
            raise TypeError(message("The key of an element must be an integer scalar.", received=value))
        return int(value)

    def cursor(self) -> Cursor:
        """See `Node.cursor`."""
        return _Group(self, self.input.start())

    def make_spec(self, run: bool) -> Any:
        """See `Node.spec`."""
        if not run:
            return UNKNOWN
        element = self.input.sample()
        window = window_of([element], self.input.spec(run))
        seeds = self.epochs.sample()
        return self.reduce(self.key(element, seeds), window, seeds).spec(run)

    def cardinality(self) -> int:
        """See `Node.cardinality`."""
        return UNKNOWN_SIZE


class _Group(Cursor):
    def __init__(self, node: GroupNode, child: Cursor) -> None:
        self.node, self.child = node, child
        self.seeds = node.epochs.start()
        self.groups: dict[int, list] = {}
        self.ended = False
        self._close()

    def _close(self) -> None:
        self.source: tuple[int, list, Any] | None = None
        self.open: tuple[Node, Cursor] | None = None

    def _flush(self, key: int) -> None:
        elements = self.groups.pop(key)
        self.source = (key, elements, self.seeds.get_state())
        node = self.node.reduce(key, window_of(elements, self.node.input.spec()), self.seeds)
        self.open = (node, node.start())

    def next(self) -> Any:
        while True:
            if self.open is not None:
                try:
                    return self.open[1].next()
                except StopIteration:
                    self._close()
            elif self.ended:
                if not self.groups:
                    raise StopIteration
                self._flush(min(self.groups))
            else:
                self._take()

    def _take(self) -> None:
        try:
            element = self.child.next()
        except StopIteration:
            self.ended = True
            return
        key = self.node.key(element, self.seeds)
        group = self.groups.setdefault(key, [])
        group.append(element)
        if len(group) >= self.node.size(key):
            self._flush(key)

    def get_state(self) -> Any:
        opened = None
        if self.open is not None and self.source is not None:
            opened = [*self.source, save(*self.open)]
        return {
            "seeds": self.seeds.get_state(),
            "keys": list(self.groups),
            "groups": [list(group) for group in self.groups.values()],
            "ended": self.ended,
            "open": opened,
            "input": self.child.get_state(),
        }

    def set_state(self, state: Any) -> None:
        self._close()
        if state["open"] is not None:
            key, elements, before, inner = state["open"]
            self.groups = {key: list(elements)}
            self.seeds.set_state(before)
            self._flush(key)
            assert self.open is not None
            self.open = (self.open[0], restore(self.open[0], inner))
        self.groups = {key: list(group) for key, group in zip(state["keys"], state["groups"], strict=True)}
        self.seeds.set_state(state["seeds"])
        self.ended = state["ended"]
        self.child.set_state(state["input"])


def by_window(node: Node, key: Callable, reduce: Callable, size: Any, size_of: Callable | None) -> GroupNode:
    """The node of `Dataset.group_by_window`.

    Raises:
        ValueError: Unless exactly one of the sizes is given.
    """
    if (size is None) == (size_of is None):
        raise ValueError(message("group_by_window() needs either window_size or window_size_func."))

    reducer = Function(reduce, "group_by_window")
    reducer.on_host = True

    def reduced(value: int, window: Node, seeds: Seeds) -> Node:
        found = reducer.one((np.array(value, np.int64), window), seeds)
        if not isinstance(found, Node):
            raise TypeError(message("reduce_func of group_by_window() must give a dataset.", received=found))
        return found

    def limit(value: int) -> int:
        found = size if size_of is None else size_of(*to_user((np.array(value, np.int64),)))
        return int(found)

    return GroupNode(node, key, reduced, limit, "GroupByWindow")


def dataset_node(value: Any, what: str) -> Node:
    """The node of a public dataset.

    Raises:
        TypeError: If `value` is none.
    """
    node = getattr(value, "_node", None)
    if not isinstance(node, Node):
        raise TypeError(message(f"{what} must be a dataset.", received=value))
    return node


class BucketNode(GroupNode):
    """Batches of elements whose lengths fall between the same boundaries.

    Args:
        node: The input.
        length: The user's function, from an element to its length.
        boundaries: The upper ends of all buckets but the last, not included.
        sizes: Elements a batch, for each bucket.
        shapes: See `PaddedBatchNode`.
        values: See `PaddedBatchNode`.
        to_boundary: Whether unknown dimensions are filled up to the longest length of the bucket.
        no_padding: Whether the elements are batched as they are.
        drop_remainder: Whether batches that are not full are left out.

    Raises:
        ValueError: If the numbers of boundaries and of batch sizes do not go together.
    """

    def __init__(
        self,
        node: Node,
        length: Callable,
        boundaries: list[int],
        sizes: list[int],
        shapes: Any,
        values: Any,
        to_boundary: bool,
        no_padding: bool,
        drop_remainder: bool,
    ) -> None:
        if len(sizes) != len(boundaries) + 1:
            raise ValueError(
                message(
                    "bucket_by_sequence_length() needs a batch size for each bucket.",
                    expected=f"{len(boundaries) + 1} batch sizes for {len(boundaries)} boundaries",
                    received=f"{len(sizes)}",
                )
            )
        self.boundaries, self.sizes = boundaries, sizes
        self.shapes, self.values = shapes, values
        self.to_boundary, self.no_padding, self.drop_remainder = to_boundary, no_padding, drop_remainder
        super().__init__(node, length, self._batch, sizes.__getitem__, "GroupByWindow")

    def key(self, element: Any, seeds: Seeds) -> int:
        """The number of the bucket of an element."""
        length = super().key(element, seeds)
        found = int(np.searchsorted(self.boundaries, length, side="right"))
        if self.to_boundary and found == len(self.boundaries):
            raise ValueError(
                message(
                    "With pad_to_bucket_boundary, no element may be as long as the last boundary.",
                    expected=f"a length below {self.boundaries[-1]}",
                    received=f"{length}",
                )
            )
        return found

    def _batch(self, key: int, window: Node, seeds: Seeds) -> Node:
        shapes = self._limited(window, self.boundaries[key] - 1) if self.to_boundary else self.shapes
        return self._batched(window, self.sizes[key], shapes, self.drop_remainder)

    def _batched(self, node: Node, size: int, shapes: Any, drop_remainder: bool) -> Node:
        if self.no_padding:
            return BatchNode(node, size, drop_remainder)
        return PaddedBatchNode(node, size, shapes, self.values, drop_remainder)

    def _limited(self, window: Node, limit: int) -> Any:
        """Shapes to pad to, with a limit in place of what is unknown."""
        if self.shapes is None:
            return _nest.map_leaves(lambda x: [limit if d is None else d for d in x.shape], window.spec())
        fill = lambda _, shape: [limit if d in (None, -1) else d for d in shape]  # noqa: E731
        return _nest.map_up_to(window.spec(), fill, self.shapes)

    def make_spec(self, run: bool) -> Any:
        """See `Node.spec`."""
        equal = self.drop_remainder and len(set(self.sizes)) == 1
        return self._batched(self.input, self.sizes[0], self.shapes, equal).spec(run)
