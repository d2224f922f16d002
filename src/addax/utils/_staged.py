"""A batch of images resized by one compiled program on the host's processor, from pixels that NumPy collected.

Bilinear resizing takes four pixels for each new one. To collect them is quick in NumPy, as long as a pixel is one
number of 32 bits; the arithmetic on them is quick in a fused program, which needs no array in between.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from addax.data._element import empty
from addax.engine._jax import jax, jnp, lax
from addax.utils import _resample

_INDEXED = 1 << 16  # new pixels up to which it is worth to remember where all of them come from
_LIMIT = 1 << 28  # bytes of collected pixels; larger batches are resized image by image


class Stage:
    """Room for the pixels of a batch, used again for other batches.

    Args:
        count: Images of a batch.
        size: Their new height and width.
        crop: Whether they are cropped to its proportions first.
    """

    def __init__(self, count: int, size: tuple[int, int], crop: bool) -> None:
        self.count, self.size, self.crop = count, size, crop
        self.indexed = size[0] * size[1] <= _INDEXED
        self.shape: Any = None  # of the last image
        # For each new pixel those above it, to the left and right, and the same below.
        self.corners = empty((count, 2, *size, 2), np.uint32)
        self.down = empty((count, size[0]), np.float32)
        self.across = empty((count, size[1]), np.float32)
        for array in (self.corners, self.down, self.across):
            array.fill(0)

    def put(self, number: int, pixels: np.ndarray) -> None:
        """Collect what makes one image of its pixels, uint32 of shape (height, width)."""
        if self.crop:
            pixels = _resample.cropped(pixels, self.size)
        rows, _, self.down[number] = _pairs(pixels.shape[0], self.size[0])
        _, columns, self.across[number] = _pairs(pixels.shape[1], self.size[1])
        again, self.shape = pixels.shape == self.shape, pixels.shape
        if again and self.indexed and pixels.flags.c_contiguous:
            # One call that lets go of the interpreter's lock: to wait for that costs as much as to collect.
            index = _index(pixels.shape, self.size)
            pixels.reshape(-1).take(index, out=self.corners[number].reshape(-1), mode="clip")
            return
        band = _resample.scratch.get(5, (len(rows), pixels.shape[1]), np.uint32)
        pixels.take(rows, 0, out=band, mode="clip")
        band.take(columns, 1, out=self.corners[number].reshape(len(rows), len(columns)), mode="clip")

    def resized(self, count: int) -> np.ndarray:
        """The first images, float32 of shape (count, height, width, 3); not to be written to."""
        with jax.default_device(host()):
            return np.asarray(_program()(self.corners, self.down, self.across))[:count]


@functools.lru_cache(maxsize=256)
def _pairs(size: int, new: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """`linear` with the two pixels of each new one first all before and all behind, then side by side."""
    before, behind, weight = _resample.linear(size, new)
    return np.concatenate([before, behind]), np.stack([before, behind], 1).ravel(), weight


@functools.lru_cache(maxsize=4)
def _index(shape: tuple[int, int], size: tuple[int, int]) -> np.ndarray:
    """Where the pixels of `Stage.corners` lie in an image, in their order."""
    rows, columns = _pairs(shape[0], size[0])[0], _pairs(shape[1], size[1])[1]
    return (rows[:, None] * shape[1] + columns).ravel()


@functools.cache
def _program() -> Any:
    def resize(corners: Any, down: Any, across: Any) -> Any:
        parts = lax.bitcast_convert_type(corners, jnp.uint8).astype(jnp.float32)
        down, across = down[:, :, None, None], across[:, None, :, None]
        upper, lower = parts[:, 0], parts[:, 1]
        left = upper[:, :, :, 0] + (lower[:, :, :, 0] - upper[:, :, :, 0]) * down
        right = upper[:, :, :, 1] + (lower[:, :, :, 1] - upper[:, :, :, 1]) * down
        return (left + (right - left) * across)[..., :3]

    return jax.jit(resize)


@functools.cache
def host() -> Any:
    """The processor as a device of JAX, None where JAX was told not to use it."""
    try:
        return jax.local_devices(backend="cpu")[0]
    except RuntimeError:
        return None


def suits(count: int, size: tuple[int, int]) -> bool:
    """Whether a batch is worth a program, and fits."""
    return count >= 8 and 16 * count * size[0] * size[1] <= _LIMIT and host() is not None
