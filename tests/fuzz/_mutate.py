"""Changes to bytes, for runs without a fuzzer that goes by coverage."""

from __future__ import annotations

import random
from collections.abc import Iterator

_NUMBERS = [0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, (1 << 63) - 1, (1 << 64) - 1]
_WORDS = [
    b"null",
    b"[]",
    b"{}",
    b"-1",
    b"1e999",
    b"true",
    b'"\\ud800"',
    b"[[[[",
    b"\xff",
    b"\0",
    b"..",
    b"NaN",
]


def mutated(seeds: list[bytes], seed: int) -> Iterator[bytes]:
    """Endlessly, one of the seeds with a few changes.

    Args:
        seeds: Good inputs.
        seed: That of the changes.
    """
    source = random.Random(seed)
    while True:
        data = bytearray(source.choice(seeds))
        for _ in range(source.choice((1, 1, 2, 4, 8))):
            source.choice(_CHANGES)(data, source, seeds)
        yield bytes(data)


def _byte(data: bytearray, source: random.Random, seeds: list[bytes]) -> None:
    if data:
        data[source.randrange(len(data))] = source.randrange(256)


def _bit(data: bytearray, source: random.Random, seeds: list[bytes]) -> None:
    if data:
        data[source.randrange(len(data))] ^= 1 << source.randrange(8)


def _cut(data: bytearray, source: random.Random, seeds: list[bytes]) -> None:
    start = source.randrange(len(data) + 1)
    del data[start : start + source.choice((1, 4, 16, len(data)))]


def _repeat(data: bytearray, source: random.Random, seeds: list[bytes]) -> None:
    start = source.randrange(len(data) + 1)
    piece = data[start : start + source.choice((1, 4, 16, 64))]
    data[start:start] = piece * source.choice((1, 2, 64))


def _number(data: bytearray, source: random.Random, seeds: list[bytes]) -> None:
    number = source.choice(_NUMBERS).to_bytes(8, source.choice(("little", "big")))
    width = source.choice((1, 2, 4, 8))
    start = source.randrange(len(data) + 1)
    data[start : start + width] = number[:width] if number[0] else number[-width:]


def _digits(data: bytearray, source: random.Random, seeds: list[bytes]) -> None:
    places = [i for i, byte in enumerate(data) if 48 <= byte < 58]
    if places:
        start = source.choice(places)
        data[start : start + 1] = str(source.choice((*_NUMBERS, -1, 10**30))).encode()


def _word(data: bytearray, source: random.Random, seeds: list[bytes]) -> None:
    start = source.randrange(len(data) + 1)
    data[start : start + source.choice((0, 1, 4))] = source.choice(_WORDS)


def _splice(data: bytearray, source: random.Random, seeds: list[bytes]) -> None:
    other = source.choice(seeds)
    start, at = source.randrange(len(other) + 1), source.randrange(len(data) + 1)
    data[at:] = other[start:]


_CHANGES = (_byte, _bit, _cut, _repeat, _number, _digits, _word, _splice)
