"""Means and variances, and what is normalized by them."""

from __future__ import annotations

import warnings
from typing import Any

from addax.core.config import epsilon as default_epsilon
from addax.core.errors import message
from addax.engine import _replicas, op
from addax.engine._jax import jnp, lax
from addax.ops._dtypes import to_float

__all__ = ["batch_normalization", "layer_normalization", "moments", "normalize", "rms_normalization"]


def _wide(x: Any) -> Any:
    """The array in float32 at least: half precision cannot hold sums of squares."""
    x = jnp.asarray(x)
    return x.astype(jnp.promote_types(x.dtype, jnp.float32))


def _back(x: Any, dtype: Any) -> Any:
    """The array in a narrower dtype, without overflow to infinity."""
    if x.dtype == dtype:
        return x
    limits = jnp.finfo(dtype)
    return jnp.clip(x, float(limits.min), float(limits.max)).astype(dtype)


def _moments(x: Any, axes: Any, keepdims: bool) -> tuple[Any, Any]:
    axes = tuple(axes) if isinstance(axes, (list, tuple)) else axes
    mean = jnp.mean(x, axis=axes, keepdims=True)
    variance = jnp.mean(jnp.square(x - mean), axis=axes, keepdims=True)
    if keepdims:
        return mean, variance
    return jnp.squeeze(mean, axes), jnp.squeeze(variance, axes)


@op(static=("axes",))
def moments(x: Any, axes: Any, keepdims: bool = False, synchronized: bool = False) -> tuple[Any, Any]:
    """Mean and variance over some axes.

    Args:
        x: A float tensor; half precision is summed in float32.
        axes: The axis or axes to reduce.
        keepdims: Whether reduced axes stay, with size 1.
        synchronized: Whether replicas of `tf.distribute` take the means of all of their samples together. Without
            replicas, on a mesh too, they are always those of the whole batch.

    Returns:
        The pair `(mean, variance)`, in the dtype of `x`.

    Example:
        >>> import addax as keras
        >>> mean, variance = keras.ops.moments([1.0, 3.0], axes=[0])
        >>> float(mean), float(variance)
        (2.0, 1.0)
    """
    x = to_float(x)
    if jnp.issubdtype(x.dtype, jnp.complexfloating):
        return jnp.mean(x, axes, keepdims=keepdims), jnp.var(x, axes, keepdims=keepdims)
    mean, variance = _moments(_wide(x), axes, keepdims)
    replica = _replicas.current() if synchronized else None
    if replica is not None:
        own, mean = mean, replica.all_reduce("mean", mean)
        variance = replica.all_reduce("mean", variance + (own - mean) ** 2)
    return _back(mean, x.dtype), _back(variance, x.dtype)


@op(static=("axis",), dynamic=("offset", "scale"))
def batch_normalization(
    x: Any, mean: Any, variance: Any, axis: int, offset: Any = None, scale: Any = None, epsilon: float = 1e-3
) -> Any:
    """`(x - mean) / sqrt(variance + epsilon) * scale + offset`, with one number for each index of an axis.

    Args:
        x: A float tensor.
        mean: Tensor of shape `(x.shape[axis],)`.
        variance: Tensor of the same shape.
        axis: The axis that the statistics belong to.
        offset: Tensor of the same shape, or None for zero.
        scale: Tensor of the same shape, or None for one.
        epsilon: Added to the variance.

    Returns:
        A tensor of the shape of `x`.

    Example:
        >>> import addax as keras
        >>> keras.ops.batch_normalization([[3.0]], [1.0], [4.0], axis=-1, epsilon=0.0).numpy()
        array([[1.]], dtype=float32)
    """
    x, mean = jnp.asarray(x), jnp.asarray(mean)
    shape = [1] * x.ndim
    shape[axis] = mean.shape[0]
    factor = lax.rsqrt(jnp.reshape(variance, shape) + epsilon)
    if scale is not None:
        factor = factor * jnp.reshape(scale, shape)
    shift = -jnp.reshape(mean, shape) * factor
    if offset is not None:
        shift = shift + jnp.reshape(offset, shape)
    return x * factor + shift


