"""`tf.nn`: convolutions and pooling."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax import ops
from addax.core.errors import message
from addax.engine import _operators as operators
from addax.engine import op
from addax.engine._jax import jax, jnp, lax


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


def _padded(x: Any, padding: Any, rank: int, layout: str) -> tuple[Any, str]:
    """The input padded by hand if the padding is given as numbers."""
    if isinstance(padding, str):
        return x, padding.lower()
    pairs = [tuple(int(v) for v in pair) for pair in padding]
    if len(pairs) == rank:
        outer = [(0, 0)]
        pairs = [*outer, *outer, *pairs] if layout == "channels_first" else [*outer, *pairs, *outer]
    return ops.pad(x, tuple(pairs)), "valid"


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
    """Convolution over one spatial axis: input `(n, w, in)`, filters `(k, in, out)`."""
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
        input: Images of shape `(n, h, w, in)`, or `(n, in, h, w)` for data format `"NCHW"`.
        filters: A tensor of shape `(kh, kw, in, out)`.
        strides: A number, two, or four with those of batch and channels.
        padding: `"SAME"`, `"VALID"`, or pairs of numbers.
        data_format: `"NHWC"` or `"NCHW"`.
        dilations: Like `strides`; none if None.
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
    """Convolution over three spatial axes: input `(n, d, h, w, in)`, filters `(kd, kh, kw, in, out)`."""
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
    """Convolution over as many spatial axes as the filters have."""
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
    """Each channel convolved with its own filters: input `(n, h, w, c)`, filter `(kh, kw, c, multiplier)`."""
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
    """A depthwise convolution followed by one of 1x1."""
    hidden = depthwise_conv2d(input, depthwise_filter, strides, padding, data_format, dilations)
    return _conv(hidden, pointwise_filter, 1, "VALID", data_format, None, 2)


def conv1d_transpose(
    input: Any,
    filters: Any,
    output_shape: Any,
    strides: Any,
    padding: str = "SAME",
    data_format: str = "NWC",
    dilations: Any = None,
    name: str | None = None,
) -> Any:
    """The gradient of `conv1d` by its input: filters `(k, out, in)`."""
    return _conv_transpose(input, filters, output_shape, strides, padding, data_format, dilations, 1)


def conv2d_transpose(
    input: Any,
    filters: Any,
    output_shape: Any,
    strides: Any,
    padding: str = "SAME",
    data_format: str = "NHWC",
    dilations: Any = None,
    name: str | None = None,
) -> Any:
    """The gradient of `conv2d` by its input: filters `(kh, kw, out, in)`, result of shape `output_shape`."""
    return _conv_transpose(input, filters, output_shape, strides, padding, data_format, dilations, 2)


def conv3d_transpose(
    input: Any,
    filters: Any,
    output_shape: Any,
    strides: Any,
    padding: str = "SAME",
    data_format: str = "NDHWC",
    dilations: Any = None,
    name: str | None = None,
) -> Any:
    """The gradient of `conv3d` by its input: filters `(kd, kh, kw, out, in)`."""
    return _conv_transpose(input, filters, output_shape, strides, padding, data_format, dilations, 3)


def _conv_transpose(
    x: Any,
    filters: Any,
    output_shape: Any,
    strides: Any,
    padding: str,
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
        padding=padding.lower(),
        layout=layout,
        dilation=dilation if isinstance(dilation, tuple) else (dilation,) * rank,
    )


@op(name="conv_transpose_to_shape")
def _gradient_of_conv(
    x: Any,
    filters: Any,
    shape: Any = (),
    strides: Any = (),
    padding: str = "same",
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
            padding.upper(),
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
    x, padding = _padded(x, padding, rank, layout)
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
    """The largest value of each window of one spatial axis."""
    return _pool(ops.max_pool, input, ksize, strides, padding, data_format, 1)


def max_pool2d(
    input: Any, ksize: Any, strides: Any, padding: Any, data_format: str = "NHWC", name: Any = None
) -> Any:
    """The largest value of each window of two spatial axes."""
    return _pool(ops.max_pool, input, ksize, strides, padding, data_format, 2)


def max_pool3d(
    input: Any, ksize: Any, strides: Any, padding: Any, data_format: str = "NDHWC", name: Any = None
) -> Any:
    """The largest value of each window of three spatial axes."""
    return _pool(ops.max_pool, input, ksize, strides, padding, data_format, 3)


def max_pool(
    input: Any, ksize: Any, strides: Any, padding: Any, data_format: Any = None, name: Any = None
) -> Any:
    """The largest value of each window of all spatial axes."""
    return _pool(ops.max_pool, input, ksize, strides, padding, data_format, len(input.shape) - 2)


def avg_pool1d(
    input: Any, ksize: Any, strides: Any, padding: Any, data_format: str = "NWC", name: Any = None
) -> Any:
    """The mean of each window of one spatial axis."""
    return _pool(ops.average_pool, input, ksize, strides, padding, data_format, 1)


def avg_pool2d(
    input: Any, ksize: Any, strides: Any, padding: Any, data_format: str = "NHWC", name: Any = None
) -> Any:
    """The mean of each window of two spatial axes."""
    return _pool(ops.average_pool, input, ksize, strides, padding, data_format, 2)


def avg_pool3d(
    input: Any, ksize: Any, strides: Any, padding: Any, data_format: str = "NDHWC", name: Any = None
) -> Any:
    """The mean of each window of three spatial axes."""
    return _pool(ops.average_pool, input, ksize, strides, padding, data_format, 3)


def avg_pool(
    input: Any, ksize: Any, strides: Any, padding: Any, data_format: Any = None, name: Any = None
) -> Any:
    """The mean of each window of all spatial axes."""
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
    """The largest value or the mean of each window (`"MAX"` or `"AVG"`)."""
    kind = ops.max_pool if pooling_type.upper() == "MAX" else ops.average_pool
    return _pool(
        kind,
        input,
        window_shape,
        1 if strides is None else strides,
        padding,
        data_format,
        len(input.shape) - 2,
    )


def bias_add(value: Any, bias: Any, data_format: str | None = None, name: str | None = None) -> Any:
    """Add a vector to the channels."""
    if _layout(data_format) == "channels_first":
        bias = operators.reshape(bias, (1, -1, *(1,) * (len(value.shape) - 2)))
    return operators.add(value, bias)


def space_to_depth(input: Any, block_size: int, data_format: str = "NHWC", name: str | None = None) -> Any:
    """Blocks of pixels moved into channels."""
    return ops.space_to_depth(input, block_size, data_format=_layout(data_format))


def depth_to_space(input: Any, block_size: int, data_format: str = "NHWC", name: str | None = None) -> Any:
    """Channels moved into blocks of pixels."""
    return ops.depth_to_space(input, block_size, data_format=_layout(data_format))
