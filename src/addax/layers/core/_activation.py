"""`Activation`: an activation function as a layer."""

from __future__ import annotations

from typing import Any

from addax import activations
from addax.layers._layer import Layer


class Activation(Layer):
    """Applies an activation function.

    Args:
        activation: A name or a function.
        **kwargs: Arguments of `Layer`.

    Example:
        >>> import addax as keras
        >>> keras.layers.Activation("relu")([-1.0, 2.0]).numpy()
        array([0., 2.], dtype=float32)
    """

    supports_masking = True

    def __init__(self, activation: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.activation = activations.get(activation)

    def call(self, inputs: Any) -> Any:
        """Apply the function."""
        return self.activation(inputs)
