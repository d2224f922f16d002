"""`tf.strings`: characters with their places, other encodings, joins by segment, keyed hashes."""

from __future__ import annotations

import base64
import functools
import zlib
from typing import Any

import numpy as np

from addax import ops
from addax.core.errors import message
from addax.engine import Tensor, op
from addax.engine._jax import jnp
from addax.ops._ragged_ops import map_flat_values
from addax.tf._strings import _bytes, _each, _rows

_CODE_POINTS = 0x110000


def unicode_decode_with_offsets(
    input: Any,
    input_encoding: str,
    errors: str = "replace",
    replacement_char: int = 65533,
    replace_control_characters: bool = False,
    name: str | None = None,
) -> tuple[Any, Any]:
    """The code points of each string, and the byte that each begins at.

    Args:
        input: A tensor of strings.
        input_encoding: `"UTF-8"`, `"UTF-16-BE"` or `"UTF-32-BE"`.
        errors: What is done with bytes that are no text: `"replace"`, `"ignore"` or `"strict"`.
        replacement_char: What stands for them, a code point.
        replace_control_characters: Whether it also stands for control characters.
        name: Accepted for TensorFlow's sake.

    Returns:
        `(code points, offsets)`, int32: tensors of rank 1 for a scalar, else ragged tensors with a new last axis.

    Raises:
        ValueError: If `errors` is `"strict"` and bytes are no text.

    Example:
        >>> import addax.tf as tf
        >>> codes, places = tf.strings.unicode_decode_with_offsets("aç!", "UTF-8")
        >>> codes.numpy().tolist(), places.numpy().tolist()
        ([97, 231, 33], [0, 1, 3])
    """
    array = _bytes(input)
    texts = [
        _text(s, input_encoding, errors, replacement_char, replace_control_characters)
        for s in array.ravel().tolist()
    ]
    codes = _rows([[ord(c) for c in t] for t in texts], array.shape, "unicode_decode_with_offsets", np.int32)
    return codes, _places(texts, array.shape, input_encoding)


def unicode_script(input: Any, name: str | None = None) -> Any:
    """The script that each code point belongs to, by the numbers of ICU: 25 for Latin, 8 for Cyrillic, 17 for Han.

    Args:
        input: A tensor of code points, int32; a ragged one too.
        name: Accepted for TensorFlow's sake.

    Returns:
        int32 of the same shape; 0 for what all scripts share, such as digits, and -1 for what is no code point.

    Raises:
        ValueError: If they are no integers.

    Example:
        >>> import addax.tf as tf
        >>> tf.strings.unicode_script([ord("a"), ord("Ж"), ord("1")]).numpy()
        array([25,  8,  0], dtype=int32)
    """
    return map_flat_values(_script, input)


@op(name="unicode_script", taped=False)
def _script(x: Any) -> Any:
    if not jnp.issubdtype(x.dtype, jnp.integer):
        raise ValueError(message("Code points are integers.", expected="int32", received=x.dtype.name))
    starts, scripts = _scripts()
    found = jnp.asarray(scripts)[jnp.searchsorted(jnp.asarray(starts), x, side="right") - 1]
    return jnp.where((x >= 0) & (x < _CODE_POINTS), found, -1)


@functools.cache
def _scripts() -> tuple[np.ndarray, np.ndarray]:
    """Where runs of code points begin, and the script of each."""
    from addax.tf._unicode_scripts import RUNS

    table = np.frombuffer(zlib.decompress(base64.b85decode(RUNS)), "<u2").astype(np.int32)
    low, high, scripts = table.reshape(3, -1)
    lengths = low + (high << 16)
    return np.cumsum(lengths, dtype=np.int32) - lengths, scripts


def unicode_split_with_offsets(
    input: Any,
    input_encoding: str,
    errors: str = "replace",
    replacement_char: int = 65533,
    name: str | None = None,
) -> tuple[Any, Any]:
    """The characters of each string, and the byte that each begins at.

    Args:
        input: A tensor of strings.
        input_encoding: As in `unicode_decode_with_offsets`.
        errors: As in `unicode_decode_with_offsets`.
        replacement_char: As in `unicode_decode_with_offsets`.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If `errors` is `"strict"` and bytes are no text.
    """
    array = _bytes(input)
    texts = [_text(s, input_encoding, errors, replacement_char) for s in array.ravel().tolist()]
    rows = [[c.encode(input_encoding) for c in t] for t in texts]
    return _rows(rows, array.shape, "unicode_split_with_offsets"), _places(texts, array.shape, input_encoding)


