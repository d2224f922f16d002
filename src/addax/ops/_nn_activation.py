"""Activation functions, element by element or along one axis."""

from __future__ import annotations

from typing import Any

from addax.core.errors import message
from addax.engine import op
from addax.engine._jax import jax, jnp
from addax.ops._dtypes import to_float

__all__ = [
    "celu",
    "elu",
    "gelu",
    "glu",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "leaky_relu",
    "log_sigmoid",
    "log_softmax",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "silu",
    "soft_shrink",
    "softmax",
    "softplus",
    "softsign",
    "sparse_plus",
    "sparse_sigmoid",
    "sparsemax",
    "squareplus",
    "swish",
    "tanh_shrink",
    "threshold",
]


@op
def relu(x: Any) -> Any:
    """Rectified linear unit, `max(x, 0)`.

    Args:
        x: A tensor of any shape.

    Returns:
        A tensor of the same shape and dtype.

    Example:
        >>> import addax as keras
        >>> keras.ops.relu([-1.0, 0.0, 2.0]).numpy()
        array([0., 0., 2.], dtype=float32)
    """
    return jax.nn.relu(jnp.asarray(x))


@op
def relu6(x: Any) -> Any:
    """Rectified linear unit that ends at 6, `min(max(x, 0), 6)`.

    Args:
        x: A tensor of any shape.

    Example:
        >>> import addax as keras
        >>> keras.ops.relu6([-1.0, 3.0, 8.0]).numpy()
        array([0., 3., 6.], dtype=float32)
    """
    return jax.nn.relu6(jnp.asarray(x))


@op
def sigmoid(x: Any) -> Any:
    """Logistic function, `1 / (1 + exp(-x))`.

    Args:
        x: A tensor of any shape; integers are taken as float32.

    Example:
        >>> import addax as keras
        >>> float(keras.ops.sigmoid(0.0))
        0.5
    """
    return jax.nn.sigmoid(to_float(x))


@op
def sparse_sigmoid(x: Any) -> Any:
    """Piecewise linear sigmoid: 0 below -1, 1 above 1, `0.5 * (x + 1)` between.

    Example:
        >>> import addax as keras
        >>> keras.ops.sparse_sigmoid([-2.0, 0.0, 2.0]).numpy()
        array([0. , 0.5, 1. ], dtype=float32)
    """
    return jnp.clip(0.5 * (to_float(x) + 1.0), 0.0, 1.0)


@op
def tanh_shrink(x: Any) -> Any:
    """`x - tanh(x)`.

    Example:
        >>> import addax as keras
        >>> float(keras.ops.tanh_shrink(0.0))
        0.0
    """
    x = to_float(x)
    return x - jnp.tanh(x)


@op
def softplus(x: Any) -> Any:
    """Smooth rectifier, `log(1 + exp(x))`, without overflow.

    Example:
        >>> import addax as keras
        >>> keras.ops.softplus([-100.0, 100.0]).numpy()
        array([  0., 100.], dtype=float32)
    """
    return jnp.logaddexp(to_float(x), 0)


@op
def softsign(x: Any) -> Any:
    """`x / (1 + |x|)`.

    Example:
        >>> import addax as keras
        >>> keras.ops.softsign([-1.0, 3.0]).numpy()
        array([-0.5 ,  0.75], dtype=float32)
    """
    x = to_float(x)
    return x / (1 + jnp.abs(x))


@op
def soft_shrink(x: Any, threshold: float = 0.5) -> Any:
    """`x` moved towards zero by `threshold`; zero where it would cross.

    Args:
        x: A tensor of any shape.
        threshold: How far, not negative.

    Example:
        >>> import addax as keras
        >>> keras.ops.soft_shrink([-1.0, 0.2, 1.0]).numpy()
        array([-0.5,  0. ,  0.5], dtype=float32)
    """
    x = jnp.asarray(x)
    return jnp.where(x > threshold, x - threshold, jnp.where(x < -threshold, x + threshold, 0))


@op
def hard_shrink(x: Any, threshold: float = 0.5) -> Any:
    """`x` where `|x| > threshold`, zero elsewhere.

    Args:
        x: A tensor of any shape.
        threshold: The bound.

    Example:
        >>> import addax as keras
        >>> keras.ops.hard_shrink([-1.0, 0.2, 1.0]).numpy()
        array([-1.,  0.,  1.], dtype=float32)
    """
    x = jnp.asarray(x)
    return jnp.where(jnp.abs(x) > threshold, x, 0)


