"""Layers and spellings of tf.keras that Keras 3 no longer has."""

from __future__ import annotations

import numpy as np
import pytest

import addax as keras
from addax import layers


class Sum(layers.AbstractRNNCell):
    """Adds up what it sees, and counts."""

    @property
    def state_size(self):
        return [3, 1]

    @property
    def output_size(self):
        return 3

    def call(self, inputs, states):
        total = states[0] + inputs
        return total, [total, states[1] + 1]


def test_a_cell_of_a_user_starts_from_zeros():
    rnn = layers.RNN(Sum(), return_state=True)
    out, total, steps = rnn(np.ones((2, 5, 3), "float32"))
    np.testing.assert_array_equal(out, np.full((2, 3), 5))
    np.testing.assert_array_equal(total, out)
    np.testing.assert_array_equal(steps, np.full((2, 1), 5))
    first = Sum().get_initial_state(batch_size=2, dtype="float32")
    assert [tuple(x.shape) for x in first] == [(2, 3), (2, 1)]


def test_a_cell_without_sizes_says_what_it_lacks():
    with pytest.raises(TypeError, match="state_size"):
        layers.RNN(layers.AbstractRNNCell())(np.ones((2, 5, 3), "float32"))


def test_old_names_are_the_layers():
    assert layers.CuDNNLSTM is layers.LSTM and layers.CuDNNGRU is layers.GRU
    old = layers.experimental.preprocessing
    for name in old.__all__:
        assert getattr(old, name) is getattr(layers, name, layers.Layer)
    assert layers.experimental.EinsumDense is layers.EinsumDense


def test_a_synchronized_normalization_keeps_its_name_and_arguments():
    layer = layers.experimental.SyncBatchNormalization(momentum=0.5)
    assert layer.synchronized and layer.momentum == 0.5
    again = type(layer).from_config(layer.get_config())
    assert again.get_config() == layer.get_config()


def test_locally_connected_layers_need_all_sizes_and_no_padding():
    with pytest.raises(ValueError, match="needs to know all sizes"):
        layers.LocallyConnected1D(2, 3)(keras.Input((None, 4)))
    with pytest.raises(ValueError, match="ZeroPadding2D"):
        layers.LocallyConnected2D(2, 3, padding="same")


def test_fourier_features_approximate_the_kernel():
    points = np.random.default_rng(0).normal(size=(6, 2)).astype("float32")
    keras.utils.set_random_seed(1)
    for name, kernel in (
        ("gaussian", lambda d: np.exp(-(d**2).sum(-1) / 2)),
        ("laplacian", lambda d: np.exp(-np.abs(d).sum(-1))),
    ):
        features = layers.experimental.RandomFourierFeatures(20000, name, scale=1.0)(points).numpy()
        expected = kernel(points[:, None] - points[None])
        np.testing.assert_allclose(2 * features @ features.T / 20000, expected, atol=0.05)


def test_calls_of_a_shared_layer_are_found_by_number():
    dense = layers.Dense(2)
    first, second = keras.Input((3,)), keras.Input((3,))
    outputs = dense(first), dense(second)
    assert dense.get_input_at(1) is second and dense.get_output_at(0) is outputs[0]
    assert dense.get_input_shape_at(1) == (None, 3) and dense.get_output_shape_at(1) == (None, 2)
    with pytest.raises(AttributeError, match="no call number 2"):
        dense.get_output_at(2)


def test_a_model_resets_the_states_of_layers_inside():
    inner = keras.Sequential([keras.Input((4, 2), batch_size=1), layers.LSTM(3, stateful=True)])
    model = keras.Sequential([inner, layers.Dense(1)])
    x = np.ones((1, 4, 2), "float32")
    first = model.predict(x, verbose=0)
    assert (model.predict(x, verbose=0) != first).any()
    model.reset_states()
    np.testing.assert_array_equal(model.predict(x, verbose=0), first)


def test_merging_functions_are_in_the_module_of_keras_2():
    from addax.layers.merge import Concatenate, add, concatenate

    first, second = keras.Input((3,)), keras.Input((3,))
    model = keras.Model([first, second], [add([first, second]), concatenate([first, second])])
    x = np.arange(6, dtype="float32").reshape(2, 3)
    total, both = model.predict([x, 2 * x], verbose=0)
    np.testing.assert_array_equal(total, 3 * x)
    np.testing.assert_array_equal(both, np.concatenate([x, 2 * x], 1))
    assert Concatenate is layers.Concatenate and layers.merge.dot is layers.dot


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Convolution1D", "Conv1D"),
        ("Convolution2D", "Conv2D"),
        ("Convolution3D", "Conv3D"),
        ("Convolution2DTranspose", "Conv2DTranspose"),
        ("Convolution3DTranspose", "Conv3DTranspose"),
        ("SeparableConvolution2D", "SeparableConv2D"),
        ("MaxPool1D", "MaxPooling1D"),
        ("MaxPool2D", "MaxPooling2D"),
        ("AvgPool2D", "AveragePooling2D"),
        ("GlobalMaxPool2D", "GlobalMaxPooling2D"),
        ("GlobalAvgPool1D", "GlobalAveragePooling1D"),
    ],
)
def test_a_name_of_old_is_the_layer(old, new):
    assert getattr(layers, old) is getattr(layers, new)


def test_a_model_at_each_step_trains():
    frame = keras.Input((6, 6, 1))
    network = keras.Model(frame, layers.Flatten()(layers.Convolution2D(2, 3)(frame)))
    frames = keras.Input((4, 6, 6, 1))
    model = keras.Model(frames, layers.CuDNNLSTM(3)(layers.TimeDistributed(network)(frames)))
    x = np.random.default_rng(0).normal(size=(2, 4, 6, 6, 1)).astype("float32")
    steps = layers.TimeDistributed(network)(x)
    np.testing.assert_allclose(steps, [network(one) for one in x], rtol=1e-5, atol=1e-6)
    model.compile("sgd", "mse")
    before = network.get_weights()[0]
    model.fit(x, np.ones((2, 3)), verbose=0)
    assert np.abs(network.get_weights()[0] - before).max() > 0


def test_a_script_of_old_describes_its_inputs_in_the_first_layer():
    table = np.arange(30, dtype="float32").reshape(10, 3)
    model = keras.Sequential()
    model.add(layers.Embedding(10, 3, weights=[table], input_length=4, trainable=False))
    model.add(layers.Bidirectional(layers.LSTM(2), merge_mode="sum"))
    model.add(layers.Dense(1, input_dim=2))
    assert model.output_shape == (None, 1)
    np.testing.assert_array_equal(model.layers[0](np.array([[1, 2]]))[0], table[1:3])
    model.compile("sgd", "mse")
    model.fit(np.ones((2, 4)), np.ones((2, 1)), verbose=0)
    np.testing.assert_array_equal(model.get_weights()[0], table)


def test_merge_as_keras_1_called_it():
    from addax.layers import merge

    a, b = np.array([[1.0, 2.0]], "float32"), np.array([[3.0, 4.0]], "float32")
    expected = {
        "sum": [4, 6],
        "mul": [3, 8],
        "ave": [2, 3],
        "max": [3, 4],
        "concat": [1, 2, 3, 4],
        "dot": [11],
    }
    for mode, numbers in expected.items():
        np.testing.assert_allclose(np.ravel(merge([a, b], mode=mode)), numbers, rtol=1e-6)
    with pytest.raises(ValueError, match="unknown `mode`"):
        merge([a, b], mode="join")
