"""Seed 002, Example 1: a simple Sequential model for digit classification."""

import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits

tf.random.set_seed(0)

# Define a simple sequential model
model = tf.keras.models.Sequential(
    [
        tf.keras.layers.Flatten(input_shape=(28, 28)),  # Input layer for 28x28 images
        tf.keras.layers.Dense(128, activation="relu"),  # Hidden layer with ReLU activation
        tf.keras.layers.Dense(10, activation="softmax"),  # Output layer with softmax for 10 classes
    ]
)

# Compile the model
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])

# Load and pre-process the data: 8x8 digits, enlarged to the 28x28 bytes of MNIST
images = np.kron(load_digits().images, np.ones((1, 3, 3))) * 255 / 16
images = np.pad(images, ((0, 0), (2, 2), (2, 2))).astype("uint8")
(x_train, y_train) = (images[:1500], load_digits().target[:1500])
(x_test, y_test) = (images[1500:], load_digits().target[1500:])
x_train = x_train.astype("float32") / 255.0
x_test = x_test.astype("float32") / 255.0

# Train the model
history = model.fit(x_train, y_train, epochs=10)

# Evaluate the model
loss, accuracy = model.evaluate(x_test, y_test)
print("Test accuracy:", accuracy)

assert x_train.shape == (1500, 28, 28)
assert accuracy > 0.88
assert len(history.history["accuracy"]) == 10
assert history.history["accuracy"][-1] > 0.97
assert history.history["loss"][-1] < 0.2 * history.history["loss"][0]
assert model.count_params() == 784 * 128 + 128 + 128 * 10 + 10
