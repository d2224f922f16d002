"""Names that files may mention: the classes and functions a user registered, and nothing else."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from addax.core import context
from addax.core.errors import message

_objects: dict[str, Any] = {}
_names: dict[Any, str] = {}


def register_keras_serializable(package: str = "Custom", name: str | None = None) -> Callable:
    """Class or function decorator that lets saved files refer to the object as `package>name`.

    Args:
        package: The namespace, usually the name of your own package.
        name: The name inside it; the object's own name if None.

    Raises:
        ValueError: If a class without `get_config` is registered.

    Example:
        >>> @register_keras_serializable("docs", name="twice")
        ... def twice(x):
        ...     return 2 * x
        >>> get_registered_name(twice)
        'docs>twice'
    """

    def decorate(obj: Any) -> Any:
        if inspect.isclass(obj) and not hasattr(obj, "get_config"):
            raise ValueError(
                message(
                    f"{obj.__name__} cannot be registered.", expected="a class with a get_config() method"
                )
            )
        registered = f"{package}>{name or obj.__name__}"
        _objects[registered] = obj
        _names[obj] = registered
        return obj

    return decorate


def get_registered_name(obj: Any) -> str:
    """The name an object was registered under, else its own name."""
    try:
        return _names.get(obj) or obj.__name__
    except TypeError:  # unhashable
        return obj.__name__


def get_registered_object(
    name: str, custom_objects: Mapping | None = None, module_objects: Mapping | None = None
) -> Any:
    """The object registered under `name`, or None.

    Looks in the open `custom_object_scope`s, then in what was registered, then in
    `custom_objects`, then in `module_objects`.
    """
    for table in (context.current().custom_objects, _objects, custom_objects, module_objects):
        if table and name in table:
            return table[name]
    return None


def get_custom_objects() -> dict[str, Any]:
    """The live dictionary of registered objects."""
    return _objects


@contextlib.contextmanager
def custom_object_scope(custom_objects: Mapping[str, Any] | None = None) -> Iterator[None]:
    """Make more names known to loading inside a `with` block.

    Args:
        custom_objects: Name -> class or function.

    Example:
        >>> with custom_object_scope({"Mine": dict}):
        ...     get_registered_object("Mine")
        <class 'dict'>
    """
    known = context.current().custom_objects or {}
    with context.entered(custom_objects={**known, **(custom_objects or {})}):
        yield


CustomObjectScope = custom_object_scope
