"""Element-wise mathematics, comparisons and logic, under TensorFlow's names."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.core.errors import message
from addax.engine import _operators as operators
from addax.engine import op
from addax.engine._jax import jax, jnp


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
    """`x` times a number."""
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
    total = ops.convert_to_tensor(inputs[0])
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
    """Values below the minimum become it, those above the maximum become that."""
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


# Special functions ---------------------------------------------------------------------------------------
def erf(x: Any, name: str | None = None) -> Any:
    """Element-wise error function."""
    return ops.erf(x)


def erfc(x: Any, name: str | None = None) -> Any:
    """Element-wise `1 - erf(x)`."""
    return ops.erfc(x)


def erfinv(x: Any, name: str | None = None) -> Any:
    """Element-wise inverse of the error function."""
    return ops.erfinv(x)


def ndtri(x: Any, name: str | None = None) -> Any:
    """Element-wise quantile of the standard normal distribution."""
    return _special(x, function="ndtri")


def lgamma(x: Any, name: str | None = None) -> Any:
    """Element-wise logarithm of the absolute value of the gamma function."""
    return _special(x, function="gammaln")


def digamma(x: Any, name: str | None = None) -> Any:
    """Element-wise derivative of `lgamma`."""
    return _special(x, function="digamma")


def polygamma(a: Any, x: Any, name: str | None = None) -> Any:
    """Element-wise derivative of order `a` of `digamma`."""
    return _special2(ops.cast(a, "int32"), x, function="polygamma")


def zeta(x: Any, q: Any, name: str | None = None) -> Any:
    """Element-wise Hurwitz zeta function."""
    return _special2(x, q, function="zeta")


def igamma(a: Any, x: Any, name: str | None = None) -> Any:
    """Element-wise lower regularised incomplete gamma function."""
    return _special2(a, x, function="gammainc")


def igammac(a: Any, x: Any, name: str | None = None) -> Any:
    """Element-wise upper regularised incomplete gamma function."""
    return _special2(a, x, function="gammaincc")


def betainc(a: Any, b: Any, x: Any, name: str | None = None) -> Any:
    """Element-wise regularised incomplete beta function."""
    return _betainc(a, b, x)


def lbeta(x: Any, name: str | None = None) -> Any:
    """The logarithm of the beta function along the last axis."""
    return operators.subtract(ops.sum(lgamma(x), axis=-1), lgamma(ops.sum(x, axis=-1)))


@op(name="special_function")
def _special(x: Any, function: str = "") -> Any:
    return getattr(jax.scipy.special, function)(jnp.asarray(x))


@op(name="special_function_2")
def _special2(x: Any, y: Any, function: str = "") -> Any:
    return getattr(jax.scipy.special, function)(jnp.asarray(x), jnp.asarray(y))


@op(name="betainc")
def _betainc(a: Any, b: Any, x: Any) -> Any:
    return jax.scipy.special.betainc(a, b, x)


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


# Products ------------------------------------------------------------------------------------------------
def matmul(
    a: Any,
    b: Any,
    transpose_a: bool = False,
    transpose_b: bool = False,
    adjoint_a: bool = False,
    adjoint_b: bool = False,
    a_is_sparse: bool = False,
    b_is_sparse: bool = False,
    output_type: Any = None,
    grad_a: bool = False,
    grad_b: bool = False,
    name: str | None = None,
) -> Any:
    """The matrix product of the last two axes, either factor transposed or adjoint if asked for.

    Args:
        a: A tensor of shape `(..., n, k)`.
        b: A tensor of shape `(..., k, m)`.
        transpose_a: Whether to swap the last two axes of `a` first.
        transpose_b: Whether to swap those of `b` first.
        adjoint_a: Like `transpose_a`, with the complex conjugate.
        adjoint_b: Like `transpose_b`, with the complex conjugate.
        a_is_sparse: Accepted for TensorFlow's sake.
        b_is_sparse: Accepted for TensorFlow's sake.
        output_type: A dtype to give the result in.
        grad_a: Accepted for TensorFlow's sake.
        grad_b: Accepted for TensorFlow's sake.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If a factor has no two axes, or the inner dimensions differ.
    """
    a, b = _factor(a, transpose_a, adjoint_a), _factor(b, transpose_b, adjoint_b)
    product = operators.matmul(a, b)
    return product if output_type is None else ops.cast(product, output_type)


def _factor(x: Any, transpose: bool, adjoint: bool) -> Any:
    if not hasattr(x, "shape"):
        x = ops.convert_to_tensor(x)
    if len(x.shape) < 2:
        raise ValueError(
            message(
                "tf.matmul() multiplies matrices.",
                expected="rank 2 or more",
                received=f"shape {tuple(x.shape)}",
            )
        )
    if adjoint:
        x = ops.conj(x)
    return ops.swapaxes(x, -1, -2) if transpose or adjoint else x


def matvec(
    a: Any, b: Any, transpose_a: bool = False, adjoint_a: bool = False, name: Any = None, **ignored: Any
) -> Any:
    """The product of matrices `(..., n, k)` with vectors `(..., k)`."""
    return ops.squeeze(operators.matmul(_factor(a, transpose_a, adjoint_a), ops.expand_dims(b, -1)), axis=-1)


def tensordot(a: Any, b: Any, axes: Any, name: str | None = None) -> Any:
    """The sum of products over some axes of both tensors."""
    if isinstance(axes, (list, tuple)):
        axes = tuple(tuple(x) if isinstance(x, (list, tuple)) else (int(x),) for x in axes)
    return ops.tensordot(a, b, axes=axes)


def einsum(equation: str, *inputs: Any, **kwargs: Any) -> Any:
    """A sum of products in Einstein's notation."""
    kwargs.pop("name", None), kwargs.pop("optimize", None)
    return ops.einsum(equation, *inputs, **kwargs)


