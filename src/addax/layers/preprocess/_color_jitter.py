"""`RandomColorJitter`: brightness, contrast, saturation and hue at random."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.layers.preprocess._image import RandomImageLayer
from addax.layers.preprocess._random_color import RandomBrightness, RandomContrast
from addax.layers.preprocess._random_hue import RandomHue, RandomSaturation

_PARTS = (
    ("brightness", RandomBrightness),
    ("contrast", RandomContrast),
    ("saturation", RandomSaturation),
    ("hue", RandomHue),
)


class RandomColorJitter(RandomImageLayer):
    """Changes brightness, contrast, saturation and hue of images in training, one after another.

    Args:
        value_range: The smallest and the largest value that pixels may have.
        brightness_factor: `factor` of `RandomBrightness`; None leaves the brightness as it is.
        contrast_factor: `factor` of `RandomContrast`, or None.
        saturation_factor: `factor` of `RandomSaturation`, or None.
        hue_factor: `factor` of `RandomHue`, or None.
        seed: Seed of the draws.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.
        **kwargs: `bounding_box_format`, and arguments of `Layer`.

    Raises:
        ValueError: If an argument is wrong, or (when called) the input is no image.

    Example:
        >>> import addax as keras
        >>> keras.layers.RandomColorJitter(hue_factor=0.1, seed=1)(keras.ops.ones((2, 8, 8, 3))).shape
        TensorShape([2, 8, 8, 3])
    """

    def __init__(
        self,
        value_range: Any = (0, 255),
        brightness_factor: Any = None,
        contrast_factor: Any = None,
        saturation_factor: Any = None,
        hue_factor: Any = None,
        seed: Any = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        self.value_range = value_range
        self.brightness_factor = brightness_factor
        self.contrast_factor = contrast_factor
        self.saturation_factor = saturation_factor
        self.hue_factor = hue_factor
        shared = {"value_range": value_range, "seed": seed, "data_format": data_format}
        self._parts = {
            name: cls(getattr(self, f"{name}_factor"), dtype=self.dtype_policy, **shared)
            for name, cls in _PARTS
            if getattr(self, f"{name}_factor") is not None
        }

    def get_random_transformation(self, data: Any, training: Any = True, seed: Any = None) -> Any:
        """What each of the layers draws."""
        if not training:
            return None
        seeds = self._seeds(seed)
        return {name: part.get_random_transformation(data, seed=seeds) for name, part in self._parts.items()}

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        """Change the colors of the images of a batch."""
        images = ops.cast(images, self.compute_dtype)
        for name, drawn in (transformation or {}).items():
            images = self._parts[name].transform_images(images, drawn)
        return images
