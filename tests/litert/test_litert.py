"""LiteRT files, run in LiteRT; `make litert` collects this."""

from __future__ import annotations

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter
from tests.browser.cases import CASES, inputs_of, trained_like

import addax as keras
from addax.export import LiteRTExportError


def run(path, model, inputs):
    names = [x._node.operation.name for x in model.inputs]
    found = Interpreter(str(path)).get_signature_runner("serving_default")(
        **dict(zip(names, inputs, strict=True))
    )
    return [found[f"output_{number}"] for number in range(len(found))]


def agree(path, model, rows):
    inputs = inputs_of(model, rows)
    wanted = model(inputs if len(inputs) > 1 else inputs[0], training=False)
    wanted = wanted if isinstance(wanted, list) else [wanted]
    for found, expected in zip(run(path, model, inputs), wanted, strict=True):
        np.testing.assert_allclose(found, np.asarray(expected), atol=1e-5)


@pytest.mark.parametrize("case", CASES)
def test_litert_computes_the_same(case, tmp_path):
    model = trained_like(CASES[case]())
    model.export(tmp_path / "m.tflite", format="litert", batch_size=2)
    agree(tmp_path / "m.tflite", model, 2)


@pytest.mark.parametrize("case", sorted({*CASES} - {"recurrent"}))
def test_any_number_of_rows(case, tmp_path):
    model = trained_like(CASES[case]())
    model.export(tmp_path / "m.tflite", format="litert")
    for rows in (1, 5):
        agree(tmp_path / "m.tflite", model, rows)


def test_what_the_converter_cannot_say_names_the_way_out(tmp_path):
    model = keras.Sequential([keras.Input((5, 3)), keras.layers.LSTM(2)])
    with pytest.raises(LiteRTExportError, match="batch_size=1"):
        model.export(tmp_path / "m.tflite", format="litert")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("way", ["model", "saved model"])
def test_the_converter_and_the_interpreter_of_tensorflow(way, tmp_path):
    import addax.tf as tf

    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(8, "relu"), keras.layers.Dense(3)])
    x = np.random.default_rng(0).normal(size=(1, 4)).astype("float32")
    if way == "model":
        converter = tf.lite.TFLiteConverter.from_keras_model(model)
    else:
        model.export(tmp_path / "saved", verbose=False)
        converter = tf.lite.TFLiteConverter.from_saved_model(tmp_path / "saved")
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    with pytest.warns(UserWarning, match="stay float32"):
        content = converter.convert()
    interpreter = tf.lite.Interpreter(model_content=content)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], x)
    interpreter.invoke()
    found = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
    np.testing.assert_allclose(found, model(x), rtol=1e-5, atol=1e-5)
