"""`Attention` and `AdditiveAttention`: one head, without projections."""

from __future__ import annotations

from typing import Any

from addax import ops, random
from addax.core.errors import message
from addax.layers import _arguments
from addax.layers._layer import Layer
from addax.layers.attention._masks import causal_mask


class Attention(Layer):
    """Dot-product attention: means of values, weighted by how query and key agree (Luong et al., 2015).

    It is called on `[query, value]` or `[query, value, key]`, of shapes `(batch, targets, dim)`,
    `(batch, sources, dim)` and `(batch, sources, dim)`.

    Args:
        use_scale: Whether the scores are multiplied with a learnt number.
        score_mode: `"dot"` for `query @ key`, `"concat"` for the sum of `tanh(query + key)`.
        dropout: Fraction of the weights that is dropped in training.
        seed: Seed of the dropout.
        **kwargs: Arguments of `Layer`.

    Raises:
        ValueError: If an argument is wrong, or (when called) the inputs are no list of two or three.

    Example:
        >>> import addax as keras
        >>> query, value = keras.ops.ones((2, 3, 8)), keras.ops.ones((2, 5, 8))
        >>> keras.layers.Attention()([query, value]).shape
        TensorShape([2, 3, 8])
    """

    supports_masking = True

    def __init__(
        self,
        use_scale: bool = False,
        score_mode: str = "dot",
        dropout: float = 0.0,
        seed: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if score_mode not in ("dot", "concat"):
            where = type(self).__name__
            raise ValueError(
                message(
                    "`score_mode` is wrong.", where=where, expected='"dot" or "concat"', received=score_mode
                )
            )
        self.use_scale = use_scale
        self.score_mode = score_mode
        self.dropout = _arguments.fraction(dropout, "dropout", type(self).__name__)
        self.seed = seed
        if self.dropout > 0:
            self.seed_generator = random.SeedGenerator(seed)

    def build(self, input_shape: Any) -> None:
        """Create `scale` and `concat_score_weight`, where they are used."""
        self._check(input_shape)
        self.scale = self._number("scale") if self.use_scale else None
        self.concat_score_weight = (
            self._number("concat_score_weight") if self.score_mode == "concat" else None
        )

    def _number(self, name: str) -> Any:
        return self.add_weight(name=name, shape=(), initializer="ones")

    def call(
        self,
        inputs: Any,
        mask: Any = None,
        training: Any = False,
        return_attention_scores: bool = False,
        use_causal_mask: bool = False,
    ) -> Any:
        """Attend.

        Args:
            inputs: `[query, value]` or `[query, value, key]`; the key is the value if there is none.
            mask: `[query_mask, value_mask]`, boolean tensors of shape `(batch, length)` or None.
            training: Whether dropout is on.
            return_attention_scores: Whether the weights are returned too.
            use_causal_mask: Whether a target sees no later source.

        Returns:
            A tensor of shape `(batch, targets, dim)`, and the weights of shape `(batch, targets, sources)`.
        """
        self._check(inputs, mask)
        query, value = inputs[0], inputs[1]
        key = inputs[2] if len(inputs) > 2 else value
        query_mask, value_mask = (mask[0], mask[1]) if mask else (None, None)
        scores = self._calculate_scores(query=query, key=key)
        allowed = self._calculate_score_mask(scores, value_mask, use_causal_mask)
        output, weights = self._apply_scores(scores, value, allowed, training)
        if query_mask is not None:
            output = ops.where(ops.expand_dims(query_mask, -1), output, ops.zeros_like(output))
        return (output, weights) if return_attention_scores else output

    def _calculate_scores(self, query: Any, key: Any) -> Any:
        """Scores of shape `(batch, targets, sources)`; a subclass may override it."""
        if self.score_mode == "dot":
            scores = ops.matmul(query, ops.swapaxes(key, -2, -1))
            return scores if self.scale is None else scores * self.scale
        pairs = ops.expand_dims(query, -2) + ops.expand_dims(key, -3)
        pairs = pairs if self.scale is None else pairs * self.scale
        return self.concat_score_weight * ops.sum(ops.tanh(pairs), axis=-1)

    def _calculate_score_mask(self, scores: Any, value_mask: Any, use_causal_mask: bool) -> Any:
        """What may be seen, of a shape that broadcasts to the scores; None for everything."""
        allowed = None if value_mask is None else ops.expand_dims(ops.cast(value_mask, "bool"), -2)
        if not use_causal_mask:
            return allowed
        causal = causal_mask(scores.shape[-2], scores.shape[-1])
        return causal if allowed is None else ops.logical_and(allowed, causal)

    def _apply_scores(self, scores: Any, value: Any, scores_mask: Any = None, training: Any = False) -> tuple:
        """Means of the values, and the weights."""
        if scores_mask is not None:
            lowest = 65504.0 if scores.dtype == "float16" else 1e9
            scores = ops.where(scores_mask, scores, scores - ops.cast(lowest, scores.dtype))
        weights = ops.softmax(scores, axis=-1)
        if training and self.dropout > 0:
            weights = random.dropout(weights, self.dropout, seed=self.seed_generator)
        return ops.matmul(weights, value), weights

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """The mask of the query."""
        return previous_mask[0] if isinstance(previous_mask, (list, tuple)) else None

    def _check(self, inputs: Any, mask: Any = None) -> None:
        for what, given in (("inputs", inputs), ("mask", [None, None] if mask is None else mask)):
            if not isinstance(given, list) or len(given) not in (2, 3):
                raise ValueError(
                    message(
                        f"The {what} of {type(self).__name__} must be a list.",
                        where=self.path,
                        expected="[query, value] or [query, value, key]",
                        received=[tuple(getattr(x, "shape", ())) for x in given]
                        if isinstance(given, (list, tuple))
                        else given,
                        hint="Write layer([query, value]), with the tensors in one list.",
                    )
                )


class AdditiveAttention(Attention):
    """Attention by the scores `sum(scale * tanh(query + key))` (Bahdanau et al., 2015).

    It is called on `[query, value]` or `[query, value, key]`, of shapes `(batch, targets, dim)`,
    `(batch, sources, dim)` and `(batch, sources, dim)`.

    Args:
        use_scale: Whether each feature is multiplied with a learnt number.
        dropout: Fraction of the weights that is dropped in training.
        **kwargs: `seed`, and arguments of `Layer`.

    Raises:
        ValueError: If an argument is wrong, or (when called) the inputs are no list of two or three.

    Example:
        >>> import addax as keras
        >>> query, value = keras.ops.ones((2, 3, 8)), keras.ops.ones((2, 5, 8))
        >>> keras.layers.AdditiveAttention()([query, value]).shape
        TensorShape([2, 3, 8])
    """

    def __init__(self, use_scale: bool = True, dropout: float = 0.0, **kwargs: Any) -> None:
        super().__init__(use_scale=use_scale, dropout=dropout, **kwargs)

    def build(self, input_shape: Any) -> None:
        """Create `scale`, if it is used."""
        self._check(input_shape)
        self.scale = None
        if self.use_scale:
            width = input_shape[0][-1]
            self.scale = self.add_weight(name="scale", shape=(width,), initializer="glorot_uniform")

    def _calculate_scores(self, query: Any, key: Any) -> Any:
        pairs = ops.tanh(ops.expand_dims(query, -2) + ops.expand_dims(key, -3))
        return ops.sum(pairs if self.scale is None else pairs * self.scale, axis=-1)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        config = super().get_config()
        config.pop("score_mode")
        return config
