"""Texts into tokens: standardized, split, joined to n-grams. Texts are bytes in UTF-8."""

from __future__ import annotations

import string
from typing import Any

import numpy as np

from addax.engine._variable import host_array

STANDARDIZE = ("lower_and_strip_punctuation", "lower", "strip_punctuation")
SPLIT = ("whitespace", "character")
_PUNCTUATION = string.punctuation.encode()
_SMALL = bytes(range(256)).lower()
_END = b"\0"


def standardized(texts: np.ndarray, how: Any) -> np.ndarray:
    """Texts in small letters (of ASCII) and without punctuation, or what a function of texts (str) gives."""
    if how is None:
        return texts
    if callable(how):
        unicode = np.array([text.decode("utf-8", "replace") for text in texts.ravel()], str)
        return _texts_of(how(unicode.reshape(texts.shape)))
    letters, dropped = changes(how)
    out = np.empty(texts.shape, object)
    flat = texts.ravel().tolist()
    changed = _END.join(flat).translate(letters, dropped).split(_END)  # one call for all
    if len(changed) != len(flat):  # there are none, or some hold what divides them
        changed = [text.translate(letters, dropped) for text in flat]
    out.ravel()[:] = changed
    return out


def changes(how: str | None) -> tuple[bytes | None, bytes]:
    """What becomes of each byte, or None, and the bytes that go: the arguments of `bytes.translate`."""
    how = how or ""
    return _SMALL if "lower" in how else None, _PUNCTUATION if "punctuation" in how else b""


def _texts_of(result: Any) -> np.ndarray:
    """What a user's function gave, as an array of bytes."""
    return host_array(np.asarray(result))


def split(texts: np.ndarray, how: Any) -> list[list[bytes]]:
    """The tokens of each text of an array of one dimension."""
    if how == "whitespace":
        return [text.split() for text in texts.tolist()]
    if how == "character":
        return [[c.encode() for c in text.decode("utf-8", "replace")] for text in texts.tolist()]
    result = how(texts)
    rows = result.to_list() if hasattr(result, "to_list") else result
    return [_row(row) for row in rows]


def _row(row: Any) -> list[bytes]:
    items = row.tolist() if hasattr(row, "tolist") else list(row)
    return [item.encode() if isinstance(item, str) else bytes(item) for item in items]


def ngrams(tokens: list[bytes], widths: tuple[int, ...]) -> list[bytes]:
    """All runs of tokens of the given widths, one width after the other, joined by spaces."""
    return [b" ".join(tokens[i : i + n]) for n in widths for i in range(len(tokens) - n + 1)]


def positions(lengths: np.ndarray) -> np.ndarray:
    """The place of each value in its row, for rows that lie one behind the other."""
    return np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)


def padded(values: np.ndarray, lengths: np.ndarray, width: int, value: int) -> np.ndarray:
    """Rows cut or filled up to one width, as an int64 array.

    Args:
        values: The rows, one behind the other.
        lengths: How long each is.
        width: The width.
        value: What fills them up.
    """
    out = np.full((len(lengths), width), value, "int64")
    if lengths.max(initial=0) > width:
        values = values[positions(lengths) < width]
    out[np.arange(width) < lengths[:, None]] = values
    return out
