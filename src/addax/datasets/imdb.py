"""IMDB: 50,000 reviews of films as lists of word numbers, liked (1) or not (0)."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax.datasets._files import Split, fetched, read_json, read_npz, shuffled
from addax.datasets._words import as_objects, limited, not_longer, with_start

__all__ = ["get_word_index", "load_data"]


def load_data(
    path: str = "imdb.npz",
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    seed: int = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int = 3,
    **kwargs: Any,
) -> tuple[Split, Split]:
    """Load the reviews, from the cache or the web. Frequent words have small numbers.

    Args:
        path: The name of the file in the cache, or an absolute path.
        num_words: Numbers from here on count as unknown; all words are known if None.
        skip_top: Numbers below count as unknown.
        maxlen: Reviews with this many words or more are left out.
        seed: Seed of the order.
        start_char: The number before the first word; none if None.
        oov_char: The number of unknown words; they are left out if None.
        index_from: What is added to the numbers of the words.
        **kwargs: The old name `nb_words` of `num_words`.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: object arrays of lists of integers, and labels of shape `(n,)`.

    Raises:
        TypeError: If there is another argument.
        ValueError: If no review is short enough, or the file is not the one that was published.
        Exception: If it cannot be downloaded; the message says where to put it by hand.

    Source: A. Maas et al., "Learning Word Vectors for Sentiment Analysis", ACL 2011.
    """
    num_words = kwargs.pop("nb_words", num_words)
    if kwargs:
        raise TypeError(f"load_data() has no argument {sorted(kwargs)[0]!r}.")
    names = ("x_train", "y_train", "x_test", "y_test")
    x_train, y_train, x_test, y_test = read_npz(fetched("imdb", path), names)
    parts = []
    random = np.random.RandomState(seed)  # the second order goes on where the first ended
    for texts, labels in ((x_train, y_train), (x_test, y_test)):
        texts, labels = shuffled(random, texts, labels)
        parts.append(not_longer(with_start(texts, start_char, index_from), labels, maxlen))
    texts = limited(parts[0][0] + parts[1][0], num_words, skip_top, oov_char)
    at = len(parts[0][0])
    return (as_objects(texts[:at]), parts[0][1]), (as_objects(texts[at:]), parts[1][1])


def get_word_index(path: str = "imdb_word_index.json") -> dict[str, int]:
    """The number of each word, before `index_from` is added.

    Args:
        path: The name of the file in the cache, or an absolute path.

    Raises:
        Exception: If it cannot be downloaded; the message says where to put it by hand.
    """
    return read_json(fetched("imdb_word_index", path))
