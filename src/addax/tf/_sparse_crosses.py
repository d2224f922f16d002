"""`tf.sparse.cross` and `cross_hashed`: all combinations of the values of rows, as text or as hashes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from addax.core.errors import message
from addax.ops._ragged import RaggedTensor
from addax.ops._sparse import SparseTensor
from addax.tf._crosses import combined, flat_values, hashing, joining


def cross(inputs: Iterable[Any], name: str | None = None, separator: str | None = None) -> SparseTensor:
    """All combinations of the values in the rows of several tensors, as text.

    Args:
        inputs: Sparse or dense tensors of rank 2, of strings or integers, with as many rows. In a combination those of
            sparse tensors come first.
        name: Accepted for TensorFlow's sake.
        separator: What stands between two values; `_X_` if None.

    Returns:
        A sparse tensor of strings, with the combinations of each row from its first column on.

    Raises:
        ValueError: If a tensor has another rank, or another number of rows.
        TypeError: If one is ragged.

    Example:
        >>> import addax.tf as tf
        >>> tf.sparse.cross([[["a"], ["b"]], [[1, 2], [3, 4]]], separator="-").values.numpy().tolist()
        [b'a-1', b'a-2', b'b-3', b'b-4']
    """
    return _sparse(_sparse_first(inputs), joining("_X_" if separator is None else separator), object)


def cross_hashed(
    inputs: Iterable[Any], num_buckets: int = 0, hash_key: int | None = None, name: str | None = None
) -> SparseTensor:
    """All combinations of the values in the rows of several tensors, as hashes.

    Args:
        inputs: As in `tf.sparse.cross`.
        num_buckets: The hashes are below this number; of 63 bits if it is 0.
        hash_key: An integer for another hash.
        name: Accepted for TensorFlow's sake.

    Returns:
        A sparse tensor of int64, of the form that `tf.sparse.cross` gives.

    Raises:
        ValueError: As `tf.sparse.cross` raises it, or if `num_buckets` is negative.
        TypeError: If a tensor is ragged.

    Example:
        >>> import addax.tf as tf
        >>> tf.sparse.cross_hashed([[["a"], ["b"]], [["d"], ["e"]]], num_buckets=100).values.numpy().tolist()
        [82, 61]
    """
    return _sparse(_sparse_first(inputs), hashing(num_buckets, hash_key), np.int64)


def _sparse_first(inputs: Iterable[Any]) -> list:
    given = list(inputs)
    if any(isinstance(x, RaggedTensor) for x in given):
        raise TypeError(
            message(
                "tf.sparse.cross() takes no ragged tensor.",
                expected="sparse and dense tensors",
                hint="Use tf.ragged.cross(), or to_sparse().",
            )
        )
    return sorted(given, key=lambda x: not isinstance(x, SparseTensor))  # stable


def _sparse(inputs: list, made: Callable, dtype: Any) -> SparseTensor:
    rows = combined(inputs, made)
    places = [(i, j) for i, row in enumerate(rows) for j in range(len(row))]
    shape = [len(rows), max(map(len, rows), default=0)]
    return SparseTensor(np.array(places, np.int64).reshape(-1, 2), flat_values(rows, dtype), shape)


__all__ = ["cross", "cross_hashed"]
