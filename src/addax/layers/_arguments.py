"""Checks of the constructor arguments that layers share, with one form of error."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax.core.errors import describe, message
from addax.layers._shapes import unprobed


def is_int(value: Any) -> bool:
    """Whether a value is a whole number, also as a float or a NumPy scalar."""
    if isinstance(value, (bool, np.bool_)):
        return False
    return isinstance(value, (int, np.integer)) or (
        isinstance(value, (float, np.floating)) and float(value).is_integer()
    )


def positive_int(value: Any, name: str, where: str) -> int:
    """A whole number above zero.

    Raises:
        ValueError: If it is none; `where` and `name` say whose and which argument it is.
    """
    if not is_int(value) or value <= 0:
        raise ValueError(
            message(
                f"`{name}` is wrong.", where=where, expected="a positive integer", received=describe(value)
            )
        )
    return int(value)


def spatial(value: Any, rank: int, name: str, where: str, zero: bool = False) -> tuple[int, ...]:
    """One whole number for each spatial dimension, from one number or `rank` numbers.

    Args:
        value: The argument.
        rank: The number of spatial dimensions.
        name: The argument's name.
        where: Whose argument it is.
        zero: Whether zero is allowed.

    Raises:
        ValueError: If it is anything else.
    """
    numbers = (value,) * rank if is_int(value) else tuple(value) if isinstance(value, (tuple, list)) else ()
    lowest = 0 if zero else 1
    if len(numbers) != rank or not all(is_int(n) and n >= lowest for n in numbers):
        kind = "non-negative" if zero else "positive"
        plural = f"a {kind} integer" if rank == 1 else f"a {kind} integer, or {rank} of them"
        raise ValueError(
            message(f"`{name}` is wrong.", where=where, expected=plural, received=describe(value))
        )
    return tuple(int(n) for n in numbers)


def pairs(value: Any, rank: int, name: str, where: str) -> tuple[tuple[int, int], ...]:
    """A number for the start and one for the end of each spatial dimension.

    Args:
        value: One number, or for each dimension a number or a pair; in one dimension, the pair itself.
        rank: The number of spatial dimensions.
        name: The argument's name.
        where: Whose argument it is.

    Raises:
        ValueError: If it is anything else, or a number is negative.
    """
    entries = (value,) * rank if is_int(value) else tuple(value) if isinstance(value, (tuple, list)) else ()
    if rank == 1 and not is_int(value):
        entries = (entries,)
    full: Any = tuple((entry, entry) if is_int(entry) else entry for entry in entries)
    if len(full) != rank or not all(_is_pair(entry) for entry in full):
        forms = "two of them" if rank == 1 else f"{rank} of them, or {rank} pairs of them"
        raise ValueError(
            message(
                f"`{name}` is wrong.",
                where=where,
                expected=f"a non-negative integer, or {forms}",
                received=describe(value),
            )
        )
    return tuple((int(first), int(last)) for first, last in full)


def _is_pair(value: Any) -> bool:
    return isinstance(value, (tuple, list)) and len(value) == 2 and all(is_int(n) and n >= 0 for n in value)


def padding(value: Any, where: str, causal: bool = False) -> str:
    """`"valid"` or `"same"`, in small letters; `"causal"` too where it is allowed.

    Raises:
        ValueError: If it is anything else.
    """
    allowed = ("valid", "same", "causal") if causal else ("valid", "same")
    name = value.lower() if isinstance(value, str) else value
    if name not in allowed:
        raise ValueError(
            message(
                "`padding` is wrong.",
                where=where,
                expected=" or ".join(f'"{one}"' for one in allowed),
                received=describe(value),
                hint='Causal padding needs a single, ordered dimension: Conv1D(padding="causal").'
                if name == "causal"
                else None,
            )
        )
    return name


def fraction(value: Any, name: str, where: str) -> Any:
    """A number from 0 to 1.

    Raises:
        ValueError: If it is anything else.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float, np.number)) or not 0 <= value <= 1:
        raise ValueError(
            message(
                f"`{name}` is wrong.", where=where, expected="a number from 0 to 1", received=describe(value)
            )
        )
    return value


def shown(shape: Any) -> tuple:
    """A shape for an error message: None for a dimension that only stands for an unknown one."""
    return unprobed(shape)
