"""Counts of right and wrong decisions, precision and recall."""

from __future__ import annotations

from typing import Any

from addax.metrics._base import zeros
from addax.metrics._counts import KINDS, NEVER_CHOSEN, ConfusionMetric, standardize_thresholds


class _Count(ConfusionMetric):
    """One of the four counts."""

    _kind: str

    def __init__(self, thresholds: Any = None, name: str | None = None, dtype: Any = None) -> None:
        self.init_thresholds = thresholds
        self.thresholds = standardize_thresholds(thresholds)
        super().__init__((self._kind,), self.thresholds, name=name, dtype=dtype)
        self.accumulator = self.add_variable(
            (len(self.thresholds),), zeros, dtype="float32", name="accumulator"
        )

    def _add_counts(self, counts: tuple) -> None:
        self.accumulator.assign_add(counts[KINDS.index(self._kind)])

    def result(self) -> Any:
        """The (weighted) count: a scalar, or one number for each of several thresholds."""
        counts = self.accumulator.value
        return counts[0] if len(self.thresholds) == 1 else counts

    def get_config(self) -> dict[str, Any]:
        """The arguments that `from_config` takes."""
        return {**super().get_config(), "thresholds": self.init_thresholds}


class TruePositives(_Count):
    """How often a label 1 is predicted.

    Args:
        thresholds: What a prediction of 1 must exceed, a number or several; 0.5 if None.
        name: A name.
        dtype: The dtype of the computation.

    Example:
        >>> import addax as keras
        >>> float(keras.metrics.TruePositives()([0, 1, 1, 1], [1.0, 0.0, 1.0, 1.0]))
        2.0
    """

    _kind = "true_positives"


class FalsePositives(_Count):
    """How often a label 0 is predicted as 1.

    Args:
        thresholds: What a prediction of 1 must exceed, a number or several; 0.5 if None.
        name: A name.
        dtype: The dtype of the computation.

    Example:
        >>> import addax as keras
        >>> float(keras.metrics.FalsePositives()([0, 1, 0, 0], [0.0, 0.0, 1.0, 1.0]))
        2.0
    """

    _kind = "false_positives"


class TrueNegatives(_Count):
    """How often a label 0 is predicted.

    Args:
        thresholds: What a prediction of 1 must exceed, a number or several; 0.5 if None.
        name: A name.
        dtype: The dtype of the computation.

    Example:
        >>> import addax as keras
        >>> float(keras.metrics.TrueNegatives()([0, 1, 0, 0], [1.0, 1.0, 0.0, 0.0]))
        2.0
    """

    _kind = "true_negatives"


class FalseNegatives(_Count):
    """How often a label 1 is predicted as 0.

    Args:
        thresholds: What a prediction of 1 must exceed, a number or several; 0.5 if None.
        name: A name.
        dtype: The dtype of the computation.

    Example:
        >>> import addax as keras
        >>> float(keras.metrics.FalseNegatives()([0, 1, 1, 1], [0.0, 1.0, 0.0, 0.0]))
        2.0
    """

    _kind = "false_negatives"


class _Ratio(ConfusionMetric):
    """True positives among true positives and one kind of error."""

    _direction = "up"
    _error: str

    def __init__(
        self,
        thresholds: Any = None,
        top_k: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        self.init_thresholds = thresholds
        self.thresholds = standardize_thresholds(thresholds, 0.5 if top_k is None else NEVER_CHOSEN)
        super().__init__(("true_positives", self._error), self.thresholds, top_k, class_id, name, dtype)
        self._create((len(self.thresholds),))

    def result(self) -> Any:
        """The ratio: a scalar, or one number for each of several thresholds."""
        ratio = self._ratio("true_positives", self._error)
        return ratio[0] if len(self.thresholds) == 1 else ratio

    def get_config(self) -> dict[str, Any]:
        """The arguments that `from_config` takes."""
        return {
            **super().get_config(),
            "thresholds": self.init_thresholds,
            "top_k": self.top_k,
            "class_id": self.class_id,
        }


class Precision(_Ratio):
    """How many of the predictions of 1 are right.

    Args:
        thresholds: What a prediction of 1 must exceed, a number or several; 0.5 if None, or no threshold at
            all if `top_k` is given.
        top_k: How many of the predictions of a sample, the largest, are 1 at most; or None.
        class_id: The one class that counts, for predictions of shape `(batch, classes)`; or None.
        name: A name.
        dtype: The dtype of the computation.

    Raises:
        ValueError: If a threshold is not in [0, 1].

    Example:
        >>> import addax as keras
        >>> round(float(keras.metrics.Precision()([0, 1, 1, 1], [1.0, 0.0, 1.0, 1.0])), 4)
        0.6667
    """

    _error = "false_positives"


class Recall(_Ratio):
    """How many of the labels 1 are found.

    Args:
        thresholds: What a prediction of 1 must exceed, a number or several; 0.5 if None, or no threshold at
            all if `top_k` is given.
        top_k: How many of the predictions of a sample, the largest, are 1 at most; or None.
        class_id: The one class that counts, for predictions of shape `(batch, classes)`; or None.
        name: A name.
        dtype: The dtype of the computation.

    Raises:
        ValueError: If a threshold is not in [0, 1].

    Example:
        >>> import addax as keras
        >>> round(float(keras.metrics.Recall()([0, 1, 1, 1], [1.0, 0.0, 1.0, 1.0])), 4)
        0.6667
    """

    _error = "false_negatives"
