"""WAV files of 16 bits, written."""

from __future__ import annotations

import io
import wave

import numpy as np


def encode_wav(samples: np.ndarray, rate: int) -> bytes:
    """Samples as the bytes of a WAV file of 16 bits.

    Args:
        samples: Floats of shape `(samples, channels)`; what is not within [-1, 1] is cut.
        rate: How many samples make a second.

    Raises:
        ValueError: If the shape is another.
    """
    samples = np.asarray(samples, np.float32)
    if samples.ndim != 2:
        raise ValueError(
            f"A sound has another shape.\n  expected: (samples, channels)\n  received: {samples.shape}"
        )
    scaled = np.clip(np.sign(samples) * np.floor(np.abs(samples) * 32768 + 0.5), -32768, 32767)
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(int(rate))
        file.writeframes(scaled.astype("<i2").tobytes())
    return buffer.getvalue()
