"""The hashes by which TensorFlow sorts strings into buckets: FarmHash's Fingerprint64, and SipHash."""

from __future__ import annotations

_MASK = (1 << 64) - 1
_K0 = 0xC3A5C85C97CB3127
_K1 = 0xB492B66FBE98F273
_K2 = 0x9AE16A3B2F90404F
_CROSS = 0xC6A4A7935BD1E995


def fingerprint64(data: bytes) -> int:
    """FarmHash's Fingerprint64 (github.com/google/farmhash), an integer of 64 bits.

    Args:
        data: Any bytes.

    Example:
        >>> fingerprint64(b"a") % 10
        9
    """
    if len(data) <= 16:
        return _short(data)
    if len(data) <= 32:
        return _up_to_32(data)
    if len(data) <= 64:
        return _up_to_64(data)
    return _long(data)


def join_fingerprints(first: int, second: int) -> int:
    """One fingerprint of two, in this order; how TensorFlow crosses features."""
    result = first ^ _CROSS
    result ^= _mixed(second * _CROSS & _MASK) * _CROSS & _MASK
    result = result * _CROSS & _MASK
    return _mixed(_mixed(result) * _CROSS & _MASK)


def _u64(data: bytes, start: int) -> int:
    return int.from_bytes(data[start : start + 8], "little")


def _u32(data: bytes, start: int) -> int:
    return int.from_bytes(data[start : start + 4], "little")


def _turned(value: int, bits: int) -> int:
    value &= _MASK
    return (value >> bits | value << (64 - bits)) & _MASK


def _mixed(value: int) -> int:
    return value ^ value >> 47


def _pair(u: int, v: int, factor: int) -> int:
    a = _mixed((u ^ v) * factor & _MASK)
    b = _mixed((v ^ a) * factor & _MASK)
    return b * factor & _MASK


def _short(data: bytes) -> int:
    size = len(data)
    factor = _K2 + 2 * size
    if size >= 8:
        a, b = _u64(data, 0) + _K2 & _MASK, _u64(data, size - 8)
        return _pair((_turned(b, 37) * factor + a) & _MASK, (_turned(a, 25) + b) * factor & _MASK, factor)
    if size >= 4:
        return _pair(size + (_u32(data, 0) << 3), _u32(data, size - 4), factor)
    if size > 0:
        y = data[0] + (data[size >> 1] << 8)
        z = size + (data[size - 1] << 2)
        return _mixed((y * _K2 ^ z * _K0) & _MASK) * _K2 & _MASK
    return _K2


def _up_to_32(data: bytes) -> int:
    size = len(data)
    factor = _K2 + 2 * size
    a, b = _u64(data, 0) * _K1, _u64(data, 8)
    c, d = _u64(data, size - 8) * factor, _u64(data, size - 16) * _K2
    first = _turned(a + b, 43) + _turned(c, 30) + d
    return _pair(first & _MASK, (a + _turned(b + _K2, 18) + c) & _MASK, factor)


def _up_to_64(data: bytes) -> int:
    size = len(data)
    factor = _K2 + 2 * size
    a, b = _u64(data, 0) * _K2, _u64(data, 8)
    c, d = _u64(data, size - 8) * factor, _u64(data, size - 16) * _K2
    y = (_turned(a + b, 43) + _turned(c, 30) + d) & _MASK
    z = _pair(y, (a + _turned(b + _K2, 18) + c) & _MASK, factor)
    e, f = _u64(data, 16) * factor, _u64(data, 24)
    g, h = (y + _u64(data, size - 32)) * factor, (z + _u64(data, size - 24)) * factor
    first = _turned(e + f, 43) + _turned(g, 30) + h
    return _pair(first & _MASK, (e + _turned(f + a, 18) + g) & _MASK, factor)


def _weak(data: bytes, start: int, a: int, b: int) -> tuple[int, int]:
    w, x, y, z = (_u64(data, start + 8 * i) for i in range(4))
    a = a + w & _MASK
    b = _turned(b + a + z, 21)
    c = a
    a = a + x + y & _MASK
    b += _turned(a, 44)
    return a + z & _MASK, b + c & _MASK


def _long(data: bytes) -> int:
    size = len(data)
    x, y = 81, (81 * _K1 + 113) & _MASK
    z = _mixed(y * _K2 + 113 & _MASK) * _K2 & _MASK
    state = (x * _K2 + _u64(data, 0) & _MASK, y, z, (0, 0), (0, 0))
    end = (size - 1) // 64 * 64
    for start in range(0, end, 64):
        state = _block(data, start, state, _K1, 1)
    x, y, z, v, w = state
    tail = size - 1 & 63
    factor = _K1 + ((z & 0xFF) << 1)
    w = (w[0] + tail & _MASK, w[1])
    v = (v[0] + w[0] & _MASK, v[1])
    w = (w[0] + v[0] & _MASK, w[1])
    x, y, z, v, w = _block(data, end + tail - 63, (x, y, z, v, w), factor, 9)
    first = _pair(v[0], w[0], factor) + _mixed(y) * _K0 + z
    return _pair(first & _MASK, _pair(v[1], w[1], factor) + x & _MASK, factor)


def _block(data: bytes, start: int, state: tuple, factor: int, weight: int) -> tuple:
    """Take in 64 bytes."""
    x, y, z, v, w = state
    x = _turned(x + y + v[0] + _u64(data, start + 8), 37) * factor & _MASK
    y = _turned(y + v[1] + _u64(data, start + 48), 42) * factor & _MASK
    x ^= w[1] * weight & _MASK
    y = y + v[0] * weight + _u64(data, start + 40) & _MASK
    z = _turned(z + w[0], 33) * factor & _MASK
    v = _weak(data, start, v[1] * factor & _MASK, x + w[0] & _MASK)
    w = _weak(data, start + 32, z + w[1] & _MASK, y + _u64(data, start + 16) & _MASK)
    return z, y, x, v, w


def siphash(data: bytes, key: tuple[int, int]) -> int:
    """SipHash-2-4 (Aumasson, Bernstein, 2012), an integer of 64 bits.

    Args:
        data: Any bytes.
        key: Two integers of 64 bits.

    Example:
        >>> siphash(b"a", (1, 2)) % 10
        6
    """
    k0, k1 = (k & _MASK for k in key)
    state = [
        k0 ^ 0x736F6D6570736575,
        k1 ^ 0x646F72616E646F6D,
        k0 ^ 0x6C7967656E657261,
        k1 ^ 0x7465646279746573,
    ]
    whole = len(data) // 8 * 8
    words = [_u64(data, i) for i in range(0, whole, 8)]
    words.append(int.from_bytes(data[whole:], "little") | (len(data) & 0xFF) << 56)
    for word in words:
        state[3] ^= word
        _sip_round(state)
        _sip_round(state)
        state[0] ^= word
    state[2] ^= 0xFF
    for _ in range(4):
        _sip_round(state)
    return state[0] ^ state[1] ^ state[2] ^ state[3]


def _sip_round(state: list[int]) -> None:
    a, b, c, d = state
    a = a + b & _MASK
    b = _turned(b, 51) ^ a
    a = _turned(a, 32)
    c = c + d & _MASK
    d = _turned(d, 48) ^ c
    a = a + d & _MASK
    d = _turned(d, 43) ^ a
    c = c + b & _MASK
    b = _turned(b, 47) ^ c
    state[:] = a, b, _turned(c, 32), d
