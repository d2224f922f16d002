"""Seed 001, "Compiling a Keras model": a custom metric function written with TensorFlow operations."""

import numpy as np
import tensorflow as tf


def rmse(y_true, y_pred):
    return tf.sqrt(tf.reduce_mean(tf.square(y_pred - y_true)))


tf.random.set_seed(0)
model = tf.keras.Sequential([tf.keras.layers.Dense(8, activation="relu"), tf.keras.layers.Dense(1)])
model.compile(optimizer="adam", loss="mse", metrics=[rmse, "mse"])

rng = np.random.default_rng(0)
x = rng.normal(size=(320, 3)).astype("float32")
y = (x @ [[1.0], [-2.0], [0.5]]).astype("float32")

history = model.fit(x, y, epochs=4, validation_split=0.2, verbose=2)
print(history.history)

# The function shows up in the logs under its own name.
assert set(history.history) == {"loss", "rmse", "mse", "val_loss", "val_rmse", "val_mse"}
assert history.history["loss"][-1] < history.history["loss"][0]
np.testing.assert_allclose(history.history["mse"], history.history["loss"], rtol=1e-4)

# One batch: the mean over batches is the value itself.
loss, last_rmse, last_mse = model.evaluate(x, y, batch_size=320, verbose=0)
error = model.predict(x, verbose=0) - y
np.testing.assert_allclose(loss, np.mean(error**2), rtol=1e-4)
np.testing.assert_allclose(last_mse, np.mean(error**2), rtol=1e-4)
np.testing.assert_allclose(last_rmse, np.sqrt(np.mean(error**2)), rtol=1e-4)
assert model.evaluate(x, y, verbose=0, return_dict=True).keys() == {"loss", "rmse", "mse"}

# Called directly it is plain TensorFlow.
np.testing.assert_allclose(
    rmse(tf.constant([0.0, 0.0]), tf.constant([3.0, 4.0])).numpy(), np.sqrt(12.5), rtol=1e-6
)
