"""Seed 002, Example 3: a custom layer and the EarlyStopping callback, with validation_split."""

import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits

tf.random.set_seed(0)
digits = load_digits()
images = np.kron(digits.images / 16.0, np.ones((1, 3, 3)))
x_train = np.pad(images, ((0, 0), (2, 2), (2, 2))).astype("float32")
y_train = digits.target


# Define a custom layer
class MyCustomLayer(tf.keras.layers.Layer):
    def __init__(self, units):
        super(MyCustomLayer, self).__init__()
        self.units = units

    def build(self, input_shape):
        self.w = self.add_weight(shape=(input_shape[-1], self.units), initializer="random_normal")
        self.b = self.add_weight(shape=(self.units,), initializer="zeros")

    def call(self, inputs):
        return tf.matmul(inputs, self.w) + self.b


# Define a sequential model incorporating the custom layer
model = tf.keras.models.Sequential(
    [
        tf.keras.layers.Flatten(input_shape=(28, 28)),
        MyCustomLayer(64),
        tf.keras.layers.Activation("relu"),
        tf.keras.layers.Dense(10, activation="softmax"),
    ]
)


# Define a callback for early stopping
early_stopping = tf.keras.callbacks.EarlyStopping(monitor="val_loss", patience=3)

# Compile and train with the callback
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
history = model.fit(x_train, y_train, epochs=10, validation_split=0.2, callbacks=[early_stopping])

custom = model.layers[1]
assert custom.w.shape == (784, 64) and custom.b.shape == (64,)
assert model.count_params() == 784 * 64 + 64 + 64 * 10 + 10
assert set(history.history) == {"loss", "accuracy", "val_loss", "val_accuracy"}
assert history.history["val_accuracy"][-1] > 0.85
np.testing.assert_allclose(
    custom(tf.ones((1, 784))).numpy()[0],
    custom.w.numpy().sum(axis=0) + custom.b.numpy(),
    rtol=1e-3,
    atol=1e-4,
)

# The validation samples are the last fifth, before any shuffling.
loss, accuracy = model.evaluate(x_train[1437:], y_train[1437:], verbose=0)
np.testing.assert_allclose(accuracy, history.history["val_accuracy"][-1], atol=1e-3)

# Early stopping does stop: labels that mean nothing cannot be learned for the validation part.
rng = np.random.default_rng(0)
early_stopping = tf.keras.callbacks.EarlyStopping(monitor="val_loss", patience=3)
nonsense = model.fit(
    x_train[:400],
    rng.integers(0, 10, 400),
    epochs=60,
    validation_split=0.25,
    callbacks=[early_stopping],
    verbose=0,
)
val_loss = nonsense.history["val_loss"]
print("stopped after", len(val_loss), "epochs")
assert len(val_loss) < 60
assert early_stopping.stopped_epoch == len(val_loss) - 1
assert int(np.argmin(val_loss)) == len(val_loss) - 1 - 3
