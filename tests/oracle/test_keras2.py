"""Models that Addax writes for Keras 2, loaded and trained on by tf_keras."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tf_keras

ROOT = Path(__file__).resolve().parents[2]
CASES = ["attention", "branches", "cnn", "gates", "no_dropout", "recurrent"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The files, written by a process that has no TensorFlow in it."""
    folder = tmp_path_factory.mktemp("keras2")
    python = sys.executable if importlib.util.find_spec("jax") else ROOT / ".venv" / "bin" / "python"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "JAX_PLATFORMS": "cpu"}
    subprocess.run([python, ROOT / "tests/oracle/write_keras2.py", folder], check=True, env=environment)
    return folder


def test_every_case_is_checked(folder):
    assert sorted(path.stem for path in folder.glob("*.h5")) == CASES


def listed(results):
    return [np.asarray(x) for x in (results if isinstance(results, list) else [results])]


@pytest.mark.parametrize("case", CASES)
def test_tf_keras_computes_and_trains_on_the_same(folder, case):
    data = np.load(folder / f"{case}.npz")
    groups = {
        k: [data[n] for n in sorted(data) if n.rstrip("0123456789") == k] for k in ("x", "before", "after")
    }
    x = groups["x"] if len(groups["x"]) > 1 else groups["x"][0]
    model = tf_keras.models.load_model(folder / f"{case}.h5")
    assert int(model.optimizer.iterations) == 2
    for found, wanted in zip(listed(model(x, training=False)), groups["before"], strict=True):
        np.testing.assert_allclose(found, wanted, atol=1e-5)
    targets = [np.ones(y.shape, "float32") for y in groups["before"]]
    model.fit(x, targets if len(targets) > 1 else targets[0], epochs=1, shuffle=False, verbose=0)
    for found, wanted in zip(listed(model(x, training=False)), groups["after"], strict=True):
        np.testing.assert_allclose(found, wanted, atol=1e-4)


@pytest.mark.parametrize("case", CASES)
def test_tf_keras_reads_the_architecture(folder, case):
    model = tf_keras.models.model_from_json((folder / f"{case}.json").read_text())
    model.set_weights(tf_keras.models.load_model(folder / f"{case}.h5").get_weights())
