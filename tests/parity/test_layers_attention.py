"""Attention layers against those of the real Keras: masks, scores, gradients, weights, configs."""

from __future__ import annotations

import json

import jax
import jax.numpy as jnp
import keras as oracle
import numpy as np
import pytest

import addax
from addax.core import tree

pytestmark = pytest.mark.grid

_rng = np.random.default_rng(3)
Q, V, K = (_rng.normal(size=(2, n, 6)).astype("float32") for n in (3, 5, 5))
QUERY_MASK = np.array([[1, 1, 0], [1, 1, 1]], bool)
VALUE_MASK = np.array([[1, 1, 1, 0, 0], [1, 0, 1, 1, 1]], bool)
PAIRS = _rng.random((2, 3, 5)) < 0.7
PAIRS[:, :, 0] = True

HEADS = [
    ("MultiHeadAttention", {"num_heads": 2, "key_dim": 3}),
    ("MultiHeadAttention", {"num_heads": 2, "key_dim": 3, "value_dim": 4, "use_bias": False, "dropout": 0.1}),
    ("MultiHeadAttention", {"num_heads": 2, "key_dim": 3, "output_shape": (2, 2), "use_gate": True}),
    ("MultiHeadAttention", {"num_heads": 3, "key_dim": 2, "output_shape": 4, "sliding_window": 2}),
    ("GroupQueryAttention", {"head_dim": 3, "num_query_heads": 4, "num_key_value_heads": 2}),
    (
        "GroupQueryAttention",
        {"head_dim": 2, "num_query_heads": 3, "num_key_value_heads": 1, "use_gate": True, "use_bias": False},
    ),
    (
        "GroupQueryAttention",
        {"head_dim": 2, "num_query_heads": 4, "num_key_value_heads": 2, "sliding_window": 3, "dropout": 0.2},
    ),
]
each = pytest.mark.parametrize(("name", "arguments"), HEADS, ids=lambda x: x if isinstance(x, str) else "")


def pair(name, arguments, shapes):
    ours, theirs = (getattr(keras.layers, name)(**arguments, name="given") for keras in (addax, oracle))
    ours.build(*shapes)
    theirs.build(*shapes)
    values = [_rng.normal(size=w.shape).astype("float32") for w in theirs.weights]
    ours.set_weights(values)
    theirs.set_weights(values)
    return ours, theirs


def close(ours, theirs, tolerance=1e-5):
    for a, b in zip(tree.flatten(ours), tree.flatten(theirs), strict=True):
        np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=tolerance, atol=tolerance)


def arrays(options):
    return {k: jnp.asarray(v) if isinstance(v, np.ndarray) else v for k, v in options.items()}


@each
@pytest.mark.parametrize("scores", [False, True])
def test_outputs_and_scores_are_equal_with_every_mask(name, arguments, scores):
    ours, theirs = pair(name, arguments, (Q.shape, V.shape, K.shape))
    for options in (
        {},
        {"key": K},
        {"use_causal_mask": True},
        {"attention_mask": PAIRS},
        {"attention_mask": PAIRS, "use_causal_mask": True, "key": K},
        {"value_mask": VALUE_MASK, "key_mask": VALUE_MASK},
        {"value_mask": VALUE_MASK, "use_causal_mask": True},
    ):
        options["return_attention_scores"] = scores
        close(ours(Q, V, **options), theirs(jnp.asarray(Q), jnp.asarray(V), **arrays(options)))


@each
def test_gradients_are_equal(name, arguments):
    ours, theirs = pair(name, arguments, (Q.shape, V.shape))
    values = [jnp.asarray(w) for w in theirs.trainable_variables]

    def loss(layer):
        def run(values, q, v):
            others = [jnp.asarray(np.asarray(x)) for x in layer.non_trainable_variables]
            out = layer.stateless_call(values, others, q, v, use_causal_mask=True)[0]
            return jnp.sum(out**2)

        return jax.grad(run, argnums=(0, 1, 2))(values, jnp.asarray(Q), jnp.asarray(V))

    found, expected = tree.flatten(loss(ours)), tree.flatten(loss(theirs))
    scale = max(float(jnp.abs(g).max()) for g in expected)
    for a, b in zip(found, expected, strict=True):
        if float(jnp.abs(b).max()) < 1e-6 * scale:  # a key's bias: zero but for the rounding of what cancels
            assert float(jnp.abs(a).max()) < 1e-6 * scale
        else:
            close(a, b, 1e-4)


@each
def test_weights_and_configs_are_equal(name, arguments):
    ours, theirs = pair(name, arguments, (Q.shape, V.shape))
    assert [(w.path, tuple(w.shape)) for w in ours.weights] == [
        (w.path, tuple(w.shape)) for w in theirs.weights
    ]
    mine, expected = (json.loads(json.dumps(x.get_config(), default=list)) for x in (ours, theirs))
    assert mine == expected
    serialized = addax.layers.serialize(ours), oracle.layers.serialize(theirs)
    assert serialized[0]["class_name"] == serialized[1]["class_name"] == name
    assert json.loads(json.dumps(type(ours).from_config(expected).get_config(), default=list)) == expected
    assert json.loads(json.dumps(type(theirs).from_config(mine).get_config())) == expected
    assert len(ours.non_trainable_variables) == len(theirs.non_trainable_variables)


@each
def test_dropout_drops_what_keras_drops(name, arguments):
    arguments = {**arguments, "dropout": 0.4, "seed": 3}
    ours, theirs = pair(name, arguments, (Q.shape, V.shape))
    close(ours(Q, V, training=True), theirs(jnp.asarray(Q), jnp.asarray(V), training=True))


@pytest.mark.parametrize("axes", [None, (2,), (1, 2), -1], ids=str)
def test_several_axes_are_attended_over(axes):
    x = _rng.normal(size=(2, 3, 4, 6)).astype("float32")
    ours, theirs = pair(
        "MultiHeadAttention", {"num_heads": 2, "key_dim": 3, "attention_axes": axes}, (x.shape, x.shape)
    )
    found = ours(x, x, return_attention_scores=True)
    close(found, theirs(jnp.asarray(x), jnp.asarray(x), return_attention_scores=True))


@pytest.mark.parametrize("name", ["Attention", "AdditiveAttention"])
@pytest.mark.parametrize("arguments", [{}, {"use_scale": True, "score_mode": "concat"}], ids=str)
def test_one_headed_attention_is_equal_with_every_mask(name, arguments):
    if name == "AdditiveAttention":
        arguments = {"use_scale": "score_mode" in arguments}
    ours, theirs = pair(name, arguments, ([Q.shape, V.shape],))
    for masks in (None, [QUERY_MASK, VALUE_MASK], [None, VALUE_MASK]):
        for causal in (False, True):
            options = {"use_causal_mask": causal, "return_attention_scores": True}
            theirs_mask = None if masks is None else [None if m is None else jnp.asarray(m) for m in masks]
            expected = theirs([jnp.asarray(x) for x in (Q, V, K)], mask=theirs_mask, **options)
            close(ours([Q, V, K], mask=masks, **options), expected)


@pytest.mark.parametrize("name", ["Attention", "AdditiveAttention"])
def test_dropout_of_one_head_drops_what_keras_drops(name):
    ours, theirs = pair(name, {"dropout": 0.4, "seed": 3}, ([Q.shape, V.shape],))
    close(ours([Q, V], training=True), theirs([jnp.asarray(Q), jnp.asarray(V)], training=True))
