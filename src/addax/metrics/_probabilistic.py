"""Means of the losses of probabilities and of scores."""

from __future__ import annotations

from typing import Any

from addax import measures
from addax.metrics._reduction import NamedMean


class KLDivergence(NamedMean):
    """Mean Kullback-Leibler divergence of predicted probabilities from the true ones.

    Args:
        name: A name.
        dtype: The dtype of the computation.

    Example:
        >>> import addax as keras
        >>> round(float(keras.metrics.KLDivergence()([[0.5, 0.5]], [[0.25, 0.75]])), 4)
        0.1438
    """

    _direction = "down"

    def __init__(self, name: str | None = "kl_divergence", dtype: Any = None) -> None:
        super().__init__(measures.kl_divergence, name, dtype)


class Poisson(NamedMean):
    """Mean Poisson loss of counts.

    Args:
        name: A name.
        dtype: The dtype of the computation.

    Example:
        >>> import addax as keras
        >>> round(float(keras.metrics.Poisson()([[0.0, 2.0]], [[1.0, 1.0]])), 4)
        1.0
    """

    _direction = "down"

    def __init__(self, name: str | None = "poisson", dtype: Any = None) -> None:
        super().__init__(measures.poisson, name, dtype)


class BinaryCrossentropy(NamedMean):
    """Mean cross-entropy of labels 0 and 1.

    Args:
        name: A name.
        dtype: The dtype of the computation.
        from_logits: Whether predictions are logits instead of probabilities.
        label_smoothing: From 0 to 1; draws labels towards 0.5.

    Example:
        >>> import addax as keras
        >>> round(float(keras.metrics.BinaryCrossentropy()([[0], [1]], [[0.5], [0.5]])), 4)
        0.6931
    """

    _direction = "down"

    def __init__(
        self,
        name: str | None = "binary_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
    ) -> None:
        super().__init__(
            measures.binary_crossentropy,
            name,
            dtype,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
        )


class CategoricalCrossentropy(NamedMean):
    """Mean cross-entropy of one-hot labels.

    Args:
        name: A name.
        dtype: The dtype of the computation.
        from_logits: Whether predictions are logits instead of probabilities.
        label_smoothing: From 0 to 1; draws labels towards the uniform distribution.
        axis: The axis of classes.

    Example:
        >>> import addax as keras
        >>> round(float(keras.metrics.CategoricalCrossentropy()([[0, 1]], [[0.5, 0.5]])), 4)
        0.6931
    """

    _direction = "down"

    def __init__(
        self,
        name: str | None = "categorical_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
        axis: int = -1,
    ) -> None:
        super().__init__(
            measures.categorical_crossentropy,
            name,
            dtype,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )


class SparseCategoricalCrossentropy(NamedMean):
    """Mean cross-entropy of integer labels.

    Args:
        name: A name.
        dtype: The dtype of the computation.
        from_logits: Whether predictions are logits instead of probabilities.
        ignore_class: A label that does not count, such as -1 or 255; or None.
        axis: The axis of classes.

    Example:
        >>> import addax as keras
        >>> round(float(keras.metrics.SparseCategoricalCrossentropy()([1], [[0.5, 0.5]])), 4)
        0.6931
    """

    _direction = "down"

    def __init__(
        self,
        name: str | None = "sparse_categorical_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        ignore_class: int | None = None,
        axis: int = -1,
    ) -> None:
        super().__init__(
            measures.sparse_categorical_crossentropy,
            name,
            dtype,
            from_logits=from_logits,
            ignore_class=ignore_class,
            axis=axis,
        )


class Hinge(NamedMean):
    """Mean hinge loss of labels -1 and 1 (or 0 and 1).

    Args:
        name: A name.
        dtype: The dtype of the computation.

    Example:
        >>> import addax as keras
        >>> float(keras.metrics.Hinge()([[1.0, 0.0]], [[0.5, -2.0]]))
        0.25
    """

    _direction = "down"

    def __init__(self, name: str | None = "hinge", dtype: Any = None) -> None:
        super().__init__(measures.hinge, name, dtype)


class SquaredHinge(NamedMean):
    """Mean squared hinge loss of labels -1 and 1 (or 0 and 1).

    Args:
        name: A name.
        dtype: The dtype of the computation.

    Example:
        >>> import addax as keras
        >>> float(keras.metrics.SquaredHinge()([[1.0, 0.0]], [[0.5, -2.0]]))
        0.125
    """

    _direction = "down"

    def __init__(self, name: str | None = "squared_hinge", dtype: Any = None) -> None:
        super().__init__(measures.squared_hinge, name, dtype)


class CategoricalHinge(NamedMean):
    """Mean hinge loss of one-hot labels.

    Args:
        name: A name.
        dtype: The dtype of the computation.

    Example:
        >>> import addax as keras
        >>> float(keras.metrics.CategoricalHinge()([[0.0, 1.0]], [[0.75, 1.0]]))
        0.75
    """

    _direction = "down"

    def __init__(self, name: str | None = "categorical_hinge", dtype: Any = None) -> None:
        super().__init__(measures.categorical_hinge, name, dtype)
