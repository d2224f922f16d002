"""Losses of regions, sequences and pairs."""

from __future__ import annotations

from typing import Any

from addax import measures
from addax.losses._base import NamedLoss


class CTC(NamedLoss):
    """Connectionist temporal classification of label sequences; class 0 is the blank (see `ctc`).

    Args:
        reduction: What becomes of the values of a batch (see `Loss`).
        name: A name.
        dtype: The dtype (or policy) of the computation; the float dtype of the settings if None.

    Example:
        >>> import addax as keras
        >>> round(float(keras.losses.CTC()([[1, 2, 0]], keras.ops.zeros((1, 4, 3)))), 3)
        1.686
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "ctc",
        dtype: Any = None,
    ) -> None:
        super().__init__(measures.ctc, reduction, name, dtype)


class Dice(NamedLoss):
    """One minus the Dice coefficient of labels and predictions.

    Args:
        reduction: What becomes of the values of a batch (see `Loss`).
        name: A name.
        axis: The axes of one region; all of them if None.
        dtype: The dtype (or policy) of the computation; the float dtype of the settings if None.

    Example:
        >>> import addax as keras
        >>> round(float(keras.losses.Dice()([[1.0, 0.0]], [[1.0, 1.0]])), 4)
        0.3333
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "dice",
        axis: int | tuple[int, ...] | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(measures.dice, reduction, name, dtype, axis=axis)


class Tversky(NamedLoss):
    """One minus the Tversky index of labels and predictions.

    Args:
        alpha: The weight of what the prediction misses.
        beta: The weight of what it adds.
        reduction: What becomes of the values of a batch (see `Loss`).
        name: A name.
        axis: The axes of one region; all of them if None.
        dtype: The dtype (or policy) of the computation; the float dtype of the settings if None.

    Example:
        >>> import addax as keras
        >>> round(float(keras.losses.Tversky(beta=1.0)([[1.0, 0.0]], [[1.0, 1.0]])), 4)
        0.5
    """

    def __init__(
        self,
        alpha: float = 0.5,
        beta: float = 0.5,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "tversky",
        axis: int | tuple[int, ...] | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(measures.tversky, reduction, name, dtype, alpha=alpha, beta=beta, axis=axis)


class Circle(NamedLoss):
    """Circle loss of embeddings with integer labels (see `circle`).

    Args:
        gamma: The scale of similarities.
        margin: How much slack a pair has.
        remove_diagonal: Whether a sample is not compared with itself.
        reduction: What becomes of the values of a batch (see `Loss`).
        name: A name.
        dtype: The dtype (or policy) of the computation; the float dtype of the settings if None.

    Example:
        >>> import addax as keras
        >>> loss = keras.losses.Circle(gamma=1.0, margin=0.0)
        >>> round(float(loss([0, 0, 1], [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])), 4)
        0.6931
    """

    def __init__(
        self,
        gamma: float = 80.0,
        margin: float = 0.4,
        remove_diagonal: bool = True,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "circle",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            measures.circle,
            reduction,
            name,
            dtype,
            gamma=gamma,
            margin=margin,
            remove_diagonal=remove_diagonal,
        )
