"""What the data sets of texts, which are lists of word numbers, have in common."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax.core.errors import message


def with_start(texts: Any, start_char: int | None, index_from: int | None) -> list[list[int]]:
    """Texts whose word numbers are moved up, after the number that marks the start."""
    start = [] if start_char is None else [start_char]
    offset = index_from or 0
    return [[*start, *(word + offset for word in text)] for text in texts]


def not_longer(texts: list[list[int]], labels: Any, maxlen: int | None) -> tuple[list[list[int]], Any]:
    """The texts with fewer than `maxlen` words, and their labels.

    Raises:
        ValueError: If none is left.
    """
    if not maxlen:
        return texts, labels
    kept = [number for number, text in enumerate(texts) if len(text) < maxlen]
    if not kept:
        raise ValueError(
            message(
                f"No text has fewer than {maxlen} words.",
                hint=f"Raise maxlen; the shortest text has {min(map(len, texts))}.",
            )
        )
    return [texts[number] for number in kept], np.asarray(labels)[kept]


def limited(
    texts: list[list[int]], num_words: int | None, skip_top: int, oov_char: int | None
) -> list[list[int]]:
    """Texts whose words outside of `skip_top <= word < num_words` are marked as unknown, or left out."""
    most = num_words or max(max(text) for text in texts if text)
    if oov_char is None:
        return [[word for word in text if skip_top <= word < most] for text in texts]
    return [[word if skip_top <= word < most else oov_char for word in text] for text in texts]


def as_objects(texts: list[list[int]]) -> np.ndarray:
    """An array of lists; also where all lists have the same length."""
    found = np.empty(len(texts), object)
    found[:] = texts
    return found
