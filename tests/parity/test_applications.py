"""The architectures against the real Keras's: names, weights and their order, and outputs for the same weights."""

from __future__ import annotations

import inspect
import json

import keras as oracle
import numpy as np
import pytest
from tests.parity import _applications_golden as golden

import addax

pytestmark = pytest.mark.grid

RNG = np.random.default_rng(5)
GOLDEN = json.loads(golden.GOLDEN.read_text(encoding="utf-8"))
SMALL = {"weights": None, "input_shape": (32, 32, 3)}
# The smallest member of a family, and arguments that keep it small; each family has its own kinds of blocks.
RUN = [
    ("MobileNet", {"alpha": 0.25, "classes": 7}),
    ("MobileNetV3Small", {"alpha": 0.75, "classes": 7}),
    ("EfficientNetV2B0", {"include_top": False, "pooling": "avg"}),
]
NAMED = ["DenseNet121", "InceptionV3", "MobileNetV2", "ResNet50V2"]


@pytest.fixture(autouse=True)
def fresh_names():
    addax.utils.clear_session()
    oracle.utils.clear_session()


def test_the_golden_file_has_every_architecture():
    assert sorted(GOLDEN) == sorted(golden.members())


@pytest.mark.parametrize("name", NAMED)
def test_layers_and_weights_have_keras_names_and_order(name):
    size = 75 if name == "InceptionV3" else 32
    ours = golden.facts(getattr(addax.applications, name)(weights=None, input_shape=(size, size, 3)))
    assert ours | {"input": None} == GOLDEN[name] | {"input": None}


@pytest.mark.parametrize(("name", "arguments"), RUN, ids=[row[0] for row in RUN])
def test_outputs_are_keras_outputs_for_the_same_weights(name, arguments, monkeypatch):
    golden.without_draws(monkeypatch.setattr)
    ours = getattr(addax.applications, name)(**SMALL | arguments)
    theirs = getattr(oracle.applications, name)(**SMALL | arguments)
    assert golden.layers(ours) == golden.layers(theirs)
    assert golden.weights(ours) == golden.weights(theirs)
    values = [_shaken(v.path, w) for v, w in zip(ours.weights, ours.get_weights(), strict=True)]
    ours.set_weights(values)
    theirs.set_weights(values)
    images = RNG.uniform(0, 255, (2, 32, 32, 3)).astype("float32")
    expected = theirs.predict(images, verbose=0)
    assert np.ptp(expected) > 1e-3
    np.testing.assert_allclose(ours.predict(images, verbose=0), expected, atol=1e-5, rtol=1e-5)


def _shaken(path, value):
    """Weights that no layer starts with, small enough that deep networks stay finite."""
    noise = RNG.uniform(0.5, 1.5, value.shape)
    if path.endswith(("/gamma", "/moving_variance", "/kernel", "/variance")):
        return (value * noise).astype(value.dtype)
    return (value + 0.1 * (noise - 1)).astype(value.dtype)


@pytest.mark.parametrize("mode", ["caffe", "tf", "torch"])
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_pixels_become_what_keras_makes_of_them(mode, data_format):
    images = RNG.uniform(0, 255, (2, 3, 3, 3)).astype("float32")
    ours, theirs = (k.applications.imagenet_utils.preprocess_input for k in (addax, oracle))
    for one in (images, images[0], images.astype("uint8"), images.astype("float64")):
        expected = theirs(one.copy(), data_format, mode)
        found = ours(one.copy(), data_format, mode)
        assert found.dtype == expected.dtype
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)
        tensor = ours(addax.ops.convert_to_tensor(one), data_format, mode)
        np.testing.assert_allclose(tensor, expected, rtol=1e-5, atol=1e-4)


def test_families_prepare_pixels_as_keras_does():
    images = RNG.uniform(0, 255, (1, 2, 2, 3)).astype("float32")
    for name, family in inspect.getmembers(oracle.applications, inspect.ismodule):
        if name != "imagenet_utils":
            ours = getattr(addax.applications, name).preprocess_input(images.copy())
            np.testing.assert_allclose(ours, family.preprocess_input(images.copy()), rtol=1e-6, err_msg=name)


def test_files_are_read_by_either_library(tmp_path):
    """Layers that only these models have are named as Keras names them."""
    x = np.ones((1, 2), "float32")
    for module, name, arguments in [
        ("convnext", "LayerScale", {"init_values": 0.5, "projection_dim": 2}),
        ("inception_resnet_v2", "CustomScaleLayer", {"scale": 0.5}),
    ]:
        layer = getattr(getattr(addax.applications, module), name)(**arguments)
        inputs = addax.Input((2,))
        model = addax.Model(inputs, layer([inputs, inputs] if name == "CustomScaleLayer" else inputs))
        model.save(tmp_path / "ours.keras")
        theirs = oracle.models.load_model(tmp_path / "ours.keras")
        theirs.save(tmp_path / "theirs.keras")
        again = addax.models.load_model(tmp_path / "theirs.keras")
        np.testing.assert_allclose(again(x), theirs(x))
        np.testing.assert_allclose(again(x), model(x))
