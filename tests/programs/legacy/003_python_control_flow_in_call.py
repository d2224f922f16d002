"""Seed 003: "the call method can be modified with conditional flow controls" that look at values, and still compiles."""

# TensorFlow 2.0 to 2.15 run this, and later ones with the old Keras (tf_keras, TF_USE_LEGACY_KERAS=1).
# Keras 3 does not convert Python control flow in `call`: "Using a symbolic tf.Tensor as a Python bool".

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

tf.random.set_seed(0)


class TwoPaths(keras.Model):
    def __init__(self):
        super().__init__()
        self.positive = layers.Dense(1, kernel_initializer="ones")
        self.negative = layers.Dense(1, kernel_initializer="zeros")

    def call(self, inputs):
        if tf.reduce_mean(inputs) > 0:
            outputs = self.positive(inputs)
        else:
            outputs = self.negative(inputs)
        return outputs


class HalveUntilSmall(layers.Layer):
    def call(self, inputs):
        x = inputs
        steps = tf.constant(0)
        while tf.reduce_max(tf.abs(x)) > 1.0:
            x = x / 2.0
            steps += 1
        total = tf.zeros(())
        for row in x:
            total += tf.reduce_sum(row)
        return x, steps, total


paths = TwoPaths()
assert float(paths(tf.ones((1, 3)))[0, 0]) == 3.0
assert float(paths(-tf.ones((1, 3)))[0, 0]) == 0.0

paths.compile(keras.optimizers.SGD(0.01), "mse")
history = paths.fit(np.ones((8, 3), "float32"), np.zeros((8, 1), "float32"), epochs=3, verbose=2)
assert history.history["loss"][-1] < history.history["loss"][0]
assert np.all(paths.positive.kernel.numpy() < 1.0)  # this path was trained,
assert np.all(paths.negative.kernel.numpy() == 0.0)  # that one was not

# The same compiled predict takes either path.
high, low = np.ones((4, 3), "float32"), -np.ones((4, 3), "float32")
assert np.all(paths.predict(high, verbose=0) > 0)
assert np.all(paths.predict(low, verbose=0) == paths.negative.bias.numpy())

halve = HalveUntilSmall()
run = tf.function(lambda values: halve(values))
for values, count in (([[0.5, 1.0]], 0), ([[3.0, -8.0]], 3), ([[100.0, 1.0]], 7)):
    x, steps, total = run(tf.constant(values))
    print(values, "->", x.numpy(), int(steps))
    assert int(steps) == count
    np.testing.assert_allclose(x.numpy(), np.array(values) / 2.0**count, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(float(total), np.sum(values) / 2.0**count, rtol=1e-5)
