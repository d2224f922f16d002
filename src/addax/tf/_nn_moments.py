"""`tf.nn`: moments in parts and with weights, and the oldest batch normalization."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax import ops
from addax.engine import _operators as operators
from addax.tf._nn import batch_normalization
from addax.tf._reduce import _axis


def weighted_moments(
    x: Any, axes: Any, frequency_weights: Any, keepdims: bool = False, name: str | None = None
) -> tuple[Any, Any]:
    """Mean and variance over some axes, of elements that count more or less.

    Args:
        x: A tensor.
        axes: An axis or several.
        frequency_weights: How much each element counts, of a shape that broadcasts to that of `x`.
        keepdims: Whether the axes stay, with length 1.
        name: Accepted for TensorFlow's sake.

    Example:
        >>> import addax.tf as tf
        >>> [float(m) for m in tf.nn.weighted_moments([1.0, 4.0], [0], [2.0, 1.0])]
        [2.0, 2.0]
    """
    x, axes = ops.convert_to_tensor(x), _axis(axes)
    weights = operators.add(ops.cast(frequency_weights, x.dtype), ops.zeros_like(x))
    total = ops.sum(weights, axis=axes, keepdims=True)
    mean = operators.divide(ops.sum(operators.multiply(x, weights), axis=axes, keepdims=True), total)
    squares = operators.multiply(ops.square(operators.subtract(x, mean)), weights)
    variance = operators.divide(ops.sum(squares, axis=axes, keepdims=True), total)
    return (mean, variance) if keepdims else (ops.squeeze(mean, axes), ops.squeeze(variance, axes))


def sufficient_statistics(
    x: Any, axes: Any, shift: Any = None, keepdims: bool = False, name: str | None = None
) -> tuple[Any, Any, Any, Any]:
    """What `normalize_moments` makes moments of.

    Args:
        x: A tensor.
        axes: An axis or several.
        shift: What is subtracted first, a number near the mean; nothing if None.
        keepdims: Whether the axes stay, with length 1.
        name: Accepted for TensorFlow's sake.

    Returns:
        `(count, sum, sum of squares, shift)`.
    """
    x, axes = ops.convert_to_tensor(x), _axis(axes)
    every = range(len(x.shape)) if axes is None else (axes,) if isinstance(axes, int) else axes
    count = ops.cast(float(np.prod([x.shape[a] for a in every])), x.dtype)
    moved = x if shift is None else operators.subtract(x, shift)
    found = (ops.sum(v, axis=axes, keepdims=keepdims) for v in (moved, ops.square(moved)))
    return count, *found, shift  # type: ignore[return-value]


def normalize_moments(
    counts: Any, mean_ss: Any, variance_ss: Any, shift: Any, name: str | None = None
) -> tuple[Any, Any]:
    """Mean and variance from what `sufficient_statistics` gives.

    Args:
        counts: How many elements there were.
        mean_ss: Their sum.
        variance_ss: The sum of their squares.
        shift: What was subtracted before, or None.
        name: Accepted for TensorFlow's sake.
    """
    moved = operators.divide(mean_ss, counts)
    mean = moved if shift is None else operators.add(moved, shift)
    return mean, operators.subtract(operators.divide(variance_ss, counts), ops.square(moved))


def batch_norm_with_global_normalization(
    input: Any, mean: Any, variance: Any, beta: Any, gamma: Any, variance_epsilon: float,
    scale_after_normalization: bool, name: str | None = None,
) -> Any:  # fmt: skip
    """`batch_normalization`, as it was called first.

    Args:
        input: A float tensor.
        mean: Its mean; this and the next three broadcast against `input`.
        variance: Its variance.
        beta: What is added at the end.
        gamma: The factor.
        variance_epsilon: A small number against division by zero.
        scale_after_normalization: Whether there is a factor.
        name: Accepted for TensorFlow's sake.
    """
    scale = gamma if scale_after_normalization else None
    return batch_normalization(input, mean, variance, beta, scale, variance_epsilon)


__all__ = [
    "batch_norm_with_global_normalization",
    "normalize_moments",
    "sufficient_statistics",
    "weighted_moments",
]
