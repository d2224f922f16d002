"""Shapes as a layer's methods are given them, and symbolic tensors for them."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax.core import context
from addax.engine import SymbolicTensor, TensorShape


def unprobed(shape: Any, features: bool = True) -> tuple:
    """A shape, with None for each dimension that has a size only while shapes are inferred.

    Args:
        shape: The shape.
        features: Whether the last axis holds features, whose number is known whatever it is: a Dense layer may well
            have as many units as the size that stands for an unknown dimension.
    """
    surroundings = context.current()
    probing, dims = surroundings.probing, tuple(shape)
    if probing is None or probing not in dims:
        return dims
    last = 1
    if surroundings.probing_inside:
        last = max(1, len(dims) - 1 if features else len(dims))
    return (*(None if d == probing else d for d in dims[:last]), *dims[last:])


def common_shape(first: Any, second: Any) -> Any:
    """The second of two nests of shapes, with None for each dimension that is another one in the first."""
    if isinstance(second, TensorShape):
        if not isinstance(first, TensorShape) or len(first) != len(second):
            return second
        return TensorShape([a if a == b else None for a, b in zip(first, second, strict=True)])
    if isinstance(second, dict) and isinstance(first, dict):
        return {key: common_shape(first.get(key), shape) for key, shape in second.items()}
    if isinstance(second, (list, tuple)) and isinstance(first, (list, tuple)) and len(first) == len(second):
        return type(second)(common_shape(a, b) for a, b in zip(first, second, strict=True))
    return second


def as_shape(value: Any) -> Any:
    """A shape, or each shape of a nest, as `TensorShape`; whatever is no shape stays as it is."""
    if value is None:
        return None
    if isinstance(value, dict):
        return {k: as_shape(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)) and all(v is None or isinstance(v, (int, np.integer)) for v in value):
        return TensorShape(value)
    if isinstance(value, (list, tuple)):
        return type(value)(as_shape(v) for v in value)
    return value


def shapes_to_specs(args: Any, dtype: Any) -> Any:
    """Arguments of `compute_output_shape` as arguments of `call`: `x_shape` becomes a symbolic `x`."""
    if isinstance(args, dict):
        return {k.removesuffix("_shape"): _spec_of_shape(v, dtype) for k, v in args.items()}
    return tuple(_spec_of_shape(v, dtype) for v in args)


def _spec_of_shape(shape: Any, dtype: Any) -> Any:
    shape = as_shape(shape)
    if isinstance(shape, TensorShape):
        return SymbolicTensor(shape, dtype)
    if isinstance(shape, list):
        return [_spec_of_shape(s, dtype) for s in shape]
    if isinstance(shape, dict):
        return {k: _spec_of_shape(s, dtype) for k, s in shape.items()}
    return shape
