"""Dtypes and static arguments as ops over raw arrays need them."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax.core import dtypes
from addax.core.errors import message
from addax.engine import _jax
from addax.engine._errors import ShapeNeedsValue
from addax.engine._jax import jax, jnp
from addax.engine._operators import known_ints
from addax.engine._tensor import is_concrete


def array_dtype(dtype: Any, default: str | None = None) -> np.dtype:
    """The dtype that an array gets: `dtype`, or `default` (the float dtype of the settings) for None.

    64-bit dtypes become 32-bit ones unless JAX runs in its 64-bit mode.
    """
    return jax.dtypes.canonicalize_dtype(dtypes.numpy_dtype(dtypes.standardize(dtype, default)))


def to_float(x: Any) -> Any:
    """An array in its own dtype if that is inexact, else in the float dtype of the settings."""
    x = jnp.asarray(x)
    return x if is_inexact(x) else x.astype(array_dtype(None))


def is_inexact(x: Any) -> bool:
    """Whether an array holds floating-point or complex numbers."""
    return jnp.issubdtype(x.dtype, jnp.inexact)


def at_least_int(x: Any) -> Any:
    """An array, with bools turned into int32."""
    x = jnp.asarray(x)
    return x.astype(jnp.int32) if x.dtype == bool else x


def known_axis(axis: Any) -> Any:
    """An axis argument as None, an int or a tuple of ints."""
    return known_ints(axis, "axis")


def on_host(size: int = 0) -> bool:
    """Whether an array of `size` elements that depends on no tensor is made with NumPy.

    It is when ops run eagerly, which saves a compilation, and when it is small, so that its values stay
    known while a function is traced.
    """
    return size <= 256 or _jax.not_tracing()


def is_tracer(x: Any) -> bool:
    """Whether an array has no value yet, because a function is being traced."""
    return hasattr(x, "aval") and not is_concrete(x)


def refuse_tracer(x: Any, name: str, hint: str) -> None:
    """Raise TypeError where the shape of a result would depend on values that are not known yet."""
    if is_tracer(x):
        raise ShapeNeedsValue(
            message(
                f"The shape of the result of {name}() depends on the data, so it cannot be compiled.",
                received=f"a tensor of shape {tuple(x.shape)} inside a compiled function",
                hint=hint,
            )
        )