@op(dynamic=("gamma", "beta"))
def layer_normalization(
    x: Any, gamma: Any = None, beta: Any = None, axis: Any = -1, epsilon: float | None = None, **kwargs: Any
) -> Any:
    """Normalize over some axes to mean 0 and variance 1, then scale and shift (Ba et al., 2016).

    Args:
        x: A float tensor; half precision is computed in float32.
        gamma: The scale, of the sizes of `axis`, or None for one.
        beta: The shift, of the sizes of `axis`, or None for zero.
        axis: The axis or axes to normalize over.
        epsilon: Added to the variance; the setting if None.
        **kwargs: `rms_scaling=True` divides without subtracting the mean (deprecated).

    Returns:
        A tensor of the shape and dtype of `x`.

    Example:
        >>> import addax as keras
        >>> keras.ops.layer_normalization([[1.0, 3.0]], epsilon=0.0).numpy()
        array([[-1.,  1.]], dtype=float32)
    """
    rms_scaling = kwargs.pop("rms_scaling", False)
    if kwargs:
        raise TypeError(f"layer_normalization() got unexpected keyword arguments {sorted(kwargs)}.")
    if rms_scaling:
        warnings.warn(
            "`rms_scaling=True` divides by the variance; use ops.rms_normalization instead.", stacklevel=2
        )
    original = jnp.asarray(x).dtype
    x = _wide(x)
    axes = sorted(a % x.ndim for a in (axis if isinstance(axis, (list, tuple)) else [axis]))
    shape = [d if i in axes else 1 for i, d in enumerate(x.shape)]
    mean, variance = _moments(x, axes, keepdims=True)
    factor = lax.rsqrt(variance + (default_epsilon() if epsilon is None else epsilon))
    if gamma is not None:
        factor = factor * _fitted(gamma, x, shape)
    out = x * factor if rms_scaling else (x - mean) * factor
    if beta is not None and not rms_scaling:
        out = out + _fitted(beta, x, shape)
    return out.astype(original)


def _fitted(weight: Any, x: Any, shape: list) -> Any:
    weight = jnp.asarray(weight).astype(x.dtype)
    return weight if weight.ndim == x.ndim else jnp.reshape(weight, shape)


@op(dynamic=("scale",))
def rms_normalization(x: Any, scale: Any = None, axis: Any = -1, epsilon: float | None = None) -> Any:
    """Divide by the root of the mean square over some axes (Zhang and Sennrich, 2019).

    Args:
        x: A float tensor; half precision is computed in float32.
        scale: A factor that broadcasts to `x`, or None.
        axis: The axis or axes of the mean.
        epsilon: Added to the mean square; the setting if None.

    Returns:
        A tensor of the shape and dtype of `x`.

    Example:
        >>> import addax as keras
        >>> keras.ops.rms_normalization([3.0, 3.0]).numpy()
        array([1., 1.], dtype=float32)
    """
    original = jnp.asarray(x).dtype
    x = jnp.atleast_1d(_wide(x))
    axes = tuple(axis) if isinstance(axis, (list, tuple)) else axis
    mean_square = jnp.mean(jnp.square(x), axis=axes, keepdims=True)
    out = x * lax.rsqrt(mean_square + (default_epsilon() if epsilon is None else epsilon))
    if scale is not None:
        out = out * jnp.asarray(scale).astype(x.dtype)
    return out.astype(original)


@op
def normalize(x: Any, axis: Any = -1, order: int = 2, epsilon: float | None = None) -> Any:
    """Divide by the norm along an axis, which is not taken smaller than `epsilon`.

    Args:
        x: A tensor.
        axis: The axis of the norm.
        order: The order p of the norm, 1 or more.
        epsilon: The smallest divisor; the setting if None.

    Returns:
        A tensor of the shape of `x`; scalars become vectors.

    Raises:
        ValueError: If `order` is not a positive integer.

    Example:
        >>> import addax as keras
        >>> keras.ops.normalize([[3.0, 4.0]]).numpy()
        array([[0.6, 0.8]], dtype=float32)
    """
    if not isinstance(order, int) or order < 1:
        raise ValueError(
            message("normalize() got a wrong `order`.", expected="an integer >= 1", received=order)
        )
    x = jnp.atleast_1d(to_float(x))
    small = default_epsilon() if epsilon is None else epsilon
    wide = _wide(x)
    axes = tuple(axis) if isinstance(axis, (list, tuple)) else axis
    if order == 2:
        # max() under the root, not around it: so the gradient at zero is finite.
        square = jnp.sum(jnp.square(wide), axis=axes, keepdims=True)
        return (wide * lax.rsqrt(jnp.maximum(square, small**2))).astype(x.dtype)
    norm = jnp.linalg.norm(wide, ord=order, axis=axes, keepdims=True)
    return (wide / jnp.maximum(norm, small)).astype(x.dtype)
