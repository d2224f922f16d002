"""`tf.nn`: the less common windows: morphology, maxima with their places, atrous and transposed convolutions."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from addax import ops
from addax.core.errors import message
from addax.engine import _operators as operators
from addax.engine import op
from addax.engine._jax import jax, jnp, lax
from addax.tf._nn_conv import _conv, _conv_transpose, _layout, _spatial, depthwise_conv2d


def atrous_conv2d(value: Any, filters: Any, rate: int, padding: Any, name: str | None = None) -> Any:
    """`conv2d` with gaps in the windows.

    Args:
        value: A tensor of shape `(n, h, w, in)`.
        filters: A tensor of shape `(kh, kw, in, out)`.
        rate: The distance of neighbours in a window.
        padding: `"SAME"` or `"VALID"`.
        name: Accepted for TensorFlow's sake.
    """
    return _conv(value, filters, 1, padding, "NHWC", rate, 2)


def atrous_conv2d_transpose(
    value: Any, filters: Any, output_shape: Any, rate: int, padding: Any, name: str | None = None
) -> Any:
    """The gradient of `atrous_conv2d` by its input.

    Args:
        value: A tensor of shape `(n, h, w, in)`.
        filters: A tensor of shape `(kh, kw, out, in)`.
        output_shape: The shape of the result.
        rate: The distance of neighbours in a window.
        padding: `"SAME"` or `"VALID"`.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If `atrous_conv2d` would not make the shape of `value` out of `output_shape`.
    """
    return _conv_transpose(value, filters, output_shape, 1, padding, "NHWC", rate, 2)


def conv_transpose(
    input: Any,
    filters: Any,
    output_shape: Any,
    strides: Any,
    padding: Any = "SAME",
    data_format: str | None = None,
    dilations: Any = None,
    name: str | None = None,
) -> Any:
    """The gradient of `convolution` by its input, over as many spatial axes as the filters have.

    Args:
        input: A tensor of the shape that `convolution` gives.
        filters: A tensor of shape `(*window, out, in)`.
        output_shape: The shape of the result.
        strides: Steps of the convolution.
        padding: Its padding.
        data_format: Channels come first if it begins with `"NC"`; last if None.
        dilations: Distances of neighbours in a window; 1 if None.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If the convolution would not make the shape of `input` out of `output_shape`.
    """
    rank = len(filters.shape) - 2
    return _conv_transpose(input, filters, output_shape, strides, padding, data_format, dilations, rank)


def depthwise_conv2d_backprop_input(
    input_sizes: Any, filter: Any, out_backprop: Any, strides: Any, padding: Any, data_format: str = "NHWC",
    dilations: Any = (1, 1, 1, 1), name: str | None = None,
) -> Any:  # fmt: skip
    """The gradient of `depthwise_conv2d` by its input.

    Args:
        input_sizes: The shape of the input.
        filter: Its filters.
        out_backprop: The gradient of its result.
        strides: Its steps.
        padding: Its padding.
        data_format: Its data format.
        dilations: Its dilations.
        name: Accepted for TensorFlow's sake.
    """
    shape = tuple(int(s) for s in np.asarray(input_sizes).tolist())
    options = (strides, padding, data_format, dilations)
    return _depthwise_gradient(ops.zeros(shape), filter, out_backprop, options=_frozen(options))[0]


def depthwise_conv2d_backprop_filter(
    input: Any, filter_sizes: Any, out_backprop: Any, strides: Any, padding: Any, data_format: str = "NHWC",
    dilations: Any = (1, 1, 1, 1), name: str | None = None,
) -> Any:  # fmt: skip
    """The gradient of `depthwise_conv2d` by its filters.

    Args:
        input: Its input.
        filter_sizes: The shape of the filters.
        out_backprop: The gradient of its result.
        strides: Its steps.
        padding: Its padding.
        data_format: Its data format.
        dilations: Its dilations.
        name: Accepted for TensorFlow's sake.
    """
    shape = tuple(int(s) for s in np.asarray(filter_sizes).tolist())
    options = (strides, padding, data_format, dilations)
    return _depthwise_gradient(input, ops.zeros(shape), out_backprop, options=_frozen(options))[1]


def _frozen(value: Any) -> Any:
    return tuple(_frozen(v) for v in value) if isinstance(value, (list, tuple)) else value


@op(name="depthwise_conv2d_gradient")
def _depthwise_gradient(x: Any, filters: Any, gradient: Any, options: Any = ()) -> Any:
    arrays = jnp.asarray(x), jnp.asarray(filters)
    return jax.vjp(lambda x, w: depthwise_conv2d(x, w, *options), *arrays)[1](jnp.asarray(gradient))


# Largest values ------------------------------------------------------------------------------------------
def _windows(x: Any, size: tuple, strides: tuple, rates: tuple, padding: str, fill: Any) -> tuple[Any, Any]:
    """For each window its elements in a new axis before the channels, and where they are, in rows and columns."""
    spread = [(s - 1) * r + 1 for s, r in zip(size, rates, strict=True)]
    before = [0, 0]
    pairs = [(0, 0), (0, 0)]
    if padding.upper() == "SAME":
        for k in range(2):
            total = max((-(-x.shape[k + 1] // strides[k]) - 1) * strides[k] + spread[k] - x.shape[k + 1], 0)
            before[k] = total // 2
            pairs[k] = (before[k], total - before[k])
    padded = jnp.pad(x, ((0, 0), *pairs, (0, 0)), constant_values=fill)
    counts = [(padded.shape[k + 1] - spread[k]) // strides[k] + 1 for k in range(2)]
    parts, places = [], []
    for i, j in itertools.product(*map(range, size)):
        rows, columns = i * rates[0], j * rates[1]
        ends = [start + (n - 1) * s + 1 for start, n, s in zip((rows, columns), counts, strides, strict=True)]
        parts.append(padded[:, rows : ends[0] : strides[0], columns : ends[1] : strides[1]])
        down = np.arange(counts[0])[:, None] * strides[0] + rows - before[0]
        right = np.arange(counts[1]) * strides[1] + columns - before[1]
        places.append(down * x.shape[2] + right)
    return jnp.stack(parts, 3), np.stack(places, -1)


def max_pool_with_argmax(
    input: Any,
    ksize: Any,
    strides: Any,
    padding: str,
    data_format: str = "NHWC",
    output_dtype: Any = "int64",
    include_batch_in_index: bool = False,
    name: str | None = None,
) -> tuple[Any, Any]:
    """The largest value of each window, and where it is.

    Args:
        input: A tensor of shape `(n, h, w, channels)`.
        ksize: The size of a window: a number, one for each spatial axis, or those of batch and channels (1) too.
        strides: Steps between windows, given like `ksize`.
        padding: `"VALID"` or `"SAME"`.
        data_format: `"NHWC"`.
        output_dtype: The dtype of the places; 64 bits become 32.
        include_batch_in_index: Whether places count from the beginning of the batch rather than of the image.
        name: Accepted for TensorFlow's sake.

    Returns:
        `(values, places)`: the place of the element `[y, x, c]` is `(y * w + x) * channels + c`.

    Raises:
        ValueError: If channels come first.

    Example:
        >>> import addax.tf as tf
        >>> found, places = tf.nn.max_pool_with_argmax([[[[1.0], [4.0]], [[2.0], [3.0]]]], 2, 2, "VALID")
        >>> float(found[0, 0, 0, 0]), int(places[0, 0, 0, 0])
        (4.0, 1)
    """
    if _layout(data_format) == "channels_first":
        raise ValueError(message("Places are given for channels in the last axis.", received=data_format))
    options = (_spatial(ksize, 2, False), _spatial(strides, 2, False), padding)
    values, places = _largest(input, options=options, batch=bool(include_batch_in_index))
    return values, ops.cast(places, output_dtype)


@op(name="max_pool_with_argmax")
def _largest(x: Any, options: tuple = (), batch: bool = False) -> Any:
    x = jnp.asarray(x)
    size, strides, padding = options
    lowest = -jnp.inf if jnp.issubdtype(x.dtype, jnp.floating) else jnp.iinfo(x.dtype).min
    parts, places = _windows(x, size, strides, (1, 1), padding, lowest)
    best = jnp.argmax(parts, axis=3)
    where = jnp.take_along_axis(jnp.asarray(places)[None, ..., None], best[:, :, :, None], axis=3)[:, :, :, 0]
    found = where * x.shape[3] + jnp.arange(x.shape[3])
    if batch:
        found = found + (jnp.arange(x.shape[0]) * int(np.prod(x.shape[1:])))[:, None, None, None]
    return jnp.max(parts, axis=3), found.astype(jnp.int32)


def dilation2d(
    input: Any,
    filters: Any,
    strides: Any,
    padding: str,
    data_format: str,
    dilations: Any,
    name: str | None = None,
) -> Any:
    """The largest sum of an element and the filter's value at its place, of each window and channel.

    Args:
        input: A tensor of shape `(n, h, w, channels)`.
        filters: A tensor of shape `(kh, kw, channels)`.
        strides: `[1, rows, columns, 1]` from one window to the next.
        padding: `"SAME"` or `"VALID"`.
        data_format: `"NHWC"`.
        dilations: `[1, rows, columns, 1]` from one element of a window to the next.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If channels come first.
    """
    if _layout(data_format) == "channels_first":
        raise ValueError(message("dilation2d() takes channels in the last axis.", received=data_format))
    steps, rates = (_spatial(value, 2, False) for value in (strides, dilations))
    return _dilated(input, filters, options=(steps, rates, padding))


@op(name="dilation2d")
def _dilated(x: Any, filters: Any, options: tuple = ()) -> Any:
    x, filters = jnp.asarray(x), jnp.asarray(filters)
    strides, rates, padding = options
    parts, _ = _windows(x, filters.shape[:2], strides, rates, padding, -jnp.inf)
    return jnp.max(parts + filters.reshape(-1, filters.shape[-1]), axis=3)


def erosion2d(
    value: Any,
    filters: Any,
    strides: Any,
    padding: str,
    data_format: str,
    dilations: Any,
    name: str | None = None,
) -> Any:
    """The smallest difference of an element and the filter's value at its place, of each window and channel.

    Args:
        value: A tensor of shape `(n, h, w, channels)`.
        filters: As in `dilation2d`.
        strides: As in `dilation2d`.
        padding: As in `dilation2d`.
        data_format: As in `dilation2d`.
        dilations: As in `dilation2d`.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If channels come first.
    """
    turned = ops.flip(ops.convert_to_tensor(filters), axis=(0, 1))
    options = (strides, padding, data_format, dilations)
    return operators.negative(dilation2d(operators.negative(value), turned, *options))


def isotonic_regression(inputs: Any, decreasing: bool = True, axis: int = -1) -> tuple[Any, Any]:
    """The nearest sequence that never rises (or never falls), by the sum of squared differences.

    Args:
        inputs: A float tensor.
        decreasing: Whether the result falls; if False it rises.
        axis: The axis of the sequences.

    Returns:
        `(values, segments)`: the result, and for each element the number of the run of equal values it is in.

    Example:
        >>> import addax.tf as tf
        >>> [t.numpy().tolist() for t in tf.nn.isotonic_regression([[3.0, 1.0, 2.0]])]
        [[[3.0, 1.5, 1.5]], [[0, 1, 1]]]
    """
    return _isotonic(inputs, falling=bool(decreasing), axis=int(axis))


@op(name="isotonic_regression")
def _isotonic(x: Any, falling: bool = True, axis: int = -1) -> Any:
    """By the formula of minima of maxima of means, whose gradient is that of the means."""
    x = jnp.moveaxis(jnp.asarray(x), axis, -1)
    values = -x if falling else x
    size = x.shape[-1]
    sums = jnp.pad(jnp.cumsum(values, -1), [(0, 0)] * (x.ndim - 1) + [(1, 0)])
    first, last = np.arange(size)[:, None], np.arange(size)[None]
    means = (sums[..., None, 1:] - sums[..., :-1, None]) / np.maximum(last - first + 1, 1)
    means = jnp.where(first <= last, means, jnp.inf)
    least = lax.cummin(means, axis=means.ndim - 1, reverse=True)  # over the ends that are not before it
    found = jnp.max(jnp.where(first <= last, least, -jnp.inf), axis=-2)
    jumps = jnp.abs(jnp.diff(found, axis=-1)) > 1e-6 * jnp.maximum(1, jnp.abs(found[..., 1:]))
    segments = jnp.pad(jnp.cumsum(jumps, -1), [(0, 0)] * (x.ndim - 1) + [(1, 0)]).astype(jnp.int32)
    return jnp.moveaxis(-found if falling else found, -1, axis), jnp.moveaxis(segments, -1, axis)


__all__ = [
    "atrous_conv2d",
    "atrous_conv2d_transpose",
    "conv_transpose",
    "depthwise_conv2d_backprop_filter",
    "depthwise_conv2d_backprop_input",
    "dilation2d",
    "erosion2d",
    "isotonic_regression",
    "max_pool_with_argmax",
]
