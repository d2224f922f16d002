"""`tf.compat.v1.losses`: losses as one number, the mean over the elements whose weight is not zero."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.core.errors import message
from addax.tf import nn as _nn


class Reduction:
    """What becomes of the losses of the elements."""

    NONE = "none"
    SUM = "weighted_sum"
    MEAN = "weighted_mean"
    SUM_OVER_BATCH_SIZE = "weighted_sum_over_batch_size"
    SUM_BY_NONZERO_WEIGHTS = "weighted_sum_by_nonzero_weights"
    SUM_OVER_NONZERO_WEIGHTS = SUM_BY_NONZERO_WEIGHTS


def compute_weighted_loss(
    losses: Any,
    weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: Any = None,
    reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS,
) -> Any:
    """Losses of elements, weighted and reduced.

    Args:
        losses: The losses.
        weights: A number, or weights that broadcast to the losses.
        scope: Accepted for TensorFlow's sake.
        loss_collection: Accepted for TensorFlow's sake; there are no collections.
        reduction: A member of `Reduction`.

    Raises:
        ValueError: For an unknown `reduction`.
    """
    losses = ops.convert_to_tensor(losses)
    weights = ops.broadcast_to(ops.cast(weights, losses.dtype), losses.shape)
    weighted = losses * weights
    total = ops.sum(weighted)
    if reduction == Reduction.NONE:
        return weighted
    if reduction == Reduction.SUM:
        return total
    if reduction == Reduction.MEAN:
        return ops.divide_no_nan(total, ops.sum(weights))
    if reduction == Reduction.SUM_OVER_BATCH_SIZE:
        return total / ops.cast(ops.size(losses), losses.dtype)
    if reduction == Reduction.SUM_BY_NONZERO_WEIGHTS:
        return ops.divide_no_nan(total, ops.cast(ops.sum(ops.cast(weights != 0, "int32")), losses.dtype))
    raise ValueError(
        message(
            "Unknown reduction.", expected="a member of tf.compat.v1.losses.Reduction", received=reduction
        )
    )


def _pair(labels: Any, predictions: Any) -> tuple[Any, Any]:
    predictions = ops.convert_to_tensor(predictions)
    return ops.cast(labels, predictions.dtype), predictions


def absolute_difference(labels: Any, predictions: Any, weights: Any = 1.0, **options: Any) -> Any:
    """Absolute differences.

    Args:
        labels: What is right.
        predictions: What was predicted, of the same shape.
        weights: As in `compute_weighted_loss`.
        **options: As in `compute_weighted_loss`.
    """
    labels, predictions = _pair(labels, predictions)
    return compute_weighted_loss(ops.abs(predictions - labels), weights, **options)


def mean_squared_error(labels: Any, predictions: Any, weights: Any = 1.0, **options: Any) -> Any:
    """Squared differences.

    Args:
        labels: What is right.
        predictions: What was predicted, of the same shape.
        weights: As in `compute_weighted_loss`.
        **options: As in `compute_weighted_loss`.

    Example:
        >>> import addax.tf as tf
        >>> float(tf.compat.v1.losses.mean_squared_error([1.0, 2.0], [1.0, 4.0]))
        2.0
    """
    labels, predictions = _pair(labels, predictions)
    return compute_weighted_loss(ops.square(predictions - labels), weights, **options)


def huber_loss(labels: Any, predictions: Any, weights: Any = 1.0, delta: float = 1.0, **options: Any) -> Any:
    """Squared differences up to `delta`, straight lines beyond.

    Args:
        labels: What is right.
        predictions: What was predicted, of the same shape.
        weights: As in `compute_weighted_loss`.
        delta: Where the line begins.
        **options: As in `compute_weighted_loss`.
    """
    labels, predictions = _pair(labels, predictions)
    error = ops.abs(predictions - labels)
    square = ops.minimum(error, delta)
    return compute_weighted_loss(0.5 * square * square + delta * (error - square), weights, **options)


def log_loss(labels: Any, predictions: Any, weights: Any = 1.0, epsilon: float = 1e-7, **options: Any) -> Any:
    """The cross-entropy of probabilities.

    Args:
        labels: 0 or 1.
        predictions: Probabilities of the same shape.
        weights: As in `compute_weighted_loss`.
        epsilon: Added within the logarithms.
        **options: As in `compute_weighted_loss`.
    """
    labels, predictions = _pair(labels, predictions)
    right, wrong = ops.log(predictions + epsilon), ops.log(1 - predictions + epsilon)
    return compute_weighted_loss(-labels * right - (1 - labels) * wrong, weights, **options)


def hinge_loss(labels: Any, logits: Any, weights: Any = 1.0, **options: Any) -> Any:
    """By how much scores fall short of one on the right side.

    Args:
        labels: 0 or 1.
        logits: Scores of the same shape.
        weights: As in `compute_weighted_loss`.
        **options: As in `compute_weighted_loss`.
    """
    labels, logits = _pair(labels, logits)
    return compute_weighted_loss(ops.relu(1 - (2 * labels - 1) * logits), weights, **options)


def sigmoid_cross_entropy(
    multi_class_labels: Any, logits: Any, weights: Any = 1.0, label_smoothing: float = 0, **options: Any
) -> Any:
    """The cross-entropy of independent classes.

    Args:
        multi_class_labels: 0 or 1.
        logits: Scores of the same shape.
        weights: As in `compute_weighted_loss`.
        label_smoothing: How far labels are moved towards 1/2.
        **options: As in `compute_weighted_loss`.
    """
    labels, logits = _pair(multi_class_labels, logits)
    labels = labels * (1 - label_smoothing) + 0.5 * label_smoothing
    found = _nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits)
    return compute_weighted_loss(found, weights, **options)


def softmax_cross_entropy(
    onehot_labels: Any, logits: Any, weights: Any = 1.0, label_smoothing: float = 0, **options: Any
) -> Any:
    """The cross-entropy of classes that exclude each other.

    Args:
        onehot_labels: Probabilities of the classes, of shape `(batch, classes)`.
        logits: Scores of the same shape.
        weights: As in `compute_weighted_loss`.
        label_smoothing: How far labels are moved towards equal ones.
        **options: As in `compute_weighted_loss`.
    """
    labels, logits = _pair(onehot_labels, logits)
    if label_smoothing:
        labels = labels * (1 - label_smoothing) + label_smoothing / labels.shape[1]
    found = _nn.softmax_cross_entropy_with_logits(ops.stop_gradient(labels), logits)
    return compute_weighted_loss(found, weights, **options)


def sparse_softmax_cross_entropy(labels: Any, logits: Any, weights: Any = 1.0, **options: Any) -> Any:
    """The same, of numbers of classes.

    Args:
        labels: Numbers of shape `(batch,)` or `(batch, 1)`.
        logits: Scores of shape `(batch, classes)`.
        weights: As in `compute_weighted_loss`.
        **options: As in `compute_weighted_loss`.
    """
    labels = ops.convert_to_tensor(labels)
    if len(labels.shape) == len(ops.convert_to_tensor(logits).shape):
        labels = ops.squeeze(labels, -1)
    found = _nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
    return compute_weighted_loss(found, weights, **options)


__all__ = [
    "Reduction",
    "absolute_difference",
    "compute_weighted_loss",
    "hinge_loss",
    "huber_loss",
    "log_loss",
    "mean_squared_error",
    "sigmoid_cross_entropy",
    "softmax_cross_entropy",
    "sparse_softmax_cross_entropy",
]
