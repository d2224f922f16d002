"""What `keras.backend` of Keras 3 has besides settings."""

from __future__ import annotations

from typing import Any

from addax.core import dtypes
from addax.engine import SymbolicTensor


def is_keras_tensor(x: Any) -> bool:
    """Whether `x` is symbolic."""
    return isinstance(x, SymbolicTensor)


def is_float_dtype(dtype: Any) -> bool:
    """Whether a dtype is real floating point."""
    return dtypes.is_float(dtypes.standardize(dtype))


def is_int_dtype(dtype: Any) -> bool:
    """Whether a dtype is a signed or unsigned integer."""
    return dtypes.is_int(dtypes.standardize(dtype))


def standardize_dtype(dtype: Any) -> str:
    """The canonical name of a dtype.

    Example:
        >>> standardize_dtype(float)
        'float32'
    """
    return dtypes.standardize(dtype).name


def result_type(*dtypes_or_types: Any) -> str:
    """The dtype that an operation on these dtypes gives.

    Example:
        >>> result_type("int32", "bfloat16")
        'bfloat16'
    """
    from addax.engine._jax import jnp

    given = [
        t if t in (int, float, bool) else dtypes.numpy_dtype(dtypes.narrow(dtypes.standardize(t).name))
        for t in dtypes_or_types
    ]
    scalars = [t(0) if t in (int, float, bool) else t for t in given]
    return standardize_dtype(jnp.result_type(*scalars))
