"""`tf.math`: special functions."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.engine import _operators as operators
from addax.engine import op
from addax.engine._jax import jax, jnp


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
    """Element-wise Hurwitz zeta function, the sum of `(q + n) ** -x` for n from 0 on.

    Args:
        x: The exponents, floats above 1.
        q: Where the sum begins, floats above 0; broadcasts with `x`.
        name: Accepted for TensorFlow's sake.
    """
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


def erfcinv(x: Any, name: str | None = None) -> Any:
    """Element-wise inverse of `erfc`."""
    return operators.multiply(ndtri(operators.multiply(x, 0.5)), -(0.5**0.5))


def bessel_i0(x: Any, name: str | None = None) -> Any:
    """Element-wise modified Bessel function of order 0."""
    return _special(x, function="i0")


def bessel_i0e(x: Any, name: str | None = None) -> Any:
    """Element-wise `exp(-abs(x)) * bessel_i0(x)`."""
    return _special(x, function="i0e")


def bessel_i1(x: Any, name: str | None = None) -> Any:
    """Element-wise modified Bessel function of order 1."""
    return _special(x, function="i1")


def bessel_i1e(x: Any, name: str | None = None) -> Any:
    """Element-wise `exp(-abs(x)) * bessel_i1(x)`."""
    return _special(x, function="i1e")


def dawsn(x: Any, name: str | None = None) -> Any:
    """Element-wise integral of Dawson, `exp(-x**2)` times the integral of `exp(t**2)` from 0 to x."""
    return _special(x, function="dawsn")


def expint(x: Any, name: str | None = None) -> Any:
    """Element-wise exponential integral, the principal value of that of `exp(t) / t` from minus infinity to x."""
    return _special(x, function="expi")


def spence(x: Any, name: str | None = None) -> Any:
    """Element-wise dilogarithm, the integral of `log(t) / (1 - t)` from 1 to x."""
    return _special(x, function="spence")


def fresnel_sin(x: Any, name: str | None = None) -> Any:
    """Element-wise integral of `sin(pi / 2 * t**2)` from 0 to x."""
    return _fresnel(x)[0]


def fresnel_cos(x: Any, name: str | None = None) -> Any:
    """Element-wise integral of `cos(pi / 2 * t**2)` from 0 to x."""
    return _fresnel(x)[1]


@op(name="fresnel")
def _fresnel(x: Any) -> Any:
    return tuple(jax.scipy.special.fresnel(jnp.asarray(x)))
