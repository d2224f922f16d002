"""Losses of sequences whose alignment is not known."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.core.errors import message
from addax.measures._arrays import measure


@measure(takes_class_ids=True)
def ctc(y_true: Any, y_pred: Any) -> Any:
    """Connectionist temporal classification: minus the log-likelihood of label sequences without alignment.

    Class 0 is the blank and, in labels, the padding (Graves et al., "Connectionist Temporal Classification:
    Labelling Unsegmented Sequence Data with Recurrent Neural Networks", 2006).

    Args:
        y_true: Integer labels of shape `(batch, max_label_length)`, padded with 0.
        y_pred: Logits of shape `(batch, time, classes)`.

    Returns:
        A float tensor of shape `(batch,)`.

    Raises:
        ValueError: If the ranks are wrong.

    Example:
        >>> import addax as keras
        >>> keras.losses.ctc([[1, 2, 0]], keras.ops.zeros((1, 4, 3))).numpy().round(3)
        array([1.686], dtype=float32)
    """
    if len(y_true.shape) != 2 or len(y_pred.shape) != 3:
        raise ValueError(
            message(
                "ctc: the labels do not fit the predictions.",
                expected="y_true of shape (batch, max_label_length), y_pred of shape (batch, time, classes)",
                received=f"y_true of shape {tuple(y_true.shape)}, y_pred of shape {tuple(y_pred.shape)}",
                hint="pad label sequences with 0, which is also the blank of the output.",
            )
        )
    labels = ops.cast(y_true, "int32")
    batch, time = ops.shape(y_pred)[:2]
    input_length = ops.full((batch,), time, dtype="int32")
    label_length = ops.sum(ops.cast(labels != 0, "int32"), axis=-1)
    return ops.ctc_loss(labels, y_pred, label_length, input_length, mask_index=0)
