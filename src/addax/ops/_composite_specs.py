"""What is known of ragged and sparse tensors before they exist."""

from __future__ import annotations

from typing import Any

from addax.core import dtypes
from addax.core.errors import message
from addax.engine import TensorShape
from addax.engine._spec import TypeSpec
from addax.ops._ragged import RaggedTensor
from addax.ops._sparse import SparseTensor


class RaggedTensorSpec(TypeSpec):
    """The shape, dtype and rank of ragged tensors.

    Args:
        shape: The shape, None for ragged dimensions.
        dtype: The dtype of the values.
        ragged_rank: The number of dimensions that are split; all but the first if None.
        row_splits_dtype: Accepted for TensorFlow's sake.
        flat_values_spec: Accepted for TensorFlow's sake.

    Example:
        >>> import addax.tf as tf
        >>> spec = tf.RaggedTensorSpec([None, None], tf.int32)
        >>> spec.is_compatible_with(tf.ragged.constant([[1, 2], [3]]))
        True
    """

    def __init__(
        self, shape: Any = None, dtype: Any = "float32", ragged_rank: int | None = None,
        row_splits_dtype: Any = "int64", flat_values_spec: Any = None,
    ) -> None:  # fmt: skip
        self.shape = None if shape is None else TensorShape(shape)
        self.dtype = dtypes.standardize(dtype)
        if ragged_rank is None:
            if shape is None:
                raise ValueError(
                    message("RaggedTensorSpec needs a ragged_rank where the shape is not known.")
                )
            ragged_rank = len(self.shape or ()) - 1
        self.ragged_rank = ragged_rank
        self.row_splits_dtype = dtypes.standardize(row_splits_dtype)

    @property
    def value_type(self) -> type:
        """The type of what the spec describes."""
        return RaggedTensor

    def most_specific_compatible_type(self, other: Any) -> RaggedTensorSpec:
        """The narrowest spec that what fits either fits too; ValueError if there is none."""
        if not isinstance(other, RaggedTensorSpec) or (self.dtype, self.ragged_rank) != (
            other.dtype,
            other.ragged_rank,
        ):
            raise ValueError(
                message("The specs have nothing in common.", expected=repr(self), received=repr(other))
            )
        if self.shape is None or other.shape is None or len(self.shape) != len(other.shape):
            return RaggedTensorSpec(None, self.dtype, self.ragged_rank)
        dims = [a if a == b else None for a, b in zip(self.shape, other.shape, strict=True)]
        return RaggedTensorSpec(dims, self.dtype, self.ragged_rank)

    @classmethod
    def from_value(cls, value: RaggedTensor) -> RaggedTensorSpec:
        """The spec of a ragged tensor."""
        return cls(value.shape, value.dtype, value.ragged_rank)

    def is_compatible_with(self, value: Any) -> bool:
        """Whether a ragged tensor, or another spec, fits this one."""
        fits = value.dtype == self.dtype and value.ragged_rank == self.ragged_rank
        return bool(fits and (self.shape is None or self.shape.is_compatible_with(value.shape)))

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, RaggedTensorSpec) and repr(self) == repr(other)

    def __hash__(self) -> int:
        return hash(repr(self))

    def __repr__(self) -> str:
        return (
            f"RaggedTensorSpec({self.shape!r}, {self.dtype!r}, {self.ragged_rank}, {self.row_splits_dtype!r})"
        )


class SparseTensorSpec(TypeSpec):
    """The shape and dtype of sparse tensors.

    Args:
        shape: The shape of the whole, None for unknown dimensions.
        dtype: The dtype of the values.
    """

    def __init__(self, shape: Any = None, dtype: Any = "float32") -> None:
        self.shape = None if shape is None else TensorShape(shape)
        self.dtype = dtypes.standardize(dtype)

    @property
    def value_type(self) -> type:
        """The type of what the spec describes."""
        return SparseTensor

    def most_specific_compatible_type(self, other: Any) -> SparseTensorSpec:
        """The narrowest spec that what fits either fits too; ValueError if there is none."""
        if not isinstance(other, SparseTensorSpec) or self.dtype != other.dtype:
            raise ValueError(
                message("The specs have nothing in common.", expected=repr(self), received=repr(other))
            )
        if self.shape is None or other.shape is None or len(self.shape) != len(other.shape):
            return SparseTensorSpec(None, self.dtype)
        dims = [a if a == b else None for a, b in zip(self.shape, other.shape, strict=True)]
        return SparseTensorSpec(dims, self.dtype)

    @classmethod
    def from_value(cls, value: SparseTensor) -> SparseTensorSpec:
        """The spec of a sparse tensor."""
        return cls(value.shape, value.dtype)

    def is_compatible_with(self, value: Any) -> bool:
        """Whether a sparse tensor, or another spec, fits this one."""
        return value.dtype == self.dtype and (
            self.shape is None or self.shape.is_compatible_with(value.shape)
        )

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, SparseTensorSpec) and repr(self) == repr(other)

    def __hash__(self) -> int:
        return hash(repr(self))

    def __repr__(self) -> str:
        return f"SparseTensorSpec({self.shape!r}, {self.dtype!r})"
