"""Hinge losses: zero as soon as a prediction is right by a margin."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.measures._arrays import measure
from addax.measures._shapes import same_shape


def _signs(y_true: Any) -> Any:
    """Labels as -1 and 1, if all of them are 0 or 1."""
    binary = ops.all(ops.logical_or(y_true == 0, y_true == 1))
    return ops.where(binary, 2.0 * y_true - 1.0, y_true)


def _shortfall(y_true: Any, y_pred: Any, name: str) -> Any:
    y_true, y_pred = same_shape(y_true, y_pred, name, "binary")
    return ops.maximum(1.0 - _signs(y_true) * y_pred, 0.0)


@measure
def hinge(y_true: Any, y_pred: Any) -> Any:
    """Mean of `max(1 - y_true y_pred, 0)` over the last axis.

    Args:
        y_true: Labels -1 and 1 (or 0 and 1, which are converted), of the shape of `y_pred`.
        y_pred: Scores of shape `(batch, ..., d)`.

    Returns:
        A float tensor of shape `(batch, ...)`.

    Raises:
        ValueError: If the shapes do not fit.

    Example:
        >>> import addax as keras
        >>> keras.losses.hinge([[1.0, 0.0]], [[0.5, -2.0]]).numpy()
        array([0.25], dtype=float32)
    """
    return ops.mean(_shortfall(y_true, y_pred, "hinge"), axis=-1)


@measure
def squared_hinge(y_true: Any, y_pred: Any) -> Any:
    """Mean of `max(1 - y_true y_pred, 0)**2` over the last axis.

    Args:
        y_true: Labels -1 and 1 (or 0 and 1, which are converted), of the shape of `y_pred`.
        y_pred: Scores of shape `(batch, ..., d)`.

    Returns:
        A float tensor of shape `(batch, ...)`.

    Raises:
        ValueError: If the shapes do not fit.

    Example:
        >>> import addax as keras
        >>> keras.losses.squared_hinge([[1.0, 0.0]], [[0.5, -2.0]]).numpy()
        array([0.125], dtype=float32)
    """
    return ops.mean(ops.square(_shortfall(y_true, y_pred, "squared_hinge")), axis=-1)


@measure
def categorical_hinge(y_true: Any, y_pred: Any) -> Any:
    """`max(1 + wrong - right, 0)`: the best score of a wrong class against the score of the right one.

    Args:
        y_true: One-hot labels, of the shape of `y_pred`.
        y_pred: Scores of shape `(batch, ..., classes)`.

    Returns:
        A float tensor of shape `(batch, ...)`.

    Raises:
        ValueError: If the shapes do not fit.

    Example:
        >>> import addax as keras
        >>> keras.losses.categorical_hinge([[0.0, 1.0]], [[0.75, 1.0]]).numpy()
        array([0.75], dtype=float32)
    """
    y_true, y_pred = same_shape(y_true, y_pred, "categorical_hinge", "categorical")
    right = ops.sum(y_true * y_pred, axis=-1)
    wrong = ops.max((1.0 - y_true) * y_pred, axis=-1)
    return ops.maximum(wrong - right + 1.0, 0.0)
