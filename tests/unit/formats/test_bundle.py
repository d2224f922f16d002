import dataclasses
import os
import struct
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest

from addax.formats import BundleReader, encode_table, masked_crc32c, shape_message, write_bundle
from addax.formats._bundle import _SCHEMA

TENSORS = {
    "dense/kernel": np.arange(6, dtype="float32").reshape(2, 3),
    "dense/bias": np.zeros(3, "float16"),
    "count": np.int64(7),
    "flag": np.array([True, False]),
    "empty": np.zeros((0, 4), "float32"),
    "half": np.array([1.5, -2], ml_dtypes.bfloat16),
    "graph": b"\x0a\x00graph",
    "words": np.array([[b"a", b"bcd"], [b"", b"x" * 300]], object),
    "big": np.random.default_rng(0).standard_normal((100, 60)),
}
DATA = ".data-00000-of-00001"
FIXTURES = Path(__file__).parent / "fixtures"  # written by TensorFlow 2.21, see tests/oracle/README.md


@pytest.fixture
def prefix(tmp_path):
    path = tmp_path / "folder" / "weights"
    write_bundle(path, TENSORS)
    return path


def write_index(path, entry, header=None):
    """An index with one hand-made entry, beside a data file of 24 bytes."""
    items = [
        (b"", _SCHEMA.encode("Header", header or {"num_shards": 1})),
        (b"x", _SCHEMA.encode("Entry", entry)),
    ]
    path.with_name(path.name + ".index").write_bytes(encode_table(items))
    path.with_name(path.name + DATA).write_bytes(bytes(24))
    return BundleReader(path)


def test_a_bundle_round_trips(prefix):
    reader = BundleReader(prefix)
    assert sorted(reader) == sorted(TENSORS)
    assert len(reader) == len(TENSORS)
    for key, value in TENSORS.items():
        expected = np.asarray(value, object) if isinstance(value, bytes) else np.asarray(value)
        assert reader[key].dtype == expected.dtype, key
        assert reader[key].shape == expected.shape, key
        np.testing.assert_array_equal(reader[key], expected)


def test_entries_tell_dtype_and_shape_without_reading(prefix):
    entry = BundleReader(prefix).entry("dense/kernel")
    assert (entry.dtype, entry.shape, entry.size) == (np.float32, (2, 3), 24)


def test_what_is_read_can_be_written_to(prefix):
    kernel = BundleReader(prefix)["dense/kernel"]
    kernel += 1
    assert kernel[0, 0] == 1


def test_big_endian_arrays_are_stored_little_endian(tmp_path):
    write_bundle(tmp_path / "w", {"x": np.array([1, 2], ">i4")})
    assert (tmp_path / f"w{DATA}").read_bytes() == struct.pack("<2i", 1, 2)


def test_a_missing_key_is_a_key_error(prefix):
    with pytest.raises(KeyError):
        BundleReader(prefix)["dense"]


def test_a_missing_index_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="none.index"):
        BundleReader(tmp_path / "none")


def test_a_missing_data_file_is_named(prefix):
    os.remove(f"{prefix}{DATA}")
    with pytest.raises(ValueError, match="data-00000-of-00001"):
        BundleReader(prefix)["count"]


def test_a_truncated_data_file_is_a_value_error(prefix):
    os.truncate(f"{prefix}{DATA}", 10)
    with pytest.raises(ValueError, match="data file of 10 bytes"):
        BundleReader(prefix)["dense/kernel"]


@pytest.mark.parametrize("key", ["dense/kernel", "graph", "words", "big"])
def test_a_flipped_bit_is_noticed(prefix, key):
    entry = BundleReader(prefix).entry(key)
    with open(f"{prefix}{DATA}", "r+b") as file:
        file.seek(entry.offset + entry.size - 1)
        last = file.read(1)
        file.seek(entry.offset + entry.size - 1)
        file.write(bytes([last[0] ^ 1]))
    with pytest.raises(ValueError, match="checksum"):
        BundleReader(prefix)[key]


