"""`IndexLookup`: a vocabulary and the indices of its tokens; the base of StringLookup and IntegerLookup."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from addax import ops
from addax.core import config as settings
from addax.core.errors import message
from addax.engine import Tensor, op
from addax.engine._jax import jnp
from addax.layers.preprocess._batches import as_array, batches, is_one_array
from addax.layers.preprocess._encode import encode, no_sparse, output_mode
from addax.layers.preprocess._hash import buckets, salt_of
from addax.layers.preprocess._host import HostLayer, is_probing, known, narrow, on_host
from addax.layers.preprocess._tokens import (
    TokenCounts,
    check_tokens,
    decoded,
    plain,
    read_tokens,
    without_path,
)
from addax.layers.preprocess._word_table import WordTable

DROPPED = -2  # the index of what no output counts
_UNKNOWN = -1  # the index of what the vocabulary does not have


class IndexLookup(HostLayer):
    """Gives tokens their indices in a vocabulary, or the other way round.

    The indices begin with the mask token (if there is one and the output is `"int"`), then come the unknown
    tokens ("out of vocabulary"), then the vocabulary.

    Args:
        max_tokens: The largest size of the vocabulary, mask and unknown tokens included; None for any.
        num_oov_indices: How many indices unknown tokens share; with 0 they are an error.
        mask_token: The token of missing input, which has index 0; None for none.
        oov_token: What unknown indices give if `invert` is true.
        vocabulary: The tokens, or the path of a text file with one in each line; None to call `adapt`.
        vocabulary_dtype: `"string"` or `"int64"`.
        idf_weights: The weights of the tokens for `output_mode="tf_idf"`.
        invert: Whether indices are turned into tokens.
        output_mode: `"int"`; `"one_hot"`, `"multi_hot"` or `"count"`, as for `CategoryEncoding`;
            `"tf_idf"`: counts, weighted by how rare a token is.
        sparse: Must be False.
        pad_to_max_tokens: Whether vectors are of size `max_tokens`, even if there are fewer tokens.
        encoding: The encoding of texts, which is UTF-8 (StringLookup only).
        oov_method: How integers share several indices for unknown tokens: `"floormod"` or `"farmhash"`.
        salt: One integer or two, for another hash of unknown tokens.
        **kwargs: Arguments of `Layer`, and what Keras writes into configs.

    Raises:
        ValueError: If arguments are wrong or do not go together.
    """

    def __init__(
        self,
        max_tokens: int | None,
        num_oov_indices: int,
        mask_token: Any,
        oov_token: Any,
        vocabulary_dtype: str,
        vocabulary: Any = None,
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        sparse: bool = False,
        pad_to_max_tokens: bool = False,
        oov_method: str = "floormod",
        salt: Any = None,
        **kwargs: Any,
    ) -> None:
        size = kwargs.pop("vocabulary_size", None)
        was_given = kwargs.pop("has_input_vocabulary", vocabulary is not None)
        super().__init__(**kwargs)
        where = type(self).__name__
        self.max_tokens = max_tokens
        self.num_oov_indices = num_oov_indices
        self.mask_token = mask_token
        self.oov_token = oov_token
        self.vocabulary_dtype = str(vocabulary_dtype)
        self.invert = invert
        self.output_mode = _mode(output_mode, where)
        self.sparse = no_sparse(sparse, where)
        self.pad_to_max_tokens = pad_to_max_tokens
        self.oov_method = oov_method
        self.salt = salt_of(salt, where)
        self.input_vocabulary = None if isinstance(vocabulary, (str, Path)) else plain(vocabulary)
        self.input_idf_weights = plain(idf_weights)
        self._check_arguments(where)
        self._has_input_vocabulary = was_given
        self._stored_size: int | None = size
        self._depth_in_use: int | None = None
        self._tokens: list = []
        self._known: dict | None = None  # the same with the mask token, made when it is needed
        self._words: WordTable | None = None
        self._indices: dict[Any, int] = {}
        self._idf: np.ndarray | None = None
        self.reset_state()
        if vocabulary is not None:
            self.set_vocabulary(vocabulary, idf_weights)

    def _check_arguments(self, where: str) -> None:
        def refuse(name: str, expected: str) -> None:
            raise ValueError(
                message(
                    f"`{name}` is wrong.", where=where, expected=expected, received=getattr(self, name, None)
                )
            )

        if self.max_tokens is not None and self.max_tokens <= 1:
            refuse("max_tokens", "None, or an integer above 1")
        if self.num_oov_indices < 0:
            refuse("num_oov_indices", "an integer of 0 or more")
        if self.pad_to_max_tokens and self.max_tokens is None:
            refuse("pad_to_max_tokens", "False, as max_tokens is None")
        if self.invert and self.output_mode != "int":
            refuse("output_mode", '"int", as invert is True')
        if self.oov_method not in ("floormod", "farmhash"):
            refuse("oov_method", '"floormod" or "farmhash"')
        if self.salt is not None and not self._of_text and self.oov_method != "farmhash":
            refuse("salt", 'None, or oov_method="farmhash"')
        if self.input_idf_weights is not None and self.output_mode != "tf_idf":
            refuse("input_idf_weights", 'None, or output_mode="tf_idf"')
        if (
            self.input_vocabulary is not None
            and self.output_mode == "tf_idf"
            and self.input_idf_weights is None
        ):
            refuse("input_idf_weights", "weights for the vocabulary, as output_mode is tf_idf")

    @property
    def _of_text(self) -> bool:
        return self.vocabulary_dtype == "string"

    @property
    def _data_dtype(self) -> str:
        """What a model that begins with this layer takes."""
        return "string" if self._of_text and not self.invert else "int32"

    # The vocabulary --------------------------------------------------------------------------------------
    @property
    def _oov_start(self) -> int:
        return 1 if self.mask_token is not None and self.output_mode == "int" else 0

    @property
    def _token_start(self) -> int:
        return self._oov_start + self.num_oov_indices

    def _special_tokens(self) -> list:
        return [self.mask_token] * self._oov_start + [self.oov_token] * self.num_oov_indices

    def vocabulary_size(self) -> int:
        """The number of tokens, mask and unknown ones included."""
        return self._token_start + len(self._tokens)

    def get_vocabulary(self, include_special_tokens: bool = True) -> list:
        """The tokens in the order of their indices.

        Args:
            include_special_tokens: Whether mask and unknown tokens are among them.
        """
        return [*self._special_tokens(), *self._tokens] if include_special_tokens else list(self._tokens)

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Set the tokens, in place of `adapt`.

        Args:
            vocabulary: A list or array of tokens, with or without mask and unknown tokens at its start; or
                the path of a text file with one token in each line.
            idf_weights: A weight for each token, for `output_mode="tf_idf"`.

        Raises:
            ValueError: If it is empty, too long, holds a token twice or a special token in the wrong place,
                or the weights do not fit.
        """
        if (idf_weights is not None) != (self.output_mode == "tf_idf"):
            expected = "weights" if self.output_mode == "tf_idf" else "None"
            problem = "`idf_weights` does not go with the output mode."
            hint = f'for output_mode="{self.output_mode}"'
            raise ValueError(
                message(problem, where=self.path, expected=f"{expected} {hint}", received=idf_weights)
            )
        tokens = self._token_list(vocabulary)
        # A config may ask for any number of unknown tokens: no list of them for a vocabulary that is shorter.
        special = self._special_tokens() if self._token_start <= max(len(tokens), 1000) else []
        has_special = bool(tokens) and tokens[: self._token_start] == special
        given, tokens = tokens, tokens[self._token_start :] if has_special else tokens
        reserved = [self.mask_token, *([self.oov_token] if self.invert else [])]
        check_tokens(tokens, reserved, special, self.path)
        self._check_size(self._token_start + len(tokens))
        self._store(tokens)
        if idf_weights is not None:
            weights = np.asarray(idf_weights, settings.floatx())
            if weights.shape != (len(given),):
                raise ValueError(
                    message(
                        "`idf_weights` does not fit the vocabulary.",
                        where=self.path,
                        expected=f"{len(given)} weights",
                        received=f"an array of shape {weights.shape}",
                    )
                )
            self._idf = self._padded(weights, 0 if has_special else self._token_start)

    def _token_list(self, vocabulary: Any) -> list:
        if isinstance(vocabulary, (str, Path)):
            vocabulary = read_tokens(Path(vocabulary), self.path)
        tokens = plain(vocabulary)
        return [str(token) for token in tokens] if self._of_text else [int(token) for token in tokens]

    def _check_size(self, size: int) -> None:
        if self.max_tokens is not None and size > self.max_tokens:
            raise ValueError(
                message(
                    "The vocabulary is too large.",
                    where=self.path,
                    expected=f"at most {self.max_tokens} tokens (max_tokens), special ones included",
                    received=f"{size} tokens",
                )
            )
        if self._depth_in_use is not None and not self.pad_to_max_tokens and size != self._depth_in_use:
            raise RuntimeError(
                message(
                    "The size of the vocabulary cannot change any more: the layer was called.",
                    where=self.path,
                    expected=f"{self._depth_in_use} tokens, the size of the vectors it gave",
                    received=f"{size} tokens",
                    hint="Pass max_tokens=... and pad_to_max_tokens=True to leave room.",
                )
            )

    def _store(self, tokens: list) -> None:
        self._tokens = tokens
        keys = [token.encode() for token in tokens] if self._of_text else tokens
        self._indices = {key: i for i, key in enumerate(keys, self._token_start)}
        self._known = self._words = None
        self._stored_size = self.vocabulary_size()

    def _padded(self, weights: np.ndarray, front: int) -> np.ndarray:
        """Weights with the mean for special tokens, and zeros up to `max_tokens`."""
        back = self.max_tokens - front - len(weights) if self.pad_to_max_tokens and self.max_tokens else 0
        return np.concatenate([np.full(front, weights.mean()), weights, np.zeros(back)]).astype(
            settings.floatx()
        )

    # Adapting --------------------------------------------------------------------------------------------
    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Make the vocabulary of the tokens in data: the most frequent ones first, equals in falling order.

        Args:
            data: An array or a list of tokens, or a dataset or another iterable of batches.
            steps: The number of batches to take, all if None.

        Raises:
            ValueError: If the vocabulary was given to the constructor.
        """
        self.reset_state()
        if is_one_array(data):
            array = as_array(data, text=self._of_text)
            self.update_state(array[:, None] if array.ndim == 1 else array)
        else:
            for batch in batches(data, steps):
                self.update_state(batch)
        self.finalize_state()

    def update_state(self, data: Any) -> None:
        """Count the tokens of a batch of shape `(documents, tokens)`, or of one document."""
        array = as_array(data, text=self._of_text)
        self.count_documents(array.reshape(-1, array.shape[-1] if array.ndim else 1).tolist())

    def count_documents(self, documents: list[list]) -> None:
        """Count the tokens of documents, each a list of bytes or integers."""
        if self._has_input_vocabulary:
            raise ValueError(
                message(
                    "The layer was given its vocabulary, so there is nothing to adapt.",
                    where=self.path,
                    hint="Leave `vocabulary` out.",
                )
            )
        self._counts.add(documents)

    def finalize_state(self) -> None:
        """Make the vocabulary of what was counted."""
        special = {self.mask_token, self.oov_token} - {None}
        skipped = {token.encode() for token in special} if self._of_text else special
        limit = None if self.max_tokens is None else self.max_tokens - self._token_start
        found = self._counts.ranked(skipped, limit)
        if not found:
            return
        self._check_size(self._token_start + len(found))
        self._store(decoded(found, self.path) if self._of_text else found)
        if self.output_mode == "tf_idf":
            self._idf = self._padded(self._counts.rarity(found), self._token_start)
        self.reset_state()

    def reset_state(self) -> None:
        """Forget what was counted; the vocabulary stays."""
        self._counts = TokenCounts()

    # Looking up ------------------------------------------------------------------------------------------
    @property
    def _by_element(self) -> bool:
        return self.output_mode == "int"

    def call(self, inputs: Any) -> Any:
        """The indices of tokens (or the tokens of indices), or vectors, as the output mode says."""
        if self.invert:
            return self._tokens_of(inputs)
        return self.encode(self._indices_of(inputs))

    def encode(self, indices: Any) -> Any:
        """Indices in the form that the output mode asks for."""
        if self.output_mode == "int":
            return indices
        depth = self._depth()
        if self.output_mode != "tf_idf":
            return encode(indices, self.output_mode, depth, settings.floatx())
        return encode(indices, "count", depth, settings.floatx()) * self._weights()

    def _depth(self) -> int:
        size = self.max_tokens if self.pad_to_max_tokens else self._stored_size
        if size is None:
            raise RuntimeError(
                message(
                    f'output_mode="{self.output_mode}" needs a vocabulary before the layer is called.',
                    where=self.path,
                    hint="Call adapt(data), or pass vocabulary=[...].",
                )
            )
        self._depth_in_use = size
        return size

    def _weights(self) -> np.ndarray:
        if self._idf is None and is_probing():
            return np.ones(self._depth(), settings.floatx())
        if self._idf is None:
            raise RuntimeError(
                message("The layer has no weights yet.", where=self.path, hint="Call adapt(data).")
            )
        return self._idf

    def _indices_of(self, x: Any) -> Any:
        array = known(x)
        if array is not None:
            return narrow(self.find(as_array(array, text=self._of_text)))
        found = _find(ops.cast(x, "int32"), *self._sorted_keys())
        if self.num_oov_indices == 1:
            found = ops.where(found == _UNKNOWN, self._oov_start, found)
        elif self.num_oov_indices > 1:
            found = ops.where(found == _UNKNOWN, on_host(self._share, x), found)
        if self.mask_token is not None:
            found = ops.where(x == self.mask_token, self._mask_index, found)
        return found

    @property
    def _mask_index(self) -> int:
        return 0 if self.output_mode == "int" else DROPPED

    def find_each(self, tokens: list) -> np.ndarray:
        """The indices of a list of bytes or integers."""
        if self.num_oov_indices != 1:
            return self.find(np.array([*tokens, b""], object)[:-1])
        found = map(self._known_tokens().get, tokens, itertools.repeat(self._oov_start))
        return np.fromiter(found, "int64", len(tokens))

    def _known_tokens(self) -> dict:
        if self._known is None:
            mask = (
                self.mask_token.encode() if self._of_text and self.mask_token is not None else self.mask_token
            )
            self._known = {**self._indices, **({} if mask is None else {mask: self._mask_index})}
        return self._known

    def find_words(self, texts: list[bytes], letters: bytes | None, dropped: bytes) -> tuple | None:
        """The indices of the words of many texts, see `WordTable.rows`; None if it must be done word by word."""
        if self.num_oov_indices != 1:
            return None
        if self._words is None:
            self._words = WordTable(self._known_tokens(), self._oov_start)
        return self._words.rows(texts, letters, dropped)

    def find(self, tokens: np.ndarray) -> np.ndarray:
        """The indices of an array of bytes or integers."""
        get = self._indices.get
        flat = tokens.ravel().tolist()
        found = np.array([get(token, _UNKNOWN) for token in flat], "int64").reshape(tokens.shape)
        unknown = found == _UNKNOWN
        masked = np.zeros_like(unknown)
        if self.mask_token is not None:
            masked = np.asarray(tokens == (self.mask_token.encode() if self._of_text else self.mask_token))
            unknown &= ~masked
        if unknown.any():
            found[unknown] = self._share(tokens[unknown])
        found[masked] = self._mask_index
        return found

    def _share(self, tokens: np.ndarray) -> np.ndarray:
        """The indices of unknown tokens."""
        count = self.num_oov_indices
        if count == 0:
            if is_probing():
                return np.zeros(tokens.shape, "int64")
            raise ValueError(
                message(
                    "There are tokens that the vocabulary does not have.",
                    where=self.path,
                    expected="tokens of the vocabulary only, as num_oov_indices is 0",
                    received=plain(np.unique(tokens)[:10]),
                    hint="Pass num_oov_indices=1.",
                )
            )
        if count == 1:
            return np.full(tokens.shape, self._oov_start, "int64")
        if not self._of_text and self.oov_method == "floormod":
            return np.mod(tokens, count).astype("int64") + self._oov_start
        return buckets(tokens, count, self.salt) + self._oov_start

    def as_table(self) -> tuple[list, list[int]]:
        """The tokens that have an index of their own (bytes or integers), and these indices, for exports.

        Raises:
            RuntimeError: If there is no vocabulary yet.
        """
        if not self._tokens:
            raise RuntimeError(
                message("The layer has no vocabulary yet.", where=self.path, hint="Call adapt(data) first.")
            )
        known = dict(self._indices)
        if self.mask_token is not None:
            known[self.mask_token.encode() if self._of_text else self.mask_token] = self._mask_index
        return list(known), list(known.values())

    def _sorted_keys(self) -> tuple[np.ndarray, np.ndarray]:
        """The tokens that fit into 32 bits in rising order, and their indices."""
        keys = np.array(self._tokens, "int64")
        indices = np.arange(self._token_start, self._token_start + len(keys))
        fits = (keys >= -(2**31)) & (keys < 2**31)
        order = np.argsort(keys[fits])
        return keys[fits][order].astype("int32"), indices[fits][order].astype("int32")

    def _tokens_of(self, x: Any) -> Any:
        table = [*self.get_vocabulary(), self.oov_token]  # the last for what lies outside
        array = known(x)
        if not self._of_text:
            values = np.array([_number(token) for token in table], "int64")
            if array is not None:
                return narrow(values[_inside(array, len(table))])
            return ops.take(
                narrow(values), ops.where((x >= 0) & (x < len(table) - 1), x, len(table) - 1), axis=0
            )
        values = np.array([(token or "").encode() for token in table], object)
        if array is not None:
            return Tensor(values[_inside(array, len(table))])
        if is_probing():
            return Tensor(np.full(tuple(x.shape), b"", object))
        raise TypeError(
            message(
                "Texts cannot come out of compiled code.",
                where=self.path,
                hint="Call the layer on the model's result: lookup(model.predict(x)).",
            )
        )

    # Saving ----------------------------------------------------------------------------------------------
    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments; an adapted vocabulary is no part of it, but an asset."""
        config = super().get_config()
        config["vocabulary"] = self.input_vocabulary
        config["idf_weights"] = self.input_idf_weights
        config["vocabulary_size"] = self._stored_size
        return config

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Any:
        """A layer like the one that gave `config`.

        Raises:
            ValueError: If the vocabulary is the path of a file: only the user's own code may name files.
        """
        return super().from_config(without_path(config))

    def get_build_config(self) -> dict[str, Any]:
        """Nothing: there is nothing to build."""
        return {}

    def save_own_variables(self, store: Any) -> None:
        """The weights of `output_mode="tf_idf"`."""
        if self.output_mode == "tf_idf" and self._idf is not None:
            store["idf_weights"] = self._idf

    def load_own_variables(self, store: Any) -> None:
        """See `save_own_variables`."""
        if self.output_mode == "tf_idf" and "idf_weights" in store.keys():  # noqa: SIM118 - a file's group
            self._idf = np.asarray(store["idf_weights"], settings.floatx())

    def save_assets(self, dir_path: Any) -> None:
        """Write the vocabulary into a folder, unless it is in the config."""
        if self.input_vocabulary is None:
            text = "\n".join(str(token) for token in self.get_vocabulary())
            (Path(dir_path) / "vocabulary.txt").write_bytes(text.encode())

    def load_assets(self, dir_path: Any) -> None:
        """Read what `save_assets` wrote."""
        file = Path(dir_path) / "vocabulary.txt"
        if self.input_vocabulary is not None or not file.is_file():
            return
        tokens = read_tokens(file, self.path)
        if len(tokens) > self._token_start:
            weights = None if self._idf is None else self._idf[: len(tokens)]
            self.set_vocabulary(tokens, weights)


def _mode(value: Any, where: str) -> str:
    return output_mode(value, ("int", "one_hot", "multi_hot", "count", "tf_idf"), where)


def _number(token: Any) -> int:
    return -1 if token is None else int(token)


def _inside(indices: np.ndarray, size: int) -> np.ndarray:
    """Indices, with the last place of a table in place of those outside."""
    return np.where((indices >= 0) & (indices < size - 1), indices, size - 1)


@op(name="index_lookup")
def _find(x: Any, keys: Any, indices: Any) -> Any:
    """The index of each integer among sorted keys; -1 if it is none of them."""
    x, keys, indices = jnp.asarray(x), jnp.asarray(keys), jnp.asarray(indices)
    if keys.size == 0:
        return jnp.full(x.shape, _UNKNOWN, jnp.int32)
    place = jnp.minimum(jnp.searchsorted(keys, x), keys.size - 1)
    return jnp.where(keys[place] == x, indices[place], _UNKNOWN)
