"""Losses of probabilities."""

from __future__ import annotations

from typing import Any

from addax import measures
from addax.core.errors import message
from addax.losses._base import NamedLoss


class KLDivergence(NamedLoss):
    """Kullback-Leibler divergence of predicted probabilities from the true ones.

    Args:
        reduction: What becomes of the values of a batch (see `Loss`).
        name: A name.
        dtype: The dtype (or policy) of the computation; the float dtype of the settings if None.

    Example:
        >>> import addax as keras
        >>> round(float(keras.losses.KLDivergence()([[0.5, 0.5]], [[0.25, 0.75]])), 4)
        0.1438
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "kl_divergence",
        dtype: Any = None,
    ) -> None:
        super().__init__(measures.kl_divergence, reduction, name, dtype)


class Poisson(NamedLoss):
    """Negative log-likelihood of counts under predicted Poisson rates, without its constant.

    Args:
        reduction: What becomes of the values of a batch (see `Loss`).
        name: A name.
        dtype: The dtype (or policy) of the computation; the float dtype of the settings if None.

    Example:
        >>> import addax as keras
        >>> round(float(keras.losses.Poisson()([[0.0, 2.0]], [[1.0, 1.0]])), 4)
        1.0
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "poisson",
        dtype: Any = None,
    ) -> None:
        super().__init__(measures.poisson, reduction, name, dtype)


class BinaryCrossentropy(NamedLoss):
    """Cross-entropy of labels 0 and 1.

    Args:
        from_logits: Whether predictions are logits instead of probabilities.
        label_smoothing: From 0 to 1; draws labels towards 0.5.
        axis: The axis that the mean is taken over.
        reduction: What becomes of the values of a batch (see `Loss`).
        name: A name.
        dtype: The dtype (or policy) of the computation; the float dtype of the settings if None.

    Example:
        >>> import addax as keras
        >>> round(float(keras.losses.BinaryCrossentropy(from_logits=True)([[0, 1]], [[0.0, 0.0]])), 4)
        0.6931
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "binary_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            measures.binary_crossentropy,
            reduction,
            name,
            dtype,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )


class BinaryFocalCrossentropy(NamedLoss):
    """Cross-entropy of labels 0 and 1 in which easy examples count less.

    Args:
        apply_class_balancing: Whether label 1 is weighted by `alpha` and label 0 by `1 - alpha`.
        alpha: The weight of label 1.
        gamma: The focusing exponent.
        from_logits: Whether predictions are logits instead of probabilities.
        label_smoothing: From 0 to 1; draws labels towards 0.5.
        axis: The axis that the mean is taken over.
        reduction: What becomes of the values of a batch (see `Loss`).
        name: A name.
        dtype: The dtype (or policy) of the computation; the float dtype of the settings if None.

    Example:
        >>> import addax as keras
        >>> round(float(keras.losses.BinaryFocalCrossentropy()([[0, 1]], [[0.5, 0.5]])), 4)
        0.1733
    """

    def __init__(
        self,
        apply_class_balancing: bool = False,
        alpha: float = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "binary_focal_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            measures.binary_focal_crossentropy,
            reduction,
            name,
            dtype,
            apply_class_balancing=apply_class_balancing,
            alpha=alpha,
            gamma=gamma,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )


class CategoricalCrossentropy(NamedLoss):
    """Cross-entropy of one-hot labels.

    Args:
        from_logits: Whether predictions are logits instead of probabilities.
        label_smoothing: From 0 to 1; draws labels towards the uniform distribution.
        axis: The axis of classes.
        reduction: What becomes of the values of a batch (see `Loss`).
        name: A name.
        dtype: The dtype (or policy) of the computation; the float dtype of the settings if None.

    Example:
        >>> import addax as keras
        >>> round(float(keras.losses.CategoricalCrossentropy()([[0, 1, 0]], [[0.25, 0.5, 0.25]])), 4)
        0.6931
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            measures.categorical_crossentropy,
            reduction,
            name,
            dtype,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )


class CategoricalFocalCrossentropy(NamedLoss):
    """Cross-entropy of one-hot labels in which easy examples count less.

    Args:
        alpha: A factor, or one for each class.
        gamma: The focusing exponent.
        from_logits: Whether predictions are logits instead of probabilities.
        label_smoothing: From 0 to 1; draws labels towards the uniform distribution.
        axis: The axis of classes.
        reduction: What becomes of the values of a batch (see `Loss`).
        name: A name.
        dtype: The dtype (or policy) of the computation; the float dtype of the settings if None.

    Example:
        >>> import addax as keras
        >>> round(float(keras.losses.CategoricalFocalCrossentropy()([[0, 1]], [[0.5, 0.5]])), 4)
        0.0433
    """

    def __init__(
        self,
        alpha: Any = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_focal_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            measures.categorical_focal_crossentropy,
            reduction,
            name,
            dtype,
            alpha=alpha,
            gamma=gamma,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )


class SparseCategoricalCrossentropy(NamedLoss):
    """Cross-entropy of integer labels.

    Args:
        from_logits: Whether predictions are logits instead of probabilities.
        ignore_class: A label that does not count, such as -1 or 255; or None.
        reduction: What becomes of the values of a batch (see `Loss`).
        axis: The axis of classes.
        name: A name.
        dtype: The dtype (or policy) of the computation; the float dtype of the settings if None.

    Example:
        >>> import addax as keras
        >>> loss = keras.losses.SparseCategoricalCrossentropy()
        >>> round(float(loss([1, 2], [[0.5, 0.5, 0.0], [0.0, 0.0, 1.0]])), 4)
        0.3466
    """

    _quiet = {"axis": -1}

    def __init__(
        self,
        from_logits: bool = False,
        ignore_class: int | None = None,
        reduction: str | None = "sum_over_batch_size",
        axis: int = -1,
        name: str | None = "sparse_categorical_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            measures.sparse_categorical_crossentropy,
            reduction,
            name,
            dtype,
            from_logits=from_logits,
            ignore_class=ignore_class,
            axis=axis,
        )


class CategoricalGeneralizedCrossEntropy(NamedLoss):
    """Cross-entropy of integer labels that wrong labels harm less.

    Args:
        q: Between 0 (cross-entropy) and 1 (mean absolute error), both excluded.
        reduction: What becomes of the values of a batch (see `Loss`).
        name: A name.
        dtype: The dtype (or policy) of the computation; the float dtype of the settings if None.

    Raises:
        ValueError: If `q` is not between 0 and 1.

    Example:
        >>> import addax as keras
        >>> float(keras.losses.CategoricalGeneralizedCrossEntropy()([1], [[0.75, 0.25]]))
        1.0
    """

    def __init__(
        self,
        q: float = 0.5,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_generalized_cross_entropy",
        dtype: Any = None,
    ) -> None:
        if not 0 < q < 1:
            raise ValueError(message("`q` is out of range.", expected="0 < q < 1", received=q))
        super().__init__(measures.categorical_generalized_cross_entropy, reduction, name, dtype, q=q)
