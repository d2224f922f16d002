"""Seed 004, 'The "compile" step': strings and objects."""

import numpy as np
import tensorflow as tf
from tensorflow import keras

keras.utils.set_random_seed(0)
x = np.random.default_rng(0).normal(size=(64, 2)).astype("float32")
y = (x[:, :1] > 0).astype("float32")

model = keras.Sequential([keras.layers.Dense(1)])
model.compile(optimizer="rmsprop", loss="mean_squared_error", metrics=["accuracy"])
start = model(x).numpy(), model.get_weights()
by_name = model.fit(x, y, epochs=3, shuffle=False, verbose=0).history

model = keras.Sequential([keras.layers.Dense(1)])
model.build((None, 2))
model.set_weights(start[1])
model.compile(
    optimizer=keras.optimizers.RMSprop(),
    loss=keras.losses.MeanSquaredError(),
    metrics=[keras.metrics.BinaryAccuracy(name="accuracy")],
)
by_object = model.fit(x, y, epochs=3, shuffle=False, verbose=0).history

print(by_name)
print(by_object)
assert set(by_name) == set(by_object) == {"loss", "accuracy"}
np.testing.assert_allclose(by_name["loss"], by_object["loss"], rtol=1e-5)
np.testing.assert_allclose(by_name["accuracy"], by_object["accuracy"], rtol=1e-5)
np.testing.assert_allclose(
    keras.losses.MeanSquaredError()(y, start[0]).numpy(), np.mean((y - start[0]) ** 2), rtol=1e-5
)

# Passing in objects is useful for parameters of one's own, and for custom ones.
optimizer = keras.optimizers.RMSprop(learning_rate=1e-4)
model.compile(optimizer=optimizer, loss=keras.losses.Huber(delta=0.5))
np.testing.assert_allclose(float(optimizer.learning_rate), 1e-4, rtol=1e-5)
assert model.optimizer is optimizer


class HalfSquare(keras.losses.Loss):
    def call(self, y_true, y_pred):
        return 0.5 * tf.reduce_mean(tf.square(y_true - y_pred), axis=-1)


model.compile(optimizer="sgd", loss=HalfSquare())
half = model.evaluate(x, y, verbose=0, return_dict=True)["loss"]
model.compile(optimizer="sgd", loss="mean_squared_error")
whole = model.evaluate(x, y, verbose=0, return_dict=True)["loss"]
np.testing.assert_allclose(2 * half, whole, rtol=1e-5)

# The common problems and their losses
p = np.array([[0.9], [0.2]], "float32")
np.testing.assert_allclose(
    keras.losses.binary_crossentropy([[1.0], [0.0]], p).numpy(), -np.log([0.9, 0.8]), rtol=1e-4
)
q = np.array([[0.7, 0.2, 0.1]], "float32")
np.testing.assert_allclose(
    keras.losses.categorical_crossentropy([[1.0, 0, 0]], q).numpy(), [-np.log(0.7)], rtol=1e-4
)
np.testing.assert_allclose(
    keras.losses.sparse_categorical_crossentropy(np.array([0]), q).numpy(), [-np.log(0.7)], rtol=1e-4
)

# A model that was not compiled says so.
try:
    keras.Sequential([keras.layers.Dense(1)]).fit(x, y)
except (RuntimeError, ValueError) as error:
    print("as promised:", error)
    assert "compile" in str(error)
else:
    raise AssertionError("fit without compile must fail")
