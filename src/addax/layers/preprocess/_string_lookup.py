"""`StringLookup`: texts and their indices in a vocabulary."""

from __future__ import annotations

from typing import Any

from addax.layers._docs import documented
from addax.layers.preprocess._lookup import IndexLookup


@documented
class StringLookup(IndexLookup):
    """Gives texts their indices in a vocabulary, or the other way round.

    The indices begin with the mask token (if there is one and the output is `"int"`), then come the unknown
    tokens ("out of vocabulary"), then the vocabulary. Texts are looked up on the host.

    Example:
        >>> import addax as keras
        >>> layer = keras.layers.StringLookup(vocabulary=["a", "b", "c"])
        >>> layer([["a", "c"], ["b", "z"]]).numpy()
        array([[1, 3],
               [2, 0]], dtype=int32)
    """

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: str | None = None,
        oov_token: str | None = "[UNK]",
        vocabulary: Any = None,
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        pad_to_max_tokens: bool = False,
        sparse: bool = False,
        encoding: str = "utf-8",
        name: str | None = None,
        salt: Any = None,
        **kwargs: Any,
    ) -> None:
        kwargs.pop("oov_method", None)
        super().__init__(
            max_tokens,
            num_oov_indices,
            mask_token,
            oov_token,
            "string",
            vocabulary=vocabulary,
            idf_weights=idf_weights,
            invert=invert,
            output_mode=output_mode,
            pad_to_max_tokens=pad_to_max_tokens,
            sparse=sparse,
            name=name,
            salt=salt,
            **kwargs,
        )
        self.encoding = encoding

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments; an adapted vocabulary is no part of it, but an asset."""
        config = super().get_config()
        config.pop("vocabulary_dtype")
        return config
