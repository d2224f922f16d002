"""Trains under a `MirroredStrategy` of four devices; prints what `test_strategies.py` checks."""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np

import addax as keras
import addax.tf as tf

RNG = np.random.default_rng(0)
X = RNG.normal(size=(70, 4)).astype("float32")
Y = RNG.normal(size=(70, 2)).astype("float32")
STRATEGY = tf.distribute.MirroredStrategy()


def build(synchronized: bool = True, dropout: float = 0.0) -> Any:
    keras.utils.set_random_seed(3)
    model = keras.Sequential(
        [
            keras.layers.Input((4,)),
            keras.layers.Dense(8, activation="relu", kernel_regularizer="l2"),
            keras.layers.BatchNormalization(synchronized=synchronized),
            keras.layers.Dropout(dropout),
            keras.layers.Dense(2),
        ]
    )
    model.compile("adam", "mse", metrics=["mae", keras.metrics.RootMeanSquaredError()])
    return model


def results(model: Any) -> list[Any]:
    history = model.fit(X, Y, batch_size=16, epochs=2, verbose=0, validation_split=0.1, shuffle=False).history
    logs = model.train_on_batch(X[:8], Y[:8])
    return [history, logs, model.evaluate(X, Y, verbose=0), model.predict(X, verbose=0).tolist()]


def by_hand() -> list[list[float]]:
    """What four replicas make of a batch: the model run on each part alone, gradients summed, statistics averaged."""
    model = build(synchronized=False)
    kernel, norm = model.layers[0].kernel, model.layers[1]
    before = [v.numpy() for v in (norm.moving_mean, norm.moving_variance)]
    grads, means = [], []
    for part in range(4):
        rows = slice(4 * part, 4 * part + 4)
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((model(X[rows], training=True) - Y[rows]) ** 2) / 4
        grads.append(tape.gradient(loss, kernel).numpy())
        means.append([v.numpy() for v in (norm.moving_mean, norm.moving_variance)])
        for variable, value in zip((norm.moving_mean, norm.moving_variance), before, strict=True):
            variable.assign(value)
    return [np.sum(grads, 0).tolist(), *(np.mean(m, 0).tolist() for m in zip(*means, strict=True))]


def by_replicas() -> list[Any]:
    with STRATEGY.scope():
        model = build(synchronized=False)
    norm = model.layers[1]

    def step(inputs: tuple) -> Any:
        x, y = inputs
        with tf.GradientTape() as tape:
            loss = keras.losses.MeanSquaredError()(y, model(x, training=True))
        return tape.gradient(loss, model.layers[0].kernel)

    batch = next(
        iter(STRATEGY.experimental_distribute_dataset(tf.data.Dataset.from_tensors((X[:16], Y[:16]))))
    )
    grad = STRATEGY.reduce("SUM", STRATEGY.run(step, (batch,)), axis=None)
    return [grad.numpy().tolist(), norm.moving_mean.numpy().tolist(), norm.moving_variance.numpy().tolist()]


def variables() -> dict[str, Any]:
    with STRATEGY.scope():
        total = tf.Variable(1.0, aggregation=tf.VariableAggregation.SUM)
        mean = tf.Variable(1.0, aggregation=tf.VariableAggregation.MEAN)
        first = tf.Variable(1.0, aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA)
        alone = tf.Variable(1.0)
        local = tf.Variable(
            1.0, synchronization=tf.VariableSynchronization.ON_READ, aggregation=tf.VariableAggregation.SUM
        )
        metric = keras.metrics.Mean()

    def step() -> Any:
        number = tf.cast(tf.distribute.get_replica_context().replica_id_in_sync_group, "float32")
        total.assign_add(number + 1.0)
        mean.assign(number)
        first.assign(number + 7.0)
        local.assign_add(number)
        metric.update_state(number)
        return mean.read_value()

    seen = STRATEGY.experimental_local_results(STRATEGY.run(step))
    found = [float(v) for v in (total, mean, first, local, metric.result())]
    try:
        STRATEGY.run(lambda: alone.assign_add(1.0))
    except ValueError as error:
        return {"values": found, "seen": [float(v) for v in seen], "error": str(error)}
    return {}


def custom_step() -> list[float]:
    """A model whose own `train_step` applies gradients and gives logs that are no metrics."""

    class Custom(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.dense = keras.layers.Dense(2, kernel_initializer="ones")

        def call(self, x: Any) -> Any:
            return self.dense(x)

        def train_step(self, data: Any) -> dict:
            x, y = data
            with tf.GradientTape() as tape:
                loss = self.compute_loss(x, y, self(x, training=True))
            grads = tape.gradient(loss, self.trainable_variables)
            self.optimizer.apply_gradients(zip(grads, self.trainable_variables, strict=True))
            return {"loss": loss, "rows": tf.cast(tf.shape(x)[0], "float32")}

    found = []
    for block in (tf.distribute.OneDeviceStrategy("/cpu:0"), STRATEGY):
        with block.scope():
            model = Custom()
            model.compile("sgd", "mse")
        history = model.fit(X[:64], Y[:64], batch_size=16, verbose=0, shuffle=False).history
        found.append([history["rows"][-1], model.dense.kernel.numpy().sum().item()])
    return found


def main() -> None:
    one = results(build())
    with STRATEGY.scope():
        model = build()
    with STRATEGY.scope():
        dropping = build(dropout=0.5)
    noise = STRATEGY.run(lambda: dropping.layers[2](tf.ones((64,)), training=True))
    found = {
        "replicas": STRATEGY.num_replicas_in_sync,
        "one": one,
        "four": results(model),
        "by hand": by_hand(),
        "by replicas": by_replicas(),
        "variables": variables(),
        "custom": custom_step(),
        "noise": [v.numpy().tolist() for v in STRATEGY.experimental_local_results(noise)],
    }
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
