"""What `get` and `deserialize` of a package of named classes share: names, configs, classes, instances."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from addax.core import registry, serial
from addax.core.errors import message, unknown_name


def deserialize(config: Any, names: Mapping[str, Any], custom_objects: Mapping | None = None) -> Any:
    """An object from a config; a bare class name is looked for in `names` first.

    Args:
        config: What a package's `serialize` gave, or `{"class_name": ..., "config": ...}` of an older file.
        names: Name -> class, with all aliases.
        custom_objects: Name -> class of the user.
    """
    if isinstance(config, dict) and not config.get("registered_name"):
        name = str(config.get("class_name"))
        if name in names and registry.get_registered_object(name, custom_objects) is None:
            return names[name].from_config(config.get("config") or {})
    packages = {".".join(cls.__module__.split(".")[:2]) for cls in names.values()}
    return serial.deserialize(config, custom_objects, packages=tuple(packages))


def get(identifier: Any, names: Mapping[str, Any], kind: str) -> Any:
    """The object that an argument stands for.

    Args:
        identifier: None (gives None), a name, a config, a class, or a callable.
        names: Name -> class, with all aliases.
        kind: What is looked for, for errors.

    Raises:
        ValueError: If it is none of these.
    """
    if identifier is None:
        return None
    if isinstance(identifier, dict):
        return deserialize(identifier, names)
    if isinstance(identifier, str):
        found = registry.get_registered_object(identifier) or names.get(identifier)
        if found is None:
            raise unknown_name(kind, identifier, names)
        return found() if inspect.isclass(found) else found
    if inspect.isclass(identifier):
        return identifier()
    if callable(identifier):
        return identifier
    raise ValueError(
        message(
            f"Could not interpret {kind} identifier.",
            expected="a name, a config or a callable",
            received=identifier,
        )
    )
