"""TensorFlow's operations on single texts, by Python's bytes: what files may ask for, and no more."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from addax.core.errors import message
from addax.core.patterns import ends_soon, python_pattern, python_rewrite
from addax.formats import dtype_from_code

Message = dict[str, Any]

_SMALL, _LARGE = bytes(range(256)).lower(), bytes(range(256)).upper()
_LONGEST = 1 << 28  # bytes of one text; texts joined and replaced again and again grow


def each(function: Callable[[Any], Any], x: np.ndarray, dtype: Any = object) -> np.ndarray:
    """A function of each element."""
    out = np.empty(x.shape, dtype)
    out.ravel()[:] = [function(item) for item in x.ravel().tolist()]
    return out


def texts(items: Sequence[bytes]) -> np.ndarray:
    """Texts as an array."""
    out = np.empty(len(items), object)
    out[:] = items
    return out


def _told(attrs: Message, name: str, default: bytes = b"") -> bytes:
    return attrs.get(name, {}).get("s", default)


@functools.lru_cache(64)
def _compiled(pattern: bytes) -> re.Pattern[bytes]:
    found = python_pattern(pattern)
    if not ends_soon(found):  # it is somebody else's, and may take for ever
        raise ValueError(
            message(
                "A pattern may take for ever.",
                expected="no repetitions inside of repetitions, references or looks ahead",
                received=pattern.decode("utf-8", "replace"),
                hint="Write it with one repetition at a time: a+ instead of (a+)+.",
            )
        )
    return re.compile(found)


def _replaced(attrs: Message, x: np.ndarray) -> tuple:
    pattern, rewrite = _compiled(_told(attrs, "pattern")), python_rewrite(_told(attrs, "rewrite"))
    # TensorFlow leaves attributes out that have their usual value.
    count = 0 if attrs.get("replace_global", {"b": True}).get("b", False) else 1
    return (each(lambda text: _bounded(pattern.sub(rewrite, text, count=count)), x),)


def _bounded(text: bytes) -> bytes:
    if len(text) > _LONGEST:
        raise ValueError(message("A text is too large.", received=f"{len(text)} bytes"))
    return text


def _matched(attrs: Message, x: np.ndarray) -> tuple:
    pattern = _compiled(_told(attrs, "pattern"))
    return (each(lambda text: pattern.fullmatch(text) is not None, x, bool),)


def _cased(table: bytes, change: Callable[[str], str]) -> Callable[..., tuple]:
    def run(attrs: Message, x: np.ndarray) -> tuple:
        if _told(attrs, "encoding"):
            return (each(lambda text: change(text.decode("utf-8", "replace")).encode(), x),)
        return (each(lambda text: text.translate(table), x),)

    return run


def _length(attrs: Message, x: np.ndarray) -> tuple:
    by_character = _told(attrs, "unit") == b"UTF8_CHAR"
    return (each(lambda text: len(text.decode("utf-8", "replace") if by_character else text), x, "int32"),)


def _cut(attrs: Message, x: np.ndarray, starts: np.ndarray, counts: np.ndarray) -> tuple:
    by_character = _told(attrs, "unit") == b"UTF8_CHAR"

    def cut(text: bytes, start: int, count: int) -> bytes:
        whole: Any = text.decode("utf-8", "replace") if by_character else text
        begin = max(start if start >= 0 else start + len(whole), 0)
        part = whole[begin : begin + count]
        return part.encode() if by_character else part

    x, starts, counts = np.broadcast_arrays(x, starts, counts)
    rows = zip(x.ravel().tolist(), starts.ravel().tolist(), counts.ravel().tolist(), strict=True)
    return (texts([cut(*row) for row in rows]).reshape(x.shape),)


def _joined(attrs: Message, *parts: np.ndarray) -> tuple:
    separator, spread = _told(attrs, "separator"), np.broadcast_arrays(*parts)
    rows = zip(*(part.ravel().tolist() for part in spread), strict=True)
    return (texts([_bounded(separator.join(row)) for row in rows]).reshape(spread[0].shape),)


def _reduced(attrs: Message, x: np.ndarray, axes: np.ndarray) -> tuple:
    gone = [int(axis) % x.ndim for axis in np.ravel(axes)]
    kept = [axis for axis in range(x.ndim) if axis not in gone]
    rows = x.transpose([*kept, *gone]).reshape(*(x.shape[a] for a in kept), -1)
    separator = _told(attrs, "separator")
    found = texts([_bounded(separator.join(row)) for row in rows.reshape(-1, rows.shape[-1]).tolist()])
    shape = [1 if a in gone else size for a, size in enumerate(x.shape)]
    kept_dims = attrs.get("keep_dims", {}).get("b", False)
    return (found.reshape(shape if kept_dims else [x.shape[a] for a in kept]),)


def _by_segment(attrs: Message, x: np.ndarray, numbers: np.ndarray, count: np.ndarray) -> tuple:
    rows: list[list[bytes]] = [[] for _ in range(min(int(count), 1 << 31))]
    for number, text in zip(numbers.tolist(), x.tolist(), strict=True):
        rows[number].append(text)
    separator = _told(attrs, "separator")
    return (texts([_bounded(separator.join(row)) for row in rows]),)


def _number(attrs: Message, x: np.ndarray) -> tuple:
    dtype = np.dtype(dtype_from_code(attrs.get("out_type", {"type": 1})["type"]))
    parse = int if dtype.kind in "iu" else float
    try:
        return (each(lambda text: parse(text.strip()), x, dtype),)
    except (ValueError, OverflowError) as error:
        raise ValueError(
            message("A text spells no number.", expected=f"a number of {dtype}", received=str(error))
        ) from error


def _spelled(attrs: Message, x: np.ndarray) -> tuple:
    digits = attrs.get("precision", {}).get("i", -1)
    form = "%d" if x.dtype.kind in "iu" else f"%.{min(digits, 100)}f" if digits >= 0 else "%f"
    if x.dtype.kind == "b":
        return (each(lambda value: b"true" if value else b"false", x),)
    return (each(lambda value: (form % value).encode(), x),)


# By the name of the operation: the names of its results, and what it does with its attributes and inputs.
STRING_OPS: dict[str, tuple[tuple[str, ...], Callable[..., tuple]]] = {
    name: (("output",), run)
    for name, run in {
        "AsString": _spelled,
        "ReduceJoin": _reduced,
        "StaticRegexFullMatch": _matched,
        "StaticRegexReplace": _replaced,
        "StringJoin": _joined,
        "StringLength": _length,
        "StringLower": _cased(_SMALL, str.lower),
        "StringStrip": lambda attrs, x: (each(bytes.strip, x),),
        "StringToNumber": _number,
        "StringUpper": _cased(_LARGE, str.upper),
        "Substr": _cut,
        "UnsortedSegmentJoin": _by_segment,
    }.items()
}
