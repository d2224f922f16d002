"""`Rescaling`: a factor and an offset."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from addax import ops
from addax.core import config as settings
from addax.core import serial
from addax.layers._layer import Layer


class Rescaling(Layer):
    """`inputs * scale + offset`, such as `Rescaling(1 / 255)` for pixels.

    Args:
        scale: The factor: a number, or one for each channel.
        offset: What is added after that.
        **kwargs: Arguments of `Layer`.

    Example:
        >>> import addax as keras
        >>> keras.layers.Rescaling(0.5, offset=-1.0)([[0, 2, 4]]).numpy()
        array([[-1.,  0.,  1.]], dtype=float32)
    """

    supports_masking = True

    def __init__(self, scale: Any, offset: Any = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scale = scale
        self.offset = offset

    def call(self, inputs: Any) -> Any:
        """Rescale a tensor of any shape and dtype; the result is of the layer's dtype."""
        scale = self._along_channels(np.asarray(self.scale, "float32"))
        offset = self._along_channels(np.asarray(self.offset, "float32"))
        x = ops.cast(inputs, self.compute_dtype)
        return x * ops.cast(scale, self.compute_dtype) + ops.cast(offset, self.compute_dtype)

    def _along_channels(self, values: np.ndarray) -> np.ndarray:
        if values.ndim and settings.image_data_format() == "channels_first":
            return values.reshape(values.shape + (1,) * (3 - values.ndim))
        return values

    @classmethod
    def from_config(cls, config: Mapping[str, Any], custom_objects: Mapping | None = None) -> Any:
        """A layer like the one that gave `config`."""
        config = dict(config)
        for name in ("scale", "offset"):
            config[name] = serial.deserialize(config.get(name, 0.0), custom_objects)
        return super().from_config(config)
