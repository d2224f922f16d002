"""`tf.types.experimental`: types for annotations, and what `tf.function` asks of users' own classes."""

from __future__ import annotations

from addax.core.lazy import attach
from addax.tf._lookup import homes

_HOMES = homes(
    {
        "addax.tf._types": """
            AtomicFunction Callable ConcreteFunction FunctionType GenericFunction PolymorphicFunction
            SupportsTracingProtocol TensorLike TraceType
        """
    }
)
_SUBMODULES = ("distributed",)

__getattr__, __dir__ = attach(__name__, _HOMES, _SUBMODULES)

__all__ = sorted({*_HOMES, *_SUBMODULES})
