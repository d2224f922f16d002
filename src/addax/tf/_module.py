"""`tf.Module`: an object whose variables are found by walking its attributes."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from addax.core import context
from addax.core.names import to_snake_case
from addax.engine import Module as EngineModule
from addax.engine import Variable, _deferred


class _AnyModule(type):
    """Makes layers, models and metrics instances of `tf.Module` too."""

    def __instancecheck__(cls, instance: Any) -> bool:
        if cls is Module:
            return isinstance(instance, EngineModule)
        return type.__instancecheck__(cls, instance)


class Module(EngineModule, metaclass=_AnyModule):
    """Base of objects that own variables, in attributes or in other modules (lists and dicts included).

    Args:
        name: A name; the class name in snake case if None.

    Example:
        >>> import addax.tf as tf
        >>> class Dense(tf.Module):
        ...     def __init__(self, width):
        ...         super().__init__(name="dense")
        ...         self.w, self.b = tf.Variable(tf.ones((2, width))), tf.Variable(tf.zeros(width))
        >>> [v.shape for v in Dense(3).trainable_variables]
        [TensorShape([3]), TensorShape([2, 3])]
    """

    def __init__(self, name: str | None = None) -> None:
        self._name = to_snake_case(type(self).__name__) if name is None else name

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)
        if _deferred.waiting:
            _deferred.attribute_set(self, name, value)

    @property
    def name(self) -> str:
        """The name."""
        return self.__dict__.get("_name", to_snake_case(type(self).__name__))

    @property
    def name_scope(self) -> Any:
        """A `with` block in which variables get this module's name in front of theirs."""
        from addax.tf._scopes import name_scope

        return name_scope(self.name)

    @property
    def variables(self) -> tuple[Variable, ...]:
        """All variables of this module and of those inside it, attributes in the order of their names."""
        found: dict[Variable, None] = {}
        _collect(self, found, set())
        return tuple(found)

    @property
    def trainable_variables(self) -> tuple[Variable, ...]:
        """The variables that are trained."""
        return tuple(v for v in self.variables if v.trainable)

    @property
    def non_trainable_variables(self) -> tuple[Variable, ...]:
        """The variables that are not trained."""
        return tuple(v for v in self.variables if not v.trainable)

    @property
    def submodules(self) -> tuple[EngineModule, ...]:
        """The modules inside this one, at any depth."""
        found: dict[int, EngineModule] = {}
        _collect_modules(self, found)
        return tuple(m for m in found.values() if m is not self)

    @classmethod
    def with_name_scope(cls, method: Callable) -> Callable:
        """Decorator: run a method inside of the module's name scope."""

        @functools.wraps(method)
        def wrapped(self: Any, *args: Any, **kwargs: Any) -> Any:
            with self.name_scope:
                return method(self, *args, **kwargs)

        return wrapped

    def __repr__(self) -> str:
        return f"<{type(self).__module__}.{type(self).__qualname__} '{self.name}' at {id(self):#x}>"


def _sorted_children(module: EngineModule) -> list:
    """What attributes hold, by the names of the attributes."""
    if not type.__instancecheck__(Module, module):
        return list(module._children())
    names = module.__dict__
    ordered = object.__new__(type(module))
    ordered.__dict__.update({key: names[key] for key in sorted(names)})
    return list(ordered._children())


def _collect(module: EngineModule, found: dict[Variable, None], seen: set[int]) -> None:
    if id(module) in seen:
        return
    seen.add(id(module))
    for child in _sorted_children(module):
        if type.__instancecheck__(Variable, child):
            found[child] = None
        else:
            _collect(child, found, seen)


def _collect_modules(module: EngineModule, found: dict[int, EngineModule]) -> None:
    if id(module) not in found:
        found[id(module)] = module
        for child in _sorted_children(module):
            if isinstance(child, EngineModule):
                _collect_modules(child, found)


__all__ = ["Module", "context"]
