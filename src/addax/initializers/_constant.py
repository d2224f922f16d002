"""Initializers without chance: zeros, ones, constants, identity matrices, Fourier bases."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from addax.core import serial
from addax.core.errors import message
from addax.initializers._base import Initializer, array_dtype, as_shape, as_tensor


class Zeros(Initializer):
    """Zeros.

    Example:
        >>> import addax as keras
        >>> keras.initializers.Zeros()((2,)).numpy()
        array([0., 0.], dtype=float32)
    """

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        """Zeros of a shape."""
        return as_tensor(np.zeros(as_shape(shape), array_dtype(dtype)), dtype)


class Ones(Initializer):
    """Ones.

    Example:
        >>> import addax as keras
        >>> keras.initializers.Ones()((2,)).numpy()
        array([1., 1.], dtype=float32)
    """

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        """Ones of a shape."""
        return as_tensor(np.ones(as_shape(shape), array_dtype(dtype)), dtype)


class Constant(Initializer):
    """One value everywhere, or an array that broadcasts to the shape.

    Args:
        value: A number or an array.

    Example:
        >>> import addax as keras
        >>> keras.initializers.Constant(3.0)((2,)).numpy()
        array([3., 3.], dtype=float32)
    """

    def __init__(self, value: Any = 0.0) -> None:
        self.value = value

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        """The value, broadcast to a shape."""
        value = np.asarray(self.value)
        try:
            full = np.broadcast_to(value, as_shape(shape))
        except ValueError:
            raise ValueError(
                message(
                    "The value of Constant does not broadcast to the weight.",
                    expected=f"shape {as_shape(shape)}",
                    received=f"shape {value.shape}",
                )
            ) from None
        return as_tensor(np.array(full), dtype)

    def get_config(self) -> dict[str, Any]:
        """The value."""
        return {"value": serial.serialize(self.value)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Make an initializer from what `get_config` gave."""
        return cls(serial.deserialize(config["value"]))


class Identity(Initializer):
    """The identity matrix, times a factor; for matrices only.

    Args:
        gain: The factor.

    Example:
        >>> import addax as keras
        >>> keras.initializers.Identity()((2, 2)).numpy()
        array([[1., 0.],
               [0., 1.]], dtype=float32)
    """

    def __init__(self, gain: float = 1.0) -> None:
        self.gain = gain

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        """The matrix of a shape; raises ValueError if the rank is not 2."""
        shape = as_shape(shape)
        if len(shape) != 2:
            raise ValueError(
                message(
                    "Identity makes matrices only.", expected="a shape of rank 2", received=f"shape {shape}"
                )
            )
        return as_tensor(self.gain * np.eye(*shape), dtype)

    def get_config(self) -> dict[str, Any]:
        """The gain, if it is not 1 (Keras 3 leaves it out)."""
        return {} if self.gain == 1.0 else {"gain": self.gain}


class STFT(Initializer):
    """The basis of a short-time Fourier transform, as kernel of a convolution over time.

    Args:
        side: `"real"` for cosines or `"imag"` for (negative) sines.
        window: Name of a window of `scipy.signal`, an array of length `frame_length`, or None.
        scaling: `"density"`, `"spectrum"` or None: what the window is divided by.
        periodic: Whether the named window is periodic, not symmetric.

    Raises:
        ValueError: If an argument is none of these.

    Example:
        >>> import addax as keras
        >>> keras.initializers.STFT("real", window=None, scaling=None)((4, 1, 3)).numpy()[1, 0].round(4)
        array([ 1.,  0., -1.], dtype=float32)
    """

    def __init__(
        self,
        side: str = "real",
        window: Any = "hann",
        scaling: str | None = "density",
        periodic: bool = False,
    ) -> None:
        if side not in ("real", "imag"):
            raise ValueError(message("Unknown side.", expected='"real" or "imag"', received=side))
        if scaling not in (None, "density", "spectrum"):
            raise ValueError(
                message("Unknown scaling.", expected='"density", "spectrum" or None', received=scaling)
            )
        if isinstance(window, str):
            _named_window(window, 1, periodic)
        self.side = side
        self.window = window
        self.scaling = scaling
        self.periodic = periodic

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        """The kernel of shape `(frame_length, input_channels, fft_length // 2 + 1)`."""
        frame_length, _, bins = as_shape(shape)
        phase = -2 * math.pi * np.arange(frame_length)[:, None, None] * np.arange(bins) / (2 * (bins - 1))
        kernel = np.cos(phase) if self.side == "real" else np.sin(phase)
        if self.window is None:
            return as_tensor(kernel, dtype)
        window = self.window
        if isinstance(window, str):
            window = _named_window(window, frame_length, self.periodic)
        window = np.asarray(window, np.float64)
        if window.shape != (frame_length,):
            raise ValueError(
                message(
                    "The window does not fit the frame.",
                    expected=f"shape ({frame_length},)",
                    received=f"shape {window.shape}",
                )
            )
        scale = 1.0
        if self.scaling == "density":
            scale = np.sqrt(np.sum(window**2))
        elif self.scaling == "spectrum":
            scale = np.sum(np.abs(window))
        return as_tensor(kernel * window[:, None, None] / scale, dtype)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return {"side": self.side, "window": self.window, "periodic": self.periodic, "scaling": self.scaling}


def _named_window(name: str, length: int, periodic: bool) -> Any:
    from scipy import signal

    return signal.get_window(name, length, periodic)
