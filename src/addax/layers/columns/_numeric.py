"""Feature columns of numbers."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from addax import ops
from addax.core import dtypes
from addax.core.errors import message
from addax.layers.columns._base import Column, ParseSpec


@dataclasses.dataclass(frozen=True)
class NumericColumn(Column):
    """Numbers as they are. See `numeric_column`."""

    key: str
    shape: tuple[int, ...]
    default_value: Any
    dtype: str
    normalizer_fn: Callable | None

    @property
    def name(self) -> str:
        return self.key

    def keys(self) -> list[str]:
        return [self.key]

    def parse_spec(self) -> dict[str, ParseSpec]:
        return {self.key: ParseSpec(self.dtype, self.shape, self.default_value)}

    @property
    def size(self) -> int:
        """How many numbers it gives for a sample."""
        return int(np.prod(self.shape))

    def transform(self, x: Any) -> Any:
        """The numbers, normalized, a float32 tensor of shape `(batch, size)`."""
        if x.dtype == "string":
            raise ValueError(
                message(
                    f"Feature '{self.key}' must be numeric.",
                    received="texts",
                    hint="Use a categorical column.",
                )
            )
        x = ops.cast(x, "float32")
        if self.normalizer_fn is not None:
            x = self.normalizer_fn(x)
        return ops.cast(ops.reshape(x, (-1, self.size)), "float32")


def numeric_column(
    key: str,
    shape: Any = (1,),
    default_value: Any = None,
    dtype: Any = "float32",
    normalizer_fn: Callable | None = None,
) -> NumericColumn:
    """A column of numbers.

    Args:
        key: The feature's name.
        shape: How many numbers a sample has: an integer or a tuple.
        default_value: What stands for a feature that an `Example` lacks.
        dtype: The dtype in which it is read from an `Example`.
        normalizer_fn: A function of the tensor, or None.

    Raises:
        ValueError: If the shape or the dtype is wrong.
        TypeError: If the normalizer cannot be called.

    Source: `tf.feature_column.numeric_column`.

    Example:
        >>> import addax.tf as tf
        >>> tf.feature_column.numeric_column("age").name
        'age'
    """
    sizes = (shape,) if isinstance(shape, int) else tuple(shape)
    if not all(isinstance(n, (int, np.integer)) and n > 0 for n in sizes):
        raise ValueError(
            message(
                "`shape` is wrong.", where=f"column '{key}'", expected="positive integers", received=shape
            )
        )
    kind = dtypes.standardize(dtype)
    if not (kind.is_floating or dtypes.is_int(kind.name)):
        raise ValueError(
            message("`dtype` is wrong.", where=f"column '{key}'", expected="a numeric dtype", received=dtype)
        )
    if normalizer_fn is not None and not callable(normalizer_fn):
        raise TypeError(
            message("`normalizer_fn` is wrong.", expected="a function of a tensor", received=normalizer_fn)
        )
    return NumericColumn(key, sizes, default_value, kind.name, normalizer_fn)


@dataclasses.dataclass(frozen=True)
class BucketizedColumn(Column):
    """Numbers by the interval they lie in. See `bucketized_column`."""

    source_column: NumericColumn
    boundaries: tuple[float, ...]

    @property
    def name(self) -> str:
        return f"{self.source_column.name}_bucketized"

    def keys(self) -> list[str]:
        return self.source_column.keys()

    def parse_spec(self) -> dict[str, ParseSpec]:
        return self.source_column.parse_spec()

    @property
    def depth(self) -> int:
        """The number of intervals."""
        return len(self.boundaries) + 1

    @property
    def num_buckets(self) -> int:
        """The number of ids: of intervals, for each number of a sample."""
        return self.depth * self.source_column.size

    def transform(self, x: Any) -> Any:
        """The number of the interval of each number, an int32 tensor of shape `(batch, size)`."""
        values = self.source_column.transform(x)
        edges = np.asarray(self.boundaries, "float32")
        found = ops.searchsorted(edges, ops.reshape(values, (-1,)), side="right")
        return ops.reshape(ops.cast(found, "int32"), (-1, self.source_column.size))

    def ids(self, x: Any) -> Any:
        """The intervals as ids, different ones for each number of a sample."""
        return self.transform(x) + np.arange(self.source_column.size, dtype="int32") * np.int32(self.depth)


def bucketized_column(source_column: NumericColumn, boundaries: Any) -> BucketizedColumn:
    """A column of the intervals that numbers lie in; each interval holds its lower boundary.

    Args:
        source_column: A `numeric_column` of one axis.
        boundaries: Numbers in increasing order.

    Raises:
        ValueError: If the source is no numeric column of one axis, or the boundaries do not increase.

    Source: `tf.feature_column.bucketized_column`.

    Example:
        >>> import addax.tf as tf
        >>> age = tf.feature_column.numeric_column("age")
        >>> tf.feature_column.bucketized_column(age, [18, 65]).num_buckets
        3
    """
    if not isinstance(source_column, NumericColumn) or len(source_column.shape) > 1:
        raise ValueError(
            message(
                "`source_column` is wrong.",
                expected="a numeric_column with a shape of one axis",
                received=source_column,
            )
        )
    edges = tuple(boundaries or ())
    if not edges or any(a >= b for a, b in zip(edges, edges[1:], strict=False)):
        raise ValueError(
            message("`boundaries` is wrong.", expected="numbers in increasing order", received=boundaries)
        )
    return BucketizedColumn(source_column, edges)
