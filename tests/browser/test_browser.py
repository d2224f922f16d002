"""Exports in the runtimes of browsers; `make browser` installs what this needs and runs it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
from tests.browser.cases import CASES, inputs_of, trained_like

import addax as keras

HERE = Path(__file__).resolve().parent


def run(script, folder):
    """The outputs that a script of ours prints."""
    done = subprocess.run(["node", HERE / script, folder], capture_output=True, text=True, timeout=300)
    lines = [line for line in done.stdout.splitlines() if line.startswith("RESULTS ")]
    assert done.returncode == 0 and lines, done.stderr[-3000:]
    return [np.reshape(x["values"], x["shape"]) for x in json.loads(lines[0].removeprefix("RESULTS "))]


def plain(array):
    return {"values": array.ravel().tolist(), "shape": array.shape, "dtype": array.dtype.name}


def results_of(model, inputs):
    results = model(inputs if len(inputs) > 1 else inputs[0], training=False)
    return [np.asarray(x) for x in (results if isinstance(results, list) else [results])]


@pytest.mark.parametrize("case", CASES)
def test_tensorflow_js_computes_the_same_and_its_own_file_comes_back(case, tmp_path):
    model = trained_like(CASES[case]())
    inputs = inputs_of(model)
    model.export(tmp_path / "m", format="tfjs")
    (tmp_path / "m" / "inputs.json").write_text(json.dumps([plain(x) for x in inputs]))
    wanted = results_of(model, inputs)
    for found, expected in zip(run("tfjs.mjs", tmp_path / "m"), wanted, strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-5)
    again = keras.models.load_model(tmp_path / "m" / "again")  # which TensorFlow.js wrote
    for found, expected in zip(results_of(again, inputs), wanted, strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("rows", [1, 4])
def test_onnx_computes_the_same_in_chromium(case, rows, tmp_path):
    model = trained_like(CASES[case]())
    inputs = inputs_of(model, rows)
    model.export(tmp_path / "model.onnx", format="onnx")
    named = {x._node.operation.name: plain(array) for x, array in zip(model.inputs, inputs, strict=True)}
    (tmp_path / "inputs.json").write_text(json.dumps(named))
    wanted = results_of(model, inputs)
    for found, expected in zip(run("onnx.mjs", tmp_path), wanted, strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-5)
