"""Seed 001, "Training a Keras model": train_on_batch runs a single gradient update on a single batch of data."""

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

keras.utils.set_random_seed(0)
model = keras.Sequential([keras.Input((5,)), layers.Dense(1)])
model.compile(optimizer=keras.optimizers.SGD(0.1), loss="mse", metrics=["mae"])

rng = np.random.default_rng(0)
x = rng.normal(size=(64, 5)).astype("float32")
y = x.sum(axis=1, keepdims=True)

# One update of plain gradient descent, checked by hand.
kernel, bias = model.get_weights()
error = x @ kernel + bias - y
loss_before = np.mean(error**2)
loss, mae = model.train_on_batch(x, y)
np.testing.assert_allclose(loss, loss_before, rtol=1e-4)
np.testing.assert_allclose(mae, np.mean(np.abs(error)), rtol=1e-4)
new_kernel, new_bias = model.get_weights()
np.testing.assert_allclose(new_kernel, kernel - 0.1 * 2 * x.T @ error / 64, rtol=1e-3, atol=1e-5)
np.testing.assert_allclose(new_bias, bias - 0.1 * 2 * error.mean(axis=0), rtol=1e-3, atol=1e-5)
assert int(model.optimizer.iterations) == 1

# Fine-grained control: our own loop over batches.
losses = []
for epoch in range(5):
    model.reset_metrics()
    for start in range(0, 64, 16):
        logs = model.train_on_batch(x[start : start + 16], y[start : start + 16], return_dict=True)
    losses.append(float(logs["loss"]))
    print(epoch, logs)
assert set(logs) == {"loss", "mae"}
assert losses[-1] < losses[0]

loss, mae = model.test_on_batch(x, y)
predictions = model.predict_on_batch(x)
assert predictions.shape == (64, 1)
np.testing.assert_allclose(np.mean(np.abs(predictions - y)), mae, rtol=0.5)
assert model.test_on_batch(tf.constant(x), tf.constant(y), return_dict=True).keys() == {"loss", "mae"}
