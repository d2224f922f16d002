"""Seed 001, "Sequential API": three named layers in a list, called on a test input."""

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

# Define Sequential model with 3 layers
model = keras.Sequential(
    [
        layers.Dense(2, activation="relu", name="hidden1"),
        layers.Dense(3, activation="relu", name="hidden2"),
        layers.Dense(4, activation="linear", name="output"),
    ]
)
assert not model.built

# Call model on a test input
x = tf.ones((3, 3))
y = model(x)
print(y)

assert y.shape == (3, 4)
assert y.dtype == tf.float32
assert model.built
assert isinstance(model, tf.keras.Model)
assert [layer.name for layer in model.layers] == ["hidden1", "hidden2", "output"]
assert [tuple(w.shape) for w in model.weights] == [(3, 2), (2,), (2, 3), (3,), (3, 4), (4,)]
assert model.get_layer("hidden2").units == 3
assert model.get_layer(index=0) is model.layers[0]

# The three rows of the input are equal, so are the three rows of the output.
np.testing.assert_array_equal(y.numpy()[0], y.numpy()[1])
np.testing.assert_array_equal(y.numpy()[0], y.numpy()[2])

kernel, bias = model.get_layer("hidden1").get_weights()
first = np.maximum(np.ones((3, 3)) @ kernel + bias, 0)
np.testing.assert_allclose(model.get_layer("hidden1")(x).numpy(), first, rtol=1e-5, atol=1e-6)
model.summary()

# Piecewise: the same model by add(), each layer with one input and one output tensor.
again = keras.Sequential(name="piecewise")
again.add(keras.Input(shape=(3,)))
again.add(layers.Dense(2, activation="relu", name="hidden1"))
again.add(layers.Dense(3, activation="relu", name="hidden2"))
again.add(layers.Dense(4, activation="linear", name="output"))
again.set_weights(model.get_weights())
np.testing.assert_allclose(again(x).numpy(), y.numpy(), rtol=1e-6, atol=1e-6)
