"""Areas under curves over all thresholds, and points on these curves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from addax import measures, ops
from addax.core.config import epsilon
from addax.core.errors import message
from addax.metrics._counts import (
    KINDS,
    ConfusionMetric,
    evenly_spaced,
    standardize_thresholds,
    thresholds_between,
)

_CURVES = ("ROC", "PR", "PRGAIN")
_SUMMATIONS = ("interpolation", "majoring", "minoring")


def _choice(value: Any, choices: Sequence[str], what: str) -> str:
    text = str(getattr(value, "value", value))
    for choice in choices:
        if text in (choice, choice.lower(), choice.capitalize()):
            return choice
    raise ValueError(message(f"Unknown `{what}`.", expected=", ".join(map(repr, choices)), received=value))


class AUC(ConfusionMetric):
    """Area under the receiver-operating-characteristic or precision-recall curve, by a Riemann sum.

    Args:
        num_thresholds: How many thresholds the curve has.
        curve: `"ROC"`, `"PR"`, or `"PRGAIN"` (precision-recall-gain, Flach and Kull 2015).
        summation_method: `"interpolation"` (trapezoids; for PR after Davis and Goadrich 2006),
            `"majoring"` or `"minoring"`.
        name: A name.
        dtype: The dtype of the computation.
        thresholds: Thresholds of your own between 0 and 1, instead of `num_thresholds`.
        multi_label: Whether each column of `(batch, labels)` has a curve of its own, which are averaged.
        num_labels: The number of columns, if `multi_label`; that of the first batch if None.
        label_weights: A weight for each column.
        from_logits: Whether predictions are logits instead of probabilities.

    Raises:
        ValueError: If an argument is out of range, or `num_labels` comes without `multi_label`.

    Example:
        >>> import addax as keras
        >>> m = keras.metrics.AUC(num_thresholds=3)
        >>> m.update_state([0, 0, 1, 1], [0, 0.5, 0.3, 0.9])
        >>> float(m.result())
        0.75
    """

    _direction = "up"

    def __init__(
        self,
        num_thresholds: int = 200,
        curve: str = "ROC",
        summation_method: str = "interpolation",
        name: str | None = None,
        dtype: Any = None,
        thresholds: Sequence[float] | None = None,
        multi_label: bool = False,
        num_labels: int | None = None,
        label_weights: Any = None,
        from_logits: bool = False,
    ) -> None:
        self.curve = _choice(curve, _CURVES, "curve")
        self.summation_method = _choice(summation_method, _SUMMATIONS, "summation_method")
        if thresholds is None and num_thresholds <= 1:
            raise ValueError(
                message("AUC needs thresholds.", expected="num_thresholds > 1", received=num_thresholds)
            )
        if num_labels and not multi_label:
            raise ValueError(
                message("`num_labels` is for multi_label=True only.", received=f"num_labels={num_labels}")
            )
        self._given = thresholds is not None
        if thresholds is None:
            inner = thresholds_between(num_thresholds)
        else:
            inner = sorted(float(t) for t in standardize_thresholds(thresholds))
        self.num_thresholds = len(inner) + 2
        # The ends take in predictions of exactly 0 and 1.
        edges = [0.0 - epsilon(), *inner, 1.0 + epsilon()]
        super().__init__(KINDS, edges, name=name, dtype=dtype)
        self._thresholds = edges
        self._even = thresholds is None or evenly_spaced([0.0, *inner, 1.0])
        self.multi_label = self._by_label = bool(multi_label)
        self.num_labels = num_labels
        self.label_weights = None if label_weights is None else np.asarray(label_weights, "float32")
        self._from_logits = bool(from_logits)
        self._built = False
        if not multi_label or num_labels:
            self._build(num_labels)

    @property
    def thresholds(self) -> list[float]:
        """The thresholds, the ends a little outside of [0, 1]."""
        return list(self._thresholds)

    def _build(self, labels: int | None) -> None:
        self._create((self.num_thresholds, labels) if self.multi_label else (self.num_thresholds,))
        self._built = True

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in a batch.

        Args:
            y_true: Labels 0 and 1 (or bools), of the shape of `y_pred`.
            y_pred: Probabilities of any shape, `(batch, labels)` if `multi_label`; or logits.
            sample_weight: Weights of predictions, or of samples; or None.

        Raises:
            ValueError: If the shapes do not fit.
        """
        if self.multi_label:
            self._check_labels(y_pred)
        label_weights = None if self.multi_label else self.label_weights
        self._add_counts(self._count(y_true, y_pred, sample_weight, label_weights))

    def _check_labels(self, y_pred: Any) -> None:
        shape = tuple(getattr(y_pred, "shape", None) or measures.as_tensor(y_pred).shape)
        known = self.true_positives.shape[1] if self._built else None
        if len(shape) != 2 or known not in (None, shape[1]):
            raise ValueError(
                message(
                    f"AUC '{self.name}' with multi_label=True: the predictions do not fit.",
                    expected=f"y_pred of shape (batch, {known or 'labels'})",
                    received=f"y_pred of shape {shape}",
                )
            )
        if not self._built:
            self._build(shape[1])

    def result(self) -> Any:
        """The area, a scalar."""
        if not self._built:
            return ops.convert_to_tensor(0.0, self.dtype)
        if self.curve == "PR" and self.summation_method == "interpolation":
            return self._average(self._interpolated())
        x, y = self._points()
        if self.summation_method == "interpolation":
            heights = (y[:-1] + y[1:]) / 2.0
        elif self.summation_method == "minoring":
            heights = ops.minimum(y[:-1], y[1:])
        else:
            heights = ops.maximum(y[:-1], y[1:])
        return self._average((x[:-1] - x[1:]) * heights)

    def _points(self) -> tuple[Any, Any]:
        """The curve, from the lowest threshold to the highest."""
        recall = self._ratio("true_positives", "false_negatives")
        if self.curve == "ROC":
            return self._ratio("false_positives", "true_negatives"), recall
        if self.curve == "PR":
            return recall, self._ratio("true_positives", "false_positives")
        tp, fp, tn, fn = (getattr(self, kind).value for kind in KINDS)
        odds = ops.divide_no_nan(tp + fn, tn + fp)
        none = tp == 0
        recall_gain = ops.where(none, 0.0, 1.0 - odds * ops.divide_no_nan(fn, tp))
        precision_gain = ops.where(none, 1.0, 1.0 - odds * ops.divide_no_nan(fp, tp))
        return ops.maximum(recall_gain, 0.0), precision_gain

    def _interpolated(self) -> Any:
        """The pieces of the area under the precision-recall curve, each counts interpolated linearly."""
        tp, fp, fn = self.true_positives.value, self.false_positives.value, self.false_negatives.value
        positive = tp + fp
        step = tp[:-1] - tp[1:]
        slope = ops.divide_no_nan(step, ops.maximum(positive[:-1] - positive[1:], 0.0))
        intercept = tp[1:] - slope * positive[1:]
        both = ops.logical_and(positive[:-1] > 0, positive[1:] > 0)
        ratio = ops.where(both, ops.divide_no_nan(positive[:-1], ops.maximum(positive[1:], 0.0)), 1.0)
        area = slope * (step + intercept * ops.log(ratio))
        return ops.divide_no_nan(area, ops.maximum(tp[1:] + fn[1:], 0.0))

    def _average(self, pieces: Any) -> Any:
        area = ops.sum(pieces, axis=0)
        if not self.multi_label:
            return area
        if self.label_weights is None:
            return ops.mean(area)
        return ops.divide_no_nan(ops.sum(area * self.label_weights), float(np.sum(self.label_weights)))

    def get_config(self) -> dict[str, Any]:
        """The arguments that `from_config` takes."""
        config = {
            **super().get_config(),
            "num_thresholds": self.num_thresholds,
            "curve": self.curve,
            "summation_method": self.summation_method,
            "multi_label": self.multi_label,
            "num_labels": self.num_labels,
            "label_weights": None if self.label_weights is None else self.label_weights.tolist(),
            "from_logits": self._from_logits,
        }
        if self._given:
            config["thresholds"] = self._thresholds[1:-1]
        return config


