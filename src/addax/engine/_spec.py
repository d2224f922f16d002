"""`TensorSpec`: the shape and dtype of a tensor that does not exist yet."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax.core import dtypes
from addax.core.errors import message
from addax.engine._shape import TensorShape
from addax.engine._tensor import Tensor
from addax.engine._variable import host_array


class TypeSpec:
    """What is known of a value before it exists; the class of all specs, public as `tf.TypeSpec`."""

    __slots__ = ()

    @property
    def value_type(self) -> type:
        """The type of what the spec describes."""
        return object

    def is_compatible_with(self, spec_or_value: Any) -> bool:
        """Whether a value could have this spec and the other one, or whether a value fits this spec."""
        return self == spec_or_value


class TensorSpec(TypeSpec):
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
        """A copy of `spec`, perhaps with another name."""
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
        if not isinstance(other, TensorSpec) and not (hasattr(other, "shape") and hasattr(other, "dtype")):
            other = host_array(other)
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
