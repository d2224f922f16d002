"""`IntegerLookup`: integers and their indices in a vocabulary."""

from __future__ import annotations

from typing import Any

from addax.core.errors import message
from addax.layers._docs import documented
from addax.layers.preprocess._lookup import IndexLookup


@documented
class IntegerLookup(IndexLookup):
    """Gives integers their indices in a vocabulary, or the other way round.

    The indices begin with the mask token (if there is one and the output is `"int"`), then come the unknown
    tokens ("out of vocabulary"), then the vocabulary. In compiled code tokens must fit into 32 bits.

    Example:
        >>> import addax as keras
        >>> layer = keras.layers.IntegerLookup(vocabulary=[12, 36, 1138])
        >>> layer([[12, 1138], [36, 7]]).numpy()
        array([[1, 3],
               [2, 0]], dtype=int32)
    """

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: int | None = None,
        oov_token: int | None = -1,
        vocabulary: Any = None,
        vocabulary_dtype: str = "int64",
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        sparse: bool = False,
        pad_to_max_tokens: bool = False,
        oov_method: str = "floormod",
        salt: Any = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        if str(vocabulary_dtype) != "int64":
            raise ValueError(
                message("`vocabulary_dtype` of IntegerLookup.", expected="int64", received=vocabulary_dtype)
            )
        super().__init__(
            max_tokens,
            num_oov_indices,
            mask_token,
            oov_token,
            "int64",
            vocabulary=vocabulary,
            idf_weights=idf_weights,
            invert=invert,
            output_mode=output_mode,
            sparse=sparse,
            pad_to_max_tokens=pad_to_max_tokens,
            oov_method=oov_method,
            salt=salt,
            name=name,
            **kwargs,
        )
