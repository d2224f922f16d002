"""`tf.lite` without the packages that it rests on; `make litert` runs it with them."""

import sys

import pytest

import addax.tf as tf


@pytest.fixture
def without_packages(monkeypatch):
    for name in ("litert_converter", "ai_edge_litert", "ai_edge_litert.interpreter"):
        monkeypatch.setitem(sys.modules, name, None)


def test_what_is_missing_is_named(without_packages):
    model = tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Dense(1)])
    with pytest.raises(ImportError, match=r"addax\[litert\]"):
        tf.lite.TFLiteConverter.from_keras_model(model).convert()
    with pytest.raises(ImportError, match="pip install ai-edge-litert"):
        tf.lite.Interpreter(model_content=b"")


def test_a_file_holds_one_signature(tmp_path):
    with pytest.raises(ValueError, match="one signature"):
        tf.lite.TFLiteConverter.from_saved_model(tmp_path, signature_keys=["a", "b"])
