"""What is known of elements before they exist: `TensorSpec`, `DatasetSpec`, and what changes them."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax.core import dtypes
from addax.core.errors import message
from addax.data import _nest
from addax.engine._shape import TensorShape
from addax.engine._tensor import Tensor


class TensorSpec:
    """The shape and dtype of a tensor that does not exist yet.

    Args:
        shape: The shape; None for a dimension that is unknown, or in place of the shape if even the rank is.
        dtype: The dtype.
        name: A name.

    Example:
        >>> spec = TensorSpec((None, 2), "float32")
        >>> spec
        TensorSpec(shape=(None, 2), dtype=tf.float32, name=None)
        >>> spec.is_compatible_with(np.zeros((5, 2), "float32"))
        True
    """

    __slots__ = ("dtype", "name", "shape")

    def __init__(self, shape: Any, dtype: Any = "float32", name: str | None = None) -> None:
        if isinstance(shape, (int, np.integer)):
            shape = (shape,)
        self.shape = None if shape is None else TensorShape([None if d == -1 else d for d in shape])
        self.dtype = dtypes.standardize(dtype)
        self.name = name

    @classmethod
    def from_tensor(cls, tensor: Any, name: str | None = None) -> TensorSpec:
        """The spec of a tensor, a variable or an array."""
        return cls(tensor.shape, tensor.dtype, name or getattr(tensor, "_name", None))

    @classmethod
    def from_spec(cls, spec: Any, name: str | None = None) -> TensorSpec:
        """A copy of a spec, perhaps with another name."""
        return cls(spec.shape, spec.dtype, name or spec.name)

    @property
    def rank(self) -> int | None:
        """The number of dimensions, None if it is unknown."""
        return None if self.shape is None else len(self.shape)

    @property
    def value_type(self) -> type:
        """The type of what the spec describes."""
        return Tensor

    def is_compatible_with(self, spec_or_tensor: Any) -> bool:
        """Whether a tensor could have this spec and the other one, or whether a value fits this spec."""
        other = spec_or_tensor
        if not isinstance(other, TensorSpec):
            from addax.data._element import to_host

            other = other if hasattr(other, "shape") and hasattr(other, "dtype") else to_host(other)
        if self.dtype != dtypes.standardize(other.dtype):
            return False
        return self.shape is None or other.shape is None or self.shape.is_compatible_with(tuple(other.shape))

    def is_subtype_of(self, other: Any) -> bool:
        """Whether everything that fits this spec fits the other one."""
        if not isinstance(other, TensorSpec) or self.dtype != other.dtype:
            return False
        if other.shape is None:
            return True
        if self.shape is None or len(self.shape) != len(other.shape):
            return False
        return all(b is None or a == b for a, b in zip(self.shape, other.shape, strict=True))

    def most_specific_compatible_type(self, other: TensorSpec) -> TensorSpec:
        """The narrowest spec that both fit.

        Raises:
            ValueError: If the dtypes differ.
        """
        if self.dtype != other.dtype:
            raise ValueError(message("No spec fits both.", received=f"{self} and {other}"))
        name = self.name if self.name == other.name else None
        return TensorSpec(_common_shape(self.shape, other.shape), self.dtype, name)

    def __eq__(self, other: Any) -> bool:
        return (
            isinstance(other, TensorSpec)
            and self.shape == other.shape
            and self.dtype == other.dtype
            and self.name == other.name
        )

    def __hash__(self) -> int:
        return hash((self.shape, self.dtype))

    def __repr__(self) -> str:
        shape = "<unknown>" if self.shape is None else str(self.shape)
        return f"TensorSpec(shape={shape}, dtype={self.dtype!r}, name={self.name!r})"

    def __reduce__(self) -> tuple:
        return (TensorSpec, (None if self.shape is None else tuple(self.shape), str(self.dtype), self.name))


def _common_shape(a: Any, b: Any) -> Any:
    if a is None or b is None or len(a) != len(b):
        return None
    return [x if x == y else None for x, y in zip(a, b, strict=True)]


class DatasetSpec:
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
    if hasattr(leaf, "dtype"):
        return TensorSpec(leaf.shape, leaf.dtype)
    return DatasetSpec(leaf.spec(run=True))


def relaxed(spec: Any) -> Any:
    """The spec with every dimension unknown: what one element tells of the others."""
    return _nest.map_leaves(lambda leaf: _relaxed_leaf(leaf) if isinstance(leaf, TensorSpec) else leaf, spec)


def _relaxed_leaf(leaf: TensorSpec) -> TensorSpec:
    return TensorSpec(None if leaf.shape is None else [None] * len(leaf.shape), leaf.dtype)


def batched(spec: Any, size: int | None) -> Any:
    """The spec of batches of elements."""
    return _nest.map_leaves(lambda leaf: _with_shape(leaf, lambda shape: [size, *shape]), spec)


def unbatched(spec: Any) -> Any:
    """The spec of the rows of batches."""
    return _nest.map_leaves(lambda leaf: _with_shape(leaf, lambda shape: shape[1:]), spec)


def _with_shape(leaf: TensorSpec, change: Any) -> TensorSpec:
    return TensorSpec(None if leaf.shape is None else change(leaf.shape), leaf.dtype)


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
