"""Where each object's variables stand in a weights file: Keras's paths, from attributes and classes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from addax.core.errors import message
from addax.core.names import to_snake_case
from addax.layers import Layer
from addax.optimizers import Optimizer


def saveables(root: Any) -> list[tuple[str, Any]]:
    """Every layer and optimizer below `root` (itself included), with its path; each once, at the first path reached."""
    found: list[tuple[str, Any]] = []
    _visit(root, "", found, set())
    return found


def _visit(obj: Any, path: str, found: list, visited: set[int]) -> None:
    if id(obj) in visited:
        return
    visited.add(id(obj))
    found.append((path, obj))
    for name, child in _children(obj):
        is_container = isinstance(child, (list, tuple, dict, set))
        if not is_container and not _is_saveable(child):
            continue
        inner = f"{path}/{_checked(name, obj)}".lstrip("/")
        if is_container:
            _visit_container(child, inner, found, visited)
        else:
            _visit(child, inner, found, visited)


def _checked(name: str, owner: Any) -> str:
    """The name of an attribute as part of a path in files; one that would lead elsewhere is refused."""
    if name in ("", ".", "..") or set(name) & {"/", "\\", "\0"}:
        raise ValueError(
            message(
                "An attribute has a name that files cannot hold.",
                where=getattr(owner, "name", type(owner).__name__),
                expected="a name without slashes",
                received=repr(name),
            )
        )
    return name


def _visit_container(container: Any, path: str, found: list, visited: set[int]) -> None:
    counts: dict[str, int] = {}
    for item in container.values() if isinstance(container, dict) else container:
        if _is_saveable(item):
            name = to_snake_case(type(item).__name__)
        elif isinstance(item, (list, tuple, dict, set)):
            name = "container"
        else:
            continue
        count = counts.get(name, 0)
        counts[name] = count + 1
        inner = f"{path}/{name}_{count}" if count else f"{path}/{name}"
        if _is_saveable(item):
            _visit(item, inner, found, visited)
        else:
            _visit_container(item, inner, found, visited)


def _is_saveable(value: Any) -> bool:
    return isinstance(value, (Layer, Optimizer))


def _children(obj: Any) -> Iterator[tuple[str, Any]]:
    """Attributes that may lead to variables, in Keras's order: by name, private ones last."""
    kind = _kind(obj)
    if kind in ("Sequential", "Functional"):
        yield "layers", obj.layers
    names = set(obj.__dict__) - _bare_attributes(kind)
    if kind == "Model":
        names.add("layers")
    for name in sorted(names, key=lambda n: (n.startswith("_"), n)):
        if not name.startswith("__"):
            yield name, getattr(obj, name, None)


def _kind(obj: Any) -> str:
    for cls in type(obj).__mro__:
        if cls.__name__ in (
            "Sequential",
            "Functional",
            "Model",
            "Layer",
            "Optimizer",
        ) and cls.__module__.startswith("addax."):
            return cls.__name__
    return "Module"


@lru_cache(maxsize=8)
def _bare_attributes(kind: str) -> frozenset[str]:
    """Attributes that the base class itself sets, which are not the user's."""
    names = {
        "_bound_arguments",
        "_own",
        "_objective",
        "_graph",
        "_graph_layers",
        "_inputs_nest",
        "_stack",
        "_start",
    }
    names |= {"_skip_walk", "_steps", "_compile_arguments", "history", "loss"}
    if kind != "Optimizer":
        names |= set(Layer(name="bare").__dict__)
    return frozenset(names)


def own_variables(obj: Any) -> dict[str, Any]:
    """What an object puts into its own `vars` group: key -> variable or array."""
    store: dict[str, Any] = {}
    save = getattr(obj, "save_own_variables", None)
    if save is not None:
        save(store)
    return store
