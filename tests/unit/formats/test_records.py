import gzip
import io
import struct
from pathlib import Path

import pytest

from addax.formats import encode_record, masked_crc32c, read_records

PAYLOADS = [b"", b"first", bytes(range(256)) * 100]
DATA = b"".join(map(encode_record, PAYLOADS))


def test_records_round_trip():
    assert list(read_records(io.BytesIO(DATA))) == PAYLOADS


def test_a_compressed_file_object_is_read(tmp_path):
    with gzip.open(tmp_path / "x.tfrecord.gz", "wb") as file:
        file.write(DATA)
    with gzip.open(tmp_path / "x.tfrecord.gz", "rb") as file:
        assert list(read_records(file)) == PAYLOADS


@pytest.mark.parametrize("size", [3, 20, len(DATA) - 1])
def test_a_truncated_file_is_a_value_error(size):
    with pytest.raises(ValueError, match="Truncated record"):
        list(read_records(io.BytesIO(DATA[:size])))


def test_a_partial_last_record_can_be_left_out():
    assert list(read_records(io.BytesIO(DATA[:-1]), allow_partial=True)) == PAYLOADS[:-1]
    assert list(read_records(io.BytesIO(DATA[:5]), allow_partial=True)) == []


@pytest.mark.parametrize("position", [0, 9, 20, 30, len(DATA) - 1])
def test_a_changed_byte_is_noticed(position):
    changed = bytearray(DATA)
    changed[position] ^= 1
    with pytest.raises(ValueError, match="Corrupt"):
        list(read_records(io.BytesIO(changed)))


def test_a_record_that_declares_too_much_costs_nothing():
    length = struct.pack("<Q", 1 << 60)
    data = length + struct.pack("<I", masked_crc32c(length)) + b"few"
    with pytest.raises(ValueError, match="Truncated record 0"):
        list(read_records(io.BytesIO(data)))


def test_a_file_of_tensorflow_is_read_and_written_again():
    data = (Path(__file__).parent / "fixtures" / "tf.tfrecord").read_bytes()
    payloads = list(read_records(io.BytesIO(data)))
    assert payloads == [b"first", b"", bytes(range(256))]
    assert b"".join(map(encode_record, payloads)) == data
