"""`tf.experimental.numpy.random`: NumPy's names for random numbers, which follow `tf.random.set_seed`."""

from __future__ import annotations

from typing import Any

from addax.tf import _random


def seed(s: Any) -> None:
    """Set the global seed, as `tf.random.set_seed` does."""
    _random.set_seed(s)


def rand(*size: int) -> Any:
    """Uniform numbers from [0, 1) of a shape, given as several numbers."""
    return _random.uniform(size)


def randn(*args: int) -> Any:
    """Standard normal numbers of a shape, given as several numbers."""
    return _random.normal(args)


def random(size: Any = None) -> Any:
    """Uniform numbers from [0, 1) of shape `size`, a scalar if None."""
    return _random.uniform(_size(size))


def standard_normal(size: Any = None) -> Any:
    """Standard normal numbers of shape `size`, a scalar if None."""
    return _random.normal(_size(size))


def uniform(low: Any = 0.0, high: Any = 1.0, size: Any = None) -> Any:
    """Uniform numbers from `low` up to `high` of shape `size`, a scalar if None."""
    return _random.uniform(_size(size), low, high)


def poisson(lam: Any = 1.0, size: Any = None) -> Any:
    """Numbers from a Poisson distribution with mean `lam`, of shape `size`, a scalar if None."""
    return _random.poisson(_size(size), lam, dtype="int32")


def randint(low: Any, high: Any = None, size: Any = None, dtype: Any = "int32") -> Any:
    """Integers from [low, high), or from [0, low) if `high` is None.

    Args:
        low: The lowest number, or the end if there is no other.
        high: The end, which is not drawn itself.
        size: The shape; a scalar if None.
        dtype: An integer dtype.
    """
    first, end = (0, low) if high is None else (low, high)
    return _random.uniform(_size(size), first, end, dtype=dtype)


def _size(size: Any) -> Any:
    return () if size is None else size


__all__ = ["poisson", "rand", "randint", "randn", "random", "seed", "standard_normal", "uniform"]
