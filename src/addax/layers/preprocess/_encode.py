"""Categories as one-hot, multi-hot or counted vectors."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.core.errors import message

_OLDER_NAMES = {"binary": "multi_hot", "tf-idf": "tf_idf"}


def output_mode(value: Any, allowed: tuple[str, ...], where: str) -> str:
    """The name of an output mode, older names replaced.

    Raises:
        ValueError: If it is not one of `allowed`.
    """
    name = _OLDER_NAMES.get(value, value) if isinstance(value, str) else value
    if name not in allowed:
        names = ", ".join(f'"{mode}"' for mode in allowed)
        raise ValueError(message("`output_mode` is wrong.", where=where, expected=names, received=value))
    return name


def no_sparse(sparse: Any, where: str, name: str = "sparse") -> bool:
    """False; there are no sparse or ragged tensors.

    Raises:
        ValueError: If one was asked for.
    """
    if sparse:
        raise ValueError(
            message(
                f"`{name}=True` is not supported.",
                where=where,
                expected=f"{name}=False: dense tensors",
                received=f"{name}={sparse}",
            )
        )
    return False


def encode(indices: Any, mode: str, depth: int, dtype: Any, weights: Any = None) -> Any:
    """Categories in the form that an output mode asks for.

    Args:
        indices: Integer tensor; what lies outside of 0 to `depth - 1` gives zeros.
        mode: `"int"`; `"one_hot"` (of each element, in place of a last axis of size 1); `"multi_hot"` or `"count"`
            (of all elements along the last axis).
        depth: The number of categories.
        dtype: The dtype of the result.
        weights: Weights of the elements, for `"count"`.
    """
    if mode == "int":
        return ops.cast(indices, dtype)
    if len(indices.shape) == 0:
        indices = ops.expand_dims(indices, -1)
    if mode == "one_hot" and len(indices.shape) > 1 and indices.shape[-1] == 1:
        indices = ops.squeeze(indices, axis=-1)
    vectors = ops.one_hot(indices, depth, dtype=dtype)
    if mode == "one_hot":
        return vectors
    if mode == "multi_hot":
        return ops.max(vectors, axis=-2, initial=0)
    if weights is not None:
        vectors = vectors * ops.expand_dims(ops.cast(weights, dtype), -1)
    return ops.sum(vectors, axis=-2)
