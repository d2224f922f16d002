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
CHOSEN = [  # whose draws are compared below, for Keras's cannot be repeated
    ("AugMix", {"num_chains": 2, "alpha": 0.6, "all_ops": False, "factor": (0.1, 0.4)}),
    ("RandomElasticTransform", {"factor": 0.4, "scale": (0.2, 0.6), "fill_mode": "wrap"}),
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
    ("name", "arguments"), [*LAYERS, *MORE, *FIXED, *CHOSEN], ids=lambda x: x if isinstance(x, str) else ""
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


MIXED = [
    *("random_shear", "random_translation", "random_rotation", "random_posterization", "solarization"),
    *("auto_contrast", "equalization", "random_brightness", "random_color_degeneration", "random_contrast"),
    *("random_sharpness", None),
]


@pytest.mark.parametrize("name", MIXED)
def test_augmix_blends_a_chain_as_keras_does(name):
    # Keras chooses layers by Python's random numbers: here both are told which, and what that one draws.
    ours, theirs = pair("AugMix", {"num_chains": 2, "chain_depth": 1})
    mine, others = addax.random.SeedGenerator(7), oracle.random.SeedGenerator(7)
    layers = list(ours._inner)
    place = len(layers) if name is None else layers.index(name)
    draws = dict.fromkeys(layers)
    chain = []
    if name is not None:
        draws[name] = ours._inner[name].get_random_transformation(IMAGES, seed=mine)
        inner = getattr(theirs, name).get_random_transformation(jnp.asarray(IMAGES), seed=others)
        chain.append({"layer_name": name, "transformation": inner})
    weights = {"chain_mixing_weights": np.float32([0.3, 0.7]), "weight_sample": np.float32(0.4)}
    found = ours.transform_images(
        IMAGES,
        {
            **weights,
            "layer_idxes": np.int32([[place], [len(layers)]]),
            "chain_transforms": [[draws], [dict.fromkeys(layers)]],
        },
    )
    weights = {key: jnp.asarray(value) for key, value in weights.items()}
    expected = theirs.transform_images(jnp.asarray(IMAGES), {**weights, "chain_transforms": [chain, []]})
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=5e-3)


@pytest.mark.parametrize("axis", [0, 1])
def test_elastic_transforms_move_as_far_as_in_keras(axis):
    # Not by equal draws: Keras moves each pixel as far down as to the right, we draw two numbers. On a ramp, the
    # change of a pixel is how far it was moved along the axis.
    ramp = 10 * np.indices((16, 20))[axis]
    images = np.broadcast_to(ramp[None, ..., None], (64, 16, 20, 1)).astype("float32")
    arguments = {"factor": (1.0, 1.0), "scale": (0.8, 0.8), "fill_mode": "nearest", "value_range": (0, 1000)}
    ours, theirs = pair("RandomElasticTransform", arguments)
    found, expected = (
        (np.asarray(x) - images)[:, 5:-5, 5:-5]
        for x in (ours(images, training=True), theirs(jnp.asarray(images), training=True))
    )
    assert expected.std() > 1
    assert abs(found.std() / expected.std() - 1) < 0.1
    assert abs(found.mean()) < 0.2 * expected.std()
