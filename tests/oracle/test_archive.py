"""Endpoints that `ExportArchive` and `Model.export` write, called in the real TensorFlow by `make oracle`.

Run as a script, `test_archive.py DIR`, this file writes them with Addax, and needs no TensorFlow.
"""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
X = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")


def write(folder: Path) -> None:
    """Write an archive and an exported model, and what they compute."""
    import addax as keras
    import addax.tf as tf
    from addax import layers

    spec = keras.InputSpec(shape=(None, 4), dtype="float32")
    normalize = layers.BatchNormalization()
    model = keras.Sequential([layers.Input((4,), name="x"), layers.Dense(3), normalize])
    normalize.moving_mean.assign([0.1, 0.2, 0.3])
    step = keras.Variable(3, dtype="int32", trainable=False, name="step")
    archive = keras.export.ExportArchive()
    archive.track(step)
    call = archive.track_and_add_endpoint("call", model, model.inputs)

    def nested(b, a):
        return {"sum": call(b["y"]) + call(b["x"][0]), "count": a + step}

    pairs = {"y": tf.TensorSpec((None, 4)), "x": [tf.TensorSpec((None, 4), name="given")]}
    archive.add_endpoint("nested", nested, [pairs, tf.TensorSpec((None,), "int32")])
    archive.add_endpoint("train", lambda x: model(x, training=True), [spec])

    @tf.function
    def traced(values, double=True):
        return model(values) * (2.0 if double else 1.0), values

    traced(X)
    archive.add_endpoint("traced", traced)
    archive.add_variable_collection("mine", [model.layers[0].kernel, keras.Variable(0.5, name="rate")])
    archive.write_out(folder / "archive", verbose=False)
    model.export(folder / "model", verbose=False)
    np.savez(folder / "expected.npz", call=model(X), train=model(X, training=True), kernel=model.weights[0])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """What a process without TensorFlow wrote."""
    folder = tmp_path_factory.mktemp("archives")
    python = sys.executable if importlib.util.find_spec("jax") else ROOT / ".venv" / "bin" / "python"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "JAX_PLATFORMS": "cpu"}
    subprocess.run([python, __file__, folder], check=True, env=environment)
    return folder


@pytest.fixture(scope="module")
def expected(folder):
    return dict(np.load(folder / "expected.npz"))


@pytest.fixture(scope="module")
def loaded(folder):
    import tensorflow as tf

    return tf.saved_model.load(str(folder / "archive"))


def close(received, expected):
    np.testing.assert_allclose(received, expected, rtol=1e-5, atol=1e-5)


def test_signatures_have_names_dtypes_and_open_batches(loaded):
    described = {
        name: {key: (spec.shape.as_list(), spec.dtype.name) for key, spec in keywords.items()}
        for name, (_, keywords) in ((n, s.structured_input_signature) for n, s in loaded.signatures.items())
    }
    x = {"x": ([None, 4], "float32")}
    assert described == {
        "call": x,
        "nested": {"given": ([None, 4], "float32"), "b": ([None, 4], "float32"), "a": ([None], "int32")},
        "train": x,
        "traced": {"values": ([5, 4], "float32")},
        "serving_default": x,
    }


def test_methods_compute_the_same_for_any_batch_size(loaded, expected):
    for size in (1, 5):
        x = X[:size]
        close(loaded.call(x), expected["call"][:size])
        close(loaded(x), expected["call"][:size])
        result = loaded.nested({"y": x, "x": [x]}, np.arange(size, dtype="int32"))
        close(result["sum"], 2 * expected["call"][:size])
        assert result["count"].numpy().tolist() == list(range(3, size + 3))
    close(loaded.train(X), expected["train"])
    doubled, same = loaded.traced(X)
    close(doubled, 2 * expected["call"])
    close(same, X)


def test_signatures_compute_the_same(loaded, expected):
    import tensorflow as tf

    x = tf.constant(X)
    for name in ("call", "serving_default"):
        close(loaded.signatures[name](x=x)["output_0"], expected["call"])
    results = loaded.signatures["nested"](b=x, given=x, a=tf.zeros(5, tf.int32))
    close(results["sum"], 2 * expected["call"])


def test_a_session_serves_every_signature(folder, expected):
    import tensorflow as tf

    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:
        graph = v1.saved_model.loader.load(session, ["serve"], str(folder / "archive"))
        for name, result in (("serving_default", "call"), ("call", "call"), ("train", "train")):
            signature = graph.signature_def[name]
            feed = {signature.inputs["x"].name: X}
            close(session.run(signature.outputs["output_0"].name, feed), expected[result])


def test_variables_are_real(folder, expected):
    import tensorflow as tf

    loaded = tf.saved_model.load(str(folder / "archive"))
    names = [variable.name.split(":")[0].split("/")[-1] for variable in loaded.variables]
    assert names == ["kernel", "bias", "gamma", "beta", "step", "moving_mean", "moving_variance"]
    assert [len(loaded.trainable_variables), len(loaded.non_trainable_variables)] == [4, 3]
    kernel, rate = loaded.mine
    close(kernel, expected["kernel"])
    assert float(rate) == 0.5
    before = loaded.call(X).numpy()
    kernel.assign(tf.zeros_like(kernel))
    assert np.abs(loaded.call(X).numpy() - before).max() > 1e-3


def test_an_exported_model_serves(folder, expected):
    import tensorflow as tf

    loaded = tf.saved_model.load(str(folder / "model"))
    assert sorted(loaded.signatures) == ["serve", "serving_default"]
    close(loaded.serve(X), expected["call"])
    close(loaded.signatures["serving_default"](x=tf.constant(X))["output_0"], expected["call"])


if __name__ == "__main__":
    write(Path(sys.argv[1]))
