"""Whether Addax has a foreign name, found out without importing anything but Addax."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from addax.compat._aliases import ALIASES, FORMER_MODULES, GONE, MOVED, PRIVATE
from addax.compat._finder import _child, _is_namespace, _is_root, _locate
from addax.compat._missing import elsewhere, hint_for, private_hint

_SERVED = {**MOVED, **ALIASES}
HEADS = frozenset(alias.partition(".")[0] for alias in _SERVED)


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What was found out about a name.

    Attributes:
        supported: Whether Addax has it.
        hint: What to write instead, if not.
    """

    supported: bool
    hint: str = ""


def look_up(name: str) -> LookedUp:
    """Find out whether Addax has a name.

    Args:
        name: The full name as the documentation of TensorFlow or Keras writes it.

    Returns:
        Whether there is such a name, else a hint.

    Raises:
        ValueError: If it is no name of TensorFlow or Keras.

    Example:
        >>> look_up("tensorflow.keras.layers.Dense").supported
        True
        >>> look_up("keras.Dense").hint
        "It is 'keras.layers.Dense'."
    """
    for gone, hint in GONE.items():
        if f"{name}.".startswith(f"{gone}."):
            return LookedUp(False, hint)
    found = walk(name)
    if not found.supported and _V1 in name:
        today = look_up(name.replace(_V1, ".", 1))
        return LookedUp(False, f"It is '{name.replace(_V1, '.', 1)}'." if today.supported else today.hint)
    return found


_V1 = ".compat.v1."


def walk(name: str) -> LookedUp:
    """Like `look_up`, whatever there is to say about the name."""
    where = max((a for a in _SERVED if f"{name}.".startswith(f"{a}.")), key=len, default="")
    if not where:
        raise ValueError(f"{name!r} does not start with {', '.join(sorted(HEADS))}.")
    at = next(found for target in _SERVED[where] if (found := _locate(target)) is not None)
    rest = name[len(where) :].lstrip(".").split(".") if name != where else []
    while rest:
        if not _is_namespace(at):
            return _of_object(at, where, rest[0])
        found = _member(at, rest[0])
        taken = 1
        if found is _NOTHING:
            taken = _former(where, rest)
            found = at
        if not taken:
            places = elsewhere(rest[0], sys.modules.get("addax"))
            hint = private_hint(where) or hint_for(where, rest[0], dir(at), places)
            return LookedUp(False, hint)
        at, where, rest = found, ".".join([where, *rest[:taken]]), rest[taken:]
    return LookedUp(True)


_NOTHING = object()


def _member(namespace: Any, name: str) -> Any:
    """What a namespace has under a public name."""
    if _is_root(namespace) and not name.startswith("__") and name not in namespace.__all__:
        return _NOTHING
    try:
        return getattr(namespace, name)
    except AttributeError:
        found = _child(namespace, name) if hasattr(namespace, "__name__") else None
        return _NOTHING if found is None else found


def _former(where: str, rest: Sequence[str]) -> int:
    """How many of the next names are a module that is its parent today."""
    names = FORMER_MODULES.get(where, ())
    if where.startswith(tuple(f"{name}." for name in PRIVATE)) and len(rest) > 1 and rest[0].islower():
        return 1
    return max((n for n in range(1, len(rest) + 1) if ".".join(rest[:n]) in names), default=0)


def _of_object(obj: Any, where: str, name: str) -> LookedUp:
    """An attribute of a class; those of other objects are known only when the program runs."""
    if not inspect.isclass(obj) or hasattr(obj, name):
        return LookedUp(True)
    return LookedUp(False, hint_for(where, name, dir(obj)))
