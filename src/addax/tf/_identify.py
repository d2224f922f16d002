"""`tf.fingerprint`, `tf.guarantee_const` and `tf.approx_top_k`."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from addax import ops
from addax.core.errors import message
from addax.engine import Tensor


def fingerprint(data: Any, method: str = "farmhash64", name: str | None = None) -> Tensor:
    """For each element of the first axis 8 bytes that follow from its contents.

    Args:
        data: A tensor of rank 1 or more. Numbers count by their bytes, whatever their dtype and shape.
        method: `"farmhash64"`.
        name: Accepted for TensorFlow's sake.

    Returns:
        uint8 of shape `(n, 8)`, the low byte first.

    Raises:
        ValueError: If `data` is a scalar, or the method is unknown.

    Example:
        >>> import addax.tf as tf
        >>> tf.fingerprint(tf.constant(["abc"])).numpy().tolist()
        [[105, 243, 231, 116, 160, 179, 165, 36]]
    """
    from addax.formats import fingerprint64

    kind = np.asarray(ops.convert_to_tensor(method)).item()
    if kind not in (b"farmhash64", "farmhash64"):
        raise ValueError(message("Unknown method.", expected="'farmhash64'", received=method))
    array = np.asarray(ops.convert_to_tensor(data))
    if not array.ndim:
        raise ValueError(message("fingerprint() takes a tensor of rank 1 or more.", received="a scalar"))
    rows = array.reshape(len(array), -1) if array.size else array.reshape(len(array), 0)
    if array.dtype != object:
        texts = [row.tobytes() for row in np.ascontiguousarray(rows)]
    else:
        texts = [
            row[0] if len(row) == 1 else b"".join(_eight(fingerprint64(text)) for text in row)
            for row in rows.tolist()
        ]
    found = b"".join(_eight(fingerprint64(text)) for text in texts)
    return Tensor(np.frombuffer(found, np.uint8).reshape(len(array), 8))


def _eight(number: int) -> bytes:
    return number.to_bytes(8, "little")


def guarantee_const(input: Any, name: str | None = None) -> Any:
    """The tensor itself: a promise that it is constant, which nothing here needs.

    Args:
        input: A tensor.
        name: Accepted for TensorFlow's sake.

    Example:
        >>> import addax.tf as tf
        >>> int(tf.guarantee_const(3))
        3
    """
    return ops.convert_to_tensor(input)


class ApproxTopK(NamedTuple):
    """What `approx_top_k` gives.

    Attributes:
        values: The values.
        indices: Where they are, int32.
    """

    values: Any
    indices: Any


def approx_top_k(
    input: Any,
    k: int,
    reduction_dimension: int = -1,
    recall_target: float = 0.95,
    is_max_k: bool = True,
    reduction_input_size_override: int = -1,
    aggregate_to_topk: bool = True,
    name: str | None = None,
) -> ApproxTopK:
    """The k largest or smallest values along an axis; on accelerators a few of them may be missed.

    Args:
        input: A float tensor.
        k: How many.
        reduction_dimension: The axis.
        recall_target: Which share of them has to be found.
        is_max_k: Whether they are the largest rather than the smallest.
        reduction_input_size_override: The size that `recall_target` counts for; that of the axis if negative.
        aggregate_to_topk: Whether exactly k values are given.
        name: Accepted for TensorFlow's sake.

    Returns:
        `(values, indices)`.

    Example:
        >>> import addax.tf as tf
        >>> tf.approx_top_k([3.0, 1.0, 2.0, 5.0], 2).indices.numpy()
        array([3, 0], dtype=int32)
    """
    from addax.tf._series import approx_max_k, approx_min_k

    options = (k, reduction_dimension, recall_target, reduction_input_size_override, aggregate_to_topk)
    return ApproxTopK(*(approx_max_k if is_max_k else approx_min_k)(input, *options))


__all__ = ["approx_top_k", "fingerprint", "guarantee_const"]
