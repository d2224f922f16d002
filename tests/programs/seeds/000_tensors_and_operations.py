"""Seed 000, "Tensors and Operations": a three-layer network drawn with bare tensors, then with Keras layers."""

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

# Every layer is an operation on two tensors: the previous layer's output and its own weight matrix.
x = tf.constant([[1.0, 2.0], [3.0, 4.0], [-1.0, 0.5]])
w1 = tf.Variable(tf.random.normal((2, 4)))
w2 = tf.Variable(tf.random.normal((4, 4)))
w3 = tf.Variable(tf.random.normal((4, 1)))

hidden_1 = tf.nn.relu(tf.matmul(x, w1))
hidden_2 = tf.nn.relu(tf.matmul(hidden_1, w2))
output = tf.sigmoid(tf.matmul(hidden_2, w3))
print(output)

assert hidden_1.shape == (3, 4)
assert hidden_2.shape == (3, 4)
assert output.shape == (3, 1)
assert output.dtype == tf.float32
assert np.all((output.numpy() >= 0) & (output.numpy() <= 1))  # 1 - 1e-8 is 1 in 32 bits

# The same network from Keras layers that are given the same weight tensors.
model = keras.Sequential(
    [
        keras.Input(shape=(2,)),
        layers.Dense(4, activation="relu", use_bias=False),
        layers.Dense(4, activation="relu", use_bias=False),
        layers.Dense(1, activation="sigmoid", use_bias=False),
    ]
)
model.set_weights([w1.numpy(), w2.numpy(), w3.numpy()])
np.testing.assert_allclose(model(x).numpy(), output.numpy(), rtol=1e-5, atol=1e-6)

# The input layer's tensor is a placeholder: a shape and a type, no values yet.
placeholder = keras.Input(shape=(2,))
print(placeholder.shape, placeholder.dtype)
assert tuple(placeholder.shape) == (None, 2)
assert placeholder.dtype == "float32"

# Numeric data comes in any number of dimensions and in several types.
scalar, vector, cube = tf.constant(7), tf.constant([1, 2, 3]), tf.zeros((2, 3, 4))
assert (scalar.shape.rank, vector.shape.rank, cube.shape.rank) == (0, 1, 3)
assert scalar.dtype == tf.int32 and cube.dtype == tf.float32

# Not every layer has weights: these only transform what flows through.
without_weights = [layers.Reshape((2, 2)), layers.Flatten(), layers.Add(), layers.Concatenate()]
t = tf.reshape(tf.range(8.0), (2, 4))
results = [
    without_weights[0](t),
    without_weights[1](tf.reshape(t, (2, 2, 2))),
    without_weights[2]([t, t]),
    without_weights[3]([t, t]),
]
for layer, result in zip(without_weights, results):
    print(layer.name, result.shape)
    assert layer.weights == []
assert [tuple(r.shape) for r in results] == [(2, 2, 2), (2, 4), (2, 4), (2, 8)]
np.testing.assert_array_equal(results[2].numpy(), 2 * t.numpy())
