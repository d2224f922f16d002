"""`Reshape`: the values of each sample in another shape."""

from __future__ import annotations

import math
from typing import Any

from addax import ops
from addax.core.errors import message
from addax.layers import _arguments
from addax.layers._layer import Layer


class Reshape(Layer):
    """Give each sample another shape.

    Args:
        target_shape: The new shape without the batch dimension; one size may be -1 and follows from the rest.
        **kwargs: Arguments of `Layer`.

    Raises:
        ValueError: If more than one size is -1, or (when called) the sizes multiply to another number.

    Example:
        >>> import addax as keras
        >>> keras.layers.Reshape((2, -1))(keras.ops.ones((5, 6))).shape
        TensorShape([5, 2, 3])
    """

    def __init__(self, target_shape: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        sizes = (target_shape,) if _arguments.is_int(target_shape) else tuple(target_shape)
        if sum(size == -1 for size in sizes) > 1 or not all(_arguments.is_int(s) and s >= -1 for s in sizes):
            raise ValueError(
                message(
                    "`target_shape` is wrong.",
                    where=type(self).__name__,
                    expected="non-negative integers, at most one of them -1",
                    received=target_shape,
                )
            )
        self.target_shape = tuple(int(size) for size in sizes)

    def call(self, inputs: Any) -> Any:
        """Reshape a tensor of shape `(batch, ...)` to `(batch, *target_shape)`."""
        return ops.reshape(inputs, (inputs.shape[0], *self._sizes(inputs.shape)))

    def _sizes(self, shape: Any) -> tuple:
        total = math.prod(shape[1:])
        known = math.prod(size for size in self.target_shape if size != -1)
        fits = total % known == 0 if known and -1 in self.target_shape else total == known
        if not fits:
            raise ValueError(
                message(
                    "The input cannot be given the target shape: the sizes multiply to another number.",
                    where=self.path,
                    expected=f"{'a multiple of ' if -1 in self.target_shape else ''}{known} values in each "
                    f"sample, for target_shape={self.target_shape}",
                    received=f"{total} values in each sample, inputs of shape {_arguments.shown(shape)}",
                )
            )
        return tuple(total // known if size == -1 else size for size in self.target_shape)
