"""`tf.nn`: convolutions and pooling."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax import ops
from addax.core.errors import message
from addax.engine import _operators as operators
from addax.engine import op
from addax.engine._jax import jax, jnp, lax
from addax.tf._reduce import _end_of_range


def _spatial(value: Any, rank: int, channels_first: bool) -> tuple[int, ...]:
    """The spatial part of strides or sizes, given as one number, one for each axis, or for batch and channels too."""
    if isinstance(value, (int, np.integer)):
        return (int(value),) * rank
    value = [int(v) for v in value]
    if len(value) == rank + 2:
        return tuple(value[2:] if channels_first else value[1:-1])
    if len(value) == 1:
        return tuple(value * rank)
    if len(value) != rank:
        raise ValueError(
            message("Wrong number of sizes.", expected=f"1, {rank} or {rank + 2}", received=str(value))
        )
    return tuple(value)


def _layout(data_format: str | None) -> str:
    first = data_format is not None and data_format.upper().startswith("NC") and len(data_format) > 2
    return "channels_first" if first else "channels_last"


def _pairs(padding: Any, rank: int, first: bool) -> tuple[tuple[int, ...], ...]:
    """The padding of the spatial axes, given as pairs of numbers for these or for batch and channels too."""
    pairs = tuple(tuple(int(v) for v in pair) for pair in padding)
    if len(pairs) == rank:
        return pairs
    return pairs[2:] if first else pairs[1:-1]


def _padded(x: Any, padding: Any, rank: int, layout: str, fill: Any = 0) -> tuple[Any, str]:
    """The input padded by hand if the padding is given as numbers."""
    if isinstance(padding, str):
        return x, padding.lower()
    first = layout == "channels_first"
    inner, outer = _pairs(padding, rank, first), ((0, 0),)
    pairs = (*outer, *outer, *inner) if first else (*outer, *inner, *outer)
    return ops.pad(x, pairs, mode="constant", constant_values=fill), "valid"


def _conv(
    x: Any, filters: Any, strides: Any, padding: Any, data_format: Any, dilations: Any, rank: int
) -> Any:
    layout = _layout(data_format)
    first = layout == "channels_first"
    x, padding = _padded(x, padding, rank, layout)
    dilation = 1 if dilations is None else _spatial(dilations, rank, first)
    return ops.conv(
        x,
        filters,
        strides=_spatial(strides, rank, first),
        padding=padding,
        data_format=layout,
        dilation_rate=dilation,
    )


def conv1d(
    input: Any,
    filters: Any,
    stride: Any,
    padding: Any,
    data_format: str = "NWC",
    dilations: Any = None,
    name: Any = None,
) -> Any:
    """Convolution over one spatial axis.

    Args:
        input: A tensor of shape `(n, w, in)`, or `(n, in, w)` with channels first.
        filters: A tensor of shape `(k, in, out)`.
        stride: Steps between windows: a number, one for each spatial axis, or those of batch and channels too.
        padding: `"SAME"` (zeros, so that a step of 1 keeps the size), `"VALID"` (none), or pairs of numbers for
            the spatial axes or all axes.
        data_format: `"NWC"` or `"NCW"`.
        dilations: Distances of neighbours in a window, given like `stride`; 1 if None.
        name: Accepted for TensorFlow's sake.
    """
    return _conv(input, filters, stride, padding, data_format, dilations, 1)


def conv2d(
    input: Any,
    filters: Any,
    strides: Any,
    padding: Any,
    data_format: str = "NHWC",
    dilations: Any = None,
    name: Any = None,
) -> Any:
    """Convolution over two spatial axes.

    Args:
        input: A tensor of shape `(n, h, w, in)`, or `(n, in, h, w)` with channels first.
        filters: A tensor of shape `(kh, kw, in, out)`.
        strides: Steps between windows: a number, one for each spatial axis, or those of batch and channels too.
        padding: `"SAME"` (zeros, so that a step of 1 keeps the size), `"VALID"` (none), or pairs of numbers for
            the spatial axes or all axes.
        data_format: `"NHWC"` or `"NCHW"`.
        dilations: Distances of neighbours in a window, given like `strides`; 1 if None.
        name: Accepted for TensorFlow's sake.
    """
    return _conv(input, filters, strides, padding, data_format, dilations, 2)


def conv3d(
    input: Any,
    filters: Any,
    strides: Any,
    padding: Any,
    data_format: str = "NDHWC",
    dilations: Any = None,
    name: Any = None,
) -> Any:
    """Convolution over three spatial axes.

    Args:
        input: A tensor of shape `(n, d, h, w, in)`, or `(n, in, d, h, w)` with channels first.
        filters: A tensor of shape `(kd, kh, kw, in, out)`.
        strides: Steps between windows: a number, one for each spatial axis, or those of batch and channels too.
        padding: `"SAME"` (zeros, so that a step of 1 keeps the size), `"VALID"` (none), or pairs of numbers for
            the spatial axes or all axes.
        data_format: `"NDHWC"` or `"NCDHW"`.
        dilations: Distances of neighbours in a window, given like `strides`; 1 if None.
        name: Accepted for TensorFlow's sake.
    """
    return _conv(input, filters, strides, padding, data_format, dilations, 3)


def convolution(
    input: Any,
    filters: Any,
    strides: Any = None,
    padding: Any = "VALID",
    data_format: Any = None,
    dilations: Any = None,
    name: str | None = None,
) -> Any:
    """Convolution over as many spatial axes as the filters have.

    Args:
        input: A tensor of shape `(n, *space, in)`, or `(n, in, *space)` with channels first.
        filters: A tensor of shape `(*window, in, out)`.
        strides: Steps between windows: a number, one for each spatial axis, or those of batch and channels too;
            1 if None.
        padding: `"SAME"` (zeros, so that a step of 1 keeps the size), `"VALID"` (none), or pairs of numbers for
            the spatial axes or all axes.
        data_format: Channels come first if it begins with `"NC"`, as `"NCHW"` does; last if None.
        dilations: Distances of neighbours in a window, given like `strides`; 1 if None.
        name: Accepted for TensorFlow's sake.
    """
    return _conv(
        input,
        filters,
        1 if strides is None else strides,
        padding,
        data_format,
        dilations,
        len(filters.shape) - 2,
    )


def depthwise_conv2d(
    input: Any,
    filter: Any,
    strides: Any,
    padding: Any,
    data_format: Any = None,
    dilations: Any = None,
    name: Any = None,
) -> Any:
    """Convolution over two spatial axes, each channel with filters of its own.

    Args:
        input: A tensor of shape `(n, h, w, channels)`, or `(n, channels, h, w)` with channels first.
        filter: A tensor of shape `(kh, kw, channels, multiplier)`.
        strides: Steps between windows: a number, one for each spatial axis, or those of batch and channels too.
        padding: `"SAME"` (zeros, so that a step of 1 keeps the size), `"VALID"` (none), or pairs of numbers for
            the spatial axes or all axes.
        data_format: `"NHWC"` or `"NCHW"`; the first if None.
        dilations: Distances of neighbours in a window, given like `strides`; 1 if None.
        name: Accepted for TensorFlow's sake.

    Returns:
        A tensor with `channels * multiplier` channels.
    """
    layout = _layout(data_format)
    first = layout == "channels_first"
    x, padding = _padded(input, padding, 2, layout)
    dilation = 1 if dilations is None else _spatial(dilations, 2, first)
    return ops.depthwise_conv(
        x,
        filter,
        strides=_spatial(strides, 2, first),
        padding=padding,
        data_format=layout,
        dilation_rate=dilation,
    )


def separable_conv2d(
    input: Any,
    depthwise_filter: Any,
    pointwise_filter: Any,
    strides: Any,
    padding: Any,
    data_format: Any = None,
    dilations: Any = None,
    name: str | None = None,
) -> Any:
    """A depthwise convolution, its channels then mixed by one of 1x1.

    Args:
        input: A tensor of shape `(n, h, w, channels)`, or `(n, channels, h, w)` with channels first.
        depthwise_filter: A tensor of shape `(kh, kw, channels, multiplier)`.
        pointwise_filter: A tensor of shape `(1, 1, channels * multiplier, out)`.
        strides: Steps of the first: a number, one for each spatial axis, or those of batch and channels too.
        padding: `"SAME"` (zeros, so that a step of 1 keeps the size), `"VALID"` (none), or pairs of numbers for
            the spatial axes or all axes.
        data_format: `"NHWC"` or `"NCHW"`; the first if None.
        dilations: Distances of neighbours in a window of the first, given like `strides`; 1 if None.
        name: Accepted for TensorFlow's sake.
    """
    hidden = depthwise_conv2d(input, depthwise_filter, strides, padding, data_format, dilations)
    return _conv(hidden, pointwise_filter, 1, "VALID", data_format, None, 2)


def conv1d_transpose(
    input: Any,
    filters: Any,
    output_shape: Any,
    strides: Any,
    padding: Any = "SAME",
    data_format: str = "NWC",
    dilations: Any = None,
    name: str | None = None,
) -> Any:
    """The gradient of `conv1d` by its input, which is often called a deconvolution.

    Args:
        input: A tensor of the shape that `conv1d` gives: `(n, w, in)`, or with channels first.
        filters: A tensor of shape `(k, out, in)`.
        output_shape: The shape of the result, all axes with known numbers; the batch is taken from `input`.
        strides: Steps of `conv1d`: a number, one for each spatial axis, or those of batch and channels too.
        padding: The padding of `conv1d`: `"SAME"`, `"VALID"`, or pairs of numbers for the spatial axes or all axes.
        data_format: `"NWC"` or `"NCW"`.
        dilations: Distances of neighbours in a window, given like `strides`; 1 if None.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If `conv1d` would not make the shape of `input` out of `output_shape`.
    """
    return _conv_transpose(input, filters, output_shape, strides, padding, data_format, dilations, 1)


def conv2d_transpose(
    input: Any,
    filters: Any,
    output_shape: Any,
    strides: Any,
    padding: Any = "SAME",
    data_format: str = "NHWC",
    dilations: Any = None,
    name: str | None = None,
) -> Any:
    """The gradient of `conv2d` by its input, which is often called a deconvolution.

    Args:
        input: A tensor of the shape that `conv2d` gives: `(n, h, w, in)`, or with channels first.
        filters: A tensor of shape `(kh, kw, out, in)`.
        output_shape: The shape of the result, all axes with known numbers; the batch is taken from `input`.
        strides: Steps of `conv2d`: a number, one for each spatial axis, or those of batch and channels too.
        padding: The padding of `conv2d`: `"SAME"`, `"VALID"`, or pairs of numbers for the spatial axes or all axes.
        data_format: `"NHWC"` or `"NCHW"`.
        dilations: Distances of neighbours in a window, given like `strides`; 1 if None.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If `conv2d` would not make the shape of `input` out of `output_shape`.

    Example:
        >>> import addax.tf as tf
        >>> tf.nn.conv2d_transpose(tf.ones((1, 2, 2, 1)), tf.ones((3, 3, 5, 1)), (1, 4, 4, 5), strides=2).shape
        TensorShape([1, 4, 4, 5])
    """
    return _conv_transpose(input, filters, output_shape, strides, padding, data_format, dilations, 2)


def conv3d_transpose(
    input: Any,
    filters: Any,
    output_shape: Any,
    strides: Any,
    padding: Any = "SAME",
    data_format: str = "NDHWC",
    dilations: Any = None,
    name: str | None = None,
) -> Any:
    """The gradient of `conv3d` by its input, which is often called a deconvolution.

    Args:
        input: A tensor of the shape that `conv3d` gives: `(n, d, h, w, in)`, or with channels first.
        filters: A tensor of shape `(kd, kh, kw, out, in)`.
        output_shape: The shape of the result, all axes with known numbers; the batch is taken from `input`.
        strides: Steps of `conv3d`: a number, one for each spatial axis, or those of batch and channels too.
        padding: The padding of `conv3d`: `"SAME"`, `"VALID"`, or pairs of numbers for the spatial axes or all axes.
        data_format: `"NDHWC"` or `"NCDHW"`.
        dilations: Distances of neighbours in a window, given like `strides`; 1 if None.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If `conv3d` would not make the shape of `input` out of `output_shape`.
    """
    return _conv_transpose(input, filters, output_shape, strides, padding, data_format, dilations, 3)


def _conv_transpose(
    x: Any,
    filters: Any,
    output_shape: Any,
    strides: Any,
    padding: Any,
    data_format: Any,
    dilations: Any,
    rank: int,
) -> Any:
    layout = _layout(data_format)
    first = layout == "channels_first"
    shape = tuple(int(d) for d in np.asarray(output_shape).tolist())
    dilation = 1 if dilations is None else _spatial(dilations, rank, first)
    return _gradient_of_conv(
        x,
        filters,
        shape=shape,
        strides=_spatial(strides, rank, first),
        padding=padding.upper() if isinstance(padding, str) else _pairs(padding, rank, first),
        layout=layout,
        dilation=dilation if isinstance(dilation, tuple) else (dilation,) * rank,
    )


@op(name="conv_transpose_to_shape")
def _gradient_of_conv(
    x: Any,
    filters: Any,
    shape: Any = (),
    strides: Any = (),
    padding: Any = "SAME",
    layout: str = "",
    dilation: Any = (),
) -> Any:
    x, filters = jnp.asarray(x), jnp.asarray(filters)
    shape = (x.shape[0], *shape[1:])
    letters = "DHW"[-len(strides) :]
    data = f"NC{letters}" if layout == "channels_first" else f"N{letters}C"

    def forward(image: Any) -> Any:
        return lax.conv_general_dilated(
            image,
            filters,
            strides,
            padding,
            rhs_dilation=dilation,
            dimension_numbers=(data, f"{letters}IO", data),
        )

    found = jax.eval_shape(forward, jax.ShapeDtypeStruct(shape, x.dtype))
    if tuple(found.shape) != tuple(x.shape):
        raise ValueError(
            message(
                "`output_shape` does not belong to the input of this transposed convolution.",
                expected=f"an input of shape {tuple(found.shape)}",
                received=f"shape {tuple(x.shape)}",
            )
        )
    return jax.linear_transpose(forward, jax.ShapeDtypeStruct(shape, x.dtype))(x)[0]


def _pool(kind: Any, x: Any, ksize: Any, strides: Any, padding: Any, data_format: Any, rank: int) -> Any:
    layout = _layout(data_format)
    first = layout == "channels_first"
    fill = _end_of_range(x, 0) if kind is ops.max_pool else 0
    x, padding = _padded(x, padding, rank, layout, fill)
    return kind(
        x,
        _spatial(ksize, rank, first),
        strides=_spatial(strides, rank, first),
        padding=padding,
        data_format=layout,
    )


def max_pool1d(
    input: Any, ksize: Any, strides: Any, padding: Any, data_format: str = "NWC", name: Any = None
) -> Any:
    """The largest value of each window of one spatial axis; arguments as for `max_pool`."""
    return _pool(ops.max_pool, input, ksize, strides, padding, data_format, 1)


def max_pool2d(
    input: Any, ksize: Any, strides: Any, padding: Any, data_format: str = "NHWC", name: Any = None
) -> Any:
    """The largest value of each window of two spatial axes; arguments as for `max_pool`."""
    return _pool(ops.max_pool, input, ksize, strides, padding, data_format, 2)


def max_pool3d(
    input: Any, ksize: Any, strides: Any, padding: Any, data_format: str = "NDHWC", name: Any = None
) -> Any:
    """The largest value of each window of three spatial axes; arguments as for `max_pool`."""
    return _pool(ops.max_pool, input, ksize, strides, padding, data_format, 3)


def max_pool(
    input: Any, ksize: Any, strides: Any, padding: Any, data_format: Any = None, name: Any = None
) -> Any:
    """The largest value of each window of all spatial axes.

    Args:
        input: A tensor of shape `(n, *space, channels)`, or `(n, channels, *space)` with channels first.
        ksize: The size of a window: a number, one for each spatial axis, or those of batch and channels (1) too.
        strides: Steps between windows, given like `ksize`.
        padding: `"VALID"` (none), `"SAME"` (as many windows as steps fit into the input), or pairs of numbers for
            the spatial axes or all axes. What is padded is never the largest; in a mean, `"SAME"` leaves it out,
            and pairs of numbers let it count as zeros.
        data_format: Channels come first if it begins with `"NC"`, as `"NCHW"` does; else last.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If a size or a step has another number of axes.

    Example:
        >>> import addax.tf as tf
        >>> tf.nn.max_pool(tf.constant([[[1.0], [3.0], [2.0], [4.0]]]), 2, 2, "VALID").numpy().ravel()
        array([3., 4.], dtype=float32)
    """
    return _pool(ops.max_pool, input, ksize, strides, padding, data_format, len(input.shape) - 2)


def avg_pool1d(
    input: Any, ksize: Any, strides: Any, padding: Any, data_format: str = "NWC", name: Any = None
) -> Any:
    """The mean of each window of one spatial axis; arguments as for `max_pool`."""
    return _pool(ops.average_pool, input, ksize, strides, padding, data_format, 1)


def avg_pool2d(
    input: Any, ksize: Any, strides: Any, padding: Any, data_format: str = "NHWC", name: Any = None
) -> Any:
    """The mean of each window of two spatial axes; arguments as for `max_pool`."""
    return _pool(ops.average_pool, input, ksize, strides, padding, data_format, 2)


def avg_pool3d(
    input: Any, ksize: Any, strides: Any, padding: Any, data_format: str = "NDHWC", name: Any = None
) -> Any:
    """The mean of each window of three spatial axes; arguments as for `max_pool`."""
    return _pool(ops.average_pool, input, ksize, strides, padding, data_format, 3)


def avg_pool(
    input: Any, ksize: Any, strides: Any, padding: Any, data_format: Any = None, name: Any = None
) -> Any:
    """The mean of each window of all spatial axes; arguments as for `max_pool`."""
    return _pool(ops.average_pool, input, ksize, strides, padding, data_format, len(input.shape) - 2)


def pool(
    input: Any,
    window_shape: Any,
    pooling_type: str,
    strides: Any = None,
    padding: Any = "VALID",
    data_format: Any = None,
    dilations: Any = None,
    name: str | None = None,
) -> Any:
    """The largest value or the mean of each window; see `max_pool`.

    Args:
        input: A tensor of shape `(n, *space, channels)`, or `(n, channels, *space)` with channels first.
        window_shape: The size of a window: a number, or one for each spatial axis.
        pooling_type: `"MAX"` or `"AVG"`.
        strides: Steps between windows, given like `window_shape`; 1 if None.
        padding: `"VALID"`, `"SAME"`, or pairs of numbers, as for `max_pool`.
        data_format: Channels come first if it begins with `"NC"`, as `"NCHW"` does; else last.
        dilations: None or 1: windows have no gaps.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If `pooling_type` is another one, or `dilations` asks for gaps.
    """
    kinds = {"MAX": ops.max_pool, "AVG": ops.average_pool}
    if pooling_type.upper() not in kinds:
        raise ValueError(message("Unknown pooling.", expected="'MAX' or 'AVG'", received=repr(pooling_type)))
    if dilations is not None and np.any(np.asarray(dilations) != 1):
        raise ValueError(message("tf.nn.pool() has no gaps in its windows.", expected="dilations of 1"))
    return _pool(
        kinds[pooling_type.upper()],
        input,
        window_shape,
        1 if strides is None else strides,
        padding,
        data_format,
        len(input.shape) - 2,
    )


def bias_add(value: Any, bias: Any, data_format: str | None = None, name: str | None = None) -> Any:
    """Add a vector to the channels.

    Args:
        value: A tensor.
        bias: A tensor of shape `(channels,)`.
        data_format: Channels are the second axis if it begins with `"NC"`, as `"NCHW"` does; else the last.
        name: Accepted for TensorFlow's sake.
    """
    if _layout(data_format) == "channels_first":
        bias = operators.reshape(bias, (1, -1, *(1,) * (len(value.shape) - 2)))
    return operators.add(value, bias)


def space_to_depth(input: Any, block_size: int, data_format: str = "NHWC", name: str | None = None) -> Any:
    """Blocks of pixels moved into channels.

    Args:
        input: A tensor of shape `(n, h, w, channels)`.
        block_size: The side of a block, at least 2.
        data_format: `"NHWC"`, or `"NCHW"` with channels first.
        name: Accepted for TensorFlow's sake.

    Returns:
        A tensor of shape `(n, h / block_size, w / block_size, channels * block_size**2)`.

    Raises:
        ValueError: If height or width are no multiple of `block_size`.
    """
    return ops.space_to_depth(input, block_size, data_format=_layout(data_format))


def depth_to_space(input: Any, block_size: int, data_format: str = "NHWC", name: str | None = None) -> Any:
    """Channels moved into blocks of pixels; the inverse of `space_to_depth`.

    Args:
        input: A tensor of shape `(n, h, w, channels)`.
        block_size: The side of a block, at least 2.
        data_format: `"NHWC"`, or `"NCHW"` with channels first.
        name: Accepted for TensorFlow's sake.

    Returns:
        A tensor of shape `(n, h * block_size, w * block_size, channels / block_size**2)`.

    Raises:
        ValueError: If the channels are no multiple of `block_size**2`.
    """
    return ops.depth_to_space(input, block_size, data_format=_layout(data_format))
