"""`preprocessing.text`: words of texts and their numbers (tf.keras's old way; `TextVectorization` is the new one)."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from addax.core.errors import message

__all__ = ["Tokenizer", "hashing_trick", "one_hot", "text_to_word_sequence", "tokenizer_from_json"]

_FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'


def text_to_word_sequence(
    input_text: str, filters: str = _FILTERS, lower: bool = True, split: str = " "
) -> list[str]:
    """The words of a text.

    Args:
        input_text: The text.
        filters: Characters that are taken out.
        lower: Whether letters become small.
        split: What stands between words.

    Example:
        >>> text_to_word_sequence("The cat, the DOG!")
        ['the', 'cat', 'the', 'dog']
    """
    if lower:
        input_text = input_text.lower()
    text = input_text.translate({ord(c): split for c in filters})
    return [word for word in text.split(split) if word]


def one_hot(
    input_text: str,
    n: int,
    filters: str = _FILTERS,
    lower: bool = True,
    split: str = " ",
    analyzer: Any = None,
) -> list[int]:
    """A number from 1 to n - 1 for each word of `input_text`, by Python's hash; see `hashing_trick`."""
    return hashing_trick(input_text, n, hash, filters, lower, split, analyzer)


def hashing_trick(
    text: str,
    n: int,
    hash_function: Any = None,
    filters: str = _FILTERS,
    lower: bool = True,
    split: str = " ",
    analyzer: Callable | None = None,
) -> list[int]:
    """A number from 1 to n - 1 for each word.

    Args:
        text: The text.
        n: The size of the space.
        hash_function: None for Python's `hash`, `"md5"` for one that is stable across processes, or a function.
        filters: Characters that are taken out.
        lower: Whether letters become small.
        split: What stands between words.
        analyzer: Splits the text in place of the above.
    """
    if hash_function is None:
        hash_function = hash
    elif hash_function == "md5":
        hash_function = lambda word: int(hashlib.md5(word.encode()).hexdigest(), 16)  # noqa: E731
    words = text_to_word_sequence(text, filters, lower, split) if analyzer is None else analyzer(text)
    return [hash_function(word) % (n - 1) + 1 for word in words]


