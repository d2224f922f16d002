"""`Masking`: steps that are padding."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.layers._layer import Layer


class Masking(Layer):
    """Mark the steps of sequences whose features all have one value, so that later layers skip them.

    Args:
        mask_value: The value of padding.
        **kwargs: Arguments of `Layer`.

    Example:
        >>> import addax as keras
        >>> layer = keras.layers.Masking()
        >>> layer.compute_mask(keras.ops.array([[[1.0, 0.0], [0.0, 0.0]]]), None).numpy()
        array([[ True, False]])
    """

    supports_masking = True

    def __init__(self, mask_value: Any = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.mask_value = mask_value

    def call(self, inputs: Any) -> Any:
        """Zero the masked steps of a tensor of shape `(batch, steps, features)`."""
        valid = ops.any(ops.not_equal(inputs, self.mask_value), axis=-1, keepdims=True)
        return ops.where(valid, inputs, ops.zeros((), dtype=inputs.dtype))

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """The steps with some other value, a tensor of shape `(batch, steps)`."""
        return ops.any(ops.not_equal(inputs, self.mask_value), axis=-1)
