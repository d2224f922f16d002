import io

import numpy as np
import pytest
from PIL import Image

from addax.formats import encode_png

RANDOM = np.random.default_rng(0)


def decode(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        return np.asarray(image)


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 3), (5, 7, 4), (5, 7, 2), (1, 1, 3), (300, 200, 3)])
def test_pillow_reads_the_same_pixels(shape):
    image = RANDOM.integers(0, 256, shape).astype("uint8")
    np.testing.assert_array_equal(decode(encode_png(image)), image)


def test_one_channel_is_grey():
    image = RANDOM.integers(0, 256, (4, 6, 1)).astype("uint8")
    np.testing.assert_array_equal(decode(encode_png(image)), image[..., 0])


def test_sixteen_bits_are_kept():
    image = RANDOM.integers(0, 65536, (4, 6)).astype("uint16")
    np.testing.assert_array_equal(decode(encode_png(image)), image)


def test_floats_are_scaled_and_clipped():
    image = np.array([[0.0, 0.5, 1.0], [-3.0, 9.0, np.nan], [1 / 255, np.inf, -np.inf]], "float32")
    assert decode(encode_png(image)).tolist() == [[0, 128, 255], [0, 255, 0], [1, 255, 0]]


def test_booleans_are_black_and_white():
    assert decode(encode_png(np.array([[True, False]]))).tolist() == [[255, 0]]


@pytest.mark.parametrize("shape", [(3,), (2, 2, 5), (0, 4), (1, 2, 2, 3)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(ValueError, match="received shape"):
        encode_png(np.zeros(shape, "uint8"))


def test_other_dtypes_are_refused():
    with pytest.raises(ValueError, match="received int32"):
        encode_png(np.zeros((2, 2), "int32"))
