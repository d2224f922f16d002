"""Pooling in any number of spatial dimensions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from addax import kernels
from addax.core.config import standardize_data_format
from addax.core.errors import message
from addax.engine import op
from addax.engine._jax import jnp
from addax.ops._dtypes import to_float

__all__ = ["adaptive_average_pool", "adaptive_max_pool", "average_pool", "max_pool"]


def _window(value: Any, rank: int, name: str) -> tuple:
    """Sizes for every spatial axis."""
    sizes = tuple(value) if isinstance(value, (tuple, list)) else (value,) * rank
    if len(sizes) == 1:
        sizes = sizes * rank
    if len(sizes) != rank:
        raise ValueError(
            message(
                f"`{name}` has the wrong length.", expected=f"an integer or {rank} integers", received=value
            )
        )
    sizes = tuple(int(s) for s in sizes)
    return sizes


def _padding(padding: str) -> str:
    if padding.lower() not in ("valid", "same"):
        raise ValueError(message("Unknown padding.", expected='"valid" or "same"', received=padding))
    return padding.upper()


def _arguments(inputs: Any, pool_size: Any, strides: Any, data_format: Any) -> tuple:
    data_format = standardize_data_format(data_format)
    inputs = jnp.asarray(inputs)
    rank = inputs.ndim - 2
    if rank < 1:
        raise ValueError(
            message(
                "Pooling needs spatial dimensions.",
                expected="rank 3 or more",
                received=f"shape {inputs.shape}",
            )
        )
    window = _window(pool_size, rank, "pool_size")
    steps = window if strides is None else _window(strides, rank, "strides")
    return inputs, window, steps, data_format == "channels_last"


@op(static=("pool_size",))
def max_pool(
    inputs: Any, pool_size: Any, strides: Any = None, padding: str = "valid", data_format: Any = None
) -> Any:
    """The largest value of each window.

    Args:
        inputs: Tensor of shape `(batch, *space, channels)`, or channels first.
        pool_size: Size of the window, an integer or one for each spatial dimension.
        strides: Steps between windows; `pool_size` if None.
        padding: `"valid"` or `"same"`.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.

    Returns:
        Tensor of shape `(batch, *new_space, channels)`, or channels first.

    Example:
        >>> import addax as keras
        >>> keras.ops.max_pool([[[1.0], [3.0], [2.0], [4.0]]], 2).numpy().ravel()
        array([3., 4.], dtype=float32)
    """
    inputs, window, steps, last = _arguments(inputs, pool_size, strides, data_format)
    return kernels.max_windows(inputs, window, steps, _padding(padding), last)


@op(static=("pool_size",))
def average_pool(
    inputs: Any, pool_size: Any, strides: Any = None, padding: str = "valid", data_format: Any = None
) -> Any:
    """The mean of each window; padding does not count.

    Args:
        inputs: Tensor of shape `(batch, *space, channels)`, or channels first.
        pool_size: Size of the window, an integer or one for each spatial dimension.
        strides: Steps between windows; `pool_size` if None.
        padding: `"valid"` or `"same"`.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.

    Returns:
        Tensor of shape `(batch, *new_space, channels)`, or channels first.

    Example:
        >>> import addax as keras
        >>> keras.ops.average_pool([[[1.0], [3.0], [2.0], [4.0]]], 2).numpy().ravel()
        array([2., 3.], dtype=float32)
    """
    inputs, window, steps, last = _arguments(inputs, pool_size, strides, data_format)
    inputs, padding = to_float(inputs), _padding(padding)
    sums = kernels.sum_windows(inputs, window, steps, padding, last)
    if padding == "VALID":
        return sums / math.prod(window)
    space = inputs.shape[1:-1] if last else inputs.shape[2:]
    ones = jnp.ones((1, *space, 1) if last else (1, 1, *space), inputs.dtype)
    return sums / kernels.sum_windows(ones, window, steps, padding, last)


def _adaptive(inputs: Any, output_size: Any, data_format: Any, reduce: Callable) -> Any:
    """Reduce `n` windows along each spatial axis; window i goes from floor(i*d/n) to ceil((i+1)*d/n)."""
    data_format = standardize_data_format(data_format)
    inputs = jnp.asarray(inputs)
    rank = inputs.ndim - 2
    sizes = tuple(output_size) if isinstance(output_size, (tuple, list)) else (output_size,) * rank
    if not 1 <= rank <= 3 or len(sizes) != rank:
        raise ValueError(
            message(
                "Adaptive pooling takes one to three spatial dimensions.",
                expected="inputs of rank 3, 4 or 5, and an output size for each spatial dimension",
                received=f"shape {tuple(inputs.shape)}, output_size={output_size}",
            )
        )
    first = 1 if data_format == "channels_last" else 2
    for axis, size in enumerate(sizes, start=first):
        inputs = _adaptive_axis(inputs, axis, size, reduce)
    return inputs


def _adaptive_axis(inputs: Any, axis: int, size: int, reduce: Callable) -> Any:
    dim = inputs.shape[axis]
    steps = np.arange(size)
    starts, stops = steps * dim // size, -((steps + 1) * -dim // size)
    longest = int((stops - starts).max())
    index = starts[:, None] + np.arange(longest)
    inside = index < stops[:, None]
    windows = jnp.take(inputs, np.minimum(index, dim - 1).reshape(-1), axis=axis)
    windows = windows.reshape((*inputs.shape[:axis], size, longest, *inputs.shape[axis + 1 :]))
    shape = [1] * windows.ndim
    shape[axis], shape[axis + 1] = size, longest
    return reduce(windows, inside.reshape(shape), axis + 1)


def _mean_inside(windows: Any, inside: np.ndarray, axis: int) -> Any:
    counts = inside.sum(axis=axis).astype(np.float32)
    sums = jnp.sum(jnp.where(inside, to_float(windows), 0), axis=axis)
    return sums / counts.astype(sums.dtype)


def _max_inside(windows: Any, inside: np.ndarray, axis: int) -> Any:
    # A place beyond the window repeats its first element, which changes no maximum.
    first = jnp.take(windows, np.array([0]), axis=axis)
    return jnp.max(jnp.where(inside, windows, first), axis=axis)


@op(static=("output_size",))
def adaptive_average_pool(inputs: Any, output_size: Any, data_format: Any = None) -> Any:
    """Average pooling with windows chosen so that the output has a given size.

    Args:
        inputs: Tensor of shape `(batch, *space, channels)`; one to three spatial axes; or channels first.
        output_size: The size of each spatial dimension of the output.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.

    Returns:
        Tensor of shape `(batch, *output_size, channels)`, or channels first.

    Example:
        >>> import addax as keras
        >>> keras.ops.adaptive_average_pool([[[1.0], [3.0], [5.0]]], 2).numpy().ravel()
        array([2., 4.], dtype=float32)
    """
    return _adaptive(inputs, output_size, data_format, _mean_inside)


@op(static=("output_size",))
def adaptive_max_pool(inputs: Any, output_size: Any, data_format: Any = None) -> Any:
    """Max pooling with windows chosen so that the output has a given size.

    Args:
        inputs: Tensor of shape `(batch, *space, channels)`; one to three spatial axes; or channels first.
        output_size: The size of each spatial dimension of the output.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.

    Returns:
        Tensor of shape `(batch, *output_size, channels)`, or channels first.

    Example:
        >>> import addax as keras
        >>> keras.ops.adaptive_max_pool([[[1.0], [3.0], [5.0]]], 2).numpy().ravel()
        array([3., 5.], dtype=float32)
    """
    return _adaptive(inputs, output_size, data_format, _max_inside)
