"""Masks for dropout: each element is kept with a given probability.

Threefry, which JAX and Keras draw with, spends about 15 ns an element on a CPU, which made a third of a Transformer's
training step. Large masks come from a hash of the element's index and the key instead (2 million elements: 0.45 ms in
place of 30, on two shared cores); dropout needs no more than independence and the right frequency. Small ones stay as
in Keras.
"""

from __future__ import annotations

import math
from typing import Any

from addax.engine._jax import jax, jnp, lax

__all__ = ["keep_mask"]

_MANY = 1 << 16  # elements from which a mask is hashed
_TOO_MANY = 1 << 32  # an index is of 32 bits


def keep_mask(raw_key: Any, keep: Any, shape: tuple[int, ...]) -> Any:
    """Booleans of a shape, each true with the probability `keep`.

    Args:
        raw_key: Two numbers, of dtype uint32.
        keep: The probability.
        shape: The shape; a mask of more than 65,536 elements is not the one that Keras draws with this key.
    """
    size = math.prod(shape)
    # A program for export has sizes that are not known.
    if not isinstance(size, int) or not _MANY < size < _TOO_MANY:
        key = jax.random.wrap_key_data(raw_key, impl="threefry2x32")
        return jax.random.bernoulli(key, keep, shape)
    index = lax.iota(jnp.uint32, size).reshape(shape)
    bits = _mixed(_mixed(index * jnp.uint32(0x9E3779B9) + raw_key[0]) ^ raw_key[1])
    return (bits >> 8).astype(jnp.int32).astype(jnp.float32) < keep * float(1 << 24)


def _mixed(x: Any) -> Any:
    """A bijection of 32-bit numbers in which each bit of the input flips each of the output in half of the cases.

    The constants are those that Chris Wellons found by search ("lowbias32").
    """
    x = (x ^ (x >> 16)) * jnp.uint32(0x7FEB352D)
    x = (x ^ (x >> 15)) * jnp.uint32(0x846CA68B)
    return x ^ (x >> 16)
