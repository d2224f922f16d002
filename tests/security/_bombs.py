"""Sizes without bytes in the formats that are read at one door alone."""

from __future__ import annotations

import gzip
import json
import pickle
import struct
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
from tests.security.test_files import stack

import addax as keras
import addax.tf as tf
from addax.formats import TENSOR_SCHEMA, encode_record


def _put(tmp: Any, name: str, content: bytes) -> Any:
    (tmp / name).write_bytes(content)
    return tmp / name


def _checkpoint(tmp: Any) -> str:
    """An index that promises a terabyte, with right checksums, over a few bytes."""
    from addax.formats._bundle import _SCHEMA
    from addax.formats._table import decode_table, encode_table

    checkpoint = tf.train.Checkpoint(v=tf.Variable([1.0, 2.0]), dense=stack().layers[0])
    prefix = str(tmp / "ckpt")
    checkpoint.write(prefix)
    items = []
    for key, value in decode_table((tmp / "ckpt.index").read_bytes()):
        if key and not key.startswith(b"_"):
            entry = _SCHEMA.decode("Entry", value)
            entry["shape"], entry["size"] = {"dim": [{"size": 1 << 38}]}, 1 << 40
            value = _SCHEMA.encode("Entry", entry)
        items.append((key, value))
    (tmp / "ckpt.index").write_bytes(encode_table(items))
    return prefix


def _restore(tmp: Any) -> Any:
    return tf.train.Checkpoint(v=tf.Variable([1.0, 2.0]), dense=stack().layers[0]).restore(_checkpoint(tmp))


def _managed(tmp: Any) -> Any:
    _checkpoint(tmp)
    for file in list(tmp.glob("ckpt.*")):
        file.rename(tmp / file.name.replace("ckpt.", "ckpt-1."))
    (tmp / "checkpoint").write_text('model_checkpoint_path: "ckpt-1"\nall_model_checkpoint_paths: "ckpt-1"\n')
    checkpoint = tf.train.Checkpoint(v=tf.Variable([1.0, 2.0]), dense=stack().layers[0])
    return tf.train.CheckpointManager(checkpoint, tmp, 1).restore_or_initialize()


def _saved_model(tmp: Any) -> str:
    stack().export(tmp / "sm", verbose=False)
    prefix = _checkpoint(tmp)
    for file in tmp.glob("ckpt.*"):
        file.rename(tmp / "sm/variables" / file.name.replace("ckpt", "variables"))
    assert prefix
    return str(tmp / "sm")


def _stablehlo(tmp: Any) -> Any:
    from addax.export import load_stablehlo

    stack().export(tmp / "hlo", format="stablehlo", verbose=False)
    data = json.loads((tmp / "hlo/model.json").read_bytes())
    data["variables"][0]["shape"] = [1 << 40]
    (tmp / "hlo/model.json").write_text(json.dumps(data))
    return load_stablehlo(tmp / "hlo")


def _cached(size: int) -> bytes:
    header = json.dumps(["string", [size], 0, None]).encode()
    return b"addax-cache-1\n0\n+" + header + b"\n."


def _cache(tmp: Any) -> Any:
    _put(tmp, "c.cache", _cached(1 << 40))
    return list(tf.data.Dataset.range(2).cache(str(tmp / "c")))


def _dataset(read: Callable) -> Callable:
    def run(tmp: Any) -> Any:
        tf.data.Dataset.range(3).save(str(tmp / "d"))
        (shard,) = (tmp / "d").glob("shard-*")
        shard.write_bytes(
            b"addax-cache-1\n0\n+" + json.dumps(["int64", [1 << 40], 1 << 43, None]).encode() + b"\n."
        )
        return read(tmp / "d")

    return run


def _record(tmp: Any) -> Any:
    record = bytearray(encode_record(b"x"))
    from addax.formats._crc32c import masked_crc32c

    record[:8] = struct.pack("<Q", 1 << 40)
    record[8:12] = struct.pack("<I", masked_crc32c(bytes(record[:8])))
    return list(tf.data.TFRecordDataset(str(_put(tmp, "r", bytes(record)))))


def _filled_tensor(tmp: Any) -> Any:
    proto = {"dtype": 1, "tensor_shape": {"dim": [{"size": 1 << 40}]}, "float_val": [1.0]}
    return tf.io.parse_tensor(TENSOR_SCHEMA.encode("Tensor", proto), tf.float32)


def _npz(tmp: Any) -> Any:
    from addax.datasets._files import read_npz

    header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (1099511627776,), }".ljust(117) + b"\n"
    with zipfile.ZipFile(tmp / "a.npz", "w") as file:
        file.writestr("x.npy", b"\x93NUMPY\1\0" + len(header).to_bytes(2, "little") + header)
    return read_npz(tmp / "a.npz", ("x",))


def _cifar(tmp: Any) -> Any:
    """Arrays that refer to the same bytes again and again."""
    from addax.formats import decode_pickle

    array = pickle.dumps(np.zeros(3072, "uint8"), 4)
    start, end = array.index(b"\x8c"), array.rindex(b".")
    return decode_pickle(b"\x80\x04](" + array[start:end] + _again(array[start:end]) + b"e.")


def _again(piece: bytes) -> bytes:
    """The same array, built of the memoized bytes."""
    return piece.replace(b"B\x00\x0c\x00\x00" + bytes(3072), b"h\x09") * 50


