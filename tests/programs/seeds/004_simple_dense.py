"""Seed 004, "Layers: the building blocks of deep learning": a dense layer written as a subclass of Layer."""

import numpy as np
import tensorflow as tf
from tensorflow import keras


class SimpleDense(keras.layers.Layer):
    def __init__(self, units, activation=None, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.activation = keras.activations.get(activation)

    def build(self, input_shape):
        input_dim = input_shape[-1]
        # self.kernel = tf.Variable(tf.random.normal(shape=(input_dim, self.units)))
        self.kernel = self.add_weight(
            shape=(input_dim, self.units),
            initializer="random_normal",
        )
        self.bias = self.add_weight(
            shape=(self.units,),
            initializer="zeros",
        )

    def call(self, inputs):
        # return self.activation(tf.matmul(inputs, self.kernel) + self.bias)
        y = tf.matmul(inputs, self.kernel) + self.bias
        if self.activation is not None:
            y = self.activation(y)
        return y


my_dense = SimpleDense(units=32, activation="relu")
input_tensor = tf.ones(shape=(2, 32))
output_tensor = my_dense(input_tensor)
assert output_tensor.shape == (2, 32)

# Once instantiated, a layer can be called on a tensor to produce a new tensor.
my_dense = SimpleDense(units=32, activation="relu")
input_tensor = tf.ones(shape=(2, 784))
assert not my_dense.built and my_dense.weights == []
output_tensor = my_dense(input_tensor)
print(repr(output_tensor.shape))
print(output_tensor.numpy())
assert repr(output_tensor.shape) == "TensorShape([2, 32])"
assert output_tensor.numpy().dtype == np.float32
np.testing.assert_array_equal(output_tensor.numpy()[0], output_tensor.numpy()[1])
assert np.all(output_tensor.numpy() >= 0)

# build() was called by the first call, once.
assert my_dense.built
assert [tuple(w.shape) for w in my_dense.trainable_weights] == [(784, 32), (32,)]
kernel = my_dense.kernel
my_dense(input_tensor)
assert my_dense.kernel is kernel
np.testing.assert_allclose(
    output_tensor.numpy()[0], np.maximum(kernel.numpy().sum(axis=0), 0), rtol=1e-4, atol=1e-4
)


class CountsBuilds(keras.layers.Layer):
    builds = 0

    def build(self, input_shape):
        self.builds += 1
        assert tuple(input_shape) == (4, 7)

    def call(self, inputs):
        assert self.built
        return inputs


layer = CountsBuilds()
for _ in range(3):
    layer(tf.zeros((4, 7)))
assert layer.builds == 1

# No activation: a linear layer. A layer of ours in a model, trained.
keras.utils.set_random_seed(0)
assert keras.activations.get(None) is keras.activations.linear or keras.activations.get(None) is None
model = keras.Sequential([SimpleDense(16, activation="relu"), SimpleDense(1, name="head")])
model.compile(optimizer="adam", loss="mse")
x = np.random.default_rng(0).normal(size=(128, 3)).astype("float32")
history = model.fit(x, x.sum(axis=1, keepdims=True), epochs=5, verbose=0)
assert history.history["loss"][-1] < history.history["loss"][0]
assert model.layers[1].name == "head"
assert model.count_params() == 3 * 16 + 16 + 16 + 1


# Weights can also be made in the constructor, as plain variables.
class Scale(keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.factor = tf.Variable(2.0)

    def call(self, inputs):
        return inputs * self.factor


scale = Scale()
with tf.GradientTape() as tape:
    total = tf.reduce_sum(scale(tf.ones((3,))))
assert float(total) == 6.0
assert float(tape.gradient(total, scale.factor)) == 3.0
