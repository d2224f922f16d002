"""The layers against those of the real Keras: weights, numbers, gradients, shapes, configs."""

from __future__ import annotations

import inspect
import json

import jax
import jax.numpy as jnp
import keras as oracle
import numpy as np
import pytest
from tests.conformance._layers_registry import Row, map_arrays, rows

import addax

pytestmark = pytest.mark.grid

_rng = np.random.default_rng(5)


def each(*, only: str | None = None, without: tuple = ()):
    chosen = [r for r in rows("noparity", *without) if only is None or only in r.flags]
    return pytest.mark.parametrize("row", chosen, ids=lambda r: r.id)


def plain(config):
    """A config as a file holds it; Keras keeps some floats in 32 bit."""
    return json.loads(json.dumps(config, default=list), parse_float=lambda text: float(f"{float(text):.6g}"))


def pair(row: Row):
    """The layer here and there, built and with equal weights."""
    ours, theirs = row.make(addax, name="given"), row.make(oracle, name="given")
    row.build(ours)
    row.build(theirs)
    values = [np.abs(_rng.normal(size=w.shape)).astype("float32") + 0.1 for w in theirs.weights]
    theirs.set_weights(values)
    ours.set_weights(values)
    return ours, theirs


def close(ours, theirs, tolerance=1e-5):
    theirs = np.asarray(theirs)
    scale = max(1.0, float(np.abs(theirs).max())) if theirs.size else 1.0
    np.testing.assert_allclose(np.asarray(ours), theirs, rtol=tolerance, atol=tolerance * scale)


@each()
def test_weights_have_the_same_order_names_shapes_and_flags(row: Row):
    ours, theirs = pair(row)
    assert [(w.path, tuple(w.shape), w.trainable) for w in ours.weights] == [
        (w.path, tuple(w.shape), w.trainable) for w in theirs.weights
    ]
    for kind in ("trainable_weights", "non_trainable_weights", "trainable_variables"):
        assert [w.path for w in getattr(ours, kind)] == [w.path for w in getattr(theirs, kind)]
    assert len(ours.non_trainable_variables) == len(theirs.non_trainable_variables)
    assert ours.count_params() == theirs.count_params()


@each()
def test_outputs_and_masks_are_equal(row: Row):
    ours, theirs = pair(row)
    out, expected = row.run(ours, row.inputs), row.run(theirs, row.inputs)
    assert out.dtype == str(expected.dtype)
    close(out, expected)
    mask = getattr(expected, "_keras_mask", None)
    assert (mask is None) == (getattr(out, "_keras_mask", None) is None)
    if mask is not None:
        np.testing.assert_array_equal(np.asarray(out._keras_mask), np.asarray(mask))
    assert len(ours.losses) == len(theirs.losses)
    for one, other in zip(ours.losses, theirs.losses, strict=True):
        close(one, other)


@each(only="train")
def test_outputs_and_updates_in_training_are_equal(row: Row):
    ours, theirs = pair(row)
    for _ in range(2):
        close(ours(row.inputs, training=True), theirs(row.inputs, training=True))
    for one, other in zip(ours.weights, theirs.weights, strict=True):
        close(one, other)


@each(only="random")
def test_equal_seeds_draw_equal_numbers(row: Row):
    ours, theirs = row.make(addax, seed=3), row.make(oracle, seed=3)
    for _ in range(2):
        close(ours(row.inputs, training=True), theirs(row.inputs, training=True))


MASKED = [
    ("Dense", {"units": 2}, 1),
    ("Dropout", {"rate": 0.5}, 1),
    ("BatchNormalization", {"momentum": 0.5}, 1),
    ("LayerNormalization", {}, 1),
    ("GroupNormalization", {"groups": 1}, 1),
    ("UnitNormalization", {}, 1),
    ("GlobalAveragePooling1D", {"keepdims": True}, 1),
    ("Activation", {"activation": "tanh"}, 1),
    ("PReLU", {}, 1),
    ("ActivityRegularization", {"l2": 0.1}, 1),
    ("Masking", {"mask_value": 1.0}, 1),
    ("Add", {}, 3),
    ("Subtract", {}, 2),
    ("Multiply", {}, 3),
    ("Average", {}, 2),
    ("Maximum", {}, 3),
    ("Minimum", {}, 2),
    ("Concatenate", {"axis": 1}, 3),
    ("Concatenate", {}, 2),
    ("Dot", {"axes": 1}, 2),
]


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize(
    ("name", "arguments", "count"), MASKED, ids=lambda v: v if isinstance(v, str) else ""
)
def test_masked_inputs_give_equal_outputs_and_masks(name, arguments, count, training):
    if name == "Dropout" and training:
        arguments = {"rate": 0.0}
    valid = _rng.random((count, 4, 5, 1)) < 0.6
    arrays = np.where(valid, _rng.normal(size=(count, 4, 5, 3)), 0).astype("float32")

    def run(keras):
        layer = getattr(keras.layers, name)(**arguments)
        inputs = [keras.layers.Masking()(x) for x in arrays]
        inputs = inputs[0] if count == 1 else inputs
        layer(inputs)
        layer.set_weights([np.full(w.shape, 0.5, "float32") for w in layer.weights])
        takes = {"training": training} if name in ("Dropout", "BatchNormalization") else {}
        out = layer(inputs, **takes)
        return out, getattr(out, "_keras_mask", None), layer.weights

    (ours, mask, weights), (theirs, expected, others) = run(addax), run(oracle)
    close(ours, theirs)
    assert (mask is None) == (expected is None)
    if mask is not None:
        np.testing.assert_array_equal(np.asarray(mask), np.asarray(expected))
    for one, other in zip(weights, others, strict=True):
        close(one, other)