def cross(a: Any, b: Any, name: str | None = None) -> Any:
    """The cross product of vectors of length 3 along the last axis."""
    return ops.cross(a, b)


def confusion_matrix(
    labels: Any,
    predictions: Any,
    num_classes: Any = None,
    weights: Any = None,
    dtype: Any = "int32",
    name: Any = None,
) -> Any:
    """How often class i (row) was predicted as class j (column)."""
    labels, predictions = ops.convert_to_tensor(labels), ops.convert_to_tensor(predictions)
    if num_classes is None:
        num_classes = int(ops.convert_to_numpy(ops.maximum(ops.max(labels), ops.max(predictions)))) + 1
    ones = ops.ones(labels.shape, dtype=dtype) if weights is None else ops.cast(weights, dtype)
    indices = operators.stack([ops.cast(labels, "int32"), ops.cast(predictions, "int32")], axis=-1)
    return ops.scatter(indices, ones, (int(num_classes), int(num_classes)))


def l2_normalize(
    x: Any, axis: Any = None, epsilon: float = 1e-12, name: str | None = None, dim: Any = None
) -> Any:
    """`x` divided by its norm along some axes (by that of all elements if None)."""
    axis = axis if dim is None else dim
    axis = tuple(axis) if isinstance(axis, list) else axis
    total = ops.sum(ops.square(x), axis=axis, keepdims=True)
    return operators.multiply(x, ops.rsqrt(ops.maximum(total, epsilon)))


def nextafter(x1: Any, x2: Any, name: str | None = None) -> Any:
    """Element-wise next representable number from `x1` towards `x2`."""
    return ops.nextafter(x1, x2)


def zero_fraction(value: Any, name: str | None = None) -> Any:
    """The share of elements that are zero."""
    return ops.mean(ops.cast(operators.equal(value, 0), "float32"))


def in_top_k(targets: Any, predictions: Any, k: int, name: str | None = None) -> Any:
    """For each row whether the target is among the k largest predictions."""
    return ops.in_top_k(targets, predictions, k)
