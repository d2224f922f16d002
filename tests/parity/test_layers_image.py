"""Image layers against those of the real Keras: the same draws, images, masks and configs."""

from __future__ import annotations

import inspect
import json

import jax.numpy as jnp
import keras as oracle
import numpy as np
import pytest

import addax

_rng = np.random.default_rng(3)
IMAGES = _rng.uniform(0, 255, (4, 7, 9, 3)).astype("float32")
MASKS = _rng.integers(0, 3, (4, 7, 9, 1)).astype("float32")

LAYERS = [
    ("RandomFlip", {"mode": "horizontal"}),
    ("RandomFlip", {"mode": "vertical"}),
    ("RandomFlip", {}),
    ("RandomRotation", {"factor": 0.2}),
    ("RandomRotation", {"factor": (-0.1, 0.3), "fill_mode": "constant", "fill_value": 3.0}),
    ("RandomZoom", {"height_factor": 0.3}),
    ("RandomZoom", {"height_factor": (-0.3, -0.1), "width_factor": 0.2, "fill_mode": "nearest"}),
    ("RandomTranslation", {"height_factor": 0.3, "width_factor": (0.1, 0.2)}),
    (
        "RandomTranslation",
        {"height_factor": 0.3, "width_factor": 0.2, "interpolation": "nearest", "fill_mode": "wrap"},
    ),
    ("RandomCrop", {"height": 4, "width": 5}),
    ("RandomContrast", {"factor": 0.4}),
    ("RandomContrast", {"factor": (0.5, 0.9), "value_range": (0, 200)}),
    ("RandomBrightness", {"factor": 0.4}),
    ("RandomBrightness", {"factor": (-0.3, -0.1), "value_range": [0, 255]}),
]
each = pytest.mark.parametrize(("name", "arguments"), LAYERS, ids=lambda x: x if isinstance(x, str) else "")


def pair(name, arguments):
    return (getattr(keras.layers, name)(**arguments, seed=5, name="given") for keras in (addax, oracle))


def plain(config):
    return json.loads(json.dumps(config, default=list))


@each
def test_the_same_seed_changes_images_as_in_keras(name, arguments):
    ours, theirs = pair(name, arguments)
    for _ in range(2):
        found, expected = ours(IMAGES, training=True), theirs(jnp.asarray(IMAGES), training=True)
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=2e-3)
    found, expected = ours(IMAGES[0], training=True), theirs(jnp.asarray(IMAGES[0]), training=True)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=2e-3)


@each
def test_masks_follow_the_images_and_labels_stay(name, arguments):
    ours, theirs = pair(name, arguments)
    data = {"images": IMAGES, "segmentation_masks": MASKS, "labels": np.arange(4.0, dtype="float32")}
    found = ours(data, training=True)
    expected = theirs({k: jnp.asarray(v) for k, v in data.items()}, training=True)
    assert set(found) == set(expected) == set(data)
    for key in data:
        np.testing.assert_allclose(found[key], expected[key], rtol=1e-4, atol=2e-3)


@each
def test_configs_and_constructors_are_equal(name, arguments):
    ours, theirs = pair(name, arguments)
    mine, expected = plain(ours.get_config()), plain(theirs.get_config())
    assert mine == expected
    assert plain(type(ours).from_config(expected).get_config()) == expected
    assert plain(type(theirs).from_config(mine).get_config()) == expected
    names = [
        [p for p in inspect.signature(type(x).__init__).parameters if p not in ("name", "dtype")]
        for x in (ours, theirs)
    ]
    assert names[0] == names[1]


def test_channels_may_come_first():
    moved = np.moveaxis(IMAGES, -1, 1)
    for name, arguments in LAYERS:
        last, ours = (
            getattr(addax.layers, name)(**arguments, seed=5, data_format=form)
            for form in ("channels_last", "channels_first")
        )
        expected = np.moveaxis(last(IMAGES, training=True).numpy(), -1, 1)
        np.testing.assert_allclose(ours(moved, training=True), expected, rtol=1e-4, atol=1e-3)
