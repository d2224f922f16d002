"""Readers of models and weights."""

from __future__ import annotations

import functools
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
from tests.fuzz._changes import altered
from tests.fuzz._legacy import legacy
from tests.fuzz.targets import CONFIG_REFUSALS, place, put, target
from tests.security import _files as files

import addax as keras
import addax.tf as tf
from addax.cli._contents import read_contents
from addax.export import read_saved_model
from addax.formats import BundleReader, decode_table
from addax.formats._table import _append_block, _encode_block
from addax.saving._object_restore import Restoration
from addax.saving._state_file import opened_state


@functools.cache
def stack() -> Any:
    return keras.Sequential([keras.Input((3,), name="x"), keras.layers.Dense(2, name="dense")], name="stack")


def _bytes_of(path: Path) -> bytes:
    return path.read_bytes()


# .keras, HDF5 ---------------------------------------------------------------------------------------------
def _archives() -> list[bytes]:
    import zipfile

    words = keras.layers.StringLookup(vocabulary=["a", "b"])
    model = keras.Sequential([keras.Input((1,), dtype="string"), words])
    model.save(place() / "words.keras")
    plain = files.archive(place() / "seed.keras")
    packed = files.archive(place() / "packed.keras", compression=zipfile.ZIP_DEFLATED)
    lzma = files.archive(place() / "lzma.keras", compression=zipfile.ZIP_LZMA)
    bzip = files.archive(place() / "bzip.keras", compression=zipfile.ZIP_BZIP2)
    return [_bytes_of(p) for p in (place() / "words.keras", plain, packed, lzma, bzip)]


@target(_archives, CONFIG_REFUSALS)
def keras_file(data: bytes) -> None:
    path = put("m.keras", data)
    keras.models.load_model(path)
    keras.saving.KerasFileEditor(path)


def _weights() -> list[bytes]:
    stack().save_weights(place() / "seed.weights.h5")

    def packed(file: Any) -> None:
        group = file.require_group("layers/dense/vars")
        group.create_dataset("0", data=np.ones((3, 2), "float32"), compression="gzip", chunks=(1, 2))
        group.create_dataset("1", data=np.zeros(2, "float32"))
        group.attrs["name"] = "dense"

    return [_bytes_of(place() / "seed.weights.h5"), files.weights(), files.weights(packed)]


@target(_weights)
def weights_h5(data: bytes) -> None:
    path = put("m.weights.h5", data)
    try:
        stack().load_weights(path)
    finally:
        keras.saving.KerasFileEditor(path)


def _backups() -> list[bytes]:
    from addax.saving._state_file import write_state

    state = {"a": [1, 2.5, "text", None, (True,)], "b": np.arange(3), "c": np.array([b"x"], object)}
    write_state(place() / "seed.backup.h5", state, [np.ones((2, 2), "float32")])
    return [_bytes_of(place() / "seed.backup.h5")]


@target(_backups)
def backup(data: bytes) -> None:
    with opened_state(put("b.h5", data)) as state:
        state.variables()


# Configs --------------------------------------------------------------------------------------------------
def _configs() -> list[bytes]:
    lstm = files.entry("LSTM", {"units": 2, "name": "l"})
    found = [files.sequential(files.dense()), files.functional(files.dense(activation="relu")), lstm]
    found.append(
        files.sequential(files.dense(kernel_initializer=files.entry("Ones", {}, "keras.initializers")))
    )
    compiled = {"optimizer": "adam", "loss": "mse", "metrics": ["mae"]}
    found.append({**files.sequential(files.dense()), "compile_config": compiled})
    return [json.dumps(config).encode() for config in found]


