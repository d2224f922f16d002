"""`tf.signal`: cosine transforms and what is made of them, and the mel scale."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax import ops
from addax.core import dtypes
from addax.core.errors import message
from addax.engine import _operators as operators
from addax.engine import op
from addax.engine._jax import jnp
from addax.tf._signal import frame, overlap_and_add
from addax.tf._windows import vorbis_window

_INVERSE = {1: 1, 2: 3, 3: 2, 4: 4}


def dct(
    input: Any,
    type: int = 2,
    n: int | None = None,
    axis: int = -1,
    norm: str | None = None,
    name: str | None = None,
) -> Any:
    """The discrete cosine transform of the last axis.

    Args:
        input: A float tensor.
        type: 1 to 4.
        n: The length that the axis is cut or filled with zeros to; its own if None.
        axis: The last axis.
        norm: `"ortho"` for a transform that keeps lengths (not for type 1), or None.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If the type, the axis or the norm is another.

    Example:
        >>> import addax.tf as tf
        >>> [round(abs(float(v)), 3) for v in tf.signal.dct([1.0, 1.0, 1.0, 1.0])]
        [8.0, 0.0, 0.0, 0.0]
    """
    x = ops.convert_to_tensor(input)
    if type not in _INVERSE or norm not in (None, "ortho") or (type == 1 and norm):
        raise ValueError(
            message(
                "There is no such cosine transform.",
                expected='type 1 to 4, norm None or (not for type 1) "ortho"',
                received=f"type {type}, norm {norm!r}",
            )
        )
    if axis not in (-1, len(x.shape) - 1):
        raise ValueError(
            message("Only the last axis is transformed.", received=axis, hint="Transpose first.")
        )
    if n is not None:
        x = x[..., : int(n)]
        x = ops.pad(x, (*((0, 0),) * (len(x.shape) - 1), (0, int(n) - x.shape[-1])))
    return _dct(x, kind=int(type), ortho=norm == "ortho")


def idct(
    input: Any,
    type: int = 2,
    n: int | None = None,
    axis: int = -1,
    norm: str | None = None,
    name: str | None = None,
) -> Any:
    """The inverse of `dct`, times twice the length unless `norm` is `"ortho"`; arguments as for `dct`."""
    return dct(input, _INVERSE.get(type, type), n, axis, norm)


@op(name="dct")
def _dct(x: Any, kind: int = 2, ortho: bool = False) -> Any:
    x = jnp.asarray(x)
    size = x.shape[-1]
    k = np.arange(size)
    if kind == 1:
        return jnp.fft.rfft(jnp.concatenate([x, x[..., -2:0:-1]], -1)).real
    # Orthogonal transforms scale the first element less than the others, before or after.
    scale = np.sqrt(np.where((k == 0) & (kind == 2), 0.25, np.where((k == 0) & (kind == 3), 1, 0.5)) / size)
    scale = scale.astype(x.dtype) if ortho else np.ones(size, x.dtype)
    if kind == 2:
        turned = jnp.fft.rfft(x, 2 * size)[..., :size] * np.exp(-0.5j * np.pi * k / size).astype("complex64")
        return 2 * turned.real * scale
    if kind == 3:
        weights = np.where(k == 0, 1, 2) * np.exp(0.5j * np.pi * k / size)
        return (jnp.fft.ifft(x * scale * weights.astype("complex64"), 2 * size) * 2 * size)[..., :size].real
    turned = jnp.fft.fft(x * np.exp(-0.5j * np.pi * k / size).astype("complex64"), 2 * size)[..., :size]
    return 2 * (turned * np.exp(-0.25j * np.pi * (2 * k + 1) / size).astype("complex64")).real * scale


def mdct(
    signals: Any, frame_length: int, window_fn: Any = vorbis_window, pad_end: bool = False, norm: str | None = None,
    name: str | None = None,
) -> Any:  # fmt: skip
    """The modified discrete cosine transform of frames that overlap by half.

    Args:
        signals: Floats of shape `(..., samples)`.
        frame_length: The length of a frame, a multiple of 4.
        window_fn: A function `(length, dtype=...)` that gives the factors of a frame; None for none.
        pad_end: Whether the last frame reaches behind the end, where zeros are.
        norm: `"ortho"` or None.
        name: Accepted for TensorFlow's sake.

    Returns:
        Floats of shape `(..., frames, frame_length / 2)`.

    Raises:
        ValueError: If `frame_length` is no multiple of 4.
    """
    length = int(frame_length)
    if length % 4:
        raise ValueError(message("`frame_length` must be a multiple of 4.", received=length))
    frames = frame(ops.convert_to_tensor(signals), length, length // 2, pad_end)
    window = np.float32(np.sqrt(0.5)) if window_fn is None else window_fn(length, dtype=frames.dtype)
    a, b, c, d = ops.split(operators.multiply(frames, window), 4, axis=-1)
    first = operators.subtract(operators.negative(ops.flip(c, axis=-1)), d)
    second = operators.subtract(a, ops.flip(b, axis=-1))
    return dct(ops.concatenate([first, second], axis=-1), 4, norm=norm)


def inverse_mdct(
    mdcts: Any, window_fn: Any = vorbis_window, norm: str | None = None, name: str | None = None
) -> Any:
    """The signal that `mdct` was made of, but for the ends.

    Args:
        mdcts: Floats of shape `(..., frames, frame_length / 2)`.
        window_fn: As in `mdct`.
        norm: As in `mdct`.
        name: Accepted for TensorFlow's sake.

    Returns:
        Floats of shape `(..., (frames + 1) * frame_length / 2)`.
    """
    half = ops.convert_to_tensor(mdcts).shape[-1]
    found = dct(mdcts, 4, norm=norm)
    found = found if norm else operators.multiply(found, 0.5 / half)
    first, second = ops.split(found, 2, axis=-1)
    parts = [second, ops.flip(second, axis=-1), ops.flip(first, axis=-1), first]
    frames = ops.concatenate([parts[0], *(operators.negative(part) for part in parts[1:])], axis=-1)
    window = np.float32(np.sqrt(0.5)) if window_fn is None else window_fn(2 * half, dtype=frames.dtype)
    return overlap_and_add(operators.multiply(frames, window), half)


# Mel -----------------------------------------------------------------------------------------------------
def linear_to_mel_weight_matrix(
    num_mel_bins: int = 20, num_spectrogram_bins: int = 129, sample_rate: Any = 8000,
    lower_edge_hertz: float = 125.0, upper_edge_hertz: float = 3800.0, dtype: Any = "float32",
    name: str | None = None,
) -> Any:  # fmt: skip
    """A matrix that turns spectrograms into those of the mel scale (HTK's), of overlapping triangles.

    Args:
        num_mel_bins: The number of bands.
        num_spectrogram_bins: The number of frequencies of a spectrogram, `fft_length // 2 + 1`.
        sample_rate: Samples in a second.
        lower_edge_hertz: The lower end of the first band.
        upper_edge_hertz: The upper end of the last band.
        dtype: A float dtype.
        name: Accepted for TensorFlow's sake.

    Returns:
        A tensor of shape `(num_spectrogram_bins, num_mel_bins)`.

    Raises:
        ValueError: If the edges are not within half the sample rate.

    Example:
        >>> import addax.tf as tf
        >>> mel = tf.signal.linear_to_mel_weight_matrix(4, 9)
        >>> tf.tensordot(tf.ones((2, 9)), mel, 1).shape
        TensorShape([2, 4])
    """
    rate = float(np.asarray(sample_rate))
    if not 0 <= lower_edge_hertz < upper_edge_hertz <= rate / 2:
        raise ValueError(
            message(
                "The edges do not fit the sample rate.",
                expected=f"0 <= lower < upper <= {rate / 2}",
                received=f"{lower_edge_hertz} and {upper_edge_hertz}",
            )
        )
    bins = _mel(np.linspace(0, rate / 2, int(num_spectrogram_bins))[1:])[:, None]
    edges = np.linspace(_mel(lower_edge_hertz), _mel(upper_edge_hertz), int(num_mel_bins) + 2)
    low, middle, high = edges[:-2], edges[1:-1], edges[2:]
    weights = np.maximum(0, np.minimum((bins - low) / (middle - low), (high - bins) / (high - middle)))
    weights = np.pad(weights, ((1, 0), (0, 0)))  # the constant belongs to no band
    return ops.convert_to_tensor(weights.astype(dtypes.numpy_dtype(dtype)))


def _mel(hertz: Any) -> Any:
    return 1127 * np.log1p(np.asarray(hertz) / 700)


def mfccs_from_log_mel_spectrograms(log_mel_spectrograms: Any, name: str | None = None) -> Any:
    """Mel-frequency cepstral coefficients.

    Args:
        log_mel_spectrograms: Floats of shape `(..., bands)`.
        name: Accepted for TensorFlow's sake.

    Returns:
        Floats of the same shape.
    """
    x = ops.convert_to_tensor(log_mel_spectrograms)
    return operators.multiply(dct(x, 2), (2.0 * x.shape[-1]) ** -0.5)


__all__ = [
    "dct",
    "idct",
    "inverse_mdct",
    "linear_to_mel_weight_matrix",
    "mdct",
    "mfccs_from_log_mel_spectrograms",
]
