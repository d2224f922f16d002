"""Functions over tensors that become one node of a model's graph when they are called on symbolic tensors."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from addax.core import tree
from addax.engine import SymbolicTensor
from addax.engine._infer import symbolic_call

F = TypeVar("F", bound=Callable)


class Composite:
    """What the graph holds in place of an op: a Python function over tensors.

    Attributes:
        fn: The function.
        name: The function's name.
    """

    host_values = False

    def __init__(self, fn: Callable) -> None:
        self.fn = fn
        self.name = fn.__name__

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.fn(*args, **kwargs)


def composite(fn: F) -> F:
    """Decorator for functions that call ops, draw seeds or run a caller's function."""
    operation = Composite(fn)

    @functools.wraps(fn)
    def call(*args: Any, **kwargs: Any) -> Any:
        if any(isinstance(x, SymbolicTensor) for x in tree.flatten((args, kwargs))):
            return symbolic_call(operation, args, kwargs)
        return fn(*args, **kwargs)

    call.op = operation  # type: ignore[attr-defined]
    return call  # type: ignore[return-value]
