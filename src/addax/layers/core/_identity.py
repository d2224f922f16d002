"""`Identity`: the input itself."""

from __future__ import annotations

from typing import Any

from addax.layers._layer import Layer


class Identity(Layer):
    """Pass the input on, as a placeholder or to name a tensor.

    Args:
        **kwargs: Arguments of `Layer`.

    Example:
        >>> import addax as keras
        >>> keras.layers.Identity()(keras.ops.ones((2,))).numpy()
        array([1., 1.], dtype=float32)
    """

    supports_masking = True

    def call(self, inputs: Any) -> Any:
        """The input."""
        return inputs
