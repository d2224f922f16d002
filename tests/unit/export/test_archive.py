import os

import numpy as np
import pytest

import addax as keras
import addax.tf as tf
from addax import layers
from addax.export import default_signature, load_saved_model

X = np.random.default_rng(0).normal(size=(3, 4)).astype("float32")
SPEC = keras.InputSpec(shape=(None, 4), dtype="float32")


def archive_of(*tracked):
    archive = keras.export.ExportArchive()
    for resource in tracked:
        archive.track(resource)
    return archive


@pytest.fixture(scope="module")
def dense():
    layer = layers.Dense(2, name="dense")
    layer.build((None, 4))
    return layer


@pytest.fixture(scope="module")
def step():
    return keras.Variable(3, dtype="int32", trainable=False, name="step")


@pytest.fixture(scope="module")
def written(dense, step, tmp_path_factory):
    """An archive with four endpoints, and where it was written."""
    archive = archive_of(dense, step)
    call = archive.add_endpoint("call", dense.call, [SPEC])

    def nested(b, a):
        return {"sum": call(b["y"]) + call(b["x"][0]), "count": a + step}

    archive.add_endpoint(
        "nested",
        nested,
        [
            {"y": tf.TensorSpec((None, 4)), "x": (tf.TensorSpec((None, 4), name="given"),)},
            tf.TensorSpec((None,), "int32"),
        ],
    )

    @tf.function
    def traced(values, double=True):
        return [dense(values) * (2.0 if double else 1.0), None]

    traced(X)
    archive.add_endpoint("traced", traced)
    archive.add_endpoint(
        "pair", lambda *xs: (xs[0], xs[1]), [layers.Input((4,), name="n"), keras.ops.ones((1, 4))]
    )
    rate = keras.Variable(0.5, name="rate")
    archive.add_variable_collection("mine", [dense.kernel, rate])
    path = tmp_path_factory.mktemp("archives") / "model"
    archive.write_out(path, verbose=False)
    return archive, path


def test_an_archive_lists_what_it_tracks(written, dense, step):
    archive, path = written
    assert archive.trainable_variables == dense.trainable_variables
    assert archive.non_trainable_variables == [step]
    assert archive.variables == [*dense.trainable_variables, step]
    loaded = load_saved_model(path)
    assert [v.name for v in loaded.variables] == ["kernel", "bias", "step"]
    assert [v.name for v in loaded.non_trainable_variables] == ["step"]
    assert [v.name for v in loaded.mine] == ["kernel", "rate"]
    assert loaded.mine[0] is loaded.variables[0]
    np.testing.assert_array_equal(loaded.mine[0], dense.kernel)


def test_signatures_have_names_shapes_and_dtypes(written):
    signatures = load_saved_model(written[1]).signatures
    described = {
        name: [
            (key, tuple(spec.shape), str(spec.dtype)) for key, spec in s.structured_input_signature[1].items()
        ]
        for name, s in signatures.items()
    }
    inputs = [("inputs", (None, 4), "float32")]
    assert described == {
        "call": inputs,
        "nested": [("given", (None, 4), "float32"), ("b", (None, 4), "float32"), ("a", (None,), "int32")],
        "traced": [("values", (3, 4), "float32")],
        "pair": [("n", (None, 4), "float32"), ("args_1", (None, 4), "float32")],
        "serving_default": inputs,
    }
    assert list(signatures["nested"].structured_outputs) == ["count", "sum"]


