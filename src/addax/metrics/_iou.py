"""Intersection over union of predicted and true regions, from a matrix of confusions."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from addax import measures, ops
from addax.core import dtypes, serial
from addax.core.config import epsilon
from addax.core.errors import message
from addax.engine import op
from addax.engine._jax import jnp
from addax.metrics._base import Metric, zeros


@op(static=("num_classes",))
def confusion_matrix(y_true: Any, y_pred: Any, weights: Any, num_classes: int) -> Any:
    """Weight of each pair of true class (row) and predicted class (column), without classes out of range.

    Args:
        y_true: Integer tensor of shape `(n,)`.
        y_pred: Integer tensor of shape `(n,)`.
        weights: Weights of shape `(n,)`.
        num_classes: The number of classes.

    Returns:
        Tensor of shape `(num_classes, num_classes)`, in the dtype of the weights.
    """
    inside = (y_true >= 0) & (y_true < num_classes) & (y_pred >= 0) & (y_pred < num_classes)
    row = jnp.where(inside, y_true, num_classes)
    matrix = jnp.zeros((num_classes, num_classes), weights.dtype)
    return matrix.at[row, jnp.where(inside, y_pred, 0)].add(weights, mode="drop")


class IoU(Metric):
    """Mean over some classes of `true positives / (true positives + false positives + false negatives)`.

    Args:
        num_classes: The number of classes.
        target_class_ids: The classes to average over.
        name: A name.
        dtype: The dtype of the counts; int32 if None.
        ignore_class: A label whose places do not count, or None.
        sparse_y_true: Whether labels are integers; else they are one-hot.
        sparse_y_pred: Whether predictions are integers; else they are scores of classes.
        axis: The axis of classes of what is not sparse.

    Raises:
        ValueError: If a class is out of range.

    Example:
        >>> import addax as keras
        >>> m = keras.metrics.IoU(num_classes=2, target_class_ids=[0])
        >>> round(float(m([0, 0, 1, 1], [0, 1, 0, 1])), 4)
        0.3333
    """

    _direction = "up"
    _config_names: tuple[str, ...] = (
        "num_classes",
        "target_class_ids",
        "ignore_class",
        "sparse_y_true",
        "sparse_y_pred",
        "axis",
    )

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        super().__init__(name=name, dtype=dtype or "int32")
        if not all(0 <= i < num_classes for i in target_class_ids):
            raise ValueError(
                message(
                    "A target class is out of range.",
                    expected=f"integers from 0 to {num_classes - 1}",
                    received=list(target_class_ids),
                )
            )
        self.num_classes = num_classes
        self.target_class_ids = list(target_class_ids)
        self.ignore_class = ignore_class
        self.sparse_y_true = sparse_y_true
        self.sparse_y_pred = sparse_y_pred
        self.axis = axis
        self.total_cm = self.add_variable(
            (num_classes, num_classes), zeros, dtype=self.dtype, name="total_confusion_matrix"
        )

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in a batch.

        Args:
            y_true: Classes of any shape; with an axis of classes if they are not sparse.
            y_pred: Predicted classes likewise; where their mask is false they do not count.
            sample_weight: Weights of the shape of the classes, or of its first axes; or None.

        Raises:
            ValueError: If the numbers of true and predicted classes differ.
        """
        mask = measures.mask_of(y_pred)
        y_true, y_pred = measures.as_tensor(y_true), measures.as_tensor(y_pred)
        y_true = ops.cast(y_true if self.sparse_y_true else ops.argmax(y_true, axis=self.axis), "int32")
        y_pred = ops.cast(y_pred if self.sparse_y_pred else ops.argmax(y_pred, axis=self.axis), "int32")
        y_true, y_pred = measures.same_shape(y_true, y_pred, type(self).__name__, "categorical")
        weights = self._weights(y_true, mask, sample_weight)
        y_true, y_pred, weights = (ops.reshape(x, (-1,)) for x in (y_true, y_pred, weights))
        self.total_cm.assign_add(confusion_matrix(y_true, y_pred, weights, self.num_classes))

    def _weights(self, y_true: Any, mask: Any, sample_weight: Any) -> Any:
        if sample_weight is not None:
            sample_weight = measures.as_tensor(sample_weight)
            if dtypes.is_int(self.dtype) and sample_weight.dtype.is_floating:
                warnings.warn(
                    f"{type(self).__name__} counts in {self.dtype}, which cuts off the fractions of weights. "
                    'Pass dtype="float32" to the metric.',
                    stacklevel=3,
                )
        weights = ops.ones_like(y_true, dtype=self.dtype)
        for factor in (mask, sample_weight):
            if factor is not None:
                _, factor = measures.fit_weights(weights, ops.cast(factor, self.dtype))
                weights = weights * factor
        if self.ignore_class is not None:
            weights = ops.where(y_true == self.ignore_class, ops.zeros_like(weights), weights)
        return weights

    def result(self) -> Any:
        """The mean over the target classes that occur, a scalar."""
        matrix = ops.cast(self.total_cm, "float32")
        hits = ops.diagonal(matrix)
        union = ops.sum(matrix, axis=0) + ops.sum(matrix, axis=1) - hits
        hits, union = ops.take(hits, self.target_class_ids), ops.take(union, self.target_class_ids)
        occurs = ops.cast(union > 1e-9, "float32")
        return ops.sum(occurs * hits / (union + epsilon())) / (ops.sum(occurs) + epsilon())

    def get_config(self) -> dict[str, Any]:
        """The arguments that `from_config` takes."""
        return {**super().get_config(), **{name: getattr(self, name) for name in self._config_names}}


