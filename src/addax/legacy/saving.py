"""`addax.legacy.saving`: objects to plain data and back in the form of Keras 2, `{"class_name", "config"}`."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from addax.core import registry
from addax.core.errors import message
from addax.core.resolver import resolve

__all__ = ["deserialize_keras_object", "serialize_keras_object"]

_PASSIVE = "__passive_serialization__"  # Keras 2 marks objects inside of configs so


def serialize_keras_object(instance: Any) -> Any:
    """Plain data for an object with `get_config`; the name of a function or class.

    Args:
        instance: An object, a function, or None.

    Raises:
        ValueError: If it has neither a config nor a name.

    Example:
        >>> import addax as keras
        >>> keras.legacy.saving.serialize_keras_object(keras.regularizers.L2(0.5))
        {'class_name': 'L2', 'config': {'l2': 0.5}}
    """
    instance = inspect.unwrap(instance) if callable(instance) else instance
    if instance is None:
        return None
    if hasattr(instance, "get_config"):
        config = {key: _inside(value) for key, value in instance.get_config().items()}
        return {"class_name": registry.get_registered_name(type(instance)), "config": config}
    if hasattr(instance, "__name__"):
        return registry.get_registered_name(instance)
    raise ValueError(
        message(
            "This cannot be saved.", expected="an object with get_config(), or a function", received=instance
        )
    )


def _inside(value: Any) -> Any:
    """A value of a config: objects as data with a mark, what is data as it is."""
    if not hasattr(value, "get_config") and not hasattr(value, "__name__"):
        return value
    data = serialize_keras_object(value)
    return {**data, _PASSIVE: True} if isinstance(data, dict) else data


def deserialize_keras_object(
    identifier: Any,
    module_objects: Mapping[str, Any] | None = None,
    custom_objects: Mapping[str, Any] | None = None,
    printable_module_name: str = "object",
) -> Any:
    """An object from what `serialize_keras_object` gave.

    Args:
        identifier: Plain data, or the name of a class (which is called) or of a function (which is given).
        module_objects: Name -> class or function, looked into last.
        custom_objects: Name -> class or function, looked into first.
        printable_module_name: What is looked for, for errors.

    Raises:
        ValueError: If the name is not known, or `identifier` is neither data nor a name.

    Example:
        >>> import addax as keras
        >>> data = {"class_name": "L2", "config": {"l2": 0.5}}
        >>> keras.legacy.saving.deserialize_keras_object(data).get_config()
        {'l2': 0.5}
    """
    if identifier is None or inspect.isfunction(identifier):
        return identifier
    tables = (module_objects, custom_objects, printable_module_name)
    if isinstance(identifier, str):
        found = _find(identifier, *tables)
        return found() if inspect.isclass(found) else found
    if not isinstance(identifier, dict) or "class_name" not in identifier or "config" not in identifier:
        raise ValueError(
            message(
                f"Could not interpret the serialized {printable_module_name}.",
                expected='{"class_name": ..., "config": {...}}',
                received=identifier,
            )
        )
    cls = _find(identifier["class_name"], *tables)
    config = {key: _restored(value, tables) for key, value in identifier["config"].items()}
    with registry.custom_object_scope(custom_objects):
        return cls.from_config(config) if hasattr(cls, "from_config") else cls(**config)


def _restored(value: Any, tables: tuple) -> Any:
    if isinstance(value, dict) and value.get(_PASSIVE):
        return deserialize_keras_object(value, *tables)
    return value


def _find(name: Any, module_objects: Mapping | None, custom_objects: Mapping | None, kind: str) -> Any:
    """A class or function by name: the caller's, a registered one, one of the module, or one of ours."""
    found = registry.get_registered_object(name, custom_objects, module_objects)
    if found is not None:
        return found
    for what in ("class", "function"):
        try:
            return resolve(None, name, None, what)
        except TypeError:
            continue
    raise ValueError(
        message(
            f"Unknown {kind}: {name!r}.",
            hint=f"Pass custom_objects={{{name!r}: ...}}, or register it before.",
        )
    )
