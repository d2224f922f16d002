"""Many steps in one dispatch give what single steps give, bit for bit."""

import numpy as np
import pytest

import addax as keras
from addax import layers

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
