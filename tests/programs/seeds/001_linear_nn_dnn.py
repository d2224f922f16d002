"""Seed 001, "Another example": a linear model, a neural network and a deep neural network across 10 classes."""

import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits

tf.random.set_seed(0)
digits = load_digits()
x = (digits.data / 16.0).astype("float32")
y = digits.target
x_train, x_test, y_train, y_test = x[:1400], x[1400:], y[:1400], y[1400:]

# A linear model (a single Dense layer), aka multiclass logistic regression
linear = tf.keras.models.Sequential([tf.keras.layers.Dense(10, activation="softmax")])

# A Neural Network (NN), as the number of layers is > 1
nn = tf.keras.models.Sequential(
    [
        tf.keras.layers.Dense(128, activation="relu"),
        tf.keras.layers.Dense(10, activation="softmax"),
    ]
)

# A Deep Neural Network (DNN), as we have more than 2 layers
dnn = tf.keras.models.Sequential(
    [
        tf.keras.layers.Dense(128, activation="relu"),
        tf.keras.layers.Dense(128, activation="relu"),
        tf.keras.layers.Dense(10, activation="softmax"),
    ]
)

parameters = {}
for name, model, epochs in (("linear", linear, 20), ("nn", nn, 10), ("dnn", dnn, 8)):
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(x_train, y_train, epochs=epochs, verbose=0)
    loss, accuracy = model.evaluate(x_test, y_test, verbose=0)
    print(f"{name:>6}: {model.count_params()} parameters, test accuracy {accuracy:.3f}")
    parameters[name] = model.count_params()
    assert history.history["loss"][-1] < history.history["loss"][0]
    assert accuracy > 0.8, (name, accuracy)
    probabilities = model.predict(x_test, verbose=0)
    assert probabilities.shape == (397, 10)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, atol=1e-5)
    np.testing.assert_allclose((probabilities.argmax(axis=1) == y_test).mean(), accuracy, atol=1e-5)

assert parameters["linear"] == 64 * 10 + 10
assert parameters["nn"] == 64 * 128 + 128 + 128 * 10 + 10
assert parameters["dnn"] == parameters["nn"] + 128 * 128 + 128
