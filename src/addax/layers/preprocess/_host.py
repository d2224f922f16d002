"""Layers over texts and integers of 64 bits: their work is done by NumPy on the host."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from addax.core import context, dtypes, tree
from addax.engine import SymbolicTensor, Tensor, op
from addax.engine._bind import ProbeBindings
from addax.engine._jax import jax, jnp
from addax.engine._tensor import is_concrete
from addax.layers._layer import Layer
from addax.layers.preprocess._batches import as_array


class HostLayer(Layer):
    """A layer whose inputs reach `call` as they are: texts as bytes, integers with all their bits.

    Args:
        **kwargs: Arguments of `Layer`.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.autocast = False  # the dtype is that of the result

    @property
    def _by_element(self) -> bool:
        """Whether each element of the inputs gives one of the result."""
        return False

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Like any layer; takes texts and integers in any form."""
        parted = hasattr(inputs, "__addax_op__") and not hasattr(inputs, "__addax_unknown__")
        if parted and self._by_element:  # ragged or sparse: the elements it has
            (values,), places = inputs._parts()
            return type(inputs)._from_parts((self(values, *args, **kwargs),), places)
        return super().__call__(tensors_of(inputs), *args, **kwargs)


def tensors_of(inputs: Any) -> Any:
    """Tensors of what is given: a list of texts or numbers is one tensor."""
    if isinstance(inputs, (list, tuple)):
        leaves = tree.flatten(inputs)
        if any(_is_tensor(x) or hasattr(x, "__array__") for x in leaves):
            return tree.map_structure(tensors_of, inputs)
        return Tensor(as_array(inputs))
    if _is_tensor(inputs) or inputs is None or isinstance(inputs, dict):
        return inputs
    return Tensor(as_array(inputs))


def _is_tensor(x: Any) -> bool:
    return isinstance(x, (Tensor, SymbolicTensor)) or hasattr(x, "aval") or hasattr(x, "__addax_unknown__")


def known(x: Any) -> np.ndarray | None:
    """The value of a tensor as a NumPy array, or None inside of a trace."""
    return np.asarray(x) if is_concrete(x._value) else None


def is_probing() -> bool:
    """Whether shapes are being inferred, so that values do not matter."""
    return isinstance(context.current().bindings, ProbeBindings)


def narrow(array: np.ndarray) -> Tensor:
    """A tensor of an array, integers in the dtype that the engine computes with."""
    if array.dtype.kind == "O":
        return Tensor(array)
    return Tensor(array.astype(dtypes.numpy_dtype(dtypes.narrow(array.dtype.name)), copy=False))


def on_host(function: Callable[[np.ndarray], np.ndarray], x: Any) -> Any:
    """Apply a NumPy function to an integer tensor; in compiled code by a call back to the host.

    Args:
        function: Takes an array and gives an integer array of the same shape; hashable.
        x: The tensor.
    """
    array = known(x)
    return _call_back(x, function=function) if array is None else narrow(function(array))


@op(name="host_function")
def _call_back(x: Any, function: Any = None) -> Any:
    x = jnp.asarray(x)
    result = jax.ShapeDtypeStruct(x.shape, jnp.int32)
    return jax.pure_callback(
        lambda a: function(np.asarray(a)).astype("int32"), result, x, vmap_method="expand_dims"
    )
