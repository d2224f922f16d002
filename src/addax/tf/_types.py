"""`tf.types.experimental`: what annotations name, and what `tf.function` asks of users' own classes."""

from __future__ import annotations

import inspect
from typing import Any, Protocol, runtime_checkable

import numpy as np

from addax.engine import ConcreteFunction, Function, Tensor
from addax.engine._tensor import TensorLike as _Tensors

TensorLike = (
    Tensor | _Tensors | int | float | bool | str | bytes | complex | tuple | list | np.ndarray | np.generic
)


class _IsFunction(type):
    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, (Function, ConcreteFunction)) or type.__instancecheck__(cls, instance)


class Callable(metaclass=_IsFunction):
    """The type of what `tf.function` gives, and of what its `get_concrete_function` gives; for `isinstance`.

    Example:
        >>> import addax.tf as tf
        >>> isinstance(tf.function(abs), tf.types.experimental.Callable)
        True
    """


GenericFunction = PolymorphicFunction = Function
AtomicFunction = ConcreteFunction


FunctionType = inspect.Signature


class TraceType:
    """What `tf.function` knows of an argument of a user's class: calls with equal trace types share a trace.

    Subclasses define `__eq__` and `__hash__`, and may define the methods below. A class names its trace type by a
    method `__tf_tracing_type__(self, context)`.

    Example:
        >>> import addax.tf as tf
        >>> class ByClass(tf.types.experimental.TraceType):
        ...     def __init__(self, value):
        ...         self.value = value
        ...
        ...     def __eq__(self, other):
        ...         return type(other) is ByClass and type(self.value) is type(other.value)
        ...
        ...     def __hash__(self):
        ...         return hash(type(self.value))
        ...
        ...     def placeholder_value(self, placeholder_context=None):
        ...         return self.value
        >>> class Fruit:
        ...     def __tf_tracing_type__(self, context):
        ...         return ByClass(self)
        >>> count = tf.function(lambda fruit, x: x + 1)
        >>> for _ in range(3):
        ...     y = count(Fruit(), tf.constant(1))
        >>> count.experimental_get_tracing_count()
        1
    """

    def is_subtype_of(self, other: TraceType) -> bool:
        """Whether what was traced for another type serves this one; if they are equal, unless a subclass says else."""
        return self == other

    def most_specific_common_supertype(self, others: Any) -> TraceType | None:
        """A type that serves this one and others; itself if they are all equal, else None."""
        return self if all(self == other for other in others) else None

    def placeholder_value(self, placeholder_context: Any = None) -> Any:
        """What the traced code sees as the argument; if a subclass gives None, the argument of the first call.

        Args:
            placeholder_context: Accepted for TensorFlow's sake.
        """
        return None


@runtime_checkable
class SupportsTracingProtocol(Protocol):
    """The type of objects that say their `TraceType` themselves."""

    def __tf_tracing_type__(self, context: Any) -> TraceType:
        """The trace type.

        Args:
            context: None: there is nothing that types depend on.
        """
        raise AttributeError("A protocol is not called: the object's own method is.")


__all__ = [
    "AtomicFunction",
    "Callable",
    "ConcreteFunction",
    "FunctionType",
    "GenericFunction",
    "PolymorphicFunction",
    "SupportsTracingProtocol",
    "TensorLike",
    "TraceType",
]
