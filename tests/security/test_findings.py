"""What fuzzing (`make fuzz`) and the matrix found, each as one small case that must stay refused in words."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import json
import lzma
import pickle
import struct
import tarfile
import zipfile

import h5py
import numpy as np
import pytest
from tests.security import _files as files
from tests.security.test_files import stack

import addax as keras
import addax.tf as tf
from addax.core import dtypes
from addax.formats import TENSOR_SCHEMA, decode_npy, decode_pickle


def refuse(act, match=None):
    with pytest.raises(ValueError, match=match) as caught:
        act()
    assert not isinstance(caught.value, UnicodeError)


# Archives -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_members_that_unpack_at_once_to_any_size(method, tmp_path):
    """Python unpacks 4 kB of bzip2 or LZMA as a whole, whatever size the directory declares."""
    path = files.archive(tmp_path / "m.keras", compression=method)
    refuse(lambda: keras.models.load_model(path), "packed in a way")
    refuse(
        lambda: keras.utils.get_file(origin=path.as_uri(), cache_dir=tmp_path, extract=True),
        "packed in a way",
    )


def test_a_member_without_a_name(tmp_path):
    path = files.archive(tmp_path / "m.keras", more=[("x", b"1")])
    data = path.read_bytes()
    path.write_bytes(data.replace(b"x1PK", b"x1PK"))
    with zipfile.ZipFile(path, "a") as file:
        file.filelist[-1].filename = ""
        file._didModify = True
    refuse(lambda: keras.models.load_model(path), "leads out|damaged")


def test_many_small_members(tmp_path):
    more = [(f"assets/{n}", b"0" * (1 << 19)) for n in range(30)]
    path = files.archive(tmp_path / "m.keras", more=more, compression=zipfile.ZIP_DEFLATED)
    refuse(lambda: keras.models.load_model(path), "far more")


def _tar_with(header: tarfile.TarInfo, content: bytes) -> bytes:
    return header.tobuf(tarfile.USTAR_FORMAT) + content.ljust(-(-len(content) // 512) * 512, b"\0")


def _got(content: bytes, tmp_path):
    (tmp_path / "a.tar").write_bytes(content)
    origin = (tmp_path / "a.tar").as_uri()
    return lambda: keras.utils.get_file(origin=origin, cache_dir=tmp_path / "home", extract=True)


@pytest.mark.parametrize("pack", [lambda data: data, gzip.compress, bz2.compress, lzma.compress])
def test_a_header_of_a_tar_file_that_is_read_as_a_whole(pack, tmp_path):
    """An extended header has any size, and Python's tarfile reads it in one piece."""
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, 8 << 20
    refuse(_got(pack(_tar_with(header, b"0" * (8 << 20)) + bytes(1024)), tmp_path), "far more|no archive")


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress])
def test_a_tar_file_of_too_many_members(pack, tmp_path):
    header = tarfile.TarInfo("x").tobuf(tarfile.USTAR_FORMAT)
    refuse(_got(pack(header * 12_000 + bytes(1024)), tmp_path), "far more")