class _Point(ConfusionMetric):
    """The best of one rate where another rate is at least a given value."""

    _direction = "up"
    _bound: str  # the argument that holds the given value
    _bounded: tuple[str, str]
    _best: tuple[str, str]

    def __init__(
        self, value: float, num_thresholds: int, class_id: Any, name: str | None, dtype: Any
    ) -> None:
        if not 0 <= value <= 1:
            raise ValueError(
                message(f"`{self._bound}` is out of range.", expected="a number in [0, 1]", received=value)
            )
        if num_thresholds <= 0:
            raise ValueError(
                message(
                    f"{type(self).__name__} needs thresholds.",
                    expected="num_thresholds > 0",
                    received=num_thresholds,
                )
            )
        self.value = value
        setattr(self, self._bound, value)
        self.num_thresholds = num_thresholds
        one = num_thresholds == 1
        self.thresholds = [0.5] if one else [0.0, *thresholds_between(num_thresholds), 1.0]
        super().__init__(KINDS, self.thresholds, class_id=class_id, name=name, dtype=dtype)
        self._even = not one
        self._create((num_thresholds if one else len(self.thresholds),))

    def result(self) -> Any:
        """The best value found, a scalar; 0 if no threshold keeps the bound."""
        feasible = self._ratio(*self._bounded) >= self.value
        return ops.max(ops.where(feasible, self._ratio(*self._best), 0.0))

    def get_config(self) -> dict[str, Any]:
        """The arguments that `from_config` takes."""
        return {
            **super().get_config(),
            "num_thresholds": self.num_thresholds,
            self._bound: self.value,
            "class_id": self.class_id,
        }


