"""Images in other sizes: scaled, cropped, padded, cut into patches."""

from __future__ import annotations

import itertools
from typing import Any

from addax.core.config import standardize_data_format
from addax.core.errors import message
from addax.engine import op
from addax.engine._jax import jax, jnp, lax
from addax.engine._operators import known_ints
from addax.ops._core import saturated
from addax.ops._dtypes import to_float
from addax.ops._image_color import channel_axis

__all__ = [
    "crop_images",
    "extract_patches",
    "extract_patches_3d",
    "pad_images",
    "resize",
    "scale_and_translate",
]

_RESIZE = ("bilinear", "nearest", "lanczos3", "lanczos5", "bicubic")
_TRANSLATE = ("linear", "bilinear", "trilinear", "cubic", "bicubic", "tricubic", "lanczos3", "lanczos5")


def _check(value: Any, allowed: tuple, what: str) -> None:
    if value not in allowed:
        raise ValueError(message(f"Unknown {what}.", expected=", ".join(map(repr, allowed)), received=value))


def _space(images: Any, data_format: Any, name: str) -> tuple[int, int]:
    """The axes of height and width, from the start."""
    axis = channel_axis(images, data_format, name)
    return (images.ndim - 3, images.ndim - 2) if axis == -1 else (images.ndim - 2, images.ndim - 1)


@op(static=("size",))
def resize(
    images: Any,
    size: Any,
    interpolation: str = "bilinear",
    antialias: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    fill_mode: str = "constant",
    fill_value: float = 0.0,
    data_format: Any = None,
) -> Any:
    """Images scaled to a size.

    Args:
        images: Tensor of shape `(height, width, channels)` or with a batch before, or channels first.
        size: The new height and width.
        interpolation: `"bilinear"`, `"nearest"`, `"bicubic"`, `"lanczos3"` or `"lanczos5"`.
        antialias: Whether to average when the images get smaller.
        crop_to_aspect_ratio: Whether to cut off what has not the proportions of `size`, from the middle out.
        pad_to_aspect_ratio: Whether to add borders until the images have the proportions of `size`.
        fill_mode: How to fill the borders: `"constant"`.
        fill_value: The value of the borders.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.

    Returns:
        A tensor of the same dtype; integers are rounded.

    Raises:
        ValueError: If an argument is wrong.

    Example:
        >>> import addax as keras
        >>> keras.ops.image.resize(keras.ops.ones((2, 4, 4, 3)), (6, 8)).shape
        TensorShape([2, 6, 8, 3])
    """
    images = jnp.asarray(images)
    axes = _space(images, data_format, "resize")
    size = known_ints(size, "size")
    if not isinstance(size, tuple) or len(size) != 2 or min(size) <= 0:
        raise ValueError(
            message("resize(): wrong `size`.", expected="positive height and width", received=size)
        )
    _check(interpolation, _RESIZE, "interpolation")
    _check(fill_mode, ("constant",), "fill_mode")
    if crop_to_aspect_ratio and pad_to_aspect_ratio:
        raise ValueError("Only one of `pad_to_aspect_ratio` & `crop_to_aspect_ratio` can be `True`.")
    original = images.dtype
    if crop_to_aspect_ratio:
        images = _cropped_to(images, axes, size)
    elif pad_to_aspect_ratio:
        images = _padded_to(images, axes, size, fill_value)
    shape = list(images.shape)
    shape[axes[0]], shape[axes[1]] = size
    out = jax.image.resize(images, shape, method=interpolation, antialias=antialias)
    if out.dtype == original:
        return out
    return saturated(jnp.round(out) if jnp.issubdtype(original, jnp.integer) else out, original)


def _cropped_to(images: Any, axes: tuple[int, int], size: tuple[int, int]) -> Any:
    height, width = (images.shape[a] for a in axes)
    wanted = (
        max(min(height, int(width * size[0] / size[1])), 1),
        max(min(width, int(height * size[1] / size[0])), 1),
    )
    for axis, new in zip(axes, wanted, strict=True):
        start = (images.shape[axis] - new) // 2
        images = lax.slice_in_dim(images, start, start + new, axis=axis)
    return images


def _padded_to(images: Any, axes: tuple[int, int], size: tuple[int, int], fill_value: float) -> Any:
    height, width = (images.shape[a] for a in axes)
    wanted = (max(height, int(width * size[0] / size[1])), max(width, int(height * size[1] / size[0])))
    borders = [(0, 0)] * images.ndim
    for axis, new in zip(axes, wanted, strict=True):
        border = (new - images.shape[axis]) // 2
        borders[axis] = (border, border)
    return jnp.pad(images, borders, constant_values=fill_value)


def _two_of_three(before: Any, after: Any, total: Any, names: tuple[str, str, str]) -> None:
    given = {name: value for name, value in zip(names, (before, after, total), strict=True)}
    if list(given.values()).count(None) != 1:
        raise ValueError(message(f"Must specify exactly two of {', '.join(names)}.", received=str(given)))
    for name, value in given.items():
        if value is not None and value < 0:
            raise ValueError(message(f"`{name}` must not be negative.", received=value))


