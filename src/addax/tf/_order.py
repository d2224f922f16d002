"""Order, distinct values, counts by value: sorting, searching, `unique`, `top_k`, masks by length, histograms."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax import ops
from addax.core.errors import message
from addax.engine import Tensor, op
from addax.engine import _operators as operators
from addax.engine._errors import ShapeNeedsValue
from addax.engine._jax import jax, jnp
from addax.engine._staging import staged


def sort(values: Any, axis: int = -1, direction: str = "ASCENDING", name: str | None = None) -> Any:
    """The values in order along an axis.

    Args:
        values: A tensor of numbers.
        axis: The axis.
        direction: `"ASCENDING"` or `"DESCENDING"`.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If the direction is neither.

    Example:
        >>> import addax.tf as tf
        >>> tf.sort([2, 3, 1], direction="DESCENDING").numpy()
        array([3, 2, 1], dtype=int32)
    """
    found = ops.sort(values, axis=axis)
    return ops.flip(found, axis=axis) if _descending(direction) else found


def argsort(
    values: Any, axis: int = -1, direction: str = "ASCENDING", stable: bool = False, name: str | None = None
) -> Any:
    """The indices that sort the values along an axis, int32.

    Args:
        values: A tensor of numbers.
        axis: The axis.
        direction: `"ASCENDING"` or `"DESCENDING"`.
        stable: Accepted for TensorFlow's sake: equal values always keep their order.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If the direction is neither.

    Example:
        >>> import addax.tf as tf
        >>> tf.argsort([2, 3, 1]).numpy()
        array([2, 0, 1], dtype=int32)
    """
    if _descending(direction):
        values = ops.convert_to_tensor(values)
        # Equal values keep their order, as TensorFlow has it.
        return operators.subtract(
            values.shape[axis] - 1, ops.flip(ops.argsort(ops.flip(values, axis=axis), axis=axis), axis=axis)
        )
    return ops.argsort(values, axis=axis)


def _descending(direction: str) -> bool:
    if direction.upper() not in ("ASCENDING", "DESCENDING"):
        raise ValueError(
            message("Unknown direction.", expected='"ASCENDING" or "DESCENDING"', received=direction)
        )
    return direction.upper() == "DESCENDING"


def searchsorted(
    sorted_sequence: Any, values: Any, side: str = "left", out_type: Any = "int32", name: Any = None
) -> Any:
    """Where values would have to be inserted into a sorted sequence.

    Args:
        sorted_sequence: A vector of ascending numbers, or vectors of shape `(..., n)`.
        values: Numbers, of any shape; of shape `(..., m)` for several vectors.
        side: Where a value goes that the sequence has: `"left"` is before its equals, `"right"` behind them.
        out_type: Accepted for TensorFlow's sake: the positions are int32, as int64 is here everywhere.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If there are other vectors of numbers than of values, or `side` is unknown.

    Example:
        >>> import addax.tf as tf
        >>> tf.searchsorted([1, 3, 5], [3, 9]).numpy()
        array([1, 3], dtype=int32)
    """
    sorted_sequence = ops.convert_to_tensor(sorted_sequence)
    if len(sorted_sequence.shape) < 2:
        return ops.searchsorted(sorted_sequence, values, side=side)
    values = ops.convert_to_tensor(values)
    if tuple(values.shape[:-1]) != tuple(sorted_sequence.shape[:-1]):
        raise ValueError(
            message(
                "Each sequence is searched for values of its own.",
                expected=f"values of shape ({', '.join(map(str, sorted_sequence.shape[:-1]))}, m)",
                received=tuple(values.shape),
            )
        )
    return _search_rows(sorted_sequence, values, side=side)


@op(name="searchsorted_rows")
def _search_rows(rows: Any, values: Any, side: str = "left") -> Any:
    rows, values = jnp.asarray(rows), jnp.asarray(values)
    find = jax.vmap(lambda row, wanted: jnp.searchsorted(row, wanted, side=side))
    found = find(rows.reshape(-1, rows.shape[-1]), values.reshape(-1, values.shape[-1]))
    return found.reshape(values.shape)


class UniqueResult(tuple):
    """The pair `(y, idx)`."""

    __slots__ = ()
    y = property(lambda self: self[0])
    idx = property(lambda self: self[1])
    count = property(lambda self: self[2])  # type: ignore[assignment] - TensorFlow's name, not tuple's


def unique(x: Any, out_idx: Any = "int32", name: str | None = None) -> UniqueResult:
    """The distinct values in the order of their first appearance, and for each element the place of its value.

    Args:
        x: A vector.
        out_idx: Accepted for TensorFlow's sake: the places are int32, as int64 is here everywhere.
        name: Accepted for TensorFlow's sake.

    Raises:
        ShapeNeedsValue: In compiled code, which cannot know how many values there will be.

    Example:
        >>> import addax.tf as tf
        >>> y, idx = tf.unique([4, 2, 4])
        >>> y.numpy(), idx.numpy()
        (array([4, 2], dtype=int32), array([0, 1, 0], dtype=int32))
    """
    return UniqueResult(unique_with_counts(x)[:2])


def unique_with_counts(x: Any, out_idx: Any = "int32", name: str | None = None) -> UniqueResult:
    """Like `unique`, and how often each value occurs: `(y, idx, count)`.

    Args:
        x: A vector.
        out_idx: Accepted for TensorFlow's sake: places and counts are int32, as int64 is here everywhere.
        name: Accepted for TensorFlow's sake.

    Raises:
        ShapeNeedsValue: In compiled code, which cannot know how many values there will be.

    Example:
        >>> import addax.tf as tf
        >>> tf.unique_with_counts([4, 2, 4]).count.numpy()
        array([2, 1], dtype=int32)
    """
    tensor = ops.convert_to_tensor(x)
    if staged(tensor):
        raise ShapeNeedsValue("The number of distinct values is not known when the function is compiled.")
    values, first, inverse, counts = np.unique(
        np.asarray(tensor), return_index=True, return_inverse=True, return_counts=True
    )
    order = np.argsort(first)
    places = np.argsort(order)[inverse]
    found = (values[order], places.astype(np.int32), counts[order].astype(np.int32))
    return UniqueResult(Tensor(v) for v in found)


def top_k(
    input: Any, k: Any = 1, sorted: bool = True, index_type: Any = "int32", name: str | None = None
) -> Any:
    """The k largest values of the last axis and their indices, as `(values, indices)`.

    Args:
        input: A tensor of numbers.
        k: How many, at most the size of the last axis.
        sorted: Whether they have to come largest first; if False their order is open.
        index_type: The dtype of the indices (int64 is int32 here).
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If the last axis is shorter than k.

    Example:
        >>> import addax.tf as tf
        >>> values, indices = tf.math.top_k([1, 5, 3], k=2)
        >>> values.numpy().tolist(), indices.numpy().tolist()
        ([5, 3], [1, 2])
    """
    values, indices = ops.top_k(input, int(k), sorted=sorted)
    return TopK((values, ops.cast(indices, index_type)))


class TopK(tuple):
    """The pair `(values, indices)`."""

    __slots__ = ()
    values = property(lambda self: self[0])
    indices = property(lambda self: self[1])


def sequence_mask(lengths: Any, maxlen: Any = None, dtype: Any = "bool", name: str | None = None) -> Any:
    """True for the first `lengths[i]` positions of row i.

    Args:
        lengths: Integers, of any shape.
        maxlen: The length of the rows; the largest of the lengths if None, which compiled code has to know beforehand.
        dtype: The dtype of the result; a number dtype has 1 for True.
        name: Accepted for TensorFlow's sake.

    Returns:
        A tensor of shape `(*lengths.shape, maxlen)`.

    Example:
        >>> import addax.tf as tf
        >>> tf.sequence_mask([1, 3], dtype="int32").numpy().tolist()
        [[1, 0, 0], [1, 1, 1]]
    """
    lengths = ops.convert_to_tensor(lengths)
    if maxlen is None:
        maxlen = int(np.asarray(ops.max(lengths)))
    positions = ops.arange(int(maxlen))
    return ops.cast(operators.less(positions, ops.expand_dims(lengths, -1)), dtype)


def histogram_fixed_width(
    values: Any, value_range: Any, nbins: int = 100, dtype: Any = "int32", name: Any = None
) -> Any:
    """How many values fall into each of `nbins` equal parts of a range; outer values count for the end parts.

    Args:
        values: Numbers, of any shape.
        value_range: The lowest and the highest value of the range.
        nbins: The number of parts.
        dtype: Accepted for TensorFlow's sake: the counts are int32, as int64 is here everywhere.
        name: Accepted for TensorFlow's sake.

    Returns:
        A vector of `nbins` counts.

    Example:
        >>> import addax.tf as tf
        >>> tf.histogram_fixed_width([-1.0, 0.5, 3.0, 9.0], [0.0, 4.0], nbins=2).numpy()
        array([2, 2], dtype=int32)
    """
    bins = histogram_fixed_width_bins(values, value_range, nbins)
    return ops.bincount(operators.reshape(bins, (-1,)), minlength=nbins)


def histogram_fixed_width_bins(
    values: Any, value_range: Any, nbins: int = 100, dtype: Any = "int32", name: Any = None
) -> Any:
    """For each value the number of the part of the range that it falls into; see `histogram_fixed_width`."""
    low, high = (float(np.asarray(v)) for v in value_range)
    scaled = operators.multiply(operators.divide(operators.subtract(values, low), high - low), float(nbins))
    return ops.cast(ops.clip(ops.floor(scaled), 0, nbins - 1), dtype)
