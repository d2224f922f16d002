"""`tf.register_tensor_conversion_function`: what makes tensors of objects of a user's class."""

from __future__ import annotations

import itertools
import numbers
from collections.abc import Callable
from typing import Any

import numpy as np

from addax.core.errors import message
from addax.engine import Tensor, Variable

_registered: list[tuple[float, int, type, Callable]] = []
_order = itertools.count()


def register_tensor_conversion_function(
    base_type: Any, conversion_func: Callable, priority: int = 100
) -> None:
    """Say how objects of a class become tensors, wherever a tensor is taken.

    Args:
        base_type: The class, or a tuple of classes; objects of classes derived from it count too.
        conversion_func: Called as `conversion_func(value, dtype=None, name=None, as_ref=False)`; gives a tensor, or
            NotImplemented to leave it to the next function. It is not told which dtype is wanted: the tensor is cast.
        priority: Functions with a smaller number are asked first, of equal ones those that came first.

    Raises:
        TypeError: If an argument is no class or no function, or the class is one that cannot be changed: a number or
            an array, or one that is built in.

    Example:
        >>> import addax.tf as tf
        >>> class Celsius:
        ...     def __init__(self, degrees):
        ...         self.degrees = degrees
        >>> def kelvin(value, dtype=None, name=None, as_ref=False):
        ...     return tf.constant(value.degrees + 273.0, dtype)
        >>> tf.register_tensor_conversion_function(Celsius, kelvin)
        >>> float(tf.add(Celsius(10.0), 1.0))
        284.0
    """
    classes = base_type if isinstance(base_type, tuple) else (base_type,)
    if not classes or not all(isinstance(one, type) for one in classes):
        raise TypeError(
            message("`base_type` is no class.", expected="a class, or a tuple", received=base_type)
        )
    if not callable(conversion_func):
        raise TypeError(message("`conversion_func` is no function.", received=conversion_func))
    for one in classes:
        if issubclass(one, (numbers.Number, np.generic, np.ndarray, Tensor, Variable)):
            raise TypeError(
                message(
                    "Numbers, arrays and tensors are converted in one way only.",
                    expected="a class of your own",
                    received=one,
                )
            )
        try:
            one.__addax_tensor__ = _converted  # type: ignore[attr-defined]
        except TypeError:
            raise TypeError(
                message(
                    "The class cannot be changed.",
                    expected="a class that is written in Python",
                    received=one,
                    hint="Derive a class from it, and register that.",
                )
            ) from None
        _registered.append((priority, next(_order), one, conversion_func))
    _registered.sort(key=lambda entry: entry[:2])


def _converted(self: Any) -> Tensor:
    """What the first function gives that takes the object; becomes a method of registered classes."""
    for _, _, kind, convert in _registered:
        if isinstance(self, kind):
            found = convert(self, dtype=None, name=None, as_ref=False)
            if found is NotImplemented:
                continue
            if not hasattr(found, "shape") or not hasattr(found, "dtype"):
                raise RuntimeError(
                    message(f"{convert!r} gave no tensor for {self!r}.", expected="a tensor", received=found)
                )
            return found
    raise ValueError(
        message(f"No function makes a tensor of {self!r}.", received=f"{type(self).__name__}: all declined")
    )


__all__ = ["register_tensor_conversion_function"]
