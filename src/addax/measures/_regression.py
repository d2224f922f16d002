"""Distances between numbers, directions and distributions."""

from __future__ import annotations

import math
from typing import Any

from addax import ops
from addax.core.config import epsilon
from addax.measures._arrays import measure
from addax.measures._shapes import same_shape


@measure
def mean_squared_error(y_true: Any, y_pred: Any) -> Any:
    """Mean of `(y_true - y_pred)**2` over the last axis.

    Args:
        y_true: Labels, of the shape of `y_pred`.
        y_pred: Predictions of shape `(batch, ..., d)`.

    Returns:
        A float tensor of shape `(batch, ...)`.

    Raises:
        ValueError: If the shapes do not fit.

    Example:
        >>> import addax as keras
        >>> keras.losses.mean_squared_error([[0.0, 1.0]], [[1.0, 1.0]]).numpy()
        array([0.5], dtype=float32)
    """
    y_true, y_pred = same_shape(y_true, y_pred, "mean_squared_error")
    return ops.mean(ops.square(y_true - y_pred), axis=-1)


@measure
def mean_absolute_error(y_true: Any, y_pred: Any) -> Any:
    """Mean of `|y_true - y_pred|` over the last axis.

    Args:
        y_true: Labels, of the shape of `y_pred`.
        y_pred: Predictions of shape `(batch, ..., d)`.

    Returns:
        A float tensor of shape `(batch, ...)`.

    Raises:
        ValueError: If the shapes do not fit.

    Example:
        >>> import addax as keras
        >>> keras.losses.mean_absolute_error([[0.0, 1.0]], [[3.0, 1.0]]).numpy()
        array([1.5], dtype=float32)
    """
    y_true, y_pred = same_shape(y_true, y_pred, "mean_absolute_error")
    return ops.mean(ops.absolute(y_true - y_pred), axis=-1)


@measure
def mean_absolute_percentage_error(y_true: Any, y_pred: Any) -> Any:
    """Mean of `100 |y_true - y_pred| / |y_true|` over the last axis; `|y_true|` is at least epsilon.

    Args:
        y_true: Labels, of the shape of `y_pred`.
        y_pred: Predictions of shape `(batch, ..., d)`.

    Returns:
        A float tensor of shape `(batch, ...)`, in percent.

    Raises:
        ValueError: If the shapes do not fit.

    Example:
        >>> import addax as keras
        >>> keras.losses.mean_absolute_percentage_error([[2.0, 4.0]], [[1.0, 4.0]]).numpy()
        array([25.], dtype=float32)
    """
    y_true, y_pred = same_shape(y_true, y_pred, "mean_absolute_percentage_error")
    scale = ops.maximum(ops.absolute(y_true), epsilon())
    return 100.0 * ops.mean(ops.absolute((y_true - y_pred) / scale), axis=-1)


@measure
def mean_squared_logarithmic_error(y_true: Any, y_pred: Any) -> Any:
    """Mean of `(log(1 + y_true) - log(1 + y_pred))**2` over the last axis; both are at least epsilon.

    Args:
        y_true: Labels, of the shape of `y_pred`.
        y_pred: Predictions of shape `(batch, ..., d)`.

    Returns:
        A float tensor of shape `(batch, ...)`.

    Raises:
        ValueError: If the shapes do not fit.

    Example:
        >>> import addax as keras
        >>> keras.losses.mean_squared_logarithmic_error([[0.0]], [[1.0]]).numpy().round(4)
        array([0.4805], dtype=float32)
    """
    y_true, y_pred = same_shape(y_true, y_pred, "mean_squared_logarithmic_error")
    logs = [ops.log1p(ops.maximum(y, epsilon())) for y in (y_true, y_pred)]
    return ops.mean(ops.square(logs[1] - logs[0]), axis=-1)


@measure
def huber(y_true: Any, y_pred: Any, delta: float = 1.0) -> Any:
    """Mean over the last axis of a loss that is squared near zero and linear further out.

    With `e = y_pred - y_true`: `e**2 / 2` where `|e| <= delta`, else `delta |e| - delta**2 / 2`
    (Huber, "Robust Estimation of a Location Parameter", 1964).

    Args:
        y_true: Labels, of the shape of `y_pred`.
        y_pred: Predictions of shape `(batch, ..., d)`.
        delta: Where the linear part begins.

    Returns:
        A float tensor of shape `(batch, ...)`.

    Raises:
        ValueError: If the shapes do not fit.

    Example:
        >>> import addax as keras
        >>> keras.losses.huber([[0.0, 0.0]], [[1.0, 3.0]]).numpy()
        array([1.5], dtype=float32)
    """
    y_true, y_pred = same_shape(y_true, y_pred, "huber")
    error = y_pred - y_true
    size = ops.absolute(error)
    return ops.mean(ops.where(size <= delta, 0.5 * ops.square(error), delta * size - 0.5 * delta**2), axis=-1)


