"""Element-wise mathematics, comparisons and logic, under TensorFlow's names."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.engine import _operators as operators


# Arithmetic ----------------------------------------------------------------------------------------------
def add(x: Any, y: Any, name: str | None = None) -> Any:
    """Element-wise `x + y` (strings are joined)."""
    return operators.add(x, y)


def subtract(x: Any, y: Any, name: str | None = None) -> Any:
    """Element-wise `x - y`."""
    return operators.subtract(x, y)


def multiply(x: Any, y: Any, name: str | None = None) -> Any:
    """Element-wise `x * y`."""
    return operators.multiply(x, y)


def scalar_mul(scalar: Any, x: Any, name: str | None = None) -> Any:
    """`x` times a number.

    Args:
        scalar: A number or a scalar tensor.
        x: A tensor.
        name: Accepted for TensorFlow's sake.
    """
    return operators.multiply(scalar, x)


def divide(x: Any, y: Any, name: str | None = None) -> Any:
    """Element-wise `x / y`; integers give floats."""
    return operators.divide(x, y)


truediv = realdiv = divide


def divide_no_nan(x: Any, y: Any, name: str | None = None) -> Any:
    """Element-wise `x / y`, 0 where `y` is 0."""
    return ops.divide_no_nan(x, y)


def multiply_no_nan(x: Any, y: Any, name: str | None = None) -> Any:
    """Element-wise `x * y`, 0 where `y` is 0 even if `x` is infinite or NaN."""
    return ops.where(
        operators.equal(y, 0), operators.multiply(ops.zeros_like(x), y), operators.multiply(x, y)
    )


def floordiv(x: Any, y: Any, name: str | None = None) -> Any:
    """Element-wise quotient rounded down."""
    return operators.floor_divide(x, y)


def floormod(x: Any, y: Any, name: str | None = None) -> Any:
    """Element-wise remainder with the sign of the divisor."""
    return operators.mod(x, y)


mod = floormod


def truncatediv(x: Any, y: Any, name: str | None = None) -> Any:
    """Element-wise quotient rounded towards zero."""
    return ops.cast(ops.trunc(operators.divide(x, y)), ops.convert_to_tensor(x).dtype)


def truncatemod(x: Any, y: Any, name: str | None = None) -> Any:
    """Element-wise remainder with the sign of the dividend."""
    return ops.fmod(x, y)


def pow(x: Any, y: Any, name: str | None = None) -> Any:  # noqa: A001
    """Element-wise `x` to the power of `y`."""
    return operators.power(x, y)


def negative(x: Any, name: str | None = None) -> Any:
    """Element-wise `-x`."""
    return operators.negative(x)


def abs(x: Any, name: str | None = None) -> Any:  # noqa: A001
    """Element-wise absolute value."""
    return operators.absolute(x)


def sign(x: Any, name: str | None = None) -> Any:
    """Element-wise sign: -1, 0 or 1."""
    return ops.sign(x)


def square(x: Any, name: str | None = None) -> Any:
    """Element-wise square."""
    return ops.square(x)


def squared_difference(x: Any, y: Any, name: str | None = None) -> Any:
    """Element-wise `(x - y) ** 2`."""
    return ops.square(operators.subtract(x, y))


def sqrt(x: Any, name: str | None = None) -> Any:
    """Element-wise square root."""
    return ops.sqrt(x)


def rsqrt(x: Any, name: str | None = None) -> Any:
    """Element-wise `1 / sqrt(x)`."""
    return ops.rsqrt(x)


def reciprocal(x: Any, name: str | None = None) -> Any:
    """Element-wise `1 / x`."""
    return ops.reciprocal(x)


def reciprocal_no_nan(x: Any, name: str | None = None) -> Any:
    """Element-wise `1 / x`, 0 where `x` is 0."""
    return ops.divide_no_nan(ops.ones_like(x), x)


def add_n(inputs: Any, name: str | None = None) -> Any:
    """The sum of a list of tensors of one shape."""
    inputs = list(inputs) if isinstance(inputs, (list, tuple)) else [inputs]
    total = inputs[0] if hasattr(inputs[0], "ragged_rank") else ops.convert_to_tensor(inputs[0])
    for x in inputs[1:]:
        total = operators.add(total, x)
    return total


accumulate_n = add_n


def maximum(x: Any, y: Any, name: str | None = None) -> Any:
    """Element-wise larger one."""
    return ops.maximum(x, y)


def minimum(x: Any, y: Any, name: str | None = None) -> Any:
    """Element-wise smaller one."""
    return ops.minimum(x, y)


def clip_by_value(t: Any, clip_value_min: Any, clip_value_max: Any, name: str | None = None) -> Any:
    """Values below the minimum become it, those above the maximum become that.

    Args:
        t: A tensor of numbers.
        clip_value_min: The minimum, a number or a tensor that broadcasts to `t`.
        clip_value_max: The maximum, likewise.
        name: Accepted for TensorFlow's sake.

    Example:
        >>> import addax.tf as tf
        >>> tf.clip_by_value([-5, 0, 5], -1, 1).numpy()
        array([-1,  0,  1], dtype=int32)
    """
    return ops.clip(t, clip_value_min, clip_value_max)


# Rounding ------------------------------------------------------------------------------------------------
def round(x: Any, name: str | None = None) -> Any:  # noqa: A001
    """Element-wise nearest integer, halves to the even one."""
    return ops.round(x)


rint = round


def floor(x: Any, name: str | None = None) -> Any:
    """Element-wise largest integer that is not above."""
    return ops.floor(x)


def ceil(x: Any, name: str | None = None) -> Any:
    """Element-wise smallest integer that is not below."""
    return ops.ceil(x)


# Exponentials and trigonometry ---------------------------------------------------------------------------
def exp(x: Any, name: str | None = None) -> Any:
    """Element-wise exponential."""
    return ops.exp(x)


def expm1(x: Any, name: str | None = None) -> Any:
    """Element-wise `exp(x) - 1`, exact for small x."""
    return ops.expm1(x)


def log(x: Any, name: str | None = None) -> Any:
    """Element-wise natural logarithm."""
    return ops.log(x)


def log1p(x: Any, name: str | None = None) -> Any:
    """Element-wise `log(1 + x)`, exact for small x."""
    return ops.log1p(x)


def log_sigmoid(x: Any, name: str | None = None) -> Any:
    """Element-wise `log(sigmoid(x))`."""
    return ops.log_sigmoid(x)


def xlogy(x: Any, y: Any, name: str | None = None) -> Any:
    """Element-wise `x * log(y)`, 0 where `x` is 0."""
    safe = ops.where(operators.equal(x, 0), ops.ones_like(y), y)
    return operators.multiply(x, ops.log(safe))


def xlog1py(x: Any, y: Any, name: str | None = None) -> Any:
    """Element-wise `x * log1p(y)`, 0 where `x` is 0."""
    safe = ops.where(operators.equal(x, 0), ops.zeros_like(y), y)
    return operators.multiply(x, ops.log1p(safe))


def xdivy(x: Any, y: Any, name: str | None = None) -> Any:
    """Element-wise `x / y`, 0 where `x` is 0."""
    safe = ops.where(operators.equal(x, 0), ops.ones_like(y), y)
    return operators.divide(x, safe)


def sin(x: Any, name: str | None = None) -> Any:
    """Element-wise sine."""
    return ops.sin(x)


def cos(x: Any, name: str | None = None) -> Any:
    """Element-wise cosine."""
    return ops.cos(x)


def tan(x: Any, name: str | None = None) -> Any:
    """Element-wise tangent."""
    return ops.tan(x)


def asin(x: Any, name: str | None = None) -> Any:
    """Element-wise inverse sine."""
    return ops.arcsin(x)


def acos(x: Any, name: str | None = None) -> Any:
    """Element-wise inverse cosine."""
    return ops.arccos(x)


def atan(x: Any, name: str | None = None) -> Any:
    """Element-wise inverse tangent."""
    return ops.arctan(x)


def atan2(y: Any, x: Any, name: str | None = None) -> Any:
    """Element-wise angle of the point (x, y)."""
    return ops.arctan2(y, x)


def sinh(x: Any, name: str | None = None) -> Any:
    """Element-wise hyperbolic sine."""
    return ops.sinh(x)


def cosh(x: Any, name: str | None = None) -> Any:
    """Element-wise hyperbolic cosine."""
    return ops.cosh(x)


def tanh(x: Any, name: str | None = None) -> Any:
    """Element-wise hyperbolic tangent."""
    return ops.tanh(x)


def asinh(x: Any, name: str | None = None) -> Any:
    """Element-wise inverse hyperbolic sine."""
    return ops.arcsinh(x)


def acosh(x: Any, name: str | None = None) -> Any:
    """Element-wise inverse hyperbolic cosine."""
    return ops.arccosh(x)


def atanh(x: Any, name: str | None = None) -> Any:
    """Element-wise inverse hyperbolic tangent."""
    return ops.arctanh(x)


def sigmoid(x: Any, name: str | None = None) -> Any:
    """Element-wise `1 / (1 + exp(-x))`."""
    return ops.sigmoid(x)


def softplus(features: Any, name: str | None = None) -> Any:
    """Element-wise `log(1 + exp(x))`."""
    return ops.softplus(features)


def softsign(features: Any, name: str | None = None) -> Any:
    """Element-wise `x / (1 + |x|)`."""
    return ops.softsign(features)


# Comparisons and logic -----------------------------------------------------------------------------------
def equal(x: Any, y: Any, name: str | None = None) -> Any:
    """Element-wise `x == y`."""
    return operators.equal(x, y)


def not_equal(x: Any, y: Any, name: str | None = None) -> Any:
    """Element-wise `x != y`."""
    return operators.not_equal(x, y)


def less(x: Any, y: Any, name: str | None = None) -> Any:
    """Element-wise `x < y`."""
    return operators.less(x, y)


def less_equal(x: Any, y: Any, name: str | None = None) -> Any:
    """Element-wise `x <= y`."""
    return operators.less_equal(x, y)


def greater(x: Any, y: Any, name: str | None = None) -> Any:
    """Element-wise `x > y`."""
    return operators.greater(x, y)


def greater_equal(x: Any, y: Any, name: str | None = None) -> Any:
    """Element-wise `x >= y`."""
    return operators.greater_equal(x, y)


def approximate_equal(x: Any, y: Any, tolerance: float = 1e-05, name: str | None = None) -> Any:
    """Element-wise: whether `x` and `y` differ by less than the tolerance."""
    return operators.less(operators.absolute(operators.subtract(x, y)), tolerance)


def logical_and(x: Any, y: Any, name: str | None = None) -> Any:
    """Element-wise `x and y`."""
    return ops.logical_and(x, y)


def logical_or(x: Any, y: Any, name: str | None = None) -> Any:
    """Element-wise `x or y`."""
    return ops.logical_or(x, y)


def logical_xor(x: Any, y: Any, name: str | None = None) -> Any:
    """Element-wise exclusive or."""
    return ops.logical_xor(x, y)


def logical_not(x: Any, name: str | None = None) -> Any:
    """Element-wise `not x`."""
    return operators.logical_not(x)


def is_nan(x: Any, name: str | None = None) -> Any:
    """Element-wise: whether it is NaN."""
    return ops.isnan(x)


def is_inf(x: Any, name: str | None = None) -> Any:
    """Element-wise: whether it is infinite."""
    return ops.isinf(x)


def is_finite(x: Any, name: str | None = None) -> Any:
    """Element-wise: whether it is neither infinite nor NaN."""
    return ops.isfinite(x)


def is_non_decreasing(x: Any, name: str | None = None) -> Any:
    """Whether the elements never go down."""
    flat = operators.reshape(x, (-1,))
    return ops.all(operators.less_equal(flat[:-1], flat[1:]))


def is_strictly_increasing(x: Any, name: str | None = None) -> Any:
    """Whether the elements always go up."""
    flat = operators.reshape(x, (-1,))
    return ops.all(operators.less(flat[:-1], flat[1:]))


# Complex numbers -----------------------------------------------------------------------------------------
def real(input: Any, name: str | None = None) -> Any:
    """Element-wise real part."""
    return ops.real(input)


def imag(input: Any, name: str | None = None) -> Any:
    """Element-wise imaginary part."""
    return ops.imag(input)


def conj(x: Any, name: str | None = None) -> Any:
    """Element-wise complex conjugate."""
    return ops.conj(x)


def angle(input: Any, name: str | None = None) -> Any:
    """Element-wise angle of complex numbers."""
    return ops.angle(input)
