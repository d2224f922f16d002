"""Readers of whole models in HDF5, by bytes and by what is in them."""

from __future__ import annotations

import functools
import json
from typing import Any

import h5py
import numpy as np
from tests.fuzz._changes import altered
from tests.fuzz.targets import CONFIG_REFUSALS, place, put, target
from tests.security import _files as files

import addax as keras
from addax.saving._legacy_h5 import save_h5


def legacy() -> list[bytes]:
    """Files of a small model, with and without an optimizer."""
    compiled().save(place() / "seed.h5")
    plain = files.legacy(place() / "plain.h5", files.sequential(files.dense()))
    return [(place() / "seed.h5").read_bytes(), plain.read_bytes()]


def compiled() -> Any:
    """A model with an optimizer that has a state."""
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.compile("adam", "mse", metrics=["mae"])
    model.optimizer.build(model.trainable_variables)
    return model


@target(legacy, CONFIG_REFUSALS)
def legacy_h5(data: bytes) -> None:
    keras.models.load_model(put("m.h5", data))


@functools.cache
def _described() -> tuple[str, ...]:
    """What is in the files of some models, as JSON: attributes, groups and arrays."""
    x = keras.Input((4,), name="x")
    y = keras.layers.BatchNormalization(axis=[-1])(keras.layers.Dense(2, activation="relu")(x))
    graph = keras.Model(x, keras.layers.Add()([y, keras.layers.Dense(2)(x)]))
    graph.compile(keras.optimizers.SGD(0.1, momentum=0.9), "mse")
    rows = keras.Sequential([keras.Input((5, 3)), keras.layers.Bidirectional(keras.layers.LSTM(2))])
    nested = keras.Sequential(
        [keras.Input((3,)), keras.Sequential([keras.layers.Dense(1)]), keras.layers.ReLU()]
    )
    found = []
    for model in (compiled(), graph, rows, nested):
        for keras2 in (False, True):
            save_h5(model, place() / "described.h5", keras2=keras2)
            with h5py.File(place() / "described.h5") as file:
                found.append(json.dumps(_description(file)))
    return tuple(found)


def _description(group: Any) -> Any:
    if isinstance(group, h5py.Dataset):
        return {"shape": list(group.shape), "dtype": group.dtype.str}
    attrs = {}
    for name, value in group.attrs.items():
        if isinstance(value, np.ndarray):
            attrs[name] = [item.decode() for item in value.tolist()]
        else:
            attrs[name] = json.loads(value) if name.endswith("config") else str(value)
    return {"attrs": attrs, "inside": {name: _description(group[name]) for name in group}}


def _write(group: Any, description: Any) -> None:
    """Write what can be written of a description, whatever it became."""
    if not isinstance(description, dict):
        return
    attrs, inside = description.get("attrs"), description.get("inside")
    for name, value in attrs.items() if isinstance(attrs, dict) else ():
        listed = isinstance(value, list) and all(isinstance(item, str) for item in value)
        text = json.dumps(value) if name.endswith("config") or not isinstance(value, str) else value
        try:
            group.attrs[name] = np.array([v.encode() for v in value], "S") if listed else text
        except (ValueError, TypeError, UnicodeError):  # HDF5 has no word for it
            continue
    for name, item in inside.items() if isinstance(inside, dict) else ():
        if isinstance(item, dict) and "shape" in item:
            _write_array(group, name, item)
        else:
            _write(group.create_group(name), item)


def _write_array(group: Any, name: str, item: dict[str, Any]) -> None:
    try:
        shape = tuple(item["shape"]) if isinstance(item["shape"], list) else item["shape"]
        group.create_dataset(name, shape=shape, dtype=item.get("dtype"), chunks=None)
    except (ValueError, TypeError, OverflowError, OSError):
        group[name] = np.float32(1)


@target(lambda: [bytes([n]) for n in range(8)], CONFIG_REFUSALS)
def legacy_structure(data: bytes) -> None:
    """A file of HDF5 that is well formed, with some of the values in it altered."""
    description = altered(_described(), data)
    path = place() / "altered.h5"
    with h5py.File(path, "w") as file:
        _write(file, description)
    keras.models.load_model(path)


def _training() -> list[bytes]:
    optimizer = {"class_name": "Adam", "config": {"learning_rate": 0.1}}
    about = {"loss": "mse", "metrics": [["mae"]], "loss_weights": None, "weighted_metrics": None}
    return [json.dumps({"optimizer_config": optimizer, **about}).encode()]


@target(_training, CONFIG_REFUSALS)
def training_config(data: bytes) -> None:
    path = files.legacy(place() / "t.h5", files.sequential(files.dense()))
    with h5py.File(path, "a") as file:
        file.attrs["training_config"] = data.decode("utf-8", "replace").replace("\0", "")[:60000]
    keras.models.load_model(path)


@functools.cache
def _compilations() -> tuple[str, ...]:
    """Compile arguments of many kinds, as JSON."""
    optimizers, losses, metrics = keras.optimizers, keras.losses, keras.metrics
    schedules = optimizers.schedules
    made = [
        dict(
            optimizer=optimizers.Adam(schedules.ExponentialDecay(0.1, 10, 0.9)), loss="mse", metrics=["mae"]
        ),
        dict(
            optimizer=optimizers.SGD(schedules.PiecewiseConstantDecay([1, 2], [0.1, 0.2, 0.3]), clipnorm=1.0),
            loss=losses.Huber(delta=2.0),
            metrics=[metrics.MeanSquaredError(name="m"), metrics.TopKCategoricalAccuracy(k=1)],
        ),
        dict(
            optimizer=optimizers.LossScaleOptimizer(optimizers.Ftrl(0.1)),
            loss=losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1),
            weighted_metrics=[metrics.AUC(num_thresholds=5, curve="PR")],
        ),
        dict(
            optimizer=optimizers.RMSprop(0.1, use_ema=True),
            loss=["mse"],
            loss_weights=[2.0],
            metrics=[["acc"]],
        ),
        dict(optimizer=optimizers.Muon(0.1), loss="mae", run_eagerly=True, steps_per_execution=2),
    ]
    found = []
    for arguments in made:
        model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
        model.compile(**arguments)
        found.append(json.dumps(keras.saving.serialize_keras_object(model)["compile_config"]))
    return tuple(found)


@target(lambda: [bytes([n]) for n in range(2 * 5)], CONFIG_REFUSALS)
def training_structure(data: bytes) -> None:
    """Compile arguments with some values altered, in an archive or in an HDF5 file."""
    config = altered(_compilations(), data)
    if data[:1] > b"\4":
        put("c.keras", files.archive(place() / "c.keras", _with(config)).read_bytes())
        keras.models.load_model(place() / "c.keras")
        return
    path = files.legacy(place() / "c.h5", files.sequential(files.dense()))
    training = {**config, "optimizer_config": config.get("optimizer")} if isinstance(config, dict) else config
    with h5py.File(path, "a") as file:
        file.attrs["training_config"] = json.dumps(training)
    keras.models.load_model(path)


def _with(config: Any) -> dict[str, Any]:
    return {**files.sequential(files.dense()), "compile_config": config}
