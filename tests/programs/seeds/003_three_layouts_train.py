"""Seed 003: the three layouts are the same model: same weights in, same numbers out, before and after training."""

import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits
from tensorflow import keras
from tensorflow.keras import layers

digits = load_digits()
x = (digits.images[:480, :, :, None] / 16).astype("float32")
y = digits.target[:480]

sequential = keras.Sequential(
    [
        layers.Input(shape=(8, 8, 1)),
        layers.Conv2D(8, (3, 3), activation="relu"),
        layers.MaxPooling2D((2, 2)),
        layers.Flatten(),
        layers.Dense(10, activation="softmax"),
    ]
)

inputs = keras.Input((8, 8, 1))
outputs = layers.Conv2D(8, (3, 3), activation="relu")(inputs)
outputs = layers.MaxPooling2D((2, 2))(outputs)
outputs = layers.Flatten()(outputs)
functional = keras.Model(inputs, layers.Dense(10, activation="softmax")(outputs))


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.conv = layers.Conv2D(8, (3, 3), activation="relu")
        self.pool = layers.MaxPooling2D((2, 2))
        self.flatten = layers.Flatten()
        self.dense = layers.Dense(10, activation="softmax")

    def call(self, inputs):
        return self.dense(self.flatten(self.pool(self.conv(inputs))))


subclassed = Subclassed()
subclassed(x[:1])

models = {"sequential": sequential, "functional": functional, "subclassed": subclassed}
start = sequential.get_weights()
outcomes = {}
for name, model in models.items():
    model.set_weights(start)
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
    before = model.predict(x, verbose=0)
    history = model.fit(x, y, epochs=4, batch_size=32, shuffle=False, verbose=0)
    outcomes[name] = before, history.history["loss"], model.predict(x, verbose=0)
    print(name, history.history["loss"], history.history["accuracy"][-1])
    assert history.history["loss"][-1] < 0.5 * history.history["loss"][0]

for name in ("functional", "subclassed"):
    np.testing.assert_allclose(outcomes[name][0], outcomes["sequential"][0], rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(outcomes[name][1], outcomes["sequential"][1], rtol=1e-2)
    np.testing.assert_allclose(outcomes[name][2], outcomes["sequential"][2], rtol=0.1, atol=0.02)
assert tf.is_tensor(subclassed(x[:1]))
