"""Arguments of transformations that may come as Python numbers, NumPy scalars or tensors."""

from __future__ import annotations

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
