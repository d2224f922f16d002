"""Resizing on the host: image by image, and a batch by one program; both agree to the bit."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from addax.utils import _resample, _staged
from addax.utils._folders import ImageReader

SIZES = [(5, 7), (40, 30), (16, 12), (1, 1), (9, 100), (33, 31), (12, 16), (200, 3), (64, 48)]


def pixels(size, seed=0):
    return np.random.RandomState(seed).randint(0, 256, (*size, 3)).astype("uint8")


@pytest.mark.parametrize("method", _resample.METHODS)
def test_a_flat_image_stays_flat_and_small_ones_become_larger(method):
    for size in SIZES:
        out = np.empty((16, 12, 3), np.float32)
        _resample.resize_into(np.full((*size, 3), 77, np.uint8), out, method)
        np.testing.assert_allclose(out, 77, atol=1e-3)


@pytest.mark.parametrize("crop", [False, True])
def test_a_batch_by_one_program_is_that_image_by_image(crop, tmp_path):
    one = ImageReader((16, 12), "rgb", "bilinear", crop, False, None)
    sizes = [*SIZES, *3 * [(20, 15)]]  # from the second of one size on, all pixels are collected at once
    stage = one.stage(len(sizes))
    assert isinstance(stage, _staged.Stage)
    alone = np.empty((len(sizes), 16, 12, 3), np.float32)
    for number, size in enumerate(sizes):
        path = str(tmp_path / f"{number}.png")
        Image.fromarray(pixels(size, number)).save(path)
        one.read_onto(path, stage, number)
        one.read_into(path, alone[number])
    np.testing.assert_array_equal(stage.resized(len(sizes)), alone)
    np.testing.assert_array_equal(stage.resized(3), alone[:3])


def test_what_goes_image_by_image():
    for options in (("grayscale", "bilinear", False, False), ("rgb", "nearest", False, False)):
        assert ImageReader((16, 12), *options, None).stage(32) is None
    assert ImageReader((16, 12), "rgb", "bilinear", False, True, None).stage(32) is None
    usual = ImageReader((16, 12), "rgb", "bilinear", False, False, None)
    assert usual.stage(7) is None and usual.stage(1 << 20) is None


def test_unknown_methods_are_listed():
    assert _resample.check_method("Bilinear") == "bilinear"
    with pytest.raises(ValueError, match="mitchellcubic"):
        _resample.check_method("cubic")
