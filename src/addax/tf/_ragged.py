"""Ragged tensors from Python values, and functions of them, under TensorFlow's names."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from addax import ops
from addax.core import dtypes
from addax.core.errors import message
from addax.engine import Tensor
from addax.ops import _ragged_ops, _rows
from addax.ops._ragged import RaggedTensor
from addax.ops._ragged_making import take_rows


def constant(
    pylist: Any, dtype: Any = None, ragged_rank: int | None = None, inner_shape: Any = None, name: str | None = None,
    row_splits_dtype: Any = "int64",
) -> Any:  # fmt: skip
    """A ragged tensor of nested lists.

    Args:
        pylist: Lists of lists of numbers or strings; lists of one depth may differ in length.
        dtype: The dtype of the values; chosen as `tf.constant` does if None.
        ragged_rank: The number of dimensions that are split; all but the first, without `inner_shape`, if None.
        inner_shape: The shape of what is not split.
        name: Accepted for TensorFlow's sake.
        row_splits_dtype: Accepted for TensorFlow's sake.

    Returns:
        A ragged tensor; a tensor if there is no dimension to split.

    Raises:
        ValueError: If numbers are at different depths.

    Example:
        >>> import addax.tf as tf
        >>> tf.ragged.constant([[1, 2], [], [3]])
        <tf.RaggedTensor [[1, 2], [], [3]]>
    """
    if isinstance(pylist, np.ndarray):
        pylist = pylist.tolist()
    depth = _depth(pylist)
    inner = 0 if inner_shape is None else len(np.atleast_1d(inner_shape))
    rank = depth - 1 - inner if ragged_rank is None else int(ragged_rank)
    lengths = []
    values = pylist
    for _ in builtins.range(max(rank, 0)):
        if not all(isinstance(row, (list, tuple, np.ndarray)) for row in values):
            raise _mixed(pylist)
        lengths.append([len(row) for row in values])
        values = [x for row in values for x in row]
    flat = _values(values, dtype, inner_shape, depth - max(rank, 0), pylist)
    return RaggedTensor.from_nested_row_lengths(flat, lengths) if lengths else flat


def _values(values: Any, dtype: Any, inner_shape: Any, depth: int, pylist: Any) -> Tensor:
    if not len(values):
        shape = (0, *(np.atleast_1d(inner_shape).tolist() if inner_shape is not None else [0] * (depth - 1)))
        kind = "float32" if dtype is None else dtype
        return Tensor(
            np.zeros(shape, object if dtypes.standardize(kind) == "string" else dtypes.numpy_dtype(kind))
        )
    try:
        found = ops.convert_to_tensor(values, dtype)
    except (ValueError, TypeError):
        raise _mixed(pylist) from None
    if len(found.shape) != depth and inner_shape is None:
        raise _mixed(pylist)
    return (
        ops.reshape(found, (len(values), *np.atleast_1d(inner_shape).tolist()))
        if inner_shape is not None
        else found
    )


def _mixed(pylist: Any) -> ValueError:
    return ValueError(
        message(
            "The lists of a ragged tensor hold values at different depths.",
            expected="numbers (or strings) at one depth",
            received=pylist,
        )
    )


def _depth(value: Any) -> int:
    """How deep lists are nested."""
    if isinstance(value, np.ndarray):
        return value.ndim
    if not isinstance(value, (list, tuple)):
        return 0
    return 1 + max((_depth(v) for v in value), default=0)


def range(  # noqa: A001
    starts: Any, limits: Any = None, deltas: Any = 1, dtype: Any = None, name: str | None = None,
    row_splits_dtype: Any = "int64",
) -> RaggedTensor:  # fmt: skip
    """Rows of numbers from a start to a limit.

    Args:
        starts: The first number of each row; the limits, if these are None.
        limits: Where each row ends, not included.
        deltas: The steps.
        dtype: The dtype of the numbers.
        name: Accepted for TensorFlow's sake.
        row_splits_dtype: Accepted for TensorFlow's sake.

    Example:
        >>> import addax.tf as tf
        >>> tf.ragged.range([3, 0, 2])
        <tf.RaggedTensor [[0, 1, 2], [], [0, 1]]>
    """
    if limits is None:
        starts, limits = 0, starts
    arrays = np.broadcast_arrays(
        *(np.atleast_1d(np.asarray(ops.convert_to_tensor(x))) for x in (starts, limits, deltas))
    )
    rows = [np.arange(*row) for row in zip(*arrays, strict=True)]
    kind = arrays[0].dtype if dtype is None else dtypes.numpy_dtype(dtype)
    flat = np.concatenate(rows).astype(kind) if rows else np.zeros(0, kind)
    return RaggedTensor.from_row_lengths(flat, [len(row) for row in rows])


def stack(values: Sequence, axis: int = 0, name: str | None = None) -> RaggedTensor:
    """Tensors, ragged or dense, of one rank along a new axis; rows may differ in length."""
    return _ragged_ops.stack(values, int(axis))


def map_flat_values(op: Callable, *args: Any, **kwargs: Any) -> Any:
    """A function on the values of ragged tensors with the same rows; the result has these rows.

    Example:
        >>> import addax.tf as tf
        >>> tf.ragged.map_flat_values(tf.one_hot, tf.ragged.constant([[1], [0, 1]]), depth=2).shape
        TensorShape([2, None, 2])
    """
    return _ragged_ops.map_flat_values(op, *args, **kwargs)


def boolean_mask(data: Any, mask: Any, name: str | None = None) -> Any:
    """The elements where a mask holds, row by row.

    Args:
        data: A ragged or dense tensor.
        mask: Booleans with the same rows as the first dimensions of `data`, ragged or dense.
        name: Accepted for TensorFlow's sake.

    Returns:
        A ragged tensor with the rows of the mask; a tensor for a mask of rank 1.

    Example:
        >>> import addax.tf as tf
        >>> tf.ragged.boolean_mask([[1, 2], [3, 4]], [[True, False], [True, True]])
        <tf.RaggedTensor [[1], [3, 4]]>
    """
    mask = mask if isinstance(mask, RaggedTensor) else ops.convert_to_tensor(mask)
    if len(mask.shape) == 1:
        chosen = np.flatnonzero(np.asarray(mask))
        return take_rows(data if isinstance(data, RaggedTensor) else ops.convert_to_tensor(data), chosen)
    mask = mask if isinstance(mask, RaggedTensor) else RaggedTensor.from_tensor(mask)
    data = data if isinstance(data, RaggedTensor) else RaggedTensor.from_tensor(data)
    if not np.array_equal(mask._splits, data._splits):
        raise ValueError(
            message(
                "The mask has other rows than the data.",
                expected=str(data.row_lengths()),
                received=str(mask.row_lengths()),
            )
        )
    values = boolean_mask(data.values, mask.values)
    if isinstance(mask.values, RaggedTensor):
        return RaggedTensor(values, mask._splits)
    kept = np.concatenate([np.zeros(1, np.int64), np.cumsum(np.asarray(mask.values), dtype=np.int64)])
    return RaggedTensor(values, kept[mask._splits])


def row_splits_to_segment_ids(splits: Any, name: str | None = None, out_type: Any = None) -> Tensor:
    """The row number of each value, from where rows begin.

    Args:
        splits: Where rows begin, and where the last one ends.
        out_type: Accepted for TensorFlow's sake: int64.
        name: Accepted for TensorFlow's sake.
    """
    return Tensor(_rows.row_numbers(_rows.host_integers(splits, "splits")))


def segment_ids_to_row_splits(
    segment_ids: Any, num_segments: Any = None, out_type: Any = None, name: str | None = None
) -> Tensor:
    """Where rows begin, from the row number of each value.

    Args:
        segment_ids: Rising row numbers.
        num_segments: The least number of rows.
        out_type: Accepted for TensorFlow's sake: int64.
        name: Accepted for TensorFlow's sake.
    """
    numbers = _rows.host_integers(segment_ids, "segment_ids")
    least = 0 if num_segments is None else int(num_segments)
    return Tensor(_rows.splits_of(np.bincount(numbers, minlength=least)))


def stack_dynamic_partitions(
    data: Any, partitions: Any, num_partitions: Any, name: str | None = None
) -> RaggedTensor:
    """The elements grouped by a number each has.

    Args:
        data: A tensor or a ragged tensor.
        partitions: An integer for each of its elements, of the shape of its first dimensions.
        num_partitions: The number of groups.
        name: Accepted for TensorFlow's sake.

    Example:
        >>> import addax.tf as tf
        >>> tf.ragged.stack_dynamic_partitions(["a", "b", "c"], [1, 0, 1], 2)
        <tf.RaggedTensor [[b'b'], [b'a', b'c']]>
    """
    while isinstance(partitions, RaggedTensor):
        partitions, data = partitions.values, data.values
    data = data if isinstance(data, RaggedTensor) else ops.convert_to_tensor(data)
    numbers = _rows.host_integers(partitions, "partitions")
    if numbers.ndim > 1:
        data = ops.reshape(data, (numbers.size, *data.shape[numbers.ndim :]))
        numbers = numbers.reshape(-1)
    order = np.argsort(numbers, kind="stable")
    return RaggedTensor.from_value_rowids(take_rows(data, order), numbers[order], int(num_partitions))
