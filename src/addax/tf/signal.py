"""`tf.signal`."""

from __future__ import annotations

from addax.core.lazy import attach
from addax.tf._lookup import homes

_HOMES = homes(
    {
        "addax.tf._signal": """
            fft fft2d fftshift frame hamming_window hann_window ifft ifft2d ifftshift irfft overlap_and_add
            rfft stft
        """,
    }
)

__getattr__, __dir__ = attach(__name__, _HOMES)

__all__ = sorted(_HOMES)
