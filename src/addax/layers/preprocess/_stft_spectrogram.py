"""`STFTSpectrogram`: the frequencies of sounds over time, by convolution."""

from __future__ import annotations

import math
import warnings
from typing import Any

from addax import ops
from addax.core import config as settings
from addax.core.errors import message
from addax.initializers import STFT
from addax.layers._layer import Layer
from addax.layers._spec import InputSpec

_MODES = ("log", "magnitude", "psd", "real", "imag", "angle", "stft")


class STFTSpectrogram(Layer):
    """Turns sounds into spectrograms, by a short-time Fourier transform with kernels that can be trained.

    It is called on sounds of shape `(batch, samples, channels)`, or with channels first.

    Args:
        mode: `"log"` or `"magnitude"`, `"psd"` (the power spectrum, with both halves summed), `"real"`, `"imag"`,
            `"angle"`, or `"stft"` for real and imaginary parts beside each other.
        frame_length: The length of a piece in samples.
        frame_step: How many samples lie between the starts of two pieces; half of `frame_length` if None.
        fft_length: The length of the transform; the next power of two if None.
        window: The name of a window of SciPy, an array of `frame_length` numbers, or None for no window.
        periodic: Whether the window is periodic rather than symmetric.
        scaling: What the window is divided by: `"density"`, `"spectrum"` or None.
        padding: `"valid"` or `"same"`.
        expand_dims: Whether channels keep an axis of their own; else they go along with the frequencies.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.
        **kwargs: Arguments of `Layer`; `trainable=False` keeps the kernels as they are.

    Raises:
        ValueError: If an argument is wrong.

    Example:
        >>> import addax as keras
        >>> layer = keras.layers.STFTSpectrogram(frame_length=64, trainable=False)
        >>> layer(keras.ops.ones((2, 256, 1))).shape
        TensorShape([2, 7, 33])
    """

    def __init__(
        self,
        mode: str = "log",
        frame_length: int = 256,
        frame_step: int | None = None,
        fft_length: int | None = None,
        window: Any = "hann",
        periodic: bool = False,
        scaling: str | None = "density",
        padding: str = "valid",
        expand_dims: bool = False,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        _check(mode in _MODES, "mode", ", ".join(_MODES), mode)
        _check(padding in ("valid", "same"), "padding", "valid, same", padding)
        fits = frame_step is None or 1 <= frame_step <= frame_length
        _check(fits, "frame_step", f"an integer from 1 to {frame_length}", frame_step)
        fits = fft_length is None or fft_length >= frame_length
        _check(fits, "fft_length", f"an integer from {frame_length}", fft_length)
        if fft_length is not None and fft_length & (fft_length - 1):
            warnings.warn(f"STFTSpectrogram: fft_length={fft_length} is no power of two.", stacklevel=2)
        STFT("real", window, scaling, periodic)  # which checks the rest
        self.mode = mode
        self.frame_length = frame_length
        self.frame_step = frame_step
        self.fft_length = fft_length
        self.window = window
        self.periodic = periodic
        self.scaling = scaling
        self.padding = padding
        self.expand_dims = expand_dims
        self.data_format = settings.standardize_data_format(data_format)
        self.input_spec = InputSpec(ndim=3)

    def build(self, input_shape: Any) -> None:
        """Create the kernels, of shape (frame_length, 1, frequencies)."""
        length = self.fft_length or 2 ** math.ceil(math.log2(self.frame_length))
        shape = (self.frame_length, 1, length // 2 + 1)
        for side in ("real", "imag"):
            if self.mode not in ("real", "imag") or self.mode == side:
                start = STFT(side, self.window, self.scaling, self.periodic)
                setattr(self, f"{side}_kernel", self.add_weight(shape, start, name=f"{side}_kernel"))
        super().build(input_shape)

    def call(self, inputs: Any) -> Any:
        """The spectrograms of sounds."""
        sounds = ops.swapaxes(inputs, 1, 2) if self.data_format == "channels_last" else inputs
        channels, length = sounds.shape[1:]
        sounds = ops.reshape(sounds, (-1, length, 1))
        parts = [
            self._side(sounds, side, channels) for side in ("real", "imag") if hasattr(self, f"{side}_kernel")
        ]
        return self._arranged(self._of_mode(parts))

    def _side(self, sounds: Any, side: str, channels: int) -> Any:
        """One part, of shape (batch, channels, pieces, frequencies)."""
        kernel = ops.cast(getattr(self, f"{side}_kernel"), sounds.dtype)
        step = self.frame_step or self.frame_length // 2
        part = ops.conv(sounds, kernel, step, self.padding, data_format="channels_last")
        return ops.reshape(part, (-1, channels, *part.shape[1:]))

    def _of_mode(self, parts: list) -> Any:
        if len(parts) == 1:
            return parts[0]
        real, imaginary = parts
        if self.mode == "angle":
            return ops.arctan2(imaginary, real)
        if self.mode == "stft":
            return ops.concatenate(parts, axis=-1)
        power = ops.square(real) + ops.square(imaginary)
        if self.mode == "psd":  # all but the first and the last frequency stand for two
            return power + ops.pad(power[..., 1:-1], [[0, 0], [0, 0], [0, 0], [1, 1]])
        least = settings.epsilon()
        magnitude = ops.sqrt(ops.maximum(power, least))
        return magnitude if self.mode == "magnitude" else ops.log(ops.maximum(magnitude, least))

    def _arranged(self, outputs: Any) -> Any:
        """Channels where they belong."""
        _, channels, pieces, frequencies = outputs.shape
        last = self.data_format == "channels_last"
        if self.expand_dims:
            return ops.transpose(outputs, (0, 2, 3, 1)) if last else outputs
        if last:
            return ops.reshape(ops.swapaxes(outputs, 1, 2), (-1, pieces, channels * frequencies))
        return ops.reshape(ops.swapaxes(outputs, 2, 3), (-1, channels * frequencies, pieces))


def _check(valid: bool, name: str, expected: str, received: Any) -> None:
    if not valid:
        raise ValueError(
            message(f"`{name}` is wrong.", where="STFTSpectrogram", expected=expected, received=received)
        )