def _not_negative(name: str, *values: int) -> None:
    if min(values) < 0:
        raise ValueError(
            message(
                f"{name}(): the images do not have the size for this.",
                received=f"{', '.join(map(str, values))}",
            )
        )


@op
def pad_images(
    images: Any,
    top_padding: int | None = None,
    left_padding: int | None = None,
    bottom_padding: int | None = None,
    right_padding: int | None = None,
    target_height: int | None = None,
    target_width: int | None = None,
    data_format: Any = None,
) -> Any:
    """Images with zeros around them.

    Args:
        images: Tensor of shape `(height, width, channels)` or with a batch before, or channels first.
        top_padding: Rows above. Give two of top, bottom and height, and two of left, right and width.
        left_padding: Columns on the left.
        bottom_padding: Rows below.
        right_padding: Columns on the right.
        target_height: The new height.
        target_width: The new width.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.

    Raises:
        ValueError: If too much or too little is given, or the images are larger than the target.

    Example:
        >>> import addax as keras
        >>> x = keras.ops.ones((2, 4, 4, 3))
        >>> keras.ops.image.pad_images(x, 1, 2, bottom_padding=1, target_width=8).shape
        TensorShape([2, 6, 8, 3])
    """
    images = jnp.asarray(images)
    axes = _space(images, data_format, "pad_images")
    _two_of_three(
        top_padding, bottom_padding, target_height, ("top_padding", "bottom_padding", "target_height")
    )
    _two_of_three(
        left_padding, right_padding, target_width, ("left_padding", "right_padding", "target_width")
    )
    widths = [(0, 0)] * images.ndim
    sides: list[tuple[int, Any, Any, Any]] = [
        (axes[0], top_padding, bottom_padding, target_height),
        (axes[1], left_padding, right_padding, target_width),
    ]
    for axis, before, after, total in sides:
        size = images.shape[axis]
        first = total - after - size if before is None else before
        last = total - first - size if after is None else after
        _not_negative("pad_images", first, last)
        widths[axis] = (first, last)
    return jnp.pad(images, widths)


@op
def crop_images(
    images: Any,
    top_cropping: int | None = None,
    left_cropping: int | None = None,
    bottom_cropping: int | None = None,
    right_cropping: int | None = None,
    target_height: int | None = None,
    target_width: int | None = None,
    data_format: Any = None,
) -> Any:
    """Images with borders cut off.

    Args:
        images: Tensor of shape `(height, width, channels)` or with a batch before, or channels first.
        top_cropping: Rows off the top. Give two of top, bottom and height, and two of left, right and width.
        left_cropping: Columns off the left.
        bottom_cropping: Rows off the bottom.
        right_cropping: Columns off the right.
        target_height: The new height.
        target_width: The new width.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.

    Raises:
        ValueError: If too much or too little is given, or the images are smaller than the target.

    Example:
        >>> import addax as keras
        >>> x = keras.ops.ones((2, 6, 8, 3))
        >>> keras.ops.image.crop_images(x, 1, 2, target_height=4, target_width=4).shape
        TensorShape([2, 4, 4, 3])
    """
    images = jnp.asarray(images)
    axes = _space(images, data_format, "crop_images")
    _two_of_three(
        top_cropping, bottom_cropping, target_height, ("top_cropping", "bottom_cropping", "target_height")
    )
    _two_of_three(
        left_cropping, right_cropping, target_width, ("left_cropping", "right_cropping", "target_width")
    )
    sides: list[tuple[int, Any, Any, Any]] = [
        (axes[0], top_cropping, bottom_cropping, target_height),
        (axes[1], left_cropping, right_cropping, target_width),
    ]
    for axis, before, after, total in sides:
        size = images.shape[axis]
        first = size - total - after if before is None else before
        length = size - after - first if total is None else total
        _not_negative("crop_images", first, length, size - first - length)
        images = lax.slice_in_dim(images, first, first + length, axis=axis)
    return images


@op(static=("output_shape", "spatial_dims", "method"))
def scale_and_translate(
    images: Any,
    output_shape: Any,
    scale: Any,
    translation: Any,
    spatial_dims: Any,
    method: str,
    antialias: bool = True,
) -> Any:
    """Images scaled and moved: a point x goes to `x * scale + translation`.

    Args:
        images: A float tensor.
        output_shape: The shape of the result.
        scale: Tensor of factors, one for each of `spatial_dims`.
        translation: Tensor of distances in pixels of the result, likewise.
        spatial_dims: The axes that are scaled.
        method: `"linear"`, `"cubic"`, `"lanczos3"` or `"lanczos5"`.
        antialias: Whether to average when the images get smaller.

    Raises:
        ValueError: For an unknown `method`.

    Example:
        >>> import addax as keras
        >>> x = keras.ops.ones((2, 4, 4, 3))
        >>> y = keras.ops.image.scale_and_translate(x, (2, 8, 8, 3), [2.0, 2.0], [0.0, 0.0], (1, 2), "linear")
        >>> y.shape
        TensorShape([2, 8, 8, 3])
    """
    _check(method, _TRANSLATE, "method")
    shape, dims = known_ints(output_shape, "output_shape"), known_ints(spatial_dims, "spatial_dims")
    scale, translation = to_float(scale), to_float(translation)
    return jax.image.scale_and_translate(to_float(images), shape, dims, scale, translation, method, antialias)


