"""Filters over images: blur, edges, and the similarity that is measured with them."""

from __future__ import annotations

from typing import Any

from addax.core.errors import message
from addax.engine import op
from addax.engine._jax import jnp, lax
from addax.ops._dtypes import to_float
from addax.ops._image_color import channel_axis

__all__ = ["gaussian_blur", "sobel_edges", "ssim"]


def _channels_last(images: Any, data_format: Any, name: str) -> tuple[Any, bool, bool]:
    """A batch of images with channels last; whether it was one image, and whether the channels came first."""
    first = channel_axis(images, data_format, name) == -3
    single = images.ndim == 3
    images = images[None] if single else images
    return (jnp.moveaxis(images, 1, -1) if first else images), single, first


def _gaussian(size: int, sigma: Any, dtype: Any) -> Any:
    x = jnp.arange(size, dtype=dtype) - (size - 1) / 2
    weights = jnp.exp(-0.5 * jnp.square(x / sigma))
    return weights / jnp.sum(weights)


def convolve_separably(images: Any, rows: Any, columns: Any, padding: str) -> Any:
    """Convolve each channel with `rows` along the height and `columns` along the width."""
    channels = images.shape[-1]
    for window, shape in ((rows, (-1, 1)), (columns, (1, -1))):
        kernel = jnp.tile(window.reshape(*shape, 1, 1), (1, 1, 1, channels)).astype(images.dtype)
        images = lax.conv_general_dilated(
            images,
            kernel,
            (1, 1),
            padding,
            dimension_numbers=("NHWC", "HWIO", "NHWC"),
            feature_group_count=channels,
        )
    return images


def blur(images: Any, kernel_size: Any, sigma: Any) -> Any:
    """Gaussian blur of a batch with channels last, over widths and heights `kernel_size`, `sigma`."""
    columns = _gaussian(int(kernel_size[0]), sigma[0], images.dtype)
    rows = _gaussian(int(kernel_size[1]), sigma[1], images.dtype)
    return convolve_separably(images, rows, columns, "SAME")


@op(dynamic=("sigma",))
def gaussian_blur(
    images: Any, kernel_size: Any = (3, 3), sigma: Any = (1.0, 1.0), data_format: Any = None
) -> Any:
    """Images under a Gaussian filter, with zeros around them.

    Args:
        images: Float tensor of shape `(height, width, channels)` or with a batch before, or channels first.
        kernel_size: Width and height of the filter.
        sigma: Its standard deviations along width and height, in pixels.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.

    Returns:
        A tensor of the same shape.

    Example:
        >>> import addax as keras
        >>> keras.ops.image.gaussian_blur(keras.ops.ones((2, 8, 8, 3))).shape
        TensorShape([2, 8, 8, 3])
    """
    images, single, first = _channels_last(to_float(images), data_format, "gaussian_blur")
    size = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    sigma = jnp.broadcast_to(jnp.asarray(sigma).astype(images.dtype), (2,))
    out = blur(images, size, sigma)
    out = jnp.moveaxis(out, -1, 1) if first else out
    return out[0] if single else out


@op
def sobel_edges(images: Any, data_format: Any = None) -> Any:
    """The differences of brightness along height and width, by Sobel's filters.

    Args:
        images: Float tensor of shape `(batch, height, width, channels)`, or channels first.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.

    Returns:
        A tensor of the shape of `images` and a last axis of size 2: along height, along width.

    Raises:
        ValueError: If the rank is not 4.

    Example:
        >>> import addax as keras
        >>> keras.ops.image.sobel_edges(keras.ops.ones((1, 4, 4, 1))).shape
        TensorShape([1, 4, 4, 1, 2])
    """
    images = to_float(images)
    if images.ndim != 4:
        raise ValueError(
            message(
                "sobel_edges() takes a batch.", expected="rank 4", received=f"shape {tuple(images.shape)}"
            )
        )
    images, _, first = _channels_last(images, data_format, "sobel_edges")
    smooth, difference = jnp.array([1, 2, 1], images.dtype), jnp.array([-1, 0, 1], images.dtype)
    along_height = convolve_separably(images, difference, smooth, "SAME")
    along_width = convolve_separably(images, smooth, difference, "SAME")
    edges = jnp.stack([along_height, along_width], axis=-1)
    return jnp.moveaxis(edges, 3, 1) if first else edges


@op(dynamic=("max_val",))
def ssim(
    image1: Any,
    image2: Any,
    max_val: Any = 1.0,
    filter_size: int = 11,
    filter_sigma: float = 1.5,
    k1: float = 0.01,
    k2: float = 0.03,
    data_format: Any = None,
) -> Any:
    """Structural similarity of two images (Wang et al., 2004), 1 for equal ones.

    Args:
        image1: Tensor of shape `(height, width, channels)` or with a batch before, or channels first.
        image2: A tensor of the same shape.
        max_val: The largest value that a pixel can have.
        filter_size: The side of the Gaussian window.
        filter_sigma: Its standard deviation.
        k1: The first stabilizing constant.
        k2: The second stabilizing constant.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.

    Returns:
        A number for each image.

    Raises:
        ValueError: If the shapes differ.

    Example:
        >>> import addax as keras
        >>> x = keras.random.uniform((2, 16, 16, 3), seed=0)
        >>> keras.ops.image.ssim(x, x).numpy()
        array([1., 1.], dtype=float32)
    """
    likeness, single = _likeness(image1, image2, max_val, filter_size, filter_sigma, k1, k2, data_format)
    out = jnp.mean(likeness, axis=(1, 2, 3)).astype(jnp.asarray(image1).dtype)
    return out[0] if single else out


