"""Arithmetic with rows that lie one behind the other: splits, lengths, row numbers, all on the host."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax.engine import Tensor, Variable
from addax.engine._tensor import is_concrete
from addax.engine._variable import host_array


def host_integers(value: Any, what: str) -> np.ndarray:
    """Integers that have to be known, as an int64 array.

    Raises:
        TypeError: If they are none, or not known because the code is being compiled.
    """
    raw = (
        value._value if isinstance(value, Tensor) else value._raw() if isinstance(value, Variable) else value
    )
    if not is_concrete(raw) and not isinstance(raw, (list, tuple, int, np.ndarray, np.generic)):
        raise TypeError(
            f"{what} must be known: rows of ragged tensors are laid out before code is compiled. Make the ragged "
            "tensor outside of the tf.function and pass it as an argument."
        )
    array = host_array(raw) if isinstance(raw, (list, tuple, int)) else np.asarray(raw)
    if array.size and array.dtype.kind not in "iu":
        raise TypeError(f"{what} must be integers, got {array.dtype.name}.")
    return array.astype(np.int64)


def splits_of(lengths: np.ndarray) -> np.ndarray:
    """Where rows of these lengths begin, and where the last one ends.

    Example:
        >>> splits_of(np.array([2, 0, 1])).tolist()
        [0, 2, 2, 3]
    """
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths, dtype=np.int64)])


def row_numbers(splits: np.ndarray) -> np.ndarray:
    """For each value the number of its row.

    Example:
        >>> row_numbers(np.array([0, 2, 2, 3])).tolist()
        [0, 0, 2]
    """
    return np.repeat(np.arange(len(splits) - 1, dtype=np.int64), np.diff(splits))


def places_in_rows(splits: np.ndarray) -> np.ndarray:
    """For each value its place within its row.

    Example:
        >>> places_in_rows(np.array([0, 2, 2, 3])).tolist()
        [0, 1, 0]
    """
    lengths = np.diff(splits)
    return np.arange(lengths.sum(), dtype=np.int64) - np.repeat(splits[:-1] - splits[0], lengths)


def spans(starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """The numbers from each start on, as many as the lengths say, one run behind the other.

    Example:
        >>> spans(np.array([5, 0]), np.array([2, 3])).tolist()
        [5, 6, 0, 1, 2]
    """
    return np.repeat(starts, lengths) + places_in_rows(splits_of(lengths))


def width_for(longest: int) -> int:
    """The width that rows are filled up to: 1, 2, 3, 4, 6, 8, 12, 16, ..., so that there are few of them.

    Example:
        >>> [width_for(n) for n in (0, 5, 9, 13, 100)]
        [1, 6, 12, 16, 128]
    """
    if longest < 3:
        return max(longest, 1)
    power = 1 << (longest - 1).bit_length()
    return power * 3 // 4 if longest <= power * 3 // 4 else power
