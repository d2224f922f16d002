"""Element-wise functions of one or two tensors: powers, quotients, rounding, trigonometry."""

from __future__ import annotations

from typing import Any

from addax.core.errors import message
from addax.engine._jax import jnp
from addax.engine._op import op
from addax.engine._operators import absolute, divide, known_ints
from addax.ops._dtypes import at_least_int, is_inexact, to_float

true_divide = divide
abs = absolute


# Powers, exponentials and logarithms


@op
def exp(x: Any) -> Any:
    """Element-wise `e ** x`; integers give floats."""
    return jnp.exp(x)


@op
def exp2(x: Any) -> Any:
    """Element-wise `2 ** x`; integers give floats."""
    return jnp.exp2(x)


@op
def expm1(x: Any) -> Any:
    """Element-wise `e ** x - 1`, accurate near zero."""
    return jnp.expm1(x)


@op
def log(x: Any) -> Any:
    """Element-wise natural logarithm; integers give floats."""
    return jnp.log(x)


@op
def log10(x: Any) -> Any:
    """Element-wise logarithm to base 10."""
    return jnp.log10(x)


@op
def log1p(x: Any) -> Any:
    """Element-wise `log(1 + x)`, accurate near zero."""
    return jnp.log1p(x)


@op
def log2(x: Any) -> Any:
    """Element-wise logarithm to base 2."""
    return jnp.log2(x)


@op
def logaddexp(x1: Any, x2: Any) -> Any:
    """Element-wise `log(exp(x1) + exp(x2))` without overflow, with broadcasting."""
    return jnp.logaddexp(x1, x2)


@op
def logaddexp2(x1: Any, x2: Any) -> Any:
    """Element-wise `log2(2 ** x1 + 2 ** x2)` without overflow, with broadcasting."""
    return jnp.logaddexp2(x1, x2)


@op
def sqrt(x: Any) -> Any:
    """Element-wise square root; integers give floats."""
    return jnp.sqrt(x)


@op
def cbrt(x: Any) -> Any:
    """Element-wise cube root; integers give floats."""
    return jnp.cbrt(x)


@op
def square(x: Any) -> Any:
    """Element-wise `x * x`."""
    return jnp.square(x)


@op
def reciprocal(x: Any) -> Any:
    """Element-wise `1 / x`."""
    return jnp.reciprocal(jnp.asarray(x))


@op
def hypot(x1: Any, x2: Any) -> Any:
    """Element-wise `sqrt(x1 ** 2 + x2 ** 2)`, with broadcasting."""
    return jnp.hypot(x1, x2)


@op
def ldexp(x1: Any, x2: Any) -> Any:
    """Element-wise `x1 * 2 ** x2`, with broadcasting.

    Raises:
        TypeError: If `x2` does not hold integers.
    """
    exponent = jnp.asarray(x2)
    if not jnp.issubdtype(exponent.dtype, jnp.integer):
        raise TypeError(
            message(
                "The exponent of ldexp() is not an integer.", expected="an integer dtype", received=exponent
            )
        )
    return jnp.ldexp(x1, exponent)


@op
def i0(x: Any) -> Any:
    """Element-wise modified Bessel function of the first kind and order 0."""
    return jnp.i0(to_float(x))


@op
def sinc(x: Any) -> Any:
    """Element-wise `sin(pi x) / (pi x)`, 1 at 0."""
    return jnp.sinc(to_float(x))


# Quotients


@op
def divide_no_nan(x1: Any, x2: Any) -> Any:
    """Element-wise quotient, 0 where the divisor is 0, with broadcasting.

    Example:
        >>> import addax as keras
        >>> keras.ops.divide_no_nan([1.0, 2.0], [0.0, 4.0]).numpy()
        array([0. , 0.5], dtype=float32)
    """
    x2 = jnp.asarray(x2)
    zero = x2 == 0
    return jnp.where(zero, 0, jnp.divide(x1, jnp.where(zero, 1, x2)))


@op
def fmod(x1: Any, x2: Any) -> Any:
    """Element-wise remainder with the sign of the dividend, with broadcasting."""
    return jnp.fmod(x1, x2)


@op
def gcd(x1: Any, x2: Any) -> Any:
    """Element-wise greatest common divisor of integers, with broadcasting."""
    return jnp.gcd(x1, x2)


@op
def lcm(x1: Any, x2: Any) -> Any:
    """Element-wise least common multiple of integers, with broadcasting."""
    return jnp.lcm(x1, x2)


# Signs and rounding


@op
def fabs(x: Any) -> Any:
    """Element-wise absolute value; integers give floats."""
    return jnp.fabs(x)


@op
def signbit(x: Any) -> Any:
    """Element-wise test of the sign bit, as bool: true for negative numbers and -0.0."""
    return jnp.signbit(x)


@op
def heaviside(x1: Any, x2: Any) -> Any:
    """Element-wise step: 0 where `x1` is negative, 1 where it is positive, `x2` where it is 0."""
    return jnp.heaviside(x1, x2)