@op(name="ssim_map")
def ssim_map(
    image1: Any,
    image2: Any,
    max_val: Any = 1.0,
    filter_size: int = 11,
    filter_sigma: float = 1.5,
    k1: float = 0.01,
    k2: float = 0.03,
) -> Any:
    """What `ssim` is the mean of: the similarity at each place of a window, of images with channels last.

    Args:
        image1: Tensor of shape `(height, width, channels)` or with a batch before.
        image2: A tensor of the same shape.
        max_val: The largest value that a pixel can have.
        filter_size: The side of the Gaussian window.
        filter_sigma: Its standard deviation.
        k1: The first stabilizing constant.
        k2: The second stabilizing constant.

    Returns:
        A tensor of shape `(height - filter_size + 1, width - filter_size + 1)`, with the batch before if there is one.
    """
    arguments = (max_val, filter_size, filter_sigma, k1, k2, "channels_last")
    likeness, single = _likeness(image1, image2, *arguments)
    out = jnp.mean(likeness, axis=3).astype(jnp.asarray(image1).dtype)
    return out[0] if single else out


def _likeness(
    image1: Any,
    image2: Any,
    max_val: Any,
    filter_size: int,
    filter_sigma: float,
    k1: float,
    k2: float,
    data_format: Any,
) -> tuple[Any, bool]:
    """The similarity by image, place and channel, and whether a single image was given."""
    constants = (max_val, filter_size, filter_sigma, k1, k2)
    luminance, structure, single = _similarities(image1, image2, constants, data_format)
    return luminance * structure, single


def _similarities(image1: Any, image2: Any, constants: tuple, data_format: Any) -> tuple[Any, Any, bool]:
    """How alike means are, how alike the rest is, and whether a single image was given."""
    max_val, filter_size, filter_sigma, k1, k2 = constants
    x, single, _ = _channels_last(to_float(image1), data_format, "ssim")
    y, _, _ = _channels_last(to_float(image2), data_format, "ssim")
    if x.shape != y.shape:
        raise ValueError(
            message(
                "ssim(): the images differ in shape.",
                received=f"shapes {tuple(x.shape)} and {tuple(y.shape)}",
            )
        )
    window = _gaussian(filter_size, filter_sigma, x.dtype)

    def mean(values: Any) -> Any:
        return convolve_separably(values, window, window, "VALID")

    mean_x, mean_y = mean(x), mean(y)
    variances = mean(x * x) - mean_x**2 + mean(y * y) - mean_y**2
    covariance = mean(x * y) - mean_x * mean_y
    c1, c2 = (k1 * max_val) ** 2, (k2 * max_val) ** 2
    luminance = (2 * mean_x * mean_y + c1) / (mean_x**2 + mean_y**2 + c1)
    return luminance, (2 * covariance + c2) / (variances + c2), single


@op(name="ssim_multiscale")
def multiscale_ssim(
    image1: Any,
    image2: Any,
    max_val: Any,
    powers: tuple[float, ...] = (),
    filter_size: int = 11,
    filter_sigma: float = 1.5,
    k1: float = 0.01,
    k2: float = 0.03,
) -> Any:
    """The product of similarities at several scales, each half as large as the one before.

    Args:
        image1: Tensor of shape `(height, width, channels)` or with a batch before.
        image2: A tensor of the same shape.
        max_val: The largest value that a pixel can have.
        powers: The exponent of each scale.
        filter_size: The side of the Gaussian window.
        filter_sigma: Its standard deviation.
        k1: The first stabilizing constant.
        k2: The second stabilizing constant.

    Returns:
        A number for each image.
    """
    found, constants = [], (max_val, filter_size, filter_sigma, k1, k2)
    single = jnp.ndim(image1) == 3
    first, second = (x[None] if single else x for x in (to_float(image1), to_float(image2)))
    for k in range(len(powers)):
        if k:
            first, second = _halved(first), _halved(second)
        luminance, structure, _ = _similarities(first, second, constants, "channels_last")
        found.append(luminance * structure if k == len(powers) - 1 else structure)
    scales = [jnp.maximum(x.mean((1, 2)), 0) ** power for x, power in zip(found, powers, strict=True)]
    out = jnp.prod(jnp.stack(scales), 0).mean(-1)
    return out[0] if single else out


def _halved(x: Any) -> Any:
    """Means of 2x2 pixels; the last row or column counts twice if there is an odd number."""
    odd = [(0, size % 2) for size in x.shape[1:3]]
    x = jnp.pad(x, ((0, 0), *odd, (0, 0)), mode="edge")
    return (x[:, ::2, ::2] + x[:, 1::2, ::2] + x[:, ::2, 1::2] + x[:, 1::2, 1::2]) / 4
