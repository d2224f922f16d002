"""Pictures as arrays of 32-bit pixels, which lie where Pillow put them: to copy them costs a fifth of decoding them."""

from __future__ import annotations

import ctypes
import functools
import os
import threading
from typing import Any

import numpy as np

from addax.utils._images import pillow

_BLOCK = 1 << 22  # pixels up to which Pillow keeps a picture in one piece
_FRAMES = (0xC0, 0xC1, 0xC2)  # baseline, extended and progressive Huffman coding
_PIECE = 1 << 18  # bytes of a file that are read at once
_MODE = os.O_RDONLY | getattr(os, "O_BINARY", 0)


class _ArrowArray(ctypes.Structure):
    """The structure of that name in the Arrow C data interface."""


_ArrowArray._fields_ = [
    *((name, ctypes.c_int64) for name in ("length", "null_count", "offset", "n_buffers", "n_children")),
    ("buffers", ctypes.POINTER(ctypes.c_void_p)),
    ("children", ctypes.POINTER(ctypes.POINTER(_ArrowArray))),
    *((name, ctypes.c_void_p) for name in ("dictionary", "release", "private_data")),
]
_address = ctypes.pythonapi.PyCapsule_GetPointer
_address.restype, _address.argtypes = ctypes.c_void_p, (ctypes.py_object, ctypes.c_char_p)


class _Lent:
    """The memory of a picture for NumPy, kept as long as an array looks at it."""

    def __init__(self, capsule: Any, address: int, shape: tuple[int, int]) -> None:
        self.capsule = capsule
        self.__array_interface__ = {"data": (address, True), "shape": shape, "typestr": "=u4", "version": 3}


@functools.cache
def _lends() -> bool:
    return hasattr(pillow().Image, "__arrow_c_array__")


def pixels(image: Any) -> np.ndarray:
    """The pixels of a picture in RGB, red in the first byte of each.

    Args:
        image: A Pillow image of mode RGB.

    Returns:
        uint32 of shape (height, width), to be read only; a view of the picture where Pillow (from 11.3 on) lends it.
    """
    width, height = image.size
    if width * height <= _BLOCK and _lends():
        _, capsule = image.__arrow_c_array__()
        array = _ArrowArray.from_address(_address(capsule, b"arrow_array"))
        values = array.children[0].contents
        return np.asarray(_Lent(capsule, values.buffers[1], (height, width)))
    return np.frombuffer(image.tobytes("raw", "RGBX"), np.uint32).reshape(height, width)


class _Canvas(threading.local):
    """A picture that a thread decodes into, again and again while the size is the same."""

    def __init__(self) -> None:
        self.size: Any = None
        self.image: Any = None
        self.pixels: Any = None

    def resize(self, size: tuple[int, int]) -> None:
        self.image = pillow().new("RGB", size)
        self.pixels, self.size = pixels(self.image), size


_canvas = _Canvas()


def jpeg(path: str) -> np.ndarray | None:
    """The pixels of a JPEG file in RGB, decoded by Pillow without looking at the rest of what is in the file.

    There is little Python in it and few calls that let go of the interpreter's lock: threads that wait for the lock
    cost more than what they do with it.

    Args:
        path: The file.

    Returns:
        As `pixels`, valid until the thread decodes the next one. None for all but undamaged files of the usual kind;
        `Image.open` knows the others, and what is wrong with them.
    """
    if not _lends():
        return None
    try:
        data = _content(path)
        size = _jpeg_size(data)
        if size is None:
            return None
        if _canvas.size != size:
            _canvas.resize(size)
        _canvas.image.frombytes(data, "jpeg", "RGB", "")
    except (OSError, ValueError):
        return None
    return _canvas.pixels


def _content(path: str) -> bytes:
    """What is in a file."""
    file = os.open(path, _MODE)
    try:
        data = os.read(file, _PIECE)
        if len(data) == _PIECE:
            data += os.read(file, os.fstat(file).st_size)
        return data
    finally:
        os.close(file)


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Width and height of a JPEG file of three components of 8 bits, if it is small enough to need no care."""
    if data[:2] != b"\xff\xd8":
        return None
    at = 2
    while at + 10 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker in _FRAMES:
            height, width = int.from_bytes(data[at + 5 : at + 7]), int.from_bytes(data[at + 7 : at + 9])
            usual = data[at + 4] == 8 and data[at + 9] == 3 and 0 < width * height <= _limit()
            return (width, height) if usual else None
        if not 0xC0 <= marker <= 0xFE or marker == 0xDA:
            return None
        at += 2 + int.from_bytes(data[at + 2 : at + 4])
    return None


def _limit() -> int:
    """Pixels: what lies in one piece, and what the user lets Pillow open."""
    allowed = pillow().MAX_IMAGE_PIXELS
    return _BLOCK if allowed is None else min(_BLOCK, allowed)
