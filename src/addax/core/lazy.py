"""Modules that are imported when first used, so that `import addax` stays cheap."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterable, Mapping
from types import ModuleType
from typing import Any

from addax.core.errors import MissingName, suggest


class LazyModule(ModuleType):
    """Stands in for a module until an attribute of it is read."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name != "__version__":
            raise AttributeError(name)
        value = getattr(importlib.import_module(self.__name__), name)
        self.__dict__[name] = value  # the next read does not come here
        return value


class Namespace:
    """A public namespace that is a class, too small for a module; `import` finds it like one."""


def attach(
    package: str,
    where: Mapping[str, str],
    submodules: Iterable[str] = (),
    advice: Callable[[str], str | None] | None = None,
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Make a package's `__getattr__` and `__dir__` (PEP 562), which import public names on first use.

    Args:
        package: The package's `__name__`.
        where: Public name -> module that defines it (absolute, or relative to the package with a leading dot).
        submodules: Public subpackages, imported when read as attributes.
        advice: What it says about a name that is lacking comes in place of the nearest names.

    Returns:
        The pair `(__getattr__, __dir__)`.
    """
    submodules = frozenset(submodules)

    def get(name: str) -> Any:
        if name in submodules:
            return importlib.import_module(f"{package}.{name}")
        module = where.get(name)
        if module is None:
            if name.startswith("__"):
                raise AttributeError(name)
            hint = (advice and advice(name)) or suggest(name, [*where, *submodules])
            raise MissingName(f"module {package!r} has no attribute {name!r}. {hint}".strip(), name=name)
        value = getattr(importlib.import_module(module, package), name)
        setattr(sys.modules[package], name, value)
        return value

    def names() -> list[str]:
        return sorted({*where, *submodules})

    return get, names
