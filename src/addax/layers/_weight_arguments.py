"""The unnamed arguments of `add_weight`, which Keras 3 and tf.keras have in different orders."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

_ORDER = ("shape", "initializer", "dtype")
_TF_ORDER = ("name", "shape", "dtype", "initializer", "regularizer", "trainable", "constraint")


def by_position(method: Callable) -> Callable:
    """Let a method that takes named arguments take unnamed ones too: Keras's, or tf.keras's if a name comes first.

    Args:
        method: A method with keyword-only parameters.

    Returns:
        The method, with `*args` in its signature.
    """

    @functools.wraps(method)
    def wrapper(self: Any, *args: Any, **kwargs: Any) -> Any:
        order = _TF_ORDER if args and isinstance(args[0], str) else _ORDER
        if len(args) > len(order):
            raise TypeError(
                f"{method.__name__}() takes at most {len(order)} unnamed arguments ({', '.join(order)}), "
                f"but {len(args)} were given."
            )
        return method(self, **dict(zip(order, args, strict=False)), **kwargs)

    owner, *named = inspect.signature(method).parameters.values()
    rest = inspect.Parameter("args", inspect.Parameter.VAR_POSITIONAL, annotation="Any")
    wrapper.__signature__ = inspect.signature(method).replace(parameters=[owner, rest, *named])  # type: ignore[attr-defined]
    return wrapper
