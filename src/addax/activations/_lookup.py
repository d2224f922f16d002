"""Activations by name, from configs and to configs."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

from addax import ops
from addax.activations import _functions
from addax.core import registry, serial
from addax.core.errors import message, unknown_name

NAMES: dict[str, Callable] = {
    "celu": ops.celu,
    "elu": ops.elu,
    "exponential": _functions.exponential,
    "gelu": _functions.gelu,
    "glu": ops.glu,
    "hard_shrink": ops.hard_shrink,
    "hard_sigmoid": ops.hard_sigmoid,
    "hard_silu": ops.hard_silu,
    "hard_swish": ops.hard_silu,
    "hard_tanh": ops.hard_tanh,
    "leaky_relu": ops.leaky_relu,
    "linear": _functions.linear,
    "log_sigmoid": ops.log_sigmoid,
    "log_softmax": ops.log_softmax,
    "mish": _functions.mish,
    "relu": _functions.relu,
    "relu6": ops.relu6,
    "selu": ops.selu,
    "sigmoid": ops.sigmoid,
    "silu": ops.silu,
    "soft_shrink": ops.soft_shrink,
    "softmax": ops.softmax,
    "softplus": ops.softplus,
    "softsign": ops.softsign,
    "sparse_plus": ops.sparse_plus,
    "sparse_sigmoid": ops.sparse_sigmoid,
    "sparsemax": ops.sparsemax,
    "squareplus": ops.squareplus,
    "swish": ops.silu,
    "tanh": ops.tanh,
    "tanh_shrink": ops.tanh_shrink,
    "threshold": ops.threshold,
}


def serialize(activation: Any) -> Any:
    """The name of an activation, or the config of a function or object that is no activation of ours.

    Example:
        >>> import addax as keras
        >>> keras.activations.serialize(keras.activations.relu)
        'relu'
    """
    if activation is None:
        return "linear"
    if isinstance(activation, str):
        return serialize(get(activation))
    if not isinstance(activation, types.FunctionType):
        return serial.serialize(activation)
    name = activation.__name__
    if name in NAMES and activation.__module__.startswith("addax."):
        return name
    return serial.serialize_function(activation)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """An activation from what `serialize` gave."""
    if isinstance(config, str):
        found = registry.get_registered_object(config, custom_objects)
        return get(config) if found is None else found
    packages = ("addax.activations", "addax.layers", "addax.ops")
    return serial.deserialize(config, custom_objects, packages=packages)


def get(identifier: Any) -> Any:
    """The activation that an argument stands for.

    Args:
        identifier: None (gives `linear`), a name, a config, or a callable.

    Returns:
        A function of one tensor.

    Raises:
        ValueError: If it is none of these.

    Example:
        >>> import addax as keras
        >>> float(keras.activations.get("relu")(-1.0))
        0.0
    """
    if identifier is None:
        return _functions.linear
    if isinstance(identifier, dict):
        return deserialize(identifier)
    if isinstance(identifier, str):
        found = NAMES.get(identifier) or registry.get_registered_object(identifier)
        if found is None:
            raise unknown_name("activation function", identifier, NAMES)
        return found
    if callable(identifier):
        return identifier
    raise ValueError(
        message(
            "Could not interpret activation function identifier.",
            expected="a name, a config or a callable",
            received=identifier,
        )
    )
