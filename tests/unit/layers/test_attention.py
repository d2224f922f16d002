"""Attention layers: masks of the inputs, models, files, subclasses, messages."""

from __future__ import annotations

import zipfile

import h5py
import numpy as np
import pytest

import addax as keras
from addax import layers, ops

_rng = np.random.default_rng(3)
X = _rng.normal(size=(2, 4, 6)).astype("float32")
HEADS = {"MultiHeadAttention": (2, 3), "GroupQueryAttention": (3, 4, 2)}
each = pytest.mark.parametrize("name", HEADS)


def make(name, **options):
    return getattr(layers, name)(*HEADS[name], **options)


@each
def test_a_causal_target_sees_no_later_source(name):
    layer = make(name)
    before = layer(X, X, use_causal_mask=True).numpy()
    changed = X.copy()
    changed[:, 3] += 1.0
    after = layer(changed, changed, use_causal_mask=True).numpy()
    np.testing.assert_allclose(after[:, :3], before[:, :3], atol=1e-6)
    assert np.abs(after[:, 3] - before[:, 3]).max() > 1e-3
    scores = layer(X, X, use_causal_mask=True, return_attention_scores=True)[1].numpy()
    assert (np.triu(scores, 1) == 0).all()


@each
def test_a_window_hides_what_is_far(name):
    scores = make(name, sliding_window=2)(X, X, return_attention_scores=True)[1].numpy()
    far = np.abs(np.arange(4)[:, None] - np.arange(4)) >= 2
    assert (scores[..., far] == 0).all() and (scores[..., ~far] > 0).all()


@each
def test_the_masks_that_inputs_carry_are_used_and_go_on(name):
    words = np.array([[1, 2, 0, 0], [3, 1, 2, 0]])
    embedded = layers.Embedding(5, 6, mask_zero=True)(words)
    layer = make(name)
    output, scores = layer(embedded, embedded, return_attention_scores=True)
    np.testing.assert_array_equal(np.asarray(output._keras_mask), words != 0)
    assert (scores.numpy()[0, :, 0, 2:] == 0).all()
    plain = ops.convert_to_tensor(embedded.numpy())
    mask = (words != 0)[:, :, None] & (words != 0)[:, None, :]
    # What a padded target sees is nobody's concern: nothing if there are scores, the mean of everything if not.
    expected = layer(plain, plain, attention_mask=mask).numpy()
    np.testing.assert_allclose(output.numpy()[words != 0], expected[words != 0], rtol=1e-5, atol=1e-6)


def test_transformer_blocks_are_trained_saved_and_loaded(tmp_path):
    inputs = keras.Input((None,), dtype="int32")
    x = layers.Embedding(10, 6, mask_zero=True)(inputs)
    for name in HEADS:
        x = layers.LayerNormalization()(x + make(name, dropout=0.1)(x, x, use_causal_mask=True))
    model = keras.Model(inputs, layers.Dense(10, activation="softmax")(x))
    assert tuple(model.output.shape) == (None, None, 10)
    model.compile(keras.optimizers.Adam(0.02), "sparse_categorical_crossentropy")
    sequence = np.tile(np.arange(1, 9), (16, 1))
    losses = model.fit(sequence[:, :-1], sequence[:, 1:], epochs=15, verbose=0).history["loss"]
    assert losses[-1] < 0.5 * losses[0]
    path = tmp_path / "model.keras"
    model.save(path)
    found = keras.models.load_model(path)(sequence[:2])
    np.testing.assert_allclose(found, model(sequence[:2]), rtol=1e-5, atol=1e-6)


def test_weights_lie_where_keras_looks_for_them(tmp_path):
    x = keras.Input((4, 6))
    heads = make("MultiHeadAttention", use_gate=True)(x, x)
    model = keras.Model(x, make("GroupQueryAttention")(heads, heads))
    model.save(tmp_path / "model.keras")
    with zipfile.ZipFile(tmp_path / "model.keras") as archive:
        (tmp_path / "w.h5").write_bytes(archive.read("model.weights.h5"))
    found: list = []
    with h5py.File(tmp_path / "w.h5") as file:
        file.visititems(lambda name, item: found.append(name) if isinstance(item, h5py.Dataset) else None)
    parts = ("query_dense", "key_dense", "value_dense", "output_dense", "_gate_dense")
    expected = {f"layers/multi_head_attention/{part}/vars/{i}" for part in parts for i in range(2)}
    parts = ("_query_dense", "_key_dense", "_value_dense", "_output_dense")
    expected |= {f"layers/grouped_query_attention/{part}/vars/{i}" for part in parts for i in range(2)}
    assert set(found) == expected


