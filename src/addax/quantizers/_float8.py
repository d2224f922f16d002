"""Scales for products in float8 (Micikevicius et al., 2022, with the delayed scaling of Transformer Engine)."""

from __future__ import annotations

from typing import Any

from addax.core import dtypes
from addax.engine import op
from addax.engine._jax import jnp


@op
def compute_float8_scale(amax: Any, scale: Any, dtype_max: Any, margin: int = 0) -> Any:
    """The factor that brings the largest absolute value met to the largest that the dtype has.

    Args:
        amax: The largest absolute value met.
        scale: The factor so far, kept where `amax` is zero or infinite.
        dtype_max: The largest value of the dtype.
        margin: How many powers of two to stay below it.

    Example:
        >>> import addax as keras
        >>> float(keras.quantizers.compute_float8_scale(7.0, 1.0, 448.0))
        0.015625
    """
    usable = (amax > 0) & jnp.isfinite(amax)
    return 1 / jnp.where(usable, dtype_max / amax / 2**margin, 1 / scale)


@op
def compute_float8_amax_history(x: Any, amax_history: Any) -> Any:
    """The history of largest absolute values with that of `x` in the first place; the oldest one is dropped.

    Example:
        >>> import addax as keras
        >>> keras.quantizers.compute_float8_amax_history([-3.0, 2.0], [0.0, 1.0, 2.0]).numpy()
        array([3., 2., 0.], dtype=float32)
    """
    return jnp.roll(amax_history, -1).at[0].set(jnp.max(jnp.abs(x)).astype(amax_history.dtype))


@op(static=("quantized_dtype", "compute_dtype"))
def quantize_and_dequantize(inputs: Any, scale: Any, quantized_dtype: Any, compute_dtype: Any) -> Any:
    """What is left of `inputs` after `inputs / scale` was rounded to a float8 dtype.

    Args:
        inputs: Floats.
        scale: The factor.
        quantized_dtype: A float8 dtype, such as `"float8_e4m3fn"`.
        compute_dtype: The dtype to compute in, and of the result.

    Example:
        >>> import addax as keras
        >>> keras.quantizers.quantize_and_dequantize([1.03, 999.0], 1.0, "float8_e4m3fn", "float32").numpy()
        array([  1., 448.], dtype=float32)
    """
    low, wide = (dtypes.numpy_dtype(dtypes.standardize(d).name) for d in (quantized_dtype, compute_dtype))
    largest = float(jnp.finfo(low).max)
    scale = scale.astype(wide) if hasattr(scale, "astype") else jnp.asarray(scale, wide)
    return jnp.clip(inputs / scale, -largest, largest).astype(low).astype(wide) * scale
