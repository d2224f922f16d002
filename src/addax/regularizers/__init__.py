"""`addax.regularizers`: penalties on weights."""

from addax.regularizers._lookup import deserialize, get, serialize
from addax.regularizers._regularizers import L1, L1L2, L2, OrthogonalRegularizer, Regularizer

l1 = L1
l1_l2 = L1L2
l2 = L2
orthogonal_regularizer = OrthogonalRegularizer

__all__ = [
    "L1",
    "L1L2",
    "L2",
    "OrthogonalRegularizer",
    "Regularizer",
    "deserialize",
    "get",
    "l1",
    "l1_l2",
    "l2",
    "orthogonal_regularizer",
    "serialize",
]
