"""Constraints by name, from configs and to configs."""

from __future__ import annotations

from typing import Any

from addax.constraints._constraints import Constraint, MaxNorm, MinMaxNorm, NonNeg, UnitNorm
from addax.core import lookup, serial

NAMES: dict[str, type] = {
    "Constraint": Constraint,
    "MaxNorm": MaxNorm,
    "MinMaxNorm": MinMaxNorm,
    "NonNeg": NonNeg,
    "UnitNorm": UnitNorm,
    "constraint": Constraint,
    "max_norm": MaxNorm,
    "min_max_norm": MinMaxNorm,
    "non_neg": NonNeg,
    "unit_norm": UnitNorm,
}


def serialize(constraint: Any) -> Any:
    """The config of a constraint (module, class name, arguments) as plain data.

    Example:
        >>> import addax as keras
        >>> keras.constraints.serialize(keras.constraints.MaxNorm(3))["config"]
        {'max_value': 3, 'axis': 0}
    """
    return serial.serialize(constraint)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """A constraint from what `serialize` gave."""
    return lookup.deserialize(config, NAMES, custom_objects)


def get(identifier: Any) -> Any:
    """The constraint that an argument stands for.

    Args:
        identifier: None (gives None), a name, a config, a class, or a callable.

    Raises:
        ValueError: If it is none of these.

    Example:
        >>> import addax as keras
        >>> keras.constraints.get("unit_norm").get_config()
        {'axis': 0}
    """
    return lookup.get(identifier, NAMES, "constraint")
