"""Cross-entropies over classes that exclude each other."""

from __future__ import annotations

import warnings
from typing import Any

from addax import ops
from addax.core.config import epsilon
from addax.core.errors import message
from addax.measures._arrays import measure
from addax.measures._shapes import class_ids, same_shape
from addax.measures._weights import with_mask


def _prepared(y_true: Any, y_pred: Any, label_smoothing: float, axis: int, name: str) -> tuple[Any, Any]:
    if isinstance(axis, bool):  # a positional argument too many
        raise ValueError(message(f"{name}: `axis` must be an integer.", received=axis))
    y_true, y_pred = same_shape(y_true, y_pred, name, "categorical")
    if y_pred.shape[axis] == 1:
        warnings.warn(
            f"{name}: y_pred of shape {tuple(y_pred.shape)} has a single class, so its loss is always zero. "
            "Use binary_crossentropy for two classes in one output.",
            SyntaxWarning,
            stacklevel=4,
        )
    if label_smoothing:
        classes = y_pred.shape[axis]
        y_true = y_true * (1.0 - label_smoothing) + label_smoothing / classes
    return y_true, y_pred


@measure
def categorical_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1
) -> Any:
    """Cross-entropy `-sum(y_true log p)` between one-hot labels and predicted probabilities.

    Args:
        y_true: One-hot labels (or probabilities), of the shape of `y_pred`.
        y_pred: Probabilities of shape `(batch, ..., classes)`, scaled to sum to one, or logits.
        from_logits: Whether `y_pred` holds logits.
        label_smoothing: From 0 to 1; draws labels towards the uniform distribution.
        axis: The axis of classes.

    Returns:
        A float tensor of the shape of `y_pred` without `axis`.

    Raises:
        ValueError: If the shapes do not fit; integer labels belong to `sparse_categorical_crossentropy`.

    Example:
        >>> import addax as keras
        >>> keras.losses.categorical_crossentropy([[0, 1, 0]], [[0.25, 0.5, 0.25]]).numpy().round(4)
        array([0.6931], dtype=float32)
    """
    y_true, y_pred = _prepared(y_true, y_pred, label_smoothing, axis, "categorical_crossentropy")
    return ops.categorical_crossentropy(y_true, y_pred, from_logits=from_logits, axis=axis)


@measure
def categorical_focal_crossentropy(
    y_true: Any,
    y_pred: Any,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Any:
    """Categorical cross-entropy in which easy examples count less, by `alpha (1 - p)**gamma`.

    Args:
        y_true: One-hot labels, of the shape of `y_pred`.
        y_pred: Probabilities of shape `(batch, ..., classes)`, scaled to sum to one, or logits.
        alpha: A factor, or one for each class.
        gamma: The focusing exponent (Lin et al., "Focal Loss for Dense Object Detection", 2018).
        from_logits: Whether `y_pred` holds logits.
        label_smoothing: From 0 to 1; draws labels towards the uniform distribution.
        axis: The axis of classes.

    Returns:
        A float tensor of the shape of `y_pred` without `axis`.

    Raises:
        ValueError: If the shapes do not fit.

    Example:
        >>> import addax as keras
        >>> keras.losses.categorical_focal_crossentropy([[0, 1]], [[0.5, 0.5]]).numpy().round(4)
        array([0.0433], dtype=float32)
    """
    y_true, y_pred = _prepared(y_true, y_pred, label_smoothing, axis, "categorical_focal_crossentropy")
    if from_logits:
        y_pred = ops.softmax(y_pred, axis=axis)
    p = ops.clip(y_pred / ops.sum(y_pred, axis=axis, keepdims=True), epsilon(), 1.0 - epsilon())
    weights = ops.multiply(ops.power(1.0 - p, gamma), alpha)
    return -ops.sum(weights * y_true * ops.log(p), axis=axis)


@measure(takes_class_ids=True)
def sparse_categorical_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, ignore_class: int | None = None, axis: int = -1
) -> Any:
    """Cross-entropy `-log p[y_true]` between integer labels and predicted probabilities.

    Args:
        y_true: Integer labels of the shape of `y_pred` without `axis` (or with size 1 there).
        y_pred: Probabilities of shape `(batch, ..., classes)`, scaled to sum to one, or logits.
        from_logits: Whether `y_pred` holds logits.
        ignore_class: A label that gives zero and that means leave out, such as -1 or 255; or None.
        axis: The axis of classes.

    Returns:
        A float tensor of the shape of `y_pred` without `axis`.

    Raises:
        ValueError: If the shapes do not fit; one-hot labels belong to `categorical_crossentropy`.

    Example:
        >>> import addax as keras
        >>> keras.losses.sparse_categorical_crossentropy([1, 2], [[0.5, 0.5, 0], [0, 0, 1]]).numpy().round(4)
        array([0.6931, 0.    ], dtype=float32)
    """
    labels = class_ids(y_true, y_pred, "sparse_categorical_crossentropy", axis)
    if axis not in (-1, len(y_pred.shape) - 1):
        y_pred = ops.moveaxis(y_pred, axis, -1)
    if ignore_class is None:
        return ops.sparse_categorical_crossentropy(labels, y_pred, from_logits=from_logits)
    valid = labels != ignore_class
    # Probabilities of ignored places may be NaN or zero; the gradient must not see them.
    y_pred = ops.where(ops.expand_dims(valid, -1), y_pred, 0.0 if from_logits else 1.0)
    loss = ops.sparse_categorical_crossentropy(ops.where(valid, labels, 0), y_pred, from_logits=from_logits)
    return with_mask(ops.where(valid, loss, 0.0), valid)


@measure(takes_class_ids=True)
def categorical_generalized_cross_entropy(y_true: Any, y_pred: Any, q: float) -> Any:
    """`(1 - p[y_true]**q) / q`: between the mean absolute error (q = 1) and cross-entropy (q towards 0).

    Wrong labels harm it less than they harm cross-entropy (Zhang and Sabuncu, "Generalized Cross Entropy
    Loss for Training Deep Neural Networks with Noisy Labels", 2018).

    Args:
        y_true: Integer labels of shape `(batch, ...)`.
        y_pred: Probabilities of shape `(batch, ..., classes)`.
        q: The exponent, between 0 and 1.

    Returns:
        A float tensor of shape `(batch, ...)`.

    Raises:
        ValueError: If the shapes do not fit.

    Example:
        >>> import addax as keras
        >>> keras.losses.categorical_generalized_cross_entropy([1], [[0.75, 0.25]], 0.5).numpy()
        array([1.], dtype=float32)
    """
    labels = class_ids(y_true, y_pred, "categorical_generalized_cross_entropy")
    chosen = ops.one_hot(labels, y_pred.shape[-1], dtype=y_pred.dtype)
    return (1.0 - ops.power(ops.sum(y_pred * chosen, axis=-1), q)) / q
