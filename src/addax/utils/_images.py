"""Images from files to arrays and back, by Pillow (an optional dependency)."""

from __future__ import annotations

import io
import os
from typing import Any

import numpy as np

from addax.core import config
from addax.core.errors import message

INTERPOLATIONS = (
    "nearest",
    "bilinear",
    "bicubic",
    "lanczos",
    "hamming",
    "box",
    "lanczos3",
    "lanczos5",
    "area",
)


def pillow() -> Any:
    """Pillow's `Image` module.

    Raises:
        ImportError: If Pillow is not installed; the message has the command.
    """
    try:
        from PIL import Image
    except ImportError as error:
        raise ImportError(message("Reading images needs Pillow.", hint="pip install pillow")) from error
    return Image


def _resampling(name: str) -> Any:
    table = pillow().Resampling
    chosen = {"lanczos3": "lanczos", "lanczos5": "lanczos", "area": "box"}.get(name, name)
    if name not in INTERPOLATIONS:
        raise ValueError(
            message("Unknown `interpolation`.", expected=f"one of {INTERPOLATIONS}", received=name)
        )
    return getattr(table, chosen.upper())


def load_img(
    path: Any,
    color_mode: str = "rgb",
    target_size: Any = None,
    interpolation: str = "nearest",
    keep_aspect_ratio: bool = False,
    **legacy: Any,
) -> Any:
    """A picture from a file, as a Pillow image.

    Args:
        path: A path, or a file object.
        color_mode: `"rgb"`, `"rgba"` or `"grayscale"`.
        target_size: `(height, width)` to resize to.
        interpolation: How to resize.
        keep_aspect_ratio: Whether to crop to the target's proportions before resizing.
        **legacy: `grayscale=True`, tf.keras's old argument.

    Raises:
        ValueError: If the mode is unknown.
        OSError: If the file is missing or no image.
    """
    if legacy.pop("grayscale", False):
        color_mode = "grayscale"
    if legacy:
        raise TypeError(f"load_img() got unexpected keyword arguments {sorted(legacy)}.")
    source = io.BytesIO(path.read()) if hasattr(path, "read") else os.fspath(path)
    with pillow().open(source) as file:
        image = _in_mode(file, color_mode)
        image.load()
    if target_size is None:
        return image
    size = (target_size[1], target_size[0])
    if image.size == size:
        return image
    box = _middle(image, size) if keep_aspect_ratio else None
    return image.resize(size, _resampling(interpolation), box=box)


def _in_mode(image: Any, color_mode: str) -> Any:
    if color_mode == "grayscale":
        return image if image.mode in ("L", "I;16", "I") else image.convert("L")
    wanted = {"rgb": "RGB", "rgba": "RGBA"}.get(color_mode)
    if wanted is None:
        raise ValueError(
            message("Unknown `color_mode`.", expected='"grayscale", "rgb" or "rgba"', received=color_mode)
        )
    return image.convert(wanted)


def _middle(image: Any, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """The box of the largest part around the middle that has the proportions of `size`."""
    width, height = image.size
    crop_width = max(min(width, int(height * size[0] / size[1])), 1)
    crop_height = max(min(height, int(width * size[1] / size[0])), 1)
    left, top = (width - crop_width) // 2, (height - crop_height) // 2
    return (left, top, left + crop_width, top + crop_height)


def img_to_array(img: Any, data_format: str | None = None, dtype: Any = None) -> np.ndarray:
    """A Pillow image as an array of shape `(height, width, channels)`, values from 0 to 255.

    Args:
        img: The image.
        data_format: `"channels_last"` or `"channels_first"`.
        dtype: The dtype, the float dtype of the settings if None.
    """
    data_format = config.standardize_data_format(data_format)
    array = np.asarray(img, dtype=dtype or config.floatx())
    if array.ndim == 2:
        array = array[..., None]
    if array.ndim != 3:
        raise ValueError(message("An image has 2 or 3 axes.", received=array))
    return array.transpose(2, 0, 1) if data_format == "channels_first" else array


def array_to_img(x: Any, data_format: str | None = None, scale: bool = True, dtype: Any = None) -> Any:
    """An array as a Pillow image.

    Args:
        x: Shape `(height, width, channels)` with 1, 3 or 4 channels.
        data_format: `"channels_last"` or `"channels_first"`.
        scale: Whether values are stretched to 0 to 255.
        dtype: The dtype to compute in.

    Raises:
        ValueError: For another rank or number of channels.
    """
    data_format = config.standardize_data_format(data_format)
    array = np.asarray(x, dtype=dtype or config.floatx())
    if array.ndim != 3:
        raise ValueError(
            message("An image array has 3 axes.", expected="(height, width, channels)", received=array)
        )
    if data_format == "channels_first":
        array = array.transpose(1, 2, 0)
    if scale:
        array = array - array.min()
        peak = array.max()
        array = array / peak * 255 if peak else array
    channels = array.shape[2]
    if channels == 1:
        mode = "I" if array.max() > 255 else "L"
        return pillow().fromarray(array[:, :, 0].astype("int32" if mode == "I" else "uint8"))
    if channels not in (3, 4):
        raise ValueError(message("An image has 1, 3 or 4 channels.", received=f"{channels} channels"))
    return pillow().fromarray(array.astype("uint8"))


def save_img(
    path: Any,
    x: Any,
    data_format: str | None = None,
    file_format: str | None = None,
    scale: bool = True,
    **kwargs: Any,
) -> None:
    """Write an array as an image file.

    Args:
        path: The file.
        x: The image, of rank 3.
        data_format: `"channels_last"` or `"channels_first"`.
        file_format: The format; that of the file's ending if None.
        scale: Whether the values are stretched to the range from 0 to 255.
        **kwargs: Arguments of Pillow's `Image.save`.
    """
    image = array_to_img(x, data_format, scale)
    if image.mode == "RGBA" and (file_format or str(path)).lower().endswith(("jpg", "jpeg")):
        image = image.convert("RGB")
    image.save(path, format=file_format, **kwargs)


def smart_resize(
    x: Any,
    size: Any,
    interpolation: str = "bilinear",
    data_format: str = "channels_last",
    backend_module: Any = None,
) -> Any:
    """Images resized without distortion: cropped in the middle to the target's proportions, then resized.

    Args:
        x: Shape `(height, width, channels)`, or a batch of such.
        size: `(height, width)`.
        interpolation: How to resize.
        data_format: `"channels_last"` or `"channels_first"`.
        backend_module: Accepted for Keras's sake.

    Returns:
        An array (a tensor for a tensor) of the same rank.
    """
    from addax import ops

    if len(size) != 2:
        raise ValueError(message("`size` must be (height, width).", received=size))
    shape = tuple(x.shape)
    first = -3 if data_format == "channels_last" else -2
    height, width = shape[first], shape[first + 1]
    crop_height = min(height, int(width * size[0] / size[1])) or height
    crop_width = min(width, int(height * size[1] / size[0])) or width
    top, left = (height - crop_height) // 2, (width - crop_width) // 2
    index = [slice(None)] * len(shape)
    index[first] = slice(top, top + crop_height)
    index[first + 1] = slice(left, left + crop_width)
    resized = ops.image.resize(x[tuple(index)], size, interpolation=interpolation, data_format=data_format)
    return resized.numpy() if isinstance(x, np.ndarray) else resized
