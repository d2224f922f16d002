"""Bits of integers, under TensorFlow's names."""

from __future__ import annotations

from typing import Any

from addax import ops


def bitwise_and(x: Any, y: Any, name: str | None = None) -> Any:
    """Element-wise AND of bits."""
    return ops.bitwise_and(x, y)


def bitwise_or(x: Any, y: Any, name: str | None = None) -> Any:
    """Element-wise OR of bits."""
    return ops.bitwise_or(x, y)


def bitwise_xor(x: Any, y: Any, name: str | None = None) -> Any:
    """Element-wise exclusive OR of bits."""
    return ops.bitwise_xor(x, y)


def invert(x: Any, name: str | None = None) -> Any:
    """Element-wise complement of bits."""
    return ops.bitwise_not(x)


def left_shift(x: Any, y: Any, name: str | None = None) -> Any:
    """Element-wise shift to the left."""
    return ops.bitwise_left_shift(x, y)


def right_shift(x: Any, y: Any, name: str | None = None) -> Any:
    """Element-wise shift to the right."""
    return ops.bitwise_right_shift(x, y)
