"""`TextVectorization`: texts as sequences of token indices, or as vectors."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np

from addax.core import config as settings
from addax.core import context, serial
from addax.core.errors import message
from addax.engine import SymbolicTensor
from addax.layers.preprocess._batches import as_array, batches, is_one_array
from addax.layers.preprocess._encode import no_sparse
from addax.layers.preprocess._host import HostLayer, narrow
from addax.layers.preprocess._lookup import DROPPED
from addax.layers.preprocess._string_lookup import StringLookup
from addax.layers.preprocess._text import (
    SPLIT,
    STANDARDIZE,
    changes,
    ngrams,
    padded,
    positions,
    split,
    standardized,
)
from addax.layers.preprocess._tokens import without_path
from addax.ops._ragged import RaggedTensor

_MANY = 64  # texts: for fewer, looking up token by token is faster


class TextVectorization(HostLayer):
    """Turns each text into a sequence of the indices of its tokens, or into one vector.

    A text is standardized, split into tokens, its tokens are joined to n-grams, and these are looked up in a
    vocabulary, which `adapt(data)` learns. Index 0 is padding, index 1 stands for unknown tokens.

    Args:
        max_tokens: The largest size of the vocabulary, padding and unknown tokens included; None for any.
        standardize: `"lower_and_strip_punctuation"`, `"lower"`, `"strip_punctuation"`, a function of an
            array of texts, or None.
        split: `"whitespace"`, `"character"`, a function of an array of texts that gives a list of tokens
            for each, or None if each element is a token already.
        ngrams: An integer for all n-grams up to that length, a tuple for certain lengths, or None.
        output_mode: `"int"` for sequences; `"multi_hot"`, `"count"` or `"tf_idf"` for a vector of the
            vocabulary's size.
        output_sequence_length: The length that sequences are cut or padded to; None for the longest of a
            batch.
        pad_to_max_tokens: Whether vectors are of size `max_tokens`, even if there are fewer tokens.
        vocabulary: The tokens, or the path of a text file with one in each line; None to call `adapt`.
        idf_weights: The weights of the tokens for `output_mode="tf_idf"`.
        sparse: Must be False.
        ragged: Whether the indices of `output_mode="int"` are a ragged tensor, with a row for each text.
        encoding: The encoding of the vocabulary.
        name: The name.
        **kwargs: Arguments of `Layer`.

    Raises:
        ValueError: If arguments are wrong or do not go together.

    Example:
        >>> import addax as keras
        >>> layer = keras.layers.TextVectorization(
        ...     output_sequence_length=4, vocabulary=["earth", "wind", "fire"]
        ... )
        >>> layer(["Earth, wind & fire!", "only earth"]).numpy()
        array([[2, 3, 4, 0],
               [1, 2, 0, 0]], dtype=int32)
    """

    _data_dtype = "string"  # what a model that begins with this layer takes

    def __init__(
        self,
        max_tokens: int | None = None,
        standardize: Any = "lower_and_strip_punctuation",
        split: Any = "whitespace",
        ngrams: Any = None,
        output_mode: str = "int",
        output_sequence_length: int | None = None,
        pad_to_max_tokens: bool = False,
        vocabulary: Any = None,
        idf_weights: Any = None,
        sparse: bool = False,
        ragged: bool = False,
        encoding: str = "utf-8",
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        of_lookup = {k: kwargs.pop(k) for k in ("vocabulary_size", "has_input_vocabulary") if k in kwargs}
        super().__init__(name=name, **kwargs)
        self.standardize = _choice("standardize", standardize, STANDARDIZE)
        self.split = _choice("split", split, SPLIT)
        self.ngrams = ngrams
        self.output_sequence_length = output_sequence_length
        self.ragged = bool(ragged)
        self.sparse = no_sparse(sparse, "TextVectorization")
        self._lookup_layer = StringLookup(
            max_tokens=max_tokens,
            vocabulary=vocabulary,
            idf_weights=idf_weights,
            pad_to_max_tokens=pad_to_max_tokens,
            mask_token="",
            output_mode=output_mode,
            encoding=encoding,
            **of_lookup,
        )
        self.output_mode = self._lookup_layer.output_mode
        self.encoding = encoding
        self._check_arguments()
        if self.ragged and self.output_mode != "int":
            raise _wrong("ragged", 'False, unless output_mode="int"', True)

    def _check_arguments(self) -> None:
        widths = self.ngrams if isinstance(self.ngrams, tuple) else (self.ngrams,)
        if self.ngrams is not None and not all(isinstance(n, int) and n > 0 for n in widths):
            raise _wrong("ngrams", "None, an integer, or a tuple of integers", self.ngrams)
        length = self.output_sequence_length
        if length is not None and (self.output_mode != "int" or not isinstance(length, int)):
            expected = "None or an integer" if self.output_mode == "int" else 'None, unless output_mode="int"'
            raise _wrong("output_sequence_length", expected, length)

    @property
    def max_tokens(self) -> int | None:
        """The largest size of the vocabulary."""
        return self._lookup_layer.max_tokens

    @property
    def pad_to_max_tokens(self) -> bool:
        """Whether vectors are of size `max_tokens`."""
        return self._lookup_layer.pad_to_max_tokens

    # The vocabulary --------------------------------------------------------------------------------------
    def adapt(self, data: Any, batch_size: int | None = None, steps: int | None = None) -> None:
        """Make the vocabulary of the tokens in texts: the most frequent ones first, equals in falling order.

        Args:
            data: An array or a list of texts, or a dataset or another iterable of batches.
            batch_size: Accepted for Keras's sake.
            steps: The number of batches to take, all if None.
        """
        self.reset_state()
        for batch in [data] if is_one_array(data) else batches(data, steps):
            self.update_state(batch)
        self.finalize_state()

    def update_state(self, data: Any) -> None:
        """Count the tokens of a batch of texts."""
        self._lookup_layer.count_documents(self._documents(as_array(data, text=True))[0])

    def finalize_state(self) -> None:
        """Make the vocabulary of what was counted."""
        self._lookup_layer.finalize_state()

    def reset_state(self) -> None:
        """Forget what was counted; the vocabulary stays."""
        self._lookup_layer.reset_state()

    def get_vocabulary(self, include_special_tokens: bool = True) -> list:
        """The tokens in the order of their indices.

        Args:
            include_special_tokens: Whether padding and unknown tokens are among them.
        """
        return self._lookup_layer.get_vocabulary(include_special_tokens)

    def vocabulary_size(self) -> int:
        """The number of tokens, padding and unknown ones included."""
        return self._lookup_layer.vocabulary_size()

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Set the tokens, in place of `adapt`.

        Args:
            vocabulary: A list or array of tokens, or the path of a text file with one in each line.
            idf_weights: A weight for each token, for `output_mode="tf_idf"`.
        """
        self._lookup_layer.set_vocabulary(vocabulary, idf_weights)

    # Vectorizing -----------------------------------------------------------------------------------------
    def _documents(self, texts: np.ndarray) -> tuple[list[list[bytes]], tuple[int, ...]]:
        """The tokens of each text, and the shape of the array of texts."""
        texts = standardized(texts, self.standardize)
        if self.split is None:
            width = texts.shape[-1] if texts.ndim else 1
            rows, shape = texts.reshape(-1, width).tolist(), texts.shape[:-1]
        else:
            if texts.ndim > 1 and texts.shape[-1] != 1:
                raise ValueError(
                    message(
                        "TextVectorization splits one text for each sample.",
                        where=self.path,
                        expected="texts of shape (batch,) or (batch, 1)",
                        received=f"shape {texts.shape}",
                        hint="Pass split=None if each element is a token already.",
                    )
                )
            shape = texts.shape[:-1] if texts.ndim > 1 else texts.shape
            rows = split(texts.reshape(-1), self.split)
        if self.ngrams is not None:
            widths = tuple(range(1, self.ngrams + 1)) if isinstance(self.ngrams, int) else self.ngrams
            rows = [ngrams(row, widths) for row in rows]
        return rows, shape

    def _indices(self, texts: np.ndarray) -> tuple[np.ndarray, np.ndarray, tuple[int, ...]]:
        """The indices of all tokens, how many each text has, and the shape of the array of texts."""
        together = texts.size >= _MANY and self.split == "whitespace" and self.ngrams is None
        if together and not callable(self.standardize) and (texts.ndim == 1 or texts.shape[1:] == (1,)):
            rows = self._lookup_layer.find_words(texts.ravel().tolist(), *changes(self.standardize))
            if rows is not None:
                return *rows, (len(texts),)
        rows, shape = self._documents(texts)
        found = self._lookup_layer.find_each(list(itertools.chain.from_iterable(rows)))
        return found, np.array(list(map(len, rows)), "int64"), shape

    def call(self, inputs: Any) -> Any:
        """Vectorize texts of shape `(batch,)` or `(batch, 1)`.

        Returns:
            Integers of shape `(batch, length)`, or floats of shape `(batch, vocabulary size)`.
        """
        found, lengths, shape = self._indices(as_array(inputs, text=True))
        width = self._length(lengths)
        if self.ragged:
            return RaggedTensor.from_row_lengths(
                narrow(found[positions(lengths) < width]), np.minimum(lengths, width)
            )
        matrix = padded(found, lengths, width, 0 if self.output_mode == "int" else DROPPED)
        return self._lookup_layer.encode(narrow(matrix.reshape(*shape, width)))

    def _length(self, lengths: np.ndarray) -> int:
        if self.output_sequence_length is not None:
            return self.output_sequence_length
        longest = int(lengths.max(initial=0))
        probing = context.current().probing  # a length that is not known takes the size of what is not known
        return longest if probing is None or self.output_mode != "int" or self.split is None else probing

    def compute_output_spec(self, inputs: Any) -> Any:
        """The symbolic output: of unknown length, unless `output_sequence_length` is given."""
        batch = [*inputs.shape[:-1]] if len(inputs.shape) > 1 or self.split is None else [*inputs.shape]
        if self.output_mode != "int":
            return SymbolicTensor([*batch, self._lookup_layer._depth()], settings.floatx())
        length = self.output_sequence_length
        if length is None and self.split is None and self.ngrams is None:
            length = inputs.shape[-1]
        return SymbolicTensor([*batch, length], "int32")

    # Saving ----------------------------------------------------------------------------------------------
    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments; an adapted vocabulary is no part of it, but an asset."""
        config = super().get_config()
        for name in ("vocabulary", "idf_weights"):
            config[name] = getattr(self._lookup_layer, f"input_{name}")
        config["vocabulary_size"] = self.vocabulary_size()
        return config

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Any:
        """A layer like the one that gave `config`.

        Raises:
            ValueError: If the vocabulary is the path of a file: only the user's own code may name files.
        """
        config = without_path(config)
        for name in ("standardize", "split"):
            if isinstance(config.get(name), dict):
                config[name] = serial.deserialize(config[name])
        if isinstance(config.get("ngrams"), list):
            config["ngrams"] = tuple(config["ngrams"])
        return super().from_config(config)

    def save_own_variables(self, store: Any) -> None:
        """The weights of `output_mode="tf_idf"`."""
        self._lookup_layer.save_own_variables(store)

    def load_own_variables(self, store: Any) -> None:
        """See `save_own_variables`."""
        self._lookup_layer.load_own_variables(store)

    def save_assets(self, dir_path: Any) -> None:
        """Write the vocabulary into a folder, unless it is in the config."""
        self._lookup_layer.save_assets(dir_path)

    def load_assets(self, dir_path: Any) -> None:
        """Read what `save_assets` wrote."""
        self._lookup_layer.load_assets(dir_path)


def _choice(name: str, value: Any, names: tuple[str, ...]) -> Any:
    """A name, a function or None."""
    if value is None or callable(value) or value in names:
        return value
    raise _wrong(name, ", ".join(f'"{n}"' for n in names) + ", a function, or None", value)


def _wrong(name: str, expected: str, received: Any) -> ValueError:
    where = "TextVectorization"
    return ValueError(message(f"`{name}` is wrong.", where=where, expected=expected, received=received))
