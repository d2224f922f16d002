"""Words of a whole batch of texts looked up at once, without a Python object for each of them.

A word of up to 16 bytes is two 64-bit numbers, which is exact. Each has two places in a table, of which it takes one
(cuckoo hashing), so that two steps over arrays find all words. Longer ones are looked up one by one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

_WIDTH = 16
_SPACE, _END = 32, 0
_WHITE = bytes(_SPACE if chr(i) in "\t\n\v\f\r" else i for i in range(256))
_LOW = np.array([256**n - 1 for n in range(9)], "uint64")  # the first n of eight bytes
_ROUNDS = 64
_MIX = np.array(  # odd numbers with bits all over, two for each place
    [[0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F], [0xFF51AFD7ED558CCD, 0x9FB21C651E98DF25]], "uint64"
)


class WordTable:
    """The indices of words.

    Args:
        indices: The index of each word, in bytes.
        unknown: The index of any other word.
    """

    def __init__(self, indices: Mapping[bytes, int], unknown: int) -> None:
        self.indices, self.unknown = indices, unknown
        words = [w for w in indices if 0 < len(w) <= _WIDTH and b"\0" not in w]
        keys = np.frombuffer(b"".join(w.ljust(_WIDTH, b"\0") for w in words), "<u8").reshape(-1, 2)
        bits = max(4, (3 * len(words)).bit_length())  # a sixth to a third of the places is taken
        owners = self._owners(keys[:, 0], keys[:, 1], bits)
        if owners is None:  # rare, unless somebody chose the words for it
            owners = self._owners(keys[:, 0], keys[:, 1], bits + 2)
        self.usable = owners is not None
        if owners is None:
            return
        taken = owners >= 0
        self.low, self.high = np.zeros((2, len(owners)), "uint64")
        self.low[taken], self.high[taken] = keys[owners[taken]].T
        self.found = np.full(len(owners), unknown, "int64")
        self.found[taken] = np.array([indices[w] for w in words], "int64")[owners[taken]]

    def _owners(self, low: np.ndarray, high: np.ndarray, bits: int) -> np.ndarray | None:
        """Which word has each place (-1 for none), every word one of its two; None if there are too few places."""
        self.shift = np.uint64(64 - bits)
        places = np.stack([self._place(low, high, i) for i in range(2)])
        owners, turn = np.full(1 << bits, -1), np.zeros(len(low), "intp")
        homeless = np.arange(len(low))
        for _ in range(_ROUNDS):
            if not homeless.size:
                return owners
            wanted = places[turn[homeless], homeless]
            before = owners[wanted]
            owners[wanted] = homeless  # of several that want the same place, one gets it
            out = np.concatenate([before[before >= 0], homeless[owners[wanted] != homeless]])
            homeless = np.unique(out)
            turn[homeless] ^= 1
        return None

    def _place(self, low: np.ndarray, high: np.ndarray, which: int) -> np.ndarray:
        first, second = _MIX[which]
        mixed = (low * first) ^ high
        return (((mixed ^ (mixed >> np.uint64(32))) * second) >> self.shift).astype("intp")

    def rows(self, texts: list[bytes], letters: bytes | None, dropped: bytes) -> tuple | None:
        """The indices of the words of texts, which whitespace of ASCII divides.

        Args:
            texts: The texts.
            letters: What becomes of each of the 256 bytes, as in `bytes.translate`; None for no change.
            dropped: Bytes that are left out first.

        Returns:
            The indices of all words, one text behind the other, and the number of words of each text; None if they
            must be looked up one by one: if a text holds a zero byte, which divides the texts here.
        """
        if not self.usable:
            return None
        letters = _WHITE if letters is None else letters.translate(_WHITE)
        joined = b" " + b"\0".join(texts).translate(letters, dropped) + b"\0"
        buffer = np.frombuffer(joined + bytes(2 * _WIDTH), "uint8")
        ends_of_texts = np.flatnonzero(buffer[: len(joined)] == _END)
        if len(ends_of_texts) != len(texts):
            return None
        between = (buffer == _SPACE) | (buffer == _END)
        edges = np.flatnonzero(between[1:] != between[:-1]) + 1
        starts, ends = edges[0::2], edges[1::2]
        counts = np.searchsorted(starts, ends_of_texts)
        counts[1:] -= counts[:-1].copy()
        return self._find(joined, buffer, starts, ends), counts

    def _find(self, text: bytes, buffer: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
        eight = np.ndarray(
            len(buffer) - 8, "<u8", buffer.data, 0, (1,)
        )  # the eight bytes that begin at each place
        lengths = ends - starts
        low, high = eight[starts], np.zeros(len(starts), "uint64")
        low &= _LOW[np.minimum(lengths, 8)]
        longer = np.flatnonzero(lengths > 8)
        high[longer] = eight[starts[longer] + 8] & _LOW[np.minimum(lengths[longer] - 8, 8)]
        found = np.full(len(starts), self.unknown)
        left: Any = slice(None)
        for which in range(2):
            place = self._place(low[left], high[left], which)
            same = (self.low[place] == low[left]) & (self.high[place] == high[left])
            found[left] = np.where(same, self.found[place], self.unknown)
            left = np.flatnonzero(~same)
        for i in np.flatnonzero(lengths > _WIDTH):
            found[i] = self.indices.get(text[starts[i] : ends[i]], self.unknown)
        return found
