"""Trains the same model on four devices in Addax and in the real Keras on JAX; prints what both give."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

os.environ["KERAS_BACKEND"] = "jax"

import keras
import numpy as np

import addax

RNG = np.random.default_rng(0)
X = RNG.normal(size=(64, 4)).astype("float32")
Y = RNG.normal(size=(64, 2)).astype("float32")
WEIGHTS = [RNG.normal(size=s).astype("float32") for s in ((4, 8), (8,), (8, 2), (2,))]


def distributions(library: Any) -> Any:
    yield library.distribution.DataParallel()
    mesh = library.distribution.DeviceMesh((2, 2), ["batch", "model"])
    layouts = library.distribution.LayoutMap(mesh)
    layouts[".*first.*kernel"] = (None, "model")
    layouts[".*first.*bias"] = ("model",)
    yield library.distribution.ModelParallel(layout_map=layouts, batch_dim_name="batch")


def trained(library: Any, distribution: Any) -> list:
    library.distribution.set_distribution(distribution)
    layers = library.layers
    model = library.Sequential(
        [layers.Input((4,)), layers.Dense(8, activation="tanh", name="first"), layers.Dense(2, name="second")]
    )
    model.set_weights(WEIGHTS)
    model.compile(library.optimizers.Adam(0.01), "mse", metrics=["mae"])
    history = model.fit(X, Y, batch_size=16, epochs=3, shuffle=False, verbose=0).history
    raw = [v._raw() if library is addax else v.value for v in model.weights]
    library.distribution.set_distribution(None)
    return [
        [history["loss"], history["mae"], *(np.asarray(a).tolist() for a in raw)],
        [[list(a.sharding.shard_shape(a.shape)) for a in raw]],
        [
            distribution.batch_dim_name,
            list(distribution.device_mesh.shape),
            list(distribution.device_mesh.axis_names),
        ],
        [
            repr(distribution),
            list(library.distribution.list_devices()),
            library.distribution.get_device_count(),
        ],
    ]


def main() -> None:
    found = {lib.__name__: [trained(lib, d) for d in distributions(lib)] for lib in (addax, keras)}
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
