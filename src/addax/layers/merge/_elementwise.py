"""Merging by arithmetic: `Add`, `Subtract`, `Multiply`, `Average`, `Maximum`, `Minimum`."""

from __future__ import annotations

import functools
from typing import Any

from addax import ops
from addax.layers._docs import documented
from addax.layers.merge._base import Merge


@documented
class Add(Merge):
    """The sum of its inputs, as residual connections use it.

    Example:
        >>> import addax as keras
        >>> keras.layers.Add()([keras.ops.ones((2, 3)), keras.ops.ones((2, 3))]).numpy()[0]
        array([2., 2., 2.], dtype=float32)
    """

    def _merge(self, inputs: list) -> Any:
        return functools.reduce(ops.add, inputs)


@documented
class Subtract(Merge):
    """The first of two inputs minus the second.

    Example:
        >>> import addax as keras
        >>> keras.layers.Subtract()([keras.ops.ones((2, 3)), keras.ops.ones((2, 3))]).numpy()[0]
        array([0., 0., 0.], dtype=float32)
    """

    _count = 2

    def _merge(self, inputs: list) -> Any:
        return ops.subtract(*inputs)


@documented
class Multiply(Merge):
    """The product of its inputs, element by element.

    Example:
        >>> import addax as keras
        >>> keras.layers.Multiply()([keras.ops.ones((2, 3)), 2 * keras.ops.ones((2, 3))]).numpy()[0]
        array([2., 2., 2.], dtype=float32)
    """

    def _merge(self, inputs: list) -> Any:
        return functools.reduce(ops.multiply, inputs)


@documented
class Average(Merge):
    """The mean of its inputs, element by element.

    Example:
        >>> import addax as keras
        >>> keras.layers.Average()([keras.ops.zeros((2, 3)), keras.ops.ones((2, 3))]).numpy()[0]
        array([0.5, 0.5, 0.5], dtype=float32)
    """

    def _merge(self, inputs: list) -> Any:
        return ops.divide(functools.reduce(ops.add, inputs), len(inputs))


@documented
class Maximum(Merge):
    """The largest of its inputs, element by element.

    Example:
        >>> import addax as keras
        >>> keras.layers.Maximum()([keras.ops.zeros((2, 3)), keras.ops.ones((2, 3))]).numpy()[0]
        array([1., 1., 1.], dtype=float32)
    """

    def _merge(self, inputs: list) -> Any:
        return functools.reduce(ops.maximum, inputs)


@documented
class Minimum(Merge):
    """The smallest of its inputs, element by element.

    Example:
        >>> import addax as keras
        >>> keras.layers.Minimum()([keras.ops.zeros((2, 3)), keras.ops.ones((2, 3))]).numpy()[0]
        array([0., 0., 0.], dtype=float32)
    """

    def _merge(self, inputs: list) -> Any:
        return functools.reduce(ops.minimum, inputs)
