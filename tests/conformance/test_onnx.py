"""Every layer as an ONNX file, run in onnxruntime: the rows that every layer has here."""

from __future__ import annotations

import numpy as np
import pytest
from tests.conformance._layers_registry import Row, map_arrays, rows
from tests.conformance.test_layers import symbol
from tests.unit.export._onnx import check_file, randomize, session

import addax as keras
import addax.tf as tf
from addax.export import ONNXExportError

# Layers without a row that is run here, and why.
LEFT_OUT = {
    "AbstractRNNCell": "a base, which computes nothing",
    "DenseFeatures": "takes columns: below",
    "HashedCrossing": "ONNX has no such hash: the error is tested below",
    "Hashing": "the same",
    "InputLayer": "stands for a value in a graph and is not called",
    "IntegerLookup": "integers beside texts: tests/unit/export/test_text.py",
    "Layer": "the base, which computes nothing",
    "SequenceFeatures": "takes ragged or sparse columns, which ONNX has not",
    "StringLookup": "texts: tests/unit/export/test_text.py",
    "TextVectorization": "ONNX cannot split texts: the error is tested below",
    "TFSMLayer": "holds a StableHLO program, which is no ONNX: the error is tested below",
    "TorchModuleWrapper": "code of PyTorch, which has an exporter of its own",
}


@pytest.mark.grid
@pytest.mark.parametrize("row", list(rows("text")), ids=lambda r: r.id)
def test_a_layer_computes_in_onnx_what_it_does(row: Row, tmp_path):
    nest = map_arrays(symbol, row.inputs)
    inputs = keras.tree.flatten(nest)
    arrays = keras.tree.flatten(row.inputs)
    model = keras.Model(inputs, row.run(row.make(keras), nest))
    randomize(model)
    model.export(tmp_path / "m.onnx", format="onnx", verbose=False)
    check_file(tmp_path / "m.onnx")
    running = session(tmp_path / "m.onnx")
    names = [x.name for x in running.get_inputs()]
    batches = (len(arrays[0]),) if "fixed" in row.flags else (1, len(arrays[0]))
    for batch in batches:
        some = [np.asarray(x[:batch]) for x in arrays]
        wanted = np.asarray(model(some, training=False))
        (found,) = running.run(None, dict(zip(names, some, strict=True)))
        assert found.shape == wanted.shape and found.dtype == wanted.dtype
        scale = np.abs(wanted[np.isfinite(wanted)]).max(initial=1e-3)
        np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-5 * scale)


def test_every_public_layer_is_run_or_left_out_with_a_reason():
    public = {}
    for name in keras.layers.__all__:
        value = getattr(keras.layers, name)
        if isinstance(value, type) and issubclass(value, keras.layers.Layer):
            public.setdefault(value, set()).add(name)
    run = {row.name for row in rows("text")}
    assert {min(names) for names in public.values() if not names & run} == set(LEFT_OUT)


def test_columns_of_features_are_exported(tmp_path):
    columns = [tf.feature_column.numeric_column("a", shape=3)]
    columns.append(tf.feature_column.bucketized_column(tf.feature_column.numeric_column("b"), [0.0, 1.0]))
    inputs = {"a": keras.Input((3,), name="a"), "b": keras.Input((1,), name="b")}
    model = keras.Model(inputs, keras.layers.DenseFeatures(columns)(inputs))
    model.export(tmp_path / "m.onnx", format="onnx", verbose=False)
    given = {"a": np.ones((2, 3), "float32"), "b": np.float32([[0.5], [2]])}
    np.testing.assert_array_equal(session(tmp_path / "m.onnx").run(None, given)[0], model(given))


TEXTS = {
    "HashedCrossing": lambda x: keras.layers.HashedCrossing(5)((x, x)),
    "Hashing": lambda x: keras.layers.Hashing(5)(x),
    "TextVectorization": lambda x: keras.layers.TextVectorization(vocabulary=["a"])(x),
}


@pytest.mark.parametrize("name", TEXTS)
def test_what_onnx_cannot_say_of_texts_is_an_error_that_names_the_layer(name, tmp_path):
    x = keras.Input((1,), dtype="string")
    model = keras.Model(x, TEXTS[name](x))
    with pytest.raises(ONNXExportError, match=f"layer '{model.layers[-1].name}'[\\s\\S]*tf_saved_model"):
        model.export(tmp_path / "m.onnx", format="onnx", verbose=False)


def test_a_loaded_saved_model_is_an_error_that_names_the_layer(tmp_path):
    inner = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    inner.export(tmp_path / "m", verbose=False)
    x = keras.Input((3,))
    model = keras.Model(x, keras.layers.TFSMLayer(tmp_path / "m", call_endpoint="serve")(x))
    with pytest.raises(ONNXExportError, match="TFSMLayer"):
        model.export(tmp_path / "m.onnx", format="onnx", verbose=False)
