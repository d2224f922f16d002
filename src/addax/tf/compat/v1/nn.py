"""`tf.compat.v1.nn`: `tf.nn`, where arguments changed as they were."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.core.errors import message
from addax.tf import nn as _today
from addax.tf.compat.v1.math import in_top_k as in_top_k


def dropout(
    x: Any,
    keep_prob: Any = None,
    noise_shape: Any = None,
    seed: Any = None,
    name: str | None = None,
    rate: Any = None,
) -> Any:
    """Dropout by what is kept.

    Args:
        x: A float tensor.
        keep_prob: The probability with which an element is kept.
        noise_shape: The shape of the mask, which is broadcast.
        seed: An integer.
        name: Accepted for TensorFlow's sake.
        rate: The probability with which an element is dropped, instead of `keep_prob`.

    Raises:
        ValueError: Unless one of `keep_prob` and `rate` is given.
    """
    if (keep_prob is None) == (rate is None):
        raise ValueError(
            message(
                "dropout() takes one of keep_prob and rate.",
                received=f"keep_prob={keep_prob!r}, rate={rate!r}",
            )
        )
    return _today.dropout(x, 1 - keep_prob if rate is None else rate, noise_shape, seed)


def softmax_cross_entropy_with_logits_v2(
    labels: Any, logits: Any, axis: int | None = None, **old: Any
) -> Any:
    """`tf.nn.softmax_cross_entropy_with_logits`.

    Args:
        labels: Probabilities of the classes.
        logits: Scores of the same shape.
        axis: The axis of the classes, the last one if None.
        **old: `dim`, an older name of `axis`, and `name`.
    """
    axis = old.get("dim", axis) if axis is None else axis
    return _today.softmax_cross_entropy_with_logits(labels, logits, -1 if axis is None else axis)


def softmax_cross_entropy_with_logits(
    _sentinel: Any = None,
    labels: Any = None,
    logits: Any = None,
    dim: int = -1,
    name: Any = None,
    axis: Any = None,
) -> Any:
    """`tf.nn.softmax_cross_entropy_with_logits`, by which labels get no gradient.

    Args:
        _sentinel: None, so that the others are passed by name.
        labels: Probabilities of the classes.
        logits: Scores of the same shape.
        dim: The axis of the classes.
        name: Accepted for TensorFlow's sake.
        axis: A newer name of `dim`.
    """
    return _today.softmax_cross_entropy_with_logits(
        ops.stop_gradient(ops.convert_to_tensor(labels)), logits, dim if axis is None else axis
    )


__all__ = sorted({*_today.__all__, "softmax_cross_entropy_with_logits_v2"})


def __getattr__(name: str) -> Any:
    return getattr(_today, name)


def __dir__() -> list[str]:
    return __all__
