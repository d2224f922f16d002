"""Trains one small model on one device, with cut batches, and with cut weights; prints what the test compares."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from typing import Any

import numpy as np

import addax as keras

RNG = np.random.default_rng(0)
X = RNG.normal(size=(70, 4)).astype("float32")
Y = RNG.normal(size=(70, 2)).astype("float32")


def build() -> Any:
    keras.utils.set_random_seed(3)
    model = keras.Sequential(
        [
            keras.layers.Input((4,)),
            keras.layers.Dense(8, activation="relu", name="first"),
            keras.layers.BatchNormalization(),
            keras.layers.Dropout(0.2),
            keras.layers.Dense(2, name="second"),
        ]
    )
    model.compile("adam", "mse", metrics=["mae"])
    return model


def results(model: Any) -> list[Any]:
    """Everything that one device would give, too: chunks, a stream, an uneven last batch, single batches."""
    history = model.fit(X, Y, batch_size=16, epochs=2, verbose=0, validation_split=0.1, shuffle=False).history
    stream = ((X[i : i + 16], Y[i : i + 16]) for i in range(0, 64, 16))
    history.update(stream=model.fit(stream, verbose=0).history["loss"])
    return [
        history,
        model.evaluate(X, Y, verbose=0),
        model.predict(X, verbose=0).tolist(),
        model.train_on_batch(X[:8], Y[:8]),
        [v.numpy().tolist() for v in model.trainable_variables],
    ]


def spec(variable: Any) -> list:
    return list(variable._raw().sharding.spec)


def model_parallel() -> Any:
    mesh = keras.distribution.DeviceMesh((2, 2), ["batch", "model"])
    layouts = keras.distribution.LayoutMap(mesh)
    layouts[".*first/kernel"] = (None, "model")
    layouts[".*second/kernel"] = ("model", None)
    layouts[".*first/output"] = ("batch", "model")
    return keras.distribution.ModelParallel(layout_map=layouts, batch_dim_name="batch")


def main() -> None:
    found: dict[str, Any] = {"one": results(build())}
    data = keras.distribution.DataParallel()
    with data.scope():
        found["data"] = results(build())
        left = build()
    left.fit(X, Y, batch_size=16, verbose=0, shuffle=False)  # behind the block, still on all devices
    found["left"] = [len(left.layers[0].kernel._raw().sharding.device_set), left.evaluate(X, Y, verbose=0)]
    keras.distribution.set_distribution(model_parallel())
    model = build()
    found["model"] = results(model)
    found["specs"] = [spec(v) for v in model.trainable_variables]
    found["slots"] = [spec(v) for v in model.optimizer.variables[2:4]]
    with tempfile.TemporaryDirectory() as folder:
        model.save(os.path.join(folder, "m.keras"))
        again = keras.saving.load_model(os.path.join(folder, "m.keras"))
    found["loaded"] = [spec(again.layers[0].kernel), again.predict(X, verbose=0).tolist()]
    found["before"] = model.predict(X, verbose=0).tolist()
    layout = keras.distribution.TensorLayout(("batch", None), data.device_mesh)
    moved = keras.distribution.distribute_tensor(keras.ops.ones((8, 3)), layout)
    found["moved"] = [shard.data.shape[0] for shard in moved._value.addressable_shards]
    try:
        keras.layers.Dense(3, name="first").build((None, 4))
    except ValueError as error:
        found["error"] = str(error)
    keras.distribution.set_distribution(None)
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
