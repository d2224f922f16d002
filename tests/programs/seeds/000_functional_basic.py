"""Seed 000, "Functional API": layers chained by overwriting `x`."""

import numpy as np
import tensorflow as tf
from tensorflow.keras.layers import Dense, Input
from tensorflow.keras.models import Model

inputs = Input(shape=(2,))
x = Dense(4, activation="relu")(inputs)
x = Dense(4, activation="relu")(x)
x = Dense(4, activation="relu")(x)
outputs = Dense(1, activation="sigmoid")(x)
model = Model(inputs, outputs)
model.summary()

assert len(model.layers) == 5  # the input layer counts here
assert model.count_params() == 57
assert tuple(outputs.shape) == (None, 1)

out = model(tf.constant([[0.5, -0.5], [1.0, 2.0]]))
assert out.shape == (2, 1)
assert np.all((out.numpy() > 0) & (out.numpy() < 1))

# The chain is the composition of its layers.
step = tf.constant([[0.5, -0.5], [1.0, 2.0]])
for layer in model.layers[1:]:
    step = layer(step)
np.testing.assert_allclose(step.numpy(), out.numpy(), rtol=1e-6, atol=1e-6)
