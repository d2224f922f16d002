"""`Permute`: the axes of each sample in another order."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.core.errors import message
from addax.layers._layer import Layer
from addax.layers._spec import InputSpec


class Permute(Layer):
    """Change the order of the axes.

    Args:
        dims: Where each new axis comes from, counted from 1, without the batch axis.
        **kwargs: Arguments of `Layer`.

    Raises:
        ValueError: If `dims` is not a permutation of 1, 2, ...

    Example:
        >>> import addax as keras
        >>> keras.layers.Permute((2, 1))(keras.ops.ones((5, 10, 64))).shape
        TensorShape([5, 64, 10])
    """

    def __init__(self, dims: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.dims = (dims,) if isinstance(dims, int) else tuple(dims)
        if sorted(self.dims) != list(range(1, len(self.dims) + 1)):
            raise ValueError(
                message(
                    "`dims` is wrong.",
                    where=type(self).__name__,
                    expected="each of 1, 2, ... once (0, the batch axis, stays where it is)",
                    received=dims,
                )
            )
        self.input_spec = InputSpec(ndim=len(self.dims) + 1)

    def call(self, inputs: Any) -> Any:
        """Permute a tensor with one axis more than `dims`."""
        return ops.transpose(inputs, (0, *self.dims))
