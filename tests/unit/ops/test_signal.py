from __future__ import annotations

import numpy as np
import pytest

from addax import ops


def test_istft_undoes_stft() -> None:
    x = np.sin(np.arange(64, dtype=np.float32))
    back = ops.istft(ops.stft(x, 16, 4, 16), 16, 4, 16, length=64)
    np.testing.assert_allclose(back, x, atol=1e-5)


def test_transforms_of_complex_numbers_take_a_pair() -> None:
    for wrong in (np.ones(4, np.float32), (np.ones(4, np.float32), np.ones(3, np.float32)), ([1, 2], [1, 2])):
        with pytest.raises(ValueError, match="pair of tensors"):
            ops.fft(wrong)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"fft_length": 4}, "shorter than the sequences"),
        ({"window": "square"}, "Unknown window"),
        ({"window": np.ones(3, np.float32)}, "does not fit"),
    ],
)
def test_stft_says_what_does_not_fit(options: dict, error: str) -> None:
    with pytest.raises(ValueError, match=error):
        ops.stft(
            np.ones(16, np.float32),
            **{"sequence_length": 6, "sequence_stride": 2, "fft_length": 8, **options},
        )


def test_stft_wants_full_precision() -> None:
    with pytest.raises(TypeError, match="full precision"):
        ops.stft(np.ones(16, np.float16), 4, 2, 4)
