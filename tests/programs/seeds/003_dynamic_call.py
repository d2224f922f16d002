"""Seed 003, "Subclassing": models that adapt to their input, with control flow and dynamically made layers."""

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

keras.utils.set_random_seed(0)


class AdaptToSize(keras.Model):
    """Pools large images down and widens narrow ones: Python control flow on the static shape."""

    def __init__(self, depth=2, skip=True):
        super().__init__()
        self.stem = layers.Conv2D(8, 3, padding="same", activation="relu")
        self.blocks = [layers.Conv2D(8, 3, padding="same", activation="relu") for _ in range(depth)]
        self.skip = skip
        self.pool = layers.AveragePooling2D(2)
        self.gather = layers.GlobalAveragePooling2D()
        self.classify = layers.Dense(3, activation="softmax")
        self.pooled = []

    def call(self, inputs):
        x = inputs
        count = 0
        while x.shape[1] > 16:
            x = self.pool(x)
            count += 1
        self.pooled.append(count)
        x = self.stem(x)
        for block in self.blocks:
            x = x + block(x) if self.skip else block(x)
        return self.classify(self.gather(x))


model = AdaptToSize(depth=3)
for size, pooled in ((16, 0), (32, 1), (64, 2)):
    assert model(tf.random.normal((2, size, size, 1))).shape == (2, 3)
    assert model.pooled[-1] == pooled
assert len(model.trainable_variables) == 2 + 3 * 2 + 2
assert len(AdaptToSize(depth=5).blocks) == 5

x = np.random.default_rng(0).random((48, 32, 32, 1)).astype("float32")
y = (x.mean(axis=(1, 2, 3)) > 0.5).astype("int64")
model.compile("adam", "sparse_categorical_crossentropy")
history = model.fit(x, y, epochs=3, batch_size=16, verbose=2)
assert history.history["loss"][-1] < history.history["loss"][0]
assert model.predict(x, verbose=0).shape == (48, 3)


class TwoPaths(keras.Model):
    """Chooses its path by the values of the data, inside the compiled step too."""

    def __init__(self):
        super().__init__()
        self.positive = layers.Dense(1, kernel_initializer="ones")
        self.negative = layers.Dense(1, kernel_initializer="zeros")

    def build(self, input_shape):
        self.positive.build(input_shape)
        self.negative.build(input_shape)

    def call(self, inputs):
        return tf.cond(
            tf.reduce_mean(inputs) > 0,
            lambda: self.positive(inputs),
            lambda: self.negative(inputs),
        )


paths = TwoPaths()
assert float(paths(tf.ones((1, 3)))[0, 0]) == 3.0
assert float(paths(-tf.ones((1, 3)))[0, 0]) == 0.0
paths.compile(keras.optimizers.SGD(0.01), "mse")
paths.fit(np.ones((8, 3), "float32"), np.zeros((8, 1), "float32"), epochs=2, verbose=0)
assert np.all(paths.positive.kernel.numpy() < 1.0)  # this path was trained,
assert np.all(paths.negative.kernel.numpy() == 0.0)  # that one was not


class Collatz(keras.layers.Layer):
    """A loop whose length depends on the data."""

    @tf.function
    def call(self, number):
        steps = tf.constant(0)
        while number > 1:
            if number % 2 == 0:
                number = number // 2
            else:
                number = 3 * number + 1
            steps += 1
        return steps


assert [int(Collatz()(tf.constant(n))) for n in (1, 6, 7, 27)] == [0, 8, 16, 111]