# HDF5 -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "piece",
    [bytes(16), b"\2\0" + bytes(6) + b"\xff" * 8, b"\xff" * 4 + bytes(4) + b"\2" + bytes(7)],
    ids=["empty", "endless", "number"],
)
def test_texts_that_keep_the_library_busy_for_ever(piece, tmp_path):
    """A piece of no size in a collection of texts, or one whose end overflows: HDF5 2.0 never gets past it."""
    path = files.legacy(tmp_path / "m.h5", files.sequential(files.dense()))
    data = bytearray(path.read_bytes())
    heap = data.index(b"GCOL")
    size = int.from_bytes(data[heap + 24 : heap + 32], "little")
    free = heap + 16 + 16 + -(-size // 8) * 8
    data[free : free + 16] = piece
    path.write_bytes(data)
    refuse(lambda: keras.models.load_model(path), "damaged")
    refuse(lambda: stack().load_weights(path), "damaged")


def _fill(path, make):
    with h5py.File(path, "w") as file:
        group = file.require_group("layers/dense/vars")
        files.plain_weights(file)
        make(file, group)
    return path


def test_one_array_under_a_thousand_names(tmp_path):
    def make(file, group):
        file["a"] = np.zeros(1 << 16)
        for number in range(1000):
            file[f"b{number}"] = file["a"]

    path = _fill(tmp_path / "m.weights.h5", make)
    refuse(lambda: keras.saving.KerasFileEditor(path), "more than the file holds")


def test_groups_without_end_in_the_editor(tmp_path):
    path = _fill(
        tmp_path / "m.weights.h5", lambda file, group: file.__setitem__("layers/again", file["layers"])
    )
    refuse(lambda: keras.saving.KerasFileEditor(path), "without end|more than the file")


def test_a_key_that_is_missing_is_damage_too(tmp_path):
    from addax.saving._hdf5 import opened_weights

    path = _fill(tmp_path / "m.weights.h5", lambda file, group: None)
    with opened_weights(path) as file:
        refuse(lambda: file.group("layers/dense/vars")["7"], "vars/7 is missing")
        with pytest.raises(KeyError):
            file.group("layers/dense/vars")["7"]


def test_names_of_weights_that_come_again_and_again(tmp_path):
    """Shapes of old files are compared before anything is read, however often a name is listed."""
    path = files.legacy(tmp_path / "m.h5", files.sequential(files.dense()))
    with h5py.File(path, "a") as file:
        group = file["model_weights/dense"]
        group.attrs["weight_names"] = np.array([b"dense/kernel"] * 3000)
    refuse(lambda: keras.models.load_model(path), "do not fit")


# Configs --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("ending", [".keras", ".h5"])
def test_a_config_of_a_model_that_the_file_does_not_hold(ending, tmp_path):
    make = files.archive if ending == ".keras" else files.legacy
    path = make(tmp_path / f"m{ending}", files.sequential(files.dense(units=1 << 32)))
    refuse(lambda: keras.models.load_model(path), "far larger than what it came with")


def test_a_large_model_that_the_file_does_hold(tmp_path, monkeypatch):
    from addax.core import serial

    monkeypatch.setattr(serial, "_FREE", 64)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(50)])
    model.compile("adam", "mse")
    for name in ("m.keras", "m.h5"):
        model.save(tmp_path / name)
        loaded = keras.models.load_model(tmp_path / name)
        np.testing.assert_array_equal(loaded.get_weights()[0], model.get_weights()[0])


def test_variables_beyond_the_memory_of_the_machine():
    refuse(
        lambda: keras.models.model_from_json(json.dumps(files.sequential(files.dense(units=1 << 50)))),
        "larger",
    )
    refuse(
        lambda: keras.Sequential.from_config(files.sequential(files.dense(units=1 << 50))["config"]), "memory"
    )
    refuse(lambda: keras.layers.Dense(1 << 50).build((None, 3)), "memory")


@pytest.mark.parametrize(
    "layer",
    [
        files.entry("StringLookup", {"vocabulary": ["a"], "num_oov_indices": 1 << 33}),
        files.dense(kernel_initializer={"class_name": "__numpy__", "config": {"value": [1], "dtype": "1,,"}}),
    ],
)
def test_configs_that_make_no_sense(layer, tmp_path):
    with contextlib.suppress(TypeError, ValueError):
        keras.layers.deserialize({**layer, "build_config": {"input_shape": [None, 3]}})


@pytest.mark.parametrize("training", [{"optimizer_config": {}}, {"optimizer_config": {"class_name": 3}}])
def test_a_compilation_that_makes_no_sense(training, tmp_path):
    path = files.legacy(tmp_path / "m.h5", files.sequential(files.dense()))
    with h5py.File(path, "a") as file:
        file.attrs["training_config"] = json.dumps({"loss": "mse", "metrics": None, **training})
    with pytest.raises(TypeError, match="Could not find the class"):
        keras.models.load_model(path)


