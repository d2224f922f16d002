"""CRC-32C (Castagnoli), the checksum of TensorFlow's files; NumPy feeds thousands of lanes at once."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

_POLYNOMIAL = 0x82F63B78  # bit-reversed
_MASK_DELTA = 0xA282EAD8
# Below this size the plain loop is faster; above the other one the transposed copy would cost memory.
_VECTOR_MIN = 1 << 14
_CHUNK = 1 << 24
_SIXTEEN = np.uint32(16)


def _byte_table() -> list[int]:
    table = []
    for register in range(256):
        for _ in range(8):
            register = register >> 1 ^ (_POLYNOMIAL if register & 1 else 0)
        table.append(register)
    return table


_TABLE = _byte_table()


@lru_cache(maxsize=1)
def _word_table() -> np.ndarray:
    """What two bytes do to the register: one look-up instead of two."""
    table = np.asarray(_TABLE, np.uint32)
    low = np.arange(1 << 16, dtype=np.uint32)
    once = table[low & 255] ^ low >> np.uint32(8)
    return table[once & 255] ^ once >> np.uint32(8)


def _apply(columns: list[int], register: int) -> int:
    """Apply a linear map over GF(2), given by the images of the 32 bits."""
    result = bit = 0
    while register:
        if register & 1:
            result ^= columns[bit]
        register >>= 1
        bit += 1
    return result


@lru_cache(maxsize=64)
def _zeros_tables(size: int) -> np.ndarray:
    """Tables, one per register byte, of the map "feed `size` zero bytes"; uint32 of shape (4, 256)."""
    step = [_TABLE[(1 << bit) & 255] ^ (1 << bit) >> 8 for bit in range(32)]
    power = [1 << bit for bit in range(32)]
    while size:
        if size & 1:
            power = [_apply(step, column) for column in power]
        step = [_apply(step, column) for column in step]
        size >>= 1
    tables = np.zeros((4, 256), np.uint32)
    for byte in range(4):
        tables[byte] = [_apply(power, value << 8 * byte) for value in range(256)]
    return tables


def _advance(register: int, data: bytes) -> int:
    table = _TABLE
    for byte in data:
        register = table[(register ^ byte) & 255] ^ register >> 8
    return register


def _advance_lanes(register: int, buffer: np.ndarray) -> tuple[int, int]:
    """Feed most of a big buffer: split it into lanes, run them side by side, then merge neighbours.

    Returns:
        The register and the number of bytes that were fed.
    """
    lanes = 1 << max(6, min(14, buffer.size.bit_length() - 9))
    words = buffer.size // lanes // 2
    used = lanes * words * 2
    body = np.ascontiguousarray(buffer[:used].view("<u2").reshape(lanes, words).T)
    table = _word_table()
    state = np.zeros(lanes, np.uint32)
    state[0] = register
    for row in body:
        state = table[(state ^ row) & 0xFFFF] ^ state >> _SIXTEEN
    span = words * 2
    while state.size > 1:  # register(a + b) = zeros(len(b))(register(a)) ^ register(b)
        tables = _zeros_tables(span)
        left, right = state[0::2], state[1::2]
        shifted = tables[0, left & 255] ^ tables[1, left >> np.uint32(8) & 255]
        shifted ^= tables[2, left >> np.uint32(16) & 255] ^ tables[3, left >> np.uint32(24)]
        state = shifted ^ right
        span *= 2
    return int(state[0]), used


def crc32c(data: bytes | bytearray | memoryview, start: int = 0) -> int:
    """Compute the CRC-32C of bytes.

    Args:
        data: Any contiguous buffer.
        start: The checksum of what stands before `data`, to continue it.

    Returns:
        The checksum, an unsigned 32-bit integer.

    Example:
        >>> hex(crc32c(b"123456789")), crc32c(b"6789", crc32c(b"12345")) == crc32c(b"123456789")
        ('0xe3069283', True)
    """
    register = start ^ 0xFFFFFFFF
    if type(data) is bytes and len(data) < _VECTOR_MIN:
        return _advance(register, data) ^ 0xFFFFFFFF
    buffer = np.frombuffer(data, np.uint8)
    while buffer.size >= _VECTOR_MIN:
        register, used = _advance_lanes(register, buffer[:_CHUNK])
        buffer = buffer[used:]
    return _advance(register, buffer.tobytes()) ^ 0xFFFFFFFF


def masked_crc32c(data: bytes | bytearray | memoryview) -> int:
    """The CRC-32C in the masked form that TensorFlow stores, so that checksums of checksums stay useful."""
    return mask_crc(crc32c(data))


def mask_crc(crc: int) -> int:
    """Rotate a checksum right by 15 bits and add a constant, modulo 2**32."""
    return ((crc >> 15 | crc << 17) + _MASK_DELTA) & 0xFFFFFFFF
