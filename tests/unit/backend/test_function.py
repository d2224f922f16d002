import numpy as np
import pytest

import addax as keras
from addax import backend as K
from addax import ops


def test_outputs_of_inner_layers() -> None:
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4), keras.layers.Dense(2)])
    outputs = K.function([model.input], [layer.output for layer in model.layers])
    x = np.ones((5, 3), np.float32)
    first, last = outputs([x])
    np.testing.assert_allclose(last, model(x), rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(first, model.layers[0](x), rtol=1e-6)
    assert type(first) is np.ndarray


def test_the_learning_phase_among_the_inputs() -> None:
    x = keras.Input((100,))
    run = K.function([x, K.learning_phase()], keras.layers.Dropout(0.5, seed=1)(x))
    ones = np.ones((1, 100))
    assert (run([ones, 0]) == 1).all()
    assert 0 < (run([ones, 1]) == 0).sum() < 100


def test_constants_text_and_wrong_numbers() -> None:
    v = K.variable([1.0, 2.0])
    assert K.function([], [v])([])[0].tolist() == [1.0, 2.0]
    words = keras.Input((1,), dtype="string")
    lookup = keras.layers.StringLookup(vocabulary=["a", "b"])
    assert K.function([words], lookup(words))([[["b"]]]).tolist() == [[2]]
    with pytest.raises(ValueError, match="a list of 0"):
        K.function([], [v])([1])
    with pytest.raises(ValueError, match="updates"):
        K.function([], [v], updates=[1])


def test_gradients_of_inputs_inner_tensors_and_weights() -> None:
    x, other = keras.Input((3,)), keras.Input((3,))
    dense = keras.layers.Dense(3, activation="tanh")
    hidden = dense(x)
    score = ops.sum((hidden * other) ** 2, axis=1)
    grads = K.gradients(score, [x, hidden, dense.kernel, keras.Input((1,))])
    assert grads[-1] is None
    run = K.function([x, other], grads[:3])
    a, b = np.random.default_rng(0).normal(size=(2, 2, 3)).astype(np.float32)
    of_x, of_hidden, of_kernel = run([a, b])
    h = np.tanh(a @ dense.kernel.numpy() + dense.bias.numpy())
    down = 2 * h * b**2
    np.testing.assert_allclose(of_hidden, down, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(of_x, (down * (1 - h**2)) @ dense.kernel.numpy().T, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(of_kernel, a.T @ (down * (1 - h**2)), rtol=1e-4, atol=1e-6)


def test_gradients_of_values_point_to_the_tape() -> None:
    with pytest.raises(RuntimeError, match="GradientTape"):
        K.gradients(ops.ones(()), K.variable(1.0))


def test_phases_and_switches() -> None:
    x = ops.array([1.0, 2.0])
    assert K.learning_phase() == 0
    with K.learning_phase_scope(1):
        assert K.learning_phase() == 1
        assert K.in_train_phase(lambda: 1, lambda: 2) == 1
        assert K.in_test_phase(1, 2) == 2
    assert K.in_train_phase(x, -x).numpy().tolist() == [-1.0, -2.0]
    assert K.in_train_phase(x, -x, training=ops.array(True)).numpy().tolist() == [1.0, 2.0]
    assert K.switch(x > 1.5, x, 0 * x).numpy().tolist() == [0.0, 2.0]
    with pytest.raises(ValueError, match="more axes"):
        K.switch([[True]], x, x)


def test_a_recurrence_with_a_mask_and_constants() -> None:
    def step(x, states):
        total, scale = states
        return (total + x) * scale, [total + x]

    x = ops.reshape(ops.arange(1.0, 7.0), (1, 6, 1))
    last, outputs, (state,) = K.rnn(
        step, x, [ops.zeros((1, 1))], mask=[[True, True, False, True, False, False]], constants=[2.0]
    )
    assert outputs.numpy().ravel().tolist() == [2.0, 6.0, 6.0, 14.0, 14.0, 14.0]
    assert (float(last[0, 0]), float(state[0, 0])) == (14.0, 7.0)
    last, outputs, _ = K.rnn(
        step, x, [ops.zeros((1, 1))], constants=[1.0], go_backwards=True, return_all_outputs=False
    )
    assert (float(last[0, 0]), outputs.shape) == (21.0, (1, 1, 1))
    assert float(K.foldr(lambda a, b: a - b, [1.0, 2.0, 4.0])) == 1.0
    assert K.map_fn(lambda v: v + 1, np.float32([1, 2]), dtype="int32").numpy().tolist() == [2, 3]


def test_variables() -> None:
    v = K.variable(np.arange(3), name="v")
    assert (K.dtype(v), K.int_shape(v), K.ndim(v), K.count_params(v)) == ("float32", (3,), 1, 3)
    K.set_value(v, [1, 2, 3])
    K.update(v, K.update_add(v, [1, 1, 1]) * 2)
    K.update_sub(v, [0, 0, 1])
    assert K.get_value(v).tolist() == [4, 6, 7]
    K.batch_set_value([(v, np.zeros(3))])
    K.moving_average_update(v, [1.0, 1.0, 1.0], 0.75)
    assert K.batch_get_value([v])[0].tolist() == [0.25] * 3
    assert isinstance(K.zeros((2,)), keras.Variable)
    assert K.eval(K.eye(2)).tolist() == [[1, 0], [0, 1]]
    assert K.is_placeholder(K.placeholder(ndim=2))
    assert K.int_shape(K.placeholder((None, 3))) == (None, 3)


def test_print_tensor_gives_it_back(capfd) -> None:
    assert K.print_tensor(ops.ones((2,)), "here:").numpy().tolist() == [1.0, 1.0]
    assert "here: [1 1]" in capfd.readouterr().err
