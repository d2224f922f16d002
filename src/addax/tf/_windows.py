"""`tf.signal`: the factors by which frames are faded in and out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from addax import ops
from addax.core import dtypes
from addax.engine import Tensor
from addax.engine import _operators as operators


def hann_window(
    window_length: int, periodic: bool = True, dtype: Any = "float32", name: str | None = None
) -> Tensor:
    """A raised cosine.

    Args:
        window_length: The number of samples.
        periodic: Whether the next sample after the last would be the first again (for even lengths), as frames want
            it; else the last is equal to the first.
        dtype: A float dtype.
        name: Accepted for TensorFlow's sake.

    Example:
        >>> import addax.tf as tf
        >>> tf.signal.hann_window(4).numpy()
        array([0. , 0.5, 1. , 0.5], dtype=float32)
    """
    return _window(window_length, periodic, dtype, 0.5, 0.5)


def hamming_window(
    window_length: int, periodic: bool = True, dtype: Any = "float32", name: str | None = None
) -> Tensor:
    """A raised cosine that does not go down to zero; arguments as for `hann_window`."""
    return _window(window_length, periodic, dtype, 0.54, 0.46)


def _window(length: int, periodic: bool, dtype: Any, a: float, b: float) -> Tensor:
    length = int(length)
    count = length if periodic and length % 2 == 0 else length - 1
    values = a - b * np.cos(2 * np.pi * np.arange(length) / max(count, 1)) if length > 1 else np.ones(length)
    return ops.convert_to_tensor(values.astype(dtypes.numpy_dtype(dtype)))


def _tensor(values: np.ndarray, dtype: Any) -> Tensor:
    return ops.convert_to_tensor(values.astype(dtypes.numpy_dtype(dtype)))


def kaiser_window(
    window_length: int, beta: float = 12.0, dtype: Any = "float32", name: str | None = None
) -> Tensor:
    """Kaiser's window, a good one for its number of parameters.

    Args:
        window_length: The number of samples.
        beta: How steep it is.
        dtype: A float dtype.
        name: Accepted for TensorFlow's sake.
    """
    return _tensor(np.kaiser(int(window_length), float(np.asarray(beta))), dtype)


def kaiser_bessel_derived_window(
    window_length: int, beta: float = 12.0, dtype: Any = "float32", name: str | None = None
) -> Tensor:
    """A window for `mdct`, made of the sums of Kaiser's.

    Args:
        window_length: The number of samples, an even one.
        beta: How steep it is.
        dtype: A float dtype.
        name: Accepted for TensorFlow's sake.
    """
    sums = np.cumsum(np.kaiser(int(window_length) // 2 + 1, float(np.asarray(beta))))
    half = np.sqrt(sums[:-1] / sums[-1])
    return _tensor(np.concatenate([half, half[::-1]]), dtype)


def vorbis_window(window_length: int, dtype: Any = "float32", name: str | None = None) -> Tensor:
    """The window of Vorbis, for `mdct`.

    Args:
        window_length: The number of samples.
        dtype: A float dtype.
        name: Accepted for TensorFlow's sake.
    """
    turns = np.sin(np.pi / int(window_length) * (np.arange(int(window_length)) + 0.5))
    return _tensor(np.sin(np.pi / 2 * turns**2), dtype)


def inverse_stft_window_fn(
    frame_step: int, forward_window_fn: Callable = hann_window, name: str | None = None
) -> Callable:
    """The window with which `inverse_stft` gives back what `stft` was made of.

    Args:
        frame_step: The distance of the beginnings of two frames, in samples.
        forward_window_fn: The window of `stft`.
        name: Accepted for TensorFlow's sake.

    Returns:
        A function `(frame_length, dtype=...)` that gives the factors.
    """
    step = int(frame_step)

    def window(frame_length: int, dtype: Any = "float32") -> Any:
        forward = forward_window_fn(int(frame_length), dtype=dtype)
        frames = -(-int(frame_length) // step)
        squares = ops.pad(ops.square(forward), ((0, frames * step - int(frame_length)),))
        sums = ops.sum(operators.reshape(squares, (frames, step)), axis=0)
        return operators.divide(forward, ops.tile(sums, (frames,))[: int(frame_length)])

    return window


__all__ = [
    "hamming_window",
    "hann_window",
    "inverse_stft_window_fn",
    "kaiser_bessel_derived_window",
    "kaiser_window",
    "vorbis_window",
]
