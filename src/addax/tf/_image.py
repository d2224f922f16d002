"""`tf.image`: resizing, cropping, flipping and colours of images `(height, width, channels)` or batches of them."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any

import numpy as np

from addax import ops, random
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
        method: One of `ResizeMethod`, such as `"nearest"`, `"bilinear"`, `"bicubic"`, `"area"` or `"lanczos3"`.
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
    if kind in ("area", *_KERNELS):
        return _resize_by_weights(floats, size=(height, width), kind=kind, antialias=antialias)
    return ops.image.resize(
        floats, (height, width), interpolation=kind, antialias=antialias, data_format="channels_last"
    )


def _method(method: Any) -> str:
    kind = str(getattr(method, "value", method)).lower()
    known = sorted(m.value for m in ResizeMethod)
    if kind not in known:
        raise ValueError(message("Unknown method of resizing.", expected=", ".join(known), received=kind))
    return kind


@op(name="resize_by_weights")
def _resize_by_weights(x: Any, size: Any = (), kind: str = "area", antialias: bool = False) -> Any:
    """Each new pixel is a mean of those around its place."""
    x = jnp.asarray(x)
    rows, columns = (
        _area_weights(old, new) if kind == "area" else _kernel_weights(old, new, _KERNELS[kind], antialias)
        for old, new in zip(x.shape[-3:-1], size, strict=True)
    )
    return jnp.einsum("ph,...hwc,qw->...pqc", rows, x, columns)


def _gaussian(x: np.ndarray) -> np.ndarray:
    return np.where(x < 1.5, np.exp(-2 * x**2), 0)


def _mitchell(x: np.ndarray) -> np.ndarray:
    """The cubic of Mitchell and Netravali with B = C = 1/3."""
    near, far = ((7 / 6) * x - 2) * x**2 + 8 / 9, ((2 - (7 / 18) * x) * x - 10 / 3) * x + 16 / 9
    return np.where(x < 1, near, np.where(x < 2, far, 0))


_KERNELS = {"gaussian": _gaussian, "mitchellcubic": _mitchell}  # weights by distance, in pixels


def _kernel_weights(size: int, new: int, kernel: Callable, antialias: bool) -> np.ndarray:
    step = size / new
    middles = (np.arange(new) + 0.5) * step
    distance = np.abs(np.arange(size) + 0.5 - middles[:, None]) / (max(step, 1.0) if antialias else 1.0)
    weights = kernel(distance)
    return (weights / weights.sum(1, keepdims=True)).astype(np.float32)


def _area_weights(size: int, new: int) -> np.ndarray:
    edges = np.arange(new + 1) * size / new
    cells = np.arange(size)
    overlap = np.minimum(edges[1:, None], cells + 1) - np.maximum(edges[:-1, None], cells)
    weights = np.maximum(overlap, 0)
    return (weights / weights.sum(1, keepdims=True)).astype(np.float32)


def resize_with_pad(
    image: Any, target_height: int, target_width: int, method: Any = "bilinear", antialias: bool = False
) -> Any:
    """Images made to fit without distortion, with zeros around them.

    Args:
        image: A tensor of shape `(h, w, c)` or `(n, h, w, c)`.
        target_height: The height of the result.
        target_width: Its width.
        method: As in `resize`.
        antialias: Whether to smooth when images get smaller.

    Returns:
        A float32 tensor; the dtype of the images for method `"nearest"`.

    Raises:
        ValueError: If the rank is another or the method is unknown.

    Example:
        >>> import addax.tf as tf
        >>> tf.image.resize_with_pad(tf.ones((2, 4, 1)), 4, 4).numpy()[:, 0, 0].tolist()
        [0.0, 1.0, 1.0, 0.0]
    """
    image = _image(image)
    ratio = max(image.shape[-2] / target_width, image.shape[-3] / target_height)
    height, width = image.shape[-3] / ratio, image.shape[-2] / ratio
    small = resize(image, (int(height), int(width)), method, antialias=antialias)
    top, left = max(int((target_height - height) / 2), 0), max(int((target_width - width) / 2), 0)
    return pad_to_bounding_box(small, top, left, target_height, target_width)


def resize_with_crop_or_pad(image: Any, target_height: int, target_width: int) -> Any:
    """Images cut or padded with zeros around their centre.

    Args:
        image: A tensor of shape `(h, w, c)` or `(n, h, w, c)`.
        target_height: The height of the result.
        target_width: Its width.

    Raises:
        ValueError: If the rank is another.

    Example:
        >>> import addax.tf as tf
        >>> tf.image.resize_with_crop_or_pad(tf.ones((2, 4, 1)), 4, 2).numpy()[:, :, 0].tolist()
        [[0.0, 0.0], [1.0, 1.0], [1.0, 1.0], [0.0, 0.0]]
    """
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

    Args:
        image: A tensor of shape `(h, w, c)` or `(n, h, w, c)`.
        offset_height: The first row of the part.
        offset_width: Its first column.
        target_height: Its number of rows.
        target_width: Its number of columns.

    Raises:
        ValueError: If it reaches outside.

    Example:
        >>> import addax.tf as tf
        >>> tf.image.crop_to_bounding_box(tf.zeros((5, 6, 3)), 1, 2, 3, 4).shape
        TensorShape([3, 4, 3])
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

    Args:
        image: A tensor of shape `(h, w, c)` or `(n, h, w, c)`.
        offset_height: The number of rows of zeros above.
        offset_width: The number of columns of zeros on the left.
        target_height: The height of the result.
        target_width: Its width.

    Raises:
        ValueError: If they do not fit.

    Example:
        >>> import addax.tf as tf
        >>> tf.image.pad_to_bounding_box(tf.ones((1, 1, 1)), 0, 1, 2, 2).numpy()[:, :, 0].tolist()
        [[0.0, 1.0], [0.0, 0.0]]
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
    """Boxes cut out of a batch of images and resized.

    Args:
        image: A tensor of shape `(n, h, w, c)`.
        boxes: Floats of shape `(m, 4)`, each row `y1, x1, y2, x2`, where 0 is the first and 1 the last row or
            column of an image. A box with its ends swapped gives a mirrored part.
        box_indices: m integers: the image of each box.
        crop_size: The height and width of the parts.
        method: `"bilinear"` or `"nearest"`.
        extrapolation_value: The value of pixels outside of the image.
        name: Accepted for TensorFlow's sake.

    Returns:
        A float32 tensor of shape `(m, *crop_size, c)`.

    Raises:
        ValueError: If the method is unknown.

    Example:
        >>> import addax.tf as tf
        >>> image = tf.reshape(tf.range(9.0), (1, 3, 3, 1))
        >>> tf.image.crop_and_resize(image, [[0.0, 0.0, 1.0, 1.0]], [0], (2, 2)).numpy()[0, :, :, 0].tolist()
        [[0.0, 2.0], [6.0, 8.0]]
    """
    if method not in ("bilinear", "nearest"):
        raise ValueError(
            message("Unknown method of resizing.", expected='"bilinear" or "nearest"', received=str(method))
        )
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
    """Patches of images, flattened into the channels.

    Args:
        images: A tensor of shape `(n, h, w, c)`.
        sizes: `[1, rows, columns, 1]` of a patch.
        strides: `[1, rows, columns, 1]` from one patch to the next.
        rates: `[1, rows, columns, 1]` from one pixel of a patch to the next.
        padding: `"VALID"`, or `"SAME"` for zeros around the images.
        name: Accepted for TensorFlow's sake.

    Returns:
        A tensor of shape `(n, new_h, new_w, rows * columns * c)`.

    Raises:
        ValueError: If the padding is unknown.

    Example:
        >>> import addax.tf as tf
        >>> tf.image.extract_patches(
        ...     tf.zeros((1, 4, 4, 3)), [1, 2, 2, 1], strides=[1, 2, 2, 1], rates=[1, 1, 1, 1], padding="VALID"
        ... ).shape
        TensorShape([1, 2, 2, 12])
    """
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
    """Images turned k times by 90 degrees against the clock.

    Args:
        image: A tensor of shape `(h, w, c)` or `(n, h, w, c)`.
        k: An integer; a negative one turns with the clock.
        name: Accepted for TensorFlow's sake.

    Example:
        >>> import addax.tf as tf
        >>> tf.image.rot90(tf.constant([[[1], [2]]])).numpy()[:, :, 0].tolist()
        [[2], [1]]
    """
    return ops.rot90(_image(image), k=int(k) % 4, axes=(-3, -2))


def _randomly(image: Any, change: Callable, seed: Any) -> Any:
    """Each image changed with a chance of one half."""
    image = _image(image)
    count = image.shape[:-3]
    coins = operators.less(random.uniform((*count, 1, 1, 1), seed=seed), 0.5)
    return ops.where(coins, change(image), image)


def random_flip_left_right(image: Any, seed: Any = None) -> Any:
    """Images mirrored from left to right with a chance of one half, each for itself.

    Args:
        image: A tensor of shape `(h, w, c)` or `(n, h, w, c)`.
        seed: An integer repeats the draws from run to run; None follows the global seed.
    """
    return _randomly(image, flip_left_right, op_seed(seed))


def random_flip_up_down(image: Any, seed: Any = None) -> Any:
    """Images mirrored from top to bottom with a chance of one half, each for itself.

    Args:
        image: A tensor of shape `(h, w, c)` or `(n, h, w, c)`.
        seed: An integer repeats the draws from run to run; None follows the global seed.
    """
    return _randomly(image, flip_up_down, op_seed(seed))


def stateless_random_flip_left_right(image: Any, seed: Any) -> Any:
    """`random_flip_left_right` by a seed of two integers."""
    return _randomly(image, flip_left_right, _stateless(seed))


def stateless_random_flip_up_down(image: Any, seed: Any) -> Any:
    """`random_flip_up_down` by a seed of two integers."""
    return _randomly(image, flip_up_down, _stateless(seed))


def random_crop(value: Any, size: Any, seed: Any = None, name: str | None = None) -> Any:
    """A part of a tensor, of a given shape, at a random place.

    Args:
        value: A tensor of rank n.
        size: The shape of the part, n integers.
        seed: An integer repeats the draws from run to run; None follows the global seed.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If the tensor is smaller.
    """
    return _random_part(value, size, op_seed(seed))


def stateless_random_crop(value: Any, size: Any, seed: Any, name: str | None = None) -> Any:
    """`random_crop` by a seed of two integers.

    Args:
        value: A tensor of rank n.
        size: The shape of the part, n integers.
        seed: Two integers; the same ones give the same draw.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If the tensor is smaller, or the seed is not of two integers.
    """
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
