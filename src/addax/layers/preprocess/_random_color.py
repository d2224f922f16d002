"""`RandomContrast` and `RandomBrightness`: images of other colours, at random in training."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.layers.preprocess._image import RandomImageLayer, check_value_range, count_of, factor_range


class RandomColor(RandomImageLayer):
    """An image layer that draws one number for each image.

    Args:
        value_range: The smallest and the largest value that pixels may have.
        seed: Seed of the draws.
        **kwargs: `bounding_box_format`, `data_format`, and arguments of `Layer`.
    """

    def __init__(self, value_range: Any = (0, 255), seed: Any = None, **kwargs: Any) -> None:
        super().__init__(seed=seed, **kwargs)
        self.value_range = check_value_range(value_range, type(self).__name__)

    def _drawn(self, data: Any, low: float, high: float, seed: Any) -> Any:
        return self._draw((count_of(data), 1, 1, 1), low, high, seed)

    def _limited(self, images: Any) -> Any:
        return ops.clip(images, self.value_range[0], self.value_range[1])


class RandomContrast(RandomColor):
    """Changes the distance of pixels from the mean of their channel in training, by random factors.

    Args:
        factor: Two numbers `low` and `high`: the distance is multiplied with a number from `1 - low` to
            `1 + high`. One number stands for `high`, with a `low` of 0.
        value_range: The smallest and the largest value that pixels may have.
        seed: Seed of the draws.
        **kwargs: `bounding_box_format`, `data_format`, and arguments of `Layer`.

    Raises:
        ValueError: If an argument is wrong, or (when called) the input is no image.

    Example:
        >>> import addax as keras
        >>> keras.layers.RandomContrast(0.2, seed=1)(keras.ops.ones((2, 8, 8, 3))).shape
        TensorShape([2, 8, 8, 3])
    """

    def __init__(self, factor: Any, value_range: Any = (0, 255), seed: Any = None, **kwargs: Any) -> None:
        super().__init__(value_range, seed, **kwargs)
        self.factor = factor_range(factor, (0, 1), "factor", "RandomContrast")

    def get_random_transformation(self, data: Any, training: Any = True, seed: Any = None) -> Any:
        """The factor of each image."""
        if not training:
            return None
        return {"contrast_factor": self._drawn(data, 1.0 - self.factor[0], 1.0 + self.factor[1], seed)}

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        """Change the contrast of the images of a batch."""
        images = ops.cast(images, self.compute_dtype)
        if transformation is None:
            return images
        mean = ops.mean(images, axis=self._axes, keepdims=True)
        factor = ops.cast(transformation["contrast_factor"], self.compute_dtype)
        return self._limited((images - mean) * factor + mean)


class RandomBrightness(RandomColor):
    """Makes images brighter or darker in training, by random amounts.

    Args:
        factor: The range of the change, as a fraction of the value range: two numbers from -1 to 1, or one for both
            directions.
        value_range: The smallest and the largest value that pixels may have.
        seed: Seed of the draws.
        **kwargs: `bounding_box_format`, `data_format`, and arguments of `Layer`.

    Raises:
        ValueError: If an argument is wrong, or (when called) the input is no image.

    Example:
        >>> import addax as keras
        >>> keras.layers.RandomBrightness(0.2, seed=1)(keras.ops.ones((2, 8, 8, 3))).shape
        TensorShape([2, 8, 8, 3])
    """

    def __init__(self, factor: Any, value_range: Any = (0, 255), seed: Any = None, **kwargs: Any) -> None:
        super().__init__(value_range, seed, **kwargs)
        self.factor = factor_range(factor, (-1, 1), "factor", "RandomBrightness")
        self.value_range = sorted(self.value_range)

    def get_random_transformation(self, data: Any, training: Any = True, seed: Any = None) -> Any:
        """What is added to each image."""
        if not training:
            return None
        span = self.value_range[1] - self.value_range[0]
        return {"rgb_delta": self._drawn(data, *self.factor, seed) * span}

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        """Change the brightness of the images of a batch."""
        images = ops.cast(images, self.compute_dtype)
        if transformation is None:
            return images
        return self._limited(images + ops.cast(transformation["rgb_delta"], self.compute_dtype))
