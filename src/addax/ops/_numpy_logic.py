"""Element-wise logic: truth, tests for special numbers, bits, and the parts of complex numbers."""

from __future__ import annotations

from typing import Any

from addax.engine._jax import jnp
from addax.engine._op import op
from addax.engine._operators import bitwise_not
from addax.ops._dtypes import to_float

bitwise_invert = bitwise_not


# Truth and tests


@op
def logical_and(x1: Any, x2: Any) -> Any:
    """Element-wise logical AND, as bool, with broadcasting."""
    return jnp.logical_and(x1, x2)


@op
def logical_or(x1: Any, x2: Any) -> Any:
    """Element-wise logical OR, as bool, with broadcasting."""
    return jnp.logical_or(x1, x2)


@op
def logical_xor(x1: Any, x2: Any) -> Any:
    """Element-wise logical exclusive OR, as bool, with broadcasting."""
    return jnp.logical_xor(x1, x2)


@op
def isnan(x: Any) -> Any:
    """Element-wise test for NaN, as bool."""
    return jnp.isnan(x)


@op
def isinf(x: Any) -> Any:
    """Element-wise test for plus or minus infinity, as bool."""
    return jnp.isinf(x)


@op
def isfinite(x: Any) -> Any:
    """Element-wise test for being neither NaN nor infinite, as bool."""
    return jnp.isfinite(x)


@op(dynamic=("rtol", "atol"))
def isclose(x1: Any, x2: Any, rtol: Any = 1e-5, atol: Any = 1e-8, equal_nan: bool = False) -> Any:
    """Element-wise test of `|x1 - x2| <= atol + rtol * |x2|`, as bool.

    Args:
        x1: A tensor.
        x2: A tensor of a shape that broadcasts.
        rtol: Relative tolerance.
        atol: Absolute tolerance.
        equal_nan: Whether NaN is close to NaN.
    """
    return jnp.isclose(x1, x2, rtol, atol, equal_nan)


@op(dynamic=("rtol", "atol"))
def allclose(x1: Any, x2: Any, rtol: Any = 1e-5, atol: Any = 1e-8, equal_nan: bool = False) -> Any:
    """Whether `isclose` holds everywhere, as one bool.

    Args:
        x1: A tensor.
        x2: A tensor of a shape that broadcasts.
        rtol: Relative tolerance.
        atol: Absolute tolerance.
        equal_nan: Whether NaN is close to NaN.
    """
    return jnp.allclose(x1, x2, rtol, atol, equal_nan)


@op
def isposinf(x: Any) -> Any:
    """Element-wise test for infinity, as bool."""
    return jnp.isposinf(x)


@op
def isneginf(x: Any) -> Any:
    """Element-wise test for minus infinity, as bool."""
    return jnp.isneginf(x)


@op
def isreal(x: Any) -> Any:
    """Element-wise test for an imaginary part of 0, as bool."""
    return jnp.isreal(x)


@op
def isin(x1: Any, x2: Any, assume_unique: bool = False, invert: bool = False) -> Any:
    """For each element of `x1` whether it stands in `x2`, as bool.

    Args:
        x1: A tensor.
        x2: The values to look for, a tensor of any shape.
        assume_unique: Whether both are known to hold no value twice.
        invert: Whether to tell instead where the element does not stand in `x2`.
    """
    return jnp.isin(x1, x2, assume_unique=assume_unique, invert=invert)


# Bits


@op
def bitwise_left_shift(x: Any, y: Any) -> Any:
    """Element-wise shift of the bits of `x` to the left by `y` places."""
    return jnp.left_shift(x, y)


@op
def bitwise_right_shift(x: Any, y: Any) -> Any:
    """Element-wise shift of the bits of `x` to the right by `y` places, the sign kept."""
    return jnp.right_shift(x, y)


left_shift = bitwise_left_shift
right_shift = bitwise_right_shift


# Complex numbers


@op
def real(x: Any) -> Any:
    """Element-wise real part."""
    return jnp.real(x)


@op
def imag(x: Any) -> Any:
    """Element-wise imaginary part, 0 for real numbers."""
    return jnp.imag(x)


@op
def conjugate(x: Any) -> Any:
    """Element-wise complex conjugate."""
    return jnp.conjugate(x)


conj = conjugate


@op
def angle(x: Any) -> Any:
    """Element-wise angle of complex numbers in the plane, in radians."""
    return jnp.angle(to_float(x))
