"""Arguments of transformations that may come as Python numbers, NumPy scalars or tensors."""

from __future__ import annotations

import os
from typing import Any

from addax.core.errors import message


def integer(value: Any, argument: str, low: int | None = None) -> int:
    """An integer argument, which may come as a tensor.

    Raises:
        TypeError: If it is no integer.
        ValueError: If it is below `low`.
    """
    try:
        number = value.__index__()
    except (AttributeError, TypeError):
        raise TypeError(message(f"Argument `{argument}` must be an integer.", received=value)) from None
    if low is not None and number < low:
        raise ValueError(
            message(f"Argument `{argument}` is too small.", expected=f"at least {low}", received=f"{number}")
        )
    return number


def text(value: Any, argument: str) -> str:
    """A text argument, which may come as bytes, as a tensor, or as None for nothing.

    Raises:
        TypeError: If it is no text.
    """
    if value is None:
        return ""
    found = os.fspath(value) if isinstance(value, os.PathLike) else value
    found = found.numpy() if hasattr(found, "numpy") else found
    if isinstance(found, bytes):
        return found.decode()
    if not isinstance(found, str):
        raise TypeError(message(f"Argument `{argument}` must be a string.", received=value))
    return found
