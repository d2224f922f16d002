"""`addax.dtype_policies`: the dtypes that layers compute in and keep their weights in."""

from addax.dtype_policies._global import dtype_policy as dtype_policy
from addax.dtype_policies._global import set_dtype_policy as set_dtype_policy
from addax.dtype_policies._lookup import deserialize, get, serialize
from addax.dtype_policies._map import DTypePolicyMap
from addax.dtype_policies._policy import DTypePolicy, FloatDTypePolicy
from addax.dtype_policies._quantized import (
    AWQDTypePolicy,
    GPTQDTypePolicy,
    Int4DTypePolicy,
    QuantizedDTypePolicy,
    QuantizedFloat8DTypePolicy,
)

Policy = DTypePolicy
_LOADABLE = ("Policy",)  # how TensorFlow's files call it

__all__ = [
    "AWQDTypePolicy",
    "DTypePolicy",
    "DTypePolicyMap",
    "FloatDTypePolicy",
    "GPTQDTypePolicy",
    "Int4DTypePolicy",
    "QuantizedDTypePolicy",
    "QuantizedFloat8DTypePolicy",
    "deserialize",
    "get",
    "serialize",
]
