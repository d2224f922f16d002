"""Image layers against those of the real Keras: the same draws, images, masks and configs."""

from __future__ import annotations

import inspect
import json

import jax.numpy as jnp
import keras as oracle
import numpy as np
import pytest

import addax
from addax.engine import Compiled

pytestmark = pytest.mark.grid

_rng = np.random.default_rng(3)
IMAGES = _rng.uniform(0, 255, (4, 7, 9, 3)).astype("float32")
MASKS = _rng.integers(0, 3, (4, 7, 9, 1)).astype("float32")
THREE_MASKS = _rng.integers(0, 3, (4, 7, 9, 3)).astype("float32")

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
MORE = [
    ("RandomHue", {"factor": 0.6}),
    ("RandomSaturation", {"factor": (0.3, 0.8)}),
    ("RandomColorDegeneration", {"factor": 0.7, "value_range": (0, 200)}),
    ("RandomGrayscale", {"factor": 0.5}),
    ("RandomInvert", {"factor": (0.3, 0.7)}),
    ("RandomPosterization", {"factor": (2, 6)}),
    ("Solarization", {"addition_factor": 0.3, "threshold_factor": (0.2, 0.6), "value_range": [0, 300]}),
    ("RandomColorJitter", {"brightness_factor": 0.2, "contrast_factor": 0.3, "hue_factor": 0.2}),
    ("RandomSharpness", {"factor": 0.9}),
    ("RandomGaussianBlur", {"factor": (0.3, 0.7), "kernel_size": (3, 5), "sigma": (0.2, 0.9)}),
    ("RandomErasing", {"factor": 0.7, "scale": (0.1, 0.5)}),
    ("RandomShear", {"x_factor": (0.1, 0.4), "y_factor": (0.2, 0.3)}),
    ("RandomPerspective", {"factor": 0.9, "scale": 0.5, "fill_value": 2.0}),
    ("CutMix", {}),
    ("MixUp", {"alpha": 0.6}),
    ("RandAugment", {"num_ops": 3}),
]
FIXED = [
    ("AutoContrast", {"value_range": [0, 300]}),
    ("Equalization", {"bins": 32, "value_range": [0, 300]}),
    (
        "ContrastLimitedAdaptiveHistogramEqualization",
        {"tile_grid_size": (2, 3), "clip_limit": 1.5, "value_range": (0, 300)},
    ),
    ("MaxNumBoundingBoxes", {"max_number": 3}),
]
FORGOTTEN = {"RandomGrayscale": ("seed",), "MaxNumBoundingBoxes": ("fill_value",)}
each = pytest.mark.parametrize(("name", "arguments"), LAYERS, ids=lambda x: x if isinstance(x, str) else "")


def pair(name, arguments, **more):
    seed = {} if (name, arguments) in FIXED else {"seed": 5}
    return (
        getattr(keras.layers, name)(**arguments, **seed, **more, name="given") for keras in (addax, oracle)
    )


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


@pytest.mark.filterwarnings("ignore:Explicitly requested dtype int64")  # by MixUp of Keras
@pytest.mark.parametrize(("name", "arguments"), MORE, ids=lambda x: x if isinstance(x, str) else "")
def test_the_same_seed_changes_a_batch_as_in_keras(name, arguments):
    ours, theirs = pair(name, arguments)
    data = {"images": IMAGES, "segmentation_masks": THREE_MASKS, "labels": np.eye(4, dtype="float32")}
    if name == "MixUp":  # Keras's mixes masks by single numbers of them
        del data["segmentation_masks"]
    arrays = {k: jnp.asarray(v) for k, v in data.items()}
    if name == "RandomGrayscale":  # Keras's takes images alone
        expected = {**arrays, "images": theirs(arrays["images"], training=True)}
    else:
        expected = theirs(arrays, training=True)
    found = ours(data, training=True)
    assert set(found) == set(expected)
    for key in found:
        np.testing.assert_allclose(found[key], expected[key], rtol=1e-4, atol=5e-3)


@pytest.mark.parametrize(("name", "arguments"), FIXED, ids=lambda x: x if isinstance(x, str) else "")
def test_what_is_not_drawn_is_as_in_keras(name, arguments):
    ours, theirs = pair(name, arguments)
    np.testing.assert_allclose(ours(IMAGES), theirs(jnp.asarray(IMAGES)), rtol=1e-4, atol=5e-3)


@pytest.mark.parametrize(
    ("name", "arguments"), [*LAYERS, *MORE, *FIXED], ids=lambda x: x if isinstance(x, str) else ""
)
def test_configs_and_constructors_are_equal(name, arguments):
    ours, theirs = pair(name, arguments)
    mine, expected = plain(ours.get_config()), plain(theirs.get_config())
    for config in (mine, expected):
        for key in FORGOTTEN.get(name, ()):  # what Keras leaves out of the config
            config.pop(key, None)
    assert mine == expected
    for cls, config in ((type(ours), expected), (type(theirs), mine)):
        again = plain(cls.from_config(config).get_config())
        assert {key: value for key, value in again.items() if key not in FORGOTTEN.get(name, ())} == expected
    names = [
        [p for p in inspect.signature(type(x).__init__).parameters if p not in ("name", "dtype")]
        for x in (ours, theirs)
    ]
    assert names[0] == names[1]


@pytest.mark.parametrize("name", sorted({name for name, _ in [*LAYERS, *MORE, *FIXED]} - {"CutMix", "MixUp"}))
def test_channels_may_come_first_and_code_may_be_compiled(name):
    arguments = dict([*LAYERS, *MORE, *FIXED])[name]
    moved = np.moveaxis(IMAGES, -1, 1)
    last, first = (
        next(pair(name, arguments, data_format=form)) for form in ("channels_last", "channels_first")
    )
    expected = np.moveaxis(last(IMAGES, training=True).numpy(), -1, 1)
    found = Compiled(lambda x: first(x, training=True))(moved)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=2e-3)
