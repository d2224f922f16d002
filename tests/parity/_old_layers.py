"""Layers that tf.keras alone has, with weights in steps of equal size; their numbers are in a file.

`.venv-oracle/bin/python -m tests.parity._old_layers` writes that file.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

GOLDEN = Path(__file__).with_name("old_layers_golden.json")

# Name below `layers`, constructor arguments, the shape of the inputs.
CASES: dict[str, tuple[str, dict[str, Any], tuple]] = {
    "one": ("LocallyConnected1D", {"filters": 2, "kernel_size": 3, "strides": 2}, (2, 7, 2)),
    "one first": (
        "LocallyConnected1D",
        {"filters": 2, "kernel_size": 2, "data_format": "channels_first"},
        (1, 2, 4),
    ),
    "two": ("LocallyConnected2D", {"filters": 2, "kernel_size": (2, 3), "activation": "tanh"}, (1, 4, 5, 2)),
    "two first": (
        "LocallyConnected2D",
        {"filters": 2, "kernel_size": 2, "strides": (1, 2), "data_format": "channels_first"},
        (1, 2, 3, 5),
    ),
    "two no bias": ("LocallyConnected2D", {"filters": 1, "kernel_size": 2, "use_bias": False}, (2, 3, 3, 1)),
    "features": ("experimental.RandomFourierFeatures", {"output_dim": 4}, (3, 2)),
    "features scaled": (
        "experimental.RandomFourierFeatures",
        {"output_dim": 4, "kernel_initializer": "laplacian", "scale": 2.5, "trainable": True},
        (3, 2),
    ),
}


def run(keras: Any, key: str) -> dict[str, Any]:
    """Outputs, weights and config of a layer."""
    name, arguments, shape = CASES[key]
    cls = keras.layers
    for part in name.split("."):
        cls = getattr(cls, part)
    layer = cls(**arguments, name="layer")
    inputs = np.linspace(-1, 1, int(np.prod(shape))).reshape(shape).astype("float32")
    layer(inputs)
    scale = [float(np.asarray(w)[0]) for w in layer.weights if "kernel_scale" in w.name]
    layer.set_weights([np.linspace(0.1, 1, int(np.prod(w.shape))).reshape(w.shape) for w in layer.weights])
    config = layer.get_config()
    kept = {
        k: config[k] for k in ("filters", "output_dim", "kernel_size", "strides", "padding") if k in config
    }
    found = {
        "weights": [[w.name.split("/")[-1].split(":")[0], list(w.shape)] for w in layer.weights],
        "trainable": len(layer.trainable_weights),
        "scale": scale,
        "config": kept,
        "output": np.asarray(layer(inputs)).round(5).tolist(),
    }
    return json.loads(json.dumps(found, default=list))


if __name__ == "__main__":
    import tf_keras as oracle

    golden = (f"{json.dumps(key)}: {json.dumps(run(oracle, key))}" for key in CASES)
    GOLDEN.write_text("{\n" + ",\n".join(golden) + "\n}\n")
