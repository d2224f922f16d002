"""Many steps in one dispatch give what single steps give, bit for bit."""

import numpy as np
import pytest

import addax as keras
from addax import data, layers
from addax.training import _chunks

X = np.random.RandomState(0).rand(250, 6).astype("float32")
Y = (X.sum(1) > 3).astype("int32")


class Looks(keras.callbacks.Callback):
    """Wants to see every batch, so that steps run one by one."""

    def __init__(self):
        super().__init__()
        self.batches = []

    def on_train_batch_end(self, batch, logs=None):
        self.batches.append(batch)


def train(callbacks, **options):
    keras.utils.set_random_seed(5)
    model = keras.Sequential(
        [
            layers.Dense(8, activation="relu", kernel_regularizer="l2"),
            layers.Dropout(0.3),
            layers.BatchNormalization(),
            layers.Dense(2, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy", "crossentropy"])
    history = model.fit(X, Y, epochs=3, batch_size=16, verbose=0, callbacks=callbacks, **options).history
    return history, model


@pytest.mark.parametrize(
    "options", [{}, {"shuffle": False}, {"validation_split": 0.2}, {"steps_per_epoch": 7}]
)
def test_chunks_equal_single_steps(options):
    (a, one), (b, other) = train([Looks()], **options), train([], **options)
    assert a == b
    for v, w in zip(one.variables, other.variables, strict=True):
        np.testing.assert_array_equal(v, w)
    for v, w in zip(one.optimizer.variables, other.optimizer.variables, strict=True):
        np.testing.assert_array_equal(v, w)


def test_a_callback_that_looks_at_batches_sees_all_of_them():
    looks = Looks()
    train([looks])
    assert looks.batches == list(range(16)) * 3


def test_chunks_are_used_where_nobody_looks():
    _, model = train([])
    assert any(r is not None for r in model._steps._repeated.values())


def test_a_reading_of_the_weights_survives_training():
    _, model = train([])
    held = model.layers[0].kernel.value
    before = np.array(held)
    model.fit(X, Y, epochs=1, verbose=0)
    np.testing.assert_array_equal(held, before)
    assert not np.array_equal(model.layers[0].kernel, before)


def test_steps_per_execution_bounds_the_chunk():
    keras.utils.set_random_seed(5)
    model = keras.Sequential([layers.Dense(2)])
    model.compile("sgd", "mse", steps_per_execution=3)
    model.fit(X, X[:, :2], verbose=0)
    assert [r.limit for r in model._steps._repeated.values()] == [3]


# Other sources and other runs ---------------------------------------------------------------------------
class Batches:
    def __iter__(self):
        return ((X[i : i + 16], Y[i : i + 16]) for i in range(0, len(X), 16))


@pytest.mark.parametrize(
    "source",
    [
        lambda: data.Dataset.from_tensor_slices((X, Y)).batch(16),
        lambda: data.Dataset.from_tensor_slices((X, Y)).batch(16, drop_remainder=True),
        lambda: Batches(),
    ],
)
def test_streams_in_chunks_equal_single_steps(source):
    def fitted(callbacks):
        keras.utils.set_random_seed(5)
        model = keras.Sequential([layers.Dense(8, "relu"), layers.Dropout(0.3), layers.Dense(2, "softmax")])
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        history = model.fit(source(), epochs=2, verbose=0, callbacks=callbacks, validation_data=source())
        return history.history, model

    (a, one), (b, other) = fitted([Looks()]), fitted([])
    assert a == b
    for v, w in zip(one.variables, other.variables, strict=True):
        np.testing.assert_array_equal(v, w)
    kinds = {kind for (kind, _, _), found in other._steps._repeated.items() if found is not None}
    assert kinds == {"train", "test"}


def test_batches_of_many_lengths_come_in_order():
    seen = []

    class Recorder(keras.Model):
        def call(self, x):
            return x * 1.0

    lengths = [4, 4, 4, 2, 4, 4, 1, 1]
    starts = np.cumsum([0, *lengths])
    batches = [np.arange(a, a + n, dtype="float32")[:, None] for a, n in zip(starts, lengths, strict=False)]
    for length in (None, 3):
        model = Recorder()
        model.compile(steps_per_execution=length or 1)
        seen.append(model.predict(iter(batches), verbose=0)[:, 0])
    np.testing.assert_array_equal(seen, [np.arange(24)] * 2)


def test_predictions_and_evaluations_in_chunks_equal_those_of_single_steps():
    class LooksAtAll(keras.callbacks.Callback):
        def on_predict_batch_end(self, batch, logs=None):
            assert logs["outputs"][0].shape[1] == 8

        def on_test_batch_end(self, batch, logs=None):
            assert "loss" in logs

    inputs = keras.Input((6,))
    hidden = layers.Dense(8, activation="tanh")(inputs)
    model = keras.Model(inputs, [hidden, layers.Dense(1)(hidden)])
    model.compile(loss=["mse", "mse"])
    wanted = model.predict(X, batch_size=16, verbose=0, callbacks=[LooksAtAll()])
    for a, b in zip(model.predict(X, batch_size=16, verbose=0), wanted, strict=True):
        assert a.shape[0] == len(X)
        np.testing.assert_array_equal(a, b)
    y = [X @ np.ones((6, 8), "float32"), X[:, :1]]
    looked = model.evaluate(X, y, batch_size=16, verbose=0, callbacks=[LooksAtAll()])
    assert looked == model.evaluate(X, y, batch_size=16, verbose=0)
    assert any(r is not None for (kind, _, _), r in model._steps._repeated.items() if kind == "predict")


def test_a_slow_source_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(_chunks, "_PATIENCE", 0.0)
    seen = []

    class Progress(keras.callbacks.ProgbarLogger):
        def on_train_batch_end(self, batch, logs=None):
            seen.append(batch)

    model = keras.Sequential([layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(Batches(), steps_per_epoch=4, verbose=1, callbacks=[Progress()])
    assert seen == [0, 1, 2, 3]
