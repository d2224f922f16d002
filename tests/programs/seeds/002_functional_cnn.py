"""Seed 002, Example 2: the Functional API for a simple CNN."""

import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits

tf.random.set_seed(0)

# Define the input tensor
input_tensor = tf.keras.Input(shape=(28, 28, 1))

# Convolutional layers
x = tf.keras.layers.Conv2D(32, (3, 3), activation="relu")(input_tensor)
x = tf.keras.layers.MaxPooling2D((2, 2))(x)
x = tf.keras.layers.Conv2D(64, (3, 3), activation="relu")(x)
x = tf.keras.layers.MaxPooling2D((2, 2))(x)

# Flatten and dense layers
x = tf.keras.layers.Flatten()(x)
x = tf.keras.layers.Dense(128, activation="relu")(x)
output_tensor = tf.keras.layers.Dense(10, activation="softmax")(x)

# Create the model
model = tf.keras.Model(inputs=input_tensor, outputs=output_tensor)

# Compile and train the model (similar to Example 1)
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
# Load and pre-process data, then fit and evaluate
digits = load_digits()
images = np.kron(digits.images / 16.0, np.ones((1, 3, 3)))
images = np.pad(images, ((0, 0), (2, 2), (2, 2)))[..., np.newaxis].astype("float32")
history = model.fit(images[:1000], digits.target[:1000], batch_size=50, epochs=3)
loss, accuracy = model.evaluate(images[1000:], digits.target[1000:])
print("Test accuracy:", accuracy)

shapes = [tuple(layer.output.shape) for layer in model.layers]
assert shapes == [
    (None, 28, 28, 1),
    (None, 26, 26, 32),
    (None, 13, 13, 32),
    (None, 11, 11, 64),
    (None, 5, 5, 64),
    (None, 1600),
    (None, 128),
    (None, 10),
]
assert model.count_params() == 320 + 18496 + 1600 * 128 + 128 + 128 * 10 + 10
assert accuracy > 0.8
assert history.history["loss"][-1] < 0.5 * history.history["loss"][0]
