"""PNG images from arrays, without an image library."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import numpy as np

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
# The colour types of grey, grey and alpha, RGB, RGBA, by the number of channels.
_COLOR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}


def encode_png(image: Any) -> bytes:
    r"""Encode an image as PNG.

    Args:
        image: An array of shape (height, width) or (height, width, channels) with 1 to 4 channels (grey,
            grey and alpha, RGB, RGBA); uint8 or uint16 as they are, floats in [0, 1] (clipped, NaN is
            black) as 8 bits, booleans as black and white.

    Returns:
        The bytes of the file.

    Raises:
        ValueError: The shape or the dtype is not one of these.

    Example:
        >>> encode_png(np.zeros((2, 3), "uint8"))[:4]
        b'\x89PNG'
    """
    pixels = _as_pixels(np.asarray(image))
    height, width, channels = pixels.shape
    depth = 8 * pixels.dtype.itemsize
    header = struct.pack(">IIBBBBB", width, height, depth, _COLOR_TYPES[channels], 0, 0, 0)
    big_endian = pixels.astype(pixels.dtype.newbyteorder(">"))
    lines = np.zeros((height, 1 + width * channels * pixels.dtype.itemsize), np.uint8)  # filter type 0 first
    lines[:, 1:] = np.frombuffer(big_endian.tobytes(), np.uint8).reshape(height, -1)
    content = zlib.compress(lines.tobytes())
    return _SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", content) + _chunk(b"IEND", b"")


def _as_pixels(image: np.ndarray) -> np.ndarray:
    if image.ndim == 2:
        image = image[..., None]
    if image.ndim != 3 or image.shape[-1] not in _COLOR_TYPES or 0 in image.shape:
        raise ValueError(
            "A PNG image: expected shape (height, width) or (height, width, 1 to 4 channels), "
            f"received shape {image.shape}."
        )
    if image.dtype in (np.uint8, np.uint16):
        return image
    if image.dtype.kind == "b":
        return image.astype(np.uint8) * np.uint8(255)
    # bfloat16 and its kin have kind "V", but convert to float32 like any float.
    if image.dtype.kind in "fV":
        unit = np.clip(np.nan_to_num(image.astype(np.float32), nan=0.0), 0, 1)
        return np.rint(unit * 255).astype(np.uint8)
    raise ValueError(f"A PNG image: expected dtype uint8, uint16, bool or a float, received {image.dtype}.")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
