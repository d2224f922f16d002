"""Ops of `ops.image` against the real Keras on JAX."""

from __future__ import annotations

import keras as real
import numpy as np
import pytest

from addax import ops

pytestmark = pytest.mark.grid

RNG = np.random.default_rng(0)
IMAGES = RNG.random((2, 7, 9, 3)).astype("float32")
BYTES = RNG.integers(0, 255, (2, 7, 9, 3)).astype("uint8")


def both(name, *args, rtol=1e-4, atol=1e-5, **kwargs):
    ours = getattr(ops.image, name)(*args, **kwargs)
    theirs = np.asarray(getattr(real.ops.image, name)(*args, **kwargs))
    assert ours.dtype.name == theirs.dtype.name
    np.testing.assert_allclose(ours.numpy().astype("float64"), theirs.astype("float64"), rtol=rtol, atol=atol)


def all_layouts(name, *args, images=IMAGES, **kwargs):
    both(name, images, *args, **kwargs)
    both(name, images[0], *args, **kwargs)
    both(name, np.moveaxis(images, -1, 1), *args, data_format="channels_first", **kwargs)


def test_colours():
    all_layouts("rgb_to_grayscale")
    all_layouts("rgb_to_grayscale", images=BYTES)
    all_layouts("rgb_to_hsv")
    all_layouts("hsv_to_rgb")
    both("rgb_to_hsv", np.array([[[0, 0, 0], [1, 1, 1], [0.2, 0.2, 0.9], [0.9, 0.2, 0.9]]], "float32"))


@pytest.mark.parametrize("interpolation", ["bilinear", "nearest", "bicubic", "lanczos3", "lanczos5"])
@pytest.mark.parametrize("antialias", [False, True])
def test_resize(interpolation, antialias):
    for size in ((4, 10),) if antialias else ((4, 5), (14, 10)):
        all_layouts("resize", size, interpolation=interpolation, antialias=antialias)
        both("resize", BYTES, size, interpolation=interpolation, antialias=antialias, atol=1)


@pytest.mark.parametrize("size", [(4, 4), (8, 3), (3, 8)])
@pytest.mark.parametrize("how", ["crop_to_aspect_ratio", "pad_to_aspect_ratio"])
def test_resize_with_the_proportions_kept(size, how):
    all_layouts("resize", size, **{how: True})
    if how == "pad_to_aspect_ratio":
        both("resize", IMAGES, size, fill_value=0.5, **{how: True})


def test_crops_and_pads():
    for options in (
        {"target_height": 4, "top_cropping": 1, "left_cropping": 2, "right_cropping": 3},
        {"bottom_cropping": 2, "top_cropping": 1, "target_width": 3, "right_cropping": 3},
    ):
        all_layouts("crop_images", **options)
    for options in (
        {"target_height": 12, "top_padding": 1, "left_padding": 2, "right_padding": 3},
        {"bottom_padding": 2, "top_padding": 1, "target_width": 14, "right_padding": 3},
    ):
        all_layouts("pad_images", **options)


@pytest.mark.parametrize(
    "options",
    [{}, {"strides": 1}, {"strides": (2, 1), "padding": "same"}, {"dilation_rate": 2, "strides": 1}],
)
def test_patches(options):
    all_layouts("extract_patches", 3, **options)
    if options != {"strides": (2, 1), "padding": "same"}:
        both("extract_patches", RNG.random((2, 5, 6, 7, 2)).astype("float32"), (2, 3, 2), **options)
        both("extract_patches_3d", RNG.random((2, 5, 6, 7, 2)).astype("float32"), 2, **options)


@pytest.mark.parametrize("order", [0, 1])
@pytest.mark.parametrize("fill_mode", ["constant", "nearest", "wrap", "mirror", "reflect"])
def test_coordinates_and_affine_maps(order, fill_mode):
    points = RNG.uniform(-3, 12, (4, 5, 6)).astype("float32")
    both("map_coordinates", IMAGES, points, order=order, fill_mode=fill_mode, fill_value=0.3)
    turn = np.array([[0.91, 0.23, 1.0, -0.31, 1.13, 0.57, 0, 0], [1, 0, -2.4, 0, 1, 1.3, 0, 0]], "float32")
    how = ("nearest", "bilinear")[order]
    both("affine_transform", IMAGES, turn, interpolation=how, fill_mode=fill_mode, fill_value=0.3)
    both("affine_transform", IMAGES[0], turn[0], interpolation=how, fill_mode=fill_mode)


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
def test_perspective(interpolation):
    start = np.array([[0, 0], [8, 0], [0, 6], [8, 6]], "float32")
    end = start + RNG.uniform(-1, 1, (4, 2)).astype("float32")
    both(
        "perspective_transform",
        IMAGES,
        np.stack([start, end]),
        np.stack([end, start]),
        interpolation=interpolation,
        atol=1e-3,
    )
    both(
        "perspective_transform", IMAGES[0], start, end, interpolation=interpolation, fill_value=0.2, atol=1e-3
    )


def test_filters():
    for size, sigma in (((3, 3), (1.0, 1.0)), ((5, 3), (0.5, 2.0))):
        both("gaussian_blur", IMAGES, size, sigma, data_format="channels_last")
        both("gaussian_blur", np.moveaxis(IMAGES, -1, 1), size, sigma, data_format="channels_first")
    both("sobel_edges", IMAGES)
    both("sobel_edges", np.moveaxis(IMAGES, -1, 1), data_format="channels_first")


def test_ssim():
    x = RNG.random((2, 16, 17, 3)).astype("float32")
    y = np.clip(x + 0.1 * RNG.normal(size=x.shape), 0, 1).astype("float32")
    both("ssim", x, y)
    both("ssim", x[0], y[0], max_val=2.0, filter_size=5)
    both("ssim", np.moveaxis(x, -1, 1), np.moveaxis(y, -1, 1), data_format="channels_first")


def test_scale_and_translate():
    for method in ("linear", "cubic", "lanczos3"):
        both(
            "scale_and_translate",
            IMAGES,
            (2, 10, 12, 3),
            np.array([1.5, 1.2], "float32"),
            np.array([0.5, -1.0], "float32"),
            (1, 2),
            method,
        )
