"""Quantizers and their configs by name, from data and to data."""

from __future__ import annotations

import inspect
from typing import Any

from addax.core import lookup, serial
from addax.core.names import to_snake_case
from addax.quantizers._abs_max import AbsMaxQuantizer, Quantizer
from addax.quantizers._configs import (
    AWQConfig,
    Float8QuantizationConfig,
    GPTQConfig,
    Int4QuantizationConfig,
    Int8QuantizationConfig,
    QuantizationConfig,
)

_CLASSES = (
    AWQConfig,
    AbsMaxQuantizer,
    Float8QuantizationConfig,
    GPTQConfig,
    Int4QuantizationConfig,
    Int8QuantizationConfig,
    QuantizationConfig,
    Quantizer,
)
NAMES: dict[str, type] = {form(cls.__name__): cls for cls in _CLASSES for form in (str, to_snake_case)}


def serialize(initializer: Any) -> Any:
    """A quantizer as plain data: module, class name, arguments.

    Args:
        initializer: A quantizer, or a config of one (the name of the argument is Keras's).
    """
    return serial.serialize(initializer)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """A quantizer from what `serialize` gave."""
    return lookup.deserialize(config, NAMES, custom_objects)


def get(identifier: Any, **kwargs: Any) -> Any:
    """The quantizer that an argument stands for.

    Args:
        identifier: None (gives None), a name, a config, a class, or a quantizer.
        **kwargs: Arguments for a class, or for the class of a name.

    Raises:
        ValueError: If it is none of these.

    Example:
        >>> import addax as keras
        >>> keras.quantizers.get("abs_max_quantizer", axis=0).axis
        (0,)
    """
    cls = NAMES.get(identifier) if isinstance(identifier, str) else identifier
    if inspect.isclass(cls):
        return cls(**kwargs)
    if isinstance(identifier, QuantizationConfig):
        return identifier
    return lookup.get(identifier, NAMES, "quantizer")
