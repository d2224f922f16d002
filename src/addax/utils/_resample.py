"""Images resized on the host, many at a time in threads, with TensorFlow's rules for what lies between pixels."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from addax.core.errors import message


def _triangle(x: np.ndarray) -> np.ndarray:
    return np.maximum(0, 1 - np.abs(x))


def _cubic(b: float, c: float) -> Callable:
    """The cubic filters of Mitchell and Netravali (1988)."""

    def kernel(x: np.ndarray) -> np.ndarray:
        x = np.abs(x)
        near = ((12 - 9 * b - 6 * c) * x**3 + (-18 + 12 * b + 6 * c) * x**2 + 6 - 2 * b) / 6
        far = ((-b - 6 * c) * x**3 + (6 * b + 30 * c) * x**2 + (-12 * b - 48 * c) * x + 8 * b + 24 * c) / 6
        return np.where(x < 1, near, np.where(x < 2, far, 0))

    return kernel


def _lanczos(radius: int) -> Callable:
    return lambda x: np.where(np.abs(x) < radius, np.sinc(x) * np.sinc(x / radius), 0)


def _gaussian(x: np.ndarray) -> np.ndarray:
    return np.where(
        np.abs(x) < 1.5, np.exp(-2 * x**2), 0
    )  # a deviation of half a pixel, cut at three of them


# Name -> radius in pixels and weight by distance.
_KERNELS: dict[str, tuple[float, Callable]] = {
    "bilinear": (1, _triangle),
    "bicubic": (2, _cubic(0, 0.5)),
    "mitchellcubic": (2, _cubic(1 / 3, 1 / 3)),
    "lanczos3": (3, _lanczos(3)),
    "lanczos5": (5, _lanczos(5)),
    "gaussian": (1.5, _gaussian),
}
_BLURRING = ("gaussian", "mitchellcubic")  # they change an image of the same size, too
METHODS = ("bilinear", "nearest", "bicubic", "area", "lanczos3", "lanczos5", "gaussian", "mitchellcubic")


def check_method(interpolation: Any) -> str:
    """The name of a method in small letters.

    Raises:
        ValueError: If there is no such method.
    """
    name = str(interpolation).lower()
    if name not in METHODS:
        raise ValueError(
            message("Unknown `interpolation`.", expected=f"one of {METHODS}", received=interpolation)
        )
    return name


@functools.lru_cache(maxsize=1024)
def _taps(size: int, new: int, method: str) -> tuple[np.ndarray, np.ndarray]:
    """Which pixels of an axis make each new one, `(taps, new)`, and with which weights."""
    if method == "area":
        return _area_taps(size, new)
    radius, kernel = _KERNELS[method]
    # In float32, as TensorFlow computes them: where a pixel lies just between two others decides which are taken.
    middle = (np.arange(new, dtype=np.float32) + np.float32(0.5)) * np.float32(size / new)
    first = np.ceil(middle - np.float32(radius) - np.float32(0.5))
    pixels = first + np.arange(int(2 * radius) + 1, dtype=np.float32)[:, None]
    weights = kernel((pixels + np.float32(0.5) - middle).astype(np.float64))
    weights[(pixels < 0) | (pixels >= size)] = 0
    weights /= weights.sum(0)
    used = np.flatnonzero(np.abs(weights).max(1) > 0)
    return np.clip(pixels[used], 0, size - 1).astype(np.intp), weights[used].astype(np.float32)


def _area_taps(size: int, new: int) -> tuple[np.ndarray, np.ndarray]:
    edges = np.arange(new + 1) * (size / new)
    first = np.floor(edges[:-1])
    pixels = first + np.arange(int(np.ceil(size / new)) + 1)[:, None]
    weights = np.minimum(edges[1:], pixels + 1) - np.maximum(edges[:-1], pixels)
    weights = np.maximum(weights, 0) / (size / new)
    return np.clip(pixels, 0, size - 1).astype(np.intp), weights.astype(np.float32)


@functools.lru_cache(maxsize=256)
def linear(size: int, new: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The pixel before and the one behind each new one, and how far it is from the first."""
    at = (np.arange(new, dtype=np.float32) + np.float32(0.5)) * np.float32(size / new) - np.float32(0.5)
    before = np.floor(at)
    low, high = np.maximum(before, 0).astype(np.intp), np.minimum(np.ceil(at), size - 1).astype(np.intp)
    return low, high, at - before