def _idx(tmp: Any) -> Any:
    from addax.datasets._files import read_idx

    return read_idx(_put(tmp, "i.gz", gzip.compress(b"\0\0\x08\x03" + b"\x7f\xff\xff\xff" * 3)))


def _word_index(tmp: Any) -> Any:
    from addax.datasets._files import read_json

    return read_json(_put(tmp, "w.json", b"[" * 200_000))


def _wav(tmp: Any) -> Any:
    from addax.utils._audio import read_wav

    chunk = b"fmt " + struct.pack("<IHHIIHH", 16, 1, 2, 8000, 32000, 4, 16)
    data = b"data" + struct.pack("<I", 0xFFFFFFF0)
    return read_wav(
        _put(
            tmp, "s.wav", b"RIFF" + struct.pack("<I", 0xFFFFFFFF) + b"WAVE" + chunk[:-2] + b"\xff\xff" + data
        )
    )


def _tfjs(tmp: Any) -> Any:
    stack().export(tmp / "tfjs", format="tfjs", verbose=False)
    data = json.loads((tmp / "tfjs/model.json").read_bytes())
    data["weightsManifest"][0]["weights"][0]["shape"] = [1 << 40, 1 << 40]
    (tmp / "tfjs/model.json").write_text(json.dumps(data))
    return keras.models.load_model(tmp / "tfjs")


def _events(tmp: Any) -> Any:
    from addax.formats import read_events

    proto = {"dtype": 1, "tensor_shape": {"dim": [{"size": 1 << 40}]}, "float_val": [1.0]}
    events = b"\x2a" + _sized(b"\x0a" + _sized(b"\x42" + _sized(TENSOR_SCHEMA.encode("Tensor", proto))))
    found = list(read_events(_put(tmp, "e", encode_record(events))))
    assert found[0].values[0].value.strides == (0,)  # a view of one number
    raise ValueError("nothing is taken for it")


def _sized(data: bytes) -> bytes:
    assert len(data) < 128
    return bytes([len(data)]) + data


def _example(tmp: Any) -> Any:
    """A length that is said and not there."""
    return tf.io.parse_single_example(b"\x0a\xff\xff\xff\xff\x0f", {"x": tf.io.VarLenFeature(tf.float32)})


def _csv(tmp: Any) -> Any:
    return list(
        tf.data.experimental.CsvDataset(str(_put(tmp, "a.csv", b'"' + b"x" * 200_000 + b'"\n')), [""])
    )


def _decode_csv(tmp: Any) -> Any:
    return tf.io.decode_csv(['"' + "x" * 200_000 + '"'], [[""]])


def _table(tmp: Any) -> Any:
    path = str(_put(tmp, "t.txt", b"a\t" + b"9" * 300 + b"\n"))
    return tf.lookup.TextFileInitializer(path, tf.string, 0, tf.int64, 1)


def _tokenizer(tmp: Any) -> Any:
    return keras.preprocessing.text.tokenizer_from_json("[" * 200_000)


def _orbax(load: Callable) -> Callable:
    def run(tmp: Any) -> Any:
        """Metadata that promises more than the model has."""
        model = stack()
        callback = keras.callbacks.OrbaxCheckpoint(tmp / "orbax", save_on_background=False)
        model.compile("sgd", "mse")
        model.fit(np.ones((4, 3)), np.ones((4, 2)), verbose=0, callbacks=[callback])
        callback.wait_until_finished()
        larger = keras.Sequential(
            [keras.Input((3,), name="x"), keras.layers.Dense(3, name="dense")], name="stack"
        )
        return larger.load_weights(tmp / "orbax") if load is None else load(tmp / "orbax")

    return run


# Door -> what its own format allows.
OWN_BOMBS: dict[str, Callable] = {
    "load_model TensorFlow.js": _tfjs,
    "load_weights TensorFlow checkpoint": lambda tmp: stack().load_weights(_checkpoint(tmp)),
    "load_weights Orbax": _orbax(None),
    "tf.train.Checkpoint.restore": _restore,
    "tf.train.CheckpointManager": _managed,
    "tf.train.load_checkpoint": lambda tmp: tf.train.load_variable(
        _checkpoint(tmp), "v/.ATTRIBUTES/VARIABLE_VALUE"
    ),
    "tf.saved_model.load": lambda tmp: tf.saved_model.load(_saved_model(tmp)),
    "TFSMLayer": lambda tmp: keras.layers.TFSMLayer(_saved_model(tmp)),
    "load_stablehlo": _stablehlo,
    "Dataset.load": _dataset(lambda path: list(tf.data.Dataset.load(str(path)))),
    "Dataset.snapshot": _dataset(lambda path: list(tf.data.Dataset.range(3).snapshot(str(path)))),
    "Dataset.cache": _cache,
    "TFRecordDataset": _record,
    "CsvDataset": _csv,
    "tf.io.parse_example": _example,
    "tf.io.parse_tensor": _filled_tensor,
    "tf.io.decode_csv": _decode_csv,
    "tf.lookup.TextFileInitializer": _table,
    "datasets .npz": _npz,
    "datasets CIFAR": _cifar,
    "datasets IDX": _idx,
    "datasets JSON": _word_index,
    "audio_dataset_from_directory": _wav,
    "event files": _events,
    "tokenizer_from_json": _tokenizer,
}
