"""How often predictions are right."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.measures import class_ids, measure, same_shape
from addax.metrics._reduction import NamedMean, as_floatx


@measure(home="addax.metrics._accuracy")
def accuracy(y_true: Any, y_pred: Any) -> Any:
    """Where labels equal predictions exactly.

    Args:
        y_true: Labels, of the shape of `y_pred`.
        y_pred: Predicted labels of any shape.

    Returns:
        A float tensor of ones and zeros of the same shape.

    Raises:
        ValueError: If the shapes do not fit.
    """
    y_true, y_pred = same_shape(y_true, y_pred, "accuracy", "categorical")
    return as_floatx(ops.equal(y_true, y_pred))


@measure(home="addax.metrics")
def binary_accuracy(y_true: Any, y_pred: Any, threshold: float = 0.5) -> Any:
    """Where labels 0 and 1 equal predictions that are above a threshold.

    Args:
        y_true: Labels 0 and 1, of the shape of `y_pred`.
        y_pred: Probabilities of any shape.
        threshold: What a prediction of 1 must exceed.

    Returns:
        A float tensor of ones and zeros of the same shape.

    Raises:
        ValueError: If the shapes do not fit.

    Example:
        >>> import addax as keras
        >>> keras.metrics.binary_accuracy([[1], [1]], [[0.9], [0.2]]).numpy().ravel()
        array([1., 0.], dtype=float32)
    """
    y_true, y_pred = same_shape(y_true, y_pred, "binary_accuracy", "binary")
    return as_floatx(ops.equal(y_true, ops.cast(ops.greater(y_pred, threshold), y_true.dtype)))


@measure(home="addax.metrics")
def categorical_accuracy(y_true: Any, y_pred: Any) -> Any:
    """Where the largest entry of one-hot labels is that of the predictions.

    Args:
        y_true: One-hot labels, of the shape of `y_pred`.
        y_pred: Probabilities or logits of shape `(batch, ..., classes)`.

    Returns:
        A float tensor of ones and zeros of shape `(batch, ...)`.

    Raises:
        ValueError: If the shapes do not fit.

    Example:
        >>> import addax as keras
        >>> keras.metrics.categorical_accuracy([[0, 1], [1, 0]], [[0.1, 0.9], [0.2, 0.8]]).numpy()
        array([1., 0.], dtype=float32)
    """
    y_true, y_pred = same_shape(y_true, y_pred, "categorical_accuracy", "categorical")
    return as_floatx(ops.equal(ops.argmax(y_true, axis=-1), ops.argmax(y_pred, axis=-1)))


@measure(home="addax.metrics", takes_class_ids=True)
def sparse_categorical_accuracy(y_true: Any, y_pred: Any) -> Any:
    """Where integer labels are the place of the largest prediction.

    Args:
        y_true: Integer labels of shape `(batch, ...)` or `(batch, ..., 1)`.
        y_pred: Probabilities or logits of shape `(batch, ..., classes)`.

    Returns:
        A float tensor of ones and zeros of shape `(batch, ...)`.

    Raises:
        ValueError: If the shapes do not fit.

    Example:
        >>> import addax as keras
        >>> keras.metrics.sparse_categorical_accuracy([1, 0], [[0.1, 0.9], [0.2, 0.8]]).numpy()
        array([1., 0.], dtype=float32)
    """
    labels = class_ids(y_true, y_pred, "sparse_categorical_accuracy")
    return as_floatx(ops.equal(labels, ops.cast(ops.argmax(y_pred, axis=-1), "int32")))


def _in_top_k(labels: Any, y_pred: Any, k: int) -> Any:
    matches = ops.in_top_k(ops.reshape(labels, (-1,)), ops.reshape(y_pred, (-1, y_pred.shape[-1])), k=k)
    return as_floatx(ops.reshape(matches, ops.shape(labels)))


@measure(home="addax.metrics")
def top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5) -> Any:
    """Where the class of one-hot labels is among the `k` largest predictions.

    Args:
        y_true: One-hot labels, of the shape of `y_pred`.
        y_pred: Probabilities or logits of shape `(batch, ..., classes)`.
        k: How many predictions count.

    Returns:
        A float tensor of ones and zeros of shape `(batch, ...)`.

    Raises:
        ValueError: If the shapes do not fit.

    Example:
        >>> import addax as keras
        >>> scores = [[0.3, 0.5, 0.2]] * 2
        >>> keras.metrics.top_k_categorical_accuracy([[0, 0, 1], [0, 1, 0]], scores, k=2).numpy()
        array([0., 1.], dtype=float32)
    """
    y_true, y_pred = same_shape(y_true, y_pred, "top_k_categorical_accuracy", "categorical")
    return _in_top_k(ops.cast(ops.argmax(y_true, axis=-1), "int32"), y_pred, k)


@measure(home="addax.metrics", takes_class_ids=True)
def sparse_top_k_categorical_accuracy(
    y_true: Any, y_pred: Any, k: int = 5, from_sorted_ids: bool = False
) -> Any:
    """Where integer labels are among the `k` largest predictions.

    Args:
        y_true: Integer labels of shape `(batch, ...)` or `(batch, ..., 1)`.
        y_pred: Probabilities or logits of shape `(batch, ..., classes)`; or class indices, best first.
        k: How many predictions count.
        from_sorted_ids: Whether `y_pred` holds sorted class indices.

    Returns:
        A float tensor of ones and zeros of shape `(batch, ...)`.

    Raises:
        ValueError: If the shapes do not fit.

    Example:
        >>> import addax as keras
        >>> keras.metrics.sparse_top_k_categorical_accuracy([2, 1], [[0.3, 0.5, 0.2]] * 2, k=2).numpy()
        array([0., 1.], dtype=float32)
    """
    labels = class_ids(y_true, y_pred, "sparse_top_k_categorical_accuracy")
    if not from_sorted_ids:
        return _in_top_k(labels, y_pred, k)
    best = ops.cast(y_pred[..., :k], "int32")
    return as_floatx(ops.any(ops.equal(ops.expand_dims(labels, -1), best), axis=-1))


class Accuracy(NamedMean):
    """How often labels equal predictions exactly.

    Args:
        name: A name.
        dtype: The dtype of the computation.

    Example:
        >>> import addax as keras
        >>> float(keras.metrics.Accuracy()([[1], [2], [3], [4]], [[0], [2], [3], [4]]))
        0.75
    """

    _direction = "up"

    def __init__(self, name: str | None = "accuracy", dtype: Any = None) -> None:
        super().__init__(accuracy, name, dtype)


class BinaryAccuracy(NamedMean):
    """How often labels 0 and 1 equal predictions that are above a threshold.

    Args:
        name: A name.
        dtype: The dtype of the computation.
        threshold: What a prediction of 1 must exceed.

    Example:
        >>> import addax as keras
        >>> float(keras.metrics.BinaryAccuracy()([[1], [1], [0], [0]], [[0.98], [1], [0], [0.6]]))
        0.75
    """

    _direction = "up"

    def __init__(
        self, name: str | None = "binary_accuracy", dtype: Any = None, threshold: float = 0.5
    ) -> None:
        super().__init__(binary_accuracy, name, dtype, threshold=threshold)


class CategoricalAccuracy(NamedMean):
    """How often the largest entry of one-hot labels is that of the predictions.

    Args:
        name: A name.
        dtype: The dtype of the computation.

    Example:
        >>> import addax as keras
        >>> float(keras.metrics.CategoricalAccuracy()([[0, 1], [1, 0]], [[0.1, 0.9], [0.2, 0.8]]))
        0.5
    """

    _direction = "up"

    def __init__(self, name: str | None = "categorical_accuracy", dtype: Any = None) -> None:
        super().__init__(categorical_accuracy, name, dtype)


class SparseCategoricalAccuracy(NamedMean):
    """How often integer labels are the place of the largest prediction.

    Args:
        name: A name.
        dtype: The dtype of the computation.

    Example:
        >>> import addax as keras
        >>> float(keras.metrics.SparseCategoricalAccuracy()([1, 0], [[0.1, 0.9], [0.2, 0.8]]))
        0.5
    """

    _direction = "up"

    def __init__(self, name: str | None = "sparse_categorical_accuracy", dtype: Any = None) -> None:
        super().__init__(sparse_categorical_accuracy, name, dtype)


class TopKCategoricalAccuracy(NamedMean):
    """How often the class of one-hot labels is among the `k` largest predictions.

    Args:
        k: How many predictions count.
        name: A name.
        dtype: The dtype of the computation.

    Example:
        >>> import addax as keras
        >>> m = keras.metrics.TopKCategoricalAccuracy(k=2)
        >>> float(m([[0, 0, 1], [0, 1, 0]], [[0.3, 0.5, 0.2]] * 2))
        0.5
    """

    _direction = "up"

    def __init__(
        self, k: int = 5, name: str | None = "top_k_categorical_accuracy", dtype: Any = None
    ) -> None:
        super().__init__(top_k_categorical_accuracy, name, dtype, k=k)


class SparseTopKCategoricalAccuracy(NamedMean):
    """How often integer labels are among the `k` largest predictions.

    Args:
        k: How many predictions count.
        name: A name.
        dtype: The dtype of the computation.
        from_sorted_ids: Whether predictions are class indices, best first, instead of scores.

    Example:
        >>> import addax as keras
        >>> m = keras.metrics.SparseTopKCategoricalAccuracy(k=2)
        >>> float(m([2, 1], [[0.3, 0.5, 0.2]] * 2))
        0.5
    """

    _direction = "up"
    _quiet = {"from_sorted_ids": False}

    def __init__(
        self,
        k: int = 5,
        name: str | None = "sparse_top_k_categorical_accuracy",
        dtype: Any = None,
        from_sorted_ids: bool = False,
    ) -> None:
        super().__init__(sparse_top_k_categorical_accuracy, name, dtype, k=k, from_sorted_ids=from_sorted_ids)
