"""Seeds 000 and 001: TensorFlow operations on the symbolic tensors of a functional model become layers of it."""

# TensorFlow 2.4 to 2.15 run this, and later ones with the old Keras (tf_keras, TF_USE_LEGACY_KERAS=1).
# Keras 3: "A KerasTensor cannot be used as input to a TensorFlow function".

import os
import tempfile

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

OUTPUT = os.environ.get("PROGRAM_OUTPUT") or tempfile.mkdtemp()
tf.random.set_seed(0)

inputs = keras.Input(shape=(6,), name="inputs")
targets = keras.Input(shape=(6,), name="targets")

distance = tf.sqrt(tf.reduce_mean(tf.square(inputs - targets), axis=-1, keepdims=True))
root = keras.Model([inputs, targets], distance)

rng = np.random.default_rng(0)
x, t = rng.normal(size=(5, 6)).astype("float32"), rng.normal(size=(5, 6)).astype("float32")
expected = np.sqrt(np.mean((x - t) ** 2, axis=-1, keepdims=True))
assert tuple(distance.shape) == (None, 1)
np.testing.assert_allclose(root([x, t]).numpy(), expected, rtol=1e-5, atol=1e-6)
np.testing.assert_allclose(root.predict([x, t], verbose=0), expected, rtol=1e-5, atol=1e-6)

# Between layers: concat, reshape, cast, slices, operators and matmul
h = layers.Dense(8, activation="relu")(inputs)
h = tf.concat([h, 2.0 * inputs + 1.0], axis=-1)
h = tf.reshape(h, (-1, 7, 2))
h = tf.matmul(h, h, transpose_a=True)
h = tf.nn.softmax(h[:, 0] - h[:, 1] / 3.0)
positive = tf.cast(inputs[:, :2] > 0, tf.float32)
outputs = layers.Dense(1, name="head")(h * positive)
model = keras.Model(inputs, outputs)
assert tuple(h.shape) == (None, 2)
model.summary()

model.compile(optimizer="adam", loss="mse")
history = model.fit(x, x[:, :1], epochs=3, verbose=0)
assert np.all(np.isfinite(history.history["loss"]))
assert model.count_params() == 6 * 8 + 8 + 2 + 1

hidden = np.maximum(x @ model.get_weights()[0] + model.get_weights()[1], 0)
m = np.concatenate([hidden, 2 * x + 1], axis=-1).reshape(-1, 7, 2)
m = np.swapaxes(m, 1, 2) @ m
logits = m[:, 0] - m[:, 1] / 3.0
soft = np.exp(logits - logits.max(axis=-1, keepdims=True))
soft /= soft.sum(axis=-1, keepdims=True)
by_hand = (soft * (x[:, :2] > 0)) @ model.get_weights()[2] + model.get_weights()[3]
np.testing.assert_allclose(model.predict(x, verbose=0), by_hand, rtol=1e-3, atol=1e-4)

# They are saved with the model.
path = os.path.join(OUTPUT, "operations.keras")
model.save(path)
restored = keras.models.load_model(path)
np.testing.assert_allclose(restored.predict(x, verbose=0), by_hand, rtol=1e-3, atol=1e-4)
