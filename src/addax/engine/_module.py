"""`Module`: the base of everything that owns variables; finds them by walking attributes, and records its config."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Iterator
from typing import Any

from addax.engine._variable import Variable

_PLAIN = frozenset((str, int, float, bool, type(None)))  # most attributes, and they hold nothing


class _Signature:
    """`inspect.signature` of a class: that of its `__init__`, which `__new__` would hide."""

    def __get__(self, instance: Any, owner: type) -> inspect.Signature:
        if instance is not None:
            raise AttributeError("__signature__")
        return _signature(owner)


class Module:
    """An object with variables, kept in its attributes (also inside lists, tuples and dicts) or in other modules.

    The arguments of the constructor are recorded, so that `get_config` need not be written by hand.
    """

    __signature__ = _Signature()
    _bound_arguments: dict[str, Any]
    _skip_walk: tuple[str, ...] = ()  # attributes that the walk leaves out

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        instance = object.__new__(cls)
        instance.__dict__["_bound_arguments"] = _bind_arguments(cls, args, kwargs)
        return instance

    def _children(self) -> Iterator[Any]:
        """Variables and modules that attributes hold, in the order the attributes were set."""
        seen: set[int] = set()
        for name, value in self.__dict__.items():
            if type(value) not in _PLAIN and name not in self._skip_walk and name != "_bound_arguments":
                yield from _held(value, seen)

    def _walk_variables(self) -> list[Variable]:
        """All variables of this module and of the modules inside it, each once."""
        found: dict[Variable, None] = {}
        self._collect(found, set())
        return list(found)

    def _collect(self, found: dict[Variable, None], visited: set[int]) -> None:
        if id(self) in visited:
            return
        visited.add(id(self))
        modules = []
        for child in self._children():
            if isinstance(child, Variable):
                found[child] = None
            else:
                modules.append(child)
        for module in modules:
            module._collect(found, visited)

    def get_config(self) -> dict[str, Any]:
        """The arguments that `from_config` takes to make an equal object."""
        return dict(self._bound_arguments)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Make an object from what `get_config` gave."""
        return cls(**config)


def _held(value: Any, seen: set[int]) -> Iterator[Any]:
    if isinstance(value, (Variable, Module)):
        if id(value) not in seen:
            seen.add(id(value))
            yield value
    elif isinstance(value, (list, tuple)):
        if id(value) in seen:
            return
        seen.add(id(value))
        for item in value:
            yield from _held(item, seen)
    elif isinstance(value, dict):
        if id(value) in seen:
            return
        seen.add(id(value))
        for item in value.values():
            yield from _held(item, seen)


@functools.lru_cache(maxsize=4096)
def _signature(cls: type) -> inspect.Signature:
    return inspect.Signature(list(inspect.signature(cls.__init__).parameters.values())[1:])


def _bind_arguments(cls: type, args: tuple, kwargs: dict) -> dict[str, Any]:
    """Constructor arguments by name, as far as they can be named (the constructor itself reports wrong ones)."""
    signature = _signature(cls)
    try:
        bound = signature.bind(*args, **kwargs)
    except TypeError:
        return dict(kwargs)
    named: dict[str, Any] = {}
    for name, value in bound.arguments.items():
        kind = signature.parameters[name].kind
        if kind is inspect.Parameter.VAR_KEYWORD:
            named.update(value)
        elif kind is not inspect.Parameter.VAR_POSITIONAL:
            named[name] = value
    return named
