"""`GroupedQueryAttention`."""

from __future__ import annotations

import math
from typing import Any

from addax import ops
from addax.core.errors import message
from addax.layers import _arguments
from addax.layers.attention._heads import HeadedAttention, unmasked


class GroupedQueryAttention(HeadedAttention):
    """Attention in several heads, where groups of query heads share a key and a value (Ainslie et al., 2023).

    Args:
        head_dim: The size of query, key and value in each head.
        num_query_heads: The number of query heads.
        num_key_value_heads: The number of key and value heads, which divides it.
        dropout: Fraction of the attention weights that is dropped in training.
        use_bias: Whether the projections add a bias.
        sliding_window: A target sees sources less than this many steps away only; None for all.
        flash_attention: Whether to use the fused kernel; None: where it fits.
        kernel_initializer: Initializer of the projections' kernels.
        bias_initializer: Initializer of their biases.
        kernel_regularizer: Penalty on the kernels.
        bias_regularizer: Penalty on the biases.
        activity_regularizer: Penalty on the outputs of the projections.
        kernel_constraint: Constraint on the kernels.
        bias_constraint: Constraint on the biases.
        use_gate: Whether the result is multiplied with `sigmoid` of one more projection of the query.
        seed: Seed of the dropout.
        **kwargs: Arguments of `Layer`.

    Raises:
        ValueError: If an argument is wrong, or (when called) value and key do not fit.

    Example:
        >>> import addax as keras
        >>> x = keras.ops.ones((2, 5, 8))
        >>> keras.layers.GroupedQueryAttention(4, 6, 2)(x, x, use_causal_mask=True).shape
        TensorShape([2, 5, 8])
    """

    _public_name = "GroupQueryAttention"  # Keras's name for it, in files too

    def __init__(
        self,
        head_dim: int,
        num_query_heads: int,
        num_key_value_heads: int,
        dropout: float = 0.0,
        use_bias: bool = True,
        sliding_window: int | None = None,
        flash_attention: bool | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        use_gate: bool = False,
        seed: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            dropout,
            use_bias,
            sliding_window,
            flash_attention,
            kernel_initializer,
            bias_initializer,
            kernel_regularizer,
            bias_regularizer,
            activity_regularizer,
            kernel_constraint,
            bias_constraint,
            use_gate,
            seed,
            **kwargs,
        )
        where = "GroupedQueryAttention"
        self.head_dim = _arguments.positive_int(head_dim, "head_dim", where)
        self.num_query_heads = _arguments.positive_int(num_query_heads, "num_query_heads", where)
        self.num_key_value_heads = _arguments.positive_int(num_key_value_heads, "num_key_value_heads", where)
        if self.num_query_heads % self.num_key_value_heads:
            raise ValueError(
                message(
                    "`num_query_heads` cannot be split into groups.",
                    where=where,
                    expected=f"a multiple of num_key_value_heads={num_key_value_heads}",
                    received=f"num_query_heads={num_query_heads}",
                )
            )
        self.num_repeats = self.num_query_heads // self.num_key_value_heads

    def build(self, query_shape: Any, value_shape: Any, key_shape: Any = None) -> None:
        """Create the projections."""
        key_shape = value_shape if key_shape is None else key_shape
        self._check_shapes(value_shape, key_shape)
        of_query, of_value = (self.num_query_heads, self.head_dim), (self.num_key_value_heads, self.head_dim)
        self._query_dense = self._head_dense("query", query_shape, of_query)
        self._key_dense = self._head_dense("key", key_shape, of_value)
        if self.use_gate:
            self._gate_dense = self._head_dense("gate", query_shape, of_query, activation="sigmoid")
        self._value_dense = self._head_dense("value", value_shape, of_value)
        self._build_weighting(-1)
        self._output_dense = self._dense("attention_output", "bquh,uhm->bqm", (None, query_shape[-1]), "m")
        self._output_dense.build((None, None, *of_query))

    def _head_dense(self, name: str, shape: Any, sizes: tuple, **options: Any) -> Any:
        dense = self._dense(name, "bqm,muh->bquh", (None, *sizes), "uh", **options)
        dense.build(shape)
        return dense

    def call(
        self,
        query: Any,
        value: Any,
        key: Any = None,
        query_mask: Any = None,
        value_mask: Any = None,
        key_mask: Any = None,
        attention_mask: Any = None,
        return_attention_scores: bool = False,
        training: Any = None,
        use_causal_mask: bool = False,
    ) -> Any:
        """Attend.

        Args:
            query: Tensor of shape `(batch, targets, dim)`.
            value: Tensor of shape `(batch, sources, dim)`.
            key: Tensor of shape `(batch, sources, dim)`; the value if None.
            query_mask: Boolean tensor of shape `(batch, targets)`.
            value_mask: Boolean tensor of shape `(batch, sources)`.
            key_mask: Boolean tensor of shape `(batch, sources)`.
            attention_mask: Boolean tensor of shape `(batch, targets, sources)`, true where a target may see
                a source.
            return_attention_scores: Whether the attention weights are returned too.
            training: Whether dropout is on.
            use_causal_mask: Whether a target sees no later source.

        Returns:
            A tensor of shape `(batch, targets, dim)`, and the weights of shape
            `(batch, query heads, targets, sources)`.
        """
        self._check_scores(return_attention_scores)
        query, value, key = (unmasked(x) for x in (query, value, value if key is None else key))
        masks = {
            "query_mask": query_mask,
            "value_mask": value_mask,
            "key_mask": key_mask,
            "attention_mask": attention_mask,
            "use_causal_mask": use_causal_mask,
        }
        gate = self._gate_dense(query) if self.use_gate else None
        query, key, value = self._query_dense(query), self._key_dense(key), self._value_dense(value)
        output, scores = self._attend(query, key, value, masks, training, return_attention_scores)
        output = self._output_dense(output if gate is None else output * gate)
        return (output, scores) if return_attention_scores else output

    def _compute_attention(
        self,
        query: Any,
        key: Any,
        value: Any,
        attention_mask: Any = None,
        training: Any = None,
        return_attention_scores: bool = False,
        use_causal_mask: bool = False,
    ) -> tuple[Any, Any]:
        """The attention of projected tensors, and its weights (or None)."""
        if self._fuses(query, return_attention_scores):
            return self._fused(query, key, value, attention_mask, self.head_dim, use_causal_mask), None
        key, value = (ops.repeat(x, self.num_repeats, axis=2) for x in (key, value))
        query = query * ops.cast(1.0 / math.sqrt(self.head_dim), query.dtype)
        scores = ops.einsum("bquh,bkuh->buqk", query, key)
        scores, weights = self._weights(scores, attention_mask, -3, training)
        return ops.einsum("buqk,bkuh->bquh", weights, value), scores
