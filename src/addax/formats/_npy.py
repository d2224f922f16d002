"""NumPy's `.npy` format, and pickles as far as data sets consist of them: read as data, without `pickle`.

Sources: the `.npy` format, https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html; the opcodes of
pickles, the module `pickletools` of Python.
"""

from __future__ import annotations

import ast
import math
import re
import struct
from collections.abc import Callable
from typing import Any

import numpy as np

_NUMBERS = re.compile(r"[<>|=]?[biuf][1248]")
_OBJECTS = re.compile(r"[<>|=]?O[48]?")
_MAX_HEADER = 1 << 16
_MODULES = ("numpy.core.multiarray", "numpy._core.multiarray")


def decode_npy(data: bytes) -> np.ndarray:
    r"""Decode the content of an `.npy` file: an array of numbers, or an object array of lists of integers.

    Args:
        data: The bytes of the file.

    Returns:
        The array; of dtype object, with a list of `int` in each place, if the file has objects.

    Raises:
        ValueError: If it is damaged, or holds anything else.

    Example:
        >>> import io
        >>> file = io.BytesIO()
        >>> np.save(file, np.arange(3, dtype="int32"))
        >>> decode_npy(file.getvalue())
        array([0, 1, 2], dtype=int32)
    """
    if data[:6] != b"\x93NUMPY" or len(data) < 12:
        raise _damage("it does not begin as an .npy file does")
    wide = data[6] > 1
    start = 12 if wide else 10
    length = int.from_bytes(data[8:start], "little")
    if length > _MAX_HEADER or start + length > len(data):
        raise _damage("its header is cut off")
    try:
        header = ast.literal_eval(data[start : start + length].decode("utf-8" if data[6] > 2 else "latin-1"))
        kind, fortran, shape = header["descr"], header["fortran_order"], header["shape"]
    except (ValueError, SyntaxError, TypeError, KeyError, RecursionError, MemoryError) as error:
        raise _damage(f"its header cannot be read ({type(error).__name__})") from error
    rest = data[start + length :]
    if isinstance(kind, str) and _OBJECTS.fullmatch(kind):
        found = decode_pickle(rest)
        if not isinstance(found, np.ndarray) or found.dtype != object or found.shape != shape:
            raise _damage("its objects do not fit its header")
        return found
    return _numbers(rest, kind, shape, bool(fortran))


def decode_pickle(data: bytes) -> Any:
    r"""Decode a pickle of dicts, lists, tuples, numbers, texts and NumPy arrays; classes and functions are refused.

    Args:
        data: The pickle, of protocol 2 to 5. Texts of Python 2 become `bytes`.

    Returns:
        The object.

    Raises:
        ValueError: If it is damaged, or holds anything else.

    Example:
        >>> decode_pickle(b"\x80\x02}U\x01aK\x05s.")
        {b'a': 5}
    """
    try:
        return _Reader(data).run()
    except (IndexError, KeyError, struct.error, TypeError, UnicodeDecodeError, OverflowError) as error:
        raise _damage(f"its pickle cannot be read ({type(error).__name__})") from error


def _damage(what: str) -> ValueError:
    return ValueError(
        f"The data is damaged or not what it should be: {what}.\n"
        "  hint: Was the copy or the download cut off? Delete the file and get it again."
    )


def _numbers(data: bytes, kind: Any, shape: Any, fortran: bool) -> np.ndarray:
    """An array of numbers, whose declared size must be the size of the data."""
    if not isinstance(kind, str) or not _NUMBERS.fullmatch(kind):
        raise _damage(f"its elements are of kind {kind!r}, which are no numbers")
    if not isinstance(shape, tuple) or not all(type(n) is int and n >= 0 for n in shape):
        raise _damage("its shape is none")
    try:
        dtype = np.dtype(kind)
        if math.prod(shape) * dtype.itemsize != len(data):
            raise _damage(f"shape {shape} of {dtype} is declared over {len(data)} bytes")
        return np.frombuffer(data, dtype).reshape(shape, order="F" if fortran else "C").copy()
    except (TypeError, OverflowError) as error:  # NumPy has no such dtype, or size
        raise _damage(f"shape {shape} of {kind} is no array") from error


