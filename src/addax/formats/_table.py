"""LevelDB tables, uncompressed: sorted keys and values, as in the index file of a TensorFlow checkpoint."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

from addax.formats._crc32c import crc32c, mask_crc, masked_crc32c
from addax.formats._wire import decode_varint, encode_varint

_MAGIC = 0xDB4775248B80FB57
_FOOTER_SIZE = 48
_TRAILER_SIZE = 5  # the compression type and a checksum
_RESTART_INTERVAL = 16
_BLOCK_ENTRIES = 256
# Keys share prefixes, so a table spells out more than it stores; an honest one stays far below this factor.
_MAX_EXPANSION = 64


def encode_table(items: Sequence[tuple[bytes, bytes]]) -> bytes:
    """Write a table.

    Args:
        items: Keys and values, the keys in strictly ascending order of their bytes.

    Returns:
        The bytes of the table file.

    Raises:
        ValueError: The keys do not ascend.
    """
    for (first, _), (second, _) in zip(items, items[1:], strict=False):
        if first >= second:
            raise ValueError(f"Expected strictly ascending table keys, received {first!r} before {second!r}.")
    out = bytearray()
    index: list[tuple[bytes, bytes]] = []
    for start in range(0, len(items), _BLOCK_ENTRIES):
        chunk = items[start : start + _BLOCK_ENTRIES]
        index.append((chunk[-1][0], _append_block(out, _encode_block(chunk))))
    meta_handle = _append_block(out, _encode_block([]))
    index_handle = _append_block(out, _encode_block(index, interval=1))
    footer = (meta_handle + index_handle).ljust(_FOOTER_SIZE - 8, b"\0")
    return bytes(out) + footer + struct.pack("<Q", _MAGIC)


def _encode_block(items: Sequence[tuple[bytes, bytes]], interval: int = _RESTART_INTERVAL) -> bytes:
    out, restarts, last = bytearray(), [], b""
    for number, (key, value) in enumerate(items):
        shared = 0
        if number % interval == 0:
            restarts.append(len(out))
        else:
            shared = _common_prefix(key, last)
        out += encode_varint(shared) + encode_varint(len(key) - shared) + encode_varint(len(value))
        out += key[shared:] + value
        last = key
    restarts = restarts or [0]
    return bytes(out) + struct.pack(f"<{len(restarts)}I", *restarts) + struct.pack("<I", len(restarts))


def _common_prefix(first: bytes, second: bytes) -> int:
    size = min(len(first), len(second))
    return next((index for index in range(size) if first[index] != second[index]), size)


def _append_block(out: bytearray, block: bytes) -> bytes:
    """Append a block with its trailer, and return its handle."""
    handle = encode_varint(len(out)) + encode_varint(len(block))
    out += block + b"\0" + struct.pack("<I", masked_crc32c(block + b"\0"))
    return handle


def decode_table(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Read a table, checking bounds, checksums and order.

    Args:
        data: The bytes of the table file; they may come from anywhere.

    Yields:
        Keys and values, the keys in strictly ascending order.

    Raises:
        ValueError: The bytes are not an intact, uncompressed table.

    Example:
        >>> dict(decode_table(encode_table([(b"a", b"1"), (b"b", b"2")])))
        {b'a': b'1', b'b': b'2'}
    """
    if len(data) < _FOOTER_SIZE or struct.unpack("<Q", data[-8:])[0] != _MAGIC:
        raise ValueError(
            f"Not a table file: expected {_FOOTER_SIZE} bytes or more that end in the table's magic number, "
            f"received {len(data)} bytes that end in {data[-8:].hex() or 'nothing'}."
        )
    footer = data[-_FOOTER_SIZE:-8]
    _, position = _decode_handle(footer, 0)
    index_handle, _ = _decode_handle(footer, position)
    body = memoryview(data)[:-_FOOTER_SIZE]
    last, total, block_end = None, 0, 0
    for _, handle_bytes in _decode_block(body, index_handle):
        handle, _ = _decode_handle(handle_bytes, 0)
        if handle[0] < block_end:
            raise ValueError("Malformed table: the index does not list the blocks in their order.")
        block_end = handle[0] + handle[1]
        for key, value in _decode_block(body, handle):
            total += len(key)
            if total > _MAX_EXPANSION * len(data):
                raise ValueError(f"Malformed table: its keys take over {_MAX_EXPANSION} times its size.")
            if last is not None and key <= last:
                raise ValueError(f"Malformed table: the key {key!r} comes after {last!r}.")
            last = key
            yield key, value


def _decode_handle(data: bytes, position: int) -> tuple[tuple[int, int], int]:
    offset, position = decode_varint(data, position)
    size, position = decode_varint(data, position)
    return (offset, size), position


def _decode_block(body: memoryview, handle: tuple[int, int]) -> Iterator[tuple[bytes, bytes]]:
    offset, size = handle
    end = offset + size
    if size < 4 or end + _TRAILER_SIZE > len(body):
        raise ValueError(f"Truncated table: a block is said to end at byte {end} of {len(body)}.")
    if body[end] != 0:
        raise ValueError(f"Compressed table block: expected compression type 0, received {body[end]}.")
    (stored,) = struct.unpack("<I", body[end + 1 : end + _TRAILER_SIZE])
    if mask_crc(crc32c(body[offset : end + 1])) != stored:
        raise ValueError(f"Corrupt table: the checksum of the block at byte {offset} does not match.")
    (restarts,) = struct.unpack("<I", body[end - 4 : end])
    entries_size = size - 4 - 4 * restarts
    if entries_size < 0:
        raise ValueError(f"Malformed table: a block of {size} bytes declares {restarts} restart points.")
    return _decode_entries(body[offset : offset + entries_size])


def _decode_entries(block: memoryview) -> Iterator[tuple[bytes, bytes]]:
    position, key = 0, b""
    while position < len(block):
        shared, position = decode_varint(block, position)
        unshared, position = decode_varint(block, position)
        value_size, position = decode_varint(block, position)
        value_at = position + unshared
        end = value_at + value_size
        if shared > len(key) or end > len(block):
            raise ValueError(
                f"Malformed table entry: it shares {shared} of {len(key)} key bytes and ends at byte {end} "
                f"of a block of {len(block)}."
            )
        key = key[:shared] + bytes(block[position:value_at])
        yield key, bytes(block[value_at:end])
        position = end
