"""`tf.signal`: Fourier transforms, frames and windows."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax import ops
from addax.core.errors import message
from addax.engine import _operators as operators
from addax.engine import op
from addax.engine._jax import jnp
from addax.tf._windows import hann_window


@op(name="fourier_transform")
def _transform(x: Any, kind: str = "", axes: Any = (-1,), lengths: Any = None, norm: Any = None) -> Any:
    x = jnp.asarray(x)
    if len(axes) == 1:
        return getattr(jnp.fft, kind)(x, n=lengths and lengths[0], axis=axes[0], norm=norm)
    return getattr(jnp.fft, f"{kind}n")(x, s=lengths, axes=axes, norm=norm)


def _lengths(value: Any) -> tuple[int, ...] | None:
    """The lengths of transforms, one for each axis, from a number or a list."""
    return None if value is None else tuple(np.atleast_1d(np.asarray(value)).astype(int).tolist())


def _complex(x: Any) -> Any:
    x = ops.convert_to_tensor(x)
    return x if x.dtype.is_complex else ops.cast(x, "complex64")


def fft(input: Any, name: str | None = None) -> Any:
    """The discrete Fourier transform of the last axis."""
    return _transform(_complex(input), kind="fft")


def ifft(input: Any, name: str | None = None) -> Any:
    """The inverse of `fft`."""
    return _transform(_complex(input), kind="ifft")


def fft2d(input: Any, name: str | None = None) -> Any:
    """The discrete Fourier transform of the last two axes."""
    return _transform(_complex(input), kind="fft", axes=(-2, -1))


def ifft2d(input: Any, name: str | None = None) -> Any:
    """The inverse of `fft2d`."""
    return _transform(_complex(input), kind="ifft", axes=(-2, -1))


def fft3d(input: Any, name: str | None = None) -> Any:
    """The discrete Fourier transform of the last three axes."""
    return _transform(_complex(input), kind="fft", axes=(-3, -2, -1))


def ifft3d(input: Any, name: str | None = None) -> Any:
    """The inverse of `fft3d`."""
    return _transform(_complex(input), kind="ifft", axes=(-3, -2, -1))


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
    return _transform(input_tensor, kind="rfft", lengths=_lengths(fft_length))


def irfft(input_tensor: Any, fft_length: Any = None, name: str | None = None) -> Any:
    """The inverse of `rfft`.

    Args:
        input_tensor: A complex tensor of shape `(..., m)`.
        fft_length: The length of the result, a number or a list of it; `2 * (m - 1)` if None.
        name: Accepted for TensorFlow's sake.

    Returns:
        A float tensor of shape `(..., fft_length)`.
    """
    return _transform(input_tensor, kind="irfft", lengths=_lengths(fft_length))


def rfft2d(input_tensor: Any, fft_length: Any = None, name: str | None = None) -> Any:
    """`rfft` of the last two axes, whose lengths `fft_length` has."""
    return _transform(input_tensor, kind="rfft", axes=(-2, -1), lengths=_lengths(fft_length))


def irfft2d(input_tensor: Any, fft_length: Any = None, name: str | None = None) -> Any:
    """The inverse of `rfft2d`; `fft_length` has the two lengths of the result."""
    return _transform(input_tensor, kind="irfft", axes=(-2, -1), lengths=_lengths(fft_length))


def rfft3d(input_tensor: Any, fft_length: Any = None, name: str | None = None) -> Any:
    """`rfft` of the last three axes, whose lengths `fft_length` has."""
    return _transform(input_tensor, kind="rfft", axes=(-3, -2, -1), lengths=_lengths(fft_length))


def irfft3d(input_tensor: Any, fft_length: Any = None, name: str | None = None) -> Any:
    """The inverse of `rfft3d`; `fft_length` has the three lengths of the result."""
    return _transform(input_tensor, kind="irfft", axes=(-3, -2, -1), lengths=_lengths(fft_length))


def fftnd(
    input_tensor: Any,
    fft_length: Any = None,
    axes: Any = None,
    norm: str | None = None,
    name: str | None = None,
) -> Any:
    """The discrete Fourier transform of some axes.

    Args:
        input_tensor: A tensor.
        fft_length: The lengths of the transforms, one for each axis; those of the axes if None.
        axes: The axes; all if None.
        norm: `"backward"` (as None), `"ortho"` or `"forward"`: which way is divided by the number of elements.
        name: Accepted for TensorFlow's sake.
    """
    return _over(_complex(input_tensor), "fft", fft_length, axes, norm)


def ifftnd(
    input_tensor: Any,
    fft_length: Any = None,
    axes: Any = None,
    norm: str | None = None,
    name: str | None = None,
) -> Any:
    """The inverse of `fftnd`; arguments as for `fftnd`."""
    return _over(_complex(input_tensor), "ifft", fft_length, axes, norm)


def rfftnd(
    input_tensor: Any,
    fft_length: Any = None,
    axes: Any = None,
    norm: str | None = None,
    name: str | None = None,
) -> Any:
    """`fftnd` of real numbers, half of the last axis; arguments as for `fftnd`."""
    return _over(input_tensor, "rfft", fft_length, axes, norm)


def irfftnd(
    input_tensor: Any,
    fft_length: Any = None,
    axes: Any = None,
    norm: str | None = None,
    name: str | None = None,
) -> Any:
    """The inverse of `rfftnd`; arguments as for `fftnd`."""
    return _over(input_tensor, "irfft", fft_length, axes, norm)


def _over(x: Any, kind: str, lengths: Any, axes: Any, norm: Any) -> Any:
    x = ops.convert_to_tensor(x)
    chosen = tuple(range(len(x.shape))) if axes is None else _lengths(axes)
    return _transform(x, kind=kind, axes=chosen, lengths=_lengths(lengths), norm=norm)


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
    """Overlapping pieces of a signal.

    Args:
        signal: A tensor of shape `(..., samples, ...)`.
        frame_length: The length of a piece.
        frame_step: The distance of their beginnings.
        pad_end: Whether the last pieces reach behind the end.
        pad_value: What is there.
        axis: The axis of the samples.
        name: Accepted for TensorFlow's sake.

    Returns:
        A tensor of shape `(..., frames, frame_length, ...)`.

    Raises:
        ValueError: If there is no such axis.
    """
    signal = ops.convert_to_tensor(signal)
    rank = len(signal.shape)
    if not -rank <= axis < rank:
        raise ValueError(message("There is no such axis.", expected=f"-{rank} to {rank - 1}", received=axis))
    axis, length, step = axis % rank, int(frame_length), int(frame_step)
    samples = signal.shape[axis]
    count = -(-samples // step) if pad_end else max(0, 1 + (samples - length) // step)
    missing = max(0, (count - 1) * step + length - samples)
    if missing:
        width = [(0, missing if i == axis else 0) for i in range(rank)]
        signal = ops.pad(signal, width, mode="constant", constant_values=pad_value)
    places = np.arange(count)[:, None] * step + np.arange(length)
    return ops.take(signal, places.astype(np.int32), axis=axis)


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


def inverse_stft(
    stfts: Any, frame_length: int, frame_step: int, fft_length: int | None = None, window_fn: Any = hann_window,
    name: str | None = None,
) -> Any:  # fmt: skip
    """A signal from its short-time Fourier transform.

    Args:
        stfts: A complex tensor of shape `(..., frames, fft_length // 2 + 1)`.
        frame_length: The length of a piece, in samples.
        frame_step: The distance of the beginnings of two pieces, in samples.
        fft_length: The length of the transforms; the lowest power of 2 that holds a piece if None.
        window_fn: A function `(length, dtype=...)` that gives the factors of a piece, such as
            `inverse_stft_window_fn(frame_step)`; None for no window.
        name: Accepted for TensorFlow's sake.

    Returns:
        A float tensor of shape `(..., (frames - 1) * frame_step + frame_length)`.

    Example:
        >>> import addax.tf as tf
        >>> x = tf.range(16.0)
        >>> window = tf.signal.inverse_stft_window_fn(2)
        >>> y = tf.signal.inverse_stft(tf.signal.stft(x, 8, 2), 8, 2, window_fn=window)
        >>> [round(float(v), 3) for v in y[6:10]]
        [6.0, 7.0, 8.0, 9.0]
    """
    length = int(frame_length)
    fft_length = 1 << (length - 1).bit_length() if fft_length is None else int(fft_length)
    frames = irfft(stfts, [fft_length])[..., :length]
    if fft_length < length:
        frames = ops.pad(frames, (*((0, 0),) * (len(frames.shape) - 1), (0, length - fft_length)))
    if window_fn is not None:
        frames = operators.multiply(frames, window_fn(length, dtype=frames.dtype))
    return overlap_and_add(frames, frame_step)
