"""Reductions over axes (sum, mean, max...), cumulative sums, and positions of extremes."""

from __future__ import annotations

from typing import Any

from addax.engine._jax import jnp
from addax.engine._op import op
from addax.ops._dtypes import array_dtype, known_axis, to_float


def _wide(x: Any) -> Any:
    """The dtype to add up in: at least float32, so that many small numbers do not lose their sum."""
    return jnp.promote_types(x.dtype, jnp.float32)


def _target(dtype: Any) -> Any:
    return None if dtype is None else array_dtype(dtype)


@op
def sum(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Sum over axes.

    Args:
        x: A tensor.
        axis: An axis or several; all if None.
        keepdims: Whether reduced axes stay, with size 1.

    Returns:
        A tensor; bools and small integers are summed in 32 bits.

    Example:
        >>> import addax as keras
        >>> keras.ops.sum([[1, 2], [3, 4]], axis=0).numpy()
        array([4, 6], dtype=int32)
    """
    return jnp.sum(x, axis=known_axis(axis), keepdims=keepdims)


@op
def mean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Mean over axes; integers give floats.

    Args:
        x: A tensor.
        axis: An axis or several; all if None.
        keepdims: Whether reduced axes stay, with size 1.
    """
    x = to_float(x)
    return jnp.mean(x, axis=known_axis(axis), keepdims=keepdims, dtype=_wide(x)).astype(x.dtype)


@op
def prod(x: Any, axis: Any = None, keepdims: bool = False, dtype: Any = None) -> Any:
    """Product over axes.

    Args:
        x: A tensor.
        axis: An axis or several; all if None.
        keepdims: Whether reduced axes stay, with size 1.
        dtype: The dtype of the result; if None that of `x`, 32 bits for bools and small integers.
    """
    return jnp.prod(x, axis=known_axis(axis), keepdims=keepdims, dtype=_target(dtype))


@op
def var(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Variance over axes (the mean squared distance from the mean); integers give floats.

    Args:
        x: A tensor.
        axis: An axis or several; all if None.
        keepdims: Whether reduced axes stay, with size 1.
    """
    x = to_float(x)
    return jnp.var(x, axis=known_axis(axis), keepdims=keepdims, dtype=_wide(x)).astype(jnp.real(x).dtype)


@op
def std(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Standard deviation over axes, the square root of `var`.

    Args:
        x: A tensor.
        axis: An axis or several; all if None.
        keepdims: Whether reduced axes stay, with size 1.
    """
    return jnp.std(x, axis=known_axis(axis), keepdims=keepdims)


@op(dynamic=("initial",))
def max(x: Any, axis: Any = None, keepdims: bool = False, initial: Any = None) -> Any:
    """Largest element over axes.

    Args:
        x: A tensor.
        axis: An axis or several; all if None.
        keepdims: Whether reduced axes stay, with size 1.
        initial: A lower bound of the result; needed if there may be no element.
    """
    return jnp.max(x, axis=known_axis(axis), keepdims=keepdims, initial=initial)


@op(dynamic=("initial",))
def min(x: Any, axis: Any = None, keepdims: bool = False, initial: Any = None) -> Any:
    """Smallest element over axes.

    Args:
        x: A tensor.
        axis: An axis or several; all if None.
        keepdims: Whether reduced axes stay, with size 1.
        initial: An upper bound of the result; needed if there may be no element.
    """
    return jnp.min(x, axis=known_axis(axis), keepdims=keepdims, initial=initial)


@op
def amax(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Largest element over axes, as `max`."""
    return jnp.max(x, axis=known_axis(axis), keepdims=keepdims)


@op
def amin(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Smallest element over axes, as `min`."""
    return jnp.min(x, axis=known_axis(axis), keepdims=keepdims)


@op
def any(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Whether any element over axes is true (or not zero), as bool."""
    return jnp.any(x, axis=known_axis(axis), keepdims=keepdims)


@op
def all(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Whether all elements over axes are true (or not zero), as bool."""
    return jnp.all(x, axis=known_axis(axis), keepdims=keepdims)


@op
def argmax(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Position of the largest element along an axis (of the flat tensor if None); the first if tied."""
    return jnp.argmax(x, axis=known_axis(axis), keepdims=keepdims)


@op
def argmin(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Position of the smallest element along an axis (of the flat tensor if None); the first if tied."""
    return jnp.argmin(x, axis=known_axis(axis), keepdims=keepdims)


@op
def count_nonzero(x: Any, axis: Any = None) -> Any:
    """Number of elements over axes that are not zero, as int32."""
    return jnp.count_nonzero(x, axis=known_axis(axis))


@op
def cumsum(x: Any, axis: Any = None, dtype: Any = None) -> Any:
    """Sums of the elements up to each one, along an axis (of the flat tensor if None).

    Args:
        x: A tensor.
        axis: The axis.
        dtype: The dtype of the result, that of `x` (int32 for bools) if None.
    """
    return jnp.cumsum(x, axis=known_axis(axis), dtype=_target(dtype))


@op
def cumprod(x: Any, axis: Any = None, dtype: Any = None) -> Any:
    """Products of the elements up to each one, along an axis (of the flat tensor if None).

    Args:
        x: A tensor.
        axis: The axis.
        dtype: The dtype of the result, that of `x` (int32 for bools) if None.
    """
    return jnp.cumprod(x, axis=known_axis(axis), dtype=_target(dtype))


@op
def ptp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Distance from the smallest to the largest element over axes."""
    return jnp.ptp(x, axis=known_axis(axis), keepdims=keepdims)


@op(dynamic=("weights",))
def average(x: Any, axis: Any = None, weights: Any = None) -> Any:
    """Weighted mean over axes.

    Args:
        x: A tensor.
        axis: An axis or several; all if None.
        weights: A tensor of the shape of `x`, or of its size along one axis; the plain mean if None.

    Example:
        >>> import addax as keras
        >>> keras.ops.average([1.0, 2.0], weights=[3.0, 1.0])
        <tf.Tensor: shape=(), dtype=float32, numpy=1.25>
    """
    x = to_float(x)
    weights = None if weights is None else jnp.asarray(weights)
    dtype = x.dtype if weights is None else jnp.promote_types(x.dtype, weights.dtype)
    return jnp.average(x.astype(dtype), known_axis(axis), None if weights is None else weights.astype(dtype))


# Reductions that pass over NaN


@op
def nansum(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Sum over axes of what is not NaN."""
    return jnp.nansum(x, axis=known_axis(axis), keepdims=keepdims)


@op
def nanmean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Mean over axes of what is not NaN; NaN if there is nothing."""
    return jnp.nanmean(x, axis=known_axis(axis), keepdims=keepdims)


@op
def nanprod(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Product over axes of what is not NaN."""
    return jnp.nanprod(x, axis=known_axis(axis), keepdims=keepdims)


@op
def nanvar(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Variance over axes of what is not NaN."""
    return jnp.nanvar(x, axis=known_axis(axis), keepdims=keepdims)


@op
def nanstd(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Standard deviation over axes of what is not NaN."""
    return jnp.nanstd(x, axis=known_axis(axis), keepdims=keepdims)


@op
def nanmax(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Largest element over axes that is not NaN."""
    return jnp.nanmax(x, axis=known_axis(axis), keepdims=keepdims)


@op
def nanmin(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Smallest element over axes that is not NaN."""
    return jnp.nanmin(x, axis=known_axis(axis), keepdims=keepdims)


@op
def nanargmax(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Position of the largest element along an axis that is not NaN; -1 if there is none."""
    return jnp.nanargmax(x, axis=known_axis(axis), keepdims=keepdims)


@op
def nanargmin(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Position of the smallest element along an axis that is not NaN; -1 if there is none."""
    return jnp.nanargmin(x, axis=known_axis(axis), keepdims=keepdims)


@op
def nancumsum(x: Any, axis: Any = None, dtype: Any = None) -> Any:
    """Sums up to each element along an axis (of the flat tensor if None), NaN counting as 0."""
    return jnp.nancumsum(x, axis=known_axis(axis), dtype=_target(dtype))


@op
def nancumprod(x: Any, axis: Any = None, dtype: Any = None) -> Any:
    """Products up to each element along an axis (of the flat tensor if None), NaN counting as 1."""
    return jnp.nancumprod(x, axis=known_axis(axis), dtype=_target(dtype))
