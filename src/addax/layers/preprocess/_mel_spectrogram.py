"""`MelSpectrogram`: how loud each band of pitches is over time."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax import ops
from addax.core.errors import message
from addax.layers._layer import Layer


class MelSpectrogram(Layer):
    """Turns sounds into spectrograms over bands that are even on the mel scale of pitch.

    It is called on sounds of shape `(samples,)` or `(batch, samples)`, and gives tensors of shape
    `(bands, pieces)` or `(batch, bands, pieces)`.

    Args:
        fft_length: The length of the Fourier transform in samples.
        sequence_stride: How many samples lie between the starts of two pieces.
        sequence_length: The length of a piece, at most `fft_length`, which stands for it if None.
        window: `"hann"`, `"hamming"`, an array of `sequence_length` numbers, or None for no window.
        sampling_rate: How many samples make a second.
        num_mel_bins: How many bands there are.
        min_freq: Where the lowest band starts, in hertz.
        max_freq: Where the highest band ends; half of the sampling rate if None.
        power_to_db: Whether the result is in decibels.
        top_db: How many decibels below the loudest value of a batch the result is cut off.
        mag_exp: The power of the magnitudes that are summed: 2 for power, 1 for amplitude.
        min_power: What smaller values are raised to before the logarithm.
        ref_power: The value that has 0 decibels.
        **kwargs: Arguments of `Layer`.

    Raises:
        ValueError: If `fft_length` is less than `sequence_length`, or the window is unknown.

    Example:
        >>> import addax as keras
        >>> layer = keras.layers.MelSpectrogram(fft_length=256, sequence_stride=128, num_mel_bins=16)
        >>> layer(keras.ops.ones((2, 1024))).shape
        TensorShape([2, 16, 9])
    """

    def __init__(
        self,
        fft_length: int = 2048,
        sequence_stride: int = 512,
        sequence_length: int | None = None,
        window: Any = "hann",
        sampling_rate: int = 16000,
        num_mel_bins: int = 128,
        min_freq: float = 20.0,
        max_freq: float | None = None,
        power_to_db: bool = True,
        top_db: float = 80.0,
        mag_exp: float = 2.0,
        min_power: float = 1e-10,
        ref_power: float = 1.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.fft_length = fft_length
        self.sequence_stride = sequence_stride
        self.sequence_length = sequence_length or fft_length
        if fft_length < self.sequence_length:
            expected = f"at least the sequence_length, {self.sequence_length}"
            raise ValueError(
                message(
                    "`fft_length` is wrong.", where="MelSpectrogram", expected=expected, received=fft_length
                )
            )
        self.window = window
        self.sampling_rate = sampling_rate
        self.num_mel_bins = num_mel_bins
        self.min_freq = min_freq
        self.max_freq = max_freq or int(sampling_rate / 2)
        self.power_to_db = power_to_db
        self.top_db = top_db
        self.mag_exp = mag_exp
        self.min_power = min_power
        self.ref_power = ref_power

    def call(self, inputs: Any) -> Any:
        """The spectrograms of sounds."""
        sounds = ops.cast(inputs, "float64" if self.compute_dtype == "float64" else "float32")
        real, imaginary = ops.stft(
            sounds,
            sequence_length=self.sequence_length,
            sequence_stride=self.sequence_stride,
            fft_length=self.fft_length,
            window=self.window,
            center=True,
        )
        loudness = ops.power(ops.sqrt(ops.square(real) + ops.square(imaginary)), self.mag_exp)
        bands = ops.matmul(loudness, ops.convert_to_tensor(self._bands(), loudness.dtype))
        if self.power_to_db:
            bands = self._decibels(bands)
        return ops.cast(ops.swapaxes(bands, -1, -2), self.compute_dtype)

    def _bands(self) -> np.ndarray:
        """The part of each frequency in each band: triangles, each from one neighbor's middle to the other's."""
        count = self.fft_length // 2 + 1
        pitch = _mel(np.linspace(0.0, self.sampling_rate / 2, count))[1:, None]
        edges = np.linspace(_mel(self.min_freq), _mel(self.max_freq), self.num_mel_bins + 2)
        low, middle, high = edges[:-2], edges[1:-1], edges[2:]
        parts = np.minimum((pitch - low) / (middle - low), (high - pitch) / (high - middle))
        return np.pad(np.maximum(parts, 0.0), [[1, 0], [0, 0]]).astype("float32")  # frequency 0 has no pitch

    def _decibels(self, power: Any) -> Any:
        reference = max(abs(self.ref_power), self.min_power)
        decibels = 10.0 * ops.log10(ops.maximum(power, self.min_power)) - 10.0 * float(np.log10(reference))
        loudest = ops.max(decibels) if 0 not in tuple(decibels.shape) else 0.0
        return ops.maximum(decibels, loudest - self.top_db)


def _mel(hertz: Any) -> Any:
    return 1127.0 * np.log(1.0 + np.asarray(hertz) / 700.0)
