"""Reductions over groups of rows that a vector of numbers forms."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax.core.errors import message
from addax.engine._jax import jax, jnp
from addax.engine._op import op
from addax.engine._tensor import Tensor, is_concrete


def _count(segment_ids: Any, num_segments: int | None) -> int:
    """The number of groups: what the caller says, or what the ids show if they are known."""
    if num_segments is not None:
        return num_segments
    raw = segment_ids._value if isinstance(segment_ids, Tensor) else segment_ids
    if isinstance(raw, (list, tuple)) or is_concrete(raw):
        return int(np.max(np.asarray(raw), initial=-1)) + 1
    raise ValueError(
        message(
            "The number of segments is not known here.",
            expected="num_segments, an integer",
            received="num_segments=None, with segment_ids whose values are not known",
        )
    )


@op(name="segment_sum", static=("num_segments",))
def _sum(data: Any, segment_ids: Any, num_segments: Any, sorted: bool = False) -> Any:
    return jax.ops.segment_sum(jnp.asarray(data), jnp.asarray(segment_ids), num_segments, sorted)


@op(name="segment_max", static=("num_segments",))
def _max(data: Any, segment_ids: Any, num_segments: Any, sorted: bool = False) -> Any:
    return jax.ops.segment_max(jnp.asarray(data), jnp.asarray(segment_ids), num_segments, sorted)


@op(name="segment_min", static=("num_segments",))
def _min(data: Any, segment_ids: Any, num_segments: Any, sorted: bool = False) -> Any:
    return jax.ops.segment_min(jnp.asarray(data), jnp.asarray(segment_ids), num_segments, sorted)


@op(name="segment_prod", static=("num_segments",))
def _prod(data: Any, segment_ids: Any, num_segments: Any, sorted: bool = False) -> Any:
    return _product(jnp.asarray(data), jnp.asarray(segment_ids), num_segments, sorted)


def _product(data: Any, ids: Any, count: int, sorted: bool) -> Any:
    """`jax.ops.segment_prod` with a derivative, which JAX lacks: each row times the product of the others."""

    @jax.custom_jvp
    def product(x: Any) -> Any:
        return jax.ops.segment_prod(x, ids, count, sorted)

    @product.defjvp
    def derivative(primals: tuple, tangents: tuple) -> tuple:
        (x,), (dx,) = primals, tangents
        zero = x == 0
        rest = _product(jnp.where(zero, 1, x), ids, count, sorted)[ids]
        zeros = jax.ops.segment_sum(zero.astype(x.dtype), ids, count, sorted)[ids]
        others = jnp.where(
            zero, jnp.where(zeros == 1, rest, 0), jnp.where(zeros == 0, rest / jnp.where(zero, 1, x), 0)
        )
        return product(x), jax.ops.segment_sum(others * dx, ids, count, sorted)

    return product(data)


def segment_sum(data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False) -> Any:
    """Sums of the rows that belong together.

    Args:
        data: A tensor of shape `(n, ...)`.
        segment_ids: For each row the number of its group, integers of shape `(n,)`.
        num_segments: The number of groups; the greatest id and one more if None, which needs known ids.
        sorted: Whether the ids rise, which can be faster.

    Returns:
        A tensor of shape `(num_segments, ...)`; 0 for a group without rows.

    Raises:
        ValueError: If `num_segments` is None and the ids are not known.

    Example:
        >>> import addax as keras
        >>> keras.ops.segment_sum([1, 2, 10], [0, 0, 1], num_segments=2).numpy()
        array([ 3, 10], dtype=int32)
    """
    return _sum(data, segment_ids, _count(segment_ids, num_segments), sorted)


def segment_max(data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False) -> Any:
    """Largest elements of the rows that belong together; arguments as for `segment_sum`."""
    return _max(data, segment_ids, _count(segment_ids, num_segments), sorted)


def segment_min(data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False) -> Any:
    """Smallest elements of the rows that belong together; arguments as for `segment_sum`."""
    return _min(data, segment_ids, _count(segment_ids, num_segments), sorted)


def segment_prod(data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False) -> Any:
    """Products of the rows that belong together; arguments as for `segment_sum`."""
    return _prod(data, segment_ids, _count(segment_ids, num_segments), sorted)
