"""Scaled dot-product attention."""

from __future__ import annotations

import math
from typing import Any

from addax.core import config
from addax.core.errors import message
from addax.engine import op
from addax.engine._jax import jax, jnp
from addax.kernels._attention import attention
from addax.kernels._native import lowered
from addax.ops._dtypes import to_float

__all__ = ["dot_product_attention"]


@op(dynamic=("bias", "mask"))
def dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    bias: Any = None,
    mask: Any = None,
    scale: float | None = None,
    is_causal: bool = False,
    flash_attention: bool | None = None,
    attn_logits_soft_cap: float | None = None,
) -> Any:
    """`softmax(query @ key * scale + bias) @ value` for each head (Vaswani et al., 2017).

    Args:
        query: Tensor of shape `(batch, targets, heads, dim)`.
        key: Tensor of shape `(batch, sources, key_heads, dim)`; `heads` is a multiple of `key_heads`.
        value: Tensor of shape `(batch, sources, key_heads, dim)`.
        bias: Added to the logits; broadcasts to `(batch, heads, targets, sources)`.
        mask: Boolean tensor, true where a target may see a source; broadcasts likewise.
        scale: The factor of the logits; `1 / sqrt(dim)` if None.
        is_causal: Whether a target sees no later source.
        flash_attention: Whether to use the fused kernel (half precision, GPU); None: where it fits.
        attn_logits_soft_cap: If given, logits become `cap * tanh(logits / cap)`.

    Returns:
        Tensor of shape `(batch, targets, heads, dim)`.

    Raises:
        ValueError: If a rank is not 4, or the fused kernel is asked for where it does not fit.

    Example:
        >>> import addax as keras
        >>> q, k = keras.ops.ones((2, 3, 4, 8)), keras.ops.ones((2, 5, 4, 8))
        >>> keras.ops.dot_product_attention(q, k, k).shape
        TensorShape([2, 3, 4, 8])
    """
    query, key, value = to_float(query), to_float(key), to_float(value)
    if not query.ndim == key.ndim == value.ndim == 4:
        raise ValueError(
            message(
                "dot_product_attention() takes tensors of rank 4.",
                expected="(batch, length, heads, dim)",
                received=f"query {query.shape}, key {key.shape}, value {value.shape}",
            )
        )
    dtype = jnp.result_type(query, key, value)
    query, key, value = query.astype(dtype), key.astype(dtype), value.astype(dtype)
    bias = None if bias is None else _rank4(jnp.asarray(bias).astype(dtype))
    mask = None if mask is None else _rank4(jnp.asarray(mask).astype(bool))
    if attn_logits_soft_cap is not None:
        return _soft_capped(query, key, value, bias, mask, scale, is_causal, attn_logits_soft_cap)
    options = {"bias": bias, "mask": mask, "scale": scale, "is_causal": is_causal}
    if flash_attention is None:
        flash_attention = config.get("flash_attention")
    if flash_attention or (flash_attention is None and _may_fuse(query)):
        try:
            return jax.nn.dot_product_attention(query, key, value, **options, implementation="cudnn")
        except (NotImplementedError, RuntimeError, TypeError, ValueError) as error:
            if flash_attention:
                raise ValueError(
                    message(
                        f"Flash attention does not fit here: {error}",
                        hint="Use float16 or bfloat16 on a GPU with cuDNN, or flash_attention=None.",
                    )
                ) from error
    if lowered(query, key, value) and key.shape == value.shape and _fits(query, key):
        return attention(query, key, value, **options)
    return jax.nn.dot_product_attention(query, key, value, **options, implementation="xla")


def _rank4(x: Any) -> Any:
    return x.reshape((1,) * (4 - x.ndim) + x.shape) if x.ndim < 4 else x


def _fits(query: Any, key: Any) -> bool:
    """Whether the shapes are right; JAX's function says what is wrong with others."""
    alike = query.shape[::3] == key.shape[::3]
    return alike and 0 not in (*query.shape, *key.shape) and query.shape[2] % key.shape[2] == 0


def _may_fuse(query: Any) -> bool:
    """Whether cuDNN's kernel may be tried."""
    return query.dtype.itemsize == 2 and jax.default_backend() == "gpu"


def _soft_capped(
    query: Any, key: Any, value: Any, bias: Any, mask: Any, scale: float | None, is_causal: bool, cap: float
) -> Any:
    groups = query.shape[2] // key.shape[2]
    key, value = jnp.repeat(key, groups, axis=2), jnp.repeat(value, groups, axis=2)
    factor = 1 / math.sqrt(query.shape[-1]) if scale is None else scale
    logits = jnp.einsum("bthd,bshd->bhts", query, key, preferred_element_type=jnp.float32) * factor
    logits = cap * jnp.tanh(logits / cap)
    if bias is not None:
        logits = logits + bias
    allowed = jnp.ones((1, 1, 1, 1), bool) if mask is None else mask
    if is_causal:
        allowed = allowed & jnp.tril(jnp.ones((query.shape[1], key.shape[1]), bool))
    weights = jax.nn.softmax(jnp.where(allowed, logits, jnp.finfo(jnp.float32).min), axis=-1)
    return jnp.einsum("bhts,bshd->bthd", weights.astype(value.dtype), value)
