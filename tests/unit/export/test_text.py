"""Exports of models that take or give texts, read back without TensorFlow."""

import numpy as np
import pytest
from tests.unit.export.text_cases import CASES, TEXTS

import addax as keras
import addax.tf as tf
from addax.core import tree
from addax.export import read_saved_model
from addax.export._saved_model_schema import SAVED_MODEL_SCHEMA
from addax.export.text._rules import TextExportError

L = keras.layers


def agree(found, wanted):
    for one, other in zip(tree.flatten(found), tree.flatten(wanted), strict=True):
        one, other = np.asarray(one), np.asarray(other)
        assert one.dtype == other.dtype
        if one.dtype.kind == "O":
            assert one.tolist() == other.tolist()
        else:
            np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def nest_of(model, inputs):
    if isinstance(model.input, dict):
        return inputs
    return list(inputs.values()) if len(inputs) > 1 else next(iter(inputs.values()))


@pytest.mark.parametrize("case", CASES)
def test_what_comes_back_computes_the_same(case, tmp_path):
    model, inputs = CASES[case]()
    nest = nest_of(model, inputs)
    tf.saved_model.save(model, tmp_path / "m")
    loaded = tf.saved_model.load(tmp_path / "m")
    wanted = model(tree.map_structure(tf.constant, nest))
    agree(loaded(nest), wanted)
    agree(loaded.signatures["serving_default"](**inputs), wanted)


