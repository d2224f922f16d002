"""`model(x)` and `predict` of a few rows, compiled once they have become familiar."""

import numpy as np
import pytest

import addax as keras
import addax.tf as tf
from addax.engine._compile import Program

X = np.random.default_rng(0).normal(size=(4, 6)).astype("float32")


def mlp(**last):
    return keras.Sequential(
        [keras.Input((6,)), keras.layers.Dense(5, activation="relu"), keras.layers.Dense(3, **last)]
    )


def programs(model):
    return [p for p in model._steps.calls._known.values() if isinstance(p, Program)]


def called(model, x=X, times=4, **kwargs):
    return [np.asarray(model(x, **kwargs)) for _ in range(times)]


def test_a_familiar_call_is_one_program_with_the_same_numbers():
    model = mlp()
    results = called(model)
    assert len(programs(model)) == 1
    for result in results[1:]:
        np.testing.assert_allclose(result, results[0], rtol=1e-6)


def test_new_weights_are_seen():
    model = mlp()
    called(model)
    model.layers[-1].kernel.assign(np.zeros((5, 3)))
    assert programs(model)
    np.testing.assert_array_equal(model(X), np.zeros((4, 3)))


@pytest.mark.parametrize("change", ["activation", "kernel", "pop"])
def test_a_change_of_a_layer_is_seen(change):
    model = mlp(activation="softmax")
    before = called(model)[-1]
    if change == "activation":
        model.layers[-1].activation = keras.activations.linear
    elif change == "kernel":
        model.layers[-1].kernel = keras.Variable(np.zeros((5, 3)))
    else:
        model.pop()
    after = called(model)
    assert after[0].shape != before.shape or np.abs(after[0] - before).max() > 0.01
    np.testing.assert_allclose(after[-1], after[0], rtol=1e-6)


def test_training_calls_and_tapes_run_op_by_op():
    x = keras.Input((6,))
    model = keras.Model(x, keras.layers.Dropout(0.5)(keras.layers.Dense(50)(x)))
    called(model)
    drawn = called(model, training=True)
    assert np.abs(drawn[0] - drawn[1]).max() > 0.01
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(model(X))
    assert tape.gradient(loss, model.trainable_variables)[0].shape == (6, 50)
    assert np.isfinite(called(model)[0]).all()


def test_code_of_a_user_runs_at_each_call():
    seen = []

    class Watching(keras.layers.Layer):
        def call(self, x):
            seen.append(1)
            return x

    called(keras.Sequential([keras.Input((6,)), Watching()]), times=5)
    assert len(seen) >= 5
    seen.clear()
    called(keras.Sequential([keras.Input((6,)), keras.layers.Lambda(lambda x: seen.append(1) or x)]), times=5)
    assert len(seen) >= 5
    seen.clear()
    called(mlp(activation=lambda x: seen.append(1) or x), times=5)
    assert len(seen) >= 5


def test_masks_and_losses_of_calls_are_kept():
    embedding = keras.Sequential(
        [keras.Input((3,), dtype="int32"), keras.layers.Embedding(5, 2, mask_zero=True)]
    )
    ids = np.array([[1, 0, 2]])
    for _ in range(4):
        outputs = embedding(ids)
    np.testing.assert_array_equal(outputs._keras_mask, [[True, False, True]])
    model = mlp(activity_regularizer="l2")
    called(model)
    assert float(model.losses[0]) > 0


def test_nests_of_inputs():
    a, b = keras.Input((2,)), keras.Input((2,))
    model = keras.Model({"a": a, "b": b}, [keras.layers.add([a, b]), a])
    data = {"a": np.ones((1, 2), "float32"), "b": np.full((1, 2), 2.0, "float32")}
    for _ in range(4):
        total, first = model(data)
    assert len(programs(model)) == 1
    np.testing.assert_array_equal(total, [[3, 3]])
    np.testing.assert_array_equal(first, [[1, 1]])


@pytest.mark.parametrize("way", ["functions", "compile"])
def test_eager_debugging_runs_op_by_op(way, monkeypatch):
    model = mlp()
    called(model)
    calls = []
    monkeypatch.setattr(Program, "__call__", lambda *args: calls.append(1))
    tf.config.run_functions_eagerly(way == "functions")
    try:
        model.compile("sgd", "mse", run_eagerly=way == "compile")
        assert called(model)[-1].shape == (4, 3)
    finally:
        tf.config.run_functions_eagerly(False)
    assert not calls


def test_predict_of_a_few_rows():
    model = mlp()
    first = model.predict(X, verbose=0)
    again = model.predict(X, verbose=0)
    assert model._steps._few
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(model.predict(X.astype("float64"), verbose=0), first)
    model.layers[-1].bias.assign([1.0, 2.0, 3.0])
    np.testing.assert_allclose(model.predict(X, verbose=0), first + [1, 2, 3], rtol=1e-5, atol=1e-6)
    assert isinstance(first, np.ndarray)
    again[:] = 0  # the caller owns it
    np.testing.assert_allclose(model.predict(X, verbose=0), first + [1, 2, 3], rtol=1e-5, atol=1e-6)
    with pytest.warns(UserWarning, match="NaN"):
        model.predict(X * np.nan, verbose=0)


def test_predict_step_of_a_user_stays_in_force():
    class Doubled(keras.Sequential):
        def predict_step(self, data):
            return 2 * super().predict_step(data)

    model = Doubled([keras.Input((6,)), keras.layers.Dense(2)])
    expected = 2 * np.asarray(model(X))
    for _ in range(3):
        np.testing.assert_allclose(model.predict(X, verbose=0), expected, rtol=1e-5, atol=1e-6)


def test_other_devices_have_another_program():
    model = mlp()
    called(model)
    keras.distribution.set_distribution(keras.distribution.DataParallel())
    try:
        called(model)
        assert len(programs(model)) == 2
    finally:
        keras.distribution.set_distribution(None)