def test_an_optimizer_that_is_a_text():
    refuse(lambda: keras.optimizers.deserialize("os.system"), "no optimizer")
    refuse(lambda: keras.optimizers.deserialize({}), "no optimizer")


@pytest.mark.parametrize("topology", [{}, {"model_config": {"a": 1}}, []])
def test_a_layers_model_without_a_model(topology, tmp_path):
    index = {"format": "layers-model", "modelTopology": topology, "weightsManifest": []}
    (tmp_path / "model.json").write_text(json.dumps(index))
    refuse(lambda: keras.models.load_model(tmp_path))


def test_a_description_of_a_program_that_is_no_text(tmp_path):
    from addax.export import load_stablehlo

    (tmp_path / "model.json").write_bytes(b'{"\xff')
    refuse(lambda: load_stablehlo(tmp_path), "not JSON")


@pytest.mark.parametrize(
    "text", ["", "[]", "[" * 100_000, '{"config": {}}', '{"config": {"word_counts": "{"}}']
)
def test_a_tokenizer_that_is_none(text):
    refuse(lambda: keras.preprocessing.text.tokenizer_from_json(text), "no tokenizer")


# Arrays ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("kind", "shape"),
    [("<f1", "(0,)"), ("|b8", "(0,)"), ("<f4", f"(0, {10**30})"), ("<f4", f"({10**30}, 0)")],
)
def test_arrays_that_are_none(kind, shape):
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}".encode().ljust(117) + b"\n"
    refuse(lambda: decode_npy(b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header))


def test_arrays_of_a_pickle_that_share_their_bytes():
    piece = pickle.dumps(np.zeros(4000, "uint8"), 4)
    body = piece[piece.index(b"\x8c") : -1]
    content = body.index(b"B" + struct.pack("<I", 4000))
    memo = body[:content].count(b"\x94")  # the number under which the bytes are remembered
    again = body[:content] + b"h" + bytes([memo]) + body[content + 5 + 4000 + 1 :]
    refuse(
        lambda: decode_pickle(b"\x80\x04](" + body + again * 100 + b"e."),
        "more than the file|cannot be read|no data",
    )
    assert len(decode_pickle(b"\x80\x04](" + body + b"e.")) == 1


def test_a_dtype_that_is_code():
    refuse(lambda: dtypes.numpy_dtype("1,,"), "Invalid dtype")


def test_a_tensor_of_one_value_in_a_few_bytes():
    proto = {"dtype": 1, "tensor_shape": {"dim": [{"size": 1 << 34}]}, "float_val": [1.0]}
    refuse(lambda: tf.io.parse_tensor(TENSOR_SCHEMA.encode("Tensor", proto), tf.float32), "far larger")
    small = {"dtype": 1, "tensor_shape": {"dim": [{"size": 5}]}, "float_val": [1.0]}
    assert tf.io.parse_tensor(TENSOR_SCHEMA.encode("Tensor", small), tf.float32).shape == (5,)


def test_a_tensor_whose_values_do_not_fit():
    for dtype, field in ((4, "int_val"), (6, "int_val"), (9, "uint64_val")):
        proto = {"dtype": dtype, "tensor_shape": {"dim": [{"size": 1}]}, field: [266]}
        with contextlib.suppress(ValueError):
            tf.io.parse_tensor(TENSOR_SCHEMA.encode("Tensor", proto), tf.float32)


# Data -----------------------------------------------------------------------------------------------------
_CACHES = {
    "a size without bytes": b'0\n+["int32", [1], 9223372036854775808, null]\n',
    "a negative size": b'0\n+["int32", [1], -1, null]\nabcd',
    "texts without lengths": b'0\n+["string", [1099511627776], 0, null]\n',
    "a form that is none": b'{"tupl": []}\n+',
    "a form that is no text": b'"\xff"\n+',
    "a form without end": b"[" * 100_000 + b"\n",
    "a dtype that is code": b'0\n+["1,,", [1], 4, null]\nabcd',
}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("what", _CACHES)
def test_caches_that_are_damaged(what, packed, tmp_path):
    data = b"addax-cache-1\n" + _CACHES[what]
    (tmp_path / "c.cache").write_bytes(gzip.compress(data)[:-9] if packed else data)
    refuse(lambda: list(tf.data.Dataset.range(2).cache(str(tmp_path / "c"))), "damaged")


