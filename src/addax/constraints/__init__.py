"""`addax.constraints`: projections of weights after each training step."""

from addax.constraints._constraints import Constraint, MaxNorm, MinMaxNorm, NonNeg, UnitNorm
from addax.constraints._lookup import deserialize, get, serialize

max_norm = MaxNorm
min_max_norm = MinMaxNorm
non_neg = NonNeg
unit_norm = UnitNorm
maxnorm, nonneg, unitnorm = MaxNorm, NonNeg, UnitNorm  # as Keras 1 spelled them

__all__ = [
    "Constraint",
    "MaxNorm",
    "MinMaxNorm",
    "NonNeg",
    "UnitNorm",
    "deserialize",
    "get",
    "max_norm",
    "maxnorm",
    "min_max_norm",
    "non_neg",
    "nonneg",
    "serialize",
    "unit_norm",
    "unitnorm",
]
