"""Integers from 0 upwards with a scale and a zero point for each group of inputs, as GPTQ and AWQ keep weights."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from addax.engine import op
from addax.engine._jax import jnp


def group_count(inputs: int, group_size: int) -> int:
    """How many groups so many inputs make; a size of -1 is one group."""
    return 1 if group_size == -1 else math.ceil(inputs / group_size)


def group_index(inputs: int, group_size: int) -> np.ndarray:
    """The group of each input, as the floats that files hold."""
    size = inputs if group_size == -1 else group_size
    return (np.arange(inputs) // size).astype(np.float32)


def group_parameters(
    weights: np.ndarray, bits: int, symmetric: bool = False, per_channel: bool = True
) -> tuple[np.ndarray, np.ndarray]:
    """Scale and zero point of one group, such that its weights (and zero) lie between 0 and `2**bits - 1`.

    Args:
        weights: Float matrix of shape `(outputs, inputs of the group)`.
        bits: Bits of the integers.
        symmetric: Whether the range reaches as far below zero as above.
        per_channel: Whether each output has its own; one for all else.

    Returns:
        Scale and zero point, of shape `(outputs, 1)`.
    """
    axis = 1 if per_channel else None
    low = np.minimum(np.min(weights, axis=axis, keepdims=True), 0)
    high = np.maximum(np.max(weights, axis=axis, keepdims=True), 0)
    if symmetric:
        high = np.maximum(-low, high)
        low = np.where(low < 0, -high, low)
    flat = low == high
    low, high = np.where(flat, -1, low), np.where(flat, 1, high)
    top = 2**bits - 1
    scale = ((high - low) / top).astype(np.float32)
    zero = np.full_like(scale, (top + 1) // 2) if symmetric else np.round(-low / scale)
    shape = (len(weights), 1)
    return np.broadcast_to(scale, shape), np.broadcast_to(zero, shape)


def to_integers(weights: np.ndarray, scale: np.ndarray, zero: np.ndarray, bits: int) -> np.ndarray:
    """The integers, still as floats, of weights whose shape scale and zero point broadcast to."""
    return np.clip(np.round(weights / scale + zero), 0, 2**bits - 1)


@op(static=("axis",), name="dequantize_groups")
def dequantize_groups(integers: Any, scale: Any, zero: Any, g_idx: Any, axis: int = -1) -> Any:
    """`(integers - zero) * scale`, with the scale and the zero point of each position's group.

    Args:
        integers: Integers.
        scale: In the shape of the integers, but for `axis`, which counts groups.
        zero: The same.
        g_idx: The group of each position along `axis`.
        axis: The axis.
    """
    groups = g_idx.astype(jnp.int32)
    scale, zero = jnp.take(scale, groups, axis=axis), jnp.take(zero, groups, axis=axis)
    return (integers.astype(scale.dtype) - zero.astype(scale.dtype)) * scale
