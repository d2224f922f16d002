"""F-scores: precision and recall in one number."""

from __future__ import annotations

from typing import Any

from addax import measures, ops
from addax.core.config import epsilon
from addax.core.errors import message
from addax.measures._weights import mask_weights
from addax.metrics._base import Metric, zeros

_COUNTS = ("true_positives", "false_positives", "false_negatives", "intermediate_weights")


class FBetaScore(Metric):
    """Weighted harmonic mean of precision and recall, `(1 + b**2) p r / (b**2 p + r)`, for each class.

    Args:
        average: How classes are combined: None (one score for each), `"micro"` (counts of all classes
            together), `"macro"` (plain mean) or `"weighted"` (mean weighted by the number of labels).
        beta: The weight `b` of recall against precision, a float above 0.
        threshold: What a prediction of 1 must exceed, a float in (0, 1]; if None, the largest prediction of
            each sample is 1.
        name: A name.
        dtype: The dtype of the computation.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> import addax as keras
        >>> m = keras.metrics.FBetaScore(beta=2.0, threshold=0.5)
        >>> m.update_state([[1, 1], [1, 0]], [[0.2, 0.6], [0.6, 0.8]])
        >>> m.result().numpy().round(4)
        array([0.5556, 0.8333], dtype=float32)
    """

    _direction = "up"

    def __init__(
        self,
        average: str | None = None,
        beta: float = 1.0,
        threshold: float | None = None,
        name: str | None = "fbeta_score",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        if average not in (None, "micro", "macro", "weighted"):
            raise ValueError(
                message(
                    "Unknown `average`.", expected='None, "micro", "macro" or "weighted"', received=average
                )
            )
        if not isinstance(beta, float) or beta <= 0:
            raise ValueError(message("`beta` is out of range.", expected="a float above 0", received=beta))
        if threshold is not None and (not isinstance(threshold, float) or not 0 < threshold <= 1):
            raise ValueError(
                message("`threshold` is out of range.", expected="a float in (0, 1]", received=threshold)
            )
        self.average = average
        self.beta = beta
        self.threshold = threshold
        self._built = False

    def _build(self, y_pred: Any) -> None:
        if len(y_pred.shape) != 2 or y_pred.shape[1] is None:
            raise ValueError(
                message(
                    f"{type(self).__name__}: the predictions do not fit.",
                    expected="y_true and y_pred of shape (batch, classes)",
                    received=f"y_pred of shape {tuple(y_pred.shape)}",
                )
            )
        shape = () if self.average == "micro" else (y_pred.shape[1],)
        for name in _COUNTS:
            setattr(self, name, self.add_variable(shape, zeros, dtype=self.dtype, name=name))
        self._built = True

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in a batch.

        Args:
            y_true: Labels 0 and 1 of shape `(batch, classes)`.
            y_pred: Probabilities of shape `(batch, classes)`.
            sample_weight: A weight for each sample, or None.

        Raises:
            ValueError: If the shapes do not fit.
        """
        mask = measures.mask_of(y_pred)
        y_true, y_pred = measures.as_tensor(y_true, self.dtype), measures.as_tensor(y_pred, self.dtype)
        y_true, y_pred = measures.same_shape(y_true, y_pred, type(self).__name__, "categorical")
        if not self._built:
            self._build(y_pred)
        chosen = ops.cast(self._chosen(y_pred), self.dtype)
        weights = mask_weights(mask, self.dtype, sample_weight)
        if weights is not None:
            y_pred, weights = measures.fit_weights(y_pred, weights)
        axis = None if self.average == "micro" else 0
        counts = (chosen * y_true, chosen * (1.0 - y_true), (1.0 - chosen) * y_true, y_true)
        for name, count in zip(_COUNTS, counts, strict=True):
            getattr(self, name).assign_add(ops.sum(count if weights is None else count * weights, axis=axis))

    def _chosen(self, y_pred: Any) -> Any:
        """Which predictions are 1."""
        if self.threshold is not None:
            return y_pred > self.threshold
        largest = ops.max(y_pred, axis=-1, keepdims=True)
        return ops.logical_and(y_pred >= largest, ops.absolute(y_pred) > 1e-9)

    def result(self) -> Any:
        """The score: a scalar, or one number for each class if `average` is None."""
        if not self._built:
            return ops.convert_to_tensor(0.0, self.dtype)
        tp, fp, fn, weights = (getattr(self, name).value for name in _COUNTS)
        precision = tp / (tp + fp + epsilon())
        recall = tp / (tp + fn + epsilon())
        square = self.beta**2
        score = (1.0 + square) * precision * recall / (square * precision + recall + epsilon())
        if self.average == "weighted":
            return ops.sum(score * weights / (ops.sum(weights) + epsilon()))
        return score if self.average is None else ops.mean(score)

    def get_config(self) -> dict[str, Any]:
        """The arguments that `from_config` takes."""
        own = {"average": self.average, "beta": self.beta, "threshold": self.threshold}
        return {**super().get_config(), **own}


class F1Score(FBetaScore):
    """Harmonic mean of precision and recall, `2 p r / (p + r)`, for each class.

    Args:
        average: How classes are combined: None (one score for each), `"micro"` (counts of all classes
            together), `"macro"` (plain mean) or `"weighted"` (mean weighted by the number of labels).
        threshold: What a prediction of 1 must exceed, a float in (0, 1]; if None, the largest prediction of
            each sample is 1.
        name: A name.
        dtype: The dtype of the computation.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> import addax as keras
        >>> m = keras.metrics.F1Score(threshold=0.5)
        >>> m([[1, 1], [1, 0]], [[0.2, 0.6], [0.6, 0.8]]).numpy().round(4)
        array([0.6667, 0.6667], dtype=float32)
    """

    def __init__(
        self,
        average: str | None = None,
        threshold: float | None = None,
        name: str | None = "f1_score",
        dtype: Any = None,
    ) -> None:
        super().__init__(average=average, beta=1.0, threshold=threshold, name=name, dtype=dtype)

    def get_config(self) -> dict[str, Any]:
        """The arguments that `from_config` takes."""
        config = super().get_config()
        del config["beta"]
        return config
