"""Shapes with sizes that an export leaves open, as `tf.shape` gives them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from addax.core import dtypes
from addax.engine import _jax
from addax.engine._jax import jax, jnp
from addax.engine._operators import shape_tensor
from addax.engine._shape import TensorShape
from addax.engine._tensor import Tensor
from addax.engine.autograph import DynamicRange


class OpenSizes(tuple):
    """A shape whose open sizes are formulas, which can stand where numbers do; an int32 vector elsewhere."""

    dtype = dtypes.standardize("int32")

    @property
    def shape(self) -> TensorShape:
        """The shape of the vector."""
        return TensorShape((len(self),))

    def __getitem__(self, key: Any) -> Any:
        found = super().__getitem__(key)
        return OpenSizes(found) if isinstance(key, slice) else found

    def __jax_array__(self) -> Any:
        return jnp.stack([jnp.asarray(size, jnp.int32) for size in self])


class OpenRange(DynamicRange):
    """The integers between bounds of which some are open sizes: to loop over, and a tensor too."""

    def __init__(self, start: Any, limit: Any, delta: Any) -> None:
        super().__init__(start, limit, delta, np.int32)
        self._bounds = (start, limit, delta)

    def __addax_tensor__(self) -> Tensor:
        return Tensor(jnp.arange(*self._bounds, dtype=jnp.int32))

    @property
    def shape(self) -> TensorShape:
        """The shape, with an open size."""
        return self.__addax_tensor__().shape


def _as_tensors_do(name: str) -> Callable[..., Any]:
    return lambda self, *args: getattr(self.__addax_tensor__(), name)(*args)


for _name in "add radd sub rsub mul rmul truediv floordiv mod lt le gt ge getitem".split():
    setattr(OpenRange, f"__{_name}__", _as_tensors_do(f"__{_name}__"))


def shape_of(value: Any) -> Any:
    """The shape of a tensor: an int32 tensor that is known, or `OpenSizes`."""
    raw = value._value if isinstance(value, Tensor) else None
    if isinstance(raw, jax.core.Tracer) and any(map(_jax.is_dimension, raw.shape)):
        return OpenSizes(raw.shape)
    return shape_tensor(value)
