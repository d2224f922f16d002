"""Whoever has the Keras API, behind the same few calls as the plain drivers."""

from __future__ import annotations

import importlib

import numpy as np


def load(peer):
    """The `keras` namespace of the peer, and its `tf` namespace or None."""
    if peer == "addax":
        tf = importlib.import_module("addax.tf")
    elif peer in ("tf.keras", "tf_keras"):
        tf = importlib.import_module("tensorflow")
    else:
        return importlib.import_module("keras"), None
    return tf.keras, tf


class Driver:
    """One workload, compiled; see `benchmarks.torch_driver.Driver`."""

    def __init__(self, workload, x, y, batch, peer, bf16=False):
        keras, tf = load(peer)
        keras.utils.set_random_seed(0)
        if bf16:
            keras.mixed_precision.set_global_policy("mixed_bfloat16")
        self.keras, self.tf, self.batch, self.count = keras, tf, batch, len(y)
        self.net = workload.model(keras)
        if getattr(workload, "NEEDS_TENSORFLOW", False):
            self.data, self.sizes = (workload.dataset(tf, x, y, batch),), {}
        else:
            self.data, self.sizes = (x, y), {"batch_size": batch}

    def fit(self, epochs, verbose=0):
        """Train; the loss of the last epoch."""
        history = self.net.fit(*self.data, epochs=epochs, verbose=verbose, **self.sizes)
        return float(history.history["loss"][-1])

    def predict(self, x, batch):
        """The outputs of all rows, as a NumPy array."""
        return self.net.predict(x, batch_size=batch, verbose=0)

    def evaluate(self):
        """The loss of all rows."""
        result = self.net.evaluate(*self.data, verbose=0, **self.sizes)
        return float(result[0] if isinstance(result, list) else result)

    def caller(self, x):
        """A function that calls the model once on the rows."""
        return lambda: self.net(x)


def forced(value):
    """The value on the host: what a caller has to wait for."""
    if hasattr(value, "detach"):
        return value.detach().cpu().numpy()
    return np.asarray(value)


def tape_step(tf, rng):
    """The step of the linear classifier that the tutorials write by hand."""
    inputs = tf.constant(rng.normal(size=(2_000, 2)).astype("float32"))
    targets = tf.constant(rng.integers(0, 2, size=(2_000, 1)).astype("float32"))
    w = tf.Variable(tf.random.uniform(shape=(2, 1)))
    b = tf.Variable(tf.zeros(shape=(1,)))

    def step():
        with tf.GradientTape() as tape:
            predictions = tf.matmul(inputs, w) + b
            loss = tf.reduce_mean(tf.square(targets - predictions))
        for_w, for_b = tape.gradient(loss, [w, b])
        w.assign_sub(for_w * 0.1)
        b.assign_sub(for_b * 0.1)
        return loss

    return step
