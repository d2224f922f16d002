"""`RepeatVector`: a vector as a sequence of itself."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.layers import _arguments
from addax.layers._layer import Layer
from addax.layers._spec import InputSpec


class RepeatVector(Layer):
    """Repeat each vector along a new axis.

    Args:
        n: How often.
        **kwargs: Arguments of `Layer`.

    Raises:
        ValueError: If `n` is not a positive integer.

    Example:
        >>> import addax as keras
        >>> keras.layers.RepeatVector(3)(keras.ops.ones((2, 4))).shape
        TensorShape([2, 3, 4])
    """

    def __init__(self, n: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.n = _arguments.positive_int(n, "n", type(self).__name__)
        self.input_spec = InputSpec(ndim=2)

    def call(self, inputs: Any) -> Any:
        """Repeat a tensor of shape `(batch, size)` to `(batch, n, size)`."""
        return ops.repeat(ops.expand_dims(inputs, 1), self.n, axis=1)
