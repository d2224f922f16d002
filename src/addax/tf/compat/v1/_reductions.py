"""Reductions with the arguments that they had in TensorFlow 1."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from addax.tf import _reduce


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
