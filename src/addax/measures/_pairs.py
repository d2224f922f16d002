"""Similarity learning: every sample against every other."""

from __future__ import annotations

import math
from typing import Any

from addax import ops
from addax.core.errors import message
from addax.measures._arrays import as_tensor, measure
from addax.measures._weights import with_mask


def _pair_masks(labels: Any, others: Any, remove_diagonal: bool) -> tuple[Any, Any]:
    """Which pairs are of one class, and which of two."""
    same = ops.equal(ops.reshape(labels, (-1, 1)), ops.reshape(others, (1, -1)))
    different = ops.logical_not(same)
    if remove_diagonal:
        same = ops.logical_and(same, ops.logical_not(ops.eye(same.shape[0], same.shape[1], dtype="bool")))
    return same, different


@measure(takes_class_ids=True)
def circle(
    y_true: Any,
    y_pred: Any,
    ref_labels: Any = None,
    ref_embeddings: Any = None,
    remove_diagonal: bool = True,
    gamma: float = 80,
    margin: float = 0.4,
) -> Any:
    """Circle loss: draws embeddings of one class together and pushes those of others apart.

    Each pair is weighted by how far it is from its optimum (Sun et al., "Circle Loss: A Unified Perspective
    of Pair Similarity Optimization", 2020).

    Args:
        y_true: Integer labels of shape `(batch,)` or `(batch, 1)`.
        y_pred: Embeddings of shape `(batch, d)`, of length 1 each.
        ref_labels: Labels of the embeddings to compare with; the batch itself if None.
        ref_embeddings: The embeddings to compare with, of shape `(refs, d)`; the batch itself if None.
        remove_diagonal: Whether a sample is not compared with itself.
        gamma: The scale of similarities.
        margin: How much slack a pair has.

    Returns:
        A float tensor of shape `(batch,)`, zero for a sample without pairs.

    Raises:
        ValueError: If `y_pred` is no matrix, or the labels do not fit.

    Example:
        >>> import addax as keras
        >>> keras.losses.circle([0, 0, 1], [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]).shape
        TensorShape([3])
    """
    labels = ops.cast(y_true, "int32")
    if len(y_pred.shape) != 2 or labels.shape[1:] not in ((), (1,)):
        raise ValueError(
            message(
                "circle: the labels do not fit the embeddings.",
                expected="y_true of shape (batch,) and y_pred of shape (batch, d)",
                received=f"y_true of shape {tuple(labels.shape)}, y_pred of shape {tuple(y_pred.shape)}",
                hint="labels are integers, one for each embedding.",
            )
        )
    others = y_pred if ref_embeddings is None else as_tensor(ref_embeddings, y_pred.dtype)
    other_labels = labels if ref_labels is None else as_tensor(ref_labels, "int32")
    same, different = _pair_masks(labels, other_labels, remove_diagonal)
    distance = ops.maximum(1.0 - ops.matmul(y_pred, ops.transpose(others)), 0.0)
    pull = gamma * (margin + distance) * (distance - margin)
    push = gamma * ops.maximum(1.0 + margin - distance, 0.0) * (1.0 - margin - distance)
    loss = ops.softplus(
        ops.logsumexp(ops.where(same, pull, -math.inf), axis=1)
        + ops.logsumexp(ops.where(different, push, -math.inf), axis=1)
    )
    return with_mask(loss, loss > 0)
