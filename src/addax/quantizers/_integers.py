"""Floats as integers of few bits: symmetric, by groups with a zero point, and the rounding error of both alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from addax.core import dtypes
from addax.core.errors import message
from addax.engine import Tensor, op
from addax.engine._jax import jax, jnp


def abs_max_quantize(
    inputs: Any,
    axis: Any,
    value_range: Sequence[int] = (-127, 127),
    dtype: str = "int8",
    epsilon: float = 1e-7,
    to_numpy: bool = False,
) -> tuple[Any, Any]:
    """Integers `round(inputs * scale)` with `scale = value_range[1] / max(abs(inputs))` over axes.

    Args:
        inputs: A float tensor.
        axis: The axis, or the axes, that share a scale.
        value_range: The least and the greatest integer.
        dtype: The dtype of the integers.
        epsilon: Added to the maximum, which may be zero.
        to_numpy: Whether to compute on the host, to save memory of the device.

    Returns:
        The integers, in the shape of the inputs, and the scale, which has size 1 in `axis`.

    Example:
        >>> import addax as keras
        >>> integers, scale = keras.quantizers.abs_max_quantize([[1.0, -2.0, 0.25]], axis=-1)
        >>> integers.numpy(), scale.numpy()
        (array([[  64, -127,   16]], dtype=int8), array([[63.5]], dtype=float32))
    """
    axis = tuple(axis) if isinstance(axis, (list, tuple)) else axis
    options = (axis, tuple(value_range), dtype, epsilon)
    if to_numpy:
        integers, scale = _abs_max(np, np.asarray(inputs), *options)
        return Tensor(integers), Tensor(scale)
    return _abs_max_on_device(inputs, *options)


@op(static=("axis", "value_range", "dtype", "epsilon"), name="abs_max_quantize")
def _abs_max_on_device(inputs: Any, axis: Any, value_range: tuple, dtype: str, epsilon: float) -> tuple:
    return _abs_max(jnp, inputs, axis, value_range, dtype, epsilon)


def _abs_max(xp: Any, x: Any, axis: Any, value_range: tuple, dtype: str, epsilon: float) -> tuple:
    scale = (value_range[1] / (xp.max(xp.abs(x), axis=axis, keepdims=True) + epsilon)).astype(x.dtype)
    return _rounded(xp, x * scale, value_range, dtype), scale


def _rounded(xp: Any, x: Any, value_range: tuple, dtype: str) -> Any:
    return xp.clip(xp.round(x), *value_range).astype(dtypes.numpy_dtype(dtype))


def abs_max_quantize_grouped_with_zero_point(
    inputs: Any,
    block_size: int,
    value_range: Sequence[int] = (-8, 7),
    dtype: str = "int8",
    epsilon: float = 1e-7,
    to_numpy: bool = False,
) -> tuple[Any, Any, Any]:
    """Integers `round(inputs / scale) + zero_point`, with a scale and a zero point for each block of a column.

    Args:
        inputs: A float matrix of shape `(rows, columns)`.
        block_size: How many rows make a block; the last one may have fewer.
        value_range: The least and the greatest integer, a power of two apart.
        dtype: The dtype of the integers.
        epsilon: Added to the range of a block, which may be zero.
        to_numpy: Whether to compute on the host, to save memory of the device.

    Returns:
        The integers in the shape of the inputs, and scale and zero point (int8) of shape `(blocks, columns)`.

    Raises:
        ValueError: If the inputs are no matrix.

    Example:
        >>> import addax as keras
        >>> _, scale, zero = keras.quantizers.abs_max_quantize_grouped_with_zero_point(
        ...     [[0.0], [15.0], [-8.0], [7.0]], block_size=2
        ... )
        >>> scale.numpy().ravel(), zero.numpy().ravel()
        (array([1., 1.], dtype=float32), array([-8,  0], dtype=int8))
    """
    if len(np.shape(inputs)) != 2:
        raise ValueError(
            message("Blocks are cut from a matrix.", expected="rank 2", received=f"shape {np.shape(inputs)}")
        )
    options = (block_size, tuple(value_range), dtype, epsilon)
    if to_numpy:
        return tuple(Tensor(x) for x in _by_blocks(np, np.asarray(inputs), *options))  # type: ignore[return-value]
    return _by_blocks_on_device(inputs, *options)


@op(static=("block_size", "value_range", "dtype", "epsilon"), name="abs_max_quantize_grouped_with_zero_point")
def _by_blocks_on_device(
    inputs: Any, block_size: int, value_range: tuple, dtype: str, epsilon: float
) -> tuple:
    return _by_blocks(jnp, inputs, block_size, value_range, dtype, epsilon)


def _by_blocks(xp: Any, x: Any, block_size: int, value_range: tuple, dtype: str, epsilon: float) -> tuple:
    rows, columns = x.shape
    blocks = math.ceil(rows / block_size)
    size = block_size if blocks > 1 else rows
    cut = xp.pad(x, ((0, blocks * size - rows), (0, 0))).reshape(blocks, size, columns)
    low, high = xp.min(cut, axis=1), xp.max(cut, axis=1)
    flat = low == high
    low, high = xp.where(flat, low - 1, low), xp.where(flat, high + 1, high)
    bits = int(math.log2(value_range[1] - value_range[0] + 1))
    least = -(2 ** (bits - 1))
    scale = ((high - low + epsilon) / (2**bits - 1)).astype(x.dtype)
    zero = xp.clip(xp.round(-low / scale) + least, least, -least - 1)
    integers = xp.clip(xp.round(cut / scale[:, None]) + zero[:, None], *value_range)
    integers = integers.reshape(blocks * size, columns)[:rows].astype(dtypes.numpy_dtype(dtype))
    return integers, scale, zero.astype(np.int8)


@op
def fake_quant_with_min_max_vars(
    inputs: Any,
    min_vals: Any,
    max_vals: Any,
    num_bits: int = 8,
    narrow_range: bool = False,
    axis: int | None = None,
) -> Any:
    """What is left of floats after a round trip through integers, with gradients as if nothing was rounded.

    The range is moved a little, so that zero stays zero. Inputs in the range have the gradient 1, the others give
    theirs to the end of the range that they were cut to (Jacob et al., 2018, section 3).

    Args:
        inputs: Floats.
        min_vals: The least value: a scalar, or a vector with one for each position of `axis`.
        max_vals: The greatest value, likewise.
        num_bits: Bits of the integers.
        narrow_range: Whether the least integer is 1 rather than 0.
        axis: The axis of channels; None for one range.

    Returns:
        Floats in the shape and dtype of the inputs.

    Example:
        >>> import addax as keras
        >>> keras.quantizers.fake_quant_with_min_max_vars([-9.0, 0.4, 1.6], -8.0, 7.0, num_bits=4).numpy()
        array([-8.,  0.,  2.], dtype=float32)
    """
    axes = [i for i in range(inputs.ndim) if axis is None or i != axis % inputs.ndim]
    shapes = [jnp.shape(min_vals), jnp.shape(max_vals)]
    along = [1 if i in axes else -1 for i in range(inputs.ndim)]

    def placed(limit: Any) -> Any:
        return limit.reshape(along) if axis is not None and jnp.ndim(limit) == 1 else limit

    @jax.custom_vjp
    def quantized(x: Any, low: Any, high: Any) -> Any:
        return _fake(x, placed(low), placed(high), int(num_bits), narrow_range)[0]

    def forward(x: Any, low: Any, high: Any) -> tuple:
        out, low, high = _fake(x, placed(low), placed(high), int(num_bits), narrow_range)
        return out, (x, low, high)

    def backward(kept: tuple, upstream: Any) -> tuple:
        x, low, high = kept
        inside = jnp.where((x >= low) & (x <= high), upstream, 0)
        ends = [jnp.where(x <= low, upstream, 0), jnp.where(x >= high, upstream, 0)]
        sums = [
            jnp.sum(end, axis=tuple(axes)).reshape(shape) for end, shape in zip(ends, shapes, strict=True)
        ]
        return (inside.astype(x.dtype), *(s.astype(v.dtype) for s, v in zip(sums, limits, strict=True)))

    limits = [jnp.asarray(v, jnp.result_type(v, inputs.dtype)) for v in (min_vals, max_vals)]
    quantized.defvjp(forward, backward)
    return quantized(inputs, *limits)


def _fake(x: Any, low: Any, high: Any, bits: int, narrow: bool) -> tuple[Any, Any, Any]:
    """The rounded values, and the range that was moved so that zero is one of its steps."""
    wide = jnp.promote_types(low.dtype, jnp.float32)
    low, high = low.astype(wide), high.astype(wide)
    first, last = int(narrow), 2**bits - 1
    step = (high - low) / (last - first)
    steps = (last - first) / (high - low)
    zero = jnp.round(jnp.clip(first - low / step, first, last))
    low, high = (first - zero) * step, (last - zero) * step
    shift = jnp.floor(-low * steps + 0.5)
    out = jnp.floor((jnp.clip(x.astype(wide), low, high) - low) * steps - shift + 0.5) * step
    return out.astype(x.dtype), low, high
