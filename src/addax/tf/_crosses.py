"""`tf.ragged.cross` and `cross_hashed`: all combinations of the values of rows, as text or as hashes."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from addax import ops
from addax.core.errors import message
from addax.engine import Tensor
from addax.ops._ragged import RaggedTensor
from addax.ops._sparse import SparseTensor

_KEY = 0xDECAFCAFFE  # what TensorFlow begins with
_MOST = (1 << 63) - 1


def cross(inputs: Iterable[Any], name: str | None = None) -> RaggedTensor:
    """All combinations of the values in the rows of several tensors, joined by `_X_`.

    Args:
        inputs: Ragged, sparse or dense tensors of rank 2, of strings or integers, with as many rows.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If a tensor has another rank, dtype or number of rows.

    Example:
        >>> import addax.tf as tf
        >>> tf.ragged.cross([tf.ragged.constant([["a"], ["b", "c"]]), tf.ragged.constant([["d"], ["e"]])])
        <tf.RaggedTensor [[b'a_X_d'], [b'b_X_e', b'c_X_e']]>
    """
    return _ragged(inputs, joining("_X_"), object)


def cross_hashed(
    inputs: Iterable[Any], num_buckets: int = 0, hash_key: int | None = None, name: str | None = None
) -> RaggedTensor:
    """All combinations of the values in the rows of several tensors, as hashes.

    Args:
        inputs: As in `cross`.
        num_buckets: The hashes are below this number; of 63 bits if it is 0.
        hash_key: An integer for another hash.
        name: Accepted for TensorFlow's sake.

    Returns:
        A ragged tensor of int64.

    Raises:
        ValueError: As `cross` raises it, or if `num_buckets` is negative.

    Example:
        >>> import addax.tf as tf
        >>> words = tf.ragged.constant([["a"], ["b", "c"]])
        >>> tf.ragged.cross_hashed([words, tf.ragged.constant([["d"], ["e"]])], num_buckets=100)
        <tf.RaggedTensor [[82], [61, 41]]>
    """
    return _ragged(inputs, hashing(num_buckets, hash_key), np.int64)


def _ragged(inputs: Iterable[Any], made: Callable, dtype: Any) -> RaggedTensor:
    rows = combined(list(inputs), made)
    return RaggedTensor.from_row_lengths(flat_values(rows, dtype), [len(row) for row in rows])


def flat_values(rows: list[list], dtype: Any) -> Tensor:
    """The values of all rows, one after the other."""
    flat = np.empty(sum(map(len, rows)), dtype)
    flat[:] = [value for row in rows for value in row]
    return Tensor(flat)


def combined(inputs: list, made: Callable) -> list[list]:
    """For each row what is made of each combination of the values of the inputs."""
    columns = [_rows(x) for x in inputs]
    if len({len(x) for x in columns}) > 1:
        raise ValueError(
            message("cross() takes tensors with as many rows.", received=[len(x) for x in columns])
        )
    return [[made(parts) for parts in itertools.product(*row)] for row in zip(*columns, strict=True)]


def _rows(value: Any) -> list[list]:
    """The values of each row: bytes or integers."""
    x = value if isinstance(value, (RaggedTensor, SparseTensor)) else ops.convert_to_tensor(value)
    if len(x.shape) != 2:
        raise ValueError(message("cross() takes tensors of rank 2.", received=f"shape {tuple(x.shape)}"))
    if x.dtype != "string" and "int" not in x.dtype.name:
        raise ValueError(message("cross() takes strings and integers.", received=f"dtype {x.dtype}"))
    if isinstance(x, SparseTensor):
        found: list[list] = [[] for _ in range(int(x._shape[0]))]
        for i, one in zip(x._places[:, 0].tolist(), np.asarray(x.values).tolist(), strict=True):
            found[i].append(one)
        return found
    return x.to_list() if isinstance(x, RaggedTensor) else np.asarray(x).tolist()


def joining(separator: str) -> Callable:
    """What joins the values of a combination to a text."""
    between = separator.encode() if isinstance(separator, str) else bytes(separator)
    return lambda parts: between.join(v if isinstance(v, bytes) else str(v).encode() for v in parts)


def hashing(num_buckets: int, hash_key: int | None) -> Callable:
    """The hash of a combination: texts by their fingerprint, integers by themselves, joined one after the other."""
    from addax.formats import fingerprint64, join_fingerprints

    if int(num_buckets) < 0:
        raise ValueError(message("`num_buckets` is negative.", expected="0 or more", received=num_buckets))
    first = _KEY if hash_key is None else int(hash_key)
    below = int(num_buckets) or _MOST

    def hashed(parts: tuple) -> int:
        joined = first
        for part in parts:
            number = fingerprint64(part) if isinstance(part, bytes) else int(part) % (1 << 64)
            joined = join_fingerprints(joined, number)
        return joined % below

    return hashed


__all__ = ["combined", "cross", "cross_hashed", "flat_values", "hashing", "joining"]
