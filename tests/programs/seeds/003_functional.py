"""Seed 003, Example 2: a Functional API model with an image and a text input."""

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

# Define a functional model with multiple input layers
input_img = keras.Input(shape=(28, 28, 1), name="image_input")  # Input layer for image data
input_txt = keras.Input(shape=(100,), name="text_input")  # Input layer for text data

# Process the image data
conv1 = layers.Conv2D(32, (3, 3), activation="relu")(input_img)
pool1 = layers.MaxPooling2D((2, 2))(conv1)
conv2 = layers.Conv2D(64, (3, 3), activation="relu")(pool1)
pool2 = layers.MaxPooling2D((2, 2))(conv2)
flatten = layers.Flatten()(pool2)

# Process the text data
dense_txt = layers.Dense(128, activation="relu")(input_txt)

# Concatenate processed image and text features
merged = layers.concatenate([flatten, dense_txt])

# Output layer
output = layers.Dense(10, activation="softmax")(merged)

# Construct the functional model using input and output layers
model_functional = keras.Model(inputs=[input_img, input_txt], outputs=output)

model_functional.summary()  # Display model architecture

# Example of how the model is used
img_example = tf.random.normal((1, 28, 28, 1))
txt_example = tf.random.normal((1, 100))
output = model_functional([img_example, txt_example])
print(output.shape)  # Output is (1, 10)

assert str(output.shape) == "(1, 10)"
assert tuple(merged.shape) == (None, 1600 + 128)
assert model_functional.count_params() == 320 + 18496 + 100 * 128 + 128 + 1728 * 10 + 10
np.testing.assert_allclose(output.numpy().sum(), 1.0, rtol=1e-5, atol=1e-6)

# The inputs by name
named = model_functional({"image_input": img_example, "text_input": txt_example})
np.testing.assert_allclose(named.numpy(), output.numpy(), rtol=1e-6, atol=1e-6)
