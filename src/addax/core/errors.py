"""The one shape of an error message: what was expected, what was received, and a hint that fixes it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any


class MissingName(AttributeError):
    """A public name that Addax does not have; `from ... import` makes an ImportError of it (see compat)."""


def message(
    problem: str,
    *,
    expected: Any = None,
    received: Any = None,
    hint: str | None = None,
    where: str | None = None,
) -> str:
    """Join the parts of an error message into the house's form.

    Args:
        problem: One sentence that says what went wrong.
        expected: What would have been right, as text.
        received: What came instead; text is shown as it is, anything else by `describe`.
        hint: How to fix it.
        where: The layer path or argument that is concerned.

    Returns:
        The message, one part a line.

    Example:
        >>> print(message("Wrong rank.", expected="rank 2", received="rank 3", hint="Add Flatten()."))
        Wrong rank.
          expected: rank 2
          received: rank 3
          hint: Add Flatten().
    """
    lines = [problem if where is None else f"{where}: {problem}"]
    if expected is not None:
        lines.append(f"  expected: {expected}")
    if received is not None:
        lines.append(f"  received: {received if isinstance(received, str) else describe(received)}")
    if hint:
        lines.append(f"  hint: {hint}")
    return "\n".join(lines)


def describe(value: Any) -> str:
    """Describe a value for an error message: type, shape and dtype of arrays, a short repr of the rest.

    Example:
        >>> describe(None), describe([1, 2])
        ('None', '[1, 2] (list)')
    """
    if value is None:
        return "None"
    shape, dtype = getattr(value, "shape", None), getattr(value, "dtype", None)
    if shape is not None and dtype is not None and not isinstance(value, type):
        return f"{type(value).__name__} of shape {tuple(shape)}, dtype {dtype}"
    text = repr(value)
    if len(text) > 120:
        text = text[:117] + "..."
    return f"{text} ({type(value).__name__})"


def nearest(name: str, candidates: Iterable[str], count: int = 3) -> list[str]:
    """The candidates most like `name`, best first, ignoring case.

    Example:
        >>> nearest("adm", ["adam", "sgd"])
        ['adam']
    """
    by_lower: dict[str, str] = {}
    for candidate in candidates:
        by_lower.setdefault(candidate.lower(), candidate)
    found = difflib.get_close_matches(name.lower(), by_lower, n=count, cutoff=0.5)
    return [by_lower[key] for key in found]


def suggest(name: str, candidates: Iterable[str]) -> str:
    """A sentence that names the nearest candidates, or an empty string.

    Example:
        >>> suggest("Densee", ["Dense", "Conv2D"])
        "Did you mean 'Dense'?"
    """
    found = nearest(name, candidates)
    if not found:
        return ""
    return "Did you mean " + " or ".join(repr(item) for item in found) + "?"


def unknown_name(kind: str, name: Any, candidates: Iterable[str]) -> ValueError:
    """The error for a string that names no loss, optimizer, metric, activation, ..."""
    candidates = sorted(set(candidates))
    hint = suggest(str(name), candidates) or f"Known names: {', '.join(candidates)}."
    return ValueError(message(f"Unknown {kind}: {name!r}.", hint=hint))
