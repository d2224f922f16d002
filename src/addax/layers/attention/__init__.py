"""Attention: which parts of one sequence matter for each step of another."""

from addax.layers.attention._attention import AdditiveAttention, Attention
from addax.layers.attention._grouped_query_attention import GroupedQueryAttention
from addax.layers.attention._multi_head_attention import MultiHeadAttention

GroupQueryAttention = GroupedQueryAttention  # the public name in Keras

__all__ = [
    "AdditiveAttention",
    "Attention",
    "GroupQueryAttention",
    "GroupedQueryAttention",
    "MultiHeadAttention",
]
