"""What is public in Addax, and what in Keras: names, the objects behind them, and how they are resolved."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import types
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import addax

HERE = Path(__file__).resolve().parent
LISTS = ("keras_api.txt", "tf_keras_extra.txt")


def listed(name: str) -> list[str]:
    """The lines of one of the lists of names in this folder."""
    return (HERE / name).read_text(encoding="utf-8").split()


def resolve(name: str, root: Any) -> Any:
    """The object of a public name, as a user reaches it: attributes only, `keras` standing for the root.

    Raises:
        AttributeError: If there is none.
    """
    found = root
    for part in name.split(".")[1:]:
        found = getattr(found, part)
    return found


def namespace(name: str) -> str:
    """`keras.layers` for `keras.layers.Dense`, `keras` for `keras.Model`."""
    return ".".join(name.split(".")[:2]) if name.count(".") > 1 else "keras"


def missing(names: list[str]) -> list[str]:
    """Those of Keras's names that Addax does not have."""
    found = []
    for name in names:
        try:
            resolve(name, addax)
        except AttributeError:
            found.append(name)
    return found


def coverage(names: list[str]) -> dict[str, list[int]]:
    """Namespace -> how many names Addax has, and how many there are."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    gone = set(missing(names))
    for name in names:
        counts[namespace(name)][0] += name not in gone
        counts[namespace(name)][1] += 1
    return dict(sorted(counts.items()))


class Public(NamedTuple):
    """A class, function, method or property that is public.

    Attributes:
        name: The first name it is found under, such as `addax.layers.Dense.build`.
        value: The object itself.
        owner: The class, for methods and properties.
    """

    name: str
    value: Any
    owner: type | None = None


def modules() -> list[types.ModuleType]:
    """The modules and packages of Addax without an underscore in their names, root first."""
    names = [info.name for info in pkgutil.walk_packages(addax.__path__, "addax.")]
    public = [name for name in names if not any(part.startswith("_") for part in name.split("."))]
    return [addax, *(importlib.import_module(name) for name in sorted(public))]


def for_users(module: types.ModuleType) -> bool:
    """Whether users reach a module from the root by public names."""
    found = addax
    for part in module.__name__.split(".")[1:]:
        if part not in getattr(found, "__all__", ()):
            return False
        found = getattr(found, part)
    return True


def public_names() -> list[str]:
    """Every name that users reach from the root by public names, namespaces included."""
    spaces = [module for module in modules() if for_users(module)]
    return sorted(f"{space.__name__}.{name}" for space in spaces for name in getattr(space, "__all__", ()))


def defined_by_us(value: Any) -> bool:
    """Whether a class or function is ours, and not a constant, a module, or somebody else's."""
    return callable(value) and str(getattr(value, "__module__", "")).partition(".")[0] == "addax"


def objects() -> Iterator[Public]:
    """Every class and function of ours in an `__all__`, once, with the methods and properties they define."""
    seen = set()
    for module in modules():
        for name in getattr(module, "__all__", ()):
            value = getattr(module, name)
            if not defined_by_us(value) or id(value) in seen:
                continue
            seen.add(id(value))
            where = f"{module.__name__}.{name}"
            yield Public(where, value)
            if inspect.isclass(value):
                yield from _members(where, value)


def _members(where: str, cls: type) -> Iterator[Public]:
    for name, value in vars(cls).items():
        value = getattr(value, "__func__", value)
        if not name.startswith("_") and (inspect.isfunction(value) or isinstance(value, property)):
            yield Public(f"{where}.{name}", value, cls)
