"""Recurrent layers: paths through the code that agree, models, files, messages."""

from __future__ import annotations

import zipfile

import h5py
import jax.numpy as jnp
import numpy as np
import pytest

import addax as keras
from addax import layers, ops
from addax.engine import GradientTape, TensorShape

_rng = np.random.default_rng(3)
X = _rng.normal(size=(4, 5, 3)).astype("float32")
MASK = _rng.random((4, 5)) < 0.6


def same(a, b, **tolerance):
    np.testing.assert_allclose(np.asarray(a), np.asarray(b), **{"rtol": 1e-5, "atol": 1e-6, **tolerance})


@pytest.mark.parametrize("name", ["SimpleRNN", "GRU", "LSTM"])
def test_an_activation_of_ones_own_gives_the_same_as_ours_of_the_same_formula(name):
    make = getattr(layers, name)
    options = {"return_sequences": True, "dropout": 0.3, "recurrent_dropout": 0.2, "seed": 1}
    ours = make(4, activation="tanh", **options)
    own = make(4, activation=lambda x: ops.tanh(x), **options)
    ours.build(X.shape)
    own.build(X.shape)
    own.set_weights(ours.get_weights())
    same(own(X, mask=MASK), ours(X, mask=MASK))
    same(own(X, mask=MASK, training=True), ours(X, mask=MASK, training=True))


def test_an_activation_with_weights_is_trained():
    slope = keras.Variable(0.5)
    layer = layers.SimpleRNN(2, activation=lambda x: ops.tanh(x * slope))
    with GradientTape() as tape:
        loss = ops.sum(layer(X))
    assert float(ops.abs(tape.gradient(loss, slope))) > 0


@pytest.mark.parametrize("name", ["SimpleRNN", "GRU", "LSTM"])
def test_a_tape_gives_the_gradients_of_every_weight(name):
    keras.utils.set_random_seed(1)  # the differences are exact enough for these weights
    layer = getattr(layers, name)(2, return_sequences=True)
    layer.build(X.shape)
    start = [w.numpy() for w in layer.weights]
    with GradientTape() as tape:
        loss = ops.sum(layer(X, mask=MASK) ** 2)
    found = tape.gradient(loss, layer.trainable_weights)
    step = 1e-2
    for i, (value, gradient) in enumerate(zip(start, found, strict=True)):
        direction = _rng.normal(size=value.shape).astype("float32")
        sides = []
        for sign in (1, -1):
            layer.weights[i].assign(value + sign * step * direction)
            sides.append(float(ops.sum(layer(X, mask=MASK) ** 2)))
        layer.weights[i].assign(value)
        assert (sides[0] - sides[1]) / (2 * step) == pytest.approx(
            float(np.sum(gradient.numpy() * direction)), rel=2e-2
        )


def test_the_mask_of_an_embedding_reaches_the_layer_and_goes_on_after_it():
    words = np.array([[1, 2, 0, 0], [3, 1, 2, 0]])
    embedding = layers.Embedding(5, 3, mask_zero=True)
    layer = layers.LSTM(2, return_sequences=True)
    out = layer(embedding(words))
    np.testing.assert_array_equal(np.asarray(out._keras_mask), words != 0)
    same(
        layers.LSTM(2, weights=layer.get_weights())(embedding(words))[0],
        layer(embedding(words[:1, :2]))[0, -1],
    )


def test_masks_pass_bidirectional_and_stop_at_the_last_output():
    x = layers.Masking()(X * MASK[..., None])
    assert layers.Bidirectional(layers.GRU(2, return_sequences=True))(x)._keras_mask is not None
    assert getattr(layers.Bidirectional(layers.GRU(2))(x), "_keras_mask", None) is None


def test_sequences_of_any_length_go_through_one_model():
    inputs = keras.Input((None, 3))
    sequence, state = layers.GRU(4, return_sequences=True, return_state=True)(inputs)
    outputs = layers.TimeDistributed(layers.Dense(2))(
        layers.Bidirectional(layers.LSTM(3, return_sequences=True))(sequence)
    )
    model = keras.Model(inputs, [outputs, state])
    assert [tuple(x.shape) for x in model.outputs] == [(None, None, 2), (None, 4)]
    for steps in (1, 5):
        assert model(X[:, :steps])[0].shape == (4, steps, 2)


