"""Do labels fit predictions? The documented squeeze and expand, and an error for what only broadcasts."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.core.errors import message


def squeeze_or_expand(x1: Any, x2: Any) -> tuple[Any, Any]:
    """Bring two tensors to one rank, if one of them only has an axis of size 1 more at its end.

    Shapes `(n,)` and `(n, 1)` become `(n, 1)` both; of higher ranks the axis of size 1 is removed.
    """
    difference = len(x1.shape) - len(x2.shape)
    if difference == 1 and x1.shape[-1] == 1:
        return (x1, ops.expand_dims(x2, -1)) if len(x2.shape) == 1 else (ops.squeeze(x1, -1), x2)
    if difference == -1 and x2.shape[-1] == 1:
        return (ops.expand_dims(x1, -1), x2) if len(x1.shape) == 1 else (x1, ops.squeeze(x2, -1))
    return x1, x2


def same_shape(y_true: Any, y_pred: Any, name: str, kind: str = "regression") -> tuple[Any, Any]:
    """Labels and predictions of one shape; a scalar label stands for all.

    Args:
        y_true: Tensor of labels.
        y_pred: Tensor of predictions.
        name: The measure, for the error.
        kind: `"regression"`, `"binary"` or `"categorical"`: what the hint of the error is about.

    Raises:
        ValueError: If the shapes differ by more than an axis of size 1 at the end.
    """
    y_true, y_pred = squeeze_or_expand(y_true, y_pred)
    if not y_pred.shape and not y_true.shape:
        return ops.reshape(y_true, (1,)), ops.reshape(y_pred, (1,))
    if y_true.shape and not y_pred.shape.is_compatible_with(y_true.shape):
        raise ValueError(
            message(
                f"{name}: the labels do not fit the predictions.",
                expected=f"y_true of the shape of y_pred, {tuple(y_pred.shape)}",
                received=f"y_true of shape {tuple(y_true.shape)}",
                hint=_hint(tuple(y_true.shape), tuple(y_pred.shape), kind),
            )
        )
    if y_pred.shape and not y_true.shape:
        y_true = ops.broadcast_to(y_true, ops.shape(y_pred))
    return y_true, y_pred


def _hint(true: tuple, pred: tuple, kind: str) -> str:
    if not pred:
        return "y_pred is a single number; give one prediction for each label."
    if None not in (true[0], pred[0]) and true[0] != pred[0]:
        return f"y_true holds {true[0]} samples and y_pred {pred[0]}: they must be the same samples."
    if len(pred) == len(true) + 1 or (len(pred) == len(true) and true[-1] == 1):
        return _hint_ids(pred[-1], kind)
    if pred[-1] == 1:
        end = (
            "the softmax activation and categorical_crossentropy"
            if kind == "binary"
            else "one for each column"
        )
        return f"the labels have {true[-1]} columns: give the last layer {true[-1]} units ({end})."
    if len(true) == len(pred):
        return f"the sizes must be equal; give the last layer {true[-1]} units, or reshape the labels."
    return "labels and predictions need the same rank: remove axes with Flatten or Reshape."


def _hint_ids(units: Any, kind: str) -> str:
    if kind == "categorical":
        return (
            "use sparse_categorical_crossentropy (or SparseCategoricalAccuracy) for integer labels, or make "
            f"them one-hot: keras.utils.to_categorical(y, num_classes={units})."
        )
    return (
        f"the last layer has {units} units for 1 label: give it 1 unit, or, if the labels are integer "
        "classes, use sparse_categorical_crossentropy."
    )


def class_ids(y_true: Any, y_pred: Any, name: str, axis: int = -1) -> Any:
    """Integer labels in the shape of the predictions without the axis of classes.

    Args:
        y_true: Tensor of class indices; an axis of size 1 in the place of `axis` is removed.
        y_pred: Tensor of one number for each class along `axis`.
        name: The measure, for the error.
        axis: The axis of classes.

    Raises:
        ValueError: If the shapes do not fit.
    """
    if isinstance(axis, bool) or not -len(y_pred.shape) <= axis < len(y_pred.shape):
        raise ValueError(
            message(
                f"{name}: `axis` is no axis of y_pred.",
                expected=f"an integer from {-len(y_pred.shape)} to {len(y_pred.shape) - 1}",
                received=axis,
                hint="y_pred needs an axis with one number for each class." if not y_pred.shape else None,
            )
        )
    place = axis % len(y_pred.shape)
    wanted = y_pred.shape[:place] + y_pred.shape[place + 1 :]
    labels = y_true
    if len(labels.shape) == len(y_pred.shape) and labels.shape[axis] == 1:
        labels = ops.squeeze(labels, axis)
    if not wanted.is_compatible_with(labels.shape):
        raise ValueError(
            message(
                f"{name}: the labels do not fit the predictions.",
                expected=f"integer y_true of shape {tuple(wanted)}",
                received=f"y_true of shape {tuple(y_true.shape)}, y_pred of shape {tuple(y_pred.shape)}",
                hint=_hint_sparse(tuple(y_true.shape), tuple(y_pred.shape)),
            )
        )
    return ops.cast(labels, "int32")


def _hint_sparse(true: tuple, pred: tuple) -> str:
    if true == pred:
        return (
            "the labels look one-hot: use categorical_crossentropy (or CategoricalAccuracy), or make them "
            "integers with numpy.argmax(y, axis=-1)."
        )
    if true and true[0] != pred[0] and None not in (true[0], pred[0]):
        return f"y_true holds {true[0]} samples and y_pred {pred[0]}: they must be the same samples."
    return "give one integer for each prediction; a Flatten before the last layer makes that one per sample."


def label_kind(y_true_shape: Any, y_pred_shape: Any) -> str:
    """What kind of labels the shapes show: `"binary"`, `"sparse"` or `"categorical"`."""
    true, pred = tuple(y_true_shape), tuple(y_pred_shape)
    if pred and pred[-1] == 1:
        return "binary"
    if len(true) < len(pred) or (true and true[-1] == 1 and pred[-1] != 1):
        return "sparse"
    return "categorical"
