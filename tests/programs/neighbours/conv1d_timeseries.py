"""Time-series forecasting with Conv1D, and layer normalization, permutation and lambda layers."""

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

keras.utils.set_random_seed(0)
t = np.arange(600, dtype="float32")
series = np.sin(t / 10) + 0.05 * np.random.default_rng(0).normal(size=600).astype("float32")
window = 20
x = np.stack([series[i : i + window] for i in range(600 - window)])[..., None].astype("float32")
y = series[window:]
assert x.shape == (580, 20, 1)

model = keras.Sequential(
    [
        keras.Input((window, 1)),
        layers.Conv1D(16, 5, padding="causal", activation="relu"),
        layers.LayerNormalization(),
        layers.Conv1D(8, 3, dilation_rate=2, activation="relu"),
        layers.Permute((2, 1)),
        layers.Flatten(),
        layers.Dense(1),
        layers.Lambda(lambda outputs: outputs * 2.0),
    ]
)
assert tuple(model.layers[2].output.shape) == (None, 16, 8)
assert tuple(model.layers[3].output.shape) == (None, 8, 16)
model.compile(keras.optimizers.Adam(0.005), loss=keras.losses.Huber(), metrics=["mae"])
history = model.fit(x[:480], y[:480], epochs=6, batch_size=32, validation_data=(x[480:], y[480:]), verbose=2)
assert history.history["val_mae"][-1] < 0.25
naive = np.abs(y[480:]).mean()
print("mean absolute error:", history.history["val_mae"][-1], "against", naive)
assert history.history["val_mae"][-1] < 0.5 * naive

# Causal: an output does not see what comes after it.
causal = layers.Conv1D(1, 3, padding="causal")
a = tf.random.normal((1, 10, 1))
b = tf.concat([a[:, :6], tf.random.normal((1, 4, 1))], axis=1)
np.testing.assert_allclose(causal(a)[:, :6].numpy(), causal(b)[:, :6].numpy(), rtol=1e-4, atol=1e-6)
assert not np.allclose(causal(a)[:, 6:].numpy(), causal(b)[:, 6:].numpy())

normalized = layers.LayerNormalization()(tf.constant([[1.0, 2.0, 3.0], [10.0, 20.0, 60.0]])).numpy()
np.testing.assert_allclose(normalized.mean(axis=1), 0.0, atol=1e-5)
np.testing.assert_allclose(normalized.std(axis=1), 1.0, atol=1e-2)
