"""The framing of event files and TFRecord files: a length, the payload, and a checksum of each."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from addax.formats._crc32c import masked_crc32c

_HEADER_SIZE = 12
_HEADERS = 4096  # how many to remember
# Read in steps, so that a record which declares more than its file holds does not cost that memory.
_STEP = 1 << 24


def encode_record(payload: bytes) -> bytes:
    """Frame one record.

    Example:
        >>> len(encode_record(b"abc"))
        19
    """
    length = struct.pack("<Q", len(payload))
    return b"".join(
        (
            length,
            struct.pack("<I", masked_crc32c(length)),
            payload,
            struct.pack("<I", masked_crc32c(payload)),
        )
    )


def read_records(file: BinaryIO, *, allow_partial: bool = False, first: int = 0) -> Iterator[bytes]:
    """Read the records of a file that is open for reading bytes.

    Args:
        file: Any binary file object, such as one of `gzip.open`.
        allow_partial: Whether the last record may be incomplete, because somebody is still writing the file;
            it is left out then.
        first: The number of the record at which the file stands, for messages.

    Yields:
        The payloads.

    Raises:
        ValueError: A checksum does not match, or the file ends inside a record and `allow_partial` is False.
    """
    number = first
    sound: set[bytes] = set()  # headers that were checked: records of one length have the same
    while header := _read(file, _HEADER_SIZE):
        if len(header) < _HEADER_SIZE:
            if allow_partial:
                return
            raise ValueError(f"Truncated record {number}: expected {_HEADER_SIZE} bytes of header.")
        if header not in sound:
            _check(header[:8], header[8:], f"length of record {number}")
            if len(sound) < _HEADERS:
                sound.add(header)
        (length,) = struct.unpack("<Q", header[:8])
        body = _read(file, length + 4)
        if len(body) < length + 4:
            if allow_partial:
                return
            raise ValueError(f"Truncated record {number}: expected {length + 4} bytes, received {len(body)}.")
        _check(body[:length], body[length:], f"record {number}")
        yield body[:length]
        number += 1


def _read(file: BinaryIO, size: int) -> bytes:
    """Read up to `size` bytes, fewer only at the end of the file."""
    parts: list[bytes] = []
    while size > 0 and (part := file.read(min(size, _STEP))):
        parts.append(part)
        size -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _check(data: bytes, stored: bytes, what: str) -> None:
    (expected,) = struct.unpack("<I", stored)
    received = masked_crc32c(data)
    if received != expected:
        raise ValueError(
            f"Corrupt {what}: expected the checksum {expected:#010x}, received {received:#010x}."
        )
