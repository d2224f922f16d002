"""Facts about Keras's own files: archives, HDF5 files, indexes of shards, configs; and arrays of NumPy."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from addax.cli._contents import Array, Contents, Optimizer
from addax.cli._contents_config import add_compiled, add_config, natural, own_parameters, tree_of_objects
from addax.core.errors import message
from addax.saving._archive import CONFIG, METADATA, WEIGHTS, Archive
from addax.saving._hdf5 import StoredGroup, WeightsFile, opened_weights

_OPTIMIZER, _METRICS = "optimizer/", "metrics/"
_MAX_JSON = 64 << 20


# Archives ------------------------------------------------------------------------------------------------
def zip_file(path: Path) -> Contents:
    """A `.keras` or `.npz` file."""
    with Archive(path, required=None) as archive:
        if CONFIG in archive.names or path.suffix == ".keras":
            return keras_file(path)
        if archive.names and all(name.endswith(".npy") for name in archive.names):
            return _npz(archive)
        raise ValueError(
            message(
                f"{path} is no Keras model file.",
                expected=f"a zip archive with {CONFIG} and {WEIGHTS}, or one of .npy files",
                received=f"an archive with {sorted(archive.names)[:5]}",
            )
        )


def keras_file(path: Path) -> Contents:
    """A `.keras` file, or the folder of one that was unzipped."""
    found = Contents("keras", "Keras model (.keras)" + (", unzipped" if path.is_dir() else ""))
    with Archive(path) as archive:
        about = archive.json(METADATA) if METADATA in archive.names else {}
        if isinstance(about, dict):
            found.versions = {key: str(value) for key, value in about.items()}
        config = archive.json(CONFIG)
        for name in sorted(archive.names - {CONFIG, METADATA, WEIGHTS}):
            found.assets[name] = archive.size(name)
        if WEIGHTS in archive.names:
            with opened_weights(archive.read(WEIGHTS)) as file:
                objects, arrays, iterations = _objects([file.root()])
        else:
            objects, arrays, iterations = {}, [], None
            found.notes.append(f"It has no {WEIGHTS}: the model comes with initial weights.")
    _split(found, arrays)
    own = own_parameters(found.variables)
    add_config(found, config, lambda where, name: _below(own, where))
    if found.model is not None and not found.model.layers and len(objects) > 1:
        tree = tree_of_objects(_of_model(objects), found.variables, found.model.name)
        found.model.layers = tree.layers
    _keep_state(found, arrays, iterations)
    return found


def _npz(archive: Archive) -> Contents:
    from addax.formats import decode_npy

    found = Contents("npz", "Arrays of NumPy (.npz)")
    for name in sorted(archive.names):
        array = decode_npy(archive.read(name))
        found.variables.append(
            Array(
                name.removesuffix(".npy"),
                array.shape,
                "string" if array.dtype == object else array.dtype.name,
            )
        )
    return found


# HDF5 ----------------------------------------------------------------------------------------------------
def hdf5_file(path: Path) -> Contents:
    """A `.weights.h5` file, a legacy `.h5` of a model or of weights, or a backup of a run."""
    from addax.saving._legacy_h5 import legacy_root

    with opened_weights(path) as file:
        root = legacy_root(file)
        if root is not None:
            return _legacy(file, root)
        objects, arrays, iterations = _objects([file.root()])
        if not objects:
            raise ValueError(
                message(
                    f"{path} is an HDF5 file, but no model and no weights of Keras.",
                    expected="groups `vars`, or the attribute model_config or layer_names",
                    received=f"{file.root().keys()[:5]}",
                )
            )
    found = Contents("weights.h5", "Keras weights (.weights.h5)")
    _split(found, arrays)
    found.model = tree_of_objects(_of_model(objects), found.variables, path.name.partition(".")[0])
    _keep_state(found, arrays, iterations)
    return found


def _legacy(file: WeightsFile, root: str) -> Contents:
    home = file.group(root) if root else file.root()
    if home is None:
        raise ValueError("it has no group model_weights")
    whole = bool(root)
    found = Contents("h5" if whole else "legacy weights", "Keras model" if whole else "Keras weights")
    found.title += " in the older form (.h5)"
    for key in ("keras_version", "backend"):
        value = file.attribute(key) or home.text(key)
        if value is not None:
            found.versions[key] = value
    sizes: dict[str, int] = {}
    for name in home.text_list("layer_names"):
        group = home.child(name)
        arrays = [] if group is None else _listed(group, name)
        sizes[name] = sum(array.parameters for array in arrays)
        found.variables += arrays
    if whole:
        config = _json_of(file.attribute("model_config") or "")
        total = sum(sizes.values())
        add_config(found, config, lambda where, name: total if not where else sizes.get(name, None))
        training = file.attribute("training_config")
        if training is not None:
            add_compiled(found, _json_of(training))
    state = file.group("optimizer_weights")
    if state is not None:
        optimizer = found.optimizer or Optimizer()
        optimizer.variables = _listed(state, "optimizer_weights")
        found.optimizer = optimizer
    return found


def _listed(group: StoredGroup, where: str) -> list[Array]:
    """The arrays that a group of an old file lists, by their names."""
    found = []
    for name in group.text_list("weight_names"):
        folder, _, key = name.rpartition("/")
        inner = group.child(folder) if folder else group
        if inner is None or key not in inner:
            raise ValueError(f"the weight {name} of {where} is missing")
        found.append(Array(f"{where}/{name}", inner.shape(key), inner.dtype(key)))
    return found


def _json_of(text: str) -> dict[str, Any]:
    data = json.loads(text)
    if not isinstance(data, dict):
        raise ValueError(f"its config is no JSON object: {text[:80]}")
    return data


# JSON ----------------------------------------------------------------------------------------------------
def json_file(path: Path) -> Contents:
    """The index of sharded weights, or the architecture that `to_json` gave."""
    if path.stat().st_size > _MAX_JSON:
        raise ValueError(f"it is too large for JSON of a model: {path.stat().st_size} bytes")
    try:
        data = json.loads(path.read_bytes())
    except ValueError as error:
        raise ValueError(f"it is not JSON: {error}") from error
    if isinstance(data, dict) and "weight_map" in data:
        return _sharded(path)
    if not isinstance(data, dict) or "class_name" not in data:
        raise ValueError(
            message(
                f"{path} is no model file that Addax knows.",
                expected="the index of sharded weights, or what to_json() gives",
                received=f"JSON with the keys {sorted(data)[:5]}" if isinstance(data, dict) else data,
            )
        )
    found = Contents("json", "Architecture of a Keras model (to_json), without weights")
    if "keras_version" in data:
        found.versions["keras_version"] = str(data["keras_version"])
    add_config(found, data, lambda where, name: None)
    return found


def _sharded(path: Path) -> Contents:
    from addax.saving._sharded import ShardedWeights

    found = Contents("weights.json", "Keras weights in several files (.weights.json)")
    with ShardedWeights(path) as weights:
        for where in weights.index:
            weights.group(where.lstrip("/"))  # says what does not fit together
        roots = [weights.open(name).root() for name in weights.shards]
        objects, arrays, iterations = _objects(roots)
        found.assets = {name: path.with_name(name).stat().st_size for name in weights.shards}
    _split(found, arrays)
    found.model = tree_of_objects(_of_model(objects), found.variables, path.name.partition(".")[0])
    _keep_state(found, arrays, iterations)
    return found


# TensorFlow.js -------------------------------------------------------------------------------------------
def tfjs_folder(path: Path) -> Contents:
    """A layers model of TensorFlow.js."""
    from addax.saving._tfjs import TFJSModel

    stored = TFJSModel(path)
    found = Contents("tfjs", "Layers model of TensorFlow.js")
    if stored.version is not None:
        found.versions["keras_version"] = str(stored.version)
    sizes: dict[str, int] = {}
    for entry in stored.entries:
        array = Array(str(entry["name"]), tuple(int(size) for size in entry["shape"]), str(entry["dtype"]))
        found.variables.append(array)
        layer = array.path.partition("/")[0]
        sizes[layer] = sizes.get(layer, 0) + array.parameters
    total = sum(sizes.values())
    add_config(found, stored.config, lambda where, name: sizes.get(name) if where else total)
    return found


# Orbax ---------------------------------------------------------------------------------------------------
def orbax_folder(path: Path) -> Contents:
    """A folder of `OrbaxCheckpoint`; Orbax reads it."""
    from addax.saving._orbax import checkpoint_contents

    shapes, config, assets = checkpoint_contents(path)
    found = Contents("orbax", "Orbax checkpoint", assets={name: 0 for name in assets})
    own, state = [], []
    for where, (shape, dtype) in shapes.items():
        group, _, name = where.partition("/")
        (state if group == "optimizer_variables" else own).append(Array(name, shape, dtype))
    found.variables = own
    if config is not None:
        sizes: dict[str, int] = {}
        for array in own:
            for part in array.path.split("/")[:-1]:
                sizes[part] = sizes.get(part, 0) + array.parameters
        add_config(found, config, lambda where, name: sizes.get(name))
    else:
        found.notes.append("It has weights alone, without a description of the model.")
    if state:
        found.optimizer = found.optimizer or Optimizer()
        found.optimizer.variables = state
    return found


# Shared --------------------------------------------------------------------------------------------------
def _objects(roots: Iterable[StoredGroup]) -> tuple[dict[str, str | None], list[Array], int | None]:
    """Objects by path with their names, the arrays, and the optimizer's step, of one file or of several shards."""
    objects: dict[str, str | None] = {}
    arrays: list[Array] = []
    iterations = None
    for root in roots:
        for path, group in root.walk():
            head, _, last = path.rpartition("/")
            if last != "vars":
                continue
            objects[head] = objects.get(head) or group.text("name")
            keys = group.arrays()
            arrays += [Array(f"{path}/{key}", group.shape(key), group.dtype(key)) for key in keys]
            if path == "optimizer/vars" and "0" in keys and group.shape("0") == ():
                iterations = int(group["0"])
    return objects, sorted(arrays, key=lambda array: natural(array.path)), iterations


def _split(found: Contents, arrays: list[Array]) -> None:
    """Keep the variables of the model: neither those of the optimizer nor, in files of Keras 2, of metrics."""
    metrics = [array for array in arrays if array.path.startswith(_METRICS)]
    found.variables = [array for array in arrays if not array.path.startswith((_OPTIMIZER, _METRICS))]
    if metrics:
        found.notes.append(f"It has {len(metrics)} variables of metrics too.")


def _keep_state(found: Contents, arrays: list[Array], iterations: int | None) -> None:
    state = [array for array in arrays if array.path.startswith(_OPTIMIZER)]
    if state:
        found.optimizer = found.optimizer or Optimizer()
        found.optimizer.variables, found.optimizer.iterations = state, iterations


def _of_model(objects: dict[str, str | None]) -> dict[str, str | None]:
    return {path: n for path, n in objects.items() if not f"{path}/".startswith((_OPTIMIZER, _METRICS))}


def _below(own: dict[str, int], path: str) -> int:
    return sum(size for where, size in own.items() if not path or f"{where}/".startswith(f"{path}/"))
