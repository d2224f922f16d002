"""Cells around cells: dropout, residual connections, devices."""

import numpy as np
import pytest

import addax.tf as tf

GRU = tf.keras.layers.GRUCell


def dropped_at(layer, x):
    """For each step the places of zeros in the first row of the output."""
    return [np.flatnonzero(row == 0).tolist() for row in layer(x).numpy()[0]]


def test_states_keep_their_form():
    for make in (
        lambda cell: tf.nn.RNNCellDropoutWrapper(cell, 0.5, 0.5, 0.5, seed=1),
        tf.nn.RNNCellResidualWrapper,
        lambda cell: tf.nn.RNNCellDeviceWrapper(cell, "/cpu:0"),
    ):
        cell = make(GRU(4))
        state = tf.zeros((2, 4))
        assert cell(tf.ones((2, 4)), state)[1].shape == (2, 4)
        assert isinstance(cell(tf.ones((2, 4)), [state])[1], list)
        assert (cell.state_size, cell.output_size, len(cell.trainable_variables)) == (4, 4, 3)
        assert tf.keras.layers.RNN(cell)(tf.ones((2, 3, 4))).shape == (2, 4)


def test_dropout_acts_in_inference_and_differs_by_step():
    cell = tf.nn.RNNCellDropoutWrapper(GRU(200), output_keep_prob=0.5, seed=1)
    layer = tf.keras.layers.RNN(cell, return_sequences=True)
    places = dropped_at(layer, tf.ones((1, 3, 4)))
    assert all(60 < len(p) < 140 for p in places)
    assert places[0] != places[1] != places[2]


def test_variational_dropout_is_the_same_at_each_step_and_in_each_sequence():
    cell = tf.nn.RNNCellDropoutWrapper(
        GRU(200), 0.5, 0.5, 0.5, variational_recurrent=True, input_size=4, dtype="float32", seed=1
    )
    layer = tf.keras.layers.RNN(cell, return_sequences=True)
    first, *others = dropped_at(layer, tf.ones((1, 3, 4)))
    assert 60 < len(first) < 140 and others == [first, first]
    assert dropped_at(layer, tf.ones((2, 3, 4)) * 2)[0] == first


def test_a_model_with_wrapped_cells_trains_and_repeats():
    def losses():
        tf.keras.utils.set_random_seed(3)
        cell = tf.nn.RNNCellDropoutWrapper(GRU(4), state_keep_prob=0.8, seed=1)
        model = tf.keras.Sequential([tf.keras.layers.RNN(cell), tf.keras.layers.Dense(1)])
        model.compile("sgd", "mse")
        return model.fit(np.ones((8, 3, 2)), np.ones((8, 1)), epochs=2, verbose=0).history["loss"]

    assert losses() == losses()


def test_the_visitor_says_which_states_are_dropped():
    cell = tf.nn.RNNCellDropoutWrapper(
        tf.keras.layers.LSTMCell(4),
        state_keep_prob=0.0,
        dropout_state_filter_visitor=lambda s: [True, False] if isinstance(s, list) else True,
    )
    _, (hidden, memory) = cell(tf.ones((2, 4)), [tf.zeros((2, 4))] * 2)
    assert not np.any(hidden.numpy()) and np.all(memory.numpy())


def test_configs():
    cell = tf.nn.RNNCellDropoutWrapper(GRU(4), input_keep_prob=0.3, seed=2)
    again = type(cell).from_config(cell.get_config())
    assert (again.input_keep_prob, again.seed, again.cell.units) == (0.3, 2, 4)
    device = tf.nn.RNNCellDeviceWrapper(GRU(4), "/cpu:0")
    assert type(device).from_config(device.get_config()).device == "/cpu:0"


def test_models_are_saved_and_cloned(tmp_path):
    cell = tf.nn.RNNCellResidualWrapper(tf.nn.RNNCellDeviceWrapper(tf.keras.layers.LSTMCell(2), "/cpu:0"))
    model = tf.keras.Sequential([tf.keras.Input((3, 2)), tf.keras.layers.RNN(cell)])
    model.save(tmp_path / "m.keras")
    again = tf.keras.models.load_model(tmp_path / "m.keras")
    x = np.ones((1, 3, 2), "float32")
    np.testing.assert_array_equal(again(x), model(x))
    assert tf.keras.models.clone_model(model).layers[0].cell.cell.cell.units == 2


@pytest.mark.parametrize(
    ("options", "error", "what"),
    [
        ({"input_keep_prob": 2.0}, ValueError, "input_keep_prob"),
        ({"state_keep_prob": -0.1}, ValueError, "state_keep_prob"),
        ({"variational_recurrent": True}, ValueError, "dtype"),
        (
            {"variational_recurrent": True, "dtype": "float32", "input_keep_prob": 0.5},
            ValueError,
            "input_size",
        ),
        ({"dropout_state_filter_visitor": 3}, TypeError, "function"),
    ],
)
def test_wrong_arguments(options, error, what):
    with pytest.raises(error, match=what):
        tf.nn.RNNCellDropoutWrapper(GRU(4), **options)


def test_no_cell():
    with pytest.raises(TypeError, match="A cell needs"):
        tf.nn.RNNCellDeviceWrapper(3, "/cpu:0")


def test_a_residual_connection_needs_equal_shapes():
    with pytest.raises(ValueError, match="residual_fn"):
        tf.nn.RNNCellResidualWrapper(GRU(3))(tf.ones((2, 4)), tf.zeros((2, 3)))


def test_no_such_device():
    with pytest.raises(RuntimeError, match="no device"):
        tf.nn.RNNCellDeviceWrapper(GRU(3), "/cpu:99")(tf.ones((2, 4)), tf.zeros((2, 3)))