class _Name(str):
    """What a pickle calls a class or function: one of three names of NumPy's."""


class _Kind:
    """A dtype as a pickle describes it: a name, and the byte order from its state."""

    def __init__(self, text: str) -> None:
        self.text = text

    def update(self, state: Any) -> None:
        order = _text(state[1])
        if self.text[:1] not in "<>|=" and order in ("<", ">", "|"):
            self.text = order + self.text


class _Array:
    """An array as a pickle describes it, before and after its state is known."""

    def __init__(self) -> None:
        self.value: np.ndarray | None = None

    def update(self, state: Any, take: Callable[[int], None]) -> None:
        _, shape, kind, fortran, data = state
        if not isinstance(kind, _Kind):
            raise _damage("an array has no dtype")
        if isinstance(data, bytes | bytearray):
            take(len(data))
            self.value = _numbers(bytes(data), kind.text, shape, bool(fortran))
        elif _OBJECTS.fullmatch(kind.text):
            self.value = _lists(data, shape, take)
        else:
            raise _damage(f"an array of {kind.text!r} has no data")


def _lists(data: Any, shape: Any, take: Callable[[int], None]) -> np.ndarray:
    """An object array of lists of integers."""
    if not isinstance(data, list) or shape != (len(data),):
        raise _damage("an array of objects has another shape than its list")
    take(len(data))
    found = np.empty(len(data), object)
    for number, item in enumerate(data):
        if not isinstance(item, list):
            raise _damage("an array holds objects that are no lists of integers")
        take(len(item))
        if not all(type(value) is int for value in item):
            raise _damage("an array holds objects that are no lists of integers")
        found[number] = list(item)
    return found


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


_MARK = object()


