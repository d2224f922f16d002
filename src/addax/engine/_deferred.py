"""Objects that wait for values: what a checkpoint holds for variables that do not exist yet.

A restoration says here which objects it is not done with. Layers, optimizers and modules say when something new is
in them; only then, and only if anything waits at all, is there something to do.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from addax.core import context
from addax.engine._module import Module
from addax.engine._variable import Variable

waiting: dict[int, tuple[weakref.ref, Callable[[Any], bool]]] = {}


def wait(owner: Any, go_on: Callable[[Any], bool]) -> None:
    """Have `go_on(owner)` called whenever something new is in an object, until it returns False.

    Args:
        owner: The object; it is held weakly. What waited for it before is forgotten.
        go_on: The function; it must not hold the object.
    """
    key = id(owner)
    waiting[key] = (weakref.ref(owner, lambda _: waiting.pop(key, None)), go_on)


def forget(owner: Any) -> None:
    """Nothing waits for an object any more."""
    waiting.pop(id(owner), None)


def changed(owner: Any) -> None:
    """Say that something new is in an object."""
    entry = waiting.get(id(owner))
    if entry is not None and entry[0]() is owner and not entry[1](owner):
        waiting.pop(id(owner), None)


def attribute_set(owner: Any, name: str, value: Any) -> None:
    """Say that an attribute was set; only some attributes can bring something new."""
    container = isinstance(value, (list, tuple, dict)) and not name.startswith("_")
    if container or name == "built" or isinstance(value, (Variable, Module)):
        changed(owner)


def put(variable: Variable, value: np.ndarray) -> None:
    """Give a variable a value that was saved, also while code is traced: the trace then starts from it.

    Args:
        variable: The variable.
        value: An array of its shape.
    """
    if context.current().bindings is None:
        variable.assign(value)
        return
    text = variable._dtype == "string"
    variable._value = np.array(value, dtype=object if text else variable._value.dtype)
