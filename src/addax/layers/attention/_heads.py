"""What the layers with many attention heads share: projections, masks, and the two ways to attend."""

from __future__ import annotations

import math
from typing import Any

from addax import constraints, dtype_policies, initializers, ops, regularizers
from addax.core.errors import message
from addax.dtype_policies import DTypePolicyMap
from addax.layers import _arguments
from addax.layers._layer import Layer
from addax.layers.attention._masks import causal_mask, joined, window_mask
from addax.layers.core._einsum_dense import EinsumDense
from addax.layers.core._rectifiers import Softmax
from addax.layers.regularize._dropout import Dropout


class HeadedAttention(Layer):
    """Projects query, key and value to several heads, attends in each, and projects the result.

    Args:
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
    """

    supports_masking = True

    def __init__(
        self,
        dropout: float,
        use_bias: bool,
        sliding_window: int | None,
        flash_attention: bool | None,
        kernel_initializer: Any,
        bias_initializer: Any,
        kernel_regularizer: Any,
        bias_regularizer: Any,
        activity_regularizer: Any,
        kernel_constraint: Any,
        bias_constraint: Any,
        use_gate: bool,
        seed: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        where = type(self).__name__
        self.dropout = _arguments.fraction(dropout, "dropout", where)
        self.use_bias = use_bias
        self.use_gate = use_gate
        if sliding_window is not None:
            sliding_window = _arguments.positive_int(sliding_window, "sliding_window", where)
        self.sliding_window = sliding_window
        self.flash_attention = flash_attention
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self._activity_regularizer = regularizers.get(activity_regularizer)  # of the projections
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.seed = seed
        if flash_attention and self.dropout > 0:
            raise ValueError(
                message(
                    "Flash attention has no dropout.",
                    where=where,
                    expected="dropout=0.0, or flash_attention=None",
                    received=f"dropout={dropout}, flash_attention={flash_attention}",
                )
            )

    # Parts -----------------------------------------------------------------------------------------------
    def _dense(
        self, name: str, equation: str, output_shape: Any, bias_axes: str, **options: Any
    ) -> EinsumDense:
        """A projection; each has an initializer of its own, so that no two kernels begin alike."""
        return EinsumDense(
            equation,
            output_shape=output_shape,
            bias_axes=bias_axes if self.use_bias else None,
            kernel_initializer=_copied(self.kernel_initializer),
            bias_initializer=_copied(self.bias_initializer),
            kernel_regularizer=self.kernel_regularizer,
            bias_regularizer=self.bias_regularizer,
            activity_regularizer=self._activity_regularizer,
            kernel_constraint=self.kernel_constraint,
            bias_constraint=self.bias_constraint,
            dtype=self.dtype_policy,
            name=name,
            **options,
        )

    def _dtype_config(self) -> Any:
        """Where projections were quantized, the policies by path, so that they are made so again."""
        policy = self.dtype_policy
        inside = {layer.path: layer.dtype_policy for layer in self._layers if layer.quantization_mode}
        if isinstance(policy, DTypePolicyMap) or policy.quantization_mode or not inside:
            return super()._dtype_config()
        return dtype_policies.serialize(DTypePolicyMap(policy, inside))

    def _build_weighting(self, axes: Any) -> None:
        self._softmax = Softmax(axis=axes, dtype=self.dtype_policy)
        if self.dropout > 0:
            self._dropout_layer = Dropout(rate=self.dropout, dtype=self.dtype_policy, seed=self.seed)

    def _check_shapes(self, value_shape: Any, key_shape: Any) -> None:
        if tuple(value_shape[1:-1]) != tuple(key_shape[1:-1]):
            raise ValueError(
                message(
                    "Value and key differ in more than the last axis.",
                    where=self.path,
                    expected="equal lengths",
                    received=f"value {tuple(value_shape)}, key {tuple(key_shape)}",
                )
            )

    # Masks -----------------------------------------------------------------------------------------------
    def _compute_attention_mask(
        self,
        query: Any,
        value: Any,
        query_mask: Any = None,
        value_mask: Any = None,
        key_mask: Any = None,
        attention_mask: Any = None,
        use_causal_mask: bool = False,
    ) -> Any:
        """What may be seen, of shape `(batch or 1, targets, sources)`; None for everything."""
        targets, sources = query.shape[1], value.shape[1]
        masks = [attention_mask]
        masks.append(None if query_mask is None else ops.expand_dims(query_mask, -1))
        masks += [None if mask is None else ops.expand_dims(mask, -2) for mask in (value_mask, key_mask)]
        if use_causal_mask:
            masks.append(causal_mask(targets, sources))
        if self.sliding_window is not None:
            masks.append(window_mask(targets, sources, self.sliding_window))
        return joined(masks)

    # Attention -------------------------------------------------------------------------------------------
    def _attend(self, query: Any, key: Any, value: Any, masks: dict, training: Any, scores: bool) -> tuple:
        """The attention of projected tensors; the fused operation needs no causal mask to be built."""
        causal = masks.pop("use_causal_mask")
        base = next(cls for cls in type(self).__mro__ if cls.__module__.startswith("addax."))
        own = type(self)._compute_attention is base._compute_attention  # type: ignore[attr-defined]
        if causal and own and self._fuses(query, scores):
            mask = self._compute_attention_mask(query, value, **masks)
            return self._compute_attention(query, key, value, mask, training, scores, use_causal_mask=True)
        mask = self._compute_attention_mask(query, value, **masks, use_causal_mask=causal)
        return self._compute_attention(query, key, value, mask, training, scores)

    def _fuses(self, query: Any, scores: bool) -> bool:
        """Whether one operation does it all."""
        return not scores and self.dropout == 0 and len(query.shape) == 4

    def _compute_attention(self, query: Any, key: Any, value: Any, *args: Any, **kwargs: Any) -> tuple:
        raise TypeError(f"{type(self).__name__} is a base class without attention.")

    def _fused(self, query: Any, key: Any, value: Any, mask: Any, width: int, causal: bool) -> Any:
        """The attention of heads of rank 4 in one operation, which keeps no weights."""
        if mask is not None and len(mask.shape) == 3:
            mask = ops.expand_dims(mask, 1)
        return ops.dot_product_attention(
            query,
            key,
            value,
            mask=mask,
            scale=1.0 / math.sqrt(width),
            is_causal=causal,
            flash_attention=self.flash_attention,
        )

    def _weights(self, scores: Any, mask: Any, place: int, training: Any) -> tuple[Any, Any]:
        """The weights of scores, and the same after dropout; a mask gets the axes it lacks at `place`."""
        if mask is not None:
            for _ in range(len(scores.shape) - len(mask.shape)):
                mask = ops.expand_dims(mask, place)
        weights = self._softmax(scores, mask=mask)
        return weights, self._dropout_layer(weights, training=training) if self.dropout > 0 else weights

    def _check_scores(self, wanted: bool) -> None:
        if self.flash_attention and wanted:
            raise ValueError(
                message(
                    "Flash attention keeps no scores.",
                    where=self.path,
                    expected="return_attention_scores=False, or flash_attention=None",
                    received="return_attention_scores=True, flash_attention=True",
                )
            )

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        config = super().get_config()
        config.pop("flash_attention", None)
        config["activity_regularizer"] = regularizers.serialize(self._activity_regularizer)
        return config


def unmasked(x: Any) -> Any:
    """A tensor without the mask that it carries, which the projections cannot use."""
    return x if getattr(x, "_keras_mask", None) is None else ops.copy(x)


def _copied(initializer: Any) -> Any:
    make = getattr(type(initializer), "from_config", None)
    return initializer if make is None else make(initializer.get_config())
