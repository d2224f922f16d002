"""`tf.image`: measures that compare images, and edges in them."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax import ops
from addax.core.errors import message
from addax.engine import _operators as operators
from addax.ops._image_filter import multiscale_ssim, ssim_map
from addax.tf._image import _image
from addax.tf._image_colour import convert_image_dtype


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


_POWERS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)


def ssim_multiscale(
    img1: Any,
    img2: Any,
    max_val: Any,
    power_factors: Any = _POWERS,
    filter_size: int = 11,
    filter_sigma: float = 1.5,
    k1: float = 0.01,
    k2: float = 0.03,
) -> Any:
    """`ssim` of each pair of images at several scales, 1 for equal ones (Wang et al., Asilomar 2003).

    Args:
        img1: A tensor of shape `(h, w, c)` or `(n, h, w, c)`.
        img2: A tensor of the same shape.
        max_val: The largest value that a pixel can have, on the scale of the images, such as 255 for uint8.
        power_factors: The exponent of each scale, from the full size on, each half as large as the one before.
        filter_size: As in `ssim`.
        filter_sigma: As in `ssim`.
        k1: As in `ssim`.
        k2: As in `ssim`.

    Returns:
        A float32 tensor, a scalar or of shape `(n,)`.

    Raises:
        ValueError: If the shapes differ, or the smallest scale is smaller than the window.
    """
    powers = tuple(float(p) for p in power_factors)
    top = convert_image_dtype(ops.cast(max_val, ops.convert_to_tensor(img1).dtype), "float32")
    img1, img2 = convert_image_dtype(img1, "float32"), convert_image_dtype(img2, "float32")
    small = [-(-size // 2 ** (len(powers) - 1)) for size in img1.shape[-3:-1]]
    if min(small) < filter_size:
        raise ValueError(
            message(
                "The images are too small for so many scales.",
                expected=f"at least {filter_size} rows and columns at the smallest scale",
                received=f"images of shape {tuple(img1.shape)}, {tuple(small)} at the smallest of {len(powers)} scales",
                hint="Pass fewer `power_factors` or a smaller `filter_size`.",
            )
        )
    constants = {"filter_size": filter_size, "filter_sigma": filter_sigma, "k1": k1, "k2": k2}
    return multiscale_ssim(img1, img2, top, powers=powers, **constants)


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
