"""The activations that are not ops under the same name, or have other defaults."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.engine import op
from addax.engine._jax import jax, jnp
from addax.ops._dtypes import to_float


def linear(x: Any) -> Any:
    """`x` itself.

    Example:
        >>> import addax as keras
        >>> keras.activations.linear(3.0)
        3.0
    """
    return x


@op
def _general_relu(x: Any, negative_slope: Any = 0.0, max_value: Any = None, threshold: Any = 0.0) -> Any:
    x = jnp.asarray(x)
    above = jnp.where(x > threshold, x, jnp.zeros((), x.dtype))
    if max_value is not None:
        above = jnp.clip(above, 0, max_value)
    return above + jnp.where(x > threshold, jnp.zeros((), x.dtype), negative_slope * (x - threshold))


def relu(x: Any, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> Any:
    """Rectified linear unit, in its general form.

    Args:
        x: A tensor.
        negative_slope: The slope below `threshold`.
        max_value: Where the result ends; None for nowhere.
        threshold: The value up to which the unit is damped: `negative_slope * (x - threshold)`.

    Example:
        >>> import addax as keras
        >>> keras.activations.relu([-2.0, 1.0, 9.0], negative_slope=0.5, max_value=6.0).numpy()
        array([-1.,  1.,  6.], dtype=float32)
    """
    plain = isinstance(threshold, (int, float)) and isinstance(negative_slope, (int, float))
    if plain and negative_slope == 0 and threshold == 0 and max_value is None:
        return ops.relu(x)
    if plain and negative_slope == 0 and threshold == 0 and max_value == 6:
        return ops.relu6(x)
    return _general_relu(x, negative_slope=negative_slope, max_value=max_value, threshold=threshold)


def gelu(x: Any, approximate: bool = False) -> Any:
    """Gaussian error linear unit, exact unless `approximate`.

    Args:
        x: A tensor.
        approximate: Whether to use the formula with tanh.

    Example:
        >>> import addax as keras
        >>> round(float(keras.activations.gelu(1.0)), 4)
        0.8413
    """
    return ops.gelu(x, approximate=approximate)


@op
def mish(x: Any) -> Any:
    """`x * tanh(softplus(x))` (Misra, 2019).

    Args:
        x: A tensor.

    Example:
        >>> import addax as keras
        >>> round(float(keras.activations.mish(1.0)), 4)
        0.8651
    """
    x = to_float(x)
    return x * jnp.tanh(jax.nn.softplus(x))


def exponential(x: Any) -> Any:
    """`exp(x)`.

    Example:
        >>> import addax as keras
        >>> float(keras.activations.exponential(0.0))
        1.0
    """
    return ops.exp(x)
