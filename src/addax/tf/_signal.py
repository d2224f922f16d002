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
    """The half of `fft` that real input has."""
    return _transform(input_tensor, kind="rfft", length=_length(fft_length))


def irfft(input_tensor: Any, fft_length: Any = None, name: str | None = None) -> Any:
    """The inverse of `rfft`."""
    return _transform(input_tensor, kind="irfft", length=_length(fft_length))


def _length(value: Any) -> int | None:
    return None if value is None else int(np.atleast_1d(np.asarray(value))[0])


def fftshift(x: Any, axes: Any = None, name: str | None = None) -> Any:
    """The zero frequency moved to the middle."""
    return _shift(x, axes, 1)


def ifftshift(x: Any, axes: Any = None, name: str | None = None) -> Any:
    """The inverse of `fftshift`."""
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
    """Pieces `(..., frames, frame_length)` put together again, summed where they overlap."""
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
    """A raised cosine."""
    return _window(window_length, periodic, dtype, 0.5, 0.5)


def hamming_window(
    window_length: int, periodic: bool = True, dtype: Any = "float32", name: str | None = None
) -> Tensor:
    """A raised cosine that does not go down to zero."""
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
    """The short-time Fourier transform: shape `(..., frames, fft_length // 2 + 1)`."""
    fft_length = 1 << (int(frame_length) - 1).bit_length() if fft_length is None else int(fft_length)
    frames = frame(signals, int(frame_length), int(frame_step), pad_end)
    if window_fn is not None:
        frames = operators.multiply(frames, window_fn(int(frame_length), dtype=frames.dtype))
    return rfft(frames, [fft_length])
