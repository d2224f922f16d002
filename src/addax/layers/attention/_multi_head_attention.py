"""`MultiHeadAttention`."""

from __future__ import annotations

import math
import string
from typing import Any

from addax import ops
from addax.core.errors import message
from addax.layers import _arguments
from addax.layers.attention._heads import HeadedAttention, unmasked


class MultiHeadAttention(HeadedAttention):
    """Attention in several heads (Vaswani et al., 2017).

    Query, value and key are projected for each head, each head attends by scaled dot products, and the
    results of all heads are projected to the output. With query, value and key the same it is
    self-attention.

    Args:
        num_heads: The number of heads.
        key_dim: The size of query and key in each head.
        value_dim: The size of the value in each head; `key_dim` if None.
        dropout: Fraction of the attention weights that is dropped in training.
        use_bias: Whether the projections add a bias.
        output_shape: The size (or sizes) of the output's last axis; that of the query if None.
        attention_axes: The axes that are attended over; all between the first and the last if None.
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
        >>> x, y = keras.ops.ones((2, 3, 8)), keras.ops.ones((2, 5, 8))
        >>> output, scores = keras.layers.MultiHeadAttention(4, 2)(x, y, return_attention_scores=True)
        >>> output.shape, scores.shape
        (TensorShape([2, 3, 8]), TensorShape([2, 4, 3, 5]))
    """

    _renamed_arguments = {"output_shape": "_output_sizes"}

    def __init__(
        self,
        num_heads: int,
        key_dim: int,
        value_dim: int | None = None,
        dropout: float = 0.0,
        use_bias: bool = True,
        output_shape: Any = None,
        attention_axes: Any = None,
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
        where = type(self).__name__
        self.num_heads = _arguments.positive_int(num_heads, "num_heads", where)
        self.key_dim = _arguments.positive_int(key_dim, "key_dim", where)
        self.value_dim = _arguments.positive_int(value_dim or key_dim, "value_dim", where)
        self._output_sizes = _tuple("output_shape", output_shape or None)
        self.attention_axes = _tuple("attention_axes", attention_axes)

    def build(self, query_shape: Any, value_shape: Any, key_shape: Any = None) -> None:
        """Create the projections."""
        key_shape = value_shape if key_shape is None else key_shape
        self._check_shapes(value_shape, key_shape)
        self.query_dense = self._head_dense("query", query_shape, self.key_dim)
        self.key_dense = self._head_dense("key", key_shape, self.key_dim)
        if self.use_gate:
            self._gate_dense = self._head_dense("gate", query_shape, self.value_dim, activation="sigmoid")
        self.value_dense = self._head_dense("value", value_shape, self.value_dim)
        self._build_attention(len(query_shape) + 1)
        sizes = self._output_sizes or (query_shape[-1],)
        equation, bias_axes = _projection(len(query_shape) - 1, 2, len(sizes))
        free = [None] * (len(query_shape) - 2)
        self.output_dense = self._dense("attention_output", equation, [*free, *sizes], bias_axes)
        self.output_dense.build((*query_shape[:-1], self.num_heads, self.value_dim))

    def _head_dense(self, name: str, shape: Any, width: int, **options: Any) -> Any:
        """A projection of the last axis to all heads."""
        equation, bias_axes = _projection(len(shape) - 1, 1, 2)
        sizes = [*[None] * (len(shape) - 2), self.num_heads, width]
        dense = self._dense(name, equation, sizes, bias_axes, **options)
        dense.build(shape)
        return dense

    def _build_attention(self, rank: int) -> None:
        """Prepare the attention of projected tensors of a rank; a subclass may override it."""
        axes = self.attention_axes or tuple(range(1, rank - 2))
        self.attention_axes = tuple(axis if axis >= 0 else rank - 1 + axis for axis in axes)
        self._dot_product_equation, self._combine_equation, scores_rank = _attention_equations(
            rank, self.attention_axes
        )
        self._build_weighting(tuple(range(scores_rank - len(self.attention_axes), scores_rank)))

    # The names that subclasses of Keras's layer know.
    _query_dense = property(lambda self: self.query_dense)
    _key_dense = property(lambda self: self.key_dense)
    _value_dense = property(lambda self: self.value_dense)
    _output_dense = property(lambda self: self.output_dense)

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
            A tensor of shape `(batch, targets, dim)`, and the weights of shape `(batch, heads, targets,
            sources)`.
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
        query, key, value = self.query_dense(query), self.key_dense(key), self.value_dense(value)
        output, scores = self._attend(query, key, value, masks, training, return_attention_scores)
        output = self.output_dense(output if gate is None else output * gate)
        return (output, scores) if return_attention_scores else output

    def _fuses(self, query: Any, scores: bool) -> bool:
        return super()._fuses(query, scores) and self.key_dim == self.value_dim

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
        """The attention of projected tensors, and its weights (or None); a subclass may override it."""
        if self._fuses(query, return_attention_scores):
            return self._fused(query, key, value, attention_mask, self.key_dim, use_causal_mask), None
        query = query * ops.cast(1.0 / math.sqrt(self.key_dim), query.dtype)
        if self.attention_axes != (1,) or len(query.shape) != 4:
            scores = ops.einsum(self._dot_product_equation, key, query)
            scores, weights = self._masked_softmax(scores, attention_mask, training)
            return ops.einsum(self._combine_equation, weights, value), scores
        # Heads first, so that each is a pair of plain products: see kernels/_attention.py.
        query, key, value = (ops.swapaxes(x, 1, 2) for x in (query, key, value))
        scores = ops.einsum("bntd,bnsd->bnts", query, key)
        scores, weights = self._masked_softmax(scores, attention_mask, training)
        return ops.swapaxes(ops.einsum("bnts,bnsd->bntd", weights, value), 1, 2), scores

    def _masked_softmax(
        self, scores: Any, attention_mask: Any = None, training: Any = None
    ) -> tuple[Any, Any]:
        return self._weights(scores, attention_mask, -2 * len(self.attention_axes or ()) - 1, training)


def _tuple(name: str, value: Any) -> tuple[int, ...] | None:
    """A tuple of integers, from one or several; None for None."""
    if value is None:
        return None
    found = (value,) if isinstance(value, int) else value
    if not isinstance(found, (list, tuple)) or not all(isinstance(v, int) for v in found):
        expected = "None, an integer, or a tuple of integers"
        where = "MultiHeadAttention"
        raise ValueError(message(f"`{name}` is wrong.", where=where, expected=expected, received=value))
    return tuple(found)


def _projection(free: int, bound: int, outputs: int) -> tuple[str, str]:
    """The equation of a projection that sums over `bound` axes, and the axes of its bias."""
    letters = iter(string.ascii_lowercase)
    kept, summed, made = ("".join(next(letters) for _ in range(n)) for n in (free, bound, outputs))
    return f"{kept}{summed},{summed}{made}->{kept}{made}", made


def _attention_equations(rank: int, axes: tuple[int, ...]) -> tuple[str, str, int]:
    """Equations of the scores and of the weighted means, and the rank of the scores.

    Projected tensors are of shape `(batch, ..., heads, dim)`; scores have the batch axes, the heads, then the
    attended axes of the query, then those of the key.
    """
    target = string.ascii_lowercase[:rank]
    others = iter(string.ascii_lowercase[rank:])
    source = "".join(next(others) if i in axes else letter for i, letter in enumerate(target))
    batch = "".join(letter for i, letter in enumerate(target[:-1]) if i not in axes)
    scores = batch + "".join(target[i] for i in axes) + "".join(source[i] for i in axes)
    return f"{source},{target}->{scores}", f"{scores},{source}->{target}", len(scores)
