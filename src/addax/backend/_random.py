"""The functions of tf.keras's backend that draw random numbers, over `addax.random`."""

from __future__ import annotations

from typing import Any

from addax import random
from addax.core import config
from addax.engine import Variable


def random_normal(
    shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: int | None = None
) -> Any:
    """Numbers of a normal distribution with `mean` and `stddev`; `seed` makes them repeatable."""
    return random.normal(shape, mean, stddev, dtype or config.floatx(), seed)


def truncated_normal(
    shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: int | None = None
) -> Any:
    """Numbers of a normal distribution, within two `stddev` of the `mean`; `seed` makes them repeatable."""
    return random.truncated_normal(shape, mean, stddev, dtype or config.floatx(), seed)


def random_uniform(
    shape: Any, minval: float = 0.0, maxval: float = 1.0, dtype: Any = None, seed: int | None = None
) -> Any:
    """Numbers from `minval` up to `maxval`; `seed` makes them repeatable."""
    return random.uniform(shape, minval, maxval, dtype or config.floatx(), seed)


def random_bernoulli(shape: Any, p: float = 0.0, dtype: Any = None, seed: int | None = None) -> Any:
    """Ones with the probability `p`, else zeros; `seed` makes them repeatable."""
    return random.binomial(shape, 1.0, p, dtype or config.floatx(), seed)


random_binomial = random_bernoulli


def random_normal_variable(
    shape: Any,
    mean: float,
    scale: float,
    dtype: Any = None,
    name: str | None = None,
    seed: int | None = None,
) -> Variable:
    """A variable of normally distributed numbers.

    Args:
        shape: The shape.
        mean: Their mean.
        scale: Their standard deviation.
        dtype: The dtype; the float dtype of the settings if None.
        name: The name.
        seed: Makes them repeatable.
    """
    return Variable(random_normal(shape, mean, scale, dtype, seed), name=name)


def random_uniform_variable(
    shape: Any,
    low: float,
    high: float,
    dtype: Any = None,
    name: str | None = None,
    seed: int | None = None,
) -> Variable:
    """A variable of numbers from `low` up to `high`; `seed` makes them repeatable."""
    return Variable(random_uniform(shape, low, high, dtype, seed), name=name)
