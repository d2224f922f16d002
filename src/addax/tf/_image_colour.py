"""`tf.image`: colours, brightness and contrast of images, and measures that compare them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from addax import ops, random
from addax.core import dtypes
from addax.core.errors import message
from addax.engine import _operators as operators
from addax.tf._image import _image
from addax.tf._random import _stateless, op_seed


# Colour --------------------------------------------------------------------------------------------------
def convert_image_dtype(image: Any, dtype: Any, saturate: bool = False, name: str | None = None) -> Any:
    """Images in another dtype, scaled: floats are in [0, 1], integers use their positive range.

    Args:
        image: A tensor of any shape.
        dtype: The dtype of the result.
        saturate: Whether values that do not fit into an integer dtype become its ends; if False, what they become
            is left open.
        name: Accepted for TensorFlow's sake.

    Example:
        >>> import addax.tf as tf
        >>> tf.image.convert_image_dtype(tf.constant([0.0, 0.5, 2.0]), "uint8", saturate=True).numpy()
        array([  0, 127, 255], dtype=uint8)
    """
    image = ops.convert_to_tensor(image)
    source, target = dtypes.standardize(image.dtype), dtypes.standardize(dtype)
    if source == target:
        return image
    if source.is_floating and target.is_floating:
        return ops.cast(image, target)
    if source.is_floating:
        scaled = operators.multiply(image, float(target.max) + 0.5)
        return ops.saturate_cast(scaled, target) if saturate else ops.cast(scaled, target)
    if target.is_floating:
        return operators.multiply(ops.cast(image, target), 1.0 / source.max)
    cast = ops.saturate_cast if saturate else ops.cast
    factor = (target.max + 1) // (source.max + 1)
    if factor:
        return operators.multiply(cast(image, target), factor)
    return cast(operators.floor_divide(image, (source.max + 1) // (target.max + 1)), target)


def _on_floats(image: Any, change: Callable) -> Any:
    """A change of colours made on floats in [0, 1], in the dtype of the image again."""
    image = ops.convert_to_tensor(image)
    if dtypes.is_float(image.dtype):
        return change(image)
    return convert_image_dtype(change(convert_image_dtype(image, "float32")), image.dtype, saturate=True)


def adjust_brightness(image: Any, delta: Any) -> Any:
    """Images with a number added (integers count as shares of their range)."""
    return _on_floats(image, lambda x: operators.add(x, delta))


def adjust_contrast(images: Any, contrast_factor: Any) -> Any:
    """Images with each channel moved away from its mean by a factor."""

    def change(x: Any) -> Any:
        mean = ops.mean(x, axis=(-3, -2), keepdims=True)
        return operators.add(operators.multiply(operators.subtract(x, mean), contrast_factor), mean)

    return _on_floats(images, change)


def adjust_gamma(image: Any, gamma: Any = 1, gain: Any = 1) -> Any:
    """Images as `gain * x ** gamma`.

    Args:
        image: Floats in [0, 1], or integers, which count as shares of their range and come back as integers.
        gamma: The exponent; above 1 the image gets darker.
        gain: The factor.

    Example:
        >>> import addax.tf as tf
        >>> tf.image.adjust_gamma(tf.constant([[[0.5]]]), gamma=2).numpy().tolist()
        [[[0.25]]]
    """
    return _on_floats(image, lambda x: operators.multiply(operators.power(x, gamma), gain))


def adjust_hue(image: Any, delta: Any, name: str | None = None) -> Any:
    """RGB images with their hue turned by a share of the circle.

    Args:
        image: A tensor of shape `(..., 3)`: floats in [0, 1], or integers, which come back as integers.
        delta: From -1 to 1, where 1 is a whole turn.
        name: Accepted for TensorFlow's sake.
    """

    def change(x: Any) -> Any:
        hsv = rgb_to_hsv(x)
        hue = operators.mod(operators.add(hsv[..., :1], operators.add(delta, 1.0)), 1.0)
        return hsv_to_rgb(ops.concatenate([hue, hsv[..., 1:]], axis=-1))

    return _on_floats(image, change)


def adjust_saturation(image: Any, saturation_factor: Any, name: str | None = None) -> Any:
    """RGB images with their saturation times a factor.

    Args:
        image: A tensor of shape `(..., 3)`: floats in [0, 1], or integers, which come back as integers.
        saturation_factor: 0 makes the image grey; saturations above 1 become 1.
        name: Accepted for TensorFlow's sake.
    """

    def change(x: Any) -> Any:
        hsv = rgb_to_hsv(x)
        saturation = ops.clip(operators.multiply(hsv[..., 1:2], saturation_factor), 0.0, 1.0)
        return hsv_to_rgb(ops.concatenate([hsv[..., :1], saturation, hsv[..., 2:]], axis=-1))

    return _on_floats(image, change)


def _between(low: Any, high: Any, seed: Any) -> Any:
    if low > high:
        raise ValueError(message("The range is empty.", received=f"from {low} to {high}"))
    return random.uniform((), low, high, seed=seed)


def random_brightness(image: Any, max_delta: float, seed: Any = None) -> Any:
    """`adjust_brightness` by a random number, one for all images.

    Args:
        image: Images of any shape.
        max_delta: The number is drawn from -max_delta to max_delta.
        seed: An integer repeats the draws from run to run; None follows the global seed.

    Raises:
        ValueError: If `max_delta` is negative.
    """
    return adjust_brightness(image, _between(-max_delta, max_delta, op_seed(seed)))


def random_contrast(image: Any, lower: float, upper: float, seed: Any = None) -> Any:
    """`adjust_contrast` by a random factor, one for all images.

    Args:
        image: A tensor of shape `(..., h, w, c)`.
        lower: The smallest factor.
        upper: The end of the factors, which is not drawn itself.
        seed: An integer repeats the draws from run to run; None follows the global seed.

    Raises:
        ValueError: If `lower` is above `upper`.
    """
    return adjust_contrast(image, _between(lower, upper, op_seed(seed)))


def random_hue(image: Any, max_delta: float, seed: Any = None) -> Any:
    """`adjust_hue` by a random number, one for all images.

    Args:
        image: A tensor of shape `(..., 3)`.
        max_delta: The number is drawn from -max_delta to max_delta; 0.5 reaches all hues.
        seed: An integer repeats the draws from run to run; None follows the global seed.

    Raises:
        ValueError: If `max_delta` is negative.
    """
    return adjust_hue(image, _between(-max_delta, max_delta, op_seed(seed)))


def random_saturation(image: Any, lower: float, upper: float, seed: Any = None) -> Any:
    """`adjust_saturation` by a random factor, one for all images.

    Args:
        image: A tensor of shape `(..., 3)`.
        lower: The smallest factor.
        upper: The end of the factors, which is not drawn itself.
        seed: An integer repeats the draws from run to run; None follows the global seed.

    Raises:
        ValueError: If `lower` is above `upper`.
    """
    return adjust_saturation(image, _between(lower, upper, op_seed(seed)))


def stateless_random_brightness(image: Any, max_delta: float, seed: Any) -> Any:
    """`random_brightness` by a seed of two integers.

    Args:
        image: Images of any shape.
        max_delta: The number is drawn from -max_delta to max_delta.
        seed: Two integers; the same ones give the same draw.

    Raises:
        ValueError: If `max_delta` is negative, or the seed is not of two integers.
    """
    return adjust_brightness(image, _between(-max_delta, max_delta, _stateless(seed)))


def stateless_random_contrast(image: Any, lower: float, upper: float, seed: Any) -> Any:
    """`random_contrast` by a seed of two integers.

    Args:
        image: A tensor of shape `(..., h, w, c)`.
        lower: The smallest factor.
        upper: The end of the factors, which is not drawn itself.
        seed: Two integers; the same ones give the same draw.

    Raises:
        ValueError: If `lower` is above `upper`, or the seed is not of two integers.
    """
    return adjust_contrast(image, _between(lower, upper, _stateless(seed)))


def stateless_random_hue(image: Any, max_delta: float, seed: Any) -> Any:
    """`random_hue` by a seed of two integers; see `stateless_random_brightness` for the arguments."""
    return adjust_hue(image, _between(-max_delta, max_delta, _stateless(seed)))


def stateless_random_saturation(image: Any, lower: float, upper: float, seed: Any = None) -> Any:
    """`random_saturation` by a seed of two integers; see `stateless_random_contrast` for the arguments."""
    return adjust_saturation(image, _between(lower, upper, _stateless(seed)))


def rgb_to_grayscale(images: Any, name: str | None = None) -> Any:
    """Grey images of one channel."""

    def change(x: Any) -> Any:
        weights = np.asarray([0.2989, 0.587, 0.114], np.float32)
        return ops.sum(operators.multiply(x, ops.cast(weights, x.dtype)), axis=-1, keepdims=True)

    return _on_floats(images, change)


def grayscale_to_rgb(images: Any, name: str | None = None) -> Any:
    """Grey images as images of three equal channels."""
    return ops.repeat(images, 3, axis=-1)


def rgb_to_hsv(images: Any, name: str | None = None) -> Any:
    """Hue, saturation and value of images in [0, 1]."""
    return ops.image.rgb_to_hsv(images, data_format="channels_last")


def hsv_to_rgb(images: Any, name: str | None = None) -> Any:
    """Colours from hue, saturation and value in [0, 1]."""
    return ops.image.hsv_to_rgb(images, data_format="channels_last")


# Rows are red, green and blue; columns what they are turned into.
_YIQ = [[0.299, 0.59590059, 0.2115], [0.587, -0.27455667, -0.52273617], [0.114, -0.32134392, 0.31119955]]
_YUV = [[0.299, -0.14714119, 0.61497538], [0.587, -0.28886916, -0.51496512], [0.114, 0.43601035, -0.10001026]]
_FROM_YIQ = [[1, 1, 1], [0.95598634, -0.27201283, -1.10674021], [0.6208248, -0.64720424, 1.70423049]]
_FROM_YUV = [[1, 1, 1], [0, -0.394642334, 2.03206185], [1.13988303, -0.58062185, 0]]


def _mixed(images: Any, table: list) -> Any:
    images = ops.convert_to_tensor(images)
    return ops.tensordot(images, ops.cast(np.asarray(table, np.float32), images.dtype), axes=1)


def rgb_to_yiq(images: Any) -> Any:
    """Brightness and two differences of colour (the NTSC system) of images `(..., 3)` in [0, 1]."""
    return _mixed(images, _YIQ)


def yiq_to_rgb(images: Any) -> Any:
    """The inverse of `rgb_to_yiq`."""
    return _mixed(images, _FROM_YIQ)


def rgb_to_yuv(images: Any) -> Any:
    """Brightness and two differences of colour (the PAL system) of images `(..., 3)` in [0, 1]."""
    return _mixed(images, _YUV)


def yuv_to_rgb(images: Any) -> Any:
    """The inverse of `rgb_to_yuv`."""
    return _mixed(images, _FROM_YUV)


def per_image_standardization(image: Any) -> Any:
    """Each image with mean 0 and variance 1."""
    image = ops.cast(_image(image), "float32")
    count = float(np.prod(image.shape[-3:]))
    mean = ops.mean(image, axis=(-3, -2, -1), keepdims=True)
    spread = ops.std(image, axis=(-3, -2, -1), keepdims=True)
    return operators.divide(operators.subtract(image, mean), ops.maximum(spread, 1 / np.sqrt(count)))
