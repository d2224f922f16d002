"""The functions of tf.keras's backend for variables and for values that are not there yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from addax import ops
from addax.core import config
from addax.engine import SymbolicTensor, Variable
from addax.layers import Input


def variable(value: Any, dtype: Any = None, name: str | None = None, constraint: Any = None) -> Variable:
    """A variable with a first value, in the float dtype of the settings unless another is named.

    Args:
        value: The value.
        dtype: The dtype.
        name: The name.
        constraint: A function that optimizers put its value through after each update.

    Example:
        >>> variable([1, 2]).numpy()
        array([1., 2.], dtype=float32)
    """
    return Variable(value, dtype=dtype or config.floatx(), name=name, constraint=constraint)


def placeholder(
    shape: Any = None,
    ndim: int | None = None,
    dtype: Any = None,
    sparse: bool = False,
    name: str | None = None,
    ragged: bool = False,
) -> SymbolicTensor:
    """A symbolic tensor, the input of a `function`.

    Args:
        shape: The shape with the batch dimension, None for unknown dimensions.
        ndim: The number of axes, in place of a shape.
        dtype: The dtype.
        sparse: Whether the values may be sparse.
        name: The name.
        ragged: Whether the values may be ragged.
    """
    shape = (None,) * (ndim or 0) if shape is None else shape
    return Input(batch_shape=shape, dtype=dtype or config.floatx(), sparse=sparse, ragged=ragged, name=name)


def is_placeholder(x: Any) -> bool:
    """Whether `x` is a symbolic tensor that comes from `placeholder` or `Input`."""
    return isinstance(x, SymbolicTensor) and x._node is not None and x._node.is_input


def eval(x: Any) -> Any:
    """The value as a NumPy array."""
    return ops.convert_to_numpy(x)


def get_value(x: Any) -> Any:
    """The value as a NumPy array; what is neither a tensor nor a variable comes back as it is."""
    return np.array(x) if hasattr(x, "numpy") else x


def batch_get_value(tensors: Sequence) -> list:
    """The values of several tensors as NumPy arrays."""
    return [get_value(x) for x in tensors]


def set_value(x: Variable, value: Any) -> None:
    """Set the value of a variable."""
    x.assign(np.asarray(value))


def batch_set_value(tuples: Sequence) -> None:
    """Set the values of several variables, given as pairs `(variable, value)`."""
    for x, value in tuples:
        set_value(x, value)


def update(x: Variable, new_x: Any) -> Variable:
    """Assign to a variable. Returns it."""
    return x.assign(new_x)


def update_add(x: Variable, increment: Any) -> Variable:
    """Add to a variable. Returns it."""
    return x.assign_add(increment)


def update_sub(x: Variable, decrement: Any) -> Variable:
    """Subtract from a variable. Returns it."""
    return x.assign_sub(decrement)


def stop_gradient(variables: Any) -> Any:
    """The same values, through which no gradient flows.

    Args:
        variables: A tensor, or a list of tensors.
    """
    if isinstance(variables, (list, tuple)):
        return [ops.stop_gradient(x) for x in variables]
    return ops.stop_gradient(variables)


def print_tensor(x: Any, message: str = "", summarize: int = 3) -> Any:
    """Print a tensor whenever this is computed, and give it back.

    Args:
        x: A tensor.
        message: What is printed before it.
        summarize: How many elements are shown at each end of an axis; -1 for all.
    """
    from addax.tf import print as show

    if isinstance(x, SymbolicTensor):
        from addax.layers import Lambda

        return Lambda(lambda value: print_tensor(value, message, summarize))(x)
    show(message, x, summarize=summarize)
    return x