def test_attention_between_an_encoder_and_a_decoder_is_trained():
    source, target = keras.Input((None, 3)), keras.Input((None, 3))
    encoded = layers.LSTM(8, return_sequences=True)(source)
    decoded = layers.LSTM(8, return_sequences=True)(target)
    context = layers.AdditiveAttention(dropout=0.1)([decoded, encoded])
    model = keras.Model([source, target], layers.Dense(3)(layers.Concatenate()([decoded, context])))
    model.compile(keras.optimizers.Adam(0.01), "mse")
    x = _rng.normal(size=(32, 5, 3)).astype("float32")
    losses = model.fit([x, x], x[:, ::-1], epochs=10, verbose=0).history["loss"]
    assert losses[-1] < losses[0]


def test_masks_of_query_and_value_reach_one_headed_attention():
    words = np.array([[1, 2, 0], [3, 1, 2]])
    embedding = layers.Embedding(5, 4, mask_zero=True)
    query = value = embedding(words)
    output, scores = layers.Attention()([query, value], return_attention_scores=True)
    assert (scores.numpy()[0, :, 2] == 0).all() and (output.numpy()[0, 2] == 0).all()
    np.testing.assert_array_equal(np.asarray(output._keras_mask), words != 0)


def test_a_subclass_attends_in_its_own_way():
    class Uniform(layers.MultiHeadAttention):
        def _compute_attention(
            self, query, key, value, attention_mask=None, training=None, return_attention_scores=False
        ):
            assert attention_mask.shape == (1, 4, 4)
            weights = ops.cast(attention_mask, value.dtype)
            weights = ops.expand_dims(weights / ops.sum(weights, axis=-1, keepdims=True), 1)
            weights = ops.broadcast_to(weights, (value.shape[0], 2, 4, 4))
            return ops.einsum("bnts,bsnd->btnd", weights, value), weights

    layer = Uniform(2, 3)
    output = layer(X, X, use_causal_mask=True)
    values = layer.value_dense(X).numpy()
    means = np.cumsum(values, axis=1) / np.arange(1, 5)[None, :, None, None]
    np.testing.assert_allclose(output, layer.output_dense(means.astype("float32")), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("run", "text"),
    [
        (lambda: layers.MultiHeadAttention(0, 2), "num_heads"),
        (lambda: layers.MultiHeadAttention(2, 2.5), "key_dim"),
        (lambda: layers.MultiHeadAttention(2, 2, sliding_window=0), "sliding_window"),
        (lambda: layers.MultiHeadAttention(2, 2, output_shape="wide"), "output_shape"),
        (lambda: layers.MultiHeadAttention(2, 2, dropout=0.1, flash_attention=True), "no dropout"),
        (lambda: layers.MultiHeadAttention(2, 2)(X, X, key=X[:, :2]), "Value and key"),
        (lambda: layers.GroupQueryAttention(2, 3, 2), "a multiple of num_key_value_heads=2"),
        (
            lambda: layers.MultiHeadAttention(2, 2, flash_attention=True)(X, X, return_attention_scores=True),
            "keeps no scores",
        ),
        (lambda: layers.Attention(score_mode="cosine"), "score_mode"),
        (lambda: layers.Attention(dropout=2.0), "from 0 to 1"),
        (lambda: layers.Attention()(X), "query, value"),
        (lambda: layers.AdditiveAttention()([X]), "query, value"),
        (lambda: layers.Attention()([X, X], mask=MASK), "mask of Attention must be a list"),
    ],
)
def test_wrong_arguments_are_named(run, text):
    with pytest.raises(ValueError, match=text):
        run()


MASK = np.ones((2, 4), bool)
