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
from addax.core.patterns import python_pattern, python_rewrite
from addax.engine import Tensor
from addax.engine._errors import UnknownValue
from addax.engine._staging import staged
from addax.engine._unknown_texts import over_texts
from addax.ops._ragged import RaggedTensor
from addax.ops._ragged_ops import map_flat_values


def _bytes(value: Any) -> np.ndarray:
    """Strings as an object array of bytes."""
    array = np.asarray(ops.convert_to_tensor(value))
    if array.dtype.kind != "O":
        raise TypeError(message("Strings are wanted.", received=f"dtype {array.dtype.name}"))
    return array


def _each(fn: Callable[[bytes], Any], input: Any, dtype: Any = object) -> Any:
    """A function applied to each string."""
    if isinstance(input, RaggedTensor):
        return input.with_flat_values(_each(fn, input.flat_values, dtype))
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


@over_texts
def lower(input: Any, encoding: str = "", name: str | None = None) -> Tensor:
    """Letters in lower case.

    Args:
        input: A tensor of strings.
        encoding: `""` for ASCII letters only, `"utf-8"` for all letters; any other takes bytes as Latin-1.
        name: Accepted for TensorFlow's sake.

    Example:
        >>> import addax.tf as tf
        >>> tf.strings.lower("Hi").numpy()
        b'hi'
    """
    fn = str.lower if encoding else _ascii(str.lower)
    return _decoded(fn, input, encoding)


@over_texts
def upper(input: Any, encoding: str = "", name: str | None = None) -> Tensor:
    """Letters in upper case.

    Args:
        input: A tensor of strings.
        encoding: `""` for ASCII letters only, `"utf-8"` for all letters; any other takes bytes as Latin-1.
        name: Accepted for TensorFlow's sake.

    Example:
        >>> import addax.tf as tf
        >>> tf.strings.upper("Hi").numpy()
        b'HI'
    """
    fn = str.upper if encoding else _ascii(str.upper)
    return _decoded(fn, input, encoding)


@over_texts
def strip(input: Any, name: str | None = None) -> Tensor:
    """Strings without white space at their ends."""
    return _each(bytes.strip, input)


@over_texts
def length(input: Any, unit: str = "BYTE", name: str | None = None) -> Tensor:
    """The number of bytes or characters of each string.

    Args:
        input: A tensor of strings.
        unit: `"BYTE"`, or `"UTF8_CHAR"` for characters.
        name: Accepted for TensorFlow's sake.

    Returns:
        An int32 tensor of the shape of `input`.
    """
    if unit.upper() == "UTF8_CHAR":
        return _each(lambda s: len(s.decode("utf-8", "replace")), input, np.int32)
    return _each(len, input, np.int32)


@over_texts
def substr(input: Any, pos: Any, len: Any, unit: str = "BYTE", name: str | None = None) -> Any:
    """A part of each string.

    Args:
        input: A tensor of strings, which broadcasts with `pos` and `len`; a ragged one takes one number for all.
        pos: Where the part begins, from 0 on; negative numbers count from the end.
        len: How many bytes or characters it has; fewer if the string ends.
        unit: Whether `"BYTE"` or `"UTF8_CHAR"` (characters) is counted.
        name: Accepted for TensorFlow's sake.

    Example:
        >>> import addax.tf as tf
        >>> tf.strings.substr(["house", "tree"], 1, 3).numpy().tolist()
        [b'ous', b'ree']
    """
    if isinstance(input, RaggedTensor):
        return input.with_flat_values(substr(input.flat_values, pos, len, unit))
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


@over_texts
def regex_replace(
    input: Any, pattern: Any, rewrite: Any, replace_global: bool = True, name: str | None = None
) -> Tensor:
    r"""Strings with what matches a pattern replaced; `\1` in `rewrite` stands for the first group.

    Args:
        input: A tensor of strings.
        pattern: A regular expression that RE2 and Python's `re` understand, a string.
        rewrite: What takes the place of a match.
        replace_global: Whether all matches are replaced, or only the first.
        name: Accepted for TensorFlow's sake.

    Example:
        >>> import addax.tf as tf
        >>> tf.strings.regex_replace("<b>Hi</b>", "<[^>]+>", "").numpy()
        b'Hi'
    """
    compiled = re.compile(_pattern(pattern))
    replacement = python_rewrite(_text(rewrite))
    return _each(lambda s: compiled.sub(replacement, s, count=0 if replace_global else 1), input)