@op
def nextafter(x1: Any, x2: Any) -> Any:
    """Element-wise next float after `x1` in the direction of `x2`."""
    return jnp.nextafter(x1, x2)


@op
def sign(x: Any) -> Any:
    """Element-wise sign: -1, 0 or 1, in the dtype of `x`."""
    return jnp.sign(x)


@op
def round(x: Any, decimals: int = 0) -> Any:
    """Element-wise rounding to `decimals` places, halves to the even neighbour.

    Example:
        >>> import addax as keras
        >>> keras.ops.round([0.5, 1.5, 2.34]).numpy(), keras.ops.round([2.34], 1).numpy()
        (array([0., 2., 2.], dtype=float32), array([2.3], dtype=float32))
    """
    x, decimals = jnp.asarray(x), known_ints(decimals, "decimals")
    if is_inexact(x) or decimals >= 0:
        return jnp.round(x, decimals)
    return jnp.round(to_float(x), decimals).astype(x.dtype)


@op
def floor(x: Any) -> Any:
    """Element-wise rounding down; integers give floats."""
    return jnp.floor(to_float(x))


@op
def ceil(x: Any) -> Any:
    """Element-wise rounding up; integers give floats."""
    return jnp.ceil(to_float(x))


@op
def trunc(x: Any) -> Any:
    """Element-wise rounding towards zero."""
    x = jnp.asarray(x)
    return jnp.trunc(x) if is_inexact(x) else x


@op
def clip(x: Any, x_min: Any, x_max: Any) -> Any:
    """Element-wise limitation to the range from `x_min` to `x_max` (None for no limit), with broadcasting.

    Example:
        >>> import addax as keras
        >>> keras.ops.clip([-1.0, 0.5, 3.0], 0.0, 1.0).numpy()
        array([0. , 0.5, 1. ], dtype=float32)
    """
    return jnp.clip(at_least_int(x), x_min, x_max)


@op
def maximum(x1: Any, x2: Any) -> Any:
    """Element-wise larger one of two tensors, with broadcasting; NaN if either is."""
    return jnp.maximum(x1, x2)


@op
def minimum(x1: Any, x2: Any) -> Any:
    """Element-wise smaller one of two tensors, with broadcasting; NaN if either is."""
    return jnp.minimum(x1, x2)


@op
def fmax(x1: Any, x2: Any) -> Any:
    """Element-wise larger one of two tensors, with broadcasting; the other one where one is NaN."""
    return jnp.fmax(x1, x2)


@op
def fmin(x1: Any, x2: Any) -> Any:
    """Element-wise smaller one of two tensors, with broadcasting; the other one where one is NaN."""
    return jnp.fmin(x1, x2)


@op(dynamic=("nan", "posinf", "neginf"))
def nan_to_num(x: Any, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    """The tensor with numbers in place of NaN and infinities.

    Args:
        x: A tensor.
        nan: What stands for NaN.
        posinf: What stands for infinity; the largest number of the dtype if None.
        neginf: What stands for minus infinity; the smallest number of the dtype if None.
    """
    return jnp.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf)


# Trigonometry


@op
def deg2rad(x: Any) -> Any:
    """Element-wise conversion of degrees to radians."""
    return jnp.deg2rad(x)


@op
def rad2deg(x: Any) -> Any:
    """Element-wise conversion of radians to degrees."""
    return jnp.rad2deg(x)


@op
def sin(x: Any) -> Any:
    """Element-wise sine of radians."""
    return jnp.sin(x)


@op
def cos(x: Any) -> Any:
    """Element-wise cosine of radians."""
    return jnp.cos(x)


@op
def tan(x: Any) -> Any:
    """Element-wise tangent of radians."""
    return jnp.tan(x)


@op
def arcsin(x: Any) -> Any:
    """Element-wise inverse sine, in radians."""
    return jnp.arcsin(x)


@op
def arccos(x: Any) -> Any:
    """Element-wise inverse cosine, in radians."""
    return jnp.arccos(x)


@op
def arctan(x: Any) -> Any:
    """Element-wise inverse tangent, in radians."""
    return jnp.arctan(x)


@op
def arctan2(x1: Any, x2: Any) -> Any:
    """Element-wise angle of the point `(x2, x1)`, in radians from -pi to pi, with broadcasting."""
    return jnp.arctan2(x1, x2)


@op
def sinh(x: Any) -> Any:
    """Element-wise hyperbolic sine."""
    return jnp.sinh(x)


@op
def cosh(x: Any) -> Any:
    """Element-wise hyperbolic cosine."""
    return jnp.cosh(x)


@op
def tanh(x: Any) -> Any:
    """Element-wise hyperbolic tangent."""
    return jnp.tanh(x)


@op
def arcsinh(x: Any) -> Any:
    """Element-wise inverse hyperbolic sine."""
    return jnp.arcsinh(x)


@op
def arccosh(x: Any) -> Any:
    """Element-wise inverse hyperbolic cosine."""
    return jnp.arccosh(x)


@op
def arctanh(x: Any) -> Any:
    """Element-wise inverse hyperbolic tangent."""
    return jnp.arctanh(x)
