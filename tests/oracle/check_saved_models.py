"""Runs the SavedModels of `write_saved_models.py` in the real TensorFlow: `check_saved_models.py DIR`.

This file needs TensorFlow and nothing of Addax, which is not installed where it runs.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import tensorflow as tf

TOLERANCE = 1e-5


def assert_equal(received: Any, expected: Any, what: str) -> None:
    np.testing.assert_allclose(received, expected, rtol=TOLERANCE, atol=TOLERANCE, err_msg=what)


def call_arguments(about: dict[str, Any], inputs: dict[str, tf.Tensor]) -> list[Any]:
    """The inputs as the model's own method takes them."""
    ordered = [inputs[name] for name in about["inputs"]]
    if about["packing"] == "dict":
        return [inputs]
    return [ordered] if about["packing"] == "list" else ordered


def check_python(folder: Path, about: dict[str, Any]) -> None:
    """`tf.saved_model.load`: the signature, the call, `serve`, and the variables."""
    loaded = tf.saved_model.load(str(folder / "model"))
    assert len(loaded.variables) == about["variables"]
    assert [variable.name.split(":")[0] for variable in loaded.trainable_variables] == about["trainable"]
    assert len(loaded.non_trainable_variables) == about["variables"] - len(about["trainable"])
    assert all(variable.trainable for variable in loaded.trainable_variables)
    signature = loaded.signatures["serving_default"]
    for batch_size in about["batch_sizes"]:
        inputs = {
            key: tf.constant(value) for key, value in np.load(folder / f"inputs_{batch_size}.npz").items()
        }
        expected = dict(np.load(folder / f"expected_{batch_size}.npz"))
        results = signature(**inputs)
        assert set(results) == set(expected)
        for name, value in expected.items():
            assert results[name].dtype.as_numpy_dtype == value.dtype
            assert_equal(results[name], value, f"{folder.name}: {name} with batch size {batch_size}")
        for method in (loaded, loaded.serve):
            called = method(*call_arguments(about, inputs))
            for one, other in zip(tf.nest.flatten(called), tf.nest.flatten(expected), strict=True):
                assert_equal(one, other, f"{folder.name}: call with batch size {batch_size}")


def check_variables_matter(folder: Path) -> None:
    """A loaded model computes with its variables: with zeros in them the results differ."""
    loaded = tf.saved_model.load(str(folder / "model"))
    inputs = {key: tf.constant(value) for key, value in np.load(folder / "inputs_5.npz").items()}
    before = loaded.signatures["serving_default"](**inputs)
    for variable in loaded.trainable_variables:
        variable.assign(tf.zeros_like(variable))
    after = loaded.signatures["serving_default"](**inputs)
    assert any(np.abs(before[name] - after[name]).max() > 1e-3 for name in before)


def check_session(folder: Path, about: dict[str, Any]) -> None:
    """The graph itself, as TensorFlow Serving and the C API run it."""
    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:
        graph = v1.saved_model.loader.load(session, ["serve"], str(folder / "model"))
        signature = graph.signature_def["serving_default"]
        for batch_size in about["batch_sizes"]:
            inputs = np.load(folder / f"inputs_{batch_size}.npz")
            expected = dict(np.load(folder / f"expected_{batch_size}.npz"))
            feed = {signature.inputs[name].name: inputs[name] for name in inputs}
            fetch = {name: signature.outputs[name].name for name in expected}
            for name, value in session.run(fetch, feed).items():
                assert_equal(value, expected[name], f"{folder.name}: {name} in a session")


def main(source: str) -> None:
    folders = sorted(path.parent for path in Path(source).glob("*/about.json"))
    assert folders, f"no models in {source}"
    for folder in folders:
        about = json.loads((folder / "about.json").read_text())
        check_python(folder, about)
        check_variables_matter(folder)
        check_session(folder, about)
        print(f"TensorFlow {tf.__version__} agrees on {folder.name}")


if __name__ == "__main__":
    main(sys.argv[1])
