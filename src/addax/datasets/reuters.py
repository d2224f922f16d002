"""Reuters: 11,228 newswires as lists of word numbers, in 46 topics."""

from __future__ import annotations

import numpy as np

from addax.datasets._files import Split, divided, fetched, read_json, read_npz, shuffled
from addax.datasets._words import as_objects, limited, not_longer, with_start

__all__ = ["get_label_names", "get_word_index", "load_data"]

_TOPICS = (
    "cocoa grain veg-oil earn acq wheat copper housing money-supply coffee sugar trade reserves ship cotton carcass "
    "crude nat-gas cpi money-fx interest gnp meal-feed alum oilseed gold tin strategic-metal livestock retail ipi "
    "iron-steel rubber heat jobs lei bop zinc orange pet-chem dlr gas silver wpi hog lead"
)


def load_data(
    path: str = "reuters.npz",
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    test_split: float = 0.2,
    seed: int = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int = 3,
) -> tuple[Split, Split]:
    """Load the newswires, from the cache or the web. Frequent words have small numbers.

    Args:
        path: The name of the file in the cache, or an absolute path.
        num_words: Numbers from here on count as unknown; all words are known if None.
        skip_top: Numbers below count as unknown.
        maxlen: Newswires with this many words or more are left out.
        test_split: The part to test on.
        seed: Seed of the order.
        start_char: The number before the first word; none if None.
        oov_char: The number of unknown words; they are left out if None.
        index_from: What is added to the numbers of the words.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: object arrays of lists of integers, and topics of shape `(n,)`.

    Raises:
        ValueError: If no newswire is short enough, or the file is not the one that was published.
        Exception: If it cannot be downloaded; the message says where to put it by hand.

    Source: D. Lewis, "Reuters-21578 text categorization test collection", 1997.
    """
    texts, labels = shuffled(seed, *read_npz(fetched("reuters", path), ("x", "y")))
    kept, labels = not_longer(with_start(texts, start_char, index_from), labels, maxlen)
    return divided(as_objects(limited(kept, num_words, skip_top, oov_char)), np.asarray(labels), test_split)


def get_word_index(path: str = "reuters_word_index.json") -> dict[str, int]:
    """The number of each word, before `index_from` is added.

    Args:
        path: The name of the file in the cache, or an absolute path.

    Raises:
        Exception: If it cannot be downloaded; the message says where to put it by hand.
    """
    return read_json(fetched("reuters_word_index", path))


def get_label_names() -> tuple[str, ...]:
    """The names of the topics, by their numbers.

    Example:
        >>> get_label_names()[3]
        'earn'
    """
    return tuple(_TOPICS.split())
