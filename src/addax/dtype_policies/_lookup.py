"""Policies by name, from configs and to configs."""

from __future__ import annotations

from typing import Any

from addax.core import dtypes, lookup, serial
from addax.core.errors import message
from addax.dtype_policies import _quantized
from addax.dtype_policies._global import dtype_policy, policy_from_name
from addax.dtype_policies._map import DTypePolicyMap
from addax.dtype_policies._policy import DTypePolicy, FloatDTypePolicy

NAMES: dict[str, type] = {
    "AWQDTypePolicy": _quantized.AWQDTypePolicy,
    "DTypePolicy": DTypePolicy,
    "DTypePolicyMap": DTypePolicyMap,
    "FloatDTypePolicy": FloatDTypePolicy,
    "GPTQDTypePolicy": _quantized.GPTQDTypePolicy,
    "Int4DTypePolicy": _quantized.Int4DTypePolicy,
    "Policy": DTypePolicy,
    "QuantizedDTypePolicy": _quantized.QuantizedDTypePolicy,
    "QuantizedFloat8DTypePolicy": _quantized.QuantizedFloat8DTypePolicy,
}


def serialize(dtype_policy: Any) -> Any:
    """The config of a policy (module, class name, arguments) as plain data.

    Example:
        >>> import addax as keras
        >>> keras.dtype_policies.serialize(keras.DTypePolicy("float16"))["config"]
        {'name': 'float16'}
    """
    return serial.serialize(dtype_policy)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """A policy from what `serialize` gave."""
    return lookup.deserialize(config, NAMES, custom_objects)


def get(identifier: Any) -> DTypePolicy:
    """The policy that a `dtype` argument stands for.

    Args:
        identifier: None (gives the global policy), a policy, a config, a policy's name, or a dtype.

    Raises:
        ValueError: If it is none of these.

    Example:
        >>> import addax as keras
        >>> keras.dtype_policies.get("mixed_float16")
        <DTypePolicy "mixed_float16">
    """
    if identifier is None:
        return dtype_policy()
    if isinstance(identifier, DTypePolicy):
        return identifier
    if isinstance(identifier, dict):
        return deserialize(identifier)
    if isinstance(identifier, str):
        return policy_from_name(str(identifier))
    try:
        return DTypePolicy(dtypes.standardize(identifier).name)
    except (ValueError, TypeError):
        raise ValueError(
            message(
                "Cannot interpret `dtype` argument.",
                expected="the name of a dtype or of a policy, or a DTypePolicy",
                received=identifier,
            )
        ) from None
