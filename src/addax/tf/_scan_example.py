"""The values in a serialized `tf.train.Example`, read from its bytes where these are as anybody writes them."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any, NamedTuple

import numpy as np

from addax.formats import decode_varint
from addax.tf._example import Example, Feature

_KINDS = {0x0A: "bytes_list", 0x12: "float_list", 0x1A: "int64_list"}  # by tag in a Feature
_ONE, _TWO = 0x0A, 0x12  # tags of the fields 1 and 2, if they have a length
_MANY = 16  # bytes


class Values(NamedTuple):
    """The values of a feature.

    Attributes:
        kind: `"bytes_list"`, `"float_list"`, `"int64_list"`, or None of a feature without any.
        items: A list or an array of one dimension.
    """

    kind: str | None
    items: Any


class _Unusual(Exception):
    """The bytes are none of this form; the whole decoder knows what they are, or what is wrong with them."""


def values_of(data: bytes, names: Container[str]) -> Mapping[str, Values]:
    """The features of an example by name; only those wanted are sure to be among them.

    Args:
        data: A `tf.train.Example` message.
        names: The names that are wanted.

    Raises:
        ValueError: If it is no such message.

    Example:
        >>> import addax.tf as tf
        >>> example = tf.train.Example()
        >>> example.features.feature["x"].int64_list.value.extend([1, -2])
        >>> values_of(example.SerializeToString(), ["x"])["x"]
        Values(kind='int64_list', items=[1, -2])
    """
    try:
        return _scan(data, names)
    except (_Unusual, IndexError, ValueError):
        features = Example.FromString(data).features.feature
        return {key: values_in(feature) for key, feature in features.items()}


def values_in(feature: Feature) -> Values:
    """The values of a feature that is decoded."""
    kind = feature.WhichOneof()
    return Values(kind, [] if kind is None else getattr(feature, kind).value)


def _span(data: bytes, at: int, end: int) -> tuple[int, int]:
    """Start and end of what has its length at a place."""
    size = data[at]
    at += 1
    if size > 0x7F:
        size, at = decode_varint(data, at - 1)
    if at + size > end:
        raise _Unusual
    return at, at + size


def _scan(data: bytes, names: Container[str]) -> dict[str, Values]:
    found: dict[str, Values] = {}
    at, end = 0, len(data)
    if not end:
        return found
    if data[0] != _ONE:
        raise _Unusual
    at, stop = _span(data, 1, end)
    if stop != end:
        raise _Unusual
    while at < end:
        if data[at] != _ONE:
            raise _Unusual
        at, entry = _span(data, at + 1, end)
        if at == entry or data[at] != _ONE:
            raise _Unusual
        at, key_end = _span(data, at + 1, entry)
        key = data[at:key_end].decode()
        if key_end == entry or data[key_end] != _TWO:
            raise _Unusual
        at, stop = _span(data, key_end + 1, entry)
        if stop != entry:
            raise _Unusual
        if key in names:
            found[key] = _feature(data, at, entry)
        at = entry
    return found


def _feature(data: bytes, at: int, end: int) -> Values:
    if at == end:
        return Values(None, [])
    kind = _KINDS.get(data[at])
    at, stop = _span(data, at + 1, end)
    if kind is None or stop != end:
        raise _Unusual
    if kind == "bytes_list":
        return Values(kind, _texts(data, at, end))
    if at == end:
        return Values(kind, [])
    if data[at] != _ONE:
        raise _Unusual
    at, stop = _span(data, at + 1, end)
    if stop != end:
        raise _Unusual
    if kind == "float_list":
        return Values(
            kind, np.frombuffer(data, "<f4", (end - at) // 4, at) if end - at & 3 == 0 else _refused()
        )
    return Values(kind, _integers(data[at:end]))


def _refused() -> Any:
    raise _Unusual


def _texts(data: bytes, at: int, end: int) -> list[bytes]:
    found = []
    while at < end:
        if data[at] != _ONE:
            raise _Unusual
        at, stop = _span(data, at + 1, end)
        found.append(data[at:stop])
        at = stop
    return found


def _integers(data: bytes) -> Any:
    if data.isascii():  # each has a byte of its own
        return list(data) if len(data) < _MANY else np.frombuffer(data, np.uint8)
    found, at, end = [], 0, len(data)
    while at < end:
        number, at = decode_varint(data, at)
        found.append(number - (1 << 64) if number >> 63 else number)
    return found
