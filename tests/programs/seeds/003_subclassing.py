"""Seed 003, Example 3: model subclassing."""

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers


# Define custom model class
class MyCustomModel(keras.Model):
    def __init__(self, num_classes=10):
        super(MyCustomModel, self).__init__()  # Initialize the Keras base class
        self.conv1 = layers.Conv2D(32, (3, 3), activation="relu")
        self.pool1 = layers.MaxPooling2D((2, 2))
        self.conv2 = layers.Conv2D(64, (3, 3), activation="relu")
        self.pool2 = layers.MaxPooling2D((2, 2))
        self.flatten = layers.Flatten()
        self.dense = layers.Dense(num_classes, activation="softmax")

    def call(self, inputs):
        x = self.conv1(inputs)
        x = self.pool1(x)
        x = self.conv2(x)
        x = self.pool2(x)
        x = self.flatten(x)
        return self.dense(x)


# Instantiate the model
model_subclass = MyCustomModel()

# Display model architecture
input_shape_dummy = tf.TensorShape((None, 28, 28, 1))
model_subclass.build(input_shape=input_shape_dummy)
model_subclass.summary()

# Example of how the model is used
input_example = tf.random.normal((1, 28, 28, 1))
output = model_subclass(input_example)
print(output.shape)  # Output is (1, 10)

assert str(output.shape) == "(1, 10)"
assert model_subclass.built
assert model_subclass.count_params() == 320 + 18496 + 1600 * 10 + 10
assert [layer.name.split("_")[0] for layer in model_subclass.layers] == [
    "conv2d",
    "max",
    "conv2d",
    "max",
    "flatten",
    "dense",
]
assert len(model_subclass.trainable_variables) == 6
np.testing.assert_allclose(output.numpy().sum(), 1.0, rtol=1e-5, atol=1e-6)

lines = []
model_subclass.summary(print_fn=lambda line, **kwargs: lines.append(line))
assert "Total params: 34,826" in "\n".join(lines)

# summary() needs a model that was built.
try:
    MyCustomModel().summary()
except ValueError as error:
    print("as promised:", error)
    assert "build" in str(error)
except AttributeError as error:
    raise AssertionError("an unbuilt model must explain itself") from error
else:
    print("an unbuilt model is shown without its shapes")
