"""`tf.strings`: text on the host, element by element."""

from __future__ import annotations

import builtins
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from addax import ops
from addax.core import dtypes
from addax.core.errors import message
from addax.engine import Tensor
from addax.engine._errors import UnknownValue
from addax.engine._staging import staged


def _bytes(value: Any) -> np.ndarray:
    """Strings as an object array of bytes."""
    array = np.asarray(ops.convert_to_tensor(value))
    if array.dtype.kind != "O":
        raise TypeError(message("Strings are wanted.", received=f"dtype {array.dtype.name}"))
    return array


def _each(fn: Callable[[bytes], Any], input: Any, dtype: Any = object) -> Tensor:
    """A function applied to each string."""
    array = _bytes(input)
    out = np.empty(array.shape, dtype)
    flat = [fn(s) for s in array.ravel().tolist()]
    out.ravel()[:] = flat
    return Tensor(out)


def _decoded(fn: Callable[[str], str], input: Any, encoding: str) -> Tensor:
    if encoding.lower() in ("utf-8", "utf8"):
        return _each(lambda s: fn(s.decode("utf-8", "replace")).encode(), input)
    return _each(lambda s: fn(s.decode("latin-1")).encode("latin-1"), input)


def _ascii(fn: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: "".join(fn(c) if c.isascii() else c for c in text)


def lower(input: Any, encoding: str = "", name: str | None = None) -> Tensor:
    """Letters in lower case: ASCII ones, or all for encoding `"utf-8"`."""
    fn = str.lower if encoding else _ascii(str.lower)
    return _decoded(fn, input, encoding)


def upper(input: Any, encoding: str = "", name: str | None = None) -> Tensor:
    """Letters in upper case: ASCII ones, or all for encoding `"utf-8"`."""
    fn = str.upper if encoding else _ascii(str.upper)
    return _decoded(fn, input, encoding)


def strip(input: Any, name: str | None = None) -> Tensor:
    """Strings without white space at their ends."""
    return _each(bytes.strip, input)


def length(input: Any, unit: str = "BYTE", name: str | None = None) -> Tensor:
    """The number of bytes, or of characters for unit `"UTF8_CHAR"`."""
    if unit.upper() == "UTF8_CHAR":
        return _each(lambda s: len(s.decode("utf-8", "replace")), input, np.int32)
    return _each(len, input, np.int32)


def substr(input: Any, pos: Any, len: Any, unit: str = "BYTE", name: str | None = None) -> Tensor:
    """`len` bytes (or characters, for unit `"UTF8_CHAR"`) from position `pos` on."""
    texts, pos, count = np.broadcast_arrays(_bytes(input), np.asarray(pos), np.asarray(len))
    out = np.empty(texts.shape, object)
    chars = unit.upper() == "UTF8_CHAR"
    for i, (s, p, n) in enumerate(
        zip(texts.ravel(), pos.ravel().tolist(), count.ravel().tolist(), strict=True)
    ):
        text = s.decode("utf-8", "replace") if chars else s
        start = p if p >= 0 else p + builtins.len(text)
        part = text[max(start, 0) : max(start, 0) + n]
        out.ravel()[i] = part.encode() if chars else part
    return Tensor(out)


def regex_replace(
    input: Any, pattern: Any, rewrite: Any, replace_global: bool = True, name: str | None = None
) -> Tensor:
    r"""Strings with what matches a pattern replaced; `\1` in `rewrite` stands for the first group.

    Example:
        >>> import addax.tf as tf
        >>> tf.strings.regex_replace("<b>Hi</b>", "<[^>]+>", "").numpy()
        b'Hi'
    """
    compiled = re.compile(_pattern(pattern))
    replacement = re.sub(rb"\\(\d)", rb"\\g<\1>", _text(rewrite))
    return _each(lambda s: compiled.sub(replacement, s, count=0 if replace_global else 1), input)


def regex_full_match(input: Any, pattern: Any, name: str | None = None) -> Tensor:
    """Whether a pattern matches the whole string."""
    compiled = re.compile(_pattern(pattern))
    return _each(lambda s: compiled.fullmatch(s) is not None, input, bool)


_POSIX = {
    b"[:alpha:]": rb"a-zA-Z", b"[:digit:]": rb"0-9", b"[:alnum:]": rb"a-zA-Z0-9", b"[:upper:]": rb"A-Z",
    b"[:lower:]": rb"a-z", b"[:space:]": rb"\s", b"[:punct:]": rb"!-/:-@\[-`{-~", b"[:word:]": rb"\w",
}  # fmt: skip


def _pattern(pattern: Any) -> bytes:
    """A pattern of RE2 as one of Python."""
    found = _text(pattern)
    for name, chars in _POSIX.items():
        found = found.replace(name, chars)
    return found.replace(rb"\z", rb"\Z")


def _text(value: Any) -> bytes:
    if isinstance(value, str):
        return value.encode()
    data: Any = value if isinstance(value, bytes) else _bytes(value)[()]
    return data


# Joining and splitting -----------------------------------------------------------------------------------
def join(inputs: Any, separator: str = "", name: str | None = None) -> Tensor:
    """Strings of several tensors (or scalars) joined element by element."""
    arrays = np.broadcast_arrays(*(_bytes(x) for x in inputs))
    out = np.empty(arrays[0].shape, object)
    rows = zip(*(a.ravel().tolist() for a in arrays), strict=True)
    out.ravel()[:] = [separator.encode().join(row) for row in rows]
    return Tensor(out)


def reduce_join(
    inputs: Any, axis: Any = None, keepdims: bool = False, separator: str = "", name: str | None = None
) -> Tensor:
    """Strings joined along an axis (all of them if None)."""
    array = _bytes(inputs)
    axes = range(array.ndim) if axis is None else [axis] if isinstance(axis, int) else axis
    axes = sorted(a % array.ndim for a in axes)
    moved = np.moveaxis(array, axes, range(array.ndim - builtins.len(axes), array.ndim))
    kept = moved.shape[: array.ndim - builtins.len(axes)]
    out = np.empty(kept, object)
    rows = moved.reshape(*kept, -1)
    for index in np.ndindex(*kept):
        out[index] = separator.encode().join(rows[index].tolist())
    if keepdims:
        out = out.reshape([1 if i in axes else d for i, d in enumerate(array.shape)])
    return Tensor(out)


def split(input: Any, sep: str | None = None, maxsplit: int = -1, name: str | None = None) -> Any:
    """The parts of each string between separators (white space if None).

    Returns:
        A tensor of rank 1 for a scalar. For a tensor of strings: one row of parts for each.

    Raises:
        ValueError: If strings of a tensor have different numbers of parts.
    """
    separator = None if not sep else sep.encode()
    return _rows(
        [s.split(separator, maxsplit) for s in _bytes(input).ravel().tolist()], _bytes(input).shape, "split"
    )


def bytes_split(input: Any, name: str | None = None) -> Any:
    """The bytes of each string."""
    array = _bytes(input)
    return _rows(
        [[s[i : i + 1] for i in range(builtins.len(s))] for s in array.ravel().tolist()],
        array.shape,
        "bytes_split",
    )


def unicode_split(
    input: Any, input_encoding: str = "UTF-8", errors: str = "replace", name: str | None = None
) -> Any:
    """The characters of each string."""
    array = _bytes(input)
    rows = [[c.encode() for c in s.decode(input_encoding, "replace")] for s in array.ravel().tolist()]
    return _rows(rows, array.shape, "unicode_split")


def _rows(rows: list[list], shape: tuple, what: str, dtype: Any = object) -> Tensor:
    widths = {builtins.len(r) for r in rows}
    if builtins.len(widths) > 1:
        raise ValueError(
            message(
                f"tf.strings.{what}() gives rows of different lengths, which a tensor cannot hold.",
                received=f"between {min(widths)} and {max(widths)} parts",
                hint="Split one string at a time, or use TextVectorization.",
            )
        )
    out = np.empty((builtins.len(rows), widths.pop() if widths else 0), dtype)
    for i, row in enumerate(rows):
        out[i] = row
    return Tensor(out.reshape(*shape, out.shape[-1]))


def format(
    template: str, inputs: Any, placeholder: str = "{}", summarize: int = 3, name: str | None = None
) -> Tensor:
    """A template with its placeholders filled by tensors, as `tf.print` shows them."""
    from addax.tf._python import _text as shown

    values = list(inputs) if isinstance(inputs, (list, tuple)) else [inputs]
    parts = template.split(placeholder)
    if builtins.len(parts) != builtins.len(values) + 1:
        raise ValueError(
            message(
                "The template has another number of placeholders.", received=f"{builtins.len(values)} inputs"
            )
        )
    text = parts[0]
    for value, part in zip(values, parts[1:], strict=True):
        text += shown(value, summarize, top=True) + part
    return ops.convert_to_tensor(text)


def ngrams(
    data: Any, ngram_width: Any, separator: str = " ", pad_values: Any = None, padding_width: int | None = None,
    preserve_short_sequences: bool = False, name: str | None = None,
) -> Tensor:  # fmt: skip
    """Runs of `ngram_width` neighbouring strings of the last axis, joined."""
    array = _bytes(data)
    widths = [ngram_width] if isinstance(ngram_width, int) else list(ngram_width)
    left, right = (
        (pad_values, pad_values) if isinstance(pad_values, (str, bytes)) else pad_values or (None, None)
    )
    rows = []
    for row in array.reshape(-1, array.shape[-1]).tolist():
        found: list = []
        for width in widths:
            padding = width - 1 if padding_width is None else min(padding_width, width - 1)
            full = row if left is None else [_text(left)] * padding + row + [_text(right)] * padding
            found += [
                separator.encode().join(full[i : i + width]) for i in range(builtins.len(full) - width + 1)
            ]
        rows.append(found)
    return _rows(rows, array.shape[:-1], "ngrams")


# Numbers -------------------------------------------------------------------------------------------------
def to_number(input: Any, out_type: Any = "float32", name: str | None = None) -> Tensor:
    """The numbers that strings spell.

    Raises:
        ValueError: If one spells none.
    """
    dtype = dtypes.standardize(out_type)
    parse = int if dtype.is_integer else float
    return _each(lambda s: parse(s.strip()), input, dtypes.numpy_dtype(dtypes.narrow(dtype.name)))


def as_string(
    input: Any, precision: int = -1, scientific: bool = False, shortest: bool = False, width: int = -1, fill: str = "",
    name: str | None = None,
) -> Tensor:  # fmt: skip
    """Numbers as text, floats with 6 digits unless asked otherwise.

    Raises:
        UnknownValue: In compiled code, which has no strings.
    """
    if staged(input):
        raise UnknownValue(input._value)
    array = np.asarray(ops.convert_to_tensor(input))
    if array.dtype.kind == "O":
        return Tensor(array)
    out = np.empty(array.shape, object)
    spec = _format(array.dtype, precision, scientific, shortest)
    padded = f"{'0>' if fill == '0' else '<' if fill == '-' else '>'}{width}" if width > 0 else ""
    texts = [_spelled(v, spec) for v in array.ravel().tolist()]
    out.ravel()[:] = [builtins.format(t, padded).encode() if padded else t.encode() for t in texts]
    return Tensor(out)


def _format(dtype: np.dtype, precision: int, scientific: bool, shortest: bool) -> str:
    if dtype.kind not in "f":
        return ""
    digits = "" if precision < 0 else f".{precision}"
    return f"{digits}{'e' if scientific else 'g' if shortest else 'f'}"


def _spelled(value: Any, spec: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return builtins.format(value, spec)


def to_hash_bucket(input: Any, num_buckets: int, name: str | None = None) -> Tensor:
    """For each string a number below `num_buckets` that follows from it (see `to_hash_bucket_fast`)."""
    return to_hash_bucket_fast(input, num_buckets)


def to_hash_bucket_fast(input: Any, num_buckets: int, name: str | None = None) -> Tensor:
    """For each string a number below `num_buckets`: its FarmHash fingerprint, as TensorFlow has it."""
    from addax.formats import fingerprint64

    return _each(lambda s: fingerprint64(s) % num_buckets, input, np.int32)


def unicode_decode(
    input: Any, input_encoding: str = "UTF-8", errors: str = "replace", name: str | None = None
) -> Tensor:
    """The code points of each string."""
    array = _bytes(input)
    rows = [[ord(c) for c in s.decode(input_encoding, "replace")] for s in array.ravel().tolist()]
    return _rows(rows, array.shape, "unicode_decode", np.int32)


def unicode_encode(
    input: Any, output_encoding: str = "UTF-8", errors: str = "replace", name: str | None = None
) -> Tensor:
    """Strings of code points, in the last axis."""
    codes = np.asarray(ops.convert_to_tensor(input))
    out = np.empty(codes.shape[:-1], object)
    for index in np.ndindex(*out.shape):
        out[index] = "".join(map(chr, codes[index].tolist())).encode(output_encoding)
    return Tensor(out)
