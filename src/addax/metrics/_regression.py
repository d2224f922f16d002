"""Errors of predicted numbers, averaged over all samples."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax import measures, ops
from addax.measures._regression import unit_vectors
from addax.metrics._reduction import Mean, NamedMean


@measures.measure(home="addax.metrics._regression")
def cosine_similarity(y_true: Any, y_pred: Any, axis: int = -1) -> Any:
    """Cosine of the angle between labels and predictions: 1 is the same direction, -1 the opposite.

    Args:
        y_true: Labels, of the shape of `y_pred`.
        y_pred: Predictions of shape `(batch, ..., d)`.
        axis: The axis of the vectors.

    Returns:
        A float tensor of the shape of `y_pred` without `axis`.

    Raises:
        ValueError: If the shapes do not fit.
    """
    y_true, y_pred = measures.same_shape(y_true, y_pred, "cosine_similarity")
    return ops.sum(unit_vectors(y_true, axis) * unit_vectors(y_pred, axis), axis=axis)


class MeanSquaredError(NamedMean):
    """Mean of the squares of the errors.

    Args:
        name: A name.
        dtype: The dtype of the computation.

    Example:
        >>> import addax as keras
        >>> float(keras.metrics.MeanSquaredError()([[0, 1], [0, 0]], [[1, 1], [0, 0]]))
        0.25
    """

    _direction = "down"

    def __init__(self, name: str | None = "mean_squared_error", dtype: Any = None) -> None:
        super().__init__(measures.mean_squared_error, name, dtype)


class MeanAbsoluteError(NamedMean):
    """Mean of the sizes of the errors.

    Args:
        name: A name.
        dtype: The dtype of the computation.

    Example:
        >>> import addax as keras
        >>> float(keras.metrics.MeanAbsoluteError()([[0, 1], [0, 0]], [[1, 1], [0, 0]]))
        0.25
    """

    _direction = "down"

    def __init__(self, name: str | None = "mean_absolute_error", dtype: Any = None) -> None:
        super().__init__(measures.mean_absolute_error, name, dtype)


class MeanAbsolutePercentageError(NamedMean):
    """Mean of the sizes of the errors in percent of the labels.

    Args:
        name: A name.
        dtype: The dtype of the computation.

    Example:
        >>> import addax as keras
        >>> float(keras.metrics.MeanAbsolutePercentageError()([[2.0, 4.0]], [[1.0, 4.0]]))
        25.0
    """

    _direction = "down"

    def __init__(self, name: str | None = "mean_absolute_percentage_error", dtype: Any = None) -> None:
        super().__init__(measures.mean_absolute_percentage_error, name, dtype)


class MeanSquaredLogarithmicError(NamedMean):
    """Mean of the squares of the differences of `log(1 + y)`.

    Args:
        name: A name.
        dtype: The dtype of the computation.

    Example:
        >>> import addax as keras
        >>> round(float(keras.metrics.MeanSquaredLogarithmicError()([[0.0]], [[1.0]])), 4)
        0.4805
    """

    _direction = "down"

    def __init__(self, name: str | None = "mean_squared_logarithmic_error", dtype: Any = None) -> None:
        super().__init__(measures.mean_squared_logarithmic_error, name, dtype)


class LogCoshError(NamedMean):
    """Mean of the logarithms of the hyperbolic cosines of the errors.

    Args:
        name: A name.
        dtype: The dtype of the computation.

    Example:
        >>> import addax as keras
        >>> round(float(keras.metrics.LogCoshError()([[0.0, 0.0]], [[0.0, 2.0]])), 4)
        0.6625
    """

    _direction = "down"

    def __init__(self, name: str | None = "logcosh", dtype: Any = None) -> None:
        super().__init__(measures.log_cosh, name, dtype)


class CosineSimilarity(NamedMean):
    """Mean cosine of the angle between labels and predictions: 1 is the same direction.

    Args:
        name: A name.
        dtype: The dtype of the computation.
        axis: The axis of the vectors.

    Example:
        >>> import addax as keras
        >>> float(keras.metrics.CosineSimilarity()([[0.0, 1.0]], [[0.0, 3.0]]))
        1.0
    """

    _direction = "up"
    _quiet = {"axis": -1}

    def __init__(self, name: str | None = "cosine_similarity", dtype: Any = None, axis: int = -1) -> None:
        super().__init__(cosine_similarity, name, dtype, axis=axis)


class RootMeanSquaredError(Mean):
    """Root of the mean of the squares of the errors of all samples.

    Args:
        name: A name.
        dtype: The dtype of the computation.

    Example:
        >>> import addax as keras
        >>> round(float(keras.metrics.RootMeanSquaredError()([[0, 1], [0, 0]], [[1, 1], [0, 0]])), 4)
        0.5
    """

    _direction = "down"

    def __init__(self, name: str | None = "root_mean_squared_error", dtype: Any = None) -> None:
        super().__init__(name, dtype=dtype)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in a batch.

        Args:
            y_true: Labels, of the shape of `y_pred`.
            y_pred: Predictions; where their mask is false they do not count.
            sample_weight: Weights of the errors, or of samples; or None.

        Raises:
            ValueError: If the shapes do not fit.
        """
        mask = measures.mask_of(y_pred)
        y_true, y_pred = measures.as_tensor(y_true, self.dtype), measures.as_tensor(y_pred, self.dtype)
        y_true, y_pred = measures.same_shape(y_true, y_pred, type(self).__name__)
        super().update_state(measures.with_mask(ops.square(y_pred - y_true), mask), sample_weight)

    def result(self) -> Any:
        """The root of the mean, a scalar."""
        return ops.sqrt(super().result())


class MeanRelativeError(Mean):
    """Mean of `|y_true - y_pred| / normalizer`, as tf.keras has it; zero where the normalizer is.

    Args:
        normalizer: What errors are divided by; it broadcasts to the labels.
        name: A name.
        dtype: The dtype of the computation.

    Example:
        >>> import addax as keras
        >>> m = keras.metrics.MeanRelativeError(normalizer=[1, 3, 2, 3])
        >>> float(m([1, 3, 2, 3], [2, 4, 6, 8]))
        1.25
    """

    _direction = "down"

    def __init__(self, normalizer: Any, name: str | None = "mean_relative_error", dtype: Any = None) -> None:
        super().__init__(name, dtype=dtype)
        self.normalizer = np.asarray(normalizer, "float32")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in a batch.

        Args:
            y_true: Labels, of the shape of `y_pred`.
            y_pred: Predictions.
            sample_weight: Weights of the errors, or of samples; or None.

        Raises:
            ValueError: If the shapes do not fit.
        """
        y_true, y_pred = measures.as_tensor(y_true, self.dtype), measures.as_tensor(y_pred, self.dtype)
        y_true, y_pred = measures.same_shape(y_true, y_pred, type(self).__name__)
        error = ops.absolute(y_true - y_pred)
        super().update_state(ops.divide_no_nan(error, ops.cast(self.normalizer, self.dtype)), sample_weight)

    def get_config(self) -> dict[str, Any]:
        """The arguments that `from_config` takes."""
        return {**super().get_config(), "normalizer": self.normalizer.tolist()}