class BinaryIoU(IoU):
    """Mean intersection over union of the classes 0 and 1, with predictions cut at a threshold.

    Args:
        target_class_ids: The classes to average over, of 0 and 1.
        threshold: What a prediction of 1 must reach.
        name: A name.
        dtype: The dtype of the counts; int32 if None.

    Example:
        >>> import addax as keras
        >>> m = keras.metrics.BinaryIoU(target_class_ids=[0, 1], threshold=0.3)
        >>> round(float(m([0, 1, 0, 1], [0.1, 0.2, 0.4, 0.7])), 4)
        0.3333
    """

    _config_names = ("target_class_ids", "threshold")

    def __init__(
        self,
        target_class_ids: Sequence[int] = (0, 1),
        threshold: float = 0.5,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(num_classes=2, target_class_ids=target_class_ids, name=name, dtype=dtype)
        self.threshold = threshold

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in a batch.

        Args:
            y_true: Labels 0 and 1 of any shape.
            y_pred: Predictions of the same shape; where their mask is false they do not count.
            sample_weight: Weights of the same shape, or of its first axes; or None.

        Raises:
            ValueError: If the shapes do not fit.
        """
        mask = measures.mask_of(y_pred)
        chosen = ops.cast(measures.as_tensor(y_pred, "float32") >= self.threshold, "int32")
        super().update_state(y_true, measures.with_mask(chosen, mask), sample_weight)


class MeanIoU(IoU):
    """Mean intersection over union of all classes that occur.

    Args:
        num_classes: The number of classes.
        name: A name.
        dtype: The dtype of the counts; int32 if None.
        ignore_class: A label whose places do not count, or None.
        sparse_y_true: Whether labels are integers; else they are one-hot.
        sparse_y_pred: Whether predictions are integers; else they are scores of classes.
        axis: The axis of classes of what is not sparse.

    Example:
        >>> import addax as keras
        >>> round(float(keras.metrics.MeanIoU(num_classes=2)([0, 0, 1, 1], [0, 1, 0, 1])), 4)
        0.3333
    """

    _config_names = ("num_classes", "ignore_class", "sparse_y_true", "sparse_y_pred", "axis")

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        serial.make_room((num_classes,), "int32")  # a file may name any number
        classes = range(num_classes)
        super().__init__(num_classes, classes, name, dtype, ignore_class, sparse_y_true, sparse_y_pred, axis)


class OneHotIoU(IoU):
    """Mean intersection over union of some classes, with one-hot labels.

    Args:
        num_classes: The number of classes.
        target_class_ids: The classes to average over.
        name: A name.
        dtype: The dtype of the counts; int32 if None.
        ignore_class: A label whose places do not count, or None.
        sparse_y_pred: Whether predictions are integers; else they are scores of classes.
        axis: The axis of classes.

    Example:
        >>> import addax as keras
        >>> m = keras.metrics.OneHotIoU(num_classes=2, target_class_ids=[0])
        >>> round(float(m([[1, 0], [0, 1]], [[0.9, 0.1], [0.8, 0.2]])), 4)
        0.5
    """

    _config_names = ("num_classes", "target_class_ids", "ignore_class", "sparse_y_pred", "axis")

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        super().__init__(num_classes, target_class_ids, name, dtype, ignore_class, False, sparse_y_pred, axis)


class OneHotMeanIoU(MeanIoU):
    """Mean intersection over union of all classes that occur, with one-hot labels.

    Args:
        num_classes: The number of classes.
        name: A name.
        dtype: The dtype of the counts; int32 if None.
        ignore_class: A label whose places do not count, or None.
        sparse_y_pred: Whether predictions are integers; else they are scores of classes.
        axis: The axis of classes.

    Example:
        >>> import addax as keras
        >>> m = keras.metrics.OneHotMeanIoU(num_classes=2)
        >>> round(float(m([[1, 0], [0, 1]], [[0.9, 0.1], [0.2, 0.8]])), 4)
        1.0
    """

    _config_names = ("num_classes", "ignore_class", "sparse_y_pred", "axis")

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        super().__init__(num_classes, name, dtype, ignore_class, False, sparse_y_pred, axis)
