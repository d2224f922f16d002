"""`tf.gradients` and `tf.hessians`: derivatives of what a `tf.function` has computed before."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.core.errors import message
from addax.engine._recording import recording


def gradients(
    ys: Any,
    xs: Any,
    grad_ys: Any = None,
    name: str | None = None,
    gate_gradients: bool = False,
    aggregation_method: Any = None,
    stop_gradients: Any = None,
    unconnected_gradients: Any = "none",
) -> list:
    """The derivative of the sum of `ys` by each of `xs`, inside of a `tf.function`; elsewhere use `tf.GradientTape`.

    Args:
        ys: A tensor or a list of them.
        xs: A tensor or variable, or a list of them.
        grad_ys: Factors for the elements of each of `ys`; ones if None.
        name: Accepted for TensorFlow's sake.
        gate_gradients: Accepted for TensorFlow's sake.
        aggregation_method: Accepted for TensorFlow's sake.
        stop_gradients: None: use `tf.stop_gradient` for what is to count as constant.
        unconnected_gradients: `"none"` or `"zero"`: what to give where no path leads.

    Returns:
        A list with a tensor for each of `xs`, or None.

    Raises:
        RuntimeError: Outside of a `tf.function`.
        ValueError: If `stop_gradients` is given, or there are not as many `grad_ys` as `ys`.

    Example:
        >>> import addax.tf as tf
        >>> @tf.function
        ... def slope(x):
        ...     y = x * x
        ...     return tf.gradients(y, x)[0]
        >>> slope(tf.constant(3.0)).numpy()
        np.float32(6.0)
    """
    if stop_gradients is not None:
        raise ValueError(
            message(
                "tf.gradients() has no `stop_gradients` here.",
                received=stop_gradients,
                hint="Wrap in tf.stop_gradient() what is to count as constant.",
            )
        )
    tape, ys = recording("tf.gradients"), _listed(ys)
    factors = None if grad_ys is None else [ops.convert_to_tensor(factor) for factor in _listed(grad_ys)]
    if factors is not None and len(factors) != len(ys):
        raise ValueError(
            message("`grad_ys` has one factor for each of `ys`.", expected=len(ys), received=len(factors))
        )
    return tape.gradient(ys, _listed(xs), factors, unconnected_gradients)


def hessians(
    ys: Any, xs: Any, gate_gradients: bool = False, aggregation_method: Any = None, name: str | None = None
) -> list:
    """The second derivatives of the sum of `ys` by each of `xs`, inside of a `tf.function`.

    Args:
        ys: A tensor or a list of them.
        xs: A tensor or variable, or a list of them.
        gate_gradients: Accepted for TensorFlow's sake.
        aggregation_method: Accepted for TensorFlow's sake.
        name: Accepted for TensorFlow's sake.

    Returns:
        A list with a tensor of shape `x.shape + x.shape` for each of `xs`.

    Raises:
        RuntimeError: Outside of a `tf.function`.
        ValueError: If `ys` do not depend on one of `xs`.

    Example:
        >>> import addax.tf as tf
        >>> @tf.function
        ... def curvature(x):
        ...     return tf.hessians(tf.reduce_sum(x**3), x)[0]
        >>> curvature(tf.constant([1.0, 2.0])).numpy().tolist()
        [[6.0, 0.0], [0.0, 12.0]]
    """
    tape = recording("tf.hessians")
    found = []
    for x, slope in zip(_listed(xs), tape.gradient(_listed(ys), _listed(xs)), strict=True):
        if slope is None:
            raise ValueError(message("`ys` do not depend on one of `xs`.", received=x))
        second = tape.jacobian(slope, x)
        found.append(ops.zeros((*slope.shape, *slope.shape), slope.dtype) if second is None else second)
    return found


def _listed(value: Any) -> list:
    return list(value) if isinstance(value, (list, tuple)) else [value]


__all__ = ["gradients", "hessians"]
