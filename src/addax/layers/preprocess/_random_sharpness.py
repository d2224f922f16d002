"""`RandomSharpness` and `RandomGaussianBlur`: images sharper or softer, at random in training."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax import ops, random
from addax.core.errors import message
from addax.layers.preprocess._image import factor_range, per_image
from addax.layers.preprocess._random_color import RandomColor

_SMOOTHING = np.full((3, 3, 1, 1), 1 / 13, "float32")
_SMOOTHING[1, 1] = 5 / 13


class RandomSharpness(RandomColor):
    """Makes images sharper or softer in training, by random amounts.

    Args:
        factor: The range of the sharpness: two numbers from 0 to 1, or one for the upper end. Below 0.5 images become
            softer, above it sharper.
        value_range: The smallest and the largest value that pixels may have.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.
        seed: Seed of the draws.
        **kwargs: `bounding_box_format`, and arguments of `Layer`.

    Raises:
        ValueError: If an argument is wrong, or (when called) the input is no image.

    Example:
        >>> import addax as keras
        >>> keras.layers.RandomSharpness(0.2, seed=1)(keras.ops.ones((2, 8, 8, 3))).shape
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
        self.factor = factor_range(factor, (0, 1), "factor", "RandomSharpness")
        self.value_range = sorted(self.value_range)

    def get_random_transformation(self, data: Any, training: Any = True, seed: Any = None) -> Any:
        """The sharpness of each image."""
        return {"factor": self._drawn(data, *self.factor, seed)} if training else None

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        """Sharpen or soften the images of a batch."""
        images = ops.cast(images, self.compute_dtype)
        if transformation is None:
            return images
        kernel = np.tile(_SMOOTHING, (1, 1, images.shape[self._channel_axis], 1))
        kernel = ops.convert_to_tensor(kernel, self.compute_dtype)
        smooth = ops.nn.depthwise_conv(images, kernel, 1, "same", data_format=self.data_format)
        softness = 1.0 - 2.0 * per_image(transformation["factor"], images.dtype)
        return self._limited(images + softness * (smooth - images))


class RandomGaussianBlur(RandomColor):
    """Blurs some images of a batch in training, by chance, with filters of one random width.

    Args:
        factor: The range of the chance: two numbers from 0 to 1, or one for the upper end.
        kernel_size: Width and height of the filter in pixels, odd; or one number for both.
        sigma: The range of the standard deviations of the filter: two numbers from 0 to 1, or one for the upper end.
        value_range: The smallest and the largest value that pixels may have.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.
        seed: Seed of the draws.
        **kwargs: `bounding_box_format`, and arguments of `Layer`.

    Raises:
        ValueError: If an argument is wrong, or (when called) the input is no image.

    Example:
        >>> import addax as keras
        >>> keras.layers.RandomGaussianBlur(seed=1)(keras.ops.ones((2, 8, 8, 3))).shape
        TensorShape([2, 8, 8, 3])
    """

    def __init__(
        self,
        factor: Any = 1.0,
        kernel_size: Any = 3,
        sigma: Any = 1.0,
        value_range: Any = (0, 255),
        data_format: str | None = None,
        seed: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(value_range, seed, data_format=data_format, **kwargs)
        self.factor = factor_range(factor, (0, 1), "factor", "RandomGaussianBlur")
        self.sigma = factor_range(sigma, (0, 1), "sigma", "RandomGaussianBlur")
        sizes = tuple(kernel_size) if isinstance(kernel_size, (list, tuple)) else (kernel_size, kernel_size)
        if len(sizes) != 2 or any(not isinstance(n, (int, float)) or n % 2 != 1 for n in sizes):
            expected, where = "an odd number, or two of them", "RandomGaussianBlur"
            raise ValueError(
                message("`kernel_size` is wrong.", where=where, expected=expected, received=kernel_size)
            )
        self.kernel_size = sizes

    def get_random_transformation(self, data: Any, training: Any = True, seed: Any = None) -> Any:
        """Which images are blurred, and the standard deviations along width and height."""
        if not training:
            return None
        chosen = self._chosen(data, self.factor, seed)
        sigma = random.uniform((2,), *self.sigma, seed=self._seeds(seed)) + 1e-6
        return {"should_apply_blur": chosen, "blur_factor": sigma}

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        """Blur images of a batch."""
        images = ops.cast(images, self.compute_dtype)
        if transformation is None:
            return images
        blurred = ops.image.gaussian_blur(
            images, self.kernel_size, transformation["blur_factor"], data_format=self.data_format
        )
        return self._limited(ops.where(per_image(transformation["should_apply_blur"]), blurred, images))
