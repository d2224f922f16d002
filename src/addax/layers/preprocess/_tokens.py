"""Tokens of a vocabulary: read from a file, checked, counted."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from addax.core.errors import message
from addax.engine import Tensor


def plain(values: Any) -> Any:
    """A list of Python values, texts as str; None for None."""
    if values is None:
        return None
    array = np.asarray(values) if isinstance(values, (np.ndarray, Tensor)) else np.asarray(values, object)
    return [item.decode() if isinstance(item, bytes) else item for item in array.tolist()]


def decoded(tokens: list[bytes], where: str) -> list[str]:
    """Tokens that were counted, as texts.

    Raises:
        ValueError: If one is no UTF-8; the message has it.
    """
    try:
        return [token.decode() for token in tokens]
    except UnicodeDecodeError as error:
        raise ValueError(
            message(
                "The texts hold a token that is not UTF-8, which has no place in a vocabulary.",
                where=where,
                expected="text in UTF-8",
                received=repr(error.object),
                hint='Recode the texts first: tf.strings.unicode_transcode(x, "LATIN1", "UTF-8") if they are Latin-1; '
                'from "UTF-8" to "UTF-8" what is none becomes U+FFFD.',
            )
        ) from error


def read_tokens(path: Path, where: str) -> list[str]:
    """The tokens of a text file, one in each line.

    Raises:
        ValueError: If there is no such file.
    """
    if not path.is_file():
        raise ValueError(message(f"The vocabulary file {path} does not exist.", where=where))
    try:
        lines = path.read_bytes().decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise ValueError(
            message(f"{path} is no list of tokens.", expected="text in UTF-8", received=str(error))
        ) from error
    if lines[-1] == "":
        lines.pop()
    return [line.removesuffix("\r") for line in lines]


def without_path(config: Mapping[str, Any]) -> dict[str, Any]:
    """A config whose vocabulary is no path.

    Raises:
        ValueError: If it is one: only the user's own code may name files.
    """
    if isinstance(config.get("vocabulary"), (str, bytes, Path)):
        raise ValueError(
            message(
                "The config names a vocabulary file, which loading must not read.",
                expected="a list of tokens, or none and the vocabulary among the assets of the file",
                received=config["vocabulary"],
                hint="If you trust it, make the layer yourself, with vocabulary=path.",
            )
        )
    return dict(config)


def check_tokens(tokens: list, reserved: list, special: list, where: str) -> None:
    """Raise unless a vocabulary has tokens, each once, and no special ones.

    Args:
        tokens: The tokens, without special ones at the start.
        reserved: Tokens that may not be among them.
        special: What may stand at the start of a vocabulary.
        where: The layer's path.

    Raises:
        ValueError: What is wrong.
    """
    if not tokens:
        raise ValueError(message("The vocabulary is empty.", where=where))
    twice = [token for token, count in Counter(tokens).items() if count > 1]
    if twice:
        raise ValueError(
            message("The vocabulary holds tokens twice.", where=where, received=twice, hint="Make it unique.")
        )
    misplaced = [token for token in reserved if token is not None and token in set(tokens)]
    if misplaced:
        raise ValueError(
            message(
                "The vocabulary holds a special token in the wrong place.",
                where=where,
                expected=f"no special tokens, or {special} at its start",
                received=f"{misplaced[0]!r} at index {tokens.index(misplaced[0])}",
            )
        )


class TokenCounts:
    """How often tokens occur, and in how many documents."""

    def __init__(self) -> None:
        self.tokens: Counter = Counter()
        self.documents: Counter = Counter()
        self.size = 0

    def add(self, documents: list[list]) -> None:
        """Count documents, each a list of tokens."""
        for document in documents:
            self.tokens.update(document)
            self.documents.update(set(document))
        self.size += len(documents)

    def ranked(self, without: set, limit: int | None) -> list:
        """The tokens, the most frequent ones first, equals in falling order."""
        found = sorted(((n, token) for token, n in self.tokens.items() if token not in without), reverse=True)
        return [token for _, token in found[:limit]]

    def rarity(self, tokens: list) -> np.ndarray:
        """The logarithm of one over the share of documents that hold a token, smoothed."""
        return np.array([math.log(1 + self.size / (1 + self.documents[token])) for token in tokens])