class Tokenizer:
    """Numbers words by how often they occur; 0 is no word.

    Args:
        num_words: Only the `num_words - 1` most frequent words are kept.
        filters: Characters that are taken out.
        lower: Whether letters become small.
        split: What stands between words.
        char_level: Whether characters take the place of words.
        oov_token: A word that stands for those that are not kept.
        analyzer: Splits a text in place of the above.
        **kwargs: `document_count`.

    Example:
        >>> tokens = Tokenizer()
        >>> tokens.fit_on_texts(["a b a", "a c"])
        >>> tokens.texts_to_sequences(["c a"]), tokens.word_index
        ([[3, 1]], {'a': 1, 'b': 2, 'c': 3})
    """

    def __init__(
        self,
        num_words: int | None = None,
        filters: str = _FILTERS,
        lower: bool = True,
        split: str = " ",
        char_level: bool = False,
        oov_token: str | None = None,
        analyzer: Callable | None = None,
        **kwargs: Any,
    ) -> None:
        self.document_count = kwargs.pop("document_count", 0)
        kwargs.pop("nb_words", None)
        if kwargs:
            raise TypeError(f"Tokenizer() got unexpected keyword arguments {sorted(kwargs)}.")
        self.num_words, self.filters, self.lower, self.split = num_words, filters, lower, split
        self.char_level, self.oov_token, self.analyzer = char_level, oov_token, analyzer
        self.word_counts: OrderedDict[str, int] = OrderedDict()
        self.word_docs: defaultdict[str, int] = defaultdict(int)
        self.index_docs: defaultdict[int, int] = defaultdict(int)
        self.word_index: dict[str, int] = {}
        self.index_word: dict[int, str] = {}

    def _words(self, text: Any) -> list[str]:
        if self.char_level or isinstance(text, (list, tuple)):
            if not self.lower:
                return list(text)
            return [t.lower() for t in text] if isinstance(text, (list, tuple)) else list(text.lower())
        if self.analyzer is not None:
            return self.analyzer(text)
        return text_to_word_sequence(text, self.filters, self.lower, self.split)

    def fit_on_texts(self, texts: Iterable) -> None:
        """Count the words of texts (or of lists of words) and number them anew."""
        for text in texts:
            self.document_count += 1
            words = self._words(text)
            for word in words:
                self.word_counts[word] = self.word_counts.get(word, 0) + 1
            for word in dict.fromkeys(words):
                self.word_docs[word] += 1
        ranked = sorted(self.word_counts, key=lambda w: -self.word_counts[w])
        if self.oov_token is not None:
            ranked.insert(0, self.oov_token)
        self.word_index = {word: i for i, word in enumerate(ranked, start=1)}
        self.index_word = {i: word for word, i in self.word_index.items()}
        for word, count in self.word_docs.items():
            self.index_docs[self.word_index[word]] = count

    def fit_on_sequences(self, sequences: Iterable) -> None:
        """Count in how many sequences each number occurs."""
        for sequence in sequences:
            self.document_count += 1
            for number in set(sequence):
                self.index_docs[number] += 1

    def texts_to_sequences(self, texts: Iterable) -> list[list[int]]:
        """The numbers of the words of texts; unknown words are left out, or get the number of `oov_token`."""
        return list(self.texts_to_sequences_generator(texts))

    def texts_to_sequences_generator(self, texts: Iterable) -> Iterator[list[int]]:
        """`texts_to_sequences`, text by text."""
        oov = self.word_index.get(self.oov_token) if self.oov_token is not None else None
        for text in texts:
            numbers = []
            for word in self._words(text):
                number = self.word_index.get(word)
                if number is None or (self.num_words and number >= self.num_words):
                    number = oov
                if number is not None:
                    numbers.append(number)
            yield numbers

    def sequences_to_texts(self, sequences: Iterable) -> list[str]:
        """The texts of lists of numbers."""
        return list(self.sequences_to_texts_generator(sequences))

    def sequences_to_texts_generator(self, sequences: Iterable) -> Iterator[str]:
        """`sequences_to_texts`, sequence by sequence."""
        for sequence in sequences:
            words = []
            for number in sequence:
                known = number in self.index_word and not (self.num_words and number >= self.num_words)
                if known:
                    words.append(self.index_word[number])
                elif self.oov_token is not None:
                    words.append(self.oov_token)
            yield " ".join(words)

    def texts_to_matrix(self, texts: Iterable, mode: str = "binary") -> np.ndarray:
        """A row for each of `texts` with a column for each word; see `sequences_to_matrix`."""
        return self.sequences_to_matrix(self.texts_to_sequences(texts), mode)

    def sequences_to_matrix(self, sequences: Any, mode: str = "binary") -> np.ndarray:
        """A row for each sequence with a column for each word.

        Args:
            sequences: Lists of numbers.
            mode: `"binary"`, `"count"`, `"freq"` or `"tfidf"`.

        Raises:
            ValueError: If the number of words is not known, or the mode is unknown.
        """
        if mode not in ("binary", "count", "freq", "tfidf"):
            raise ValueError(
                message("Unknown `mode`.", expected='"binary", "count", "freq" or "tfidf"', received=mode)
            )
        width = self.num_words or len(self.word_index) + 1
        if not self.num_words and not self.word_index:
            raise ValueError(
                message("The number of words is not known.", hint="Pass num_words, or call fit_on_texts().")
            )
        if mode == "tfidf" and not self.document_count:
            raise ValueError(
                message('mode="tfidf" needs texts to count in.', hint="Call fit_on_texts() first.")
            )
        matrix = np.zeros((len(sequences), width))
        for row, sequence in zip(matrix, sequences, strict=True):
            for number, count in Counter(n for n in sequence if n < width).items():
                row[number] = self._cell(mode, count, len(sequence), number)
        return matrix

    def _cell(self, mode: str, count: int, length: int, number: int) -> float:
        if mode == "binary":
            return 1
        if mode == "tfidf":
            return (1 + np.log(count)) * np.log(
                1 + self.document_count / (1 + self.index_docs.get(number, 0))
            )
        return count if mode == "count" else count / length

    def get_config(self) -> dict[str, Any]:
        """Arguments and counts as plain data."""
        return {
            "num_words": self.num_words,
            "filters": self.filters,
            "lower": self.lower,
            "split": self.split,
            "char_level": self.char_level,
            "oov_token": self.oov_token,
            "document_count": self.document_count,
            "word_counts": json.dumps(self.word_counts),
            "word_docs": json.dumps(self.word_docs),
            "index_docs": json.dumps(self.index_docs),
            "index_word": json.dumps(self.index_word),
            "word_index": json.dumps(self.word_index),
        }

    def to_json(self, **kwargs: Any) -> str:
        """JSON for `tokenizer_from_json`."""
        return json.dumps({"class_name": "Tokenizer", "config": self.get_config()}, **kwargs)


def tokenizer_from_json(json_string: str) -> Tokenizer:
    """A tokenizer from what `to_json` gave.

    Args:
        json_string: The text.

    Raises:
        ValueError: If it is something else.
    """
    try:
        return _tokenizer_of(json.loads(json_string)["config"])
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
        raise ValueError(
            message("This is no tokenizer.", expected="what Tokenizer.to_json() gave", received=repr(error))
        ) from error


def _tokenizer_of(config: dict[str, Any]) -> Tokenizer:
    tables = {
        k: json.loads(config.pop(k))
        for k in ("word_counts", "word_docs", "index_docs", "index_word", "word_index")
    }
    tokenizer = Tokenizer(**config)
    tokenizer.word_counts = OrderedDict(tables["word_counts"])
    tokenizer.word_docs = defaultdict(int, tables["word_docs"])
    tokenizer.index_docs = defaultdict(int, {int(k): v for k, v in tables["index_docs"].items()})
    tokenizer.index_word = {int(k): v for k, v in tables["index_word"].items()}
    tokenizer.word_index = tables["word_index"]
    return tokenizer
