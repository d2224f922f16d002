"""Convolutions in any number of spatial dimensions, and their transposes."""

from __future__ import annotations

from typing import Any

from addax import kernels
from addax.core.config import standardize_data_format
from addax.core.errors import message
from addax.engine import op
from addax.engine._jax import jnp

__all__ = ["conv", "conv_transpose", "depthwise_conv", "separable_conv"]


def _spatial(value: Any, rank: int, name: str) -> tuple:
    """One number for each spatial dimension."""
    if isinstance(value, (tuple, list)):
        if len(value) == 1:
            value = tuple(value) * rank
        if len(value) != rank:
            raise ValueError(
                message(
                    f"`{name}` has the wrong length.",
                    expected=f"an integer or {rank} integers",
                    received=value,
                )
            )
        return tuple(int(v) for v in value)
    return (int(value),) * rank


def _channels(inputs: Any, data_format: str) -> int:
    return inputs.shape[-1 if data_format == "channels_last" else 1]


def _padding(padding: Any) -> Any:
    if not isinstance(padding, str):
        return [tuple(int(p) for p in pair) for pair in padding]
    if padding.lower() not in ("valid", "same"):
        raise ValueError(message("Unknown padding.", expected='"valid" or "same"', received=padding))
    return padding.upper()


def _check_rank(inputs: Any, kernel: Any, name: str) -> int:
    rank = inputs.ndim - 2
    if rank < 1 or kernel.ndim != inputs.ndim:
        raise ValueError(
            message(
                f"{name}() got arrays of the wrong rank.",
                expected="inputs of rank N+2 with N >= 1, and a kernel of the same rank",
                received=f"inputs of shape {tuple(inputs.shape)}, kernel of shape {tuple(kernel.shape)}",
            )
        )
    return rank


def _convolve(
    inputs: Any, kernel: Any, strides: Any, padding: Any, data_format: str, dilation_rate: Any, groups: int
) -> Any:
    rank = inputs.ndim - 2
    return kernels.conv(
        inputs.astype(kernel.dtype),
        kernel,
        _spatial(strides, rank, "strides"),
        _padding(padding),
        _spatial(dilation_rate, rank, "dilation_rate"),
        groups,
        data_format == "channels_last",
    )


