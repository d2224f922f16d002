"""The architectures against the real Keras's: names, weights and their order, and outputs for the same weights."""

from __future__ import annotations

import inspect
import json
import warnings

import keras as oracle
import numpy as np
import pytest
from tests.parity import _applications_golden as golden
from tests.parity import _applications_weights as weights
from tests.parity import _published_files

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
# The widths and sizes of images that there are weights for.
MOBILE = {
    "MobileNet": [(a, (n, n, 3)) for a in (0.25, 0.5, 0.75, 1.0) for n in (128, 160, 192, 224)],
    "MobileNetV2": [
        (a, (n, n, 3)) for a in (0.35, 0.5, 0.75, 1.0, 1.3, 1.4) for n in (96, 128, 160, 192, 224)
    ],
}


@pytest.fixture(autouse=True)
def fresh_names():
    addax.utils.clear_session()
    oracle.utils.clear_session()


def test_the_golden_file_has_every_architecture():
    assert sorted(GOLDEN) == sorted(golden.members())


@pytest.mark.grid(one_in=10)
@pytest.mark.parametrize("name", golden.members())
def test_parameters_layers_and_weights_are_keras_in_number_name_and_order(name):
    assert golden.facts(getattr(addax.applications, name)(weights=None)) == GOLDEN[name]


def test_published_files_and_their_hashes_are_keras():
    cases = [(name, {}) for name in golden.members()]
    cases += [(name, {"alpha": a, "input_shape": n}) for name, rows in MOBILE.items() for a, n in rows]
    cases += [
        (name, {"alpha": a, "minimalistic": m})
        for name in ("MobileNetV3Small", "MobileNetV3Large")
        for a, m in ((0.75, False), (1.0, True))
    ]
    cases = [(name, {**arguments, "include_top": top}) for name, arguments in cases for top in (True, False)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # both say that there are weights for certain sizes of images
        ours, theirs = _published_files.calls(addax, cases), _published_files.calls(oracle, cases)
    assert len({call["file"] for call in theirs}) > 150
    for case, found, expected in zip(cases, ours, theirs, strict=True):
        assert found == expected, case


FAMILIES = [
    *(
        "ConvNeXtTiny",
        "DenseNet121",
        "EfficientNetB0",
        "EfficientNetV2B0",
        "InceptionResNetV2",
        "InceptionV3",
    ),
    *(
        "MobileNet",
        "MobileNetV2",
        "MobileNetV3Small",
        "NASNetMobile",
        "ResNet50",
        "ResNet50V2",
        "VGG16",
        "Xception",
    ),
]
HEADS = [{"pooling": None}, {"pooling": "avg"}, {"pooling": "max"}]


@pytest.mark.grid(one_in=10)
@pytest.mark.parametrize("name", FAMILIES)
def test_without_the_classifier_it_ends_as_keras_ends_it(name, monkeypatch):
    """Each end, on images of unknown size or on another layer's output."""
    golden.without_draws(monkeypatch.setattr)
    head = HEADS[FAMILIES.index(name) % 3]
    found = []
    for library in (addax, oracle):
        inputs = library.Input((96, 80, 1))
        images = library.layers.Concatenate()([inputs, inputs, inputs])
        known = {"input_tensor": images, "input_shape": (96, 80, 3)} if name == "NASNetMobile" else {}
        arguments = known or ({"input_tensor": images} if FAMILIES.index(name) % 2 else {})
        model = getattr(library.applications, name)(weights=None, include_top=False, **head, **arguments)
        found.append([golden.layers(model), golden.weights(model), model.input_shape, model.output_shape])
    assert found[0] == found[1]


@pytest.mark.grid(one_in=17)
@pytest.mark.parametrize("name", golden.members())
def test_every_architecture_computes_what_keras_computes(name, monkeypatch):
    golden.without_draws(monkeypatch.setattr)
    size = 139 if name.startswith("Inception") else 96  # so that the last maps have more than one place
    arguments = {"weights": None, "input_shape": (size, size, 3), "classes": 7, "classifier_activation": None}
    ours = getattr(addax.applications, name)(**arguments)
    theirs = getattr(oracle.applications, name)(**arguments)
    rng = np.random.default_rng(11)
    images = rng.uniform(0, 255, (2, size, size, 3)).astype("float32")
    weights.shake(ours, rng)
    weights.normalize(ours, images)
    _copy(ours, theirs)
    expected = theirs.predict(images, verbose=0)
    found = ours.predict(images, verbose=0)
    scale = np.abs(expected).max()
    assert (
        np.isfinite(scale) and np.ptp(expected, axis=0).max() > 1e-4 * scale
    )  # the images make a difference
    np.testing.assert_allclose(found, expected, atol=1e-5 * scale, rtol=0)


@pytest.mark.parametrize(("name", "arguments"), RUN, ids=[row[0] for row in RUN])
def test_outputs_are_keras_outputs_for_the_same_weights(name, arguments, monkeypatch):
    golden.without_draws(monkeypatch.setattr)
    ours = getattr(addax.applications, name)(**SMALL | arguments)
    theirs = getattr(oracle.applications, name)(**SMALL | arguments)
    assert golden.layers(ours) == golden.layers(theirs)
    assert golden.weights(ours) == golden.weights(theirs)
    weights.shake(ours, RNG)
    _copy(ours, theirs)
    images = RNG.uniform(0, 255, (2, 32, 32, 3)).astype("float32")
    expected = theirs.predict(images, verbose=0)
    assert np.ptp(expected) > 1e-3
    np.testing.assert_allclose(ours.predict(images, verbose=0), expected, atol=1e-5, rtol=1e-5)


def _copy(ours, theirs):
    for mine, other in zip(ours.weights, theirs.weights, strict=True):
        assert mine.path == other.path
        other.assign(np.asarray(mine))
    for layer in theirs.layers:
        if hasattr(layer, "finalize_state"):  # takes its mean and variance from its weights
            layer.finalize_state()


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
