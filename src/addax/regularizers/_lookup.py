"""Regularizers by name, from configs and to configs."""

from __future__ import annotations

from typing import Any

from addax.core import lookup, serial
from addax.regularizers._regularizers import L1, L1L2, L2, OrthogonalRegularizer, Regularizer

NAMES: dict[str, type] = {
    "L1": L1,
    "L1L2": L1L2,
    "L2": L2,
    "OrthogonalRegularizer": OrthogonalRegularizer,
    "Regularizer": Regularizer,
    "l1": L1,
    "l1_l2": L1L2,
    "l1l2": L1L2,
    "l2": L2,
    "orthogonal_regularizer": OrthogonalRegularizer,
    "regularizer": Regularizer,
}


def serialize(regularizer: Any) -> Any:
    """The config of a regularizer (module, class name, arguments) as plain data.

    Example:
        >>> import addax as keras
        >>> keras.regularizers.serialize(keras.regularizers.L2(0.1))["config"]
        {'l2': 0.1}
    """
    return serial.serialize(regularizer)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """A regularizer from what `serialize` gave."""
    return lookup.deserialize(config, NAMES, custom_objects)


def get(identifier: Any) -> Any:
    """The regularizer that an argument stands for.

    Args:
        identifier: None (gives None), a name, a config, a class, or a callable.

    Raises:
        ValueError: If it is none of these.

    Example:
        >>> import addax as keras
        >>> keras.regularizers.get("l2").get_config()
        {'l2': 0.01}
    """
    return lookup.get(identifier, NAMES, "regularizer")
