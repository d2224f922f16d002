import struct

import pytest

from addax.formats import decode_table, encode_table, encode_varint
from addax.formats._table import _append_block, _encode_block

ITEMS = [
    (f"layer-{number:04d}/kernel/.ATTRIBUTES".encode(), bytes([number % 256]) * 3) for number in range(700)
]


def assemble(block: bytes, index: list[tuple[bytes, bytes]] | None = None) -> bytes:
    """A table file around one hand-made block, with right checksums."""
    out = bytearray()
    handle = _append_block(out, block)
    meta = _append_block(out, _encode_block([]))
    top = _append_block(out, _encode_block(index or [(b"z", handle)]))
    return bytes(out) + (meta + top).ljust(40, b"\0") + struct.pack("<Q", 0xDB4775248B80FB57)


def test_a_table_of_several_blocks_round_trips():
    assert list(decode_table(encode_table(ITEMS))) == ITEMS


@pytest.mark.parametrize("items", [[], [(b"", b"")], [(b"a", b"x" * 5000), (b"ab", b"")]])
def test_small_tables_round_trip(items):
    assert list(decode_table(encode_table(items))) == items


def test_unsorted_keys_are_refused_when_writing():
    with pytest.raises(ValueError, match="ascending"):
        encode_table([(b"b", b""), (b"a", b"")])


def test_every_changed_byte_of_the_blocks_is_noticed():
    data = encode_table(ITEMS[:40])
    for position in range(len(data) - 48):
        changed = bytearray(data)
        changed[position] ^= 0x10
        try:
            # The meta block is not read, so a change in it may pass.
            assert list(decode_table(bytes(changed))) == ITEMS[:40]
        except ValueError:
            continue


@pytest.mark.parametrize("size", [0, 10, 47, 48, 100])
def test_a_truncated_file_is_a_value_error(size):
    with pytest.raises(ValueError, match="table"):
        list(decode_table(encode_table(ITEMS)[:size]))


def test_a_compressed_block_is_named():
    data = bytearray(encode_table([(b"a", b"1")]))
    data[len(_encode_block([(b"a", b"1")]))] = 1
    with pytest.raises(ValueError, match="Compressed table block"):
        list(decode_table(bytes(data)))


def test_an_entry_that_shares_more_than_there_is_is_refused():
    block = encode_varint(5) + encode_varint(1) + encode_varint(0) + b"a" + struct.pack("<II", 0, 1)
    with pytest.raises(ValueError, match="shares 5 of 0"):
        list(decode_table(assemble(block)))


def test_an_entry_that_leaves_its_block_is_refused():
    block = encode_varint(0) + encode_varint(1) + encode_varint(1 << 40) + b"a" + struct.pack("<II", 0, 1)
    with pytest.raises(ValueError, match="Malformed table entry"):
        list(decode_table(assemble(block)))


def test_more_restart_points_than_bytes_are_refused():
    with pytest.raises(ValueError, match="restart points"):
        list(decode_table(assemble(struct.pack("<I", 1 << 30))))


def test_keys_that_grow_out_of_a_small_file_are_refused():
    # Each entry of four bytes spells out a key of kilobytes: a bomb.
    head = encode_varint(0) + encode_varint(8000) + encode_varint(0) + b"k" * 8000
    entries = b"".join(
        encode_varint(8000 + number) + encode_varint(1) + encode_varint(0) + b"a" for number in range(9000)
    )
    with pytest.raises(ValueError, match="times its size"):
        list(decode_table(assemble(head + entries + struct.pack("<II", 0, 1))))


def test_an_index_that_lists_a_block_twice_is_refused():
    block = _encode_block([(b"a", b"1")])
    handle = encode_varint(0) + encode_varint(len(block))
    with pytest.raises(ValueError, match="order"):
        list(decode_table(assemble(block, [(b"a", handle), (b"b", handle)])))