@over_texts
def regex_full_match(input: Any, pattern: Any, name: str | None = None) -> Tensor:
    """Whether a pattern matches the whole string.

    Args:
        input: A tensor of strings.
        pattern: A regular expression that RE2 and Python's `re` understand, a string.
        name: Accepted for TensorFlow's sake.

    Returns:
        A tensor of bools.

    Example:
        >>> import addax.tf as tf
        >>> tf.strings.regex_full_match(["aab", "abb"], "a+b").numpy()
        array([ True, False])
    """
    compiled = re.compile(_pattern(pattern))
    return _each(lambda s: compiled.fullmatch(s) is not None, input, bool)


def _pattern(pattern: Any) -> bytes:
    """A pattern of RE2 as one of Python."""
    return python_pattern(_text(pattern))


def _text(value: Any) -> bytes:
    if isinstance(value, str):
        return value.encode()
    data: Any = value if isinstance(value, bytes) else _bytes(value)[()]
    return data


# Joining and splitting -----------------------------------------------------------------------------------
@over_texts
def join(inputs: Any, separator: str = "", name: str | None = None) -> Tensor:
    """Strings of several tensors (or scalars) joined element by element.

    Args:
        inputs: A list of tensors of strings, whose shapes broadcast.
        separator: What is put between them.
        name: Accepted for TensorFlow's sake.

    Example:
        >>> import addax.tf as tf
        >>> tf.strings.join(["a", ["b", "c"]], separator="-").numpy().tolist()
        [b'a-b', b'a-c']
    """
    if any(isinstance(x, RaggedTensor) for x in inputs):
        return map_flat_values(lambda *parts: join(parts, separator), *inputs)
    arrays = np.broadcast_arrays(*(_bytes(x) for x in inputs))
    out = np.empty(arrays[0].shape, object)
    rows = zip(*(a.ravel().tolist() for a in arrays), strict=True)
    out.ravel()[:] = [separator.encode().join(row) for row in rows]
    return Tensor(out)


@over_texts
def reduce_join(
    inputs: Any, axis: Any = None, keepdims: bool = False, separator: str = "", name: str | None = None
) -> Tensor:
    """Strings joined along an axis (all of them if None).

    Args:
        inputs: A tensor of strings.
        axis: An axis, several (joined one after the other), or None.
        keepdims: Whether the axes stay, with length 1.
        separator: What is put between strings.
        name: Accepted for TensorFlow's sake.

    Example:
        >>> import addax.tf as tf
        >>> tf.strings.reduce_join([["a", "b"], ["c", "d"]], axis=1, separator="-").numpy().tolist()
        [b'a-b', b'c-d']
    """
    if isinstance(inputs, RaggedTensor):
        return _reduce_join_ragged(inputs, axis, separator)
    array = _bytes(inputs)
    axes = range(array.ndim)[::-1] if axis is None else [axis] if isinstance(axis, int) else axis
    axes = [a % array.ndim for a in axes][::-1]  # what is joined last changes slowest
    moved = np.moveaxis(array, axes, range(array.ndim - builtins.len(axes), array.ndim))
    kept = moved.shape[: array.ndim - builtins.len(axes)]
    out = np.empty(kept, object)
    rows = moved.reshape(*kept, -1)
    for index in np.ndindex(*kept):
        out[index] = separator.encode().join(rows[index].tolist())
    if keepdims:
        out = out.reshape([1 if i in axes else d for i, d in enumerate(array.shape)])
    return Tensor(out)


