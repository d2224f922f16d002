"""Sets in the last axes of tensors, under TensorFlow's names."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any

import numpy as np

from addax import ops
from addax.core import dtypes
from addax.core.errors import message
from addax.engine import Tensor
from addax.ops._rows import places_in_rows, splits_of
from addax.ops._sparse import SparseTensor, numbers_of, places_of
from addax.tf._sparse import checked


def _rows_of(x: Any) -> tuple[list[list], np.ndarray]:
    """The values in each last-axis row of a sparse or dense tensor, and the shape of the rows."""
    if not isinstance(x, SparseTensor):
        array = np.asarray(ops.convert_to_tensor(x))
        return array.reshape(-1, array.shape[-1]).tolist(), np.asarray(array.shape[:-1], np.int64)
    shape = x._shape[:-1]
    rows: list[list] = [[] for _ in builtins.range(int(np.prod(shape)))]
    for row, value in zip(numbers_of(x._places[:, :-1], shape), np.asarray(x.values).tolist(), strict=True):
        rows[row].append(value)
    return rows, shape


def _sets(a: Any, b: Any, function: Callable) -> SparseTensor:
    mine, shape = _rows_of(a)
    yours, other = _rows_of(b)
    if not np.array_equal(shape, other):
        raise ValueError(
            message(
                "Sets are compared row by row.", expected=f"rows {shape.tolist()}", received=other.tolist()
            )
        )
    found = [sorted(function(set(x), set(y))) for x, y in zip(mine, yours, strict=True)]
    lengths = np.asarray([len(x) for x in found], np.int64)
    splits = splits_of(lengths)
    rows = np.repeat(np.arange(len(found)), lengths)
    places = np.concatenate([places_of(rows, shape), places_in_rows(splits)[:, None]], 1)
    flat = [x for row in found for x in row]
    dtype = a.dtype if hasattr(a, "dtype") else ops.convert_to_tensor(a).dtype
    values = (
        np.empty(len(flat), object) if dtype == "string" else np.empty(len(flat), dtypes.numpy_dtype(dtype))
    )
    values[:] = flat
    return SparseTensor(places, Tensor(values), np.append(shape, lengths.max(initial=0)))


def intersection(a: Any, b: Any, validate_indices: bool = True) -> SparseTensor:
    """What the sets in the last axes of two tensors share.

    Args:
        validate_indices: Accepted for TensorFlow's sake.
        a: A tensor, dense or sparse.
        b: Another with the same rows.

    Example:
        >>> import addax.tf as tf
        >>> tf.sparse.to_dense(tf.sets.intersection([[1, 2, 3]], [[3, 1, 9]])).numpy()
        array([[1, 3]], dtype=int32)
    """
    return _sets(a, b, set.intersection)


def union(a: Any, b: Any, validate_indices: bool = True) -> SparseTensor:
    """What the sets in the last axes of two tensors have together.

    Args:
        validate_indices: Accepted for TensorFlow's sake.
        a: A tensor, dense or sparse.
        b: Another with the same rows.
    """
    return _sets(a, b, set.union)


def difference(a: Any, b: Any, aminusb: bool = True, validate_indices: bool = True) -> SparseTensor:
    """What the sets in the last axis of one tensor have and those of the other lack.

    Args:
        aminusb: Whether the sets of `b` are taken from those of `a`, rather than the reverse.
        validate_indices: Accepted for TensorFlow's sake.
        a: A tensor, dense or sparse.
        b: Another with the same rows.
    """
    return _sets(a, b, set.difference) if aminusb else _sets(b, a, set.difference)


def size(a: SparseTensor, validate_indices: bool = True) -> Tensor:
    """The number of different values in each last-axis row of a sparse tensor.

    Args:
        validate_indices: Accepted for TensorFlow's sake.
        a: A tensor, dense or sparse.
    """
    rows, shape = _rows_of(checked(a))
    return Tensor(np.asarray([len(set(row)) for row in rows], np.int32).reshape(shape.tolist()))
