"""How labels and predictions vary together."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.core.config import epsilon
from addax.measures import measure, same_shape
from addax.metrics._reduction import NamedMean


@measure(home="addax.metrics")
def pearson_correlation(y_true: Any, y_pred: Any, axis: int = -1) -> Any:
    """Pearson correlation: the covariance divided by both standard deviations.

    Args:
        y_true: Labels, of the shape of `y_pred`.
        y_pred: Predictions of shape `(batch, ..., d)`.
        axis: The axis of the vectors.

    Returns:
        A float tensor of the shape of `y_pred` without `axis`, from -1 to 1; NaN for constant vectors.

    Raises:
        ValueError: If the shapes do not fit.

    Example:
        >>> import addax as keras
        >>> keras.metrics.pearson_correlation([[0, 1, 0.5]], [[0.1, 0.9, 0.5]]).numpy().round(4)
        array([1.], dtype=float32)
    """
    y_true, y_pred = same_shape(y_true, y_pred, "pearson_correlation")
    scores = [
        (y - ops.mean(y, axis=axis, keepdims=True)) / ops.std(y, axis=axis, keepdims=True)
        for y in (y_true, y_pred)
    ]
    return ops.mean(scores[0] * scores[1], axis=axis)


@measure(home="addax.metrics")
def concordance_correlation(y_true: Any, y_pred: Any, axis: int = -1) -> Any:
    """Concordance correlation: 1 only if predictions equal the labels in place and scale too (Lin, 1989).

    `2 cov / (var_true + var_pred + (mean_true - mean_pred)**2)`.

    Args:
        y_true: Labels, of the shape of `y_pred`.
        y_pred: Predictions of shape `(batch, ..., d)`.
        axis: The axis of the vectors.

    Returns:
        A float tensor of the shape of `y_pred` without `axis`, from -1 to 1.

    Raises:
        ValueError: If the shapes do not fit.

    Example:
        >>> import addax as keras
        >>> keras.metrics.concordance_correlation([[0, 1, 0.5]], [[0.1, 0.9, 0.5]]).numpy().round(4)
        array([0.9756], dtype=float32)
    """
    y_true, y_pred = same_shape(y_true, y_pred, "concordance_correlation")
    mean_true, mean_pred = (ops.mean(y, axis=axis, keepdims=True) for y in (y_true, y_pred))
    spread = ops.var(y_true, axis=axis, keepdims=True) + ops.var(y_pred, axis=axis, keepdims=True)
    spread = spread + ops.square(mean_true - mean_pred) + epsilon()
    return ops.mean(2.0 * (y_true - mean_true) * (y_pred - mean_pred) / spread, axis=axis)


class PearsonCorrelation(NamedMean):
    """Mean Pearson correlation of labels and predictions.

    Args:
        name: A name.
        dtype: The dtype of the computation.
        axis: The axis of the vectors.

    Example:
        >>> import addax as keras
        >>> m = keras.metrics.PearsonCorrelation()
        >>> round(float(m([[0, 1, 0.5], [1, 1, 0.2]], [[0.1, 0.9, 0.5], [1, 0.9, 0.2]])), 4)
        0.9967
    """

    _direction = "up"

    def __init__(self, name: str | None = "pearson_correlation", dtype: Any = None, axis: int = -1) -> None:
        super().__init__(pearson_correlation, name, dtype, axis=axis)


class ConcordanceCorrelation(NamedMean):
    """Mean concordance correlation of labels and predictions.

    Args:
        name: A name.
        dtype: The dtype of the computation.
        axis: The axis of the vectors.

    Example:
        >>> import addax as keras
        >>> m = keras.metrics.ConcordanceCorrelation()
        >>> round(float(m([[0, 1, 0.5], [1, 1, 0.2]], [[0.1, 0.9, 0.5], [1, 0.9, 0.2]])), 4)
        0.9816
    """

    _direction = "up"

    def __init__(
        self, name: str | None = "concordance_correlation", dtype: Any = None, axis: int = -1
    ) -> None:
        super().__init__(concordance_correlation, name, dtype, axis=axis)
