"""Blocks of images to channels and back."""

from __future__ import annotations

import functools
from typing import Any

from addax.core.config import standardize_data_format
from addax.core.errors import message
from addax.engine import op
from addax.engine._jax import jax, jnp, lax
from addax.ops._dtypes import to_float

__all__ = ["depth_to_space", "fold", "polar", "space_to_depth", "unfold"]


def _check_block(x: Any, block_size: Any, name: str) -> Any:
    x = jnp.asarray(x)
    if not isinstance(block_size, int) or block_size < 2:
        raise ValueError(
            message(f"{name}(): wrong `block_size`.", expected="an integer >= 2", received=block_size)
        )
    if x.ndim != 4:
        raise _rank_error(x, 4, name, "images")
    return x


def _rank_error(x: Any, rank: int, name: str, what: str) -> ValueError:
    return ValueError(
        message(f"{name}() takes {what}.", expected=f"rank {rank}", received=f"shape {tuple(x.shape)}")
    )


def _divided(size: int, by: int, name: str, what: str) -> int:
    if size % by:
        raise ValueError(
            message(
                f"{name}(): the {what} does not divide.", expected=f"a multiple of {by}", received=str(size)
            )
        )
    return size // by


@op(static=("block_size",))
def depth_to_space(x: Any, block_size: int, data_format: Any = "channels_last") -> Any:
    """Move channels into blocks of space; the inverse of `space_to_depth`.

    Args:
        x: Tensor of shape `(batch, height, width, channels)`, or channels first.
        block_size: The side of a block, at least 2.
        data_format: `"channels_last"` or `"channels_first"`.

    Returns:
        Tensor of shape `(batch, height * block_size, width * block_size, channels / block_size**2)`.

    Raises:
        ValueError: If the channels are no multiple of `block_size**2`.

    Example:
        >>> import addax as keras
        >>> keras.ops.depth_to_space(keras.ops.ones((1, 2, 2, 8)), 2).shape
        TensorShape([1, 4, 4, 2])
    """
    x = _check_block(x, block_size, "depth_to_space")
    b = block_size
    if standardize_data_format(data_format) == "channels_last":
        n, h, w, c = x.shape
        depth = _divided(c, b * b, "depth_to_space", "number of channels")
        x = x.reshape(n, h, w, b, b, depth).transpose(0, 1, 3, 2, 4, 5)
        return x.reshape(n, h * b, w * b, depth)
    n, c, h, w = x.shape
    depth = _divided(c, b * b, "depth_to_space", "number of channels")
    return x.reshape(n, depth, b, b, h, w).transpose(0, 1, 4, 2, 5, 3).reshape(n, depth, h * b, w * b)


@op(static=("block_size",))
def space_to_depth(x: Any, block_size: int, data_format: Any = "channels_last") -> Any:
    """Move blocks of space into channels.

    Args:
        x: Tensor of shape `(batch, height, width, channels)`, or channels first.
        block_size: The side of a block, at least 2.
        data_format: `"channels_last"` or `"channels_first"`.

    Returns:
        Tensor of shape `(batch, height / block_size, width / block_size, channels * block_size**2)`.

    Raises:
        ValueError: If height or width are no multiple of `block_size`.

    Example:
        >>> import addax as keras
        >>> keras.ops.space_to_depth(keras.ops.ones((1, 4, 4, 2)), 2).shape
        TensorShape([1, 2, 2, 8])
    """
    x = _check_block(x, block_size, "space_to_depth")
    b = block_size
    last = standardize_data_format(data_format) == "channels_last"
    n, h, w, c = x.shape if last else (x.shape[0], *x.shape[2:], x.shape[1])
    rows, columns = _divided(h, b, "space_to_depth", "height"), _divided(w, b, "space_to_depth", "width")
    if last:
        x = x.reshape(n, rows, b, columns, b, c).transpose(0, 1, 3, 2, 4, 5)
        return x.reshape(n, rows, columns, c * b * b)
    x = x.reshape(n, c, rows, b, columns, b).transpose(0, 1, 3, 5, 2, 4)
    return x.reshape(n, c * b * b, rows, columns)


def _pair(value: Any) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else (int(value[0]), int(value[1]))


