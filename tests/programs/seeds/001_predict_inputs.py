"""Seed 001, "Once trained": predict takes a Dataset, arrays, tensors, lists of tensors and generators."""

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

model = keras.Sequential([keras.Input((3,)), layers.Dense(4, activation="relu"), layers.Dense(2)])
x = np.random.default_rng(0).normal(size=(40, 3)).astype("float32")
expected = model(x).numpy()

# All of it in a single step
input_samples = x
predictions = model.predict(input_samples, steps=1)
print(type(predictions), predictions.shape)
assert isinstance(predictions, np.ndarray)
assert predictions.shape == (40, 2)
np.testing.assert_allclose(predictions, expected, rtol=1e-4, atol=1e-6)

# "The steps determine the total number of steps prior to declaring the prediction round finished."
dataset = tf.data.Dataset.from_tensor_slices(x).batch(8)
assert model.predict(dataset, steps=1).shape == (8, 2)
assert model.predict(dataset, steps=3).shape == (24, 2)
assert model.predict(dataset.repeat(), steps=7).shape == (56, 2)
np.testing.assert_allclose(model.predict(dataset, verbose=0), expected, rtol=1e-4, atol=1e-6)

np.testing.assert_allclose(model.predict(tf.constant(x), verbose=0), expected, rtol=1e-4, atol=1e-6)
np.testing.assert_allclose(model.predict(x, batch_size=7, verbose=0), expected, rtol=1e-4, atol=1e-6)


def generator():
    for start in range(0, 40, 10):
        yield (x[start : start + 10],)


np.testing.assert_allclose(model.predict(generator(), verbose=0), expected, rtol=1e-4, atol=1e-6)
assert model.predict(generator(), steps=1, verbose=0).shape == (10, 2)

# A list of tensors, one per input of the model
left, right = keras.Input((3,)), keras.Input((3,))
both = keras.Model([left, right], layers.add([left, right]))
sums = both.predict([tf.constant(x), tf.constant(2 * x)], verbose=0)
np.testing.assert_allclose(sums, 3 * x, rtol=1e-5)