def test_a_layer_over_texts_is_part_of_models(tmp_path):
    model, inputs = CASES["classifier"]()
    model.export(tmp_path / "m", verbose=False)
    x = keras.Input((1,), dtype="string")
    layer = L.TFSMLayer(tmp_path / "m")
    around = keras.Model(x, L.Dense(2, kernel_initializer="ones")(layer(x)))
    wanted = model.predict(inputs["x"], verbose=0).sum(axis=1, keepdims=True).repeat(2, axis=1)
    np.testing.assert_allclose(around.predict(inputs["x"], verbose=0), wanted, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(around(tf.constant(inputs["x"])), wanted, rtol=1e-5, atol=1e-6)


def test_an_endpoint_calls_layers_on_texts(tmp_path):
    words = L.TextVectorization(vocabulary=["earth", "fire"], output_mode="count")
    dense = L.Dense(2)
    dense.build((None, 3))

    @tf.function(input_signature=[tf.TensorSpec((None,), "string", name="texts")])
    def serve(texts):
        return {"scores": dense(words(texts)), "counts": words(texts)}

    archive = keras.export.ExportArchive()
    archive.track(dense)
    archive.add_endpoint("serve", serve)
    archive.write_out(tmp_path / "m", verbose=False)
    found = tf.saved_model.load(tmp_path / "m").serve(TEXTS)
    agree(found, {"scores": dense(words(TEXTS)), "counts": words(TEXTS)})


def test_variables_that_are_not_tracked_are_named(tmp_path):
    model = CASES["classifier"]()[0]
    archive = keras.export.ExportArchive()
    archive.add_endpoint("serve", model.__call__, model.inputs)
    with pytest.raises(ValueError, match="not tracked"):
        archive.write_out(tmp_path / "m")


class Shouting(L.TextVectorization):
    def call(self, inputs):
        return super().call(inputs)


class Inside(keras.Model):
    def __init__(self):
        super().__init__(name="inside")
        self.words = L.StringLookup(vocabulary=["a"])

    def call(self, x):
        return self.words(tf.strings.as_string(tf.strings.to_hash_bucket(x, 5)))


class Looking(Inside):
    def call(self, x, training=False):
        return self.words(x) + (10 if training else 0)


def test_a_model_of_a_users_own_is_opened(tmp_path):
    model = Looking()
    model(tf.constant([["a"], ["b"]]))
    with pytest.raises(TextExportError, match="input_signature"):
        tf.saved_model.save(model, tmp_path / "m")
    signature = [tf.TensorSpec((None, 1), "string")]
    model.export(tmp_path / "m", input_signature=signature, verbose=False)
    assert tf.saved_model.load(tmp_path / "m")([["a"], ["b"], ["a"]]).numpy().tolist() == [[1], [0], [1]]


def test_a_stack_that_saw_texts_knows_that_it_takes_them(tmp_path):
    model = keras.Sequential(
        [L.TextVectorization(vocabulary=["a"], output_sequence_length=2), L.Embedding(3, 2)]
    )
    wanted = model(tf.constant(["a b", "b"]))
    tf.saved_model.save(model, tmp_path / "m")
    agree(tf.saved_model.load(tmp_path / "m")(["a b", "b"]), wanted)


@pytest.mark.parametrize(
    ("layer", "problem"),
    [
        (
            lambda: L.TextVectorization(vocabulary=["a"], standardize=np.char.lower, name="mine"),
            "'mine'.*`standardize`",
        ),
        (
            lambda: L.TextVectorization(vocabulary=["a"], split=lambda x: [[b"a"]] * len(x), name="mine"),
            "'mine'.*`split`",
        ),
        (lambda: Shouting(vocabulary=["a"], name="mine"), "'mine'.*cannot be exported(.|\n)*Shouting"),
        (Inside, r"to_hash_bucket\(\) over texts(.|\n)*to_hash_bucket_fast"),
    ],
)
def test_what_cannot_be_said_is_refused_by_name(layer, problem, tmp_path):
    x = keras.Input((1,), dtype="string")
    with pytest.raises(TextExportError, match=problem):
        keras.Model(x, layer()(x)).export(tmp_path / "m")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "case", ["lookup", "masked", "one_hot", "weighted", "integers", "integers_shared", "names_of_classes"]
)
def test_onnx_looks_words_up(case, tmp_path):
    import onnx
    import onnxruntime

    model, inputs = CASES[case]()
    path = str(tmp_path / "m.onnx")
    model.export(path, format="onnx")
    onnx.checker.check_model(path, full_check=True)
    session = onnxruntime.InferenceSession(path)
    for rows in (1, 4):
        given = {
            key: x[:rows].astype(object) if x.dtype.kind == "U" else x[:rows] for key, x in inputs.items()
        }
        found = dict(zip([x.name for x in session.get_outputs()], session.run(None, given), strict=True))
        wanted = model({key: tf.constant(x[:rows]) for key, x in inputs.items()})
        for name, x in (wanted if isinstance(wanted, dict) else {"output_0": wanted}).items():
            if x.dtype == "string":
                assert [text.encode() for text in found[name]] == np.asarray(x).tolist()
            else:
                np.testing.assert_allclose(found[name], np.asarray(x), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("format", ["stablehlo", "tfjs", "onnx"])
def test_other_formats_name_the_layer(format, tmp_path):
    x = keras.Input((1,), dtype="string")
    model = keras.Model(x, L.TextVectorization(vocabulary=["a"], name="words")(x))
    with pytest.raises(ValueError, match="'words'"):
        model.export(tmp_path / "m", format=format)


def text_node(graph, op):
    functions = graph["graph_def"]["library"]["function"]
    return next(node for item in functions for node in item["node_def"] if node["op"] == op)


@pytest.mark.parametrize(
    "change",
    [
        lambda graph: text_node(graph, "StringLower").update(op="ReadFile"),
        lambda graph: text_node(graph, "StringLower").update(input=["text_99:output:0"]),
        lambda graph: text_node(graph, "LookupTableImportV2")["input"].pop(),
    ],
)
def test_operations_that_exports_do_not_have_are_refused(change, tmp_path):
    CASES["int"]()[0].export(tmp_path / "m", verbose=False)
    changed(tmp_path / "m", change)
    with pytest.raises(ValueError, match="damaged, or Addax did not write it"):
        read_saved_model(tmp_path / "m")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (
            lambda graph: text_node(graph, "StaticRegexReplace")["attr"]["pattern"].update(s=b"(a+)+$"),
            "may take for ever",
        ),
        (lambda graph: width_of(graph).update(int64_val=[1 << 40]), "too large"),
    ],
)
def test_operations_that_would_not_end_are_refused(change, problem, tmp_path):
    CASES["int"]()[0].export(tmp_path / "m", verbose=False)
    changed(tmp_path / "m", change)
    with pytest.raises(ValueError, match=problem):
        read_saved_model(tmp_path / "m").signatures["serve"](TEXTS[:, None])


def width_of(graph):
    """The constant that says how long sequences are."""
    functions = graph["graph_def"]["library"]["function"]
    nodes = {node["name"]: node for item in functions for node in item["node_def"]}
    size = text_node(graph, "Pack")["input"][1].split(":")[0]
    tensor = nodes[size]["attr"]["value"]["tensor"]
    tensor.pop("tensor_content")
    return tensor


def changed(path, change):
    file = path / "saved_model.pb"
    model = SAVED_MODEL_SCHEMA.decode("SavedModel", file.read_bytes())
    change(model["meta_graphs"][0])
    file.write_bytes(SAVED_MODEL_SCHEMA.encode("SavedModel", model))
