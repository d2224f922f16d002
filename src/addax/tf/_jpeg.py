"""What is particular to JPEG files: parts of them, and the damage that they do to an image."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax import ops, random
from addax.core import dtypes
from addax.core.errors import message
from addax.engine import Tensor, TensorSpec
from addax.tf._codecs import _opened, decode_jpeg, encode_jpeg
from addax.tf._image import _image, crop_to_bounding_box
from addax.tf._image_colour import convert_image_dtype
from addax.tf._python import numpy_function
from addax.tf._random import _stateless, op_seed


def extract_jpeg_shape(contents: Any, output_type: Any = "int32", name: str | None = None) -> Tensor:
    """`[height, width, channels]` of a JPEG file.

    Args:
        contents: The bytes of the file, a scalar string.
        output_type: The dtype of the result.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If it is no image.
    """
    image = _opened(contents, ("JPEG",))
    return ops.cast(np.asarray([image.height, image.width, len(image.getbands())], np.int32), output_type)


def decode_and_crop_jpeg(
    contents: Any, crop_window: Any, channels: int = 0, ratio: int = 1, fancy_upscaling: bool = True,
    try_recover_truncated: bool = False, acceptable_fraction: float = 1, dct_method: str = "",
    name: str | None = None,
) -> Tensor:  # fmt: skip
    """A part of a JPEG image, as a uint8 tensor; arguments not described here as for `decode_jpeg`.

    Args:
        contents: The bytes of the file, a scalar string.
        crop_window: `[first row, first column, rows, columns]`.
        channels: 1 for grey, 3 for colours, 0 for what the file has.
        ratio: By how much to scale down: 1, 2, 4 or 8.
        fancy_upscaling: Accepted for TensorFlow's sake, as what follows.
        try_recover_truncated: See `fancy_upscaling`.
        acceptable_fraction: See `fancy_upscaling`.
        dct_method: See `fancy_upscaling`.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If it is no image, or the part reaches outside of it.
    """
    top, left, rows, columns = (int(v) for v in np.asarray(crop_window).tolist())
    return crop_to_bounding_box(decode_jpeg(contents, channels, ratio), top, left, rows, columns)


def adjust_jpeg_quality(image: Any, jpeg_quality: Any, dct_method: str = "", name: str | None = None) -> Any:
    """An image as it comes back from a JPEG file.

    Args:
        image: A tensor of shape `(h, w, 1 or 3)`: uint8, or floats in [0, 1].
        jpeg_quality: How much of the image the file keeps, from 0 to 100.
        dct_method: Accepted for TensorFlow's sake.
        name: Accepted for TensorFlow's sake.

    Returns:
        A tensor of the shape and dtype of the image.

    Raises:
        ValueError: If the image has another shape.

    Example:
        >>> import addax.tf as tf
        >>> tf.image.adjust_jpeg_quality(tf.fill((8, 8, 3), 0.2), 50).dtype
        tf.float32
    """
    image = _image(image)
    if len(image.shape) != 3 or image.shape[-1] not in (1, 3):
        raise ValueError(
            message(
                "A JPEG file holds one image.", expected="shape (h, w, 1 or 3)", received=tuple(image.shape)
            )
        )
    pixels = convert_image_dtype(image, "uint8", saturate=True)
    spec = TensorSpec(tuple(pixels.shape), "uint8")
    found = numpy_function(_through_a_file, [pixels, ops.cast(jpeg_quality, "int32")], spec, stateful=False)
    return convert_image_dtype(found, dtypes.standardize(image.dtype), saturate=True)


def _through_a_file(pixels: np.ndarray, quality: Any) -> np.ndarray:
    return decode_jpeg(encode_jpeg(pixels, quality=int(quality)), pixels.shape[-1]).numpy()


def random_jpeg_quality(image: Any, min_jpeg_quality: int, max_jpeg_quality: int, seed: Any = None) -> Any:
    """`adjust_jpeg_quality` by a random quality.

    Args:
        image: As in `adjust_jpeg_quality`.
        min_jpeg_quality: The lowest quality, from 0.
        max_jpeg_quality: The end of the qualities, up to 100, which is not drawn itself.
        seed: An integer repeats the draws from run to run; None follows the global seed.

    Raises:
        ValueError: If the range is empty.
    """
    return _random_quality(image, min_jpeg_quality, max_jpeg_quality, op_seed(seed))


def stateless_random_jpeg_quality(image: Any, min_jpeg_quality: int, max_jpeg_quality: int, seed: Any) -> Any:
    """`random_jpeg_quality` by a seed of two integers; other arguments as for `random_jpeg_quality`."""
    return _random_quality(image, min_jpeg_quality, max_jpeg_quality, _stateless(seed))


def _random_quality(image: Any, low: int, high: int, seed: Any) -> Any:
    if not 0 <= low < high <= 100:
        raise ValueError(
            message(
                "The range of qualities is empty.",
                expected="0 <= min < max <= 100",
                received=f"{low}, {high}",
            )
        )
    return adjust_jpeg_quality(image, random.randint((), low, high, seed=seed))


__all__ = [
    "adjust_jpeg_quality",
    "decode_and_crop_jpeg",
    "extract_jpeg_shape",
    "random_jpeg_quality",
    "stateless_random_jpeg_quality",
]