def _patches(images: Any, size: tuple, strides: Any, dilation: Any, padding: str, data_format: Any) -> Any:
    """Windows as channels; the order is window, then channel."""
    rank = len(size)
    images = jnp.asarray(images)
    single = images.ndim == rank + 1
    if images.ndim not in (rank + 1, rank + 2):
        raise ValueError(
            message(
                "extract_patches() got the wrong rank.",
                expected=f"rank {rank + 1} or {rank + 2}",
                received=f"shape {tuple(images.shape)}",
            )
        )
    _check(padding.lower(), ("valid", "same"), "padding")
    images = images[None] if single else images
    first = standardize_data_format(data_format) == "channels_first"
    images = jnp.moveaxis(images, 1, -1) if first else images
    strides = _numbers(strides or size, rank, "strides")
    gaps = _numbers(dilation, rank, "dilation_rate")
    spans = [(s - 1) * g + 1 for s, g in zip(size, gaps, strict=True)]
    if padding.lower() == "same":
        pads = lax.padtype_to_pads(images.shape[1:-1], spans, strides, "SAME")
        images = jnp.pad(images, [(0, 0), *pads, (0, 0)])
    counts = [(d - s) // t + 1 for d, s, t in zip(images.shape[1:-1], spans, strides, strict=True)]
    if min(counts) < 1:
        raise ValueError(
            message(
                "extract_patches(): the window does not fit into the image.",
                expected=f"at least {tuple(spans)} pixels",
                received=f"shape {tuple(images.shape)}",
            )
        )
    parts = []
    for place in itertools.product(*(range(s) for s in size)):
        start = [p * g for p, g in zip(place, gaps, strict=True)]
        stop = [s + (n - 1) * t + 1 for s, n, t in zip(start, counts, strides, strict=True)]
        ends = (images.shape[0], *stop, images.shape[-1])
        parts.append(lax.slice(images, (0, *start, 0), ends, (1, *strides, 1)))
    out = jnp.concatenate(parts, axis=-1)
    out = jnp.moveaxis(out, -1, 1) if first else out
    return out[0] if single else out


def _numbers(value: Any, rank: int, name: str) -> tuple:
    numbers = (value,) * rank if isinstance(value, int) else tuple(value)
    if len(numbers) != rank:
        raise ValueError(
            message(f"`{name}` has the wrong length.", expected=f"{rank} integers", received=value)
        )
    return tuple(int(n) for n in numbers)


@op(static=("size",))
def extract_patches(
    images: Any,
    size: Any,
    strides: Any = None,
    dilation_rate: Any = 1,
    padding: str = "valid",
    data_format: Any = None,
) -> Any:
    """The windows of images (or volumes, if `size` has three numbers) as channels.

    Args:
        images: Tensor of shape `(height, width, channels)` or with a batch before, or channels first.
        size: The size of a window, an integer or one for each spatial dimension.
        strides: The step between windows; `size` if None.
        dilation_rate: The distance of neighbours in a window.
        padding: `"valid"` or `"same"`.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.

    Returns:
        Tensor of shape `(batch, rows, columns, window * channels)`, or channels first.

    Raises:
        TypeError: If `size` is neither an integer nor a tuple.
        ValueError: If a length or a rank is wrong.

    Example:
        >>> import addax as keras
        >>> keras.ops.image.extract_patches(keras.ops.ones((2, 4, 4, 3)), 2).shape
        TensorShape([2, 2, 2, 12])
    """
    if not isinstance(size, (int, tuple, list)):
        raise TypeError(message("extract_patches(): wrong `size`.", expected="integers", received=size))
    rank = 2 if isinstance(size, int) else len(size)
    if rank not in (2, 3):
        raise ValueError(
            message("extract_patches(): wrong `size`.", expected="2 or 3 integers", received=size)
        )
    return _patches(images, _numbers(size, rank, "size"), strides, dilation_rate, padding, data_format)


@op(static=("size",))
def extract_patches_3d(
    volumes: Any,
    size: Any,
    strides: Any = None,
    dilation_rate: Any = 1,
    padding: str = "valid",
    data_format: Any = None,
) -> Any:
    """The windows of volumes as channels.

    Args:
        volumes: Tensor of shape `(depth, height, width, channels)` or with a batch before, or channels first.
        size: The size of a window, an integer or three.
        strides: The step between windows; `size` if None.
        dilation_rate: The distance of neighbours in a window.
        padding: `"valid"` or `"same"`.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.

    Returns:
        Tensor of shape `(batch, planes, rows, columns, window * channels)`, or channels first.

    Example:
        >>> import addax as keras
        >>> keras.ops.image.extract_patches_3d(keras.ops.ones((1, 4, 4, 4, 2)), 2).shape
        TensorShape([1, 2, 2, 2, 16])
    """
    return _patches(volumes, _numbers(size, 3, "size"), strides, dilation_rate, padding, data_format)
