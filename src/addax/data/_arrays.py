"""Sources that hold their elements: slices of arrays, one whole element, lists of elements (windows)."""

from __future__ import annotations

import functools
from typing import Any

from addax.core.errors import message
from addax.data import _nest
from addax.data._element import element_to_host, frozen, stack
from addax.data._node import Cursor, Node, Plan
from addax.data._range import RangeNode
from addax.data._spec import RaggedTensorSpec, TensorSpec, relaxed, spec_of, unbatched


class SlicesNode(Node):
    """The slices of arrays along their first axis; always run by its plan.

    Args:
        arrays: A nest of host arrays of equal length.
    """

    label = "TensorSlice"

    def __init__(self, arrays: Any) -> None:
        self.arrays = arrays
        self.size = len(_nest.flatten(arrays)[0])

    def plan(self) -> Plan:
        """See `Node.plan`."""
        return Plan(self.arrays, RangeNode(0, self.size))

    @property
    def pure(self) -> bool:
        """See `Node.pure`."""
        return True

    def cursor(self) -> Cursor:
        """See `Node.cursor`."""
        return self.start()

    def make_spec(self, run: bool) -> Any:
        """See `Node.spec`."""
        return _nest.map_leaves(lambda x: TensorSpec(x.shape[1:], x.dtype), self.arrays)

    def cardinality(self) -> int:
        """See `Node.cardinality`."""
        return self.size


def slices(tensors: Any) -> Node:
    """The source of `Dataset.from_tensor_slices`.

    Raises:
        ValueError: If there is no array, one is a scalar, or their first dimensions differ.
    """
    if any(hasattr(leaf, "__addax_op__") for leaf in _nest.flatten(tensors)):
        return _rows_of_composites(tensors)
    arrays = element_to_host(tensors, "tensor")
    leaves, names = _nest.flatten(arrays), _nest.paths(arrays)
    if not leaves:
        raise ValueError(message("from_tensor_slices() needs at least one tensor.", received=tensors))
    shapes = ", ".join(f"{name}: {leaf.shape}" for name, leaf in zip(names, leaves, strict=True))
    if any(leaf.ndim == 0 for leaf in leaves):
        raise ValueError(
            message(
                "from_tensor_slices() cannot slice a scalar.",
                expected="tensors of rank 1 or more",
                received=f"shapes {shapes}",
                hint="from_tensors() makes a dataset of one element.",
            )
        )
    if len({leaf.shape[0] for leaf in leaves}) > 1:
        raise ValueError(
            message(
                "The tensors of from_tensor_slices() differ in their first dimension.",
                expected="as many slices of each",
                received=f"shapes {shapes}",
            )
        )
    return SlicesNode(frozen(arrays))


def _rows_of_composites(tensors: Any) -> ListNode:
    """The rows of ragged and sparse tensors and of extension types, beside those of other tensors."""
    shell = _nest.map_leaves(_Rows, tensors)
    leaves = _nest.flatten(shell)
    counts = {len(leaf.rows) for leaf in leaves}
    if len(counts) > 1:
        raise ValueError(
            message(
                "The tensors of from_tensor_slices() differ in their first dimension.",
                received=sorted(counts),
            )
        )
    elements = [_nest.pack(shell, [leaf.rows[i] for leaf in leaves]) for i in range(counts.pop())]
    return ListNode(elements, _nest.map_leaves(lambda leaf: leaf.spec, shell), "TensorSlice")


class _Rows:
    """The rows of one tensor, a leaf of a nest.

    Attributes:
        rows: The rows.
        spec: What fits them all: that of ragged rows, even if they are tensors, so that batches of them are ragged.
    """

    def __init__(self, leaf: Any) -> None:
        self.rows = _rows(leaf)
        if getattr(leaf, "ragged_rank", None) == 1:
            self.spec: Any = RaggedTensorSpec([None, *leaf.shape[2:]], leaf.dtype, 0)
        else:
            specs = [spec_of(row) for row in self.rows] or [unbatched(spec_of(leaf))]
            self.spec = functools.reduce(lambda a, b: a.most_specific_compatible_type(b), specs)


def _rows(leaf: Any) -> list:
    if hasattr(leaf, "_rows"):
        return leaf._rows()
    if hasattr(leaf, "__addax_op__") and not hasattr(leaf, "__iter__"):
        raise TypeError(
            message(
                f"A {type(leaf).__qualname__} has no rows.",
                hint="Make it a subclass of tf.experimental.BatchableExtensionType.",
            )
        )
    if not hasattr(leaf, "__addax_op__"):
        array = frozen(element_to_host(leaf, "tensor"))
        return [array[i, ...] for i in range(len(array))]
    return [element_to_host(row, "tensor") if not hasattr(row, "__addax_op__") else row for row in leaf]


class ListNode(Node):
    """Elements that are held one by one, perhaps of unequal shapes.

    Args:
        elements: Host nests.
        spec: Their spec; taken from the first one if None.
        label: The name in the repr.
    """

    def __init__(self, elements: list, spec: Any = None, label: str = "Variant") -> None:
        self.elements = elements
        self._spec = spec
        self.label = label

    @property
    def pure(self) -> bool:
        """See `Node.pure`."""
        return True

    def cursor(self) -> Cursor:
        """See `Node.cursor`."""
        return _ListCursor(self.elements)

    def make_spec(self, run: bool) -> Any:
        """See `Node.spec`."""
        if self._spec is not None:
            return self._spec
        spec = spec_of(self.elements[0])
        return spec if len(self.elements) == 1 else relaxed(spec)

    def cardinality(self) -> int:
        """See `Node.cardinality`."""
        return len(self.elements)


class _ListCursor(Cursor):
    def __init__(self, elements: list) -> None:
        self.elements, self.position = elements, 0

    def next(self) -> Any:
        if self.position >= len(self.elements):
            raise StopIteration
        self.position += 1
        return self.elements[self.position - 1]

    def next_batch(self, count: int) -> Any:
        chosen = self.elements[self.position : self.position + count]
        if not chosen:
            raise StopIteration
        self.position += len(chosen)
        return stack(chosen)

    def get_state(self) -> Any:
        return self.position

    def set_state(self, state: Any) -> None:
        self.position = state


def whole(tensors: Any) -> ListNode:
    """The source of `Dataset.from_tensors`.

    Raises:
        ValueError: If there is no tensor in the nest.
    """
    element = element_to_host(tensors, "tensor")
    if not _nest.flatten(element):
        raise ValueError(message("from_tensors() needs at least one tensor.", received=tensors))
    return ListNode([frozen(element)], label="Tensor")
