"""Words of a whole batch of texts looked up at once, without a Python object for each of them.

A word of up to 16 bytes is two 64-bit numbers, which is exact. They are found in a table with open addressing, in as
many steps over arrays as the longest run of occupied places has. Longer words are looked up one by one.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

_WIDTH = 16
_SPACE, _END = 32, 0
_WHITE = bytes(_SPACE if chr(i) in "\t\n\v\f\r" else i for i in range(256))
_FULL = 2**64 - 1
_LOW = np.array([min(256 ** min(n, 8) - 1, _FULL) for n in range(_WIDTH + 1)], "uint64")
_HIGH = np.array([min(256 ** max(n - 8, 0) - 1, _FULL) for n in range(_WIDTH + 1)], "uint64")
_MIX = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F], "uint64")  # odd, with bits all over


class WordTable:
    """The indices of words.

    Args:
        indices: The index of each word, in bytes.
        unknown: The index of any other word.
    """

    def __init__(self, indices: Mapping[bytes, int], unknown: int) -> None:
        self.indices, self.unknown = indices, unknown
        words = [w for w in indices if 0 < len(w) <= _WIDTH and b"\0" not in w]
        bits = max(4, (2 * len(words)).bit_length())  # a quarter to a half of the places is occupied
        self.shift, self.last = np.uint64(64 - bits), (1 << bits) - 1
        self.low, self.high = np.zeros((2, 1 << bits), "uint64")
        self.found = np.full(1 << bits, unknown, "int64")
        self._insert(words)

    def _insert(self, words: list[bytes]) -> None:
        keys = np.frombuffer(b"".join(w.ljust(_WIDTH, b"\0") for w in words), "<u8").reshape(-1, 2)
        low, high = keys[:, 0], keys[:, 1]
        values = np.array([self.indices[w] for w in words], "int64")
        place = self._place(low, high)
        left = np.arange(len(words))
        while left.size:
            free = left[self.low[place[left]] == 0]
            first = free[np.unique(place[free], return_index=True)[1]]
            at = place[first]
            self.low[at], self.high[at], self.found[at] = low[first], high[first], values[first]
            left = np.setdiff1d(left, first, assume_unique=True)
            place[left] = (place[left] + 1) & self.last

    def _place(self, low: np.ndarray, high: np.ndarray) -> np.ndarray:
        return ((((low * _MIX[0]) ^ high) * _MIX[1]) >> self.shift).astype("intp")

    def rows(self, texts: list[bytes], letters: bytes | None, dropped: bytes) -> tuple | None:
        """The indices of the words of texts, which whitespace of ASCII divides.

        Args:
            texts: The texts.
            letters: What becomes of each of the 256 bytes, as in `bytes.translate`; None for no change.
            dropped: Bytes that are left out first.

        Returns:
            The indices of all words, one text behind the other, and the number of words of each text; None if a text
            holds a zero byte, which divides the texts here.
        """
        letters = _WHITE if letters is None else letters.translate(_WHITE)
        joined = b" " + b"\0".join(texts).translate(letters, dropped) + b"\0"
        buffer = np.frombuffer(joined + bytes(2 * _WIDTH), "uint8")
        ends_of_texts = np.flatnonzero(buffer[: len(joined)] == _END)
        if len(ends_of_texts) != len(texts):
            return None
        between = (buffer == _SPACE) | (buffer == _END)
        edges = np.flatnonzero(between[1:] != between[:-1]) + 1
        starts, ends = edges[0::2], edges[1::2]
        counts = np.diff(np.searchsorted(starts, ends_of_texts), prepend=0)
        return self._find(joined, buffer, starts, ends), counts

    def _find(self, text: bytes, buffer: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
        eight = np.ndarray(
            len(buffer) - 8, "<u8", buffer.data, 0, (1,)
        )  # the eight bytes that begin at each place
        lengths = ends - starts
        width = np.minimum(lengths, _WIDTH)
        low, high = eight[starts] & _LOW[width], eight[starts + 8] & _HIGH[width]
        place = self._place(low, high)
        there = self.low[place]
        same = (there == low) & (self.high[place] == high)
        found = np.where(same, self.found[place], self.unknown)
        left = np.flatnonzero(~same & (there != 0))
        while left.size:  # another word has the place: go on to the next
            place[left] = (place[left] + 1) & self.last
            at = place[left]
            there = self.low[at]
            same = (there == low[left]) & (self.high[at] == high[left])
            found[left[same]] = self.found[at[same]]
            left = left[~same & (there != 0)]
        for i in np.flatnonzero(lengths > _WIDTH):
            found[i] = self.indices.get(text[starts[i] : ends[i]], self.unknown)
        return found
