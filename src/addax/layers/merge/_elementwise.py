"""Merging by arithmetic: `Add`, `Subtract`, `Multiply`, `Average`, `Maximum`, `Minimum`."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from addax import ops
from addax.layers._docs import documented
from addax.layers.merge._base import Merge, full_mask


@documented
class Add(Merge):
    """The sum of its inputs, as residual connections use it.

    Example:
        >>> import addax as keras
        >>> keras.layers.Add()([keras.ops.ones((2, 3)), keras.ops.ones((2, 3))]).numpy()[0]
        array([2., 2., 2.], dtype=float32)
    """

    def _merge(self, inputs: list, masks: list) -> Any:
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

    def _merge(self, inputs: list, masks: list) -> Any:
        return ops.subtract(*inputs)


@documented
class Multiply(Merge):
    """The product of its inputs, element by element; what is masked in one of them does not count.

    Example:
        >>> import addax as keras
        >>> keras.layers.Multiply()([keras.ops.ones((2, 3)), 2 * keras.ops.ones((2, 3))]).numpy()[0]
        array([2., 2., 2.], dtype=float32)
    """

    def _merge(self, inputs: list, masks: list) -> Any:
        if all(mask is None for mask in masks):
            return functools.reduce(ops.multiply, inputs)
        valid = [full_mask(x, mask) for x, mask in zip(inputs, masks, strict=True)]
        ones = [ops.where(v, x, ops.ones((), dtype=x.dtype)) for v, x in zip(valid, inputs, strict=True)]
        product = functools.reduce(ops.multiply, ones)
        if any(mask is None for mask in masks):
            return product
        return ops.where(functools.reduce(ops.logical_or, valid), product, ops.zeros((), dtype=product.dtype))


@documented
class Average(Merge):
    """The mean of its inputs, element by element.

    Example:
        >>> import addax as keras
        >>> keras.layers.Average()([keras.ops.zeros((2, 3)), keras.ops.ones((2, 3))]).numpy()[0]
        array([0.5, 0.5, 0.5], dtype=float32)
    """

    def _merge(self, inputs: list, masks: list) -> Any:
        return ops.divide(functools.reduce(ops.add, inputs), len(inputs))


@documented
class Maximum(Merge):
    """The largest of its inputs, element by element; what is masked in one of them does not count.

    Example:
        >>> import addax as keras
        >>> keras.layers.Maximum()([keras.ops.zeros((2, 3)), keras.ops.ones((2, 3))]).numpy()[0]
        array([1., 1., 1.], dtype=float32)
    """

    def _merge(self, inputs: list, masks: list) -> Any:
        return _extreme(ops.maximum, inputs, masks)


@documented
class Minimum(Merge):
    """The smallest of its inputs, element by element; what is masked in one of them does not count.

    Example:
        >>> import addax as keras
        >>> keras.layers.Minimum()([keras.ops.zeros((2, 3)), keras.ops.ones((2, 3))]).numpy()[0]
        array([0., 0., 0.], dtype=float32)
    """

    def _merge(self, inputs: list, masks: list) -> Any:
        return _extreme(ops.minimum, inputs, masks)


def _extreme(choose: Callable, inputs: list, masks: list) -> Any:
    """`choose` over the inputs, where each takes the value of the others as long as it is masked itself."""
    if all(mask is None for mask in masks):
        return functools.reduce(choose, inputs)
    found, valid = inputs[0], full_mask(inputs[0], masks[0])
    for x, mask in zip(inputs[1:], masks[1:], strict=True):
        here = full_mask(x, mask)
        x = ops.where(here, x, found)
        found = choose(ops.where(valid, found, x), x)
        valid = ops.logical_or(valid, here)
    return found