def test_states_are_handed_from_an_encoder_to_a_decoder():
    source, target = keras.Input((None, 3)), keras.Input((None, 2))
    _, h, c = layers.LSTM(4, return_state=True)(source)
    decoded = layers.LSTM(4, return_sequences=True)(target, initial_state=[h, c])
    model = keras.Model([source, target], layers.Dense(1)(decoded))
    model.compile("adam", "mse")
    y = _rng.normal(size=(4, 6, 1)).astype("float32")
    targets = _rng.normal(size=(4, 6, 2)).astype("float32")
    losses = model.fit([X, targets], y, epochs=8, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    again = type(model).from_config(model.get_config())
    again.set_weights(model.get_weights())
    same(again([X, targets]), model([X, targets]))


def test_a_stateful_model_keeps_its_states_from_batch_to_batch():
    model = keras.Sequential([keras.Input(batch_shape=(4, 5, 3)), layers.LSTM(2, stateful=True)])
    whole = layers.LSTM(2, weights=model.get_weights())
    model.predict(X, batch_size=4, verbose=0)
    second = model.predict(X, batch_size=4, verbose=0)
    same(second, whole(np.concatenate([X, X], axis=1)))
    model.layers[0].reset_states()
    same(model.predict(X, batch_size=4, verbose=0), whole(X))


def test_a_cell_with_dropout_inside_draws_anew_at_each_step():
    class Noisy(layers.Layer):
        state_size = 3

        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.drop = layers.Dropout(0.5, seed=1)

        def call(self, inputs, states, training=False):
            return self.drop(ops.ones_like(inputs), training=training), states

    steps = layers.RNN(Noisy(), return_sequences=True)(X, training=True).numpy()
    assert (steps[:, 0] != steps[:, 1]).any()
    assert (layers.RNN(Noisy(), return_sequences=True)(X).numpy() == 1).all()


def test_weights_lie_where_keras_looks_for_them(tmp_path):
    model = keras.Sequential(
        [
            keras.Input((5, 3)),
            layers.Bidirectional(layers.LSTM(2, return_sequences=True)),
            layers.TimeDistributed(layers.Dense(3)),
            layers.RNN([layers.GRUCell(2), layers.LSTMCell(2)]),
        ]
    )
    path = tmp_path / "model.keras"
    model.save(path)
    with zipfile.ZipFile(path) as archive:
        (tmp_path / "w.h5").write_bytes(archive.read("model.weights.h5"))
    with h5py.File(tmp_path / "w.h5") as file:
        found: list = []
        file.visititems(lambda name, item: found.append(name) if isinstance(item, h5py.Dataset) else None)
    cells = (
        "bidirectional/forward_layer/cell",
        "bidirectional/backward_layer/cell",
        "rnn/cell/cells/gru_cell",
    )
    expected = {f"layers/{cell}/vars/{i}" for cell in (*cells, "rnn/cell/cells/lstm_cell") for i in range(3)}
    assert set(found) == expected | {f"layers/time_distributed/layer/vars/{i}" for i in range(2)}
    same(keras.models.load_model(path)(X), model(X))


def test_a_model_of_recurrent_layers_learns():
    x = _rng.integers(0, 2, (256, 8, 1)).astype("float32")
    y = (x.sum(axis=(1, 2)) > 4).astype("float32")
    model = keras.Sequential([keras.Input((8, 1)), layers.GRU(8), layers.Dense(1, activation="sigmoid")])
    model.compile(keras.optimizers.Adam(0.02), "binary_crossentropy", metrics=["accuracy"])
    assert model.fit(x, y, epochs=15, batch_size=32, verbose=0).history["accuracy"][-1] > 0.9


def test_raw_arrays_give_raw_arrays():
    output, state = layers.GRU(2, return_state=True)(jnp.asarray(X))
    assert type(output) is type(state) is type(jnp.asarray(X))


def test_bidirectional_copies_layers_that_no_file_could_name():
    class Cell(layers.Layer):
        def __init__(self, units, **kwargs):
            super().__init__(**kwargs)
            self.units = self.state_size = units

        def build(self, input_shape):
            self.kernel = self.add_weight(shape=(input_shape[-1] + self.units, self.units))

        def call(self, inputs, states):
            new = ops.matmul(ops.concatenate([inputs, states[0]], axis=-1), self.kernel)
            return new, [new]

    layer = layers.Bidirectional(layers.RNN(Cell(2), return_sequences=True))
    assert layer(X).shape == (4, 5, 4) and len(layer.weights) == 2
    slope = 0.5
    own = layers.Bidirectional(layers.GRU(2, activation=lambda x: ops.tanh(x * slope)))
    assert own(X).shape == (4, 4)


# Messages ------------------------------------------------------------------------------------------------
def test_units_must_be_a_positive_integer():
    with pytest.raises(ValueError, match="units.*\n.*positive integer"):
        layers.LSTM(0)


def test_a_missing_axis_is_named():
    with pytest.raises(ValueError, match="ndim=3"):
        layers.LSTM(2)(np.ones((4, 3), "float32"))


def test_an_object_that_is_no_cell_is_refused():
    with pytest.raises(ValueError, match="state_size"):
        layers.RNN(layers.Dense(2))


def test_a_wrong_number_of_states_is_counted():
    with pytest.raises(ValueError, match="2 states, of sizes \\[2, 2\\]"):
        layers.LSTM(2)(X, initial_state=[np.zeros((4, 2), "float32")])


def test_a_stateful_layer_needs_one_batch_size():
    with pytest.raises(ValueError, match="fixed batch size"):
        keras.Sequential([keras.Input((5, 3)), layers.LSTM(2, stateful=True)])
    layer = layers.LSTM(2, stateful=True)
    layer(X)
    with pytest.raises(ValueError, match="batch size 4"):
        layer(X[:2])


def test_bidirectional_says_what_does_not_go_together():
    with pytest.raises(ValueError, match="merge_mode"):
        layers.Bidirectional(layers.LSTM(2), merge_mode="both")
    with pytest.raises(ValueError, match="opposite directions"):
        layers.Bidirectional(layers.LSTM(2), backward_layer=layers.LSTM(2))
    with pytest.raises(ValueError, match="return_state"):
        layers.Bidirectional(
            layers.LSTM(2), backward_layer=layers.LSTM(2, go_backwards=True, return_state=True)
        )
    with pytest.raises(TypeError, match="a recurrent layer"):
        layers.Bidirectional("lstm")
    with pytest.raises(AttributeError, match="stateful=True"):
        layers.Bidirectional(layers.LSTM(2)).reset_states()


def test_time_distributed_needs_a_time_axis_and_a_mask_that_fits():
    with pytest.raises(ValueError, match="rank 3"):
        layers.TimeDistributed(layers.Dense(2))(np.ones((4, 3), "float32"))
    with pytest.raises(ValueError, match="batch and time"):
        layers.TimeDistributed(layers.Dense(2))(X, mask=np.ones((4, 2), bool))


def test_initial_states_fit_a_batch_size_or_as_in_tf_keras_some_inputs():
    layer = layers.LSTM(3)
    for states in (layer.get_initial_state(2), layer.get_initial_state(inputs=np.ones((2, 5, 4), "float32"))):
        assert [tuple(s.shape) for s in states] == [(2, 3), (2, 3)]


def test_nests_of_sequences_and_of_states():
    class Pair(layers.Layer):
        state_size = output_size = (TensorShape([4]), TensorShape([2, 3]))

        def build(self, shapes):
            self.kernel = self.add_weight(shape=(shapes[0][-1], 4))
            self.scale = self.add_weight(shape=(2, 3))

        def call(self, inputs, states):
            first = ops.matmul(inputs[0], self.kernel) + states[0]
            second = inputs[1] * self.scale + states[1]
            return (first, second), [first, second]

    vectors, matrices = _rng.normal(size=(5, 6, 7)), _rng.normal(size=(5, 6, 2, 3))
    inputs = (keras.Input((None, 7)), keras.Input((None, 2, 3)))
    layer = layers.RNN(Pair())
    model = keras.Model(inputs, layer(inputs))
    first, second = model.predict([vectors, matrices], verbose=0)
    np.testing.assert_allclose(first, vectors.sum(1) @ layer.cell.kernel.numpy(), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(second, matrices.sum(1) * layer.cell.scale.numpy(), rtol=1e-4, atol=1e-4)