def _conv(inputs: Any, kernel: Any, strides: Any, padding: Any, data_format: str, dilation_rate: Any) -> Any:
    inputs, kernel = jnp.asarray(inputs), jnp.asarray(kernel)
    _check_rank(inputs, kernel, "conv")
    channels, wanted = _channels(inputs, data_format), kernel.shape[-2]
    if channels % wanted:
        raise ValueError(
            message(
                "The number of input channels must be evenly divisible by kernel's in_channels.",
                expected=f"a multiple of {wanted} channels, for a kernel of shape {tuple(kernel.shape)}",
                received=f"{channels} channels, inputs of shape {tuple(inputs.shape)} in {data_format}",
            )
        )
    out = _convolve(inputs, kernel, strides, padding, data_format, dilation_rate, channels // wanted)
    if out.size == 0 and inputs.size != 0:
        raise ValueError(
            message(
                "The convolution operation resulted in an empty output.",
                received=f"inputs of shape {tuple(inputs.shape)}, kernel of shape {tuple(kernel.shape)}, "
                f"strides {strides}, padding {padding!r}, dilation_rate {dilation_rate}",
                hint='Use larger inputs, a smaller kernel or padding="same".',
            )
        )
    return out


def _depthwise(
    inputs: Any, kernel: Any, strides: Any, padding: Any, data_format: str, dilation_rate: Any
) -> Any:
    inputs, kernel = jnp.asarray(inputs), jnp.asarray(kernel)
    _check_rank(inputs, kernel, "depthwise_conv")
    channels = _channels(inputs, data_format)
    if channels != kernel.shape[-2]:
        raise _channel_error(inputs, kernel, kernel.shape[-2], data_format)
    kernel = kernel.reshape((*kernel.shape[:-2], 1, channels * kernel.shape[-1]))
    return _convolve(inputs, kernel, strides, padding, data_format, dilation_rate, channels)


def _channel_error(inputs: Any, kernel: Any, wanted: int, data_format: str) -> ValueError:
    return ValueError(
        message(
            "The number of input channels must match the kernel's input channels.",
            expected=f"{wanted} channels, for a kernel of shape {tuple(kernel.shape)}",
            received=f"{_channels(inputs, data_format)} channels, inputs of shape {tuple(inputs.shape)} "
            f"in {data_format}",
        )
    )


@op
def conv(
    inputs: Any,
    kernel: Any,
    strides: Any = 1,
    padding: Any = "valid",
    data_format: Any = None,
    dilation_rate: Any = 1,
) -> Any:
    """Convolution (cross-correlation) over N spatial dimensions, in groups if the kernel has fewer channels.

    Args:
        inputs: Tensor of shape `(batch, *space, channels)`, or channels first.
        kernel: Tensor of shape `(*window, channels / groups, filters)`.
        strides: Steps between windows, an integer or one for each spatial dimension.
        padding: `"valid"` (none) or `"same"` (zeros, so that stride 1 keeps the size); or pairs of integers.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.
        dilation_rate: Distance of neighbours in a window, an integer or one for each spatial dimension.

    Returns:
        Tensor of shape `(batch, *new_space, filters)`, or channels first; dtype of the kernel.

    Raises:
        ValueError: If the channels do not fit the kernel, or the output would be empty.

    Example:
        >>> import addax as keras
        >>> keras.ops.conv(keras.ops.ones((1, 8, 8, 3)), keras.ops.ones((3, 3, 3, 4))).shape
        TensorShape([1, 6, 6, 4])
    """
    return _conv(inputs, kernel, strides, padding, standardize_data_format(data_format), dilation_rate)


@op
def depthwise_conv(
    inputs: Any,
    kernel: Any,
    strides: Any = 1,
    padding: Any = "valid",
    data_format: Any = None,
    dilation_rate: Any = 1,
) -> Any:
    """Convolution of each channel by filters of its own.

    Args:
        inputs: Tensor of shape `(batch, *space, channels)`, or channels first.
        kernel: Tensor of shape `(*window, channels, multiplier)`.
        strides: Steps between windows.
        padding: `"valid"` or `"same"`.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.
        dilation_rate: Distance of neighbours in a window.

    Returns:
        Tensor of shape `(batch, *new_space, channels * multiplier)`, or channels first.

    Raises:
        ValueError: If the numbers of channels differ.

    Example:
        >>> import addax as keras
        >>> keras.ops.depthwise_conv(keras.ops.ones((1, 8, 8, 3)), keras.ops.ones((3, 3, 3, 2))).shape
        TensorShape([1, 6, 6, 6])
    """
    return _depthwise(inputs, kernel, strides, padding, standardize_data_format(data_format), dilation_rate)


@op
def separable_conv(
    inputs: Any,
    depthwise_kernel: Any,
    pointwise_kernel: Any,
    strides: Any = 1,
    padding: Any = "valid",
    data_format: Any = None,
    dilation_rate: Any = 1,
) -> Any:
    """A depthwise convolution, then a convolution with windows of size one.

    Args:
        inputs: Tensor of shape `(batch, *space, channels)`, or channels first.
        depthwise_kernel: Tensor of shape `(*window, channels, multiplier)`.
        pointwise_kernel: Tensor of shape `(*ones, channels * multiplier, filters)`.
        strides: Steps between windows.
        padding: `"valid"` or `"same"`.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.
        dilation_rate: Distance of neighbours in a window.

    Returns:
        Tensor of shape `(batch, *new_space, filters)`, or channels first.

    Example:
        >>> import addax as keras
        >>> x, window = keras.ops.ones((1, 8, 3)), keras.ops.ones((3, 3, 1))
        >>> keras.ops.separable_conv(x, window, keras.ops.ones((1, 3, 5))).shape
        TensorShape([1, 6, 5])
    """
    data_format = standardize_data_format(data_format)
    middle = _depthwise(inputs, depthwise_kernel, strides, padding, data_format, dilation_rate)
    return _conv(middle, pointwise_kernel, 1, "valid", data_format, dilation_rate)


def _transpose_padding(
    window: int, stride: int, dilation: int, padding: str, extra: int | None
) -> tuple[int, int]:
    """Padding of the dilated input, such that the transpose undoes a convolution with this padding."""
    span = (window - 1) * dilation + 1
    if padding == "valid":
        return span - 1, span - 1 + (max(stride - span, 0) if extra is None else extra)
    total = span + stride - 2 if extra is None else span + span % 2 - 2 + extra
    left = min((total + 1) // 2, span - 1)
    return left, total - left


@op
def conv_transpose(
    inputs: Any,
    kernel: Any,
    strides: Any = 1,
    padding: str = "valid",
    output_padding: Any = None,
    data_format: Any = None,
    dilation_rate: Any = 1,
) -> Any:
    """Transposed convolution: the gradient of `conv` with respect to its inputs.

    Args:
        inputs: Tensor of shape `(batch, *space, channels)`, or channels first.
        kernel: Tensor of shape `(*window, filters, channels)`.
        strides: How far the input's elements are spread.
        padding: `"valid"` or `"same"` (size times stride).
        output_padding: Extra size at the end of each dimension; computed if None.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.
        dilation_rate: Distance of neighbours in a window.

    Returns:
        Tensor of shape `(batch, *new_space, filters)`, or channels first.

    Raises:
        ValueError: If the channels do not fit the kernel.

    Example:
        >>> import addax as keras
        >>> x, kernel = keras.ops.ones((1, 4, 4, 3)), keras.ops.ones((3, 3, 8, 3))
        >>> keras.ops.conv_transpose(x, kernel, strides=2, padding="same").shape
        TensorShape([1, 8, 8, 8])
    """
    data_format = standardize_data_format(data_format)
    inputs, kernel = jnp.asarray(inputs), jnp.asarray(kernel)
    rank = _check_rank(inputs, kernel, "conv_transpose")
    if _channels(inputs, data_format) != kernel.shape[-1]:
        raise _channel_error(inputs, kernel, kernel.shape[-1], data_format)
    strides = _spatial(strides, rank, "strides")
    dilation = _spatial(dilation_rate, rank, "dilation_rate")
    extra = (None,) * rank if output_padding is None else _spatial(output_padding, rank, "output_padding")
    name = _padding(padding).lower()
    pads = [_transpose_padding(kernel.shape[i], strides[i], dilation[i], name, extra[i]) for i in range(rank)]
    return kernels.conv_transpose(inputs, kernel, strides, pads, dilation, data_format == "channels_last")
