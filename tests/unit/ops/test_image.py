"""Ops of `ops.image`: symbolic shapes, errors, and what Keras gets wrong."""

from __future__ import annotations

import numpy as np
import pytest

from addax import ops, random
from addax.engine import GradientTape, SymbolicTensor, Variable

X = np.random.default_rng(0).random((2, 6, 8, 3)).astype("float32")


def test_shapes_of_symbolic_results():
    x = SymbolicTensor((None, None, None, 3))
    assert ops.image.resize(x, (5, 6)).shape == (None, 5, 6, 3)
    assert ops.image.rgb_to_grayscale(x).shape == (None, None, None, 1)
    assert ops.image.crop_images(SymbolicTensor((None, 6, 8, 3)), 1, 1, 1, 1).shape == (None, 4, 6, 3)
    assert ops.image.pad_images(SymbolicTensor((None, 6, 8, 3)), 1, 1, 1, 1).shape == (None, 8, 10, 3)
    assert ops.image.extract_patches(SymbolicTensor((None, 6, 8, 3)), 2).shape == (None, 3, 4, 12)
    assert ops.image.affine_transform(x, np.zeros(8, "float32")).shape == (None, None, None, 3)
    assert ops.image.elastic_transform(
        SymbolicTensor((None, 6, 8, 3)), seed=random.SeedGenerator(1)
    ).shape == (None, 6, 8, 3)
    assert ops.image.sobel_edges(x).shape == (None, None, None, 3, 2)
    assert ops.image.ssim(SymbolicTensor((None, 16, 16, 1)), SymbolicTensor((None, 16, 16, 1))).shape == (
        None,
    )


def test_gaussian_blur_takes_the_layout_of_the_settings():
    # Keras 3.15 takes channels_first here if no layout is given.
    assert np.allclose(ops.image.gaussian_blur(X), ops.image.gaussian_blur(X, data_format="channels_last"))


def test_elastic_displacements_are_independent_along_both_axes():
    # Keras 3.15 draws both from one seed, so that points move along the diagonal only.
    y, x = np.meshgrid(np.arange(20.0), np.arange(20.0), indexing="ij")
    grid = np.stack([y, x], -1).astype("float32")
    moved = ops.image.elastic_transform(grid, alpha=5.0, sigma=2.0, seed=1).numpy() - grid
    inner = moved[5:-5, 5:-5].reshape(-1, 2)
    assert abs(inner).max() > 0.05
    assert abs(np.corrcoef(inner.T)[0, 1]) < 0.9


def test_elastic_transform_follows_its_seed():
    seeds = random.SeedGenerator(1)
    first, second = (ops.image.elastic_transform(X, seed=seeds).numpy() for _ in range(2))
    assert (first != second).any()
    np.testing.assert_array_equal(
        ops.image.elastic_transform(X, seed=3), ops.image.elastic_transform(X, seed=3)
    )
    assert ops.image.elastic_transform((X * 255).astype("uint8"), seed=1).dtype == "uint8"


def test_projective_maps_divide():
    turn = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0]  # (x, y) / (x + 1)
    row = np.arange(4, dtype="float32").reshape(1, 4, 1)
    out = ops.image.affine_transform(row, turn).numpy().ravel()
    np.testing.assert_allclose(out, [0, 1 / 2, 2 / 3, 3 / 4], rtol=1e-5, atol=1e-6)


def test_gradients_reach_the_images():
    x = Variable(X)
    with GradientTape() as tape:
        y = ops.sum(ops.image.resize(x, (3, 4), antialias=True)) + ops.sum(ops.image.extract_patches(x, 2))
    gradient = tape.gradient(y, x).numpy()
    np.testing.assert_allclose(gradient.sum(), 3 * 4 * 2 * 3 + X.size, rtol=1e-5, atol=1e-6)


REFUSED = {
    "rank": (lambda: ops.image.rgb_to_grayscale(X[0, 0]), "rank 3 or 4"),
    "channels": (lambda: ops.image.rgb_to_grayscale(X[..., :2]), "channels"),
    "integers": (lambda: ops.image.rgb_to_hsv((X * 255).astype("uint8")), "float dtype"),
    "size": (lambda: ops.image.resize(X, (0, 3)), "size"),
    "size of one": (lambda: ops.image.resize(X, 3), "size"),
    "interpolation": (lambda: ops.image.resize(X, (2, 2), interpolation="cubic"), "interpolation"),
    "fill mode": (lambda: ops.image.resize(X, (2, 2), fill_mode="wrap"), "fill_mode"),
    "both": (
        lambda: ops.image.resize(X, (2, 2), crop_to_aspect_ratio=True, pad_to_aspect_ratio=True),
        "Only one",
    ),
    "crop args": (lambda: ops.image.crop_images(X, 1, 1), "exactly two"),
    "crop too much": (lambda: ops.image.crop_images(X, 4, 1, 4, 1), "do not have the size"),
    "pad negative": (lambda: ops.image.pad_images(X, -1, 1, 1, 1), "negative"),
    "pad too large": (
        lambda: ops.image.pad_images(X, 0, 0, target_height=2, target_width=9),
        "do not have the size",
    ),
    "patch type": (lambda: ops.image.extract_patches(X, "2"), "size"),
    "patch rank": (lambda: ops.image.extract_patches(X, (1, 1, 1, 1)), "2 or 3"),
    "patch size": (lambda: ops.image.extract_patches(X, 9), "does not fit"),
    "transform": (lambda: ops.image.affine_transform(X, np.zeros(6)), "transform"),
    "warp": (lambda: ops.image.affine_transform(X, np.zeros(8), interpolation="cubic"), "interpolation"),
    "warp fill": (lambda: ops.image.elastic_transform(X, fill_mode="zeros"), "fill_mode"),
    "points": (lambda: ops.image.perspective_transform(X, np.zeros((3, 2)), np.zeros((3, 2))), "points"),
    "coordinates": (lambda: ops.image.map_coordinates(X, np.zeros((3, 2)), 1), "do not fit"),
    "order": (lambda: ops.image.map_coordinates(X, np.zeros((4, 2)), 3), "order"),
    "ssim": (lambda: ops.image.ssim(X, X[:, 1:]), "differ in shape"),
    "sobel": (lambda: ops.image.sobel_edges(X[0]), "rank 4"),
    "method": (lambda: ops.image.scale_and_translate(X, X.shape, [1.0], [0.0], (1,), "box"), "method"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_wrong_arguments_are_refused(name):
    run, match = REFUSED[name]
    with pytest.raises((ValueError, TypeError), match=match):
        run()
