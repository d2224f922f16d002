"""Whole models in one HDF5 file (`.h5`), the form before `.keras`; both dialects are read, Keras 3's is written."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from addax.core import serial
from addax.core.errors import message
from addax.core.resolver import packages_of
from addax.core.version import KERAS_VERSION
from addax.formats import atomic_file
from addax.layers import Layer
from addax.saving._hdf5 import StoredGroup, WeightsFile, opened_weights
from addax.saving._keras2 import KERAS2_VERSION, keras2_config, keras2_state, keras2_training

_LIMIT = 64000  # bytes of an HDF5 attribute; longer lists are cut into pieces


def save_h5(model: Any, path: Path, include_optimizer: bool = True, keras2: bool = False) -> None:
    """Write architecture, weights, compile arguments and optimizer state to one HDF5 file, atomically.

    Args:
        model: The model.
        path: The file.
        include_optimizer: Whether compile arguments and the optimizer's state are written.
        keras2: Whether it is written for tf_keras and older TensorFlow.

    Raises:
        ValueError: If Keras 2 is asked for, and has no word for something.
    """
    import h5py

    data = serial.serialize_object(model)
    compiled = data.pop("compile_config", None) or {}
    config = {"class_name": data["class_name"], "config": data["config"]}
    optimizer = model.optimizer if include_optimizer and compiled else None
    training = {k: v for k, v in compiled.items() if k != "optimizer"}
    training["optimizer_config"] = compiled.get("optimizer")
    state = optimizer.variables if optimizer is not None and optimizer.built else []
    if keras2:
        config, training = keras2_config(model), keras2_training(training)
        state = keras2_state(optimizer) if state else []
    with atomic_file(path) as temporary, h5py.File(temporary, "w") as file:
        _write_about(file, keras2)
        file.attrs["model_config"] = json.dumps(config)
        write_layers(file.create_group("model_weights"), model, keras2)
        if include_optimizer and compiled:
            file.attrs["training_config"] = json.dumps(training)
            if state:
                _write_weights(file.create_group("optimizer_weights"), state, keras2)


def save_h5_weights(model: Any, path: Path) -> None:
    """Write the weights alone, as tf_keras's `save_weights("x.h5")` does, atomically."""
    import h5py

    with atomic_file(path) as temporary, h5py.File(temporary, "w") as file:
        write_layers(file, model, keras2=True)


def _write_about(group: Any, keras2: bool) -> None:
    group.attrs["keras_version"] = KERAS2_VERSION if keras2 else KERAS_VERSION
    group.attrs["backend"] = "tensorflow" if keras2 else "jax"


def write_layers(group: Any, model: Any, keras2: bool = False) -> None:
    """Write the weights of a model, a group for each layer."""
    layers = [layer for layer in model.layers if isinstance(layer, Layer)]
    _write_list(group, "layer_names", [layer.name for layer in layers])
    _write_about(group, keras2)
    for layer in layers:
        _write_weights(group.create_group(layer.name), _legacy_weights(layer), keras2)
    _write_weights(group.create_group("top_level_model_weights"), [])


def _legacy_weights(layer: Any) -> list:
    """The weights of a layer in the order of the old files: trainable first."""
    trainable = [v for v in layer.weights if getattr(v, "_born_trainable", v.trainable)]
    ids = set(map(id, trainable))
    return [*trainable, *(v for v in layer.weights if id(v) not in ids)]


def _write_weights(group: Any, variables: list, keras2: bool = False) -> None:
    names, taken = [], set()
    for variable in variables:
        ending, k = ":0" if keras2 else "", 0
        name = variable.path + ending
        while name in taken:
            k += 1
            name = f"{variable.path}_{k}{ending}"
        taken.add(name)
        names.append(name)
        group.create_dataset(name, data=np.asarray(variable))
    _write_list(group, "weight_names", names)


