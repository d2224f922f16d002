"""What is known of elements before they exist: `TensorSpec`, `DatasetSpec`, and what changes them."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax.core import dtypes
from addax.core.errors import message
from addax.data import _nest
from addax.engine._shape import TensorShape
from addax.engine._spec import TensorSpec, TypeSpec
from addax.ops._composite_specs import RaggedTensorSpec, SparseTensorSpec


class DatasetSpec(TypeSpec):
    """The spec of a component that is itself a dataset, as `window` makes them.

    Args:
        element_spec: The nest of specs of its elements.
        dataset_shape: The shape of the component, scalar unless it is batched.
    """

    __slots__ = ("dataset_shape", "element_spec")

    def __init__(self, element_spec: Any, dataset_shape: Any = ()) -> None:
        self.element_spec = element_spec
        self.dataset_shape = TensorShape(dataset_shape)

    @property
    def value_type(self) -> type:
        """The type of what the spec describes."""
        from addax.data._dataset import Dataset

        return Dataset

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, DatasetSpec) and self.element_spec == other.element_spec

    def __hash__(self) -> int:
        return hash(DatasetSpec)

    def __repr__(self) -> str:
        return f"DatasetSpec({self.element_spec!r}, {self.dataset_shape!r})"


class Unknown:
    """Stands for the element spec of a dataset that nothing but running it tells."""

    def __repr__(self) -> str:
        return "<known only by running it>"


UNKNOWN: Any = Unknown()


def spec_of(element: Any) -> Any:
    """The nest of specs that one element has."""
    return _nest.map_leaves(_spec_of_leaf, element)


def _spec_of_leaf(leaf: Any) -> Any:
    if hasattr(leaf, "_type_spec"):
        return leaf._type_spec
    if hasattr(leaf, "dtype"):
        return TensorSpec(leaf.shape, leaf.dtype)
    return DatasetSpec(leaf.spec(run=True))


def relaxed(spec: Any) -> Any:
    """The spec with every dimension unknown: what one element tells of the others."""
    return _nest.map_leaves(_relaxed_leaf, spec)


def _relaxed_leaf(leaf: Any) -> Any:
    if hasattr(leaf, "_with_shapes"):
        return leaf._with_shapes(_relaxed_leaf)
    if isinstance(leaf, SparseTensorSpec):
        return SparseTensorSpec(None if leaf.shape is None else [None] * len(leaf.shape), leaf.dtype)
    if isinstance(leaf, RaggedTensorSpec) and leaf.shape is not None:
        outer = leaf.ragged_rank + 1  # the sizes behind are those of the values
        return RaggedTensorSpec([None] * outer + list(leaf.shape[outer:]), leaf.dtype, leaf.ragged_rank)
    if not isinstance(leaf, TensorSpec):
        return leaf
    return TensorSpec(None if leaf.shape is None else [None] * len(leaf.shape), leaf.dtype)


def batched(spec: Any, size: int | None) -> Any:
    """The spec of batches of elements."""
    return _nest.map_leaves(lambda leaf: _with_shape(leaf, lambda shape: [size, *shape], 1), spec)


def unbatched(spec: Any) -> Any:
    """The spec of the rows of batches."""
    return _nest.map_leaves(lambda leaf: _with_shape(leaf, lambda shape: shape[1:], -1), spec)


def _with_shape(leaf: Any, change: Any, more: int) -> Any:
    if hasattr(leaf, "_with_shapes"):
        return leaf._with_shapes(lambda spec: _with_shape(spec, change, more))
    shape = None if leaf.shape is None else change(leaf.shape)
    if isinstance(leaf, RaggedTensorSpec):
        return RaggedTensorSpec(shape, leaf.dtype, max(0, leaf.ragged_rank + more))
    if isinstance(leaf, SparseTensorSpec):
        return SparseTensorSpec(shape, leaf.dtype)
    return TensorSpec(shape, leaf.dtype)


def is_fixed(spec: Any) -> bool:
    """Whether all elements are known to have the same shapes."""
    if spec is UNKNOWN:
        return False
    return all(
        isinstance(leaf, TensorSpec) and leaf.shape is not None and leaf.shape.is_fully_defined()
        for leaf in _nest.flatten(spec)
    )


def common(a: Any, b: Any, what: str) -> Any:
    """The narrowest spec that elements of two datasets fit; UNKNOWN if one of them is.

    Raises:
        TypeError: If the nests or the dtypes differ.
    """
    if a is UNKNOWN or b is UNKNOWN:
        return UNKNOWN
    if _nest.same_form(a, b):
        try:
            return _nest.map_up_to(a, _common_leaf, b)
        except ValueError:
            pass
    raise TypeError(
        message(
            f"The datasets of {what} have different elements.",
            expected=f"{a}, as the first one has",
            received=str(b),
        )
    )


def _common_leaf(a: Any, b: Any) -> Any:
    if isinstance(a, TensorSpec) and isinstance(b, TensorSpec):
        return a.most_specific_compatible_type(b)
    if hasattr(a, "most_specific_compatible_type"):
        return a.most_specific_compatible_type(b)
    if type(a) is type(b):
        return a
    raise ValueError("A tensor and a dataset.")


def zeros(leaf: Any) -> Any:
    """A value of a spec, unknown dimensions being 1: zeros, empty strings, a dataset without elements."""
    if isinstance(leaf, DatasetSpec):
        from addax.data._arrays import ListNode

        return ListNode([], leaf.element_spec)
    shape = [1 if d is None else d for d in leaf.shape or ()]
    return np.full(shape, b"" if leaf.dtype == "string" else 0, dtypes.numpy_dtype(leaf.dtype))
