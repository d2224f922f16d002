"""Colour spaces of images."""

from __future__ import annotations

from typing import Any

from addax.core.config import standardize_data_format
from addax.core.errors import message
from addax.engine import op
from addax.engine._jax import jnp
from addax.ops._dtypes import to_float

__all__ = ["hsv_to_rgb", "rgb_to_grayscale", "rgb_to_hsv"]


def channel_axis(images: Any, data_format: Any, name: str) -> int:
    """The axis of the channels of an image or a batch of images, counted from the end.

    Raises:
        ValueError: If the rank is neither 3 nor 4.
    """
    if images.ndim not in (3, 4):
        raise ValueError(
            message(
                f"{name}() takes an image or a batch of images.",
                expected="rank 3 or 4",
                received=f"shape {tuple(images.shape)}",
            )
        )
    return -1 if standardize_data_format(data_format) == "channels_last" else -3


@op
def rgb_to_grayscale(images: Any, data_format: Any = None) -> Any:
    """The brightness of colours, `0.2989 r + 0.587 g + 0.114 b`.

    Args:
        images: Tensor of shape `(..., height, width, 3)`, or channels first; one channel stays as it is.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.

    Returns:
        A tensor of the same dtype with one channel.

    Raises:
        ValueError: If there are neither 3 channels nor 1.

    Example:
        >>> import addax as keras
        >>> keras.ops.image.rgb_to_grayscale(keras.ops.ones((2, 2, 3))).shape
        TensorShape([2, 2, 1])
    """
    images = jnp.asarray(images)
    axis = channel_axis(images, data_format, "rgb_to_grayscale")
    if images.shape[axis] not in (1, 3):
        raise ValueError(
            message(
                "rgb_to_grayscale(): wrong number of channels.",
                expected="3 channels, or 1",
                received=f"shape {tuple(images.shape)}",
            )
        )
    if images.shape[axis] == 1:
        return images
    floats = to_float(images)
    weights = jnp.array([0.2989, 0.587, 0.114], floats.dtype)
    return jnp.expand_dims(jnp.tensordot(floats, weights, (axis, 0)), axis).astype(images.dtype)


def _planes(images: Any, data_format: Any, name: str) -> tuple[list, int]:
    images = jnp.asarray(images)
    axis = channel_axis(images, data_format, name)
    if not jnp.issubdtype(images.dtype, jnp.floating):
        raise ValueError(
            message(
                f"{name}() takes floats from 0 to 1.", expected="a float dtype", received=images.dtype.name
            )
        )
    return [jnp.squeeze(plane, axis) for plane in jnp.split(images, 3, axis)], axis


@op
def rgb_to_hsv(images: Any, data_format: Any = None) -> Any:
    """Hue, saturation and value of colours.

    Args:
        images: Float tensor of shape `(..., height, width, 3)`, or channels first, from 0 to 1.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.

    Returns:
        A tensor of the same shape, from 0 to 1.

    Raises:
        ValueError: If the dtype is not a float dtype.

    Example:
        >>> import addax as keras
        >>> keras.ops.image.rgb_to_hsv([[[0.0, 0.0, 1.0]]]).numpy().round(3)
        array([[[0.667, 1.   , 1.   ]]], dtype=float32)
    """
    (r, g, b), axis = _planes(images, data_format, "rgb_to_hsv")
    tiny = jnp.finfo(r.dtype).eps
    r, g, b = (jnp.where(jnp.abs(x) < tiny, 0, x) for x in (r, g, b))
    value = jnp.maximum(jnp.maximum(r, g), b)
    spread = value - jnp.minimum(jnp.minimum(r, g), b)
    saturation = jnp.where(value > 0, spread / jnp.where(value > 0, value, 1), 0)
    sixth = 1 / (6 * jnp.where(spread > 0, spread, 1))
    hue = jnp.where(value == g, sixth * (b - r) + 1 / 3, sixth * (r - g) + 2 / 3)
    hue = jnp.where(value == r, sixth * (g - b), hue)
    hue = jnp.where(spread > 0, hue, 0)
    return jnp.stack([jnp.where(hue < 0, hue + 1, hue), saturation, value], axis=axis)


@op
def hsv_to_rgb(images: Any, data_format: Any = None) -> Any:
    """Colours of hue, saturation and value.

    Args:
        images: Float tensor of shape `(..., height, width, 3)`, or channels first, from 0 to 1.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.

    Returns:
        A tensor of the same shape, from 0 to 1.

    Raises:
        ValueError: If the dtype is not a float dtype.

    Example:
        >>> import addax as keras
        >>> keras.ops.image.hsv_to_rgb([[[0.5, 1.0, 1.0]]]).numpy()
        array([[[0., 1., 1.]]], dtype=float32)
    """
    (hue, saturation, value), axis = _planes(images, data_format, "hsv_to_rgb")
    sector = jnp.mod(hue, 1) * 6
    red = jnp.clip(jnp.abs(sector - 3) - 1, 0, 1)
    green = jnp.clip(2 - jnp.abs(sector - 2), 0, 1)
    blue = jnp.clip(2 - jnp.abs(sector - 4), 0, 1)
    return jnp.stack([value * (1 - saturation + saturation * c) for c in (red, green, blue)], axis=axis)