def unicode_transcode(
    input: Any,
    input_encoding: str,
    output_encoding: str,
    errors: str = "replace",
    replacement_char: int = 65533,
    replace_control_characters: bool = False,
    name: str | None = None,
) -> Tensor:
    """Strings in another encoding.

    Args:
        input: A tensor of strings.
        input_encoding: How they are encoded, such as `"UTF-8"`, `"UTF-16-BE"` or `"US-ASCII"`.
        output_encoding: `"UTF-8"`, `"UTF-16-BE"` or `"UTF-32-BE"`.
        errors: What is done with bytes that are no text: `"replace"`, `"ignore"` or `"strict"`.
        replacement_char: What stands for them, a code point.
        replace_control_characters: Whether it also stands for control characters.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If `errors` is `"strict"` and bytes are no text.
    """
    options = (errors, replacement_char, replace_control_characters)
    return _each(lambda s: _text(s, input_encoding, *options).encode(output_encoding), input)


def _text(data: bytes, encoding: str, errors: str, stand_in: int, controls: bool = False) -> str:
    text = data.decode(encoding, errors)
    if errors == "replace" and stand_in != 0xFFFD:
        text = text.replace("\ufffd", chr(stand_in))
    return (
        "".join(chr(stand_in) if c < " " or "\x7f" <= c < "\xa0" else c for c in text) if controls else text
    )


def _places(texts: list[str], shape: tuple, encoding: str) -> Any:
    rows = [np.cumsum([0, *(len(c.encode(encoding)) for c in text)])[:-1].tolist() for text in texts]
    return _rows(rows, shape, "offsets", np.int32)


def unsorted_segment_join(
    inputs: Any, segment_ids: Any, num_segments: Any, separator: str = "", name: str | None = None
) -> Tensor:
    """Strings with equal segment numbers, joined.

    Args:
        inputs: A tensor of strings.
        segment_ids: Their segment numbers: integers of the shape of `inputs`, or of its first axes.
        num_segments: The number of segments.
        separator: What is put between them.
        name: Accepted for TensorFlow's sake.

    Returns:
        Strings of shape `(num_segments, *inputs.shape[segment_ids.ndim:])`, empty for numbers that do not occur.

    Raises:
        ValueError: If `segment_ids` has another shape.

    Example:
        >>> import addax.tf as tf
        >>> tf.strings.unsorted_segment_join(["a", "b", "c"], [0, 1, 0], 2, "-").numpy().tolist()
        [b'a-c', b'b']
    """
    texts, numbers = _bytes(inputs), np.asarray(ops.convert_to_tensor(segment_ids))
    if texts.shape[: numbers.ndim] != numbers.shape:
        raise ValueError(
            message(
                "Segment numbers do not belong to the strings.",
                expected=f"the shape of the first axes of {texts.shape}",
                received=numbers.shape,
            )
        )
    rows = texts.reshape(-1, *texts.shape[numbers.ndim :])
    out = np.empty((int(num_segments), *rows.shape[1:]), object)
    for place in np.ndindex(*out.shape):
        chosen = rows[(numbers.ravel() == place[0], *place[1:])]
        out[place] = separator.encode().join(chosen.tolist())
    return Tensor(out)


def to_hash_bucket_strong(input: Any, num_buckets: int, key: Any, name: str | None = None) -> Tensor:
    """For each string a number below `num_buckets`, which nobody can tell beforehand without the key (SipHash).

    Args:
        input: A tensor of strings.
        num_buckets: The number of buckets.
        key: Two integers.
        name: Accepted for TensorFlow's sake.
    """
    from addax.formats import siphash

    first, second = (int(k) for k in key)
    return _each(lambda s: siphash(s, (first, second)) % num_buckets, input, np.int32)


__all__ = [
    "to_hash_bucket_strong",
    "unicode_decode_with_offsets",
    "unicode_split_with_offsets",
    "unicode_transcode",
    "unsorted_segment_join",
]