@op
def sparse_plus(x: Any) -> Any:
    """Quadratic join of 0 (below -1) and `x` (above 1): `(x + 1)**2 / 4` between.

    Example:
        >>> import addax as keras
        >>> keras.ops.sparse_plus([-2.0, 0.0, 2.0]).numpy()
        array([0.  , 0.25, 2.  ], dtype=float32)
    """
    x = to_float(x)
    return jnp.where(x <= -1, 0, jnp.where(x >= 1, x, (x + 1) ** 2 / 4))


@op
def silu(x: Any) -> Any:
    """Sigmoid linear unit (swish), `x * sigmoid(x)`.

    Example:
        >>> import addax as keras
        >>> float(keras.ops.silu(0.0))
        0.0
    """
    return jax.nn.silu(to_float(x))


swish = silu


@op
def squareplus(x: Any, b: float = 4) -> Any:
    """Algebraic rectifier, `(x + sqrt(x**2 + b)) / 2`.

    Args:
        x: A tensor of any shape.
        b: How smooth the corner at zero is.

    Example:
        >>> import addax as keras
        >>> keras.ops.squareplus([0.0, 1.5]).numpy()
        array([1., 2.], dtype=float32)
    """
    x = to_float(x)
    return (x + jnp.sqrt(x**2 + b)) / 2


@op
def log_sigmoid(x: Any) -> Any:
    """Logarithm of the logistic function, `-softplus(-x)`.

    Example:
        >>> import addax as keras
        >>> round(float(keras.ops.log_sigmoid(0.0)), 4)
        -0.6931
    """
    return -jnp.logaddexp(-to_float(x), 0)


@op
def leaky_relu(x: Any, negative_slope: float = 0.2) -> Any:
    """`x` if positive, `negative_slope * x` if not.

    Args:
        x: A tensor of any shape.
        negative_slope: The slope on the left of zero.

    Example:
        >>> import addax as keras
        >>> keras.ops.leaky_relu([-1.0, 1.0]).numpy()
        array([-0.2,  1. ], dtype=float32)
    """
    x = jnp.asarray(x)
    return jnp.where(x >= 0, x, negative_slope * x)


@op
def hard_sigmoid(x: Any) -> Any:
    """Piecewise linear sigmoid, `relu6(x + 3) / 6`.

    Example:
        >>> import addax as keras
        >>> keras.ops.hard_sigmoid([-3.0, 0.0, 3.0]).numpy()
        array([0. , 0.5, 1. ], dtype=float32)
    """
    return jax.nn.hard_sigmoid(to_float(x))


@op
def hard_silu(x: Any) -> Any:
    """`x * hard_sigmoid(x)`, also called hard swish.

    Example:
        >>> import addax as keras
        >>> keras.ops.hard_silu([-3.0, 3.0]).numpy()
        array([-0.,  3.], dtype=float32)
    """
    x = to_float(x)
    return x * jax.nn.hard_sigmoid(x)


hard_swish = hard_silu


@op
def hard_tanh(x: Any) -> Any:
    """`x` clipped to the interval from -1 to 1.

    Example:
        >>> import addax as keras
        >>> keras.ops.hard_tanh([-2.0, 0.5, 2.0]).numpy()
        array([-1. ,  0.5,  1. ], dtype=float32)
    """
    return jax.nn.hard_tanh(jnp.asarray(x))


@op
def elu(x: Any, alpha: float = 1.0) -> Any:
    """Exponential linear unit: `x` if positive, `alpha * (exp(x) - 1)` if not (Clevert et al., 2015).

    Args:
        x: A tensor of any shape.
        alpha: The limit on the left is `-alpha`.

    Example:
        >>> import addax as keras
        >>> keras.ops.elu([-100.0, 1.0]).numpy()
        array([-1.,  1.], dtype=float32)
    """
    return jax.nn.elu(to_float(x), alpha=alpha)


@op
def selu(x: Any) -> Any:
    """Scaled exponential linear unit, which keeps mean 0 and variance 1 (Klambauer et al., 2017).

    Example:
        >>> import addax as keras
        >>> round(float(keras.ops.selu(1.0)), 4)
        1.0507
    """
    return jax.nn.selu(to_float(x))


