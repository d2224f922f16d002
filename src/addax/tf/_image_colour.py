"""`tf.image`: colours, brightness and contrast of images, and measures that compare them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from addax import ops, random
from addax.core import dtypes
from addax.core.errors import message
from addax.engine import _operators as operators
from addax.ops._image_filter import ssim_map
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


def per_image_standardization(image: Any) -> Any:
    """Each image with mean 0 and variance 1."""
    image = ops.cast(_image(image), "float32")
    count = float(np.prod(image.shape[-3:]))
    mean = ops.mean(image, axis=(-3, -2, -1), keepdims=True)
    spread = ops.std(image, axis=(-3, -2, -1), keepdims=True)
    return operators.divide(operators.subtract(image, mean), ops.maximum(spread, 1 / np.sqrt(count)))


# Measures ------------------------------------------------------------------------------------------------
def psnr(a: Any, b: Any, max_val: Any, name: str | None = None) -> Any:
    """Peak signal-to-noise ratio of each pair of images, in decibels.

    Args:
        a: A tensor of shape `(..., h, w, c)`.
        b: A tensor of the same shape and dtype.
        max_val: The largest value that a pixel can have, on the scale of the images, such as 255 for uint8.
        name: Accepted for TensorFlow's sake.

    Returns:
        A float32 tensor of shape `(...)`; infinite for equal images.

    Example:
        >>> import addax.tf as tf
        >>> tf.image.psnr(tf.zeros((2, 2, 1)), tf.fill((2, 2, 1), 10.0), max_val=100.0).numpy()
        np.float32(20.0)
    """
    top = convert_image_dtype(ops.cast(max_val, ops.convert_to_tensor(a).dtype), "float32")
    a, b = convert_image_dtype(a, "float32"), convert_image_dtype(b, "float32")
    error = ops.mean(ops.square(operators.subtract(a, b)), axis=(-3, -2, -1))
    return operators.subtract(
        operators.multiply(ops.log10(top), 20.0), operators.multiply(ops.log10(error), 10.0)
    )


def ssim(
    img1: Any,
    img2: Any,
    max_val: Any,
    filter_size: int = 11,
    filter_sigma: float = 1.5,
    k1: float = 0.01,
    k2: float = 0.03,
    return_index_map: bool = False,
) -> Any:
    """Structural similarity of each pair of images, 1 for equal ones.

    Args:
        img1: A tensor of shape `(h, w, c)` or `(n, h, w, c)`.
        img2: A tensor of the same shape.
        max_val: The largest value that a pixel can have, on the scale of the images, such as 255 for uint8.
        filter_size: The side of the Gaussian window in pixels.
        filter_sigma: Its standard deviation in pixels.
        k1: The constant, times `max_val`, that steadies the comparison of means.
        k2: The same for variances.
        return_index_map: Whether to give the similarity at each place of the window instead of its mean.

    Returns:
        A float32 tensor, a scalar or of shape `(n,)`; for `return_index_map` of shape `(h', w')` or `(n, h', w')`.

    Raises:
        ValueError: If the shapes differ.
    """
    if return_index_map:
        constants = {"filter_size": filter_size, "filter_sigma": filter_sigma, "k1": k1, "k2": k2}
        return ssim_map(ops.cast(img1, "float32"), ops.cast(img2, "float32"), max_val=max_val, **constants)
    return ops.image.ssim(
        ops.cast(img1, "float32"),
        ops.cast(img2, "float32"),
        max_val=max_val,
        filter_size=filter_size,
        filter_sigma=filter_sigma,
        k1=k1,
        k2=k2,
        data_format="channels_last",
    )


def total_variation(images: Any, name: str | None = None) -> Any:
    """The sum of the differences of neighbouring pixels of each image."""
    images = _image(images)
    down = operators.absolute(operators.subtract(images[..., 1:, :, :], images[..., :-1, :, :]))
    right = operators.absolute(operators.subtract(images[..., :, 1:, :], images[..., :, :-1, :]))
    return operators.add(ops.sum(down, axis=(-3, -2, -1)), ops.sum(right, axis=(-3, -2, -1)))


def image_gradients(image: Any) -> tuple[Any, Any]:
    """Differences of neighbouring rows and of neighbouring columns of a batch, with zeros at the end."""
    down = operators.subtract(image[:, 1:], image[:, :-1])
    right = operators.subtract(image[:, :, 1:], image[:, :, :-1])
    return ops.pad(down, ((0, 0), (0, 1), (0, 0), (0, 0))), ops.pad(right, ((0, 0), (0, 0), (0, 1), (0, 0)))


def sobel_edges(image: Any) -> Any:
    """Differences of rows and of columns, smoothed, in a new last axis of size 2; edges of images are mirrored."""
    kernel = np.asarray([[-1, -2, -1], [0, 0, 0], [1, 2, 1]], np.float32)
    channels = image.shape[-1]
    filters = np.stack([kernel, kernel.T], -1)[:, :, None, :].repeat(channels, 2)
    padded = ops.pad(image, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="reflect")
    edges = ops.depthwise_conv(padded, filters, data_format="channels_last")
    return operators.reshape(edges, (*image.shape, 2))
