"""What an optimizer keeps for each variable, and how it comes to be."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from addax.core import context, dtypes
from addax.engine import Variable


@dataclasses.dataclass(frozen=True)
class Slot:
    """One array that an optimizer keeps for a variable.

    Attributes:
        name: The key under which `apply_one` finds it; with the variable's path, its name.
        initial: Its first value, a number or an array.
        shape: Its shape; the variable's if None.
        dtype: Its dtype; the variable's if None.
        group: All slots of group 0 come before those of group 1 in files, whatever variable they belong to.
        label: Its whole name, in place of the usual one.
    """

    name: str
    initial: Any = 0.0
    shape: tuple[int, ...] | None = None
    dtype: str | None = None
    group: int = 0
    label: str | None = None


def slot_name(variable: Any, name: str) -> str:
    """The name of a slot: the path of its variable, flattened, and what it holds."""
    path = getattr(variable, "path", None) or variable.name
    return f"{str(path).replace('/', '_').replace(':', '_')}_{name}"


def slot_variable(owner: str, slot: Slot, variable: Any = None) -> Variable:
    """A variable for a slot; its value is made on the host.

    Args:
        owner: The optimizer's name, which begins the path.
        slot: What to make.
        variable: The model's variable that it belongs to, or None for a slot of the optimizer itself.
    """
    shape = slot.shape if slot.shape is not None or variable is None else tuple(variable.shape)
    dtype = slot.dtype or stored_dtype(variable)
    value = np.empty(shape or (), dtypes.numpy_dtype(dtype))
    value[...] = slot.initial
    label = slot.label or (slot.name if variable is None else slot_name(variable, slot.name))
    same = variable is not None and slot.shape is None
    return own_variable(owner, value, label, layout=getattr(variable, "_layout", None) if same else None)


def own_variable(owner: str, value: np.ndarray, name: str, **options: Any) -> Variable:
    """A variable of an optimizer: not trained, with the optimizer's name before its own in the path."""
    with context.entered(path=(owner,)):
        return Variable(value, dtype=value.dtype.name, trainable=False, name=name, **options)


def stored_dtype(variable: Any) -> str:
    """The dtype in which a variable is stored (a mixed-precision layer may read it in another)."""
    return str(
        getattr(variable, "_dtype", None) or getattr(variable, "dtype", None) or dtypes.standardize(None)
    )