@over_texts
def split(input: Any, sep: str | None = None, maxsplit: int = -1, name: str | None = None) -> Any:
    """The parts of each string.

    Args:
        input: A tensor of strings.
        sep: What stands between the parts; runs of white space if None or empty.
        maxsplit: How many times a string is split at most, from the left; -1 for no limit.
        name: Accepted for TensorFlow's sake.

    Returns:
        A tensor of rank 1 for a scalar; for a tensor of strings, a ragged tensor with a row of parts for each.

    Example:
        >>> import addax.tf as tf
        >>> tf.strings.split("a,b,c", ",", maxsplit=1).numpy().tolist()
        [b'a', b'b,c']
    """
    if isinstance(input, RaggedTensor):
        return input.with_flat_values(split(input.flat_values, sep, maxsplit))
    separator = None if not sep else sep.encode()
    return _rows(
        [s.split(separator, maxsplit) for s in _bytes(input).ravel().tolist()], _bytes(input).shape, "split"
    )


@over_texts
def bytes_split(input: Any, name: str | None = None) -> Any:
    """The bytes of each string."""
    array = _bytes(input)
    return _rows(
        [[s[i : i + 1] for i in range(builtins.len(s))] for s in array.ravel().tolist()],
        array.shape,
        "bytes_split",
    )


@over_texts
def unicode_split(
    input: Any, input_encoding: str = "UTF-8", errors: str = "replace", name: str | None = None
) -> Any:
    """The characters of each string.

    Args:
        input: A tensor of strings.
        input_encoding: `"UTF-8"`, `"UTF-16-BE"` or `"UTF-32-BE"`.
        errors: What is done with bytes that are no text: `"replace"` puts U+FFFD, `"ignore"` leaves them out, and
            `"strict"` raises.
        name: Accepted for TensorFlow's sake.

    Returns:
        Strings in the same encoding: a tensor of rank 1 for a scalar, else a ragged tensor with a new last axis.

    Raises:
        ValueError: If `errors` is `"strict"` and bytes are no text.
    """
    array = _bytes(input)
    rows = [
        [c.encode(input_encoding) for c in s.decode(input_encoding, errors)] for s in array.ravel().tolist()
    ]
    return _rows(rows, array.shape, "unicode_split")


def _reduce_join_ragged(inputs: RaggedTensor, axis: Any, separator: str) -> Any:
    """Rows of strings joined, along the last axis or over all."""
    if axis is None:
        return _each(lambda s: s, separator.encode().join(np.asarray(inputs.flat_values).ravel().tolist()))
    axis = axis[0] if isinstance(axis, (list, tuple)) and builtins.len(axis) == 1 else axis
    if axis not in (-1, inputs.ndim - 1):
        raise ValueError(message("Ragged strings are joined along the last axis.", received=f"axis {axis}"))
    if isinstance(inputs.values, RaggedTensor):
        return inputs.with_values(_reduce_join_ragged(inputs.values, -1, separator))
    return _each(lambda s: s, [separator.encode().join(row) for row in inputs.to_list()])


def _rows(rows: list[list], shape: tuple, what: str, dtype: Any = object) -> Any:
    """Rows of parts: a tensor for one string, a ragged tensor for several."""
    flat = np.empty(sum(map(builtins.len, rows)), dtype)
    flat[:] = [part for row in rows for part in row]
    if not shape:
        return Tensor(flat)
    found = RaggedTensor.from_row_lengths(Tensor(flat), [builtins.len(row) for row in rows])
    for width in reversed(shape[1:]):
        found = RaggedTensor.from_uniform_row_length(found, width)
    return found


@over_texts
def format(
    template: str, inputs: Any, placeholder: str = "{}", summarize: int = 3, name: str | None = None
) -> Tensor:
    """A template with its placeholders filled by tensors, as `tf.print` shows them.

    Args:
        template: A string.
        inputs: A tensor, or a list of as many as the template has placeholders.
        placeholder: What stands in the template where a tensor belongs.
        summarize: How many elements are shown at each end of an axis; -1 for all.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If there are more or fewer placeholders than tensors.

    Example:
        >>> import addax.tf as tf
        >>> tf.strings.format("x: {}, y: {}", (tf.constant([1, 2]), tf.constant(0.5))).numpy()
        b'x: [1 2], y: 0.5'
    """
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


