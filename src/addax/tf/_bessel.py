"""Bessel functions of the first and second kind, and modified ones of the second kind, of orders 0 and 1.

Polynomials of M. Abramowitz and I. Stegun, Handbook of Mathematical Functions, 9.4 and 9.8; their errors are below
2e-7, which is what numbers of 32 bits tell apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from addax.engine import op
from addax.engine._jax import jax, jnp

_J0 = (1.0, -2.2499997, 1.2656208, -0.3163866, 0.0444479, -0.0039444, 0.0002100)
_J1 = (0.5, -0.56249985, 0.21093573, -0.03954289, 0.00443319, -0.00031761, 0.00001109)
_Y0 = (0.36746691, 0.60559366, -0.74350384, 0.25300117, -0.04261214, 0.00427916, -0.00024846)
_Y1 = (-0.6366198, 0.2212091, 2.1682709, -1.3164827, 0.3123951, -0.0400976, 0.0027873)
_F0 = (0.79788456, -0.00000077, -0.00552740, -0.00009512, 0.00137237, -0.00072805, 0.00014476)
_F1 = (0.79788456, 0.00000156, 0.01659667, 0.00017105, -0.00249511, 0.00113653, -0.00020033)
_T0 = (-0.78539816, -0.04166397, -0.00003954, 0.00262573, -0.00054125, -0.00029333, 0.00013558)
_T1 = (-2.35619449, 0.12499612, 0.00005650, -0.00637879, 0.00074348, 0.00079824, -0.00029166)
_K0 = (-0.57721566, 0.42278420, 0.23069756, 0.03488590, 0.00262698, 0.00010750, 0.00000740)
_K1 = (1.0, 0.15443144, -0.67278579, -0.18156897, -0.01919402, -0.00110404, -0.00004686)
_K0_FAR = (1.25331414, -0.07832358, 0.02189568, -0.01062446, 0.00587872, -0.00251540, 0.00053208)
_K1_FAR = (1.25331414, 0.23498619, -0.03655620, 0.01504268, -0.00780353, 0.00325614, -0.00068245)
_TWO_BY_PI = 0.6366197723675814


def bessel_j0(x: Any, name: str | None = None) -> Any:
    """The Bessel function of the first kind of order 0.

    Example:
        >>> import addax.tf as tf
        >>> round(float(tf.math.special.bessel_j0(1.0)), 4)
        0.7652
    """
    return _j0(x)


def bessel_j1(x: Any, name: str | None = None) -> Any:
    """The Bessel function of the first kind of order 1."""
    return _j1(x)


def bessel_y0(x: Any, name: str | None = None) -> Any:
    """The Bessel function of the second kind of order 0, of positive numbers; -inf for others."""
    return _y0(x)


def bessel_y1(x: Any, name: str | None = None) -> Any:
    """The Bessel function of the second kind of order 1, of positive numbers; -inf for others."""
    return _y1(x)


def bessel_k0(x: Any, name: str | None = None) -> Any:
    """The modified Bessel function of the second kind of order 0, of positive numbers; inf for others."""
    return _k0(x)


def bessel_k1(x: Any, name: str | None = None) -> Any:
    """The modified Bessel function of the second kind of order 1, of positive numbers; inf for others."""
    return _k1(x)


def bessel_k0e(x: Any, name: str | None = None) -> Any:
    """`exp(x)` times the modified Bessel function of the second kind of order 0."""
    return _k0e(x)


def bessel_k1e(x: Any, name: str | None = None) -> Any:
    """`exp(x)` times the modified Bessel function of the second kind of order 1."""
    return _k1e(x)


def _sum(factors: Sequence[float], x: Any) -> Any:
    """A polynomial."""
    total = jnp.full_like(x, factors[-1])
    for factor in factors[-2::-1]:
        total = total * x + factor
    return total


def _near(x: Any, bound: float) -> Any:
    """Small numbers as they are; a bound for others, and for those that are not positive."""
    return jnp.where((x > 0) & (x < bound), x, bound)


def _far(x: Any, bound: float) -> tuple[Any, Any]:
    x = jnp.maximum(x, bound)
    return x, bound / x


@op(name="bessel_j0")
def _j0(x: Any) -> Any:
    size = jnp.abs(x)
    near = _sum(_J0, (jnp.minimum(size, 3.0) / 3.0) ** 2)
    far, t = _far(size, 3.0)
    return jnp.where(size < 3.0, near, _sum(_F0, t) * jnp.cos(far + _sum(_T0, t)) / jnp.sqrt(far))


@op(name="bessel_j1")
def _j1(x: Any) -> Any:
    size = jnp.abs(x)
    near = jnp.clip(x, -3.0, 3.0) * _sum(_J1, (jnp.minimum(size, 3.0) / 3.0) ** 2)
    far, t = _far(size, 3.0)
    beyond = _sum(_F1, t) * jnp.cos(far + _sum(_T1, t)) / jnp.sqrt(far)
    return jnp.where(size < 3.0, near, jnp.sign(x) * beyond)


@op(name="bessel_y0")
def _y0(x: Any) -> Any:
    near = _near(x, 3.0)
    squared = (near / 3.0) ** 2
    inside = _TWO_BY_PI * jnp.log(near / 2.0) * _sum(_J0, squared) + _sum(_Y0, squared)
    far, t = _far(x, 3.0)
    beyond = _sum(_F0, t) * jnp.sin(far + _sum(_T0, t)) / jnp.sqrt(far)
    return jnp.where(x > 0, jnp.where(x < 3.0, inside, beyond), -jnp.inf)


@op(name="bessel_y1")
def _y1(x: Any) -> Any:
    near = _near(x, 3.0)
    squared = (near / 3.0) ** 2
    inside = _TWO_BY_PI * jnp.log(near / 2.0) * near * _sum(_J1, squared) + _sum(_Y1, squared) / near
    far, t = _far(x, 3.0)
    beyond = _sum(_F1, t) * jnp.sin(far + _sum(_T1, t)) / jnp.sqrt(far)
    return jnp.where(x > 0, jnp.where(x < 3.0, inside, beyond), -jnp.inf)


def _scaled_k0(x: Any) -> Any:
    near = _near(x, 2.0)
    inside = -jnp.log(near / 2.0) * jax.scipy.special.i0(near) + _sum(_K0, (near / 2.0) ** 2)
    far, t = _far(x, 2.0)
    found = jnp.where(x < 2.0, jnp.exp(near) * inside, _sum(_K0_FAR, t) / jnp.sqrt(far))
    return jnp.where(x > 0, found, jnp.inf)


def _scaled_k1(x: Any) -> Any:
    near = _near(x, 2.0)
    inside = jnp.log(near / 2.0) * jax.scipy.special.i1(near) + _sum(_K1, (near / 2.0) ** 2) / near
    far, t = _far(x, 2.0)
    found = jnp.where(x < 2.0, jnp.exp(near) * inside, _sum(_K1_FAR, t) / jnp.sqrt(far))
    return jnp.where(x > 0, found, jnp.inf)


@op(name="bessel_k0e")
def _k0e(x: Any) -> Any:
    return _scaled_k0(x)


@op(name="bessel_k1e")
def _k1e(x: Any) -> Any:
    return _scaled_k1(x)


@op(name="bessel_k0")
def _k0(x: Any) -> Any:
    return jnp.where(x > 0, jnp.exp(-jnp.maximum(x, 0.0)) * _scaled_k0(x), jnp.inf)


@op(name="bessel_k1")
def _k1(x: Any) -> Any:
    return jnp.where(x > 0, jnp.exp(-jnp.maximum(x, 0.0)) * _scaled_k1(x), jnp.inf)
