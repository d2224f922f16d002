"""Model files, well made and malicious, and every door by which a config gets in."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import h5py
import numpy as np

import addax as keras


def entry(class_name, config, module="keras.layers", registered_name=None, **more):
    return {
        "module": module,
        "class_name": class_name,
        "config": config,
        "registered_name": registered_name,
        **more,
    }


def function(name, module="builtins"):
    return entry("function", name, module, "function")


def dense(**config):
    return entry("Dense", {"name": "dense", "units": 2, **config})


def input_layer():
    return entry("InputLayer", {"batch_shape": [None, 3], "dtype": "float32", "name": "x"})


def sequential(layer):
    config = {"name": "stack", "layers": [input_layer(), layer], "build_input_shape": [None, 3]}
    return entry("Sequential", config, "keras")


def functional(layer):
    tensor = {"class_name": "__keras_tensor__", "config": {"keras_history": ["x", 0, 0]}}
    layers = [
        {**input_layer(), "name": "x", "inbound_nodes": []},
        {**layer, "name": "evil", "inbound_nodes": [{"args": [tensor], "kwargs": {}}]},
    ]
    config = {"name": "graph", "layers": layers, "input_layers": ["x", 0, 0], "output_layers": ["evil", 0, 0]}
    return entry("Functional", config, "keras.src.models.functional", "Functional")


def weights(fill=None):
    """The bytes of a weights file; `fill(file)` puts in what it should not have."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        (fill or plain_weights)(file)
    return buffer.getvalue()


def plain_weights(file):
    group = file.require_group("layers/dense/vars")
    group["0"], group["1"] = np.ones((3, 2), "float32"), np.zeros(2, "float32")


_STACK = object()


def archive(path: Path, config=_STACK, data=None, more=(), **options) -> Path:
    with zipfile.ZipFile(path, "w", **options) as file:
        file.writestr("metadata.json", "{}")
        file.writestr("config.json", json.dumps(sequential(dense()) if config is _STACK else config))
        file.writestr("model.weights.h5", weights() if data is None else data)
        for name, content in more:
            file.writestr(name, content)
    return path


def legacy(path: Path, config, fill=None) -> Path:
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(
            {"class_name": config["class_name"], "config": config["config"]}
        )
        group = file.create_group("model_weights")
        group.attrs["layer_names"] = np.array([b"dense"])
        inner = group.create_group("dense")
        inner.attrs["weight_names"] = np.array([b"dense/kernel", b"dense/bias"])
        if fill is None:
            inner["dense/kernel"], inner["dense/bias"] = np.ones((3, 2), "float32"), np.zeros(2, "float32")
        else:
            fill(inner)
    return path


# Every way in for the config of a layer: (layer, folder, options of the loader) -> whatever it makes.
DOORS = {
    "load_model .keras": lambda layer, tmp, **o: keras.models.load_model(
        archive(tmp / "m.keras", sequential(layer)), **o
    ),
    "load_model .keras, graph": lambda layer, tmp, **o: keras.models.load_model(
        archive(tmp / "m.keras", functional(layer)), **o
    ),
    "load_model .h5": lambda layer, tmp, **o: keras.models.load_model(
        legacy(tmp / "m.h5", sequential(layer)), **o
    ),
    "load_model .h5, graph": lambda layer, tmp, **o: keras.models.load_model(
        legacy(tmp / "m.h5", functional(layer)), **o
    ),
    "model_from_json": lambda layer, tmp: keras.models.model_from_json(json.dumps(sequential(layer))),
    "model_from_json, graph": lambda layer, tmp: keras.models.model_from_json(json.dumps(functional(layer))),
    "Sequential.from_config": lambda layer, tmp: keras.Sequential.from_config(sequential(layer)["config"]),
    "Model.from_config": lambda layer, tmp: keras.Model.from_config(functional(layer)["config"]),
    "layers.deserialize": lambda layer, tmp: keras.layers.deserialize(layer),
    "deserialize_keras_object": lambda layer, tmp, **o: keras.saving.deserialize_keras_object(layer, **o),
}
WITH_OPTIONS = [
    "load_model .keras",
    "load_model .keras, graph",
    "load_model .h5",
    "load_model .h5, graph",
    "deserialize_keras_object",
]
