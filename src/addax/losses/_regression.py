"""Losses of numbers and of scores."""

from __future__ import annotations

from typing import Any

from addax import measures
from addax.losses._base import NamedLoss


class MeanSquaredError(NamedLoss):
    """Mean of the squares of the errors.

    Args:
        reduction: What becomes of the values of a batch (see `Loss`).
        name: A name.
        dtype: The dtype (or policy) of the computation; the float dtype of the settings if None.

    Example:
        >>> import addax as keras
        >>> float(keras.losses.MeanSquaredError()([[0.0, 1.0]], [[1.0, 1.0]]))
        0.5
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "mean_squared_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(measures.mean_squared_error, reduction, name, dtype)


class MeanAbsoluteError(NamedLoss):
    """Mean of the sizes of the errors.

    Args:
        reduction: What becomes of the values of a batch (see `Loss`).
        name: A name.
        dtype: The dtype (or policy) of the computation; the float dtype of the settings if None.

    Example:
        >>> import addax as keras
        >>> float(keras.losses.MeanAbsoluteError()([[0.0, 1.0]], [[3.0, 1.0]]))
        1.5
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "mean_absolute_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(measures.mean_absolute_error, reduction, name, dtype)


class MeanAbsolutePercentageError(NamedLoss):
    """Mean of the sizes of the errors in percent of the labels.

    Args:
        reduction: What becomes of the values of a batch (see `Loss`).
        name: A name.
        dtype: The dtype (or policy) of the computation; the float dtype of the settings if None.

    Example:
        >>> import addax as keras
        >>> float(keras.losses.MeanAbsolutePercentageError()([[2.0, 4.0]], [[1.0, 4.0]]))
        25.0
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "mean_absolute_percentage_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(measures.mean_absolute_percentage_error, reduction, name, dtype)


class MeanSquaredLogarithmicError(NamedLoss):
    """Mean of the squares of the differences of `log(1 + y)`.

    Args:
        reduction: What becomes of the values of a batch (see `Loss`).
        name: A name.
        dtype: The dtype (or policy) of the computation; the float dtype of the settings if None.

    Example:
        >>> import addax as keras
        >>> round(float(keras.losses.MeanSquaredLogarithmicError()([[0.0]], [[1.0]])), 4)
        0.4805
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "mean_squared_logarithmic_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(measures.mean_squared_logarithmic_error, reduction, name, dtype)


class CosineSimilarity(NamedLoss):
    """Negative cosine of the angle between labels and predictions.

    Args:
        axis: The axis of the vectors.
        reduction: What becomes of the values of a batch (see `Loss`).
        name: A name.
        dtype: The dtype (or policy) of the computation; the float dtype of the settings if None.

    Example:
        >>> import addax as keras
        >>> float(keras.losses.CosineSimilarity()([[0.0, 1.0]], [[0.0, 3.0]]))
        -1.0
    """

    _quiet = {"axis": -1}

    def __init__(
        self,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "cosine_similarity",
        dtype: Any = None,
    ) -> None:
        super().__init__(measures.cosine_similarity, reduction, name, dtype, axis=axis)


class Huber(NamedLoss):
    """Squared near zero, linear further out (see `huber`).

    Args:
        delta: Where the linear part begins.
        reduction: What becomes of the values of a batch (see `Loss`).
        name: A name.
        dtype: The dtype (or policy) of the computation; the float dtype of the settings if None.

    Example:
        >>> import addax as keras
        >>> float(keras.losses.Huber()([[0.0, 0.0]], [[1.0, 3.0]]))
        1.5
    """

    _quiet = {"delta": 1.0}

    def __init__(
        self,
        delta: float = 1.0,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "huber_loss",
        dtype: Any = None,
    ) -> None:
        super().__init__(measures.huber, reduction, name, dtype, delta=delta)


class LogCosh(NamedLoss):
    """Mean of the logarithms of the hyperbolic cosines of the errors.

    Args:
        reduction: What becomes of the values of a batch (see `Loss`).
        name: A name.
        dtype: The dtype (or policy) of the computation; the float dtype of the settings if None.

    Example:
        >>> import addax as keras
        >>> round(float(keras.losses.LogCosh()([[0.0, 0.0]], [[0.0, 2.0]])), 4)
        0.6625
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "log_cosh",
        dtype: Any = None,
    ) -> None:
        super().__init__(measures.log_cosh, reduction, name, dtype)


class Hinge(NamedLoss):
    """Hinge loss of labels -1 and 1 (or 0 and 1).

    Args:
        reduction: What becomes of the values of a batch (see `Loss`).
        name: A name.
        dtype: The dtype (or policy) of the computation; the float dtype of the settings if None.

    Example:
        >>> import addax as keras
        >>> float(keras.losses.Hinge()([[1.0, 0.0]], [[0.5, -2.0]]))
        0.25
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "hinge",
        dtype: Any = None,
    ) -> None:
        super().__init__(measures.hinge, reduction, name, dtype)


class SquaredHinge(NamedLoss):
    """Squared hinge loss of labels -1 and 1 (or 0 and 1).

    Args:
        reduction: What becomes of the values of a batch (see `Loss`).
        name: A name.
        dtype: The dtype (or policy) of the computation; the float dtype of the settings if None.

    Example:
        >>> import addax as keras
        >>> float(keras.losses.SquaredHinge()([[1.0, 0.0]], [[0.5, -2.0]]))
        0.125
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "squared_hinge",
        dtype: Any = None,
    ) -> None:
        super().__init__(measures.squared_hinge, reduction, name, dtype)


class CategoricalHinge(NamedLoss):
    """Hinge loss of one-hot labels: the best wrong score against the right one.

    Args:
        reduction: What becomes of the values of a batch (see `Loss`).
        name: A name.
        dtype: The dtype (or policy) of the computation; the float dtype of the settings if None.

    Example:
        >>> import addax as keras
        >>> float(keras.losses.CategoricalHinge()([[0.0, 1.0]], [[0.75, 1.0]]))
        0.75
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_hinge",
        dtype: Any = None,
    ) -> None:
        super().__init__(measures.categorical_hinge, reduction, name, dtype)
