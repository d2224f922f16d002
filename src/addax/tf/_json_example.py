"""`tf.io.decode_json_example`: examples from the JSON that protocol buffers are written as."""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from addax.core.errors import message
from addax.engine import Tensor
from addax.tf._example import BytesList, Example, Feature, Features, FloatList, Int64List
from addax.tf._strings import _each


def decode_json_example(json_examples: Any, name: str | None = None) -> Tensor:
    """`tf.train.Example` messages as bytes, from JSON.

    Args:
        json_examples: A tensor of strings, each an example as `google.protobuf.json_format` writes it.
        name: Accepted for TensorFlow's sake.

    Returns:
        Strings of the same shape, which `tf.io.parse_example` takes. Features are sorted by name.

    Raises:
        ValueError: If a string is no JSON, or not that of an example.

    Source: https://protobuf.dev/programming-guides/json/

    Example:
        >>> import addax.tf as tf
        >>> text = '{"features": {"feature": {"a": {"int64List": {"value": ["1", 3]}}}}}'
        >>> data = tf.io.decode_json_example(text)
        >>> tf.train.Example.FromString(data.numpy()).features.feature["a"].int64_list.value
        [1, 3]
    """
    return _each(lambda text: _example(text).SerializeToString(), json_examples)


def _example(text: bytes) -> Example:
    try:
        plain = json.loads(text)
    except (ValueError, RecursionError) as error:  # bytes that are no text, too
        raise ValueError(
            message("This is no JSON.", expected="a tf.train.Example", received=str(error))
        ) from None
    features = _fields(plain, ("features",), "the example").get("features")
    if features is None:
        return Example()
    named = _fields(features, ("feature",), "features").get("feature", {})
    if not isinstance(named, Mapping):
        raise _wrong("feature", "an object", named)
    return Example(features=Features(feature={key: _feature(key, one) for key, one in named.items()}))


_LISTS = {"bytes_list": BytesList, "float_list": FloatList, "int64_list": Int64List}


def _feature(key: str, plain: Any) -> Feature:
    given = _fields(plain, tuple(_LISTS), key)
    if len(given) > 1:
        raise _wrong(key, "one list", sorted(given))
    for kind, inner in given.items():
        values = _fields(inner, ("value",), key).get("value", [])
        if not isinstance(values, list):
            raise _wrong(key, "a list of values", values)
        return Feature(**{kind: _LISTS[kind]([_READ[kind](key, value) for value in values])})
    return Feature()


def _fields(plain: Any, known: tuple[str, ...], where: str) -> dict[str, Any]:
    """The fields of a message, under their names in Python; those that are null are absent."""
    if not isinstance(plain, Mapping):
        raise _wrong(where, "an object", plain)
    names = {**{name: name for name in known}, **{_camel(name): name for name in known}}
    for key in plain:
        if key not in names:
            raise _wrong(where, f"fields {sorted(names)}", key)
    return {names[key]: value for key, value in plain.items() if value is not None}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _integer(key: str, value: Any) -> int:
    found = value
    if isinstance(value, str):
        try:
            found = int(value) if "_" not in value else None
        except ValueError:
            found = None
    elif isinstance(value, float) and math.isfinite(value) and value == int(value):
        found = int(value)
    if isinstance(found, bool) or not isinstance(found, int) or not -(1 << 63) <= found < 1 << 63:
        raise _wrong(key, "an integer of 64 bits", value)
    return found


_SPECIAL = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def _number(key: str, value: Any) -> float:
    found: Any = _SPECIAL.get(value) if isinstance(value, str) else value
    if found is not None and isinstance(value, str):
        return found
    try:
        found = None if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        found = None
    if found is None or not math.isfinite(found) or abs(found) > float(np.finfo(np.float32).max):
        raise _wrong(key, "a number of 32 bits, or 'NaN', 'Infinity', '-Infinity'", value)
    return found


def _text(key: str, value: Any) -> bytes:
    try:
        plain = value.rstrip("=").replace("-", "+").replace("_", "/")
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (AttributeError, TypeError, ValueError, binascii.Error):
        raise _wrong(key, "text in base64", value) from None


_READ = {"bytes_list": _text, "float_list": _number, "int64_list": _integer}


def _wrong(where: str, expected: str, received: Any) -> ValueError:
    return ValueError(
        message(f"The JSON is not that of an example: {where!r}.", expected=expected, received=received)
    )


__all__ = ["decode_json_example"]
