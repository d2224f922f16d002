"""`Wrapper`: a layer around a layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from addax.core import serial
from addax.core.errors import message
from addax.layers._layer import Layer


class Wrapper(Layer):
    """The base of layers that add something to another layer; by itself it calls that layer.

    Args:
        layer: The layer.
        **kwargs: Arguments of `Layer`.

    Raises:
        TypeError: If `layer` is no layer.

    Example:
        >>> import addax as keras
        >>> keras.layers.Wrapper(keras.layers.Dense(4))(keras.ops.ones((2, 3))).shape
        TensorShape([2, 4])
    """

    def __init__(self, layer: Layer, **kwargs: Any) -> None:
        if not isinstance(layer, Layer):
            raise TypeError(
                message("`layer` is wrong.", where=type(self).__name__, expected="a layer", received=layer)
            )
        super().__init__(**kwargs)
        self.layer = layer

    def build(self, input_shape: Any = None) -> None:
        """Build the layer inside."""
        if not self.layer.built:
            self.layer.build(input_shape)
            self.layer.built = True

    def call(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Call the layer inside."""
        return self.layer(inputs, *args, **kwargs)

    @classmethod
    def from_config(cls, config: Mapping[str, Any], custom_objects: Mapping | None = None) -> Any:
        """A wrapper like the one that gave `config`."""
        config = dict(config)
        if not isinstance(config["layer"], Layer):
            config["layer"] = serial.deserialize(config["layer"], custom_objects=custom_objects)
        return cls(**config)
