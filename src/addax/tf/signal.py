"""`tf.signal`."""

from __future__ import annotations

from addax.core.lazy import attach
from addax.tf._lookup import homes

_HOMES = homes(
    {
        "addax.tf._cosines": """
            dct idct inverse_mdct linear_to_mel_weight_matrix mdct mfccs_from_log_mel_spectrograms
        """,
        "addax.tf._signal": """
            fft fft2d fft3d fftnd fftshift frame ifft ifft2d ifft3d ifftnd ifftshift inverse_stft irfft irfft2d
            irfft3d irfftnd overlap_and_add rfft rfft2d rfft3d rfftnd stft
        """,
        "addax.tf._windows": """
            hamming_window hann_window inverse_stft_window_fn kaiser_bessel_derived_window kaiser_window
            vorbis_window
        """,
    }
)

__getattr__, __dir__ = attach(__name__, _HOMES)

__all__ = sorted(_HOMES)
