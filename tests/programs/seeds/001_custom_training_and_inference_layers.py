"""Seed 001, "Sometimes you have to write from scratch": layers that behave differently in training and inference."""

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers


class NoiseInTraining(layers.Layer):
    """Adds Gaussian noise while training only."""

    def __init__(self, stddev=0.1, **kwargs):
        super().__init__(**kwargs)
        self.stddev = stddev

    def call(self, inputs, training=None):
        if training:
            return inputs + tf.random.normal(tf.shape(inputs), stddev=self.stddev)
        return inputs

    def get_config(self):
        return {**super().get_config(), "stddev": self.stddev}


class RunningScale(layers.Layer):
    """Divides by a running maximum that only training updates."""

    def build(self, input_shape):
        self.maximum = self.add_weight(shape=(), initializer="ones", trainable=False, name="maximum")

    def call(self, inputs, training=False):
        if training:
            self.maximum.assign(tf.maximum(self.maximum, tf.reduce_max(tf.abs(inputs))))
        return inputs / self.maximum


keras.utils.set_random_seed(0)
x = np.random.default_rng(0).normal(size=(128, 4)).astype("float32") * 5
y = x.sum(axis=1, keepdims=True)

noise = NoiseInTraining(0.5)
assert not np.allclose(noise(x, training=True).numpy(), x)
np.testing.assert_array_equal(noise(x, training=False).numpy(), x)
np.testing.assert_array_equal(noise(x).numpy(), x)
assert NoiseInTraining.from_config(noise.get_config()).stddev == 0.5

scale = RunningScale()
model = keras.Sequential([keras.Input((4,)), noise, scale, layers.Dense(1)])
model.compile(optimizer=keras.optimizers.Adam(0.05), loss="mse")
assert len(model.trainable_weights) == 2 and len(model.non_trainable_weights) >= 1

model.predict(x, verbose=0)
model.evaluate(x, y, verbose=0)
assert float(scale.maximum) == 1.0  # inference changed nothing

history = model.fit(x, y, epochs=5, verbose=2)
print("running maximum:", float(scale.maximum))
assert np.abs(x).max() - 2.5 < float(scale.maximum) < np.abs(x).max() + 2.5
assert history.history["loss"][-1] < history.history["loss"][0]

# Deterministic at inference, different in every training call
np.testing.assert_array_equal(model.predict(x, verbose=0), model.predict(x, verbose=0))
assert not np.array_equal(model(x, training=True).numpy(), model(x, training=True).numpy())
