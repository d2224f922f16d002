"""The file of a cache: a line of JSON with the form of the elements, then their arrays one by one."""

from __future__ import annotations

import contextlib
import gzip
import json
import math
import os
import tempfile
import weakref
import zlib
from typing import Any

import numpy as np

from addax.core import dtypes
from addax.core.errors import message
from addax.data import _nest

_MAGIC = b"addax-cache-1\n"
_MAX_LINE = 1 << 26  # bytes of a line of JSON
_STEP = 1 << 24  # bytes that are read at once, so that a size without bytes costs no memory
# What reading a file that is cut off or altered comes to.
_DAMAGES = (
    AttributeError,
    EOFError,
    KeyError,
    OSError,
    OverflowError,
    RecursionError,
    TypeError,
    ValueError,
    zlib.error,
)
_ENDING = ".cache"


def existing(path: str) -> str | None:
    """The finished file of a cache, or None."""
    file = path + _ENDING
    return file if os.path.exists(file) else None


class Writer:
    """Writes elements to a temporary file beside the final one, whose place `finish` gives it.

    Args:
        path: The path of the file, without its ending.
        compressed: Whether it is written as gzip does.
    """

    def __init__(self, path: str, compressed: bool = False) -> None:
        self.file = path + _ENDING
        folder = os.path.dirname(os.path.abspath(path))
        os.makedirs(folder, exist_ok=True)
        handle, self.temporary = tempfile.mkstemp(
            prefix=os.path.basename(path) + ".", suffix=".part", dir=folder
        )
        self.raw = os.fdopen(handle, "w+b")
        self.out: Any = gzip.GzipFile("", "wb", 6, self.raw, 0) if compressed else self.raw
        self.out.write(_MAGIC)
        self.started = False
        self._drop = weakref.finalize(self, _remove, self.raw, self.temporary)

    def write(self, element: Any) -> None:
        """Append an element."""
        if not self.started:
            self.out.write(json.dumps(_form(element)).encode() + b"\n")
            self.started = True
        self.out.write(b"+")
        for leaf in _nest.flatten(element):
            _write_array(self.out, leaf)

    def written(self) -> list:
        """The elements so far."""
        self.out.flush()
        with open(self.temporary, "rb") as file:
            return list(_read_all(file, self.temporary)) if self.started else []

    def finish(self) -> None:
        """Give the file its name."""
        self.out.write(b".")
        if self.out is not self.raw:
            self.out.close()
        self.raw.flush()
        os.fsync(self.raw.fileno())
        self.raw.close()
        os.replace(self.temporary, self.file)
        self._drop.detach()


def _remove(raw: Any, temporary: str) -> None:
    with contextlib.suppress(OSError):  # what is still to be written has no room either
        raw.close()
    if os.path.exists(temporary):
        os.unlink(temporary)


class Reader:
    """Reads the elements of a finished file."""

    def __init__(self, file: str) -> None:
        raw = open(file, "rb")  # closed when the reader goes
        self._close = weakref.finalize(self, raw.close)
        self.file: Any = gzip.GzipFile(fileobj=raw) if raw.peek(2)[:2] == b"\x1f\x8b" else raw
        self.name = file
        self.elements = _read_all(self.file, file)
        self.position = 0

    def next(self) -> Any:
        """The next element; raises StopIteration at the end."""
        try:
            element = next(self.elements)
        except _DAMAGES as error:
            raise ValueError(
                message(
                    "The cache file is damaged.",
                    received=f"{self.name} ({error})",
                    hint="Delete it; the next run writes it anew.",
                )
            ) from error
        self.position += 1
        return element

    def seek(self, position: int) -> None:
        """Go to the element of a number, from the start."""
        for _ in range(position - self.position):
            self.next()


def _read_all(file: Any, name: str) -> Any:
    if file.read(len(_MAGIC)) != _MAGIC:
        raise ValueError(
            message("This is no cache file.", received=name, hint="Delete it, or cache elsewhere.")
        )
    form: Any = None
    while True:
        if form is None:
            start = file.read(1)
            if start in (b".", b""):
                return
            form = _from_form(_json(start + file.readline(_MAX_LINE)))
        if file.read(1) != b"+":
            return
        yield _nest.pack(form, [_read_array(file) for _ in _nest.flatten(form)])


def _json(line: bytes) -> Any:
    return json.loads(line.decode())


def _form(element: Any) -> Any:
    if element is None:
        return None
    if isinstance(element, dict):
        return {"dict": [[key, _form(value)] for key, value in element.items()]}
    if _nest.is_nest(element):
        return {"tuple": [_form(value) for value in element]}
    return 0


def _from_form(form: Any) -> Any:
    if not isinstance(form, dict):
        return form
    if "dict" in form:
        return {key: _from_form(value) for key, value in form["dict"]}
    return tuple(_from_form(value) for value in form["tuple"])


def _write_array(out: Any, array: np.ndarray) -> None:
    data, lengths = array, None
    if array.dtype.kind == "O":
        items = array.ravel().tolist()
        lengths = [len(item) for item in items]
        data = np.frombuffer(b"".join(items), np.uint8)
    name = dtypes.standardize("string" if array.dtype.kind == "O" else array.dtype.name).name
    header = [name, list(array.shape), data.nbytes, lengths]
    out.write(json.dumps(header).encode() + b"\n")
    out.write(np.ascontiguousarray(data).tobytes())


def _read_array(file: Any) -> np.ndarray:
    dtype, shape, size, lengths = _json(file.readline(_MAX_LINE))
    if not all(type(n) is int and n >= 0 for n in (size, *shape, *(lengths or ()))):
        raise ValueError("a size is no number")
    data = _read(file, size)
    if dtype != "string":
        return np.frombuffer(data, dtypes.numpy_dtype(dtype)).reshape(shape)
    if lengths is None or len(lengths) != math.prod(shape) or sum(lengths) != size:
        raise ValueError("the lengths of texts do not fit")
    ends = np.cumsum([0, *lengths]).tolist()
    array = np.empty(shape, object)
    array.reshape(-1)[:] = [data[a:b] for a, b in zip(ends, ends[1:], strict=False)]
    return array


def _read(file: Any, size: int) -> bytes:
    pieces, left = [], size
    while left and (piece := file.read(min(left, _STEP))):
        pieces.append(piece)
        left -= len(piece)
    if left:
        raise ValueError(f"{left} bytes are missing")
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)
