import numpy as np
import pytest

from addax.formats import crc32c, masked_crc32c
from addax.formats._crc32c import _advance


# The test vectors of RFC 3720, appendix B.4.
@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", 0),
        (b"123456789", 0xE3069283),
        (bytes(32), 0x8A9136AA),
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
        (bytes(range(31, -1, -1)), 0x113FDB5C),
    ],
)
def test_known_vectors(data, expected):
    assert crc32c(data) == expected


@pytest.mark.parametrize("size", [(1 << 14) - 1, 1 << 14, (1 << 14) + 1, 70_001, (1 << 24) + 5])
def test_big_buffers_equal_the_plain_loop(size):
    data = np.random.default_rng(size).bytes(min(size, 70_001))
    data = (data * (size // len(data) + 1))[:size]
    if size > 1 << 20:
        # The loop is slow: check the last piece against a checksum that continues the first.
        assert crc32c(data) == crc32c(data[99_999:], crc32c(data[:99_999]))
    else:
        assert crc32c(data) == _advance(0xFFFFFFFF, data) ^ 0xFFFFFFFF


def test_a_checksum_can_be_continued():
    data = np.random.default_rng(0).bytes(50_000)
    assert crc32c(data[123:], crc32c(data[:123])) == crc32c(data)


def test_any_buffer_is_taken():
    data = b"some bytes"
    assert crc32c(bytearray(data)) == crc32c(memoryview(data)) == crc32c(data)


def test_the_mask_is_that_of_tensorflow():
    # The length field of a record of 24 bytes, as TensorFlow writes it at the head of every event file.
    assert masked_crc32c((24).to_bytes(8, "little")).to_bytes(4, "little").hex() == "a37f4b22"