@measure
def log_cosh(y_true: Any, y_pred: Any) -> Any:
    """Mean of `log(cosh(y_pred - y_true))` over the last axis: close to the square for small errors.

    Args:
        y_true: Labels, of the shape of `y_pred`.
        y_pred: Predictions of shape `(batch, ..., d)`.

    Returns:
        A float tensor of shape `(batch, ...)`.

    Raises:
        ValueError: If the shapes do not fit.

    Example:
        >>> import addax as keras
        >>> keras.losses.log_cosh([[0.0, 0.0]], [[0.0, 2.0]]).numpy().round(4)
        array([0.6625], dtype=float32)
    """
    y_true, y_pred = same_shape(y_true, y_pred, "log_cosh")
    error = y_pred - y_true
    # log cosh e = e + softplus(-2 e) - log 2, which never overflows
    return ops.mean(error + ops.softplus(-2.0 * error) - math.log(2.0), axis=-1)


@measure
def poisson(y_true: Any, y_pred: Any) -> Any:
    """Mean of `y_pred - y_true log(y_pred + epsilon)` over the last axis.

    Args:
        y_true: Counts, of the shape of `y_pred`.
        y_pred: Predicted rates of shape `(batch, ..., d)`, positive.

    Returns:
        A float tensor of shape `(batch, ...)`.

    Raises:
        ValueError: If the shapes do not fit.

    Example:
        >>> import addax as keras
        >>> keras.losses.poisson([[0.0, 2.0]], [[1.0, 1.0]]).numpy().round(4)
        array([1.], dtype=float32)
    """
    y_true, y_pred = same_shape(y_true, y_pred, "poisson")
    return ops.mean(y_pred - y_true * ops.log(y_pred + epsilon()), axis=-1)


@measure
def kl_divergence(y_true: Any, y_pred: Any) -> Any:
    """Kullback-Leibler divergence: sum of `y_true log(y_true / y_pred)` over the last axis.

    Args:
        y_true: Probabilities, of the shape of `y_pred`; clipped to `[epsilon, 1]`.
        y_pred: Predicted probabilities of shape `(batch, ..., d)`, clipped likewise.

    Returns:
        A float tensor of shape `(batch, ...)`.

    Raises:
        ValueError: If the shapes do not fit.

    Example:
        >>> import addax as keras
        >>> keras.losses.kl_divergence([[0.5, 0.5]], [[0.25, 0.75]]).numpy().round(4)
        array([0.1438], dtype=float32)
    """
    y_true, y_pred = same_shape(y_true, y_pred, "kl_divergence", "categorical")
    y_true, y_pred = ops.clip(y_true, epsilon(), 1.0), ops.clip(y_pred, epsilon(), 1.0)
    return ops.sum(y_true * ops.log(y_true / y_pred), axis=-1)


def unit_vectors(x: Any, axis: Any) -> Any:
    """The tensor divided by its norm along an axis; zero vectors stay zero, with a finite gradient."""
    return x * ops.rsqrt(ops.maximum(ops.sum(ops.square(x), axis=axis, keepdims=True), epsilon() ** 2))


@measure
def cosine_similarity(y_true: Any, y_pred: Any, axis: int = -1) -> Any:
    """Negative cosine of the angle between labels and predictions: -1 is the same direction, 1 the opposite.

    Args:
        y_true: Labels, of the shape of `y_pred`.
        y_pred: Predictions of shape `(batch, ..., d)`.
        axis: The axis of the vectors.

    Returns:
        A float tensor of the shape of `y_pred` without `axis`.

    Raises:
        ValueError: If the shapes do not fit.

    Example:
        >>> import addax as keras
        >>> keras.losses.cosine_similarity([[0.0, 1.0]], [[0.0, 3.0]]).numpy()
        array([-1.], dtype=float32)
    """
    y_true, y_pred = same_shape(y_true, y_pred, "cosine_similarity")
    return -ops.sum(unit_vectors(y_true, axis) * unit_vectors(y_pred, axis), axis=axis)
