"""`RandomInvert`, `RandomPosterization`, `Solarization`: other values for each pixel, at random in training."""

from __future__ import annotations

from typing import Any

from addax import ops, random
from addax.layers.preprocess._image import count_of, factor_range, in_range, per_image
from addax.layers.preprocess._random_color import RandomColor

_BYTES = (0, 255)


class RandomInvert(RandomColor):
    """Turns some images of a batch into their negatives in training, by chance.

    Args:
        factor: The range of the chance: two numbers from 0 to 1, or one for the larger end.
        value_range: The smallest and the largest value that pixels may have.
        seed: Seed of the draws.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.
        **kwargs: `bounding_box_format`, and arguments of `Layer`.

    Raises:
        ValueError: If an argument is wrong, or (when called) the input is no image.

    Example:
        >>> import addax as keras
        >>> keras.layers.RandomInvert((1.0, 1.0))(keras.ops.ones((1, 1, 1, 3))).numpy().ravel()
        array([254., 254., 254.], dtype=float32)
    """

    def __init__(
        self,
        factor: Any = 1.0,
        value_range: Any = (0, 255),
        seed: Any = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(value_range, seed, data_format=data_format, **kwargs)
        self.factor = factor_range(factor, (0, 1), "factor", "RandomInvert")

    def get_random_transformation(self, data: Any, training: Any = True, seed: Any = None) -> Any:
        """Which images are inverted."""
        return {"apply_inversion": self._chosen(data, self.factor, seed)} if training else None

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        """Invert images of a batch."""
        images = ops.cast(images, self.compute_dtype)
        if transformation is None:
            return images
        return ops.where(per_image(transformation["apply_inversion"]), self.value_range[1] - images, images)


class RandomPosterization(RandomColor):
    """Keeps only a random number of the eight bits of each pixel in training.

    Args:
        factor: How many bits are kept: two integers from 1 to 8, the second of which is drawn only if it is the only
            one, or one for the upper end.
        value_range: The smallest and the largest value that pixels may have.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.
        seed: Seed of the draws.
        **kwargs: `bounding_box_format`, and arguments of `Layer`.

    Raises:
        ValueError: If an argument is wrong, or (when called) the input is no image.

    Example:
        >>> import addax as keras
        >>> keras.layers.RandomPosterization((2, 2))(keras.ops.full((1, 1, 1, 3), 100.0)).numpy().ravel()
        array([64., 64., 64.], dtype=float32)
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
        self.factor = factor_range(factor, (1, 8), "factor", "RandomPosterization")
        self.value_range = sorted(self.value_range)

    def get_random_transformation(self, data: Any, training: Any = True, seed: Any = None) -> Any:
        """How many bits of each image are dropped."""
        if not training:
            return None
        low, high = self.factor
        shape = (count_of(data), 1, 1, 1)
        if low == high:
            kept = ops.full(shape, low, dtype="uint8")
        else:
            kept = random.randint(shape, low, high, dtype="uint8", seed=self._seeds(seed))
        return {"shift_factor": ops.cast(8, "uint8") - kept}

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        """Drop bits of the images of a batch."""
        images = ops.cast(images, self.compute_dtype)
        if transformation is None:
            return images
        shift = per_image(transformation["shift_factor"], "uint8")
        images = ops.cast(in_range(images, self.value_range, _BYTES), "uint8")
        images = ops.bitwise_left_shift(ops.bitwise_right_shift(images, shift), shift)
        return in_range(ops.cast(images, self.compute_dtype), _BYTES, self.value_range)


class Solarization(RandomColor):
    """Inverts the pixels of images above random thresholds in training, after adding random amounts.

    Args:
        addition_factor: The range of what is added, as a fraction of the value range: two numbers from 0 to 1, or one
            for the upper end.
        threshold_factor: The range of the threshold, likewise.
        value_range: The smallest and the largest value that pixels may have.
        seed: Seed of the draws.
        **kwargs: `data_format`, `bounding_box_format`, and arguments of `Layer`.

    Raises:
        ValueError: If an argument is wrong, or (when called) the input is no image.

    Example:
        >>> import addax as keras
        >>> keras.layers.Solarization()(keras.ops.ones((1, 1, 1, 3))).numpy().ravel()
        array([254., 254., 254.], dtype=float32)
    """

    def __init__(
        self,
        addition_factor: Any = 0.0,
        threshold_factor: Any = 0.0,
        value_range: Any = (0, 255),
        seed: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(value_range, seed, **kwargs)
        self.addition_factor = factor_range(addition_factor, (0, 1), "addition_factor", "Solarization")
        self.threshold_factor = factor_range(threshold_factor, (0, 1), "threshold_factor", "Solarization")
        self.value_range = sorted(self.value_range)

    def get_random_transformation(self, data: Any, training: Any = True, seed: Any = None) -> Any:
        """What is added to each image, and its threshold, for values from 0 to 255."""
        if not training:
            return None
        # As in Keras, the lower ends are in other units than the upper ones.
        (add_low, add_high), (low, high) = self.addition_factor, self.threshold_factor
        additions = self._drawn(data, add_low, add_high * 255, seed)
        return {"additions": additions, "thresholds": self._drawn(data, low, high * 255, seed)}

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        """Solarize the images of a batch."""
        images = ops.cast(images, self.compute_dtype)
        if transformation is None:
            return images
        images = in_range(images, self.value_range, _BYTES)
        added = ops.clip(images + per_image(transformation["additions"], images.dtype), *_BYTES)
        below = added < per_image(transformation["thresholds"], images.dtype)
        return in_range(ops.where(below, added, 255 - added), _BYTES, self.value_range)
