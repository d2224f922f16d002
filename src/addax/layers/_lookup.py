"""Layers to configs and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from addax.core import serial
from addax.core.errors import message
from addax.layers._layer import Layer


def serialize(layer: Any) -> dict[str, Any]:
    """The config of a layer (module, class name, arguments) as plain data.

    Example:
        >>> import addax as keras
        >>> keras.layers.serialize(keras.layers.Flatten())["class_name"]
        'Flatten'
    """
    return serial.serialize(layer)


def deserialize(config: Mapping[str, Any], custom_objects: Mapping | None = None) -> Any:
    """A layer from what `serialize` gave.

    Args:
        config: The config, of this library, of Keras 3 or of tf.keras.
        custom_objects: Name -> class, for classes that were not registered.

    Raises:
        TypeError: If the class is not known.
        ValueError: If the config is that of something else.

    Example:
        >>> import addax as keras
        >>> config = keras.layers.serialize(keras.layers.Dense(3))
        >>> keras.layers.deserialize(config).units
        3
    """
    layer = serial.deserialize(
        config, custom_objects, packages=("addax.layers", "addax.models", "addax.applications")
    )
    if not isinstance(layer, Layer):
        raise ValueError(
            message(
                "layers.deserialize() got the config of something else.", expected="a layer", received=layer
            )
        )
    return layer