@pytest.mark.parametrize("index", [b"[" * 100_000, b"\xff", b'{"format": "addax-dataset-1", "spec": 1}'])
def test_a_saved_dataset_whose_index_is_none(index, tmp_path):
    (tmp_path / "dataset.json").write_bytes(index)
    refuse(lambda: tf.data.Dataset.load(str(tmp_path)), "no index")


def test_a_shard_that_is_the_folder_above(tmp_path):
    tf.data.Dataset.range(3).save(str(tmp_path / "d"))
    index = json.loads((tmp_path / "d/dataset.json").read_text())
    index["shards"][0]["file"] = ".."
    (tmp_path / "d/dataset.json").write_text(json.dumps(index))
    refuse(lambda: tf.data.Dataset.load(str(tmp_path / "d")), "no index")


def test_an_integer_that_is_too_large_is_no_end_of_the_data(tmp_path):
    (tmp_path / "a.csv").write_text(f"1\n{10**30}\n")
    refuse(lambda: list(tf.data.experimental.CsvDataset(str(tmp_path / "a.csv"), [tf.int64])), "no int64")


@pytest.mark.parametrize("lines", [["1", "1\r2"], ['"a', 'b"'], ["", ""]])
def test_lines_that_are_no_csv(lines):
    refuse(lambda: tf.io.decode_csv(lines, [[0]], select_cols=[1]))


def test_words_and_numbers_of_tables(tmp_path):
    (tmp_path / "t.txt").write_bytes(b"a\t" + b"9" * 40 + b"\n")
    path = str(tmp_path / "t.txt")
    refuse(lambda: tf.lookup.TextFileInitializer(path, tf.string, 0, tf.int64, 1), "no number")
    (tmp_path / "v.txt").write_bytes(b"a\xff\n")
    refuse(lambda: keras.layers.StringLookup(vocabulary=str(tmp_path / "v.txt")), "no list of tokens")


def test_a_word_index_without_end(tmp_path):
    from addax.datasets._files import read_json

    (tmp_path / "w.json").write_bytes(b"[" * 100_000)
    refuse(lambda: read_json(tmp_path / "w.json"), "damaged")


@pytest.mark.parametrize("change", [(16, b"\xff\xff\xff\xff"), (34, b"\x28\0"), (40, b"\xff\xff\xff\xff")])
def test_sounds_that_are_damaged(change, tmp_path):
    import wave

    from addax.utils._audio import read_wav

    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setparams((1, 2, 8000, 2, "NONE", ""))
        file.writeframes(bytes(4))
    data, (at, content) = bytearray(out.getvalue()), change
    data[at : at + len(content)] = content
    (tmp_path / "s.wav").write_bytes(data)
    try:
        assert len(read_wav(tmp_path / "s.wav")[0]) <= 2
    except ValueError as error:
        assert "no WAV file" in str(error)


@pytest.mark.parametrize(
    "metric", [("AUC", {"num_thresholds": 1 << 40}), ("MeanIoU", {"num_classes": 1 << 40})]
)
def test_a_metric_that_counts_without_end(metric, tmp_path):
    """A list of thresholds or classes was made before anything asked how long it is."""
    name, config = metric
    described = files.entry(name, config, "keras.metrics")
    training = {"loss": "mse", "metrics": [described], "optimizer": "adam"}
    path = files.archive(
        tmp_path / "m.keras", {**files.sequential(files.dense()), "compile_config": training}
    )
    refuse(lambda: keras.models.load_model(path), "larger|more than")


def test_programs_that_the_reader_of_mlir_crashes_on(monkeypatch):
    from tests.unit.export.test_examine import CRASHES, changed

    from addax.export import _examine

    monkeypatch.setattr(_examine, "_SECONDS", 1)
    refuse(lambda: _examine.check_module(changed(*CRASHES[0]), "evil"), "StableHLO program")
