"""`Pipeline`: preprocessing layers in a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from addax.core import serial
from addax.core.errors import message
from addax.layers._layer import Layer


class Pipeline(Layer):
    """Applies layers one after another; what they are called on may be a dict, as for image layers.

    Args:
        layers: The layers.
        name: The name.

    Raises:
        TypeError: If one of `layers` is no layer.

    Example:
        >>> import addax as keras
        >>> both = keras.layers.Pipeline([keras.layers.Rescaling(2.0), keras.layers.CenterCrop(4, 4)])
        >>> both(keras.ops.ones((2, 8, 8, 3))).shape
        TensorShape([2, 4, 4, 3])
    """

    def __init__(self, layers: Sequence[Any], name: str | None = None) -> None:
        super().__init__(name=name)
        wrong = [layer for layer in layers if not isinstance(layer, Layer)]
        if wrong:
            raise TypeError(
                message("`layers` is wrong.", where="Pipeline", expected="layers", received=wrong[0])
            )
        self.layers = list(layers)
        self.autocast = False  # each layer casts for itself

    def call(self, inputs: Any, training: Any = True, mask: Any = None) -> Any:
        """Call the layers."""
        for layer in self.layers:
            inputs = layer(inputs, training=training)
        return inputs

    def get_config(self) -> dict[str, Any]:
        """The layers and the name."""
        return {"layers": [serial.serialize(layer) for layer in self.layers], "name": self.name}

    @classmethod
    def from_config(
        cls, config: Mapping[str, Any], custom_objects: Mapping | None = None, safe_mode: bool | None = None
    ) -> Any:
        """A pipeline like the one that gave `config`.

        Args:
            config: What `get_config` gave.
            custom_objects: Name -> class, for layers that were not registered.
            safe_mode: False lets lambdas in; None for what loading or the settings say.
        """
        layers = [
            serial.deserialize(one, custom_objects, safe_mode) if isinstance(one, Mapping) else one
            for one in config["layers"]
        ]
        return cls(layers, name=config.get("name"))
