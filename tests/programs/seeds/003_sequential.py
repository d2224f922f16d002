"""Seed 003, Example 1: a Sequential model."""

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

# Define a simple sequential model for image classification
model_sequential = keras.Sequential(
    [
        layers.Input(shape=(28, 28, 1)),  # Input layer: 28x28 grayscale images
        layers.Conv2D(32, (3, 3), activation="relu"),  # Convolutional layer with 32 filters
        layers.MaxPooling2D((2, 2)),  # Max pooling layer to reduce dimensionality
        layers.Conv2D(64, (3, 3), activation="relu"),  # Another convolutional layer
        layers.MaxPooling2D((2, 2)),
        layers.Flatten(),  # Flatten the 2D output into 1D vector
        layers.Dense(10, activation="softmax"),  # Output layer: 10 class probabilities
    ]
)

model_sequential.summary()  # Display model architecture

# Example of how the model is used
x_example = tf.random.normal((1, 28, 28, 1))  # Dummy input
output = model_sequential(x_example)
print(output.shape)  # Output is (1, 10)

assert str(output.shape) == "(1, 10)"
assert output.shape == (1, 10)
assert len(model_sequential.layers) == 6
assert [layer.count_params() for layer in model_sequential.layers] == [320, 0, 18496, 0, 0, 16010]
np.testing.assert_allclose(output.numpy().sum(), 1.0, rtol=1e-5, atol=1e-6)
assert np.all(output.numpy() >= 0)