@over_texts
def ngrams(
    data: Any, ngram_width: Any, separator: str = " ", pad_values: Any = None, padding_width: int | None = None,
    preserve_short_sequences: bool = False, name: str | None = None,
) -> Any:  # fmt: skip
    """Runs of `ngram_width` neighbouring strings of the last axis, joined.

    Args:
        data: A tensor of strings of rank 1 or more.
        ngram_width: How many strings a run has, or a list of such numbers, whose runs follow each other.
        separator: What is put between the strings of a run.
        pad_values: A string, or a pair for left and right, put before and behind each row; nothing if None.
        padding_width: How many times, at most `ngram_width - 1`, which is the default too.
        preserve_short_sequences: Whether a row too short for any run gives one of all that it has.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If rows give different numbers of runs.

    Example:
        >>> import addax.tf as tf
        >>> tf.strings.ngrams(["a", "b", "c"], 2).numpy().tolist()
        [b'a b', b'b c']
    """
    ragged = isinstance(data, RaggedTensor)
    if ragged and isinstance(data.values, RaggedTensor):
        return data.with_values(
            ngrams(data.values, ngram_width, separator, pad_values, padding_width, preserve_short_sequences)
        )
    array = np.empty(0, object) if ragged else _bytes(data)
    given = data.to_list() if ragged else array.reshape(-1, array.shape[-1]).tolist()
    widths = [ngram_width] if isinstance(ngram_width, int) else list(ngram_width)
    left, right = (
        (pad_values, pad_values) if isinstance(pad_values, (str, bytes)) else pad_values or (None, None)
    )

    def padded(row: list, width: int) -> list:
        count = width - 1 if padding_width is None else min(padding_width, width - 1)
        return row if left is None else [_text(left)] * count + row + [_text(right)] * count

    glue, rows = separator.encode(), []
    for row in given:
        found: list = []
        for width in widths:
            full = padded(row, width)
            found += [glue.join(full[i : i + width]) for i in range(builtins.len(full) - width + 1)]
        if row and not found and preserve_short_sequences:
            found = [glue.join(padded(row, min(widths)))]
        rows.append(found)
    if ragged:
        return _rows(rows, (builtins.len(rows),), "ngrams")
    even = {builtins.len(row) for row in rows}
    parts = _rows(rows, array.shape[:-1], "ngrams")
    return parts.to_tensor() if array.ndim > 1 and builtins.len(even) == 1 else parts


# Numbers -------------------------------------------------------------------------------------------------
@over_texts
def to_number(input: Any, out_type: Any = "float32", name: str | None = None) -> Tensor:
    """The numbers that strings spell.

    Args:
        input: A tensor of strings.
        out_type: The dtype of the result; 64 bits become 32.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If a string spells no such number.

    Example:
        >>> import addax.tf as tf
        >>> tf.strings.to_number(["1", "2.5"]).numpy()
        array([1. , 2.5], dtype=float32)
    """
    dtype = dtypes.standardize(out_type)
    parse = int if dtype.is_integer else float
    return _each(lambda s: parse(s.strip()), input, dtypes.numpy_dtype(dtypes.narrow(dtype.name)))


@over_texts
def as_string(
    input: Any, precision: int = -1, scientific: bool = False, shortest: bool = False, width: int = -1, fill: str = "",
    name: str | None = None,
) -> Tensor:  # fmt: skip
    """Numbers as text.

    Args:
        input: A tensor; bools become `true` and `false`, strings stay.
        precision: The number of digits of a float behind the point (in all, for `shortest`); 6 if negative.
        scientific: Whether floats have an exponent, as `1.5e+00`.
        shortest: Whether floats are written without zeros at the end, with an exponent where that is shorter.
        width: The least length of a number, filled with spaces in front; no limit if negative.
        fill: `"0"` fills with zeros, `"-"` with spaces behind; `"+"` or `" "` stands before what is not negative;
            `"#"` keeps the point of floats.
        name: Accepted for TensorFlow's sake.

    Raises:
        UnknownValue: In compiled code, which has no strings.
        ValueError: If `fill` is another one.

    Example:
        >>> import addax.tf as tf
        >>> tf.strings.as_string([1.5, -2.0], precision=2, width=6, fill="0").numpy().tolist()
        [b'001.50', b'-02.00']
    """
    if staged(input):
        raise UnknownValue(input._value)
    array = np.asarray(ops.convert_to_tensor(input))
    if array.dtype.kind == "O":
        return Tensor(array)
    if builtins.len(fill) > 1 or fill not in "+- 0#":
        raise ValueError(message("Unknown fill.", expected="one of '+- 0#', or ''", received=repr(fill)))
    out = np.empty(array.shape, object)
    head = f"%{fill}{width if width >= 0 else ''}"
    digits = "" if precision < 0 else f".{precision}"
    tail = "d" if array.dtype.kind in "iu" else "e" if scientific else "g" if shortest else "f"
    out.ravel()[:] = [_spelled(v, f"{head}{digits}{tail}").encode() for v in array.ravel().tolist()]
    return Tensor(out)


