"""Docstrings of families: classes that differ by a number alone share the description of their arguments."""

from __future__ import annotations

import inspect
from typing import TypeVar

C = TypeVar("C", bound=type)


def documented(cls: C) -> C:
    """Put the sections of the nearest base class with arguments into a docstring, before its example.

    Example:
        >>> class Base:
        ...     '''Base.
        ...
        ...     Args:
        ...         size: A size.
        ...     '''
        >>> print(documented(type("Wide", (Base,), {"__doc__": "Wide."})).__doc__.splitlines()[-1])
            size: A size.
    """
    summary, _, example = inspect.cleandoc(cls.__doc__ or "").partition("Example:")
    for base in cls.__mro__[1:]:
        text = inspect.cleandoc(base.__dict__.get("__doc__") or "")
        if "Args:" in text and base.__module__ != "addax.layers._layer":
            sections = "Args:" + text.partition("Args:")[2].partition("Example:")[0]
            parts = [summary.rstrip(), sections.rstrip(), f"Example:{example}" if example else ""]
            cls.__doc__ = "\n\n".join(part for part in parts if part)
            break
    return cls
