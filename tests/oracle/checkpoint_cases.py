"""The objects of the checkpoint tests, made with whichever `tf` is given."""

from __future__ import annotations

import numpy as np

X = np.linspace(-1, 1, 24, dtype="float32").reshape(8, 3)
Y = np.stack([X.sum(1), X.prod(1)], 1)


def sequential(tf):
    """Dense layers and batch normalization in a row."""
    layers = tf.keras.layers
    return tf.keras.Sequential(
        [
            tf.keras.Input((3,)),
            layers.Dense(4, activation="tanh"),
            layers.BatchNormalization(),
            layers.Dense(2),
        ]
    )


def functional(tf):
    """Recurrent layers, with an operation between layers, which counts among them in Keras 2."""
    layers = tf.keras.layers
    inputs = tf.keras.Input((3,))
    x = layers.Reshape((3, 1))(inputs)
    x = x * 2.0
    x = layers.Bidirectional(layers.GRU(3, return_sequences=True))(x)
    x = layers.LSTM(4)(x)
    return tf.keras.Model(inputs, layers.Dense(2)(x))


def subclassed(tf):
    """A model with layers in attributes."""

    class Net(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.first = tf.keras.layers.Dense(4, activation="tanh")
            self.normalize = tf.keras.layers.LayerNormalization()
            self.last = tf.keras.layers.Dense(2)

        def call(self, x):
            return self.last(self.normalize(self.first(x)))

    return Net()


def optimizers(tf):
    """Optimizers by name, as functions."""
    new = tf.keras.optimizers
    return {
        "adam": lambda: new.Adam(0.05),
        "momentum": lambda: new.SGD(0.05, momentum=0.9),
        "rmsprop": lambda: new.RMSprop(0.01, momentum=0.5),
    }


CASES = {
    "sequential": (sequential, X, "adam"),
    "functional": (functional, X, "rmsprop"),
    "subclassed": (subclassed, X, "momentum"),
}


def train(tf, model, optimizer, inputs, steps):
    """Some updates on all of the data."""
    for _ in range(steps):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((model(inputs, training=True) - Y) ** 2)
        variables = model.trainable_variables
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))


def module(tf, factor):
    """A module with variables at several places, one of them text."""

    class Part(tf.Module):
        def __init__(self):
            super().__init__()
            self.w = tf.Variable([1.0 * factor, 2.0 * factor])
            self._hidden = tf.Variable(3 * factor, dtype=tf.int64)

    class Whole(tf.Module):
        def __init__(self):
            super().__init__()
            self.parts = [Part(), Part()]
            self.by_name = {"a.b/c": Part()}
            self.text = tf.Variable([b"x" * factor, b"yy"])
            self.half = tf.Variable(0.5 * factor, dtype=tf.bfloat16)

    return Whole()
