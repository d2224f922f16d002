"""`Initializer`, the base class: a callable that gives the first value of a weight."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax.core import dtypes
from addax.engine import Tensor
from addax.engine._operators import known_ints


class Initializer:
    """Gives the initial value of a weight: `initializer(shape, dtype=None)`.

    Values are made on the host with NumPy, so that building a model compiles nothing.

    Example:
        >>> import addax as keras
        >>> class Sevens(keras.initializers.Initializer):
        ...     def __call__(self, shape, dtype=None):
        ...         return keras.ops.full(shape, 7.0, dtype=dtype)
        >>> keras.layers.Dense(1, kernel_initializer=Sevens()).kernel_initializer.get_config()
        {}
    """

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        """The value.

        Args:
            shape: The shape of the weight.
            dtype: Its dtype; floatx if None.
            **kwargs: Accepted for TensorFlow's sake, not used.
        """
        raise NotImplementedError(f"{type(self).__name__} must implement __call__(shape, dtype=None).")

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Make an initializer from what `get_config` gave."""
        return cls(**{key: value for key, value in config.items() if key != "dtype"})

    def clone(self) -> Any:
        """A new initializer with the same config."""
        return self.from_config(self.get_config())


def as_shape(shape: Any) -> tuple[int, ...]:
    """A shape as a tuple of Python integers."""
    found = known_ints(tuple(shape) if isinstance(shape, (list, tuple)) else shape, "shape")
    return found if isinstance(found, tuple) else (found,)


def array_dtype(dtype: Any) -> np.dtype:
    """NumPy's dtype for a weight: floatx if None, 32 bits in place of 64."""
    return dtypes.numpy_dtype(dtypes.narrow(dtypes.standardize(dtype).name))


def as_tensor(values: Any, dtype: Any) -> Tensor:
    """A tensor that stays on the host until an op needs it."""
    return Tensor(np.asarray(values).astype(array_dtype(dtype), copy=False))
