"""Images as files: JPEG, PNG, GIF, BMP and WebP, by pillow."""

from __future__ import annotations

import io
from typing import Any

import numpy as np

from addax import ops
from addax.core import dtypes
from addax.core.errors import message
from addax.engine import Tensor
from addax.tf._strings import _bytes

_MODES = {1: "L", 3: "RGB", 4: "RGBA"}


def _pillow() -> Any:
    try:
        from PIL import Image
    except ImportError:
        raise ImportError(
            message("Reading and writing images needs pillow.", hint="pip install pillow")
        ) from None
    return Image


def _decode(contents: Any, channels: int, dtype: Any, kinds: tuple[str, ...]) -> Tensor:
    return _as_dtype(_pixels(_opened(contents, kinds), channels), dtype)


def _opened(contents: Any, kinds: tuple[str, ...]) -> Any:
    data: Any = _bytes(contents)[()]
    try:
        image = _pillow().open(io.BytesIO(data))
        image.load()
    except (OSError, SyntaxError) as error:
        raise ValueError(
            message(f"This is no {' or '.join(kinds)} image.", received=f"{len(data)} bytes: {error}")
        ) from None
    return image


def _pixels(image: Any, channels: int) -> np.ndarray:
    if channels:
        if channels not in _MODES:
            raise ValueError(
                message("Wrong number of channels.", expected="0, 1, 3 or 4", received=str(channels))
            )
        if image.mode.startswith("I"):
            return _deep_grey(np.asarray(image).astype(np.uint16)[..., None], channels)
        image = image.convert(_MODES[channels])
    elif image.mode not in ("L", "RGB", "RGBA", "I;16"):
        image = image.convert(
            "RGBA"
            if "A" in image.mode or "transparency" in image.info
            else "L"
            if image.mode == "1"
            else "RGB"
        )
    array = np.asarray(image)
    return array[..., None] if array.ndim == 2 else array


def _deep_grey(array: np.ndarray, channels: int) -> np.ndarray:
    """A grey image of 16 bits in more channels, which pillow would cut down to 8 bits."""
    opaque = np.full_like(array, 65535)
    return np.concatenate([array, *[array] * (min(channels, 3) - 1), *[opaque] * (channels == 4)], axis=-1)


def _as_dtype(array: np.ndarray, dtype: Any) -> Tensor:
    kind = dtypes.standardize(dtype).name
    if kind not in ("uint8", "uint16", "float32"):
        raise ValueError(
            message("Images are not read in this dtype.", expected="uint8, uint16 or float32", received=kind)
        )
    if kind == "uint16" and array.dtype == np.uint8:
        array = array.astype(np.uint16) * 257
    elif kind == "float32":
        array = (array / (255 if array.dtype == np.uint8 else 65535)).astype(np.float32)
    elif kind == "uint8" and array.dtype != np.uint8:
        array = (array >> 8).astype(np.uint8)
    return ops.convert_to_tensor(np.array(array))


def decode_jpeg(
    contents: Any, channels: int = 0, ratio: int = 1, fancy_upscaling: bool = True, try_recover_truncated: bool = False,
    acceptable_fraction: float = 1, dct_method: str = "", name: str | None = None,
) -> Tensor:  # fmt: skip
    """A JPEG image as a uint8 tensor of shape (height, width, channels).

    Args:
        contents: The bytes, a scalar string.
        channels: 1 for grey, 3 for colours, 0 for what the file has.
        ratio: By how much to scale down: 1, 2, 4 or 8.
        fancy_upscaling: Accepted for TensorFlow's sake.
        try_recover_truncated: Accepted for TensorFlow's sake.
        acceptable_fraction: Accepted for TensorFlow's sake.
        dct_method: Accepted for TensorFlow's sake.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If it is no image.
    """
    found = _decode(contents, channels, "uint8", ("JPEG",))
    return found if ratio == 1 else ops.convert_to_tensor(np.asarray(found)[::ratio, ::ratio])


def decode_png(contents: Any, channels: int = 0, dtype: Any = "uint8", name: str | None = None) -> Tensor:
    """A PNG image as a tensor of shape (height, width, channels).

    Args:
        contents: The bytes of the file, a scalar string.
        channels: 1 for grey, 3 for colours, 4 for colours and opacity, 0 for what the file has.
        dtype: `"uint8"` or `"uint16"`: 8-bit images are scaled up for the latter, 16-bit ones down for the former;
            or `"float32"` for values in [0, 1]. Colours of 16 bits are read at 8 bits, grey ones in full.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If it is no image, or for other channels or dtypes.

    Example:
        >>> import addax.tf as tf
        >>> tf.image.decode_png(
        ...     tf.image.encode_png(tf.fill([1, 2, 1], tf.constant(7, "uint8")))
        ... ).numpy().tolist()
        [[[7], [7]]]
    """
    return _decode(contents, channels, dtype, ("PNG",))


def decode_bmp(contents: Any, channels: int = 0, name: str | None = None) -> Tensor:
    """A BMP image as a uint8 tensor of shape (height, width, channels).

    Args:
        contents: The bytes of the file, a scalar string.
        channels: 1 for grey, 3 for colours, 4 for colours and opacity, 0 for what the file has.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If it is no image, or for other channels.
    """
    return _decode(contents, channels, "uint8", ("BMP",))


