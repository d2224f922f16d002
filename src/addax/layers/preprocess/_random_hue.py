"""`RandomHue`, `RandomSaturation`, `RandomColorDegeneration`, `RandomGrayscale`: images of other hues at random."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.core import config as settings
from addax.core.errors import message
from addax.layers.preprocess._image import RandomImageLayer, count_of, factor_range, in_range, per_image
from addax.layers.preprocess._random_color import RandomColor


class RandomHue(RandomColor):
    """Turns the colors of images around the color wheel in training, by random angles.

    Args:
        factor: The range of the angle in half turns, either way: two numbers from 0 to 1, or one for the larger end.
        value_range: The smallest and the largest value that pixels may have.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.
        seed: Seed of the draws.
        **kwargs: `bounding_box_format`, and arguments of `Layer`.

    Raises:
        ValueError: If an argument is wrong, or (when called) the input is no image.

    Example:
        >>> import addax as keras
        >>> keras.layers.RandomHue(0.2, seed=1)(keras.ops.ones((2, 8, 8, 3))).shape
        TensorShape([2, 8, 8, 3])
    """

    def __init__(
        self,
        factor: Any,
        value_range: Any = (0, 255),
        data_format: str | None = None,
        seed: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(value_range, seed, data_format=data_format, **kwargs)
        self.factor = factor_range(factor, (0, 1), "factor", "RandomHue")

    def get_random_transformation(self, data: Any, training: Any = True, seed: Any = None) -> Any:
        """The turn of each image, in full turns."""
        if not training:
            return None
        backwards = self._drawn(data, 0.0, 1.0, seed) > 0.5
        turn = self._drawn(data, *self.factor, seed) * 0.5
        return {"factor": ops.where(backwards, -turn, turn)}

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        """Turn the hues of the images of a batch."""
        images = ops.cast(images, self.compute_dtype)
        if transformation is None:
            return images
        hsv = ops.image.rgb_to_hsv(in_range(images, self.value_range, (0, 1)), data_format=self.data_format)
        hue, saturation, brightness = ops.split(hsv, 3, axis=self._channel_axis)
        hue = hue + per_image(transformation["factor"], hsv.dtype)
        hue = ops.where(hue > 1.0, hue - 1.0, ops.where(hue < 0.0, hue + 1.0, hue))
        turned = ops.concatenate([hue, saturation, brightness], axis=self._channel_axis)
        turned = ops.clip(ops.image.hsv_to_rgb(turned, data_format=self.data_format), 0, 1)
        return in_range(turned, (0, 1), self.value_range)


class RandomSaturation(RandomColor):
    """Makes the colors of images stronger or weaker in training, by random amounts.

    Args:
        factor: The range of the strength: two numbers from 0 to 1, or one for the larger end. 0 gives gray, 0.5 leaves
            images as they are, 1 gives pure colors.
        value_range: The smallest and the largest value that saturations may have.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.
        seed: Seed of the draws.
        **kwargs: `bounding_box_format`, and arguments of `Layer`.

    Raises:
        ValueError: If an argument is wrong, or (when called) the input is no image.

    Example:
        >>> import addax as keras
        >>> keras.layers.RandomSaturation(0.2, seed=1)(keras.ops.ones((2, 8, 8, 3))).shape
        TensorShape([2, 8, 8, 3])
    """

    def __init__(
        self,
        factor: Any,
        value_range: Any = (0, 255),
        data_format: str | None = None,
        seed: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(value_range, seed, data_format=data_format, **kwargs)
        self.factor = factor_range(factor, (-1, 1), "factor", "RandomSaturation")
        self.value_range = sorted(self.value_range)

    def get_random_transformation(self, data: Any, training: Any = True, seed: Any = None) -> Any:
        """What the saturations of each image are multiplied with."""
        if not training:
            return None
        factor = self._drawn(data, *self.factor, seed)
        return {"factor": factor / (1 - factor + settings.epsilon())}

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        """Change the saturation of the images of a batch."""
        images = ops.cast(images, self.compute_dtype)
        if transformation is None:
            return images
        hsv = ops.image.rgb_to_hsv(images, data_format=self.data_format)
        hue, saturation, brightness = ops.split(hsv, 3, axis=self._channel_axis)
        saturation = self._limited(saturation * per_image(transformation["factor"], hsv.dtype))
        changed = ops.concatenate([hue, saturation, brightness], axis=self._channel_axis)
        return ops.image.hsv_to_rgb(changed, data_format=self.data_format)


class RandomColorDegeneration(RandomColor):
    """Mixes images with their gray versions in training, by random amounts.

    Args:
        factor: The range of the part of gray: two numbers, or one for both directions.
        value_range: The smallest and the largest value that pixels may have.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.
        seed: Seed of the draws.
        **kwargs: `bounding_box_format`, and arguments of `Layer`.

    Raises:
        ValueError: If an argument is wrong, or (when called) the input is no image.

    Example:
        >>> import addax as keras
        >>> keras.layers.RandomColorDegeneration(0.2, seed=1)(keras.ops.ones((2, 8, 8, 3))).shape
        TensorShape([2, 8, 8, 3])
    """

    def __init__(
        self,
        factor: Any,
        value_range: Any = (0, 255),
        data_format: str | None = None,
        seed: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(value_range, seed, data_format=data_format, **kwargs)
        self.factor = factor_range(factor, (-1, 1), "factor", "RandomColorDegeneration")
        self.value_range = sorted(self.value_range)

    def get_random_transformation(self, data: Any, training: Any = True, seed: Any = None) -> Any:
        """The part of gray in each image."""
        return {"factor": self._drawn(data, *self.factor, seed)} if training else None

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        """Mix the images of a batch with gray."""
        images = ops.cast(images, self.compute_dtype)
        if transformation is None:
            return images
        gray = ops.image.rgb_to_grayscale(images, data_format=self.data_format)
        return self._limited(images + per_image(transformation["factor"], images.dtype) * (gray - images))


class RandomGrayscale(RandomImageLayer):
    """Makes some images of a batch gray in training, by chance; they keep their three channels.

    Args:
        factor: The chance of each image.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.
        seed: Seed of the draws.
        **kwargs: `bounding_box_format`, and arguments of `Layer`.

    Raises:
        ValueError: If `factor` is no chance, or (when called) the input is no image.

    Example:
        >>> import addax as keras
        >>> keras.layers.RandomGrayscale(0.2, seed=1)(keras.ops.ones((2, 8, 8, 3))).shape
        TensorShape([2, 8, 8, 3])
    """

    def __init__(
        self, factor: float = 0.5, data_format: str | None = None, seed: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        if not isinstance(factor, (int, float)) or not 0 <= factor <= 1:
            raise ValueError(
                message(
                    "`factor` is wrong.",
                    where="RandomGrayscale",
                    expected="a number from 0 to 1",
                    received=factor,
                )
            )
        self.factor = factor

    def get_random_transformation(self, data: Any, training: Any = True, seed: Any = None) -> Any:
        """Which images become gray."""
        if not training:
            return None
        return self._draw((count_of(data), 1, 1, 1), 0.0, 1.0, seed) < self.factor

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        """Make images of a batch gray; the dtype stays."""
        if transformation is None:
            return images
        gray = ops.image.rgb_to_grayscale(ops.cast(images, self.compute_dtype), data_format=self.data_format)
        return ops.where(per_image(transformation), ops.cast(gray, images.dtype), images)
