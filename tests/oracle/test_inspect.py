"""`addax inspect` of files that the real TensorFlow and the old Keras wrote; run by `make oracle`."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
import tf_keras

ROOT = Path(__file__).resolve().parents[2]


def inspected(path):
    """What a process without TensorFlow says of a file."""
    python = sys.executable if importlib.util.find_spec("jax") else ROOT / ".venv" / "bin" / "python"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "JAX_PLATFORMS": "cpu"}
    ran = subprocess.run(
        [python, "-m", "addax", "inspect", "--json", path], capture_output=True, text=True, env=environment
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


@pytest.fixture(scope="module")
def model():
    layers = tf_keras.layers
    found = tf_keras.Sequential(
        [
            layers.Input((4,)),
            layers.Dense(8, name="first"),
            layers.BatchNormalization(name="norm"),
            layers.Dense(2, name="last"),
        ]
    )
    found.compile("adam", "mse", metrics=["mae"])
    found.fit(np.ones((8, 4), "float32"), np.ones((8, 2), "float32"), verbose=0)
    return found


SAVERS = {
    "folder": lambda model, path: model.save(path, save_format="tf"),
    "m.h5": lambda model, path: model.save(path),
    "m.keras": lambda model, path: model.save(path),
    "checkpoint": lambda model, path: model.save_weights(path),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", SAVERS)
def test_the_old_keras(name, model, tmp_path):
    path = str(tmp_path / name)
    SAVERS[name](model, path)
    found = inspected(path)
    assert found["totals"]["parameters"] == model.count_params() == 90
    assert len(found["variables"]) == len(model.weights)
    if name != "m.h5":
        assert found["optimizer"]["iterations"] == 1
    if name == "checkpoint":
        return
    sizes = {layer["name"]: layer["parameters"] for layer in found["model"]["layers"]}
    assert [sizes[layer.name] for layer in model.layers] == [40, 32, 18]
    assert found["model"]["class_name"] == "Sequential"
    assert found["optimizer"]["class_name"].lower() == "adam"


@pytest.mark.filterwarnings("ignore")
def test_a_module(tmp_path):
    class Scale(tf.Module):
        def __init__(self):
            super().__init__()
            self.factor = tf.Variable([[2.0, 3.0]], name="factor")

        @tf.function(input_signature=[tf.TensorSpec((None, 2), tf.float32, name="x")])
        def __call__(self, x):
            return {"y": x * self.factor}

    module = Scale()
    tf.saved_model.save(module, str(tmp_path), signatures={"scale": module.__call__})
    found = inspected(str(tmp_path))
    assert found["signatures"]["scale"] == {
        "inputs": {"x": {"shape": [None, 2], "dtype": "float32"}},
        "outputs": {"y": {"shape": [None, 2], "dtype": "float32"}},
    }
    assert [(v["shape"], v["dtype"]) for v in found["variables"]] == [([1, 2], "float32")]
    assert found["versions"]["tensorflow_version"] == tf.__version__