def decode_webp(contents: Any, channels: int = 0, dtype: Any = "uint8", name: str | None = None) -> Tensor:
    """A WebP image as a tensor of shape (frames, height, width, channels), one frame if it does not move.

    Args:
        contents: The bytes of the file, a scalar string.
        channels: 3 for colours, 4 for colours and opacity, 0 for what the file has.
        dtype: As in `decode_png`.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If it is no image, or for other channels or dtypes.
    """
    image = _opened(contents, ("WebP",))
    from PIL import ImageSequence

    return _as_dtype(np.stack([_pixels(f.copy(), channels) for f in ImageSequence.Iterator(image)]), dtype)


def decode_gif(contents: Any, name: str | None = None) -> Tensor:
    """A GIF as a uint8 tensor of shape (frames, height, width, 3).

    Args:
        contents: The bytes of the file, a scalar string.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If it is no image.
    """
    image = _opened(contents, ("GIF",))
    from PIL import ImageSequence

    return ops.convert_to_tensor(
        np.stack([np.asarray(f.convert("RGB")) for f in ImageSequence.Iterator(image)])
    )


def decode_image(
    contents: Any,
    channels: int | None = None,
    dtype: Any = "uint8",
    name: str | None = None,
    expand_animations: bool = True,
) -> Tensor:
    """An image of any kind; a GIF has frames in front unless `expand_animations` is False.

    Args:
        contents: The bytes of the file, a scalar string.
        channels: 1 for grey, 3 for colours, 4 for colours and opacity, None or 0 for what the file has; a GIF with its
            frames always has 3.
        dtype: `"uint8"`, `"uint16"`, or `"float32"` for values in [0, 1].
        name: Accepted for TensorFlow's sake.
        expand_animations: If False, a GIF gives its first frame, of shape (height, width, channels).

    Raises:
        ValueError: If it is no image, or for other channels or dtypes.
    """
    data: Any = _bytes(contents)[()]
    if data[:4] == b"GIF8" and expand_animations:
        return _as_dtype(np.asarray(decode_gif(contents)), dtype)
    return _decode(contents, channels or 0, dtype, ("JPEG", "PNG", "GIF", "BMP", "WebP"))


def is_jpeg(contents: Any, name: str | None = None) -> Tensor:
    """Whether the bytes are those of a JPEG image, as a scalar bool tensor.

    Args:
        contents: The bytes of the file, a scalar string.
        name: Accepted for TensorFlow's sake.
    """
    return ops.convert_to_tensor(_bytes(contents)[()][:3] == b"\xff\xd8\xff")


def encode_jpeg(
    image: Any, format: str = "", quality: int = 95, progressive: bool = False, optimize_size: bool = False,
    chroma_downsampling: bool = True, density_unit: str = "in", x_density: int = 300, y_density: int = 300,
    xmp_metadata: str = "", name: str | None = None,
) -> Tensor:  # fmt: skip
    """A uint8 image of shape (height, width, channels) as the bytes of a JPEG file.

    Args:
        image: One channel (grey) or three (colours).
        format: Accepted for TensorFlow's sake: the number of channels says it.
        quality: From 0 to 100: how much of the image is kept.
        progressive: Whether the file shows a coarse image first while it is loaded.
        optimize_size: Whether to spend time on a smaller file.
        chroma_downsampling: Whether colours are kept at half the resolution.
        density_unit: Accepted for TensorFlow's sake: no density is written.
        x_density: Accepted for TensorFlow's sake; likewise.
        y_density: Accepted for TensorFlow's sake; likewise.
        xmp_metadata: Accepted for TensorFlow's sake: none is written.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If the image has not rank 3 or no unsigned integers.
    """
    options = {"quality": quality, "progressive": progressive, "optimize": optimize_size}
    return _encode(image, "JPEG", **options, subsampling=2 if chroma_downsampling else 0)


def encode_png(image: Any, compression: int = -1, name: str | None = None) -> Tensor:
    """A uint8 or uint16 image of shape (height, width, channels) as the bytes of a PNG file.

    Args:
        image: From one to four channels of uint8, or one of uint16.
        compression: From 0 (fast, large) to 9 (slow, small); -1 for zlib's own choice.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If the image has not rank 3 or no unsigned integers.
    """
    return _encode(image, "PNG", **({} if compression < 0 else {"compress_level": compression}))


def _encode(image: Any, kind: str, **options: Any) -> Tensor:
    array = np.asarray(ops.convert_to_tensor(image))
    if array.ndim != 3 or array.dtype.kind != "u":
        raise ValueError(
            message(
                f"A {kind} image is written from integers of rank 3.",
                expected="a uint8 tensor of shape (height, width, channels)",
                received=f"shape {array.shape}, dtype {array.dtype}",
            )
        )
    buffer = io.BytesIO()
    _pillow().fromarray(array[..., 0] if array.shape[-1] == 1 else array).save(buffer, kind, **options)
    return ops.convert_to_tensor(buffer.getvalue())
