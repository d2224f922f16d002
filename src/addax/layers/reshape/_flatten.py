"""`Flatten`: everything but the batch dimension in one axis."""

from __future__ import annotations

import math
from typing import Any

from addax import ops
from addax.core import config
from addax.layers._layer import Layer
from addax.layers._spec import InputSpec


class Flatten(Layer):
    """Flatten each sample to a vector.

    Args:
        data_format: `"channels_last"` or `"channels_first"`, the order of the input; the vector always counts
            channels fastest, so that models with either order agree. The setting if None.
        **kwargs: Arguments of `Layer`.

    Example:
        >>> import addax as keras
        >>> keras.layers.Flatten()(keras.ops.ones((2, 3, 4))).shape
        TensorShape([2, 12])
    """

    def __init__(self, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = config.standardize_data_format(data_format)
        self.input_spec = InputSpec(min_ndim=1)

    def call(self, inputs: Any) -> Any:
        """Flatten a tensor of shape `(batch, ...)` to `(batch, size)`; `(batch,)` becomes `(batch, 1)`."""
        if self.data_format == "channels_first" and len(inputs.shape) > 2:
            inputs = ops.moveaxis(inputs, 1, -1)
        # The size is computed, not left to be inferred by -1: a batch may be empty.
        return ops.reshape(inputs, (inputs.shape[0], math.prod(inputs.shape[1:])))