def test_objects_that_are_not_bytes_are_refused(tmp_path):
    with pytest.raises(ValueError, match="'x': expected an array of numbers or of bytes"):
        write_bundle(tmp_path / "w", {"x": np.array(["text", None], object)})


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ({"dtype": 1, "shape": shape_message((6,)), "size": 20}, "expected the bytes of a tensor"),
        ({"dtype": 1, "shape": shape_message((1 << 60,)), "size": 24}, "expected the bytes of a tensor"),
        ({"dtype": 1, "shape": shape_message((6,)), "size": 24, "offset": 4}, "expected bytes within"),
        ({"dtype": 1, "shape": shape_message((6,)), "size": 24, "offset": -4}, "expected bytes within"),
        ({"dtype": 1, "shape": shape_message((0,)), "size": -4, "offset": 4}, "expected bytes within"),
        ({"dtype": 1, "shape": shape_message((6,)), "size": 24, "shard_id": 3}, "expected a shard below"),
        ({"dtype": 1, "shape": shape_message((-1,)), "size": 24}, "fully known shape"),
        ({"dtype": 1, "shape": {"unknown_rank": True}, "size": 24}, "rank"),
        ({"dtype": 20, "shape": shape_message((6,)), "size": 24}, "Unknown dtype code"),
        ({"dtype": 1, "shape": shape_message((6,)), "size": 24, "slices": [{}]}, "partitioned"),
        ({"dtype": 7, "shape": shape_message((1 << 50,)), "size": 24}, "expected the bytes of a tensor"),
        ({"dtype": 7, "shape": shape_message((2,)), "size": 24}, "bytes of strings"),
        ({"dtype": 1, "shape": shape_message((6,)), "size": 24, "crc32c": 1}, "checksum"),
        ({"dtype": 1, "shape": shape_message((0, 2**63 - 1)), "size": 0, "crc32c": 0}, "."),
        ({"dtype": 1, "shape": shape_message((1,) * 100), "size": 4, "crc32c": 0}, "."),
    ],
)
def test_hostile_entries_are_value_errors(tmp_path, entry, problem):
    reader = write_index(tmp_path / "w", entry)
    with pytest.raises(ValueError, match=problem):
        reader["x"]


@pytest.mark.parametrize(
    "header", [{"num_shards": 0}, {"num_shards": 1 << 40}, {"num_shards": 1, "endianness": 1}]
)
def test_hostile_headers_are_value_errors(tmp_path, header):
    with pytest.raises(ValueError, match="expected"):
        write_index(tmp_path / "w", {}, header)


def test_a_table_that_is_not_a_bundle_is_a_value_error(tmp_path):
    (tmp_path / "w.index").write_bytes(encode_table([(b"a", b"b")]))
    with pytest.raises(ValueError, match="bundle header"):
        BundleReader(tmp_path / "w")


def test_several_shards_are_read(tmp_path):
    items = [(b"", _SCHEMA.encode("Header", {"num_shards": 2}))]
    for shard, key in enumerate([b"a", b"b"]):
        content = bytes([shard, shard])
        (tmp_path / f"w.data-0000{shard}-of-00002").write_bytes(content)
        entry = {"dtype": 4, "shape": shape_message((2,)), "shard_id": shard, "size": 2}
        items.append((key, _SCHEMA.encode("Entry", {**entry, "crc32c": masked_crc32c(content)})))
    (tmp_path / "w.index").write_bytes(encode_table(items))
    reader = BundleReader(tmp_path / "w")
    assert reader["b"].tolist() == [1, 1]
    assert reader["a"].tolist() == [0, 0]


def test_a_checkpoint_of_tensorflow_is_read():
    reader = BundleReader(FIXTURES / "tf_checkpoint")
    value = "/.ATTRIBUTES/VARIABLE_VALUE"
    assert len(reader) == 25
    assert reader["kernel" + value].tolist() == [[1, 2, 3], [4, 5, 6]]
    assert reader["step" + value].item() == 7
    assert reader["half" + value].astype("float32").tolist() == [1.5, -2]
    assert reader["words" + value].tolist() == [b"a", b"longer"]
    assert [reader[f"layers/{number}{value}"].item() for number in range(20)] == list(range(20))
    assert b"kernel" in reader["_CHECKPOINTABLE_OBJECT_GRAPH"].item()


def test_tensors_are_stored_as_tensorflow_stores_them(tmp_path):
    theirs = BundleReader(FIXTURES / "tf_checkpoint")
    write_bundle(tmp_path / "w", theirs)
    ours = BundleReader(tmp_path / "w")
    # The order of the data differs, so places do; contents, lengths of strings and checksums do not.
    for key in theirs:
        assert dataclasses.replace(ours.entry(key), offset=theirs.entry(key).offset) == theirs.entry(key)