@target(_configs, CONFIG_REFUSALS)
def config(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    try:
        keras.models.model_from_json(text)
    except CONFIG_REFUSALS:
        keras.saving.deserialize_keras_object(_parsed(text))


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None


_LAYERS: list[tuple[str, dict[str, Any], list[Any]]] = [
    ("BatchNormalization", {"axis": [-1]}, [None, 3]),
    ("Bidirectional", {"layer": files.entry("GRU", {"units": 2})}, [None, 4, 3]),
    ("CategoryEncoding", {"num_tokens": 3, "output_mode": "multi_hot"}, [None, 3]),
    ("Conv2D", {"filters": 2, "kernel_size": [3, 3], "strides": [1, 1], "padding": "same"}, [None, 5, 5, 1]),
    ("Discretization", {"bin_boundaries": [0.0, 1.0]}, [None, 1]),
    ("Embedding", {"input_dim": 3, "output_dim": 2}, [None, 4]),
    ("GroupNormalization", {"groups": 1}, [None, 4, 4]),
    ("Hashing", {"num_bins": 3, "salt": [1, 2]}, [None, 1]),
    ("LSTM", {"units": 2, "return_sequences": True, "bias_initializer": "zeros"}, [None, 4, 3]),
    ("Normalization", {"mean": [0.0], "variance": [1.0]}, [None, 1]),
    ("Reshape", {"target_shape": [2, -1]}, [None, 4]),
    ("Resizing", {"height": 2, "width": 2, "interpolation": "bilinear"}, [None, 4, 4, 3]),
    ("StringLookup", {"vocabulary": ["a", "b"], "num_oov_indices": 1}, [None, 1]),
    ("TextVectorization", {"vocabulary": ["a"], "max_tokens": 5, "ngrams": 2}, [None]),
    ("TimeDistributed", {"layer": files.dense()}, [None, 4, 3]),
    ("ZeroPadding2D", {"padding": [[1, 1], [1, 1]]}, [None, 4, 4, 3]),
]


@functools.cache
def _layer_configs() -> tuple[Any, ...]:
    found = []
    for name, config, shape in _LAYERS:
        full = getattr(keras.layers, name)
        made = full.from_config(dict(keras.saving.deserialize_keras_object(config))).get_config()
        plain = keras.saving.serialize_keras_object(made)
        found.append(files.entry(name, plain, build_config={"input_shape": shape}))
    return tuple(json.dumps(config) for config in found)


@target(lambda: [bytes([n]) for n in range(len(_LAYERS))], CONFIG_REFUSALS)
def layer_config(data: bytes) -> None:
    """A layer with some values of its config altered."""
    keras.layers.deserialize(altered(_layer_configs(), data))


def _tokenizers() -> list[bytes]:
    from addax.preprocessing.text import Tokenizer

    tokenizer = Tokenizer(num_words=5)
    tokenizer.fit_on_texts(["a b", "b c"])
    return [tokenizer.to_json().encode()]


@target(_tokenizers, CONFIG_REFUSALS)
def tokenizer(data: bytes) -> None:
    from addax.preprocessing.text import tokenizer_from_json

    tokenizer_from_json(data.decode("utf-8", "replace"))


# Several files --------------------------------------------------------------------------------------------
def _indices() -> list[bytes]:
    put("shards/m_00000.weights.h5", files.weights())
    return [b'{"weight_map": {"/layers/dense/vars": ["m_00000.weights.h5"]}}']


@target(_indices)
def sharded_index(data: bytes) -> None:
    stack().load_weights(put("shards/m.weights.json", data))


def _tfjs() -> list[bytes]:
    stack().export(place() / "tfjs", format="tfjs", verbose=False)
    index = json.loads((place() / "tfjs/model.json").read_bytes())
    packed = json.loads(json.dumps(index))
    for entry in packed["weightsManifest"][0]["weights"]:
        entry["quantization"] = {"dtype": "uint8", "scale": 0.5, "min": -1}
    return [json.dumps(index).encode(), json.dumps(packed).encode()]


@target(_tfjs, CONFIG_REFUSALS)
def tfjs(data: bytes) -> None:
    put("tfjs/model.json", data)
    keras.models.load_model(place() / "tfjs")


def _saved_models() -> list[bytes]:
    stack().export(place() / "sm", verbose=False)
    return [_bytes_of(place() / "sm/saved_model.pb")]


@target(_saved_models)
def saved_model(data: bytes) -> None:
    put("sm/saved_model.pb", data)
    read_saved_model(place() / "sm")


def _descriptions() -> list[bytes]:
    stack().export(place() / "hlo", format="stablehlo", verbose=False)
    return [_bytes_of(place() / "hlo/model.json")]


@target(_descriptions)
def stablehlo_description(data: bytes) -> None:
    from addax.export import load_stablehlo

    put("hlo/model.json", data)
    load_stablehlo(place() / "hlo")


# Checkpoints ----------------------------------------------------------------------------------------------
def _bundles() -> list[bytes]:
    os.makedirs(place() / "ckpt", exist_ok=True)
    words = tf.Variable(["a", "bc"])
    checkpoint = tf.train.Checkpoint(v=tf.Variable([1.0, 2.0]), w=words, model=stack())
    checkpoint.write(place() / "ckpt/c")
    return [_bytes_of(place() / "ckpt/c.index")]


def _restored() -> None:
    reader = BundleReader(place() / "ckpt/c")
    for key in reader:
        _tolerant(lambda key=key: reader[key])
    Restoration(place() / "ckpt/c").visit(stack())
    read_contents(place() / "ckpt/c.index")


def _tolerant(act: Any) -> None:
    try:
        act()
    except ValueError as error:
        if isinstance(error, UnicodeError):
            raise


@target(_bundles)
def bundle_index(data: bytes) -> None:
    put("ckpt/c.index", data)
    _restored()


@target(lambda: [_block(_bundles()[0])])
def bundle_block(data: bytes) -> None:
    """The block of entries, with right checksums around it: what an attacker would write."""
    out = bytearray()
    handle = _append_block(out, data)
    meta = _append_block(out, _encode_block([]))
    index = _append_block(out, _encode_block([(b"\xff", handle)], interval=1))
    footer = (meta + index).ljust(40, b"\0") + (0xDB4775248B80FB57).to_bytes(8, "little")
    put("ckpt/c.index", bytes(out) + footer)
    _restored()


def _block(index: bytes) -> bytes:
    return _encode_block(list(decode_table(index)))


@target(lambda: [_graph(_bundles()[0])])
def object_graph(data: bytes) -> None:
    """The graph of objects in a checkpoint."""
    from addax.formats import OBJECT_GRAPH_KEY, write_bundle

    if not (place() / "graph/good.index").exists():
        tf.train.Checkpoint(v=tf.Variable([1.0, 2.0]), model=stack()).write(place() / "graph/good")
    good = BundleReader(place() / "graph/good")
    write_bundle(place() / "graph/c", {**{k: good[k] for k in good}, OBJECT_GRAPH_KEY: data})
    Restoration(place() / "graph/c").visit(tf.train.Checkpoint(v=tf.Variable([1.0, 2.0]), model=stack()))
    _tolerant(lambda: read_contents(place() / "graph/c.index"))


def _graph(index: bytes) -> bytes:
    put("ckpt/c.index", index)
    return BundleReader(place() / "ckpt/c")["_CHECKPOINTABLE_OBJECT_GRAPH"].item()


@target(lambda: [b'model_checkpoint_path: "c"\nall_model_checkpoint_paths: "c"\n'])
def checkpoint_state(data: bytes) -> None:
    put("state/checkpoint", data)
    tf.train.latest_checkpoint(place() / "state")
    tf.train.CheckpointManager(tf.train.Checkpoint(v=tf.Variable(1.0)), place() / "state", 2)


# All of them by what they are -----------------------------------------------------------------------------
_ENDINGS = ("keras", "h5", "weights.h5", "json", "npz", "index", "pb", "weights.json")


def _contents() -> list[bytes]:
    made = [_archives()[0], legacy()[0], _weights()[0], _configs()[0], _bundles()[0], _saved_models()[0]]
    numbers = (0, 1, 2, 3, 5, 6)
    return [bytes([n]) + data for n, data in zip(numbers, made, strict=True)]


@target(_contents)
def inspect(data: bytes) -> None:
    ending = _ENDINGS[(data[0] if data else 0) % len(_ENDINGS)]
    name = "saved_model.pb" if ending == "pb" else f"m.{ending}"
    path = put(f"inspect/{name}", data[1:])
    try:
        read_contents(path)
    finally:
        path.unlink()