@each(only="grad")
def test_gradients_are_equal(row: Row):
    ours, theirs = pair(row)
    training = {"training": True} if "train" in row.flags else {}
    values = [jnp.asarray(w) for w in theirs.trainable_variables]
    rest = [jnp.asarray(w) for w in theirs.non_trainable_variables]
    mine = [jnp.asarray(np.asarray(w)) for w in ours.non_trainable_variables]
    inputs = map_arrays(jnp.asarray, row.inputs)
    weight = jnp.asarray(_rng.normal(size=np.shape(row.run(theirs, row.inputs))), "float32")

    def loss(layer, others):
        return lambda v, x: jnp.sum(
            row.joined(layer, layer.stateless_call(v, others, *row.arguments_of(x), **training)[0]) * weight
        )

    found = jax.jit(jax.grad(loss(ours, mine), argnums=(0, 1)))(values, inputs)
    expected = jax.jit(jax.grad(loss(theirs, rest), argnums=(0, 1)))(values, inputs)
    jax.tree_util.tree_map(lambda a, b: close(a, b, 1e-4), found, expected)


@each()
def test_output_shapes_are_equal(row: Row):
    ours, theirs = row.make(addax), row.make(oracle)
    symbols = map_arrays(lambda x: oracle.Input(x.shape[1:], dtype=x.dtype.name), row.inputs)
    expected = row.run(theirs, symbols).shape
    symbols = map_arrays(lambda x: addax.Input(x.shape[1:], dtype=x.dtype.name), row.inputs)
    found = row.run(ours, symbols).shape
    # EinsumDense of Keras does not know sizes that the equation alone fixes.
    known = [
        mine if theirs is None and i else theirs
        for i, (mine, theirs) in enumerate(zip(found, expected, strict=True))
    ]
    assert list(found) == known
    if not row.call and "cell" not in row.flags:
        shape = ours.compute_output_shape(*row.arguments_of(row.shapes()))
        assert tuple(shape) == tuple(found)


@each(without=("noconfig",))
def test_configs_are_equal_and_read_by_the_other(row: Row):
    ours, theirs = row.make(addax, name="given"), row.make(oracle, name="given")
    mine, expected = ours.get_config(), theirs.get_config()
    assert plain(mine) == plain(expected)
    assert plain(type(theirs).from_config(plain(mine)).get_config()) == plain(expected)
    assert plain(type(ours).from_config(plain(expected)).get_config()) == plain(expected)


@each(without=("noconfig",))
def test_serialized_forms_are_equal(row: Row):
    ours, theirs = pair(row)
    if "shared_object_id" in str(oracle.saving.serialize_keras_object(theirs)):
        pytest.fail("the oracle shares objects here: compare without them")
    mine, expected = plain(addax.layers.serialize(ours)), plain(oracle.saving.serialize_keras_object(theirs))
    expected.setdefault(
        "build_config", mine.get("build_config")
    )  # Keras builds some layers in the constructor
    assert mine == expected


@pytest.mark.parametrize("name", sorted({r.name for r in rows("noparity")}))
def test_constructors_take_the_same_positional_arguments(name: str):
    def positional(cls):
        signature = inspect.signature(cls.__init__)
        return [p.name for p in signature.parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD][1:]

    ours, theirs = positional(getattr(addax.layers, name)), positional(getattr(oracle.layers, name))
    theirs = [n for n in theirs if n not in ("name", "dtype")]
    if name == "Conv3DTranspose":  # passes the others on
        theirs = theirs[:6]
    assert ours[: len(theirs)] == theirs
