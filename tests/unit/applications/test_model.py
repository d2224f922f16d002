"""What all architectures share: arguments, input, head, weights."""

from __future__ import annotations

import functools
import hashlib
import http.server
import threading
import urllib.error
import urllib.request
import warnings

import numpy as np
import pytest

import addax as keras
from addax.applications import (
    VGG16,
    ConvNeXtTiny,
    MobileNet,
    MobileNetV2,
    MobileNetV3Small,
    NASNetMobile,
    mobilenet_v3,
)

BARE = {"alpha": 0.25, "include_top": False, "input_shape": (32, 32, 3), "pooling": "avg"}


@pytest.fixture(scope="module")
def bare():
    return MobileNet(weights=None, **BARE)


def test_a_model_runs_forward(bare):
    assert bare.name == "mobilenet_0.25_32"
    assert bare.output_shape == (None, 256)
    assert bare.predict(np.ones((2, 32, 32, 3), "float32"), verbose=0).shape == (2, 256)


@pytest.mark.parametrize("ending", [".weights.h5", ".keras", ".h5"])
def test_weights_are_loaded_from_a_file(bare, tmp_path, ending):
    path = tmp_path / f"model{ending}"
    bare.save_weights(path) if ending == ".weights.h5" else bare.save(path)
    again = MobileNet(weights=path, **BARE)
    for ours, theirs in zip(again.get_weights(), bare.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_published_weights_are_found_where_they_were_put_by_hand(bare, tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    (tmp_path / "models").mkdir()
    bare.save(tmp_path / "models" / "mobilenet_2_5_128_tf_no_top.h5")
    found = MobileNet(alpha=0.25, include_top=False, input_shape=(128, 128, 3))
    np.testing.assert_array_equal(found.get_weights()[0], bare.get_weights()[0])


def test_published_weights_come_over_the_network_and_are_checked(tmp_path, monkeypatch):
    arguments = {"include_top": False, "input_shape": (32, 32, 3), "minimalistic": True}
    original = MobileNetV3Small(weights=None, **arguments)
    site = tmp_path / "site"
    site.mkdir()
    file = site / "weights_mobilenet_v3_small_minimalistic_224_1.0_float_no_top_v2.h5"
    original.save(file)
    asked = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            asked.append(self.path)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=site))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(mobilenet_v3, "KERAS_FILES", f"http://127.0.0.1:{server.server_port}/")
    (site / "mobilenet_v3").symlink_to(site)
    key = "small_minimalistic_224_1.0"
    with server, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the weights are those for larger images
        threading.Thread(target=server.serve_forever, daemon=True).start()
        digest = hashlib.md5(file.read_bytes(), usedforsecurity=False).hexdigest()
        monkeypatch.setitem(mobilenet_v3._HASHES, key, (None, digest))
        for _ in range(2):  # once from the network, once from the cache
            found = MobileNetV3Small(**arguments)
            for ours, theirs in zip(found.get_weights(), original.get_weights(), strict=True):
                np.testing.assert_array_equal(ours, theirs)
        assert len(asked) == 1
        monkeypatch.setitem(mobilenet_v3._HASHES, key, (None, "0" * 32))
        with pytest.raises(ValueError, match="(?i)hash"):
            MobileNetV3Small(**arguments)
        server.shutdown()


def test_without_a_network_the_error_says_where_to_put_the_file(tmp_path, monkeypatch):
    def refuse(*args, **kwargs):
        raise urllib.error.URLError("no network")

    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr(urllib.request, "urlopen", refuse)
    with pytest.raises(Exception, match=r"(?s)vgg16_weights.*_notop\.h5.*by hand.*models"):
        VGG16(include_top=False)


def test_a_network_may_stand_on_other_layers():
    inputs = keras.Input((32, 32, 1))
    colored = keras.layers.Concatenate()([inputs, inputs, inputs])
    model = MobileNet(weights=None, alpha=0.25, include_top=False, input_tensor=colored, name="gray")
    assert model.inputs[0] is inputs
    assert (model.name, model.input_shape) == ("gray", (None, 32, 32, 1))
    assert model.output_shape == (None, 1, 1, 256)


def test_channels_may_come_first():
    before = keras.config.image_data_format()
    keras.config.set_image_data_format("channels_first")
    try:
        model = MobileNet(weights=None, alpha=0.25, include_top=False, input_shape=(3, 32, 32))
        with pytest.raises(ValueError, match="channels last"):
            ConvNeXtTiny(weights=None)
    finally:
        keras.config.set_image_data_format(before)
    assert model.output_shape == (None, 256, 1, 1)


@pytest.mark.parametrize(
    ("architecture", "arguments", "problem"),
    [
        (VGG16, {"weights": "nowhere.h5"}, "names no file"),
        (VGG16, {"classes": 10}, "1000 classes"),
        (VGG16, {"input_shape": (200, 200, 3)}, "images of one shape"),
        (VGG16, {"weights": None, "input_shape": (31, 40, 3)}, "too small"),
        (VGG16, {"weights": None, "input_shape": (None, None, 3)}, "has to be known"),
        (VGG16, {"weights": None, "input_shape": (32, 32)}, "three numbers"),
        (VGG16, {"include_top": False, "input_shape": (32, 32, 1)}, "3 channels"),
        (VGG16, {"weights": None, "input_tensor": np.ones((1, 224, 224, 3))}, "no symbolic tensor"),
        (MobileNet, {"alpha": 0.3}, "this width"),
        (MobileNet, {"depth_multiplier": 2}, "multiplier of 1"),
        (MobileNetV2, {"alpha": 0.25}, "this width"),
        (MobileNetV3Small, {"alpha": 0.75, "minimalistic": True}, "this width"),
        (NASNetMobile, {"include_top": False, "input_shape": (None, None, 3)}, "known size"),
    ],
)
def test_wrong_arguments_are_refused(architecture, arguments, problem):
    with pytest.raises(ValueError, match=problem):
        architecture(**arguments)


def test_a_loaded_classifier_keeps_its_activation(bare, tmp_path):
    bare.save_weights(tmp_path / "m.weights.h5")
    arguments = {"alpha": 0.25, "input_shape": (32, 32, 3), "weights": tmp_path / "m.weights.h5"}
    with pytest.raises(ValueError, match="softmax"):
        MobileNet(**arguments, classifier_activation="relu")


def test_unusual_channels_are_warned_of():
    with pytest.warns(UserWarning, match="5 channels"), pytest.raises(ValueError, match="too small"):
        VGG16(weights=None, input_shape=(16, 32, 5))