@functools.lru_cache(maxsize=256)
def _columns(size: int, new: int, channels: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """`linear` for the numbers of a row in which the channels lie side by side."""
    low, high, weight = linear(size, new)
    spread = np.arange(channels)
    return (
        (low[:, None] * channels + spread).ravel(),
        (high[:, None] * channels + spread).ravel(),
        weight.repeat(channels),
    )


class _Scratch(threading.local):
    """Memory that a thread uses again for each image: fresh pages would cost more than the arithmetic."""

    def __init__(self) -> None:
        self.blocks: dict[tuple, np.ndarray] = {}

    def get(self, number: int, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
        count = int(np.prod(shape))
        block = self.blocks.get((number, dtype))
        if block is None or block.size < count:
            block = self.blocks[number, dtype] = np.empty(count, dtype)
        return block[:count].reshape(shape)


scratch = _Scratch()


def _bilinear(image: np.ndarray, out: np.ndarray) -> None:
    """Rows first, then columns."""
    (height, width, channels), (rows, columns) = image.shape, out.shape[:2]
    top, bottom, down = linear(height, rows)
    left, right, across = _columns(width, columns, channels)
    flat = image.reshape(height, width * channels)
    raw = scratch.get(0, (rows, width * channels), image.dtype)
    first = scratch.get(1, raw.shape, np.float32)
    second = scratch.get(2, raw.shape, np.float32)
    first[...] = flat.take(top, 0, out=raw, mode="clip")
    second[...] = flat.take(bottom, 0, out=raw, mode="clip")
    second -= first
    second *= down[:, None]
    first += second
    shape = (rows, columns * channels)
    before = first.take(left, 1, out=scratch.get(3, shape, np.float32), mode="clip")
    behind = first.take(right, 1, out=scratch.get(4, shape, np.float32), mode="clip")
    behind -= before
    behind *= across
    np.add(before, behind, out=out.reshape(shape))


def _weighted(image: np.ndarray, method: str, out: np.ndarray) -> None:
    """Any filter: a sum over its taps for each axis."""
    rows, columns = out.shape[:2]
    pixels, weights = _taps(image.shape[0], rows, method)
    half = np.zeros((rows, *image.shape[1:]), np.float32)
    for taken, weight in zip(pixels, weights, strict=True):
        half += image[taken] * weight[:, None, None]
    pixels, weights = _taps(image.shape[1], columns, method)
    out[...] = 0
    for taken, weight in zip(pixels, weights, strict=True):
        out += half[:, taken] * weight[:, None]


@functools.lru_cache(maxsize=256)
def _nearest(size: int, new: int) -> np.ndarray:
    at = (np.arange(new, dtype=np.float32) + np.float32(0.5)) * np.float32(size / new)
    return np.minimum(np.floor(at), size - 1).astype(np.intp)


def resize_into(image: np.ndarray, out: np.ndarray, method: str = "bilinear") -> None:
    """Write an image in another size to where it is wanted, as `tf.image.resize` does without antialiasing.

    Args:
        image: Shape (height, width, channels).
        out: Shape (new height, new width, channels), contiguous, float32; any dtype for method `"nearest"`.
        method: One of `METHODS`.

    Example:
        >>> wide = np.empty((1, 4, 1), np.float32)
        >>> resize_into(np.array([[[0], [8]]], np.uint8), wide)
        >>> wide.ravel().tolist()
        [0.0, 2.0, 6.0, 8.0]
    """
    if image.shape[:2] == out.shape[:2] and method not in _BLURRING:
        out[...] = image
    elif method == "nearest":
        rows = _nearest(image.shape[0], out.shape[0])
        out[...] = image[rows][:, _nearest(image.shape[1], out.shape[1])]
    elif method == "bilinear":
        _bilinear(np.ascontiguousarray(image), out)
    else:
        _weighted(image, method, out)


def cropped(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """The largest part in the middle that has the proportions of `size`, a height and a width."""
    height, width = image.shape[:2]
    rows = max(min(height, int(width * size[0] / size[1])), 1)
    columns = max(min(width, int(height * size[1] / size[0])), 1)
    top, left = int((height - rows) / 2), int((width - columns) / 2)
    return image[top : top + rows, left : left + columns]


def fitted(image: np.ndarray, out: np.ndarray, method: str) -> None:
    """Write an image without distortion into the middle of `out`, with zeros around it."""
    height, width = image.shape[:2]
    scale = max(width / out.shape[1], height / out.shape[0])
    tall, wide = height / scale, width / scale
    top, left = max(int((out.shape[0] - tall) / 2), 0), max(int((out.shape[1] - wide) / 2), 0)
    small = np.empty((max(int(tall), 1), max(int(wide), 1), image.shape[2]), out.dtype)
    resize_into(image, small, method)
    out[...] = 0
    out[top : top + small.shape[0], left : left + small.shape[1]] = small
