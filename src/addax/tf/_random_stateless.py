"""`tf.random`: distributions that follow from the seed alone, besides those of `_random`."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax import ops, random
from addax.core.errors import message
from addax.engine import _operators as operators
from addax.engine import op
from addax.engine._jax import jax, jnp
from addax.random._seed import draw_seed
from addax.tf._random import _key, _poisson, _shape, _stateless, _tuple


def stateless_gamma(
    shape: Any, seed: Any, alpha: Any, beta: Any = None, dtype: Any = "float32", name: str | None = None
) -> Any:
    """Numbers from gamma distributions that follow from the seed alone.

    Args:
        shape: The shape of the result.
        seed: Two integers, shape `(2,)`.
        alpha: The shape parameters, floats above 0 that broadcast to `shape`.
        beta: The rates, likewise; 1 if None.
        dtype: A float dtype.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If the seed has another shape.
    """
    full, alpha = _tuple(shape), ops.cast(alpha, dtype)
    found = random.gamma(full, ops.broadcast_to(alpha, full), dtype=dtype, seed=_stateless(seed))
    return found if beta is None else operators.divide(found, ops.cast(beta, dtype))


def stateless_poisson(shape: Any, seed: Any, lam: Any, dtype: Any = "int32", name: str | None = None) -> Any:
    """Numbers from Poisson distributions that follow from the seed alone.

    Args:
        shape: The shape of the result.
        seed: Two integers, shape `(2,)`.
        lam: The means, floats that broadcast to `shape`.
        dtype: The dtype of the result.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If the seed has another shape.
    """
    found = _poisson(draw_seed(_stateless(seed)), ops.cast(lam, "float32"), shape=_tuple(shape))
    return ops.cast(found, dtype)


def stateless_binomial(
    shape: Any, seed: Any, counts: Any, probs: Any, output_dtype: Any = "int32", name: str | None = None
) -> Any:
    """How many of some trials succeed, as it follows from the seed alone.

    Args:
        shape: The shape of the result.
        seed: Two integers, shape `(2,)`.
        counts: The numbers of trials, which broadcast to `shape`.
        probs: The chances of success, likewise.
        output_dtype: The dtype of the result.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If the seed has another shape.
    """
    found = random.binomial(_shape(shape), counts, probs, dtype="float32", seed=_stateless(seed))
    return ops.cast(found, output_dtype)


def stateless_parameterized_truncated_normal(
    shape: Any, seed: Any, means: Any = 0.0, stddevs: Any = 1.0, minvals: Any = -2.0, maxvals: Any = 2.0,
    name: str | None = None,
) -> Any:  # fmt: skip
    """Numbers from normal distributions cut off at both ends, that follow from the seed alone.

    Args:
        shape: The shape of the result.
        seed: Two integers, shape `(2,)`.
        means: The means before the cut, floats that broadcast to `shape`.
        stddevs: The standard deviations before the cut, likewise.
        minvals: The lower ends, likewise.
        maxvals: The upper ends, likewise.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If the seed has another shape.

    Example:
        >>> import addax.tf as tf
        >>> x = tf.random.stateless_parameterized_truncated_normal((100,), [1, 2], minvals=1.0, maxvals=3.0)
        >>> bool(tf.reduce_all((x >= 1.0) & (x <= 3.0)))
        True
    """
    mean, spread, low, high = (ops.cast(p, "float32") for p in (means, stddevs, minvals, maxvals))
    return _truncated(draw_seed(_stateless(seed)), mean, spread, low, high, shape=_tuple(shape))


@op(name="parameterized_truncated_normal")
def _truncated(key: Any, mean: Any, spread: Any, low: Any, high: Any, shape: Any = ()) -> Any:
    low, high = (jnp.broadcast_to((end - mean) / spread, shape) for end in (low, high))
    return jax.random.truncated_normal(_key(key), low, high, shape) * spread + mean


def index_shuffle(index: Any, seed: Any, max_index: Any) -> Any:
    """Where numbers go in a random permutation of 0 to `max_index`.

    Args:
        index: An integer, or a tensor of them.
        seed: Two or three integers; the same ones give the same permutation.
        max_index: The largest number, known in Python.

    Returns:
        int32 numbers of the shape of `index`.

    Raises:
        ValueError: If the seed has another shape.

    Example:
        >>> import addax.tf as tf
        >>> found = tf.random.experimental.index_shuffle(tf.range(5), [1, 2], max_index=4)
        >>> sorted(found.numpy().tolist())
        [0, 1, 2, 3, 4]
    """
    numbers = np.atleast_1d(np.asarray(seed)).astype(np.uint32)
    if numbers.shape not in ((2,), (3,)):
        raise ValueError(message("A seed is two or three integers.", received=numbers.shape))
    order = random.shuffle(ops.arange(int(max_index) + 1), seed=_stateless(numbers[:2] ^ numbers[2:].sum()))
    return ops.take(order, index, axis=0)


__all__ = [
    "index_shuffle",
    "stateless_binomial",
    "stateless_gamma",
    "stateless_parameterized_truncated_normal",
    "stateless_poisson",
]
