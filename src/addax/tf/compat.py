"""`tf.compat`: text conversions, of `v1` what scripts use beside eager code, and `v2`, which is `tf` itself."""

from __future__ import annotations

import logging as _logging
import numbers
import os
from typing import Any

import numpy as np

from addax import tf as v2
from addax.core.errors import MissingName, message
from addax.tf._random import set_seed


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


class _Advising(type):
    """A namespace that says where a name is which it lacks."""

    def __getattr__(cls, name: str) -> Any:
        from addax.compat._lookup import look_up

        if name.startswith("_"):
            raise AttributeError(name)
        today = look_up(f"tensorflow.{name}")
        hint = f"It is 'tf.{name}'." if today.supported else today.hint
        raise MissingName(f"Addax has no 'tf.compat.v1.{name}'. {hint}", name=name)


class v1(metaclass=_Advising):  # noqa: N801 - a namespace
    """What of TensorFlow 1 eager scripts use."""

    class logging:  # noqa: N801 - a namespace
        """The logger."""

        DEBUG, INFO, WARN, ERROR, FATAL = 10, 20, 30, 40, 50

        @staticmethod
        def set_verbosity(level: int) -> None:
            """Set the level of the logger."""
            _logging.getLogger("tensorflow").setLevel(level)

    set_random_seed = staticmethod(set_seed)

    @staticmethod
    def enable_eager_execution(*args: Any, **kwargs: Any) -> None:
        """Nothing: code runs eagerly."""

    @staticmethod
    def enable_v2_behavior() -> None:
        """Nothing: this is TensorFlow 2."""


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
    "v1",
    "v2",
]
