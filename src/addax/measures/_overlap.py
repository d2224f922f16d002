"""How much two regions of an image have in common, for segmentation."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.core.config import epsilon
from addax.measures._arrays import measure
from addax.measures._shapes import same_shape


@measure
def dice(y_true: Any, y_pred: Any, axis: int | tuple[int, ...] | None = None) -> Any:
    """One minus the Dice coefficient, `1 - 2 sum(y_true y_pred) / (sum(y_true) + sum(y_pred))`.

    Args:
        y_true: Labels 0 and 1, of the shape of `y_pred`.
        y_pred: Probabilities of shape `(batch, ...)`.
        axis: The axes of one region; all of them if None.

    Returns:
        A float tensor of the shape of `y_pred` without `axis`; a scalar for None.

    Raises:
        ValueError: If the shapes do not fit.

    Example:
        >>> import addax as keras
        >>> keras.losses.dice([[1.0, 0.0], [1.0, 0.0]], [[1.0, 1.0], [1.0, 0.0]], axis=1).numpy().round(4)
        array([0.3333, 0.    ], dtype=float32)
    """
    y_true, y_pred = same_shape(y_true, y_pred, "dice")
    common = ops.sum(y_true * y_pred, axis=axis)
    return 1.0 - 2.0 * common / (ops.sum(y_true, axis=axis) + ops.sum(y_pred, axis=axis) + epsilon())


@measure
def tversky(
    y_true: Any, y_pred: Any, alpha: float = 0.5, beta: float = 0.5, axis: int | tuple[int, ...] | None = None
) -> Any:
    """One minus the Tversky index, a Dice coefficient that weighs the two kinds of error.

    `1 - c / (c + alpha sum((1 - y_pred) y_true) + beta sum(y_pred (1 - y_true)))` with
    `c = sum(y_true y_pred)` (Salehi et al., "Tversky loss function for image segmentation", 2017).

    Args:
        y_true: Labels 0 and 1, of the shape of `y_pred`.
        y_pred: Probabilities of shape `(batch, ...)`.
        alpha: The weight of what the prediction misses.
        beta: The weight of what it adds.
        axis: The axes of one region; all of them if None.

    Returns:
        A float tensor of the shape of `y_pred` without `axis`; a scalar for None.

    Raises:
        ValueError: If the shapes do not fit.

    Example:
        >>> import addax as keras
        >>> round(float(keras.losses.tversky([[1.0, 0.0]], [[1.0, 1.0]], beta=1.0)), 4)
        0.5
    """
    y_true, y_pred = same_shape(y_true, y_pred, "tversky")
    common = ops.sum(y_true * y_pred, axis=axis)
    missed = ops.sum((1.0 - y_pred) * y_true, axis=axis)
    added = ops.sum(y_pred * (1.0 - y_true), axis=axis)
    return 1.0 - common / (common + missed * alpha + added * beta + epsilon())
