"""`ReversibleEmbedding`: vectors for tokens, and scores of tokens for vectors."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.layers.core._embedding import Embedding
from addax.layers.core._quantizable import Weight


class ReversibleEmbedding(Embedding):
    """An embedding that also works backwards, as the first and the last layer of a language model.

    Args:
        input_dim: The number of indices.
        output_dim: The size of the vectors.
        tie_weights: Whether the way back uses the same weights; else it has `reverse_embeddings`.
        embeddings_initializer: Initializer of the weights.
        embeddings_regularizer: Penalty on the weights.
        embeddings_constraint: Constraint on the weights.
        mask_zero: Whether index 0 is padding.
        reverse_dtype: The dtype that the way back computes in; the compute dtype if None.
        logit_soft_cap: A bound c of the scores: `tanh(scores / c) * c`.
        **kwargs: Arguments of `Embedding`.

    Raises:
        ValueError: If `input_dim` or `output_dim` is not a positive integer.

    Example:
        >>> import addax as keras
        >>> layer = keras.layers.ReversibleEmbedding(10, 4)
        >>> layer(layer([[1, 2, 3]]), reverse=True).shape
        TensorShape([1, 3, 10])
    """

    _modes = Embedding._modes

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        tie_weights: bool = True,
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        embeddings_constraint: Any = None,
        mask_zero: bool = False,
        reverse_dtype: Any = None,
        logit_soft_cap: float | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            input_dim,
            output_dim,
            embeddings_initializer,
            embeddings_regularizer,
            embeddings_constraint,
            mask_zero,
            **kwargs,
        )
        self.tie_weights = tie_weights
        self.reverse_dtype = reverse_dtype
        self.logit_soft_cap = logit_soft_cap

    def build(self, input_shape: Any = None) -> None:
        """Create `embeddings`; if not tied, `reverse_embeddings` of shape `(output_dim, input_dim)` too."""
        super().build(input_shape)
        if not self.tie_weights and self._storage is None:
            self.reverse_embeddings = self.add_weight(
                name="reverse_embeddings",
                shape=(self.output_dim, self.input_dim),
                initializer=self.embeddings_initializer,
                regularizer=self.embeddings_regularizer,
                constraint=self.embeddings_constraint,
            )

    def _stored(self) -> list[Weight]:
        back = Weight("reverse_embeddings", (self.output_dim, self.input_dim), packed=0)
        return super()._stored() if self.tie_weights else [*super()._stored(), back]

    def call(self, inputs: Any, reverse: bool = False) -> Any:
        """Look up indices, or give the scores of all indices for vectors of shape `(..., output_dim)`.

        Args:
            inputs: Indices, or vectors.
            reverse: Whether they are vectors.
        """
        if not reverse:
            return super().call(inputs)
        scores = self._scores(inputs)
        if self.logit_soft_cap is None:
            return scores
        return ops.tanh(scores / self.logit_soft_cap) * self.logit_soft_cap

    def _scores(self, inputs: Any) -> Any:
        if self._storage is not None:
            inputs = ops.cast(inputs, self.compute_dtype)
            scores = self._storage.multiply(
                self, inputs, self._weights_stored[-1], transposed=self.tie_weights
            )
            if not (self.lora_enabled and self.tie_weights):
                return scores
            a, b = self._lora_pair()
            added = ops.matmul(ops.matmul(inputs, ops.transpose(b)), ops.transpose(a))
            return ops.cast(scores + self._lora_strength() * added, self.compute_dtype)
        kernel = ops.transpose(self.embeddings) if self.tie_weights else self.reverse_embeddings
        dtype = self.compute_dtype if self.reverse_dtype is None else self.reverse_dtype
        return ops.matmul(ops.cast(inputs, dtype), ops.cast(kernel, dtype))

    def compute_mask(self, inputs: Any, previous_mask: Any = None, reverse: bool = False) -> Any:
        """Where the index is not 0, if 0 is padding; the mask of the input on the way back.

        Args:
            inputs: Indices, or vectors.
            previous_mask: The mask of the inputs.
            reverse: Whether they are vectors.
        """
        vectors = inputs.dtype.is_floating and tuple(inputs.shape)[-1:] == (self.output_dim,)
        return previous_mask if reverse or vectors else super().compute_mask(inputs, previous_mask)
