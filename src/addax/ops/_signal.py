"""Fourier transforms and windows over sequences: fft, rfft, stft and their inverses."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax.core.errors import message
from addax.engine._jax import jnp, lax
from addax.engine._op import op
from addax.engine._operators import known_ints


def _complex(x: Any) -> Any:
    """A complex array of a pair of real and imaginary part."""
    parts = [jnp.asarray(part) for part in x] if isinstance(x, (tuple, list)) else []
    floats = all(jnp.issubdtype(part.dtype, jnp.floating) for part in parts)
    if len(parts) != 2 or not floats or parts[0].shape != parts[1].shape:
        raise ValueError(
            message(
                "A transform of complex numbers takes a pair of tensors.",
                expected="(real, imag), two float tensors of one shape",
                received=", ".join(f"{part.dtype} of shape {part.shape}" for part in parts) or x,
            )
        )
    return lax.complex(*parts)


def _parts(x: Any) -> tuple:
    return jnp.real(x), jnp.imag(x)


@op(lists=("x",))
def fft(x: Any) -> Any:
    """Discrete Fourier transform along the last axis.

    Args:
        x: A tuple of the real and the imaginary part, float tensors of one shape.

    Returns:
        A tuple of the real and the imaginary part of the transform.

    Raises:
        ValueError: If `x` is something else.

    Example:
        >>> import addax as keras
        >>> real, imag = keras.ops.fft((keras.ops.array([1.0, 0.0]), keras.ops.array([0.0, 0.0])))
        >>> real.numpy(), imag.numpy()
        (array([1., 1.], dtype=float32), array([0., 0.], dtype=float32))
    """
    return _parts(jnp.fft.fft(_complex(x)))


@op(lists=("x",))
def fft2(x: Any) -> Any:
    """Discrete Fourier transform along the last two axes; arguments and result as for `fft`."""
    return _parts(jnp.fft.fft2(_complex(x)))


@op(lists=("x",))
def ifft2(x: Any) -> Any:
    """Inverse of `fft2`; arguments and result as for `fft`."""
    return _parts(jnp.fft.ifft2(_complex(x)))


@op
def rfft(x: Any, fft_length: int | None = None) -> Any:
    """Discrete Fourier transform of real numbers along the last axis: its first half, which fixes the second.

    Args:
        x: A float tensor.
        fft_length: The length to cut or pad the axis to; its own if None.

    Returns:
        A tuple of the real and the imaginary part, with `fft_length // 2 + 1` frequencies.
    """
    return _parts(jnp.fft.rfft(x, n=known_ints(fft_length, "fft_length")))


@op(lists=("x",))
def irfft(x: Any, fft_length: int | None = None) -> Any:
    """Inverse of `rfft`.

    Args:
        x: A tuple of the real and the imaginary part, float tensors of one shape.
        fft_length: The length of the result, `2 * (frequencies - 1)` if None.

    Returns:
        A float tensor.
    """
    return jnp.fft.irfft(_complex(x), n=known_ints(fft_length, "fft_length"))


def _frames(x: Any, length: int, stride: int) -> Any:
    """Overlapping pieces of the last axis: shape `(..., pieces, length)`."""
    starts = np.arange(0, x.shape[-1] - length + 1, stride)
    return jnp.take(x, starts[:, None] + np.arange(length), axis=-1)


@op(static=("sequence_length", "sequence_stride"))
def extract_sequences(x: Any, sequence_length: int, sequence_stride: int) -> Any:
    """Pieces of the last axis, one every `sequence_stride` places.

    Args:
        x: A tensor of shape `(..., n)`.
        sequence_length: The length of a piece.
        sequence_stride: The distance from one piece to the next.

    Returns:
        A tensor of shape `(..., 1 + (n - sequence_length) // sequence_stride, sequence_length)`.

    Example:
        >>> import addax as keras
        >>> keras.ops.extract_sequences(keras.ops.arange(5), 3, 2).numpy().tolist()
        [[0, 1, 2], [2, 3, 4]]
    """
    length = known_ints(sequence_length, "sequence_length")
    return _frames(jnp.asarray(x), length, known_ints(sequence_stride, "sequence_stride"))


def _padded_window(window: Any, sequence_length: int, fft_length: int, dtype: Any) -> Any:
    """The window, centred in `fft_length` places."""
    if window is None:
        return jnp.ones(fft_length, dtype)
    if isinstance(window, str):
        if window not in ("hann", "hamming"):
            raise ValueError(message("Unknown window.", expected='"hann" or "hamming"', received=window))
        share = 0.5 if window == "hann" else 0.54
        window = share - (1 - share) * np.cos(2 * np.pi * np.arange(sequence_length) / sequence_length)
    window = jnp.asarray(window, dtype)
    if window.shape != (sequence_length,):
        raise ValueError(
            message(
                "The window does not fit the sequences.",
                expected=f"shape ({sequence_length},)",
                received=f"shape {tuple(window.shape)}",
            )
        )
    before = (fft_length - sequence_length) // 2
    return jnp.pad(window, (before, fft_length - sequence_length - before))


@op(static=("sequence_length", "sequence_stride", "fft_length"), dynamic=("window",))
def stft(
    x: Any,
    sequence_length: int,
    sequence_stride: int,
    fft_length: int,
    window: Any = "hann",
    center: bool = True,
) -> Any:
    """Short-time Fourier transform: `rfft` of overlapping pieces of the last axis.

    Args:
        x: A float32 tensor of shape `(..., n)`.
        sequence_length: The length of a piece.
        sequence_stride: The distance from one piece to the next.
        fft_length: The length of the transform, at least `sequence_length`.
        window: `"hann"`, `"hamming"`, a tensor of shape `(sequence_length,)`, or None for no window.
        center: Whether the ends are mirrored outwards, so that piece `t` is centred at `t * sequence_stride`.

    Returns:
        A tuple of the real and the imaginary part, of shape `(..., pieces, fft_length // 2 + 1)`.

    Raises:
        TypeError: If `x` is not float32 or float64.
        ValueError: If `fft_length` is too short, or the window is unknown or of another length.
    """
    x = jnp.asarray(x)
    if x.dtype not in (jnp.float32, jnp.float64):
        raise TypeError(message("stft() works in full precision.", expected="dtype float32", received=x))
    if fft_length < sequence_length:
        raise ValueError(
            message(
                "The transform is shorter than the sequences.",
                expected=f"fft_length of at least {sequence_length}",
                received=fft_length,
            )
        )
    window = _padded_window(window, sequence_length, fft_length, x.dtype)
    if center:
        x = jnp.pad(x, [(0, 0)] * (x.ndim - 1) + [(fft_length // 2, fft_length // 2)], mode="reflect")
    return _parts(jnp.fft.rfft(_frames(x, fft_length, sequence_stride) * window))


@op(static=("sequence_length", "sequence_stride", "fft_length"), dynamic=("window",), lists=("x",))
def istft(
    x: Any,
    sequence_length: int,
    sequence_stride: int,
    fft_length: int,
    length: int | None = None,
    window: Any = "hann",
    center: bool = True,
) -> Any:
    """Inverse of `stft`: pieces are transformed back, windowed, added where they overlap, and scaled.

    Args:
        x: A tuple of the real and the imaginary part, of shape `(..., pieces, fft_length // 2 + 1)`.
        sequence_length: The length of a piece.
        sequence_stride: The distance from one piece to the next.
        fft_length: The length of the transform.
        length: The length of the result; as many places as the pieces cover if None.
        window: `"hann"`, `"hamming"`, a tensor of shape `(sequence_length,)`, or None for no window.
        center: Whether the ends were mirrored outwards.

    Returns:
        A float tensor of shape `(..., length)`.

    Raises:
        ValueError: If the rank is below 2, or the window is unknown or of another length.
    """
    x = _complex(x)
    if x.ndim < 2:
        raise ValueError(
            message("istft() needs pieces and frequencies.", expected="rank 2 or more", received=x)
        )
    pieces = jnp.fft.irfft(x, n=fft_length)
    win = _padded_window(window, sequence_length, fft_length, pieces.dtype)
    total = fft_length + sequence_stride * (x.shape[-2] - 1)
    places = sequence_stride * np.arange(x.shape[-2])[:, None] + np.arange(fft_length)
    signal = jnp.zeros((*x.shape[:-2], total), pieces.dtype).at[..., places].add(pieces * win)
    weight = jnp.zeros(total, pieces.dtype).at[places].add(jnp.broadcast_to(win * win, places.shape))
    signal = signal / jnp.where(weight > 1e-10, weight, 1)
    if window is None:
        signal = signal * (fft_length / sequence_stride)  # as Keras scales it
    start = fft_length // 2 if center else 0
    end = start + length if length is not None else total - start
    return signal[..., start:end]
