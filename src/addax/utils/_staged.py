"""A batch of images resized by one compiled program on the host's processor, from pixels that threads laid out.

Bilinear resizing takes four pixels for each new one. To collect them is quick in NumPy, as long as a pixel is one
number of 32 bits; the arithmetic on them is quick in a fused program, which needs no array in between.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from addax.engine._jax import jax, jnp, lax
from addax.utils import _resample

_LIMIT = 1 << 28  # bytes of collected pixels; larger batches are resized image by image


class Stage:
    """Room for the pixels of a batch, used again for each batch.

    Args:
        count: Images of a batch.
        size: Their new height and width.
        crop: Whether they are cropped to its proportions first.
    """

    def __init__(self, count: int, size: tuple[int, int], crop: bool) -> None:
        self.count, self.size, self.crop = count, size, crop
        # For each new pixel those at the upper left, upper right, lower left and lower right.
        self.corners = np.zeros((4, count, *size), np.uint32)
        self.down = np.zeros((count, size[0]), np.float32)
        self.across = np.zeros((count, size[1]), np.float32)

    def put(self, number: int, image: Any) -> None:
        """Collect the pixels of a Pillow image in RGB."""
        width, height = image.size
        pixels = np.frombuffer(image.tobytes("raw", "RGBX"), np.uint32).reshape(height, width)
        if self.crop:
            pixels = _resample.cropped(pixels, self.size)
        (rows, columns), scratch = self.size, _resample.scratch
        upper, lower, self.down[number] = _resample.linear(pixels.shape[0], rows)
        left, right, self.across[number] = _resample.linear(pixels.shape[1], columns)
        band = scratch.get(5, (rows, pixels.shape[1]), np.uint32)
        for corner, chosen in ((0, upper), (2, lower)):
            pixels.take(chosen, 0, out=band, mode="clip")
            band.take(left, 1, out=self.corners[corner, number], mode="clip")
            band.take(right, 1, out=self.corners[corner + 1, number], mode="clip")

    def resized(self, count: int) -> np.ndarray:
        """The first images, float32 of shape (count, height, width, 3); not to be written to."""
        with jax.default_device(host()):
            return np.asarray(_program()(self.corners, self.down, self.across))[:count]


@functools.cache
def _program() -> Any:
    def resize(corners: Any, down: Any, across: Any) -> Any:
        parts = lax.bitcast_convert_type(corners, jnp.uint8).astype(jnp.float32)
        down, across = down[:, :, None, None], across[:, None, :, None]
        left = parts[0] + (parts[2] - parts[0]) * down
        right = parts[1] + (parts[3] - parts[1]) * down
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
