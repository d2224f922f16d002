"""`tf.signal`: Fourier transforms, frames and windows."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax import ops
from addax.core import dtypes
from addax.engine import Tensor, op
from addax.engine import _operators as operators
from addax.engine._jax import jnp


@op(name="fourier_transform")
def _transform(x: Any, kind: str = "", axes: Any = (-1,), length: Any = None) -> Any:
    x = jnp.asarray(x)
    if kind in ("rfft", "irfft"):
        return getattr(jnp.fft, kind)(x, n=length, axis=-1)
    return getattr(jnp.fft, f"{kind}n")(x, axes=axes)


def fft(input: Any, name: str | None = None) -> Any:
    """The discrete Fourier transform of the last axis."""
    return _transform(ops.cast(input, "complex64"), kind="fft")


def ifft(input: Any, name: str | None = None) -> Any:
    """The inverse of `fft`."""
    return _transform(ops.cast(input, "complex64"), kind="ifft")


def fft2d(input: Any, name: str | None = None) -> Any:
    """The discrete Fourier transform of the last two axes."""
    return _transform(ops.cast(input, "complex64"), kind="fft", axes=(-2, -1))


def ifft2d(input: Any, name: str | None = None) -> Any:
    """The inverse of `fft2d`."""
    return _transform(ops.cast(input, "complex64"), kind="ifft", axes=(-2, -1))


def rfft(input_tensor: Any, fft_length: Any = None, name: str | None = None) -> Any:
    """The half of `fft` that real input has, along the last axis.

    Args:
        input_tensor: A tensor of real numbers, of shape `(..., n)`.
        fft_length: The length of the transform, a number or a list of it, that the axis is cut or filled with zeros
            to; `n` if None.
        name: Accepted for TensorFlow's sake.

    Returns:
        A complex64 tensor of shape `(..., fft_length // 2 + 1)`.

    Example:
        >>> import addax.tf as tf
        >>> tf.signal.rfft([1.0, 2.0, 3.0, 4.0]).numpy().tolist()
        [(10+0j), (-2+2j), (-2+0j)]
    """
    return _transform(input_tensor, kind="rfft", length=_length(fft_length))


def irfft(input_tensor: Any, fft_length: Any = None, name: str | None = None) -> Any:
    """The inverse of `rfft`.

    Args:
        input_tensor: A complex tensor of shape `(..., m)`.
        fft_length: The length of the result, a number or a list of it; `2 * (m - 1)` if None.
        name: Accepted for TensorFlow's sake.

    Returns:
        A float tensor of shape `(..., fft_length)`.
    """
    return _transform(input_tensor, kind="irfft", length=_length(fft_length))


def _length(value: Any) -> int | None:
    return None if value is None else int(np.atleast_1d(np.asarray(value))[0])


def fftshift(x: Any, axes: Any = None, name: str | None = None) -> Any:
    """The zero frequency moved to the middle.

    Args:
        x: A tensor.
        axes: An axis or several; all if None.
        name: Accepted for TensorFlow's sake.

    Example:
        >>> import addax.tf as tf
        >>> tf.signal.fftshift([0, 1, 2, -2, -1]).numpy()
        array([-2, -1,  0,  1,  2], dtype=int32)
    """
    return _shift(x, axes, 1)


def ifftshift(x: Any, axes: Any = None, name: str | None = None) -> Any:
    """The inverse of `fftshift`.

    Args:
        x: A tensor.
        axes: An axis or several; all if None.
        name: Accepted for TensorFlow's sake.
    """
    return _shift(x, axes, -1)


def _shift(x: Any, axes: Any, sign: int) -> Any:
    x = ops.convert_to_tensor(x)
    axes = tuple(range(len(x.shape))) if axes is None else (axes,) if isinstance(axes, int) else tuple(axes)
    shift = tuple(x.shape[a] // 2 if sign > 0 else -(x.shape[a] // 2) for a in axes)
    return ops.roll(x, shift, axis=axes)


def frame(
    signal: Any,
    frame_length: int,
    frame_step: int,
    pad_end: bool = False,
    pad_value: Any = 0,
    axis: int = -1,
    name: Any = None,
) -> Any:
    """Overlapping pieces of a signal: shape `(..., frames, frame_length)`.

    Args:
        signal: A tensor of shape `(..., samples)`.
        frame_length: The length of a piece.
        frame_step: The distance of their beginnings.
        pad_end: Whether the last pieces reach behind the end.
        pad_value: What is there.
        axis: The last axis.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If `axis` is another one.
    """
    signal = ops.convert_to_tensor(signal)
    if axis not in (-1, len(signal.shape) - 1):
        raise ValueError("tf.signal.frame() cuts the last axis; transpose the signal first.")
    samples = signal.shape[-1]
    count = -(-samples // frame_step) if pad_end else max(0, 1 + (samples - frame_length) // frame_step)
    missing = max(0, (count - 1) * frame_step + frame_length - samples)
    if missing:
        width = (*((0, 0),) * (len(signal.shape) - 1), (0, missing))
        signal = ops.pad(signal, width, mode="constant", constant_values=pad_value)
    places = np.arange(count)[:, None] * frame_step + np.arange(frame_length)
    return ops.take(signal, places.astype(np.int32), axis=-1)


def overlap_and_add(signal: Any, frame_step: int, name: str | None = None) -> Any:
    """Pieces put together again, summed where they overlap.

    Args:
        signal: A tensor of shape `(..., frames, frame_length)`.
        frame_step: The distance of the beginnings of two pieces, in samples.
        name: Accepted for TensorFlow's sake.

    Returns:
        A tensor of shape `(..., (frames - 1) * frame_step + frame_length)`.

    Example:
        >>> import addax.tf as tf
        >>> tf.signal.overlap_and_add([[1, 1, 1], [2, 2, 2]], 2).numpy()
        array([1, 1, 3, 2, 2], dtype=int32)
    """
    return _overlap_and_add(signal, step=int(frame_step))


@op(name="overlap_and_add")
def _overlap_and_add(x: Any, step: int = 1) -> Any:
    x = jnp.asarray(x)
    count, length = x.shape[-2:]
    places = np.arange(count)[:, None] * step + np.arange(length)
    out = jnp.zeros((*x.shape[:-2], (count - 1) * step + length), x.dtype)
    return out.at[..., places].add(x)


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


def stft(
    signals: Any, frame_length: int, frame_step: int, fft_length: int | None = None, window_fn: Any = hann_window,
    pad_end: bool = False, name: str | None = None,
) -> Any:  # fmt: skip
    """The short-time Fourier transform.

    Args:
        signals: A tensor of real numbers, of shape `(..., samples)`.
        frame_length: The length of a piece, in samples.
        frame_step: The distance of the beginnings of two pieces, in samples.
        fft_length: The length of the transforms; the lowest power of 2 that holds a piece if None.
        window_fn: A function `(length, dtype=...)` that gives the factors of a piece; None for no window.
        pad_end: Whether the last pieces reach behind the end, where zeros are.
        name: Accepted for TensorFlow's sake.

    Returns:
        A complex64 tensor of shape `(..., frames, fft_length // 2 + 1)`.

    Example:
        >>> import addax.tf as tf
        >>> tf.signal.stft(tf.ones((100,)), frame_length=20, frame_step=10).shape
        TensorShape([9, 17])
    """
    fft_length = 1 << (int(frame_length) - 1).bit_length() if fft_length is None else int(fft_length)
    frames = frame(signals, int(frame_length), int(frame_step), pad_end)
    if window_fn is not None:
        frames = operators.multiply(frames, window_fn(int(frame_length), dtype=frames.dtype))
    return rfft(frames, [fft_length])