def _unfold(x: Any, kernel_size: Any, dilation: Any, padding: Any, stride: Any) -> Any:
    kernel, gaps, steps = _pair(kernel_size), _pair(dilation), _pair(stride)
    x = jnp.pad(x, ((0, 0), (0, 0), *((p, p) for p in _pair(padding))))
    spans = [g * (k - 1) + 1 for g, k in zip(gaps, kernel, strict=True)]
    counts = [(d - s) // t + 1 for d, s, t in zip(x.shape[2:], spans, steps, strict=True)]
    if min(counts) < 1:
        raise ValueError(
            message(
                "unfold(): the window does not fit into the image.",
                expected=f"at least {tuple(spans)} pixels",
                received=f"{tuple(x.shape[2:])}, padding included",
            )
        )
    n, c = x.shape[:2]
    parts = []
    for i in range(kernel[0]):
        for j in range(kernel[1]):
            first = (i * gaps[0], j * gaps[1])
            last = [f + (m - 1) * t + 1 for f, m, t in zip(first, counts, steps, strict=True)]
            part = lax.slice(x, (0, 0, *first), (n, c, *last), (1, 1, *steps))
            parts.append(part.reshape(n, c, -1))
    return jnp.stack(parts, axis=2).reshape(n, c * kernel[0] * kernel[1], -1)


@op(static=("kernel_size",))
def unfold(x: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Any:
    """The windows of an image as columns.

    Args:
        x: Tensor of shape `(batch, channels, height, width)`.
        kernel_size: The size of a window, an integer or a pair.
        dilation: The distance of neighbours in a window.
        padding: Zeros on each side.
        stride: The step between windows.

    Returns:
        Tensor of shape `(batch, channels * window, count)`, the channel slowest.

    Raises:
        ValueError: If the rank is not 4, or no window fits.

    Example:
        >>> import addax as keras
        >>> keras.ops.unfold(keras.ops.ones((1, 3, 4, 4)), 2).shape
        TensorShape([1, 12, 9])
    """
    x = jnp.asarray(x)
    if x.ndim != 4:
        raise _rank_error(x, 4, "unfold", "images")
    return _unfold(x, kernel_size, dilation, padding, stride)


@op(static=("output_size", "kernel_size"))
def fold(
    x: Any, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
) -> Any:
    """Add up columns as windows of an image; the transpose of `unfold`.

    Args:
        x: Tensor of shape `(batch, channels * window, count)`.
        output_size: Height and width of the image.
        kernel_size: The size of a window, an integer or a pair.
        dilation: The distance of neighbours in a window.
        padding: Rows and columns on each side that are cut off.
        stride: The step between windows.

    Returns:
        Tensor of shape `(batch, channels, height, width)`.

    Raises:
        ValueError: If the shapes do not fit.

    Example:
        >>> import addax as keras
        >>> columns = keras.ops.unfold(keras.ops.ones((1, 1, 2, 3)), (1, 2))
        >>> keras.ops.fold(columns, (2, 3), (1, 2)).numpy()[0, 0]
        array([[1., 2., 1.],
               [1., 2., 1.]], dtype=float32)
    """
    x = to_float(x)
    if x.ndim != 3:
        raise _rank_error(x, 3, "fold", "columns")
    kernel = _pair(kernel_size)
    channels = _divided(x.shape[1], kernel[0] * kernel[1], "fold", "size of a column")
    image = jax.ShapeDtypeStruct((x.shape[0], channels, *_pair(output_size)), x.dtype)
    cut = functools.partial(_unfold, kernel_size=kernel, dilation=dilation, padding=padding, stride=stride)
    wanted = jax.eval_shape(cut, image).shape
    if wanted != x.shape:
        raise ValueError(
            message(
                "fold(): the columns do not make up the image.",
                expected=f"shape {wanted} for an image of {_pair(output_size)}",
                received=f"shape {tuple(x.shape)}",
            )
        )
    return jax.linear_transpose(cut, image)(x)[0]


@op
def polar(abs_: Any, angle: Any) -> Any:
    """Complex numbers of absolute values and angles.

    Args:
        abs_: Float tensor of absolute values.
        angle: Float tensor of angles in radians.

    Returns:
        A complex tensor of the broadcast shape.

    Example:
        >>> import addax as keras
        >>> complex(keras.ops.polar(2.0, 0.0))
        (2+0j)
    """
    abs_, angle = to_float(abs_), to_float(angle)
    return lax.complex(*jnp.broadcast_arrays(abs_ * jnp.cos(angle), abs_ * jnp.sin(angle)))
