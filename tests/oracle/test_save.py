"""`tf.saved_model.save` with signatures: Addax writes in a process of its own, the real TensorFlow runs it."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

ROOT = Path(__file__).resolve().parents[2]
WRITE = """
import sys
import numpy as np
import addax as keras, addax.tf as tf

class Model(tf.Module):
    def __init__(self):
        self.w = tf.Variable(np.arange(6, dtype="float32").reshape(3, 2), name="w")

    @tf.function(input_signature=[tf.TensorSpec([None, 3], tf.float32)])
    def both(self, x):
        y = x @ self.w
        return {"sum": tf.reduce_sum(y, axis=1), "product": y}

keras.utils.set_random_seed(0)
net = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])

@tf.function(input_signature=[tf.TensorSpec([None, 3], tf.float32, name="features")])
def classify(features):
    return {"class": tf.argmax(net(features), axis=1)}

tf.saved_model.save(Model(), sys.argv[1] + "/module")
tf.saved_model.save(net, sys.argv[1] + "/model", signatures={"serving_default": classify})
x = np.random.default_rng(0).normal(size=(5, 3)).astype("float32")
np.savez(sys.argv[1] + "/expected.npz", x=x, classes=net.predict(x, verbose=0).argmax(1))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved")
    python = sys.executable if importlib.util.find_spec("jax") else ROOT / ".venv" / "bin" / "python"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "JAX_PLATFORMS": "cpu"}
    subprocess.run([python, "-c", WRITE, folder], check=True, env=environment)
    return folder


def test_the_methods_of_a_module(folder):
    x = np.load(folder / "expected.npz")["x"]
    loaded = tf.saved_model.load(str(folder / "module"))
    product = x @ np.arange(6, dtype="float32").reshape(3, 2)
    np.testing.assert_allclose(loaded.both(tf.constant(x))["product"], product, rtol=1e-5)
    found = loaded.signatures["both"](x=tf.constant(x[:2]))
    np.testing.assert_allclose(found["sum"], product[:2].sum(1), rtol=1e-5)


def test_a_signature_of_a_model(folder):
    expected = np.load(folder / "expected.npz")
    loaded = tf.saved_model.load(str(folder / "model"))
    found = loaded.signatures["serving_default"](features=tf.constant(expected["x"]))
    assert found["class"].numpy().tolist() == expected["classes"].tolist()
