"""`tf.compat.v1.math`: `tf.math`, where arguments changed as they were."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from addax.tf import _reduce
from addax.tf import math as _today


def _of_old(reduce: Callable) -> Callable:
    def old(
        input_tensor: Any,
        axis: Any = None,
        keepdims: bool | None = None,
        name: str | None = None,
        reduction_indices: Any = None,
        keep_dims: bool | None = None,
    ) -> Any:
        axis = reduction_indices if axis is None else axis
        return reduce(input_tensor, axis, bool(keep_dims if keepdims is None else keepdims))

    old.__name__ = old.__qualname__ = reduce.__name__
    old.__doc__ = (
        f"`tf.{reduce.__name__}`; `reduction_indices` is an older `axis`, `keep_dims` an older `keepdims`."
    )
    return old


reduce_all = _of_old(_reduce.reduce_all)
reduce_any = _of_old(_reduce.reduce_any)
reduce_logsumexp = _of_old(_reduce.reduce_logsumexp)
reduce_max = _of_old(_reduce.reduce_max)
reduce_mean = _of_old(_reduce.reduce_mean)
reduce_min = _of_old(_reduce.reduce_min)
reduce_prod = _of_old(_reduce.reduce_prod)
reduce_sum = _of_old(_reduce.reduce_sum)


def in_top_k(predictions: Any, targets: Any, k: int, name: str | None = None) -> Any:
    """Whether the right class is among the `k` best; `tf.math.in_top_k` takes the targets first.

    Args:
        predictions: Scores of shape `(batch, classes)`.
        targets: Numbers of classes, of shape `(batch,)`.
        k: How many count.
        name: Accepted for TensorFlow's sake.
    """
    return _today.in_top_k(targets, predictions, k)


__all__ = list(_today.__all__)


def __getattr__(name: str) -> Any:
    return getattr(_today, name)


def __dir__() -> list[str]:
    return __all__