@op
def celu(x: Any, alpha: float = 1.0) -> Any:
    """Continuously differentiable ELU, `max(x, 0) + min(0, alpha * (exp(x / alpha) - 1))`.

    Args:
        x: A tensor of any shape.
        alpha: The limit on the left is `-alpha`.

    Example:
        >>> import addax as keras
        >>> keras.ops.celu([-100.0, 1.0]).numpy()
        array([-1.,  1.], dtype=float32)
    """
    return jax.nn.celu(to_float(x), alpha=alpha)


@op
def gelu(x: Any, approximate: bool = True) -> Any:
    """Gaussian error linear unit, `x * P(X <= x)` for a standard normal X (Hendrycks and Gimpel, 2016).

    Args:
        x: A tensor of any shape.
        approximate: Whether to use the formula with tanh in place of the error function.

    Example:
        >>> import addax as keras
        >>> round(float(keras.ops.gelu(1.0, approximate=False)), 4)
        0.8413
    """
    return jax.nn.gelu(to_float(x), approximate)


@op
def glu(x: Any, axis: int = -1) -> Any:
    """Gated linear unit: one half of `x` times the sigmoid of the other half.

    Args:
        x: A tensor.
        axis: The axis that is halved.

    Raises:
        ValueError: If the size of the axis is odd.

    Example:
        >>> import addax as keras
        >>> keras.ops.glu([4.0, 0.0]).numpy()
        array([2.], dtype=float32)
    """
    x = to_float(x)
    if x.shape[axis] % 2:
        raise ValueError(
            message(
                "glu() halves an axis.",
                expected="an axis of even size",
                received=f"shape {tuple(x.shape)}, axis {axis}",
            )
        )
    value, gate = jnp.split(x, 2, axis)
    return value * jax.nn.sigmoid(gate)


@op
def threshold(x: Any, threshold: Any, default_value: Any) -> Any:
    """`x` where it is above `threshold`, `default_value` elsewhere.

    Args:
        x: A tensor of any shape.
        threshold: The bound.
        default_value: What replaces the rest.

    Example:
        >>> import addax as keras
        >>> keras.ops.threshold([-1.0, 0.5, 2.0], 1.0, 0.0).numpy()
        array([0., 0., 2.], dtype=float32)
    """
    x = jnp.asarray(x)
    return jnp.where(x > threshold, x, default_value)


@op
def softmax(x: Any, axis: Any = -1) -> Any:
    """Exponentials of `x`, scaled to sum to one.

    Args:
        x: A tensor.
        axis: The axis, or a tuple of axes, along which they sum to one.

    Returns:
        A tensor of the same shape.

    Example:
        >>> import addax as keras
        >>> keras.ops.softmax([0.0, 0.0]).numpy()
        array([0.5, 0.5], dtype=float32)
    """
    return jax.nn.softmax(to_float(x), axis=_axes(axis))


@op
def log_softmax(x: Any, axis: Any = -1) -> Any:
    """Logarithm of the softmax, without underflow.

    Args:
        x: A tensor.
        axis: The axis, or a tuple of axes, along which the exponentials sum to one.

    Example:
        >>> import addax as keras
        >>> keras.ops.log_softmax([0.0, 100.0]).numpy()
        array([-100.,    0.], dtype=float32)
    """
    return jax.nn.log_softmax(to_float(x), axis=_axes(axis))


def _axes(axis: Any) -> Any:
    return tuple(axis) if isinstance(axis, list) else axis


@op
def sparsemax(x: Any, axis: int = -1) -> Any:
    """Projection onto the probability simplex, which gives exact zeros (Martins and Astudillo, 2016).

    Args:
        x: A tensor.
        axis: The axis along which the result sums to one.

    Example:
        >>> import addax as keras
        >>> keras.ops.sparsemax([0.0, 0.5, 3.0]).numpy()
        array([0., 0., 1.], dtype=float32)
    """
    x = jnp.moveaxis(to_float(x), axis, -1)
    descending = -jnp.sort(-x, axis=-1)
    sums = jnp.cumsum(descending, axis=-1)
    counts = jnp.arange(1, x.shape[-1] + 1)
    inside = descending - (sums - 1) / counts > 0
    size = jnp.sum(inside, axis=-1, keepdims=True)
    tau = (jnp.sum(jnp.where(inside, descending, 0), axis=-1, keepdims=True) - 1) / size
    return jnp.moveaxis(jnp.maximum(x - tau, 0), -1, axis)
