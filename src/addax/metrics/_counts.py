"""True and false positives and negatives at thresholds, counted in one operation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from addax import measures, ops
from addax.core import serial
from addax.core.config import epsilon
from addax.core.errors import message
from addax.engine import op
from addax.engine._jax import jnp, lax
from addax.measures._weights import mask_weights
from addax.metrics._base import Metric, zeros

KINDS = ("true_positives", "false_positives", "true_negatives", "false_negatives")
NEVER_CHOSEN = -1e10  # the score of what is not among the top k


def standardize_thresholds(thresholds: Any, default: float = 0.5) -> list[float]:
    """Thresholds as a list.

    Args:
        thresholds: A number, a list of numbers, or None for `default`.
        default: The threshold of None.

    Raises:
        ValueError: If one is not in [0, 1].
    """
    if thresholds is None:
        return [default]
    found = list(thresholds) if isinstance(thresholds, (list, tuple, np.ndarray)) else [thresholds]
    wrong = [t for t in found if t is None or not 0 <= t <= 1]
    if wrong:
        raise ValueError(
            message("Thresholds are out of range.", expected="numbers in [0, 1]", received=wrong)
        )
    return found


def evenly_spaced(thresholds: Sequence[float]) -> bool:
    """Whether thresholds go from 0 to 1 in equal steps, so that a bucket is found by multiplication."""
    count = len(thresholds)
    return count > 2 and bool(np.allclose(thresholds, np.arange(count) / (count - 1), atol=epsilon()))


def thresholds_between(count: int) -> list[float]:
    """`count - 2` thresholds in equal steps between 0 and 1, without these two."""
    serial.make_room((count,), "float32")  # a file may name any count
    return [(i + 1) / (count - 1) for i in range(count - 2)]


@op(static=("even", "by_label"))
def confusion_counts(
    y_true: Any, y_pred: Any, weights: Any, thresholds: Any, even: bool, by_label: bool
) -> Any:
    """Weights of true positives, false positives, true negatives and false negatives at each threshold.

    Args:
        y_true: Labels 0 and 1 of any shape; of shape `(batch, labels)` if `by_label`.
        y_pred: Predictions of the same shape.
        weights: Weights of the same shape, or None.
        thresholds: The thresholds, of shape `(n,)`.
        even: Whether the thresholds go from 0 to 1 in equal steps.
        by_label: Whether each column is counted by itself.

    Returns:
        Four arrays of shape `(n,)`, or `(n, labels)`.
    """
    columns = jnp.shape(y_pred)[1] if by_label else 1
    y_true, y_pred = jnp.reshape(y_true, (-1, columns)), jnp.reshape(y_pred, (-1, columns))
    label = (y_true != 0).astype(thresholds.dtype)
    weights = jnp.ones_like(label) if weights is None else jnp.reshape(weights, (-1, columns))
    true, false = label * weights, (1 - label) * weights
    count = _count_buckets if even else _count_all
    tp, fp = count(y_pred, thresholds, true), count(y_pred, thresholds, false)
    counts = (tp, fp, jnp.sum(false, axis=0) - fp, jnp.sum(true, axis=0) - tp)
    return counts if by_label else tuple(c[:, 0] for c in counts)


def _count_all(y_pred: Any, thresholds: Any, weights: Any) -> Any:
    """Weight of what exceeds each threshold, by comparing everything with everything."""
    above = (y_pred[None] > thresholds[:, None, None]).astype(weights.dtype)
    return jnp.einsum("tnc,nc->tc", above, weights, precision=lax.Precision.HIGHEST)


def _count_buckets(y_pred: Any, thresholds: Any, weights: Any) -> Any:
    """Weight of what exceeds each threshold, by a histogram and its running sum from above."""
    count, columns = thresholds.shape[0], y_pred.shape[1]
    bucket = jnp.ceil(jnp.clip(y_pred, 0, 1) * (count - 1)) - 1
    bucket = jnp.where(thresholds[0] < 0, jnp.maximum(bucket, 0), bucket).astype(jnp.int32)
    bucket = jnp.where(bucket < 0, count, bucket)  # beyond the end: dropped
    column = jnp.broadcast_to(jnp.arange(columns), bucket.shape)
    histogram = jnp.zeros((count, columns), weights.dtype).at[bucket, column].add(weights, mode="drop")
    return lax.cumsum(histogram, axis=0, reverse=True)


def _only_top_k(y_pred: Any, k: int) -> Any:
    """The scores with all but the `k` largest of the last axis far below every threshold."""
    _, chosen = ops.top_k(y_pred, k)
    is_chosen = ops.any(ops.one_hot(chosen, y_pred.shape[-1], dtype="bool"), axis=-2)
    return ops.where(is_chosen, y_pred, NEVER_CHOSEN)


class ConfusionMetric(Metric):
    """Base of the metrics that accumulate some of the four counts at thresholds.

    Args:
        kinds: Which counts to keep, of `KINDS`.
        thresholds: The thresholds.
        top_k: How many predictions of each sample count as positive at most, or None.
        class_id: The one class that counts, or None.
        name: A name.
        dtype: The dtype of the computation.
    """

    true_positives: Any
    false_positives: Any
    true_negatives: Any
    false_negatives: Any
    _from_logits = False

    def __init__(
        self,
        kinds: Sequence[str],
        thresholds: Sequence[float],
        top_k: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        self.top_k = top_k
        self.class_id = class_id
        self._kinds = tuple(kinds)
        self._edges = np.asarray(thresholds, "float32")
        self._even = evenly_spaced(thresholds)
        self._by_label = False

    def _create(self, shape: Any) -> None:
        for kind in self._kinds:
            setattr(self, kind, self.add_variable(shape, zeros, dtype="float32", name=kind))

    def _count(self, y_true: Any, y_pred: Any, sample_weight: Any, label_weights: Any = None) -> tuple:
        """The four counts of a batch."""
        mask = measures.mask_of(y_pred)
        y_true, y_pred = self._prepared(y_true, y_pred)
        weights = mask_weights(mask, "float32", sample_weight)
        if weights is not None:
            weights = _fitted(weights, y_pred)
        if label_weights is not None:
            weights = label_weights if weights is None else weights * label_weights
        if weights is not None:
            weights = ops.broadcast_to(weights, ops.shape(y_pred))
        return confusion_counts(y_true, y_pred, weights, self._edges, self._even, self._by_label)

    def _prepared(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        y_true, y_pred = measures.as_tensor(y_true, "float32"), measures.as_tensor(y_pred, "float32")
        y_true, y_pred = measures.same_shape(y_true, y_pred, type(self).__name__, "categorical")
        if self._from_logits:
            y_pred = ops.sigmoid(y_pred)
        if self.top_k is not None:
            y_pred = _only_top_k(y_pred, self.top_k)
        if self.class_id is None:
            return y_true, y_pred
        if len(y_pred.shape) < 2 or not 0 <= self.class_id < (y_pred.shape[-1] or 0):
            raise ValueError(
                message(
                    f"{type(self).__name__}: `class_id` does not fit the predictions.",
                    expected="y_pred of shape (batch, classes) with class_id among the classes",
                    received=f"y_pred of shape {tuple(y_pred.shape)}, class_id={self.class_id}",
                )
            )
        return (y[..., self.class_id : self.class_id + 1] for y in (y_true, y_pred))  # type: ignore[return-value]

    def _add_counts(self, counts: tuple) -> None:
        for kind, count in zip(KINDS, counts, strict=True):
            if kind in self._kinds:
                getattr(self, kind).assign_add(count)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in a batch.

        Args:
            y_true: Labels 0 and 1 (or bools), of the shape of `y_pred`.
            y_pred: Predictions in [0, 1] of any shape; where their mask is false they do not count.
            sample_weight: Weights of predictions, or of samples; or None.

        Raises:
            ValueError: If the shapes do not fit.
        """
        self._add_counts(self._count(y_true, y_pred, sample_weight))

    def _ratio(self, part: str, rest: str) -> Any:
        """`part / (part + rest)`, zero where both are."""
        part, rest = getattr(self, part), getattr(self, rest)
        return ops.divide_no_nan(part, part + rest)


def _fitted(weights: Any, y_pred: Any) -> Any:
    """Weights that broadcast to the predictions; one for each sample if they are of rank 1."""
    if len(weights.shape) > len(y_pred.shape) and weights.shape[-1] == 1:
        return ops.squeeze(weights, -1)
    if len(y_pred.shape) == len(weights.shape):
        return measures.fit_weights(y_pred, weights)[1]
    fitted = weights
    while 0 < len(fitted.shape) < len(y_pred.shape):
        fitted = ops.expand_dims(fitted, -1)
    return measures.fit_weights(y_pred, fitted)[1]