def _write_list(group: Any, name: str, items: list[str]) -> None:
    encoded = [item.encode() for item in items]
    width = max(map(len, encoded), default=1)
    size = max(1, _LIMIT // width)
    if len(encoded) <= size:
        group.attrs[name] = np.array(encoded, dtype=f"S{width}")
        return
    for piece, start in enumerate(range(0, len(encoded), size)):
        group.attrs[f"{name}{piece}"] = np.array(encoded[start : start + size], dtype=f"S{width}")


def load_h5(path: Path, custom_objects: Mapping | None, compile: bool) -> Any:
    """A model from an HDF5 file of Keras 2 or 3."""
    with opened_weights(path) as file:
        text = file.attribute("model_config")
        if text is None:
            raise ValueError(
                message(
                    f"{path} holds no architecture.",
                    received="an HDF5 file without the attribute model_config",
                    hint="If it holds weights alone, build the model and call load_weights().",
                )
            )
        model = model_of(upgraded(_parsed(text, path)), custom_objects)
        load_layers(file, model, "model_weights")
        training = file.attribute("training_config")
        if compile and training is not None:
            _compile(model, _parsed(training, path), custom_objects)
            _load_optimizer(file, model)
    return model


def model_of(data: dict[str, Any], custom_objects: Mapping | None) -> Any:
    """A model without weights from its class and config, which need not say a module."""
    data = {"module": None, "registered_name": None, **data}
    model = serial.deserialize(data, custom_objects, packages=("addax.models",))
    if not hasattr(model, "layers"):
        raise ValueError(message("The file describes no model.", received=f"a {type(model).__name__}"))
    return model


def _parsed(text: str, path: Path) -> dict[str, Any]:
    """An attribute as JSON."""
    try:
        data = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise ValueError(
            message(f"{path} is damaged: its config is not JSON.", received=str(error))
        ) from error
    if not isinstance(data, dict):
        raise ValueError(message(f"{path} describes no model.", received=data))
    return data


def _compile(model: Any, training: dict[str, Any], custom_objects: Mapping | None) -> None:
    optimizer = training.pop("optimizer_config", None)
    if isinstance(optimizer, dict):
        optimizer = {"module": "keras.optimizers", "registered_name": None, **optimizer}
        optimizer["class_name"] = str(optimizer.get("class_name")).rpartition(">")[2]
    known = {k: training.get(k) for k in ("loss", "loss_weights", "metrics", "weighted_metrics")}
    if (
        isinstance(known["metrics"], list)
        and len(known["metrics"]) == 1
        and isinstance(known["metrics"][0], list)
    ):
        known["metrics"] = known["metrics"][0]
    config = {"optimizer": optimizer or "rmsprop", **known}
    model.compile(
        **{k: serial.deserialize(v, custom_objects, packages=packages_of(k)) for k, v in config.items()}
    )


def _load_optimizer(file: WeightsFile, model: Any) -> None:
    group = file.group("optimizer_weights")
    if group is None or not model.trainable_variables:
        return
    model.optimizer.build(model.trainable_variables)
    names = group.text_list("weight_names")
    variables = model.optimizer.stored_variables(len(names))
    if [group.shape_at(name) for name in names] == [tuple(v.shape) for v in variables]:
        for variable, name in zip(variables, names, strict=True):
            variable.assign(group.array_at(name))


def legacy_root(file: WeightsFile) -> str | None:
    """Where an old file keeps its layers: the group of a whole model, the root (""), or None if it is no old file."""
    if file.group("model_weights") is not None and file.attribute("model_config") is not None:
        return "model_weights"
    return "" if file.root().text_list("layer_names") else None


def load_layers(
    file: WeightsFile, model: Any, root: str, by_name: bool = False, skip_mismatch: bool = False
) -> None:
    """Load the weights of an old file, layer by layer: in order, or by name.

    Raises:
        ValueError: If the number of layers or weights differs, or a shape; nothing is changed then.
    """
    stored = _stored_layers(file, root)
    layers = [layer for layer in _weighted(model)]
    pairs: list[tuple[Any, str, StoredGroup, list[str]]]
    if by_name:
        named = {layer.name: layer for layer in layers}
        pairs = [(named[name], name, group, names) for name, group, names in stored if name in named]
    else:
        if len(stored) != len(layers):
            raise ValueError(
                message(
                    "The file has another number of layers with weights than the model.",
                    expected=f"{len(layers)}: {[layer.name for layer in layers]}",
                    received=f"{len(stored)}: {[name for name, *_ in stored]}",
                )
            )
        pairs = [(layer, *place) for layer, place in zip(layers, stored, strict=True)]
    plan = []
    for layer, name, group, names in pairs:
        variables = _legacy_weights(layer)
        wanted, found = [tuple(v.shape) for v in variables], [group.shape_at(one) for one in names]
        if wanted == found:
            plan += [(v, group.array_at(one)) for v, one in zip(variables, names, strict=True)]
        elif not skip_mismatch:
            raise ValueError(
                message(
                    f"The weights of layer '{layer.name}' do not fit those of '{name}' in the file.",
                    expected=f"shapes {wanted}",
                    received=f"shapes {found}",
                )
            )
    for variable, array in plan:
        variable.assign(array)


def _weighted(model: Any) -> list:
    return [layer for layer in model.layers if layer.weights]


def _stored_layers(file: WeightsFile, root: str) -> list[tuple[str, StoredGroup, list[str]]]:
    """Layers that have weights: name, group, and the names of the weights in it."""
    group = file.group(root) if root else file.root()
    if group is None:
        raise ValueError(message("The file holds no weights.", expected=f"a group '{root}'"))
    found = []
    for name in group.text_list("layer_names"):
        inner = group.child(name)
        if inner is not None and (names := inner.text_list("weight_names")):
            found.append((name, inner, names))
    return found


# Older configs -------------------------------------------------------------------------------------------
_FORGOTTEN = ("time_major", "implementation", "ragged", "input_dim", "input_length", "batch_input_shape")


def upgraded(data: Any) -> Any:
    """A config of Keras 2 in the words of Keras 3; one of Keras 3 as it is."""
    if isinstance(data, list):
        return [upgraded(item) for item in data]
    if not isinstance(data, dict):
        return data
    data = {key: upgraded(value) for key, value in data.items()}
    config = data.get("config")
    if isinstance(config, dict) and isinstance(data.get("class_name"), str):
        data["config"] = _upgraded_config(data["class_name"], config)
        data["class_name"] = (
            re.sub(r"^.*>", "", data["class_name"]) if "registered_name" not in data else data["class_name"]
        )
    return data


def _drop_old_arguments(class_name: str, config: dict[str, Any]) -> None:
    """Take away what only Keras 2 writes."""
    if class_name == "MultiHeadAttention":
        for key in ("query_shape", "key_shape", "value_shape"):
            config.pop(key, None)
    if class_name == "Embedding":
        config.pop("input_length", None)
    if (
        class_name == "BatchNormalization"
        and isinstance(config.get("axis"), list)
        and len(config["axis"]) == 1
    ):
        config["axis"] = config["axis"][0]
    if class_name in ("DepthwiseConv2D", "Conv2DTranspose") and config.get("groups") == 1:
        config.pop("groups")


def _upgraded_config(class_name: str, config: dict[str, Any]) -> dict[str, Any]:
    config = dict(config)
    if class_name == "InputLayer" and "batch_input_shape" in config:
        config["batch_shape"] = config.pop("batch_input_shape")
    if class_name == "LeakyReLU" and "alpha" in config:
        config.setdefault("negative_slope", config.pop("alpha"))
    shape = config.get("batch_input_shape")
    for key in _FORGOTTEN:
        if (
            class_name != "InputLayer"
            and key in config
            and not (key in ("input_dim", "input_length") and class_name == "Embedding")
        ):
            config.pop(key)
    _drop_old_arguments(class_name, config)
    if shape is not None and class_name != "InputLayer":
        config["batch_input_shape"] = shape
    return config