class _Reader:
    """Walks through the opcodes; those that could make any other object do not exist here."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0
        self.left = len(data)  # what arrays may still take: bytes and lists may be referred to many times
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}

    def run(self) -> Any:
        while True:
            code = self.take(1)
            if code == b".":
                return _value(self.stack.pop())
            step = _OPCODES.get(code)
            if step is None:
                raise _damage(f"its pickle has the opcode {code!r}, which no data set needs")
            step(self)

    def spend(self, count: int) -> None:
        self.left -= count
        if self.left < 0:
            raise _damage("its arrays hold more than the file")

    # Arguments -------------------------------------------------------------------------------------------
    def take(self, count: int) -> bytes:
        end = self.at + count
        if end > len(self.data):
            raise _damage("its pickle is cut off")
        piece, self.at = self.data[self.at : end], end
        return piece

    def number(self, count: int, signed: bool = False) -> int:
        return int.from_bytes(self.take(count), "little", signed=signed)

    def line(self) -> str:
        end = self.data.index(b"\n", self.at)
        piece, self.at = self.data[self.at : end], end + 1
        return piece.decode("ascii")

    # The stack -------------------------------------------------------------------------------------------
    def push(self, value: Any) -> None:
        self.stack.append(value)

    def since_mark(self) -> list[Any]:
        start = len(self.stack) - 1
        while self.stack[start] is not _MARK:
            start -= 1
            if start < 0:
                raise _damage("its pickle closes what it did not open")
        items = self.stack[start + 1 :]
        del self.stack[start:]
        return items

    def pop(self, count: int) -> list[Any]:
        items = self.stack[-count:]
        if len(items) < count:
            raise _damage("its pickle takes what it did not put")
        del self.stack[-count:]
        return items

    def put(self, key: int) -> None:
        self.memo[key] = self.stack[-1]

    # Containers ------------------------------------------------------------------------------------------
    def extend(self, items: list[Any]) -> None:
        if not isinstance(self.stack[-1], list):
            raise _damage("its pickle appends to what is no list")
        self.stack[-1].extend(_value(item) for item in items)

    def set_items(self, items: list[Any]) -> None:
        if not isinstance(self.stack[-1], dict):
            raise _damage("its pickle sets items of what is no dict")
        for key, value in zip(items[::2], items[1::2], strict=True):
            self.stack[-1][key] = _value(value)

    # What stands for calls ----------------------------------------------------------------------------------
    def name(self, module: Any, name: Any) -> None:
        if not (module == "numpy" and name in ("ndarray", "dtype")) and not (
            module in _MODULES and name == "_reconstruct"
        ):
            raise _damage(f"its pickle names {module}.{name}, which no data set needs; it is refused")
        self.push(_Name(name))

    def reduce(self) -> None:
        name, arguments = self.pop(2)
        if not isinstance(name, _Name) or not isinstance(arguments, tuple):
            raise _damage("its pickle calls what is no array and no dtype")
        if name == "_reconstruct":
            self.push(_Array())
        elif name == "dtype":
            self.push(_Kind(_text(arguments[0])))
        else:
            raise _damage("its pickle makes an array in an unknown way")

    def build(self) -> None:
        (state,) = self.pop(1)
        target = self.stack[-1]
        if isinstance(target, _Kind):
            target.update(state)
        elif isinstance(target, _Array):
            target.update(state, self.spend)
        else:
            raise _damage("its pickle gives a state to what has none")


def _value(item: Any) -> Any:
    """An item as the user gets it; names and dtypes are no data."""
    if isinstance(item, _Array):
        if item.value is None:
            raise _damage("an array has no content")
        return item.value
    if isinstance(item, _Name | _Kind) or item is _MARK:
        raise _damage("its pickle holds something that is no data")
    return item


def _opcodes() -> dict[bytes, Callable[[_Reader], Any]]:
    """Opcode -> what it does; the letters are those of `pickletools`."""
    constants = {b"N": None, b"\x88": True, b"\x89": False, b"(": _MARK}
    empty = {b"]": list, b"}": dict, b")": tuple}
    integers = {b"J": (4, True), b"K": (1, False), b"M": (2, False)}
    sized_bytes = {b"U": 1, b"T": 4, b"C": 1, b"B": 4, b"\x8e": 8, b"\x96": 8}
    sized_texts = {b"\x8c": 1, b"X": 4, b"\x8d": 8}
    made: dict[bytes, Callable[[_Reader], Any]] = {}
    for code, value in constants.items():
        made[code] = lambda r, v=value: r.push(v)
    for code, kind in empty.items():
        made[code] = lambda r, k=kind: r.push(k())
    for code, (size, signed) in integers.items():
        made[code] = lambda r, n=size, s=signed: r.push(r.number(n, s))
    for code, size in sized_bytes.items():
        made[code] = lambda r, n=size: r.push(r.take(r.number(n)))
    for code, size in sized_texts.items():
        made[code] = lambda r, n=size: r.push(r.take(r.number(n)).decode("utf-8"))
    for count, code in enumerate((b"\x85", b"\x86", b"\x87"), 1):
        made[code] = lambda r, n=count: r.push(tuple(r.pop(n)))
    made |= {
        b"\x80": lambda r: r.take(1),  # the protocol
        b"\x95": lambda r: r.take(8),  # the size of a frame
        b"\x8a": lambda r: r.push(r.number(r.number(1), signed=True)),
        b"G": lambda r: r.push(struct.unpack(">d", r.take(8))[0]),
        b"t": lambda r: r.push(tuple(r.since_mark())),
        b"q": lambda r: r.put(r.number(1)),
        b"r": lambda r: r.put(r.number(4)),
        b"\x94": lambda r: r.put(len(r.memo)),
        b"h": lambda r: r.push(r.memo[r.number(1)]),
        b"j": lambda r: r.push(r.memo[r.number(4)]),
        b"a": lambda r: r.extend(r.pop(1)),
        b"e": lambda r: r.extend(r.since_mark()),
        b"s": lambda r: r.set_items(r.pop(2)),
        b"u": lambda r: r.set_items(r.since_mark()),
        b"c": lambda r: r.name(r.line(), r.line()),
        b"\x93": lambda r: r.name(*r.pop(2)),
        b"R": lambda r: r.reduce(),
        b"b": lambda r: r.build(),
    }
    return made


_OPCODES = _opcodes()