def _spelled(value: Any, spec: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, complex):
        return f"({spec % value.real},{spec % value.imag})"
    return spec % value


@over_texts
def to_hash_bucket(input: Any, num_buckets: int, name: str | None = None) -> Tensor:
    """For each string a number below `num_buckets` that follows from it (see `to_hash_bucket_fast`)."""
    return to_hash_bucket_fast(input, num_buckets)


@over_texts
def to_hash_bucket_fast(input: Any, num_buckets: int, name: str | None = None) -> Tensor:
    """For each string a number below `num_buckets`: its FarmHash fingerprint, as TensorFlow has it."""
    from addax.formats import fingerprint64

    return _each(lambda s: fingerprint64(s) % num_buckets, input, np.int32)


@over_texts
def unicode_decode(
    input: Any, input_encoding: str = "UTF-8", errors: str = "replace", name: str | None = None
) -> Tensor:
    """The code points of each string.

    Args:
        input: A tensor of strings.
        input_encoding: `"UTF-8"`, `"UTF-16-BE"` or `"UTF-32-BE"`.
        errors: What is done with bytes that are no text: `"replace"` puts U+FFFD, `"ignore"` leaves them out, and
            `"strict"` raises.
        name: Accepted for TensorFlow's sake.

    Returns:
        int32: a tensor of rank 1 for a scalar, else a ragged tensor with a new last axis.

    Raises:
        ValueError: If `errors` is `"strict"` and bytes are no text.

    Example:
        >>> import addax.tf as tf
        >>> tf.strings.unicode_decode("hi", "UTF-8").numpy()
        array([104, 105], dtype=int32)
    """
    array = _bytes(input)
    rows = [[ord(c) for c in s.decode(input_encoding, errors)] for s in array.ravel().tolist()]
    return _rows(rows, array.shape, "unicode_decode", np.int32)


@over_texts
def unicode_encode(
    input: Any, output_encoding: str = "UTF-8", errors: str = "replace", name: str | None = None
) -> Any:
    """Strings of code points, in the last axis.

    Args:
        input: A tensor of integers of rank 1 or more, or a ragged one.
        output_encoding: `"UTF-8"`, `"UTF-16-BE"` or `"UTF-32-BE"`.
        errors: What is done with numbers that are no code points: `"replace"` puts U+FFFD, `"ignore"` leaves them
            out, and `"strict"` raises.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If `errors` is `"strict"` and a number is no code point.

    Example:
        >>> import addax.tf as tf
        >>> tf.strings.unicode_encode([104, 105], "UTF-8").numpy()
        b'hi'
    """
    if isinstance(input, RaggedTensor):
        if isinstance(input.values, RaggedTensor) or input.values.ndim > 1:
            return input.with_values(unicode_encode(input.values, output_encoding, errors))
        rows = [
            "".join(_character(c, errors) for c in row).encode(output_encoding) for row in input.to_list()
        ]
        return _each(lambda s: s, rows)
    codes = np.asarray(ops.convert_to_tensor(input))
    out = np.empty(codes.shape[:-1], object)
    for index in np.ndindex(*out.shape):
        out[index] = "".join(_character(c, errors) for c in codes[index].tolist()).encode(output_encoding)
    return Tensor(out)


def _character(code: int, errors: str) -> str:
    """The character of a code point; surrogates and what is beyond the last one are none."""
    if 0 <= code < 0xD800 or 0xDFFF < code <= 0x10FFFF:
        return chr(code)
    if errors == "strict":
        raise ValueError(message("There is no such code point.", received=hex(code)))
    return "" if errors == "ignore" else "\ufffd"
