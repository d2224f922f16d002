"""Readers of data: records, examples, CSV, audio, saved datasets, archives of data sets."""

from __future__ import annotations

import functools
import gzip
import io
import json
import pickle
import shutil
import struct
import wave
import zlib
from typing import Any

import numpy as np
from tests.fuzz.targets import place, put, target

import addax.tf as tf
from addax.formats import encode_record

_KINDS = ("", "GZIP", "ZLIB")


# Records --------------------------------------------------------------------------------------------------
def _records() -> list[bytes]:
    plain = encode_record(b"one") + encode_record(b"") + encode_record(b"x" * 300)
    return [b"\0" + plain, b"\1" + gzip.compress(plain, mtime=0), b"\2" + zlib.compress(plain)]


@target(_records)
def tfrecord(data: bytes) -> None:
    kind = _KINDS[(data[0] if data else 0) % 3]
    path = put("r.tfrecord", data[1:])
    for _ in tf.data.TFRecordDataset(str(path), compression_type=kind):
        pass


@target(_records)
def lines(data: bytes) -> None:
    kind = _KINDS[(data[0] if data else 0) % 3]
    path = str(put("r.txt", data[1:]))
    for _ in tf.data.TextLineDataset(path, compression_type=kind):
        pass
    for _ in tf.data.FixedLengthRecordDataset(path, 3, compression_type=kind):
        pass


def _events() -> list[bytes]:
    from addax.formats import EventWriter
    from addax.formats._records import read_records

    with EventWriter(place() / "logs") as writer:
        writer.scalar("loss", 0.5, 1)
        writer.text("t", ["a", "b"], 2)
        writer.image("i", np.zeros((1, 2, 2, 3), "uint8"), 3)
        writer.histogram("h", np.arange(5), 4)
    with open(writer.path, "rb") as file:
        return list(read_records(file))


@target(_events)
def event_file(data: bytes) -> None:
    from addax.formats import read_events

    for content in (data, encode_record(data)):
        try:
            list(read_events(put("events", content)))
        except ValueError as error:
            if isinstance(error, UnicodeError):
                raise


def _examples() -> list[bytes]:
    train = tf.train
    features = {
        "i": train.Feature(int64_list=train.Int64List(value=[1, 2])),
        "f": train.Feature(float_list=train.FloatList(value=[1.0, 2.0])),
        "b": train.Feature(bytes_list=train.BytesList(value=[b"a"])),
    }
    example = train.Example(features=train.Features(feature=features))
    sequence = train.SequenceExample()
    sequence.context.feature["i"].int64_list.value.append(2)
    sequence.feature_lists.feature_list["f"].feature.add().float_list.value.append(1.0)
    return [example.SerializeToString(), sequence.SerializeToString()]


@functools.cache
def _wanted() -> list[dict[str, Any]]:
    io = tf.io
    return [
        {"i": io.FixedLenFeature([2], tf.int64), "b": io.FixedLenFeature([], tf.string)},
        {"f": io.VarLenFeature(tf.float32), "b": io.VarLenFeature(tf.string)},
        {"i": io.RaggedFeature(tf.int64), "f": io.FixedLenSequenceFeature([], tf.float32, True)},
        {"s": io.SparseFeature("i", "f", tf.float32, 4)},
    ]


@target(_examples)
def example(data: bytes) -> None:
    def tolerant(act: Any) -> None:
        try:
            act()
        except ValueError as error:
            if isinstance(error, UnicodeError):
                raise

    for wanted in _wanted():
        tolerant(lambda wanted=wanted: tf.io.parse_single_example(data, wanted))
        tolerant(lambda wanted=wanted: tf.io.parse_example([data, data], wanted))
    lists = {"f": tf.io.FixedLenSequenceFeature([], tf.float32)}
    tolerant(lambda: tf.io.parse_single_sequence_example(data, sequence_features=lists))
    tolerant(lambda: tf.train.Example.FromString(data))
    tolerant(lambda: tf.train.SequenceExample.FromString(data))


def _tensors() -> list[bytes]:
    from addax.formats import TENSOR_SCHEMA, tensor_message

    values = [np.arange(6, dtype="float32").reshape(2, 3), [b"a", b"bc"]]
    seeds = [TENSOR_SCHEMA.encode("Tensor", tensor_message(value)) for value in values]
    for dtype, field, value in ((1, "float_val", [1.5]), (6, "int_val", [3]), (9, "int64_val", [4, 5])):
        shape = {"dim": [{"size": 2}]}
        seeds.append(TENSOR_SCHEMA.encode("Tensor", {"dtype": dtype, "tensor_shape": shape, field: value}))
    return seeds


@target(_tensors)
def tensor(data: bytes) -> None:
    for dtype in (tf.float32, tf.int64, tf.string):
        try:
            tf.io.parse_tensor(data, dtype)
        except ValueError as error:
            if isinstance(error, UnicodeError):
                raise


