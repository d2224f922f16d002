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


def called(layer, inputs, **kwargs):
    return np.asarray(layer(inputs, **kwargs))


@each()
def test_eager_compiled_and_inferred_results_agree(row: Row):
    layer = row.make(keras)
    eager = layer(row.inputs, **row.call)
    compiled = Compiled(lambda x: layer(x, **row.call))(map_arrays(jnp.asarray, row.inputs))
    np.testing.assert_allclose(np.asarray(compiled), eager.numpy(), rtol=1e-5, atol=1e-6)

    fresh = row.make(keras)
    symbolic = fresh(
        map_arrays(lambda x: keras.Input(x.shape[1:], dtype=x.dtype.name), row.inputs), **row.call
    )
    assert isinstance(symbolic, SymbolicTensor)
    assert symbolic.dtype == eager.dtype
    assert tuple(symbolic.shape) == (None, *eager.shape[1:])
    assert fresh.built


@each()
def test_an_empty_batch_gives_an_empty_batch(row: Row):
    layer = row.make(keras)
    full = layer(row.inputs, **row.call)
    empty = layer(map_arrays(lambda x: x[:0], row.inputs), **row.call)
    assert tuple(empty.shape) == (0, *full.shape[1:])


@each("noconfig")
def test_config_round_trip(row: Row):
    layer = row.make(keras, name="given")
    called(layer, row.inputs, **row.call)
    config = layer.get_config()
    assert type(layer).from_config(config).get_config() == config

    data = json.loads(json.dumps(keras.layers.serialize(layer)))
    again = keras.layers.deserialize(data)
    assert type(again) is type(layer)
    expected = called(layer, row.inputs, **row.call)
    called(again, row.inputs, **row.call)
    again.set_weights(layer.get_weights())
    np.testing.assert_allclose(called(again, row.inputs, **row.call), expected, rtol=1e-6)


@each("nolow")
def test_mixed_precision_computes_in_bfloat16_and_keeps_float32_weights(row: Row):
    layer = row.make(keras, dtype="mixed_bfloat16")
    out = layer(row.inputs, **row.call)
    if "reverse_dtype" not in layer.get_config() or layer.reverse_dtype is None:
        assert out.dtype == "bfloat16"
    assert all(w.dtype == "float32" for w in layer.weights)
    full = row.make(keras)
    full(row.inputs, **row.call)
    full.set_weights(layer.get_weights())
    expected = called(full, row.inputs, **row.call)
    scale = max(1.0, float(np.abs(expected).max()))
    np.testing.assert_allclose(np.asarray(out, "float32"), expected, atol=0.05 * scale)


@each()
def test_raw_arrays_in_give_raw_arrays_out(row: Row):
    layer = row.make(keras)
    out = layer(map_arrays(jnp.asarray, row.inputs), **row.call)
    assert isinstance(out, jax.Array) and not isinstance(out, Tensor)


@pytest.mark.parametrize("row", [r for r in ROWS if "random" in r.flags], ids=lambda r: r.id)
def test_random_layers_draw_in_training_only(row: Row):
    layer = row.make(keras, seed=1)
    np.testing.assert_array_equal(called(layer, row.inputs), row.inputs)
    first, second = called(layer, row.inputs, training=True), called(layer, row.inputs, training=True)
    assert first.shape == row.inputs.shape
    assert (first != row.inputs).any() and (first != second).any()
    same = row.make(keras, seed=1)
    np.testing.assert_array_equal(called(same, row.inputs, training=True), first)


@pytest.mark.parametrize("row", [r for r in ROWS if "random" in r.flags], ids=lambda r: r.id)
def test_random_layers_draw_anew_in_each_run_of_compiled_code(row: Row):
    layer = row.make(keras, seed=1)
    step = Compiled(lambda x: layer(x, training=True))
    first, second = np.asarray(step(row.inputs)), np.asarray(step(row.inputs))
    assert (first != second).any()
    same = row.make(keras, seed=1)
    np.testing.assert_allclose(called(same, row.inputs, training=True), first, rtol=1e-5, atol=1e-6)


@each()
def test_stateless_call_does_what_the_call_does(row: Row):
    layer = row.make(keras)
    expected = called(layer, row.inputs, **row.call)
    values = (
        [v.numpy() for v in layer.trainable_variables],
        [v.numpy() for v in layer.non_trainable_variables],
    )
    out, updated = layer.stateless_call(*values, row.inputs, **row.call)
    np.testing.assert_allclose(np.asarray(out), expected, rtol=1e-6)
    assert len(updated) == len(values[1])


@pytest.mark.parametrize(
    "row", [r for r in rows("fixed") if r.number == 0 or isinstance(r.inputs, list)], ids=lambda r: r.id
)
def test_the_batch_size_may_stay_open_in_an_export(row: Row):
    layer = row.make(keras)
    layer(row.inputs, **row.call)
    (batch,) = export.symbolic_shape("batch")
    specs = map_arrays(lambda x: jax.ShapeDtypeStruct((batch, *x.shape[1:]), x.dtype), row.inputs)
    exported = export.export(jax.jit(lambda x: layer(x, **row.call)))(specs)
    assert exported.out_avals[0].shape[0] == batch


def test_registered_names_are_public():
    assert {r.name for r in ROWS} <= set(keras.layers.__all__)
    assert serial.public_module(keras.layers.Dense) == "keras.layers"
