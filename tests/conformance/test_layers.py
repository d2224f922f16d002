"""Every layer against the promises of the base: one computation, whichever way it is run."""

from __future__ import annotations

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import export
from tests.conformance._layers_registry import ROWS, Row, map_arrays, rows

import addax as keras
from addax.core import serial
from addax.engine import Compiled, SymbolicTensor, Tensor

pytestmark = pytest.mark.grid


def each(*without: str):
    return pytest.mark.parametrize("row", list(rows(*without)), ids=lambda r: r.id)


def called(row, layer, **more):
    return np.asarray(row.run(layer, row.inputs, **more))


def same(found, expected):
    compare = np.testing.assert_array_equal if expected.dtype == object else np.testing.assert_allclose
    compare(found, expected, **({} if expected.dtype == object else {"rtol": 1e-6}))


def symbol(x):
    return keras.Input(x.shape[1:], dtype="string" if x.dtype == object else x.dtype.name)


@each()
def test_eager_compiled_and_inferred_results_agree(row: Row):
    layer = row.make(keras)
    eager = row.run(layer, row.inputs)
    if "text" not in row.flags:
        compiled = Compiled(lambda x: row.run(layer, x))(map_arrays(jnp.asarray, row.inputs))
        np.testing.assert_allclose(np.asarray(compiled), eager.numpy(), rtol=1e-5, atol=1e-6)

    fresh = row.make(keras)
    symbolic = row.run(fresh, map_arrays(symbol, row.inputs))
    assert isinstance(symbolic, SymbolicTensor)
    assert symbolic.dtype == eager.dtype
    assert tuple(symbolic.shape) == (None, *eager.shape[1:])
    assert fresh.built


@each()
def test_an_empty_batch_gives_an_empty_batch(row: Row):
    layer = row.make(keras)
    full = row.run(layer, row.inputs)
    empty = row.run(layer, map_arrays(lambda x: x[:0], row.inputs))
    assert tuple(empty.shape) == (0, *full.shape[1:])


@each("noconfig")
def test_config_round_trip(row: Row):
    layer = row.make(keras, name="given")
    called(row, layer)
    config = layer.get_config()
    assert type(layer).from_config(config).get_config() == config

    data = json.loads(json.dumps(keras.layers.serialize(layer)))
    again = keras.layers.deserialize(data)
    assert type(again) is type(layer)
    expected = called(row, layer)
    called(row, again)
    again.set_weights(layer.get_weights())
    same(called(row, again), expected)


@each("nolow")
def test_mixed_precision_computes_in_bfloat16_and_keeps_float32_weights(row: Row):
    layer = row.make(keras, dtype="mixed_bfloat16")
    out = row.run(layer, row.inputs)
    if "reverse_dtype" not in layer.get_config() or layer.reverse_dtype is None:
        assert out.dtype == "bfloat16"
    assert all(w.dtype == "float32" for w in layer.weights)
    full = row.make(keras)
    row.run(full, row.inputs)
    full.set_weights(layer.get_weights())
    expected = called(row, full)
    scale = max(1.0, float(np.abs(expected).max()))
    np.testing.assert_allclose(np.asarray(out, "float32"), expected, atol=0.05 * scale)


@each("text")
def test_raw_arrays_in_give_raw_arrays_out(row: Row):
    layer = row.make(keras)
    out = row.run(layer, map_arrays(jnp.asarray, row.inputs))
    assert isinstance(out, jax.Array) and not isinstance(out, Tensor)


@pytest.mark.parametrize("row", [r for r in ROWS if "random" in r.flags], ids=lambda r: r.id)
def test_random_layers_draw_in_training_only(row: Row):
    layer = row.make(keras, seed=1)
    np.testing.assert_array_equal(called(row, layer), row.inputs)
    first, second = called(row, layer, training=True), called(row, layer, training=True)
    assert first.shape == row.inputs.shape
    assert (first != row.inputs).any() and (first != second).any()
    same = row.make(keras, seed=1)
    np.testing.assert_array_equal(called(row, same, training=True), first)


@pytest.mark.parametrize("row", [r for r in ROWS if "random" in r.flags], ids=lambda r: r.id)
def test_random_layers_draw_anew_in_each_run_of_compiled_code(row: Row):
    layer = row.make(keras, seed=1)
    step = Compiled(lambda x: layer(x, training=True))
    first, second = np.asarray(step(row.inputs)), np.asarray(step(row.inputs))
    assert (first != second).any()
    same = row.make(keras, seed=1)
    np.testing.assert_allclose(called(row, same, training=True), first, rtol=1e-5, atol=1e-6)


