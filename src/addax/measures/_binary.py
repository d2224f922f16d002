"""Cross-entropies of independent yes-or-no labels."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.measures._arrays import measure
from addax.measures._shapes import same_shape


def _prepared(y_true: Any, y_pred: Any, label_smoothing: float, name: str) -> tuple[Any, Any]:
    y_true, y_pred = same_shape(y_true, y_pred, name, "binary")
    if label_smoothing:
        y_true = y_true * (1.0 - label_smoothing) + 0.5 * label_smoothing
    return y_true, y_pred


@measure
def binary_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1
) -> Any:
    """Mean cross-entropy `-y log p - (1 - y) log(1 - p)` of yes-or-no labels.

    Args:
        y_true: Labels 0 and 1, of the shape of `y_pred`.
        y_pred: Probabilities of shape `(batch, ..., d)`, or logits.
        from_logits: Whether `y_pred` holds logits.
        label_smoothing: From 0 to 1; draws labels towards 0.5.
        axis: The axis that the mean is taken over.

    Returns:
        A float tensor of the shape of `y_pred` without `axis`.

    Raises:
        ValueError: If the shapes do not fit.

    Example:
        >>> import addax as keras
        >>> keras.losses.binary_crossentropy([[0, 1]], [[0.5, 0.5]]).numpy().round(4)
        array([0.6931], dtype=float32)
    """
    y_true, y_pred = _prepared(y_true, y_pred, label_smoothing, "binary_crossentropy")
    return ops.mean(ops.binary_crossentropy(y_true, y_pred, from_logits=from_logits), axis=axis)


@measure
def binary_focal_crossentropy(
    y_true: Any,
    y_pred: Any,
    apply_class_balancing: bool = False,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Any:
    """Binary cross-entropy in which easy examples count less, by `(1 - p_t)**gamma`.

    `p_t` is the probability that the prediction gives to the label (Lin et al., "Focal Loss for Dense
    Object Detection", 2018).

    Args:
        y_true: Labels 0 and 1, of the shape of `y_pred`.
        y_pred: Probabilities of shape `(batch, ..., d)`, or logits.
        apply_class_balancing: Whether label 1 is weighted by `alpha` and label 0 by `1 - alpha`.
        alpha: The weight of label 1.
        gamma: The focusing exponent.
        from_logits: Whether `y_pred` holds logits.
        label_smoothing: From 0 to 1; draws labels towards 0.5.
        axis: The axis that the mean is taken over.

    Returns:
        A float tensor of the shape of `y_pred` without `axis`.

    Raises:
        ValueError: If the shapes do not fit.

    Example:
        >>> import addax as keras
        >>> keras.losses.binary_focal_crossentropy([[0, 1]], [[0.5, 0.5]]).numpy().round(4)
        array([0.1733], dtype=float32)
    """
    y_true, y_pred = _prepared(y_true, y_pred, label_smoothing, "binary_focal_crossentropy")
    if from_logits:
        y_pred = ops.sigmoid(y_pred)
    likelihood = y_true * y_pred + (1.0 - y_true) * (1.0 - y_pred)
    loss = ops.power(1.0 - likelihood, gamma) * ops.binary_crossentropy(y_true, y_pred)
    if apply_class_balancing:
        loss = loss * (y_true * alpha + (1.0 - y_true) * (1.0 - alpha))
    return ops.mean(loss, axis=axis)
