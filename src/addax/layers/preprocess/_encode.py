"""Categories as one-hot, multi-hot or counted vectors."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax import ops
from addax.core.errors import message
from addax.engine import Tensor, op
from addax.engine._jax import jnp

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
        mode: `"int"`; `"one_hot"` (of each element, in place of a last axis of size 1); `"multi_hot"` or
            `"count"` (of all elements along the last axis).
        depth: The number of categories.
        dtype: The dtype of the result.
        weights: Weights of the elements, for `"count"`.
    """
    if mode == "int":
        return ops.cast(indices, dtype)
    if mode == "one_hot":
        if len(indices.shape) > 1 and indices.shape[-1] == 1:
            indices = ops.squeeze(indices, axis=-1)
        return ops.one_hot(indices, depth, dtype=dtype)
    if isinstance(indices._value, np.ndarray) and weights is None:  # made on the host
        counts = Tensor(_counted_on_host(indices._value, depth))
    else:
        counts = _counted(indices, weights, depth=depth)
    return ops.cast(ops.minimum(counts, 1) if mode == "multi_hot" else counts, dtype)


def _counted_on_host(indices: np.ndarray, depth: int) -> np.ndarray:
    """How often each category occurs along the last axis."""
    rows = indices.reshape(int(np.prod(indices.shape[:-1])), indices.shape[-1] if indices.ndim else 1)
    inside = (rows >= 0) & (rows < depth)
    places = (np.arange(len(rows))[:, None] * depth + rows)[inside]
    counts = np.bincount(places, minlength=len(rows) * depth).astype("float32")
    return counts.reshape(*indices.shape[:-1], depth)


@op(name="count_categories")
def _counted(indices: Any, weights: Any, depth: int = 0) -> Any:
    """The same, on the device."""
    indices = jnp.atleast_1d(jnp.asarray(indices))
    rows = indices.reshape(-1, indices.shape[-1])
    places = jnp.where(rows < 0, depth, rows)  # outside, so that it is dropped
    given = jnp.ones(rows.shape, "float32") if weights is None else jnp.asarray(weights).reshape(rows.shape)
    start = jnp.zeros((rows.shape[0], depth), given.dtype)
    counts = start.at[jnp.arange(rows.shape[0])[:, None], places].add(given, mode="drop")
    return counts.reshape(*indices.shape[:-1], depth)
