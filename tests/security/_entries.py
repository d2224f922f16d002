"""Every public door by which a file, or a piece of one, gets in; and by which carriers an attack can come through it.

A carrier is a kind of content: `config` (that of a layer), `named` (that of a loss, an optimizer, ...), `hdf5`,
`zip` (further members of an archive), `tar`, `index` (JSON or text that names other files), `pickle`.
A door that lacks a carrier says why in `without`.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from tests.security import _files as files
from tests.security.test_files import LEGACY_DOORS, WEIGHT_DOORS, stack

import addax as keras
import addax.tf as tf
from addax.callbacks import BackupAndRestore
from addax.cli import main as cli
from addax.datasets import _files as published
from addax.serving._load import load_signatures

CARRIERS = ("config", "named", "hdf5", "zip", "tar", "index", "pickle")


class Door(NamedTuple):
    """An entry point; what `without` says of a carrier that there is does not count.

    Attributes:
        carriers: Carrier -> loader. `config` and `named` get a config and a folder; `hdf5` a function that fills a
            group with the variables 0 and 1 of a Dense layer, and a folder; `zip` further members as (name, bytes)
            and a folder; `index` the name of a file and a folder; `pickle` the bytes of a pickle and a folder;
            `tar` members as tests/security/test_get_file.py has them, and a folder.
        without: Carrier -> why it has none; `"*"` for all others.
        shows: Whether it shows what it finds in place of making it, so that there may be nothing to refuse.
    """

    carriers: dict[str, Callable]
    without: dict[str, str]
    shows: bool = False


NO_CONFIG = "It reads values alone; no config is in its files."
NO_HDF5 = "No HDF5 is in its files."
NO_ZIP = "No archive is in its files."
NO_TAR = "Only get_file unpacks tar files."
NO_INDEX = "It is one file, which names no other."
NO_PICKLE = "It reads no .npy and no pickle; the static test shows that nothing unpickles."
ONE_KIND = "It takes the config of a layer; the named objects in it are the arguments of that layer."


def _without(**more: str) -> dict[str, str]:
    return {
        "config": NO_CONFIG,
        "named": NO_CONFIG,
        "hdf5": NO_HDF5,
        "zip": NO_ZIP,
        "tar": NO_TAR,
        "index": NO_INDEX,
        "pickle": NO_PICKLE,
        **more,
    }


# Models ---------------------------------------------------------------------------------------------------
def _folder_of(path: Path) -> Path:
    """An archive as an unzipped folder."""
    folder = path.with_name("unzipped.keras")
    shutil.rmtree(folder, ignore_errors=True)
    with zipfile.ZipFile(path) as file:
        file.extractall(folder)
    return folder


def _whole(layer: Any, tmp: Path) -> Path:
    return files.archive(tmp / "m.keras", files.sequential(layer))


def _filled(fill: Any, tmp: Path) -> Path:
    return files.archive(tmp / "m.keras", data=files.weights(_in_place(fill)))


def _with_members(more: Any, tmp: Path) -> Path:
    return files.archive(tmp / "m.keras", more=more, compression=zipfile.ZIP_DEFLATED)


def _in_place(fill: Any) -> Any:
    return lambda file: fill(file.require_group("layers/dense/vars"))


def _in_legacy(fill: Any) -> Any:
    """The same variables under the names of an old file."""

    def put(group: Any) -> None:
        fill(group["dense"] if "dense" in group else group.create_group("dense"))
        for key, name in (("0", "kernel"), ("1", "bias")):
            if group["dense"].get(key, getlink=True) is not None:
                group["dense"].move(key, name)

    return put


def _saved_folder(inner: Callable) -> Callable:
    """What `model.save("folder")` writes, with another archive inside."""

    def load(content: Any, tmp: Path) -> Any:
        folder = tmp / "saved"
        (folder / "assets.extra").mkdir(parents=True, exist_ok=True)
        shutil.move(inner(content, tmp), folder / "assets.extra/model.keras")
        return keras.models.load_model(folder)

    return load


def _archives(load: Callable) -> dict[str, Callable]:
    """The carriers of a `.keras` file."""
    return {
        "config": lambda layer, tmp: load(_whole(layer, tmp)),
        "hdf5": lambda fill, tmp: load(_filled(fill, tmp)),
        "zip": lambda more, tmp: load(_with_members(more, tmp)),
    }


_OF_ARCHIVE = {"named": ONE_KIND, "tar": NO_TAR, "index": NO_INDEX, "pickle": NO_PICKLE}


def _legacy_config(layer: Any, tmp: Path) -> Any:
    return keras.models.load_model(files.legacy(tmp / "m.h5", files.sequential(layer)))


def _tfjs(tmp: Path, change: Callable[[dict], Any]) -> Path:
    folder = tmp / "tfjs"
    shutil.rmtree(folder, ignore_errors=True)
    stack().export(folder, format="tfjs", verbose=False)
    index = json.loads((folder / "model.json").read_bytes())
    change(index)
    (folder / "model.json").write_text(json.dumps(index))
    return folder


def _tfjs_config(layer: Any, tmp: Path) -> Any:
    def change(index: dict) -> None:
        index["modelTopology"]["model_config"]["config"]["layers"][-1] = layer

    return keras.models.load_model(_tfjs(tmp, change))


def _tfjs_index(name: str, tmp: Path) -> Any:
    def change(index: dict) -> None:
        (old,) = index["weightsManifest"][0]["paths"]
        if name != "beside":
            index["weightsManifest"][0]["paths"] = [name]
        else:
            (tmp / "tfjs/beside").write_bytes((tmp / f"tfjs/{old}").read_bytes())

    return keras.models.load_model(_tfjs(tmp, change))


def _orbax_config(layer: Any, tmp: Path) -> Any:
    from addax.saving._orbax import orbax, payload

    model = stack()
    content = {**payload(model), "model_config": {"config": json.dumps(files.sequential(layer))}}
    orbax().save_checkpointables(tmp / "orbax", content)
    return keras.models.load_model(tmp / "orbax")


def _feature_space(layer: Any, tmp: Path) -> Any:
    space = keras.utils.FeatureSpace({"a": keras.utils.FeatureSpace.float_normalized()}, "concat")
    space.adapt({"a": [1.0, 2.0]})
    space.save(tmp / "space.keras")
    with zipfile.ZipFile(tmp / "space.keras") as file:
        members = {name: file.read(name) for name in file.namelist()}
    config = json.loads(members["config.json"])
    config["config"]["features"]["a"]["config"]["preprocessor"] = layer
    with zipfile.ZipFile(tmp / "evil.keras", "w") as file:
        for name, content in {**members, "config.json": json.dumps(config)}.items():
            file.writestr(name, content)
    return keras.models.load_model(tmp / "evil.keras")


def _clone(layer: Any, tmp: Path) -> Any:
    inner = files.entry("TimeDistributed", {"layer": files.dense()})
    model = keras.models.model_from_json(
        json.dumps(files.sequential(inner).copy()).replace("[null, 3]", "[null, 4, 3]")
    )
    model.layers[0].get_config = lambda: {"layer": layer}
    return keras.models.clone_model(model)


# Command line ---------------------------------------------------------------------------------------------
def _leave(*words: str) -> None:
    """Run a command; its refusal becomes an exception."""
    errors = io.StringIO()
    with contextlib.redirect_stderr(errors), contextlib.redirect_stdout(io.StringIO()):
        try:
            cli(list(words))
        except SystemExit as leave:
            if leave.code:
                raise ValueError(errors.getvalue()) from None


def _inspect(path: Path) -> None:
    _leave("inspect", str(path))


def _convert(path: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path.with_name("out.weights.h5"))
    _leave("convert", str(path), str(path.with_name("out.weights.h5")))


# Weights --------------------------------------------------------------------------------------------------
def _named_shard(name: str, tmp: Path) -> Any:
    (tmp / "beside").write_bytes(files.weights())
    (tmp / "m.weights.json").write_text(json.dumps({"weight_map": {"/layers/dense/vars": [name]}}))
    return stack().load_weights(tmp / "m.weights.json")


def _editor(path: Path) -> Any:
    return keras.saving.KerasFileEditor(path)


def _weights_file(fill: Any, tmp: Path) -> Path:
    (tmp / "m.weights.h5").write_bytes(files.weights(_in_place(fill)))
    return tmp / "m.weights.h5"


def _backup(fill: Any, tmp: Path) -> Any:
    import h5py

    from addax.saving._state_file import opened_state, write_state

    arrays = [np.ones((3, 2), "float32"), np.zeros(2, "float32")]
    write_state(tmp / "latest.backup.h5", {"a": 1}, arrays)
    with h5py.File(tmp / "latest.backup.h5", "r+") as file:
        for key in ("0", "1"):
            del file[f"variables/{key}"]
        fill(file["variables"])
    with opened_state(tmp / "latest.backup.h5") as state:
        return state.variables()


def _backup_of_fit(fill: Any, tmp: Path) -> Any:
    """The same through the callback."""
    import h5py

    x, y = np.ones((4, 3), "float32"), np.zeros((4, 2), "float32")
    model = stack()
    model.set_weights([np.ones((3, 2)), np.zeros(2)])
    model.compile(keras.optimizers.SGD(0.0), "mse")
    callback = BackupAndRestore(tmp / "backup", delete_checkpoint=False)
    model.fit(x, y, epochs=1, verbose=0, callbacks=[callback])
    with h5py.File(tmp / "backup/latest.backup.h5", "r+") as file:
        group = file["variables"]
        others = {key: group[key][()] for key in group if key not in ("0", "1")}
        for key in list(group):
            del group[key]
        fill(group)
        for key, value in others.items():
            if key not in group:
                group[key] = value
    return model.fit(x, y, epochs=2, verbose=0, callbacks=[callback])


def _checkpoint_index(name: str, tmp: Path) -> Any:
    """A manager deletes what is too much: nothing that the list of checkpoints names elsewhere."""
    checkpoint = tf.train.Checkpoint(v=tf.Variable(1.0))
    folder = tmp / "ckpt"
    checkpoint.write(folder / "ckpt-1")
    shutil.copy(folder / "ckpt-1.index", folder / "beside.index")
    text = f'model_checkpoint_path: "{name}"\nall_model_checkpoint_paths: "{name}"\n'
    (folder / "checkpoint").write_text(text)
    manager = tf.train.CheckpointManager(checkpoint, folder, 1)
    if name != "beside" and manager.latest_checkpoint is None:
        manager.save(checkpoint_number=7)
        manager.save(checkpoint_number=8)
        raise ValueError("the name is left alone")
    return manager


# Data -----------------------------------------------------------------------------------------------------
def _dataset(read: Callable[[Path], Any]) -> Callable:
    def load(name: str, tmp: Path) -> Any:
        folder = tmp / "data"
        shutil.rmtree(folder, ignore_errors=True)
        tf.data.Dataset.range(3).save(str(folder))
        index = json.loads((folder / "dataset.json").read_text())
        shutil.copy(folder / index["shards"][0]["file"], folder / "beside")
        index["shards"][0]["file"] = name
        (folder / "dataset.json").write_text(json.dumps(index))
        return read(folder)

    return load


def _npz(more: Any, tmp: Path) -> Any:
    path = tmp / "a.npz"
    np.savez(path, x=np.arange(3))
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as file:
        for name, content in more:
            file.writestr(name, content)
    return published.read_npz(path, ("x",))


def _npz_of(pickled: bytes, tmp: Path) -> Any:
    header = b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }".ljust(117) + b"\n"
    content = b"\x93NUMPY\1\0" + len(header).to_bytes(2, "little") + header + pickled
    with zipfile.ZipFile(tmp / "a.npz", "w") as file:
        file.writestr("x.npy", content)
    return published.read_npz(tmp / "a.npz", ("x",))


def _cifar(pickled: bytes, tmp: Path) -> Any:
    (tmp / "batch").write_bytes(pickled)
    return published.decode_pickle((tmp / "batch").read_bytes())


def _inspected_npz(pickled: bytes, tmp: Path) -> Any:
    with contextlib.suppress(ValueError):
        _npz_of(pickled, tmp)
    return _inspect(tmp / "a.npz")


def _got(more: Any, tmp: Path) -> Any:
    (tmp / "from").mkdir(exist_ok=True)
    with zipfile.ZipFile(tmp / "from/a.zip", "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in [("good.txt", b"good"), *more]:
            file.writestr(name, content)
    return _unpacked(tmp / "from/a.zip", tmp)


def _got_tar(members: Any, tmp: Path) -> Any:
    from tests.security.test_get_file import file, tar

    (tmp / "from").mkdir(exist_ok=True)
    return _unpacked(tar(tmp / "from/a.tar.gz", file("good.txt", b"good"), *members), tmp)


def _unpacked(path: Path, tmp: Path) -> Any:
    return keras.utils.get_file(
        origin=path.as_uri(), cache_dir=tmp / "home", extract=True, force_download=True
    )


# The doors ------------------------------------------------------------------------------------------------
_OF_JSON = {
    "named": ONE_KIND,
    "hdf5": NO_HDF5,
    "zip": NO_ZIP,
    "tar": NO_TAR,
    "index": "It opens no file; names of files in configs are the row of vocabularies.",
    "pickle": NO_PICKLE,
}
_OF_BUNDLE = "Its files are a table and raw bytes, each tensor with a checksum and a size that must fit."
_EXPORTED = "It runs a numerical program; there is no config of layers in it."
_DOORS = files.DOORS

DOORS: dict[str, Door] = {
    "load_model .keras": Door(_archives(keras.models.load_model), _OF_ARCHIVE),
    "load_model .keras, graph": Door(
        {"config": _DOORS["load_model .keras, graph"]},
        {"*": "The same file as load_model .keras; another way through the config alone."},
    ),
    "load_model unzipped .keras": Door(
        {
            "config": lambda layer, tmp: keras.models.load_model(_folder_of(_whole(layer, tmp))),
            "hdf5": lambda fill, tmp: keras.models.load_model(_folder_of(_filled(fill, tmp))),
        },
        {
            **_OF_ARCHIVE,
            "zip": "The names are those of the disk; links in it are not followed (test_files.py).",
        },
    ),
    "load_model folder of save()": Door(
        {
            "config": _saved_folder(_whole),
            "hdf5": _saved_folder(_filled),
            "zip": _saved_folder(_with_members),
        },
        _OF_ARCHIVE,
    ),
    "load_model .h5": Door(
        {
            "config": _legacy_config,
            "hdf5": lambda fill, tmp: LEGACY_DOORS["load_model .h5"](_in_legacy(fill), tmp, stack()),
        },
        {**_without(named=ONE_KIND)},
    ),
    "load_model .h5, graph": Door(
        {"config": _DOORS["load_model .h5, graph"]},
        {"*": "The same file as load_model .h5; another way through the config alone."},
    ),
    "load_model TensorFlow.js": Door(
        {"config": _tfjs_config, "index": _tfjs_index}, _without(named=ONE_KIND)
    ),
    "load_model Orbax": Door(
        {"config": _orbax_config},
        _without(
            named=ONE_KIND,
            index="Orbax reads the folder; every link in it is refused before (test_orbax.py).",
        ),
    ),
    "load_model FeatureSpace": Door(
        {"config": _feature_space},
        {**_OF_ARCHIVE, "hdf5": "The same archive as load_model .keras.", "zip": "Likewise."},
    ),
    "load_weights .keras": Door(
        {
            "hdf5": lambda fill, tmp: WEIGHT_DOORS["load_weights .keras"](_in_place(fill), tmp, stack()),
            "zip": lambda more, tmp: stack().load_weights(_with_members(more, tmp)),
        },
        {**_OF_ARCHIVE, "config": "Only model.weights.h5 of the archive is read.", "named": NO_CONFIG},
    ),
    "load_weights .weights.h5": Door(
        {"hdf5": lambda fill, tmp: stack().load_weights(_weights_file(fill, tmp))}, _without()
    ),
    "load_weights .h5": Door(
        {"hdf5": lambda fill, tmp: LEGACY_DOORS["load_weights .h5"](_in_legacy(fill), tmp, stack())},
        _without(),
    ),
    "load_weights .weights.json": Door(
        {
            "hdf5": lambda fill, tmp: WEIGHT_DOORS["load_weights .weights.json"](
                _in_place(fill), tmp, stack()
            ),
            "index": _named_shard,
        },
        _without(),
    ),
    "load_weights TensorFlow checkpoint": Door({}, _without(index=_OF_BUNDLE)),
    "load_weights Orbax": Door(
        {}, _without(index="Orbax reads the folder; every link in it is refused before (test_orbax.py).")
    ),
    "model_from_json": Door({"config": _DOORS["model_from_json"]}, _OF_JSON),
    "model_from_json, graph": Door({"config": _DOORS["model_from_json, graph"]}, _OF_JSON),
    "Sequential.from_config": Door({"config": _DOORS["Sequential.from_config"]}, _OF_JSON),
    "Model.from_config": Door({"config": _DOORS["Model.from_config"]}, _OF_JSON),
    "clone_model": Door({"config": _clone}, _OF_JSON),
    "layers.deserialize": Door({"config": _DOORS["layers.deserialize"]}, _OF_JSON),
    "saving.deserialize_keras_object": Door({"config": _DOORS["deserialize_keras_object"]}, _OF_JSON),
    **{
        f"{name}.deserialize": Door(
            {"named": lambda config, tmp, name=name: getattr(keras, name).deserialize(config)},
            {
                **_OF_JSON,
                "config": "It takes the config of one of its own kind, which is the carrier `named`.",
            },
        )
        for name in (
            "activations constraints dtype_policies initializers losses metrics optimizers quantizers regularizers"
        ).split()
    },
    "optimizers.schedules.deserialize": Door(
        {"named": lambda config, tmp: keras.optimizers.schedules.deserialize(config)},
        {**_OF_JSON, "config": "It takes the config of a schedule, which is the carrier `named`."},
    ),
    "KerasFileEditor .keras": Door(
        {
            "hdf5": lambda fill, tmp: _editor(_filled(fill, tmp)),
            "zip": lambda more, tmp: _editor(_with_members(more, tmp)),
        },
        {
            **_OF_ARCHIVE,
            "config": "The config is kept as JSON and never made into objects.",
            "named": NO_CONFIG,
        },
    ),
    "KerasFileEditor .weights.h5": Door(
        {"hdf5": lambda fill, tmp: _editor(_weights_file(fill, tmp))}, _without()
    ),
    "addax inspect": Door(_archives(_inspect) | {"pickle": _inspected_npz}, {**_OF_ARCHIVE}, shows=True),
    "addax convert": Door(_archives(_convert), _OF_ARCHIVE),
    "addax serve": Door(_archives(load_signatures), _OF_ARCHIVE),
    "pickle.loads of a model": Door(
        {}, {"*": "A pickle is a program by itself: whoever unpickles one trusts it."}
    ),
    "tf.lite.Interpreter": Door(
        {},
        {
            "*": "ai-edge-litert reads the file, in C++; Addax takes nothing from it but names, shapes and numbers."
        },
    ),
    "get_file": Door(
        {"zip": _got, "tar": _got_tar},
        _without(
            config="It writes files and reads none of them.",
            named="It names no class.",
            hdf5="It writes files and reads none of them.",
        ),
    ),
    "tf.train.Checkpoint.restore": Door({}, _without(index=_OF_BUNDLE)),
    "tf.train.CheckpointManager": Door({"index": _checkpoint_index}, _without()),
    "tf.train.load_checkpoint": Door({}, _without(index=_OF_BUNDLE)),
    "tf.saved_model.load": Door({}, _without(config=_EXPORTED, named=_EXPORTED, index=_OF_BUNDLE)),
    "TFSMLayer": Door({}, _without(config=_EXPORTED, named=_EXPORTED, index=_OF_BUNDLE)),
    "load_stablehlo": Door(
        {},
        _without(config=_EXPORTED, named=_EXPORTED, index="Its files have fixed names, and a SHA-256 each."),
    ),
    "BackupAndRestore": Door({"hdf5": _backup_of_fit}, _without()),
    "state of a run": Door({"hdf5": _backup}, _without()),
    "Dataset.load": Door(
        {"index": _dataset(lambda folder: list(tf.data.Dataset.load(str(folder))))}, _without()
    ),
    "Dataset.snapshot": Door(
        {"index": _dataset(lambda folder: list(tf.data.Dataset.range(3).snapshot(str(folder))))}, _without()
    ),
    "Dataset.cache": Door({}, _without()),
    "TFRecordDataset": Door({}, _without()),
    "CsvDataset": Door({}, _without()),
    "tf.io.parse_example": Door({}, _without(index="It is given bytes.")),
    "tf.io.parse_tensor": Door({}, _without(index="It is given bytes.")),
    "tf.io.decode_csv": Door({}, _without(index="It is given bytes.")),
    "tf.lookup.TextFileInitializer": Door({}, _without()),
    "datasets .npz": Door({"zip": _npz, "pickle": _npz_of}, _without()),
    "datasets CIFAR": Door(
        {"pickle": _cifar}, _without(tar="The archive is unpacked by get_file, which has its own column.")
    ),
    "datasets IDX": Door({}, _without()),
    "datasets JSON": Door({}, _without()),
    "audio_dataset_from_directory": Door({}, _without()),
    "event files": Door({}, _without()),
    "tokenizer_from_json": Door(
        {}, _without(config="Its config is numbers and words; it names no class.", named="It names no class.")
    ),
}
