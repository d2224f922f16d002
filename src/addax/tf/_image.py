"""`tf.image`: resizing, cropping, flipping and colours of images `(height, width, channels)` or batches of them."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any

import numpy as np

from addax import ops, random
from addax.core import dtypes
from addax.core.errors import message
from addax.engine import _operators as operators
from addax.engine import op
from addax.engine._jax import jnp
from addax.tf._random import _stateless, op_seed


class ResizeMethod(enum.StrEnum):
    """The methods of `resize`."""

    AREA = "area"
    BICUBIC = "bicubic"
    BILINEAR = "bilinear"
    GAUSSIAN = "gaussian"
    LANCZOS3 = "lanczos3"
    LANCZOS5 = "lanczos5"
    MITCHELLCUBIC = "mitchellcubic"
    NEAREST_NEIGHBOR = "nearest"


def _image(value: Any) -> Any:
    """A tensor of rank 3 or 4.

    Raises:
        ValueError: If the rank is another.
    """
    tensor = value if hasattr(value, "shape") and hasattr(value, "dtype") else ops.convert_to_tensor(value)
    if isinstance(tensor, np.ndarray):
        tensor = ops.convert_to_tensor(tensor)
    if len(tensor.shape) not in (3, 4):
        raise ValueError(
            message(
                "'image' must have rank 3 or 4.",
                received=f"shape {tuple(tensor.shape)}",
                hint="Add an axis for channels.",
            )
        )
    return tensor


# Size ----------------------------------------------------------------------------------------------------
def resize(
    images: Any,
    size: Any,
    method: Any = "bilinear",
    preserve_aspect_ratio: bool = False,
    antialias: bool = False,
    name: Any = None,
) -> Any:
    """Images of another size.

    Args:
        images: A tensor of shape `(h, w, c)` or `(n, h, w, c)`.
        size: The new height and width.
        method: `"nearest"`, `"bilinear"`, `"bicubic"`, `"area"`, `"lanczos3"` or `"lanczos5"`.
        preserve_aspect_ratio: Whether to make the images only as large as fits into `size` without distortion.
        antialias: Whether to smooth when images get smaller.
        name: Accepted for TensorFlow's sake.

    Returns:
        A float32 tensor; the dtype of the images for method `"nearest"`.

    Raises:
        ValueError: If the method is unknown.
    """
    images = _image(images)
    height, width = (
        (int(s) for s in np.asarray(size).tolist()) if not isinstance(size, (list, tuple)) else map(int, size)
    )
    if preserve_aspect_ratio:
        scale = min(height / images.shape[-3], width / images.shape[-2])
        height, width = round(images.shape[-3] * scale), round(images.shape[-2] * scale)
    kind = _method(method)
    if kind == "nearest":
        return ops.image.resize(images, (height, width), interpolation="nearest", data_format="channels_last")
    floats = ops.cast(images, "float32")
    if kind == "area":
        return _resize_area(floats, height=height, width=width)
    return ops.image.resize(
        floats, (height, width), interpolation=kind, antialias=antialias, data_format="channels_last"
    )


def _method(method: Any) -> str:
    kind = str(getattr(method, "value", method)).lower()
    known = ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5", "area")
    if kind not in known:
        raise ValueError(message("Unknown method of resizing.", expected=", ".join(known), received=kind))
    return kind


@op(name="resize_area")
def _resize_area(x: Any, height: int = 0, width: int = 0) -> Any:
    """Each new pixel is the mean of the area that it covers."""
    x = jnp.asarray(x)
    rows, columns = _area_weights(x.shape[-3], height), _area_weights(x.shape[-2], width)
    return jnp.einsum("ph,...hwc,qw->...pqc", rows, x, columns)


def _area_weights(size: int, new: int) -> np.ndarray:
    edges = np.arange(new + 1) * size / new
    cells = np.arange(size)
    overlap = np.minimum(edges[1:, None], cells + 1) - np.maximum(edges[:-1, None], cells)
    weights = np.maximum(overlap, 0)
    return (weights / weights.sum(1, keepdims=True)).astype(np.float32)


def resize_with_pad(
    image: Any, target_height: int, target_width: int, method: Any = "bilinear", antialias: bool = False
) -> Any:
    """Images made to fit without distortion, with zeros around them."""
    image = _image(image)
    ratio = max(image.shape[-2] / target_width, image.shape[-3] / target_height)
    height, width = image.shape[-3] / ratio, image.shape[-2] / ratio
    small = resize(image, (int(height), int(width)), method, antialias=antialias)
    top, left = max(int((target_height - height) / 2), 0), max(int((target_width - width) / 2), 0)
    return pad_to_bounding_box(small, top, left, target_height, target_width)


def resize_with_crop_or_pad(image: Any, target_height: int, target_width: int) -> Any:
    """Images cut or padded with zeros around their centre."""
    image = _image(image)
    height, width = image.shape[-3], image.shape[-2]
    top, left = max((height - target_height) // 2, 0), max((width - target_width) // 2, 0)
    image = crop_to_bounding_box(image, top, left, min(height, target_height), min(width, target_width))
    top, left = max((target_height - height) // 2, 0), max((target_width - width) // 2, 0)
    return pad_to_bounding_box(image, top, left, target_height, target_width)


def crop_to_bounding_box(
    image: Any, offset_height: int, offset_width: int, target_height: int, target_width: int
) -> Any:
    """The part of images from an offset on.

    Raises:
        ValueError: If it reaches outside.
    """
    image = _image(image)
    if offset_height + target_height > image.shape[-3] or offset_width + target_width > image.shape[-2]:
        raise ValueError(
            message(
                "The part reaches outside of the image.",
                expected=f"at most {tuple(image.shape[-3:-1])}",
                received=f"offset {(offset_height, offset_width)}, size {(target_height, target_width)}",
            )
        )
    rows = slice(offset_height, offset_height + target_height)
    return image[..., rows, offset_width : offset_width + target_width, :]


def pad_to_bounding_box(
    image: Any, offset_height: int, offset_width: int, target_height: int, target_width: int
) -> Any:
    """Images at an offset inside of larger ones of zeros.

    Raises:
        ValueError: If they do not fit.
    """
    image = _image(image)
    below = target_height - offset_height - image.shape[-3]
    right = target_width - offset_width - image.shape[-2]
    if min(below, right, offset_height, offset_width) < 0:
        raise ValueError(
            message("The image does not fit.", received=f"an image of shape {tuple(image.shape)}")
        )
    width: tuple = ((offset_height, below), (offset_width, right), (0, 0))
    return ops.pad(image, width if len(image.shape) == 3 else ((0, 0), *width))


def central_crop(image: Any, central_fraction: float) -> Any:
    """The central part of images, a fraction of height and width."""
    image = _image(image)
    top = int((image.shape[-3] - image.shape[-3] * central_fraction) / 2)
    left = int((image.shape[-2] - image.shape[-2] * central_fraction) / 2)
    return image[..., top : image.shape[-3] - top, left : image.shape[-2] - left, :]


def crop_and_resize(
    image: Any,
    boxes: Any,
    box_indices: Any,
    crop_size: Any,
    method: str = "bilinear",
    extrapolation_value: float = 0.0,
    name: Any = None,
) -> Any:
    """Boxes (`y1, x1, y2, x2` as shares of height and width) cut out of a batch of images and resized."""
    height, width = (int(s) for s in crop_size)
    return _crop_and_resize(
        image, boxes, box_indices, height=height, width=width, method=method, outside=extrapolation_value
    )


@op(name="crop_and_resize")
def _crop_and_resize(
    image: Any,
    boxes: Any,
    box_indices: Any,
    height: int = 1,
    width: int = 1,
    method: str = "",
    outside: float = 0.0,
) -> Any:
    image, boxes, which = jnp.asarray(image), jnp.asarray(boxes), jnp.asarray(box_indices)
    image = image.astype(jnp.float32)

    def positions(low: Any, high: Any, count: int, size: int) -> Any:
        if count == 1:
            return (0.5 * (low + high) * (size - 1))[:, None]
        return (low * (size - 1))[:, None] + jnp.arange(count) * ((high - low) * (size - 1) / (count - 1))[
            :, None
        ]

    y = positions(boxes[:, 0], boxes[:, 2], height, image.shape[1])
    x = positions(boxes[:, 1], boxes[:, 3], width, image.shape[2])
    inside = ((y >= 0) & (y <= image.shape[1] - 1))[:, :, None] & ((x >= 0) & (x <= image.shape[2] - 1))[
        :, None, :
    ]

    def pick(rows: Any, columns: Any) -> Any:
        rows, columns = jnp.clip(rows, 0, image.shape[1] - 1), jnp.clip(columns, 0, image.shape[2] - 1)
        return image[which[:, None, None], rows.astype(int)[:, :, None], columns.astype(int)[:, None, :]]

    if method == "nearest":
        found = pick(jnp.round(y), jnp.round(x))
    else:
        top, left = jnp.floor(y), jnp.floor(x)
        down, right = (y - top)[:, :, None, None], (x - left)[:, None, :, None]
        upper = pick(top, left) * (1 - right) + pick(top, left + 1) * right
        lower = pick(top + 1, left) * (1 - right) + pick(top + 1, left + 1) * right
        found = upper * (1 - down) + lower * down
    return jnp.where(inside[..., None], found, outside)


def extract_patches(
    images: Any, sizes: Any, strides: Any, rates: Any, padding: str, name: str | None = None
) -> Any:
    """Patches of images, flattened into the channels; sizes, strides and rates are `[1, rows, columns, 1]`."""
    return ops.image.extract_patches(
        images,
        tuple(sizes[1:3]),
        strides=tuple(strides[1:3]),
        dilation_rate=tuple(rates[1:3]),
        padding=padding.lower(),
        data_format="channels_last",
    )


# Orientation ---------------------------------------------------------------------------------------------
def flip_left_right(image: Any) -> Any:
    """Images mirrored from left to right."""
    return ops.flip(_image(image), axis=-2)


def flip_up_down(image: Any) -> Any:
    """Images mirrored from top to bottom."""
    return ops.flip(_image(image), axis=-3)


def transpose(image: Any, name: str | None = None) -> Any:
    """Images with rows and columns swapped."""
    return ops.swapaxes(_image(image), -3, -2)


def rot90(image: Any, k: int = 1, name: str | None = None) -> Any:
    """Images turned k times by 90 degrees against the clock."""
    return ops.rot90(_image(image), k=int(k) % 4, axes=(-3, -2))


def _randomly(image: Any, change: Callable, seed: Any) -> Any:
    """Each image changed with a chance of one half."""
    image = _image(image)
    count = image.shape[:-3]
    coins = operators.less(random.uniform((*count, 1, 1, 1), seed=seed), 0.5)
    return ops.where(coins, change(image), image)


def random_flip_left_right(image: Any, seed: Any = None) -> Any:
    """Images mirrored from left to right with a chance of one half."""
    return _randomly(image, flip_left_right, op_seed(seed))


def random_flip_up_down(image: Any, seed: Any = None) -> Any:
    """Images mirrored from top to bottom with a chance of one half."""
    return _randomly(image, flip_up_down, op_seed(seed))


def stateless_random_flip_left_right(image: Any, seed: Any) -> Any:
    """`random_flip_left_right` by a seed of two integers."""
    return _randomly(image, flip_left_right, _stateless(seed))


def stateless_random_flip_up_down(image: Any, seed: Any) -> Any:
    """`random_flip_up_down` by a seed of two integers."""
    return _randomly(image, flip_up_down, _stateless(seed))


def random_crop(value: Any, size: Any, seed: Any = None, name: str | None = None) -> Any:
    """A part of a tensor, of a given shape, at a random place."""
    return _random_part(value, size, op_seed(seed))


def stateless_random_crop(value: Any, size: Any, seed: Any, name: str | None = None) -> Any:
    """`random_crop` by a seed of two integers."""
    return _random_part(value, size, _stateless(seed))


def _random_part(value: Any, size: Any, seed: Any) -> Any:
    value = ops.convert_to_tensor(value)
    size = tuple(int(s) for s in (np.asarray(size).tolist() if not isinstance(size, (list, tuple)) else size))
    room = np.asarray([d - s for d, s in zip(value.shape, size, strict=True)])
    if (room < 0).any():
        raise ValueError(
            message("The part is larger than the tensor.", expected=str(value.shape), received=str(size))
        )
    share = random.uniform((len(size),), seed=seed)
    start = ops.cast(ops.floor(operators.multiply(share, (room + 1).astype(np.float32))), "int32")
    return ops.slice(value, start, size)


# Colour --------------------------------------------------------------------------------------------------
def convert_image_dtype(image: Any, dtype: Any, saturate: bool = False, name: str | None = None) -> Any:
    """Images in another dtype, scaled: floats are in [0, 1], integers use their positive range."""
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
    factor = (target.max + 1) // (source.max + 1)
    if factor:
        return operators.multiply(ops.cast(image, target), factor)
    return ops.cast(operators.floor_divide(image, (source.max + 1) // (target.max + 1)), target)


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
    """Images as `gain * x ** gamma`."""
    return _on_floats(image, lambda x: operators.multiply(operators.power(x, gamma), gain))


def adjust_hue(image: Any, delta: Any, name: str | None = None) -> Any:
    """RGB images with their hue turned by a share of the circle."""

    def change(x: Any) -> Any:
        hsv = rgb_to_hsv(x)
        hue = operators.mod(operators.add(hsv[..., :1], operators.add(delta, 1.0)), 1.0)
        return hsv_to_rgb(ops.concatenate([hue, hsv[..., 1:]], axis=-1))

    return _on_floats(image, change)


def adjust_saturation(image: Any, saturation_factor: Any, name: str | None = None) -> Any:
    """RGB images with their saturation times a factor."""

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
    """`adjust_brightness` by a random number up to `max_delta` in size."""
    return adjust_brightness(image, _between(-max_delta, max_delta, op_seed(seed)))


def random_contrast(image: Any, lower: float, upper: float, seed: Any = None) -> Any:
    """`adjust_contrast` by a random factor."""
    return adjust_contrast(image, _between(lower, upper, op_seed(seed)))


def random_hue(image: Any, max_delta: float, seed: Any = None) -> Any:
    """`adjust_hue` by a random number up to `max_delta` in size."""
    return adjust_hue(image, _between(-max_delta, max_delta, op_seed(seed)))


def random_saturation(image: Any, lower: float, upper: float, seed: Any = None) -> Any:
    """`adjust_saturation` by a random factor."""
    return adjust_saturation(image, _between(lower, upper, op_seed(seed)))


def stateless_random_brightness(image: Any, max_delta: float, seed: Any) -> Any:
    """`random_brightness` by a seed of two integers."""
    return adjust_brightness(image, _between(-max_delta, max_delta, _stateless(seed)))


def stateless_random_contrast(image: Any, lower: float, upper: float, seed: Any) -> Any:
    """`random_contrast` by a seed of two integers."""
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
    """Peak signal-to-noise ratio of each pair of images, in decibels."""
    a, b = convert_image_dtype(a, "float32"), convert_image_dtype(b, "float32")
    top = (
        convert_image_dtype(max_val, "float32")
        if isinstance(max_val, int) and max_val > 1
        else float(max_val)
    )
    top = 1.0 if isinstance(max_val, int) and max_val > 1 else top
    error = ops.mean(ops.square(operators.subtract(a, b)), axis=(-3, -2, -1))
    return operators.subtract(20 * np.log10(top), operators.multiply(ops.log10(error), 10.0))


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
    """Structural similarity of each pair of images."""
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