@each()
def test_stateless_call_does_what_the_call_does(row: Row):
    layer = row.make(keras)
    expected = called(row, layer)
    values = (
        [v.numpy() for v in layer.trainable_variables],
        [v.numpy() for v in layer.non_trainable_variables],
    )
    out, updated = layer.stateless_call(*values, *row.arguments_of(row.inputs), **row.call)
    out = row.joined(layer, out)
    same(np.asarray(out), expected)
    assert len(updated) == len(values[1])


@pytest.mark.parametrize(
    "row",
    [r for r in rows("fixed", "text") if r.number == 0 or isinstance(r.inputs, list)],
    ids=lambda r: r.id,
)
def test_the_batch_size_may_stay_open_in_an_export(row: Row):
    layer = row.make(keras)
    row.run(layer, row.inputs)
    (batch,) = export.symbolic_shape("batch")
    specs = map_arrays(lambda x: jax.ShapeDtypeStruct((batch, *x.shape[1:]), x.dtype), row.inputs)
    exported = export.export(jax.jit(lambda x: row.run(layer, x)))(specs)
    assert exported.out_avals[0].shape[0] == batch


# Layers that no row can call, and where their tests are.
EXEMPT = {
    "AbstractRNNCell": "a base, which computes nothing: tests/unit/layers/test_old_layers.py",
    "DenseFeatures": "takes columns: tests/parity/test_feature_columns.py",
    "Layer": "the base, which computes nothing: tests/unit/layers/test_layer.py",
    "InputLayer": "stands for a value in a graph and is not called: tests/unit/models/test_functional.py",
    "SequenceFeatures": "takes columns: tests/parity/test_feature_columns.py",
    "TFSMLayer": "needs an export: tests/unit/export/test_saved_model.py",
    "TorchModuleWrapper": "needs PyTorch: tests/interop",
}
NO_PARITY = {
    "FlaxLayer": "Keras's needs Flax",
    "HashedCrossing": "Keras's needs TensorFlow: tests/parity/test_layers_preprocess.py",
    "Hashing": "the same",
    "IntegerLookup": "the same",
    "JaxLayer": "Keras's needs TensorFlow",
    "LocallyConnected1D": "a layer of tf.keras alone: tests/parity/test_old_layers.py",
    "LocallyConnected2D": "the same",
    "MaxNumBoundingBoxes": "tests/parity/test_layers_image.py",
    "MixUp": "tests/parity/test_layers_image.py",
    "Pipeline": "tests/parity/test_layers.py",
    "RandomCrop": "tests/parity/test_layers_image.py",
    "RandomGrayscale": "tests/parity/test_layers_image.py",
    "RandomHeight": "a layer of tf.keras alone: tests/oracle",
    "RandomWidth": "a layer of tf.keras alone: tests/oracle",
    "StringLookup": "tests/parity/test_layers_preprocess.py",
    "TernaryDense": "of a later Keras",
    "TextVectorization": "tests/parity/test_layers_preprocess.py",
    "ThresholdedReLU": "a layer of tf.keras alone: tests/oracle",
    "Wrapper": "Keras's computes nothing",
}


def test_every_public_layer_has_a_row_here_and_in_parity():
    public = {}
    for name in keras.layers.__all__:
        value = getattr(keras.layers, name)
        if isinstance(value, type) and issubclass(value, keras.layers.Layer):
            public.setdefault(value, set()).add(name)
    rows, parity = {r.name for r in ROWS}, {r.name for r in ROWS if "noparity" not in r.flags}
    assert {min(names) for names in public.values() if not names & rows} == set(EXEMPT)
    without = {min(names) for names in public.values() if names & rows and not names & parity}
    assert without == set(NO_PARITY)


@pytest.mark.parametrize("row", [r for r in ROWS if r.number == 0], ids=lambda r: r.name)
def test_a_fit_runs_for_the_layer_inside_a_model(row: Row):
    inputs = map_arrays(symbol, row.inputs)
    layer = row.make(keras)
    as_in_fit = {"training": None} if "training" in row.call else {}
    features = keras.layers.Flatten()(keras.ops.cast(row.run(layer, inputs, **as_in_fit), "float32"))
    model = keras.Model(inputs, keras.layers.Dense(1)(features))
    model.compile(keras.optimizers.SGD(0.01), "mse")
    before = [w.numpy() for w in model.trainable_weights]
    history = model.fit(row.inputs, np.ones((4, 1), "float32"), epochs=2, batch_size=4, verbose=0).history
    assert np.isfinite(history["loss"]).all()
    changed = [(w.numpy() != old).any() for w, old in zip(model.trainable_weights, before, strict=True)]
    assert any(changed[-2:]) and (len(changed) == 2 or any(changed[:-2]))
    assert model.predict(row.inputs, verbose=0).shape == (4, 1)


def test_registered_names_are_public():
    assert {r.name for r in ROWS} <= set(keras.layers.__all__)
    assert serial.public_module(keras.layers.Dense) == "keras.layers"
