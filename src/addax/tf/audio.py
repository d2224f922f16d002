"""`tf.audio`: sounds as WAV files."""

from __future__ import annotations

import io
from typing import Any, NamedTuple

import numpy as np

from addax import formats, ops
from addax.engine import Tensor
from addax.tf._strings import _bytes
from addax.utils._audio import read_wav

__all__ = ["decode_wav", "encode_wav"]


class _Decoded(NamedTuple):
    """What `decode_wav` gives.

    Attributes:
        audio: float32 from -1 to 1 of shape `(samples, channels)`.
        sample_rate: How many samples make a second, a scalar int32.
    """

    audio: Any
    sample_rate: Any


def decode_wav(
    contents: Any, desired_channels: int = -1, desired_samples: int = -1, name: str | None = None
) -> _Decoded:
    """The samples of a WAV file.

    Args:
        contents: The bytes of the file, a scalar string. PCM of 8, 16, 24 or 32 bits is read.
        desired_channels: How many channels to give: the last one is repeated, or those behind left out; -1 for all.
        desired_samples: How many samples to give: zeros are put behind, or the rest is cut off; -1 for all.
        name: Accepted for TensorFlow's sake.

    Returns:
        `(audio, sample_rate)`.

    Raises:
        ValueError: If it is no such file.

    Example:
        >>> import addax.tf as tf
        >>> file = tf.audio.encode_wav([[0.5], [-0.5]], sample_rate=8000)
        >>> audio, rate = tf.audio.decode_wav(file)
        >>> audio.numpy().tolist(), int(rate)
        ([[0.5], [-0.5]], 8000)
    """
    data: Any = _bytes(contents)[()]
    samples, rate = read_wav(io.BytesIO(data))
    if desired_channels > 0:
        samples = samples[:, np.minimum(np.arange(desired_channels), samples.shape[1] - 1)]
    if desired_samples > 0:
        missing = max(0, desired_samples - len(samples))
        samples = np.pad(samples[:desired_samples], ((0, missing), (0, 0)))
    return _Decoded(ops.convert_to_tensor(samples), ops.convert_to_tensor(np.int32(rate)))


def encode_wav(audio: Any, sample_rate: Any, name: str | None = None) -> Tensor:
    """Samples as the bytes of a WAV file of 16 bits.

    Args:
        audio: Floats of shape `(samples, channels)`; what is not within [-1, 1] is cut.
        sample_rate: How many samples make a second.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If the rank is another.
    """
    samples = np.asarray(ops.cast(audio, "float32"))
    return ops.convert_to_tensor(formats.encode_wav(samples, int(np.asarray(sample_rate))))
