"""`tf.compat`: text conversions, of `v1` what eager scripts use, and `v2`, which is `tf` itself."""

from __future__ import annotations

import numbers
import os
from typing import Any

import numpy as np

from addax import tf as v2
from addax.core.errors import message
from addax.core.lazy import attach


def as_bytes(bytes_or_text: Any, encoding: str = "utf-8") -> bytes:
    """Text or bytes as bytes.

    Args:
        bytes_or_text: A `str`, `bytes` or `bytearray`.
        encoding: The encoding of the bytes.

    Raises:
        TypeError: If it is anything else.
    """
    return bytes_or_text.encode(encoding) if isinstance(bytes_or_text, str) else _bytes(bytes_or_text)


def _bytes(value: Any) -> bytes:
    if not isinstance(value, (bytes, bytearray)):  # bytes(3) would be three zeros
        raise TypeError(message("This is no text.", expected="str or bytes", received=type(value).__name__))
    return bytes(value)


def as_text(bytes_or_text: Any, encoding: str = "utf-8") -> str:
    """Text or bytes as text.

    Args:
        bytes_or_text: A `str`, `bytes` or `bytearray`.
        encoding: The encoding of the bytes.

    Raises:
        TypeError: If it is anything else.
    """
    return bytes_or_text if isinstance(bytes_or_text, str) else _bytes(bytes_or_text).decode(encoding)


as_str = as_text


def as_str_any(value: Any, encoding: str = "utf-8") -> str:
    """Anything as text.

    Args:
        value: `bytes`, which are decoded, or anything that `str` takes.
        encoding: The encoding of the bytes.
    """
    return as_text(value, encoding) if isinstance(value, bytes) else str(value)


def path_to_str(path: Any) -> Any:
    """A path object as a string; anything else as it is."""
    return os.fspath(path) if hasattr(path, "__fspath__") else path


def dimension_value(dimension: Any) -> int | None:
    """A size as a number; None if it is unknown."""
    return None if dimension is None else int(dimension)


def dimension_at_index(shape: Any, index: int) -> int | None:
    """A size of a shape; None if it, or the rank, is unknown."""
    return None if shape is None else dimension_value(shape[index])


def forward_compatible(year: int, month: int, day: int) -> bool:
    """True: nothing waits for a date.

    Args:
        year: The year of the date.
        month: Its month.
        day: Its day.
    """
    return True


bytes_or_text_types = (bytes, str)
integral_types = (numbers.Integral, np.integer)
real_types = (numbers.Real, np.integer, np.floating)
complex_types = (numbers.Complex, np.number)


__getattr__, _ = attach(__name__, {}, ("v1",))

__all__ = [
    "as_bytes",
    "as_str",
    "as_str_any",
    "as_text",
    "bytes_or_text_types",
    "complex_types",
    "dimension_at_index",
    "dimension_value",
    "forward_compatible",
    "integral_types",
    "path_to_str",
    "real_types",
    "v1",  # noqa: F822 - imported when it is asked for
    "v2",
]
