"""Pixels before an ImageNet model, classes after it."""

from __future__ import annotations

import json

import numpy as np
import pytest

import addax as keras
from addax.applications import imagenet_utils, resnet50, vgg16
from addax.applications.imagenet_utils import decode_predictions, preprocess_input


def test_an_array_of_floats_is_written_over_and_another_is_not():
    floats = np.full((1, 1, 3), 255.0, "float32")
    assert preprocess_input(floats, mode="tf") is floats
    whole = np.full((1, 1, 3), 255, "uint8")
    assert preprocess_input(whole, mode="tf").dtype == np.float32
    assert whole.max() == 255
    frozen = np.full((1, 1, 3), 255.0)
    frozen.flags.writeable = False
    np.testing.assert_allclose(preprocess_input(frozen, mode="torch")[0, 0, 0], (1 - 0.485) / 0.229)
    assert frozen.max() == 255


def test_it_works_inside_a_model():
    inputs = keras.Input((2, 2, 3), dtype="uint8")
    model = keras.Model(inputs, vgg16.preprocess_input(inputs))
    images = np.arange(12, dtype="uint8").reshape(1, 2, 2, 3)
    np.testing.assert_allclose(model(images), resnet50.preprocess_input(images), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "problem"), [({"mode": "rgb"}, "Unknown mode"), ({"data_format": "NHWC"}, "data format")]
)
def test_wrong_arguments_are_refused(arguments, problem):
    with pytest.raises(ValueError, match=problem):
        preprocess_input(np.ones((1, 1, 3)), **arguments)


def test_predictions_are_named_best_first(tmp_path, monkeypatch):
    path = tmp_path / "classes.json"
    path.write_text(json.dumps({str(i): [f"n{i}", f"name{i}"] for i in range(1000)}), encoding="utf-8")
    monkeypatch.setattr(imagenet_utils, "get_file", lambda *args, **kwargs: str(path))
    scores = np.zeros((2, 1000), "float32")
    scores[0, 7], scores[0, 3], scores[1, 999] = 0.6, 0.4, 1.0
    first, second = decode_predictions(scores, top=2)
    assert [row[:2] for row in first] == [("n7", "name7"), ("n3", "name3")]
    assert first[0][2] == np.float32(0.6)
    assert decode_predictions(keras.ops.convert_to_tensor(scores), top=1)[1] == second[:1]


def test_what_is_no_prediction_is_refused():
    with pytest.raises(ValueError, match="no predictions"):
        decode_predictions(np.ones((2, 10)))