# CSV, text, audio -----------------------------------------------------------------------------------------
@target(lambda: [b'1,2.5,text\n-3,,"a ""b"", c"\n', b"a,b,c\n99999999999,1e300,x\n"])
def csv(data: bytes) -> None:
    def tolerant(act: Any) -> None:
        try:
            act()
        except ValueError as error:
            if isinstance(error, UnicodeError):
                raise

    path = str(put("t.csv", data))
    tolerant(lambda: list(tf.data.experimental.CsvDataset(path, [[0], [0.0], [""]])))
    tolerant(lambda: list(tf.data.experimental.CsvDataset(path, [tf.int64, tf.float32], select_cols=[0, 1])))
    tolerant(
        lambda: next(iter(tf.data.experimental.make_csv_dataset(path, 2, num_epochs=1, shuffle=False)), None)
    )
    rows = data.split(b"\n")
    tolerant(lambda: tf.io.decode_csv(rows, [[0], [0.0], [""]]))
    tolerant(lambda: tf.io.decode_csv(rows, [tf.int64], select_cols=[0]))


@target(lambda: [b"a\t1\nb\t2\n"])
def table_file(data: bytes) -> None:
    path = str(put("v.txt", data))
    tf.lookup.TextFileInitializer(path, tf.string, 0, tf.int64, 1)


@target(lambda: [b"a\nb\nc\n"])
def vocabulary(data: bytes) -> None:
    import addax as keras

    path = str(put("vocabulary.txt", data))
    keras.layers.StringLookup(vocabulary=path)
    keras.layers.IntegerLookup(vocabulary=path)


def _sounds() -> list[bytes]:
    found = []
    for width in (1, 2, 3, 4):
        out = io.BytesIO()
        with wave.open(out, "wb") as file:
            file.setnchannels(2)
            file.setsampwidth(width)
            file.setframerate(8000)
            file.writeframes(bytes(range(width * 2 * 4)))
        found.append(out.getvalue())
    return found


@target(_sounds)
def wav(data: bytes) -> None:
    from addax.utils._audio import read_wav

    read_wav(put("s.wav", data))


# Datasets -------------------------------------------------------------------------------------------------
def _saved() -> list[bytes]:
    found = []
    for kind, packed in ((None, False), ("GZIP", True)):
        folder = place() / f"saved-{packed}"
        data = tf.data.Dataset.from_tensor_slices({"a": np.arange(3), "s": ["x", "yz", ""]})
        data.save(str(folder), compression=kind)
        (shard,) = folder.glob("shard-*")
        index = (folder / "dataset.json").read_bytes()
        found.append(struct.pack("<H", len(index)) + index + shard.read_bytes())
    return found


@target(_saved)
def saved_dataset(data: bytes) -> None:
    (size,) = struct.unpack("<H", data[:2].ljust(2, b"\0"))
    index, shard = data[2 : 2 + size], data[2 + size :]
    try:
        names = [part["file"] for part in json.loads(index)["shards"]]
    except (ValueError, TypeError, KeyError, RecursionError):
        names = []
    for name in names:
        if isinstance(name, str) and name.startswith("shard-") and name.isascii() and "/" not in name:
            if name.isprintable() and len(name) < 100:
                put(f"saved/{name}", shard)
    put("saved/dataset.json", index)
    try:
        for _ in tf.data.Dataset.load(str(place() / "saved")).take(100):
            pass
    finally:
        shutil.rmtree(place() / "saved")


@target(lambda: [seed[2 + struct.unpack("<H", seed[:2])[0] :] for seed in _saved()])
def cache_file(data: bytes) -> None:
    path = put("c.cache", data).with_suffix("")
    for _ in tf.data.Dataset.range(2).cache(str(path)):
        pass


def _arrays() -> list[bytes]:
    seeds = []
    for array in (np.arange(6, dtype="int32").reshape(2, 3), np.array([[1, 2], [3]], object)):
        out = io.BytesIO()
        np.save(out, array, allow_pickle=True)
        seeds.append(out.getvalue())
    return seeds


@target(_arrays)
def npy(data: bytes) -> None:
    from addax.formats import decode_npy

    decode_npy(data)


def _npz() -> list[bytes]:
    seeds = []
    for save in (np.savez, np.savez_compressed):
        out = io.BytesIO()
        save(out, x=np.arange(6), y=np.ones((2, 2), "float32"))
        seeds.append(out.getvalue())
    return seeds


@target(_npz)
def npz(data: bytes) -> None:
    from addax.datasets._files import read_npz

    read_npz(put("a.npz", data), ("x", "y"))


def _pickles() -> list[bytes]:
    batch = {b"data": np.zeros((2, 3072), "uint8"), b"labels": [1, 2], "n": [None, True, 2.5, ("a",)]}
    return [pickle.dumps(batch, 4), pickle.dumps([1, [2], {}], 2)]


@target(_pickles)
def cifar(data: bytes) -> None:
    from addax.datasets._files import read_cifar

    read_cifar(put("batch", data), b"labels")


@target(lambda: [gzip.compress(b"\0\0\x08\x01\0\0\0\x03abc", mtime=0)])
def idx(data: bytes) -> None:
    from addax.datasets._files import read_idx

    read_idx(put("idx.gz", data))


@target(lambda: [b'{"the": 1, "a": 2}'])
def word_index(data: bytes) -> None:
    from addax.datasets._files import read_json

    read_json(put("words.json", data))