_SENSITIVITY = _RECALL = ("true_positives", "false_negatives")
_SPECIFICITY = ("true_negatives", "false_positives")
_PRECISION = ("true_positives", "false_positives")


class SensitivityAtSpecificity(_Point):
    """The largest sensitivity `tp / (tp + fn)` at thresholds where the specificity is large enough.

    Args:
        specificity: The least specificity, in [0, 1].
        num_thresholds: How many thresholds are tried.
        class_id: The one class that counts, for predictions of shape `(batch, classes)`; or None.
        name: A name.
        dtype: The dtype of the computation.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> import addax as keras
        >>> m = keras.metrics.SensitivityAtSpecificity(0.5)
        >>> float(m([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8]))
        0.5
    """

    _bound, _bounded, _best = "specificity", _SPECIFICITY, _SENSITIVITY

    def __init__(
        self,
        specificity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(specificity, num_thresholds, class_id, name, dtype)


class SpecificityAtSensitivity(_Point):
    """The largest specificity `tn / (tn + fp)` at thresholds where the sensitivity is large enough.

    Args:
        sensitivity: The least sensitivity, in [0, 1].
        num_thresholds: How many thresholds are tried.
        class_id: The one class that counts, for predictions of shape `(batch, classes)`; or None.
        name: A name.
        dtype: The dtype of the computation.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> import addax as keras
        >>> m = keras.metrics.SpecificityAtSensitivity(0.5)
        >>> round(float(m([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8])), 4)
        0.6667
    """

    _bound, _bounded, _best = "sensitivity", _SENSITIVITY, _SPECIFICITY

    def __init__(
        self,
        sensitivity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(sensitivity, num_thresholds, class_id, name, dtype)


class PrecisionAtRecall(_Point):
    """The largest precision `tp / (tp + fp)` at thresholds where the recall is large enough.

    Args:
        recall: The least recall, in [0, 1].
        num_thresholds: How many thresholds are tried.
        class_id: The one class that counts, for predictions of shape `(batch, classes)`; or None.
        name: A name.
        dtype: The dtype of the computation.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> import addax as keras
        >>> float(keras.metrics.PrecisionAtRecall(0.5)([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8]))
        0.5
    """

    _bound, _bounded, _best = "recall", _RECALL, _PRECISION

    def __init__(
        self,
        recall: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(recall, num_thresholds, class_id, name, dtype)


class RecallAtPrecision(_Point):
    """The largest recall `tp / (tp + fn)` at thresholds where the precision is large enough.

    Args:
        precision: The least precision, in [0, 1].
        num_thresholds: How many thresholds are tried.
        class_id: The one class that counts, for predictions of shape `(batch, classes)`; or None.
        name: A name.
        dtype: The dtype of the computation.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> import addax as keras
        >>> float(keras.metrics.RecallAtPrecision(0.8)([0, 0, 1, 1], [0, 0.5, 0.3, 0.9]))
        0.5
    """

    _bound, _bounded, _best = "precision", _PRECISION, _RECALL

    def __init__(
        self,
        precision: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(precision, num_thresholds, class_id, name, dtype)
