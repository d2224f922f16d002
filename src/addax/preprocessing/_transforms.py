"""Geometric and colour changes of one image array, by SciPy."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax.core.errors import message


def apply_affine_transform(
    x: np.ndarray,
    theta: float = 0,
    tx: float = 0,
    ty: float = 0,
    shear: float = 0,
    zx: float = 1,
    zy: float = 1,
    row_axis: int = 0,
    col_axis: int = 1,
    channel_axis: int = 2,
    fill_mode: str = "nearest",
    cval: float = 0.0,
    order: int = 1,
) -> np.ndarray:
    """Rotate, shift, shear and zoom an image about its middle.

    Args:
        x: The image, of rank 3.
        theta: Rotation in degrees.
        tx: Shift along the rows, in pixels.
        ty: Shift along the columns, in pixels.
        shear: Shear in degrees.
        zx: Zoom along the rows.
        zy: Zoom along the columns.
        row_axis: The axis of rows.
        col_axis: The axis of columns.
        channel_axis: The axis of channels.
        fill_mode: `"constant"`, `"nearest"`, `"reflect"` or `"wrap"`: what stands outside of the image.
        cval: The value outside, for `"constant"`.
        order: Order of the spline between pixels.

    Returns:
        An image of the same shape.
    """
    from scipy import ndimage

    matrix = np.eye(3)
    if theta:
        a = np.deg2rad(theta)
        matrix = matrix @ [[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]]
    if tx or ty:
        matrix = matrix @ [[1, 0, tx], [0, 1, ty], [0, 0, 1]]
    if shear:
        a = np.deg2rad(shear)
        matrix = matrix @ [[1, -np.sin(a), 0], [0, np.cos(a), 0], [0, 0, 1]]
    if zx != 1 or zy != 1:
        matrix = matrix @ np.diag([zx, zy, 1])
    if np.array_equal(matrix, np.eye(3)):
        return x
    channels = np.moveaxis(x, (channel_axis, row_axis, col_axis), (0, 1, 2))
    height, width = channels.shape[1:]
    middle = np.array([[1, 0, height / 2 - 0.5], [0, 1, width / 2 - 0.5], [0, 0, 1]])
    matrix = middle @ matrix @ np.linalg.inv(middle)
    if col_axis > row_axis:  # as tf_keras has it, `tx` and `zx` act on the columns then
        matrix = matrix[[1, 0, 2]][:, [1, 0, 2]]
    linear = matrix[:2, :2]
    shift: Any = matrix[:2, 2]
    moved = np.stack(
        [ndimage.affine_transform(c, linear, shift, order=order, mode=fill_mode, cval=cval) for c in channels]
    )
    return np.moveaxis(moved, (0, 1, 2), (channel_axis, row_axis, col_axis)).astype(x.dtype)


def apply_channel_shift(x: np.ndarray, intensity: float, channel_axis: int = 0) -> np.ndarray:
    """Add a number to all channels, within the image's own range.

    Args:
        x: The image.
        intensity: The number.
        channel_axis: Accepted for tf.keras's sake; all channels move alike.
    """
    return np.clip(x + intensity, x.min(), x.max())


def apply_brightness_shift(x: np.ndarray, brightness: float, scale: bool = True) -> np.ndarray:
    """Multiply the brightness of an image, as Pillow's `ImageEnhance` does.

    Args:
        x: The image.
        brightness: The factor.
        scale: Whether the image is stretched to the range from 0 to 255 first.
    """
    from PIL import ImageEnhance

    from addax.utils import array_to_img, img_to_array

    low, high = float(x.min()), float(x.max())
    local_scale = low < 0 or high > 255
    image = ImageEnhance.Brightness(array_to_img(x, scale=local_scale or scale)).enhance(brightness)
    result = img_to_array(image)
    return result / 255 * (high - low) + low if local_scale and not scale else result


def random_rotation(
    x: Any, rg: float, row_axis: int = 1, col_axis: int = 2, channel_axis: int = 0, **options: Any
) -> Any:
    """Rotate by a random angle within `rg` degrees to either side; see `apply_affine_transform`."""
    theta = np.random.uniform(-rg, rg)
    return _affine(x, row_axis, col_axis, channel_axis, options, theta=theta)


def random_shift(
    x: Any,
    wrg: float,
    hrg: float,
    row_axis: int = 1,
    col_axis: int = 2,
    channel_axis: int = 0,
    **options: Any,
) -> Any:
    """Shift by random parts of width (`wrg`) and height (`hrg`); see `apply_affine_transform`."""
    tx = np.random.uniform(-hrg, hrg) * x.shape[row_axis]
    ty = np.random.uniform(-wrg, wrg) * x.shape[col_axis]
    return _affine(x, row_axis, col_axis, channel_axis, options, tx=tx, ty=ty)


def random_shear(
    x: Any, intensity: float, row_axis: int = 1, col_axis: int = 2, channel_axis: int = 0, **options: Any
) -> Any:
    """Shear by a random angle within `intensity` degrees; see `apply_affine_transform`."""
    return _affine(
        x, row_axis, col_axis, channel_axis, options, shear=np.random.uniform(-intensity, intensity)
    )


def random_zoom(
    x: Any, zoom_range: Any, row_axis: int = 1, col_axis: int = 2, channel_axis: int = 0, **options: Any
) -> Any:
    """Zoom each axis by a random factor between the two of `zoom_range`; see `apply_affine_transform`."""
    if len(zoom_range) != 2:
        raise ValueError(message("`zoom_range`.", expected="two numbers", received=zoom_range))
    zx, zy = (1, 1) if tuple(zoom_range) == (1, 1) else np.random.uniform(zoom_range[0], zoom_range[1], 2)
    return _affine(x, row_axis, col_axis, channel_axis, options, zx=zx, zy=zy)


def random_channel_shift(x: Any, intensity_range: float, channel_axis: int = 0) -> Any:
    """Add a random number within `intensity_range` to all channels; see `apply_channel_shift`."""
    return apply_channel_shift(x, np.random.uniform(-intensity_range, intensity_range), channel_axis)


def random_brightness(x: Any, brightness_range: Any, scale: bool = True) -> Any:
    """Multiply the brightness by a random factor within `brightness_range`; see `apply_brightness_shift`."""
    if len(brightness_range) != 2:
        raise ValueError(message("`brightness_range`.", expected="two numbers", received=brightness_range))
    return apply_brightness_shift(x, np.random.uniform(*brightness_range), scale)


def _affine(x: Any, row: int, col: int, channel: int, options: dict, **move: float) -> Any:
    options = {"order" if k == "interpolation_order" else k: v for k, v in options.items()}
    return apply_affine_transform(x, row_axis=row, col_axis=col, channel_axis=channel, **move, **options)