def test_endpoints_are_methods_with_the_form_of_the_function(written, dense):
    loaded = load_saved_model(written[1])
    expected = X @ dense.kernel.numpy()
    np.testing.assert_allclose(loaded.call(X), expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(loaded(X[:1]), expected[:1], rtol=1e-5, atol=1e-6)
    result = loaded.nested({"y": X, "x": [X]}, np.int32([1, 2, 3]))
    np.testing.assert_allclose(result["sum"], 2 * expected, rtol=1e-5)
    assert result["count"].numpy().tolist() == [4, 5, 6]
    doubled, nothing = loaded.traced(X)
    np.testing.assert_allclose(doubled, 2 * expected, rtol=1e-5)
    assert nothing is None
    with pytest.raises(AttributeError, match=r"no attribute 'predict'[\s\S]*expected: .*nested"):
        loaded.predict(X)


def test_a_layer_reads_every_endpoint(written, dense):
    path = str(written[1])
    expected = X @ dense.kernel.numpy()
    nested = layers.TFSMLayer(path, call_endpoint="nested", call_training_endpoint="call")
    np.testing.assert_allclose(nested(X, training=True), expected, rtol=1e-5)
    default = layers.TFSMLayer(path, call_endpoint="serving_default")
    np.testing.assert_allclose(default(X)["output_0"], expected, rtol=1e-5)
    with pytest.raises(
        ValueError, match=r"expected: call, nested, traced, pair, serving_default\s+received: serve"
    ):
        layers.TFSMLayer(path)


def test_a_model_is_exported_with_a_signature(dense, tmp_path, capsys):
    a, b = layers.Input((4,), name="a"), layers.Input((4,), name="b")
    model = keras.Model({"a": a, "b": b}, dense(a) - b[:, :2])
    assert [sorted(x) for x in default_signature(model)] == [["a", "b"]]
    fixed = {"a": keras.InputSpec(shape=(3, 4), dtype="float32"), "b": tf.TensorSpec((3, 4), name="other")}
    model.export(tmp_path / "m", input_signature=[fixed])
    assert (
        "serve(args_0: float32[3, 4], other: float32[3, 4]) -> output_0: float32[3, 2]"
        in capsys.readouterr().out
    )
    loaded = load_saved_model(tmp_path / "m")
    assert list(loaded.signatures) == ["serve", "serving_default"]
    given = {"a": X, "b": X}
    np.testing.assert_allclose(loaded.serve(given), model(given), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(loaded(given), loaded.serve(given))


def test_a_training_endpoint_has_any_batch_size_and_the_statistics_of_the_batch(tmp_path):
    model = keras.Sequential([layers.Input((4,)), layers.BatchNormalization(), layers.Dropout(1e-6)])
    archive = archive_of(model)
    archive.add_endpoint("serving_default", lambda x: model(x, training=True), [SPEC])
    archive.write_out(tmp_path / "m", verbose=False)
    loaded = load_saved_model(tmp_path / "m")
    assert list(loaded.signatures) == ["serving_default"]
    np.testing.assert_allclose(np.mean(loaded.serving_default(X), axis=0), np.zeros(4), atol=1e-5)
    np.testing.assert_array_equal(model.layers[0].moving_mean, np.zeros(4))


def test_a_subclassed_model_is_exported_as_it_was_called():
    class Sub(keras.Model):
        def call(self, x):
            return x["a"] + x["b"][0]

    model = Sub()
    model({"a": X, "b": [X]})
    (signature,) = default_signature(model)
    assert tuple(signature["b"][0].shape) == (None, 4)
    assert keras.export.ExportArchive().add_endpoint("f", model, [signature]).__signature__


def test_a_signature_without_endpoint_is_an_error(tmp_path):
    with pytest.raises(ValueError, match=r"no endpoint[\s\S]*received: none[\s\S]*hint: Call add_endpoint"):
        keras.export.ExportArchive().write_out(tmp_path / "m")


def test_variables_that_are_not_tracked_are_named(dense, tmp_path):
    archive = keras.export.ExportArchive()
    archive.add_endpoint("serve", dense, [SPEC])
    with pytest.raises(
        ValueError, match=r"^serve: .*not tracked.[\s\S]*received: dense/kernel[\s\S]*hint: .*track\(layer\)"
    ):
        archive.write_out(tmp_path / "m")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", ["serve", "a b", "variables", "__call__", 3])
def test_a_name_is_taken_once_and_an_identifier(name):
    archive = keras.export.ExportArchive()
    archive.add_endpoint("serve", lambda x: x, [SPEC])
    expected = "already[\\s\\S]*other than serve" if name == "serve" else "Not a name[\\s\\S]*hint"
    with pytest.raises(ValueError, match=expected):
        archive.add_endpoint(name, lambda x: x, [SPEC])
    with pytest.raises(ValueError, match=expected):
        archive.add_variable_collection(name, [])


@pytest.mark.parametrize("fn", [tf.function(lambda x: x), lambda x: x])
def test_an_endpoint_needs_to_know_its_inputs(fn):
    with pytest.raises(
        ValueError, match=r"inputs of the endpoint are not known[\s\S]*expected[\s\S]*add_endpoint\('f'"
    ):
        keras.export.ExportArchive().add_endpoint("f", fn)


@pytest.mark.parametrize(
    ("signature", "error", "problem"),
    [
        (SPEC, TypeError, "is a list"),
        ([X], TypeError, "received: ndarray"),
        ([keras.InputSpec(ndim=2)], ValueError, "not complete"),
        ([tf.TensorSpec(None)], ValueError, "not complete"),
    ],
)
def test_a_signature_is_a_list_of_complete_specs(signature, error, problem):
    with pytest.raises(error, match=rf"^f: [\s\S]*{problem}[\s\S]*hint: "):
        keras.export.ExportArchive().add_endpoint("f", lambda x: x, signature)


def test_other_options_are_errors(dense):
    archive = keras.export.ExportArchive()
    archive.add_endpoint("f", dense, [SPEC], is_static=True, jax2tf_kwargs={"native_serialization": True})
    with pytest.raises(TypeError, match=r"received: is_statik\s+hint: .*is_static"):
        archive.add_endpoint("g", dense, [SPEC], is_statik=True)
    with pytest.raises(ValueError, match=r"received: .*polymorphic_shapes"):
        archive.add_endpoint("g", dense, [SPEC], jax2tf_kwargs={"polymorphic_shapes": ["b, 4"]})
    with pytest.raises(ValueError, match="Unknown format"):
        keras.export.ExportArchive("neptune_model")


def test_a_called_function_of_mixed_arguments_needs_a_signature():
    @tf.function
    def fn(pair):
        return pair[0] * pair[1]

    fn([tf.constant(1.0), 2])
    with pytest.raises(ValueError, match=r"Argument 'pair' mixes tensors[\s\S]*Pass an input_signature"):
        keras.export.ExportArchive().add_endpoint("f", fn)


def test_only_what_has_variables_is_tracked(tmp_path):
    with pytest.raises(ValueError, match=r"expected: a layer[\s\S]*received: 3"):
        archive_of(3)
    with pytest.raises(ValueError, match=r"'new' is not built[\s\S]*received: Dense"):
        archive_of(layers.Dense(2, name="new"))
    with pytest.raises(ValueError, match="'model' is not built"):
        keras.Sequential([layers.Dense(2)], name="model").export(tmp_path / "m")
    module = tf.Module()
    module.v = tf.Variable([1.0])
    assert archive_of(module).variables == [module.v]


@pytest.mark.parametrize(("given", "problem"), [("kernel", "is no list"), ([1.0], "more than variables")])
def test_a_collection_is_a_list_of_variables(given, problem):
    with pytest.raises(ValueError, match=rf"{problem}[\s\S]*expected[\s\S]*hint"):
        keras.export.ExportArchive().add_variable_collection("mine", given)
