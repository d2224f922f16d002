"""`addax.mixed_precision`: dtype policies under their tf.keras names."""

from addax.dtype_policies import DTypePolicy, dtype_policy, set_dtype_policy
from addax.mixed_precision import experimental as experimental
from addax.optimizers import LossScaleOptimizer

Policy = DTypePolicy
global_policy = dtype_policy
set_global_policy = set_dtype_policy

__all__ = [
    "DTypePolicy",
    "LossScaleOptimizer",
    "Policy",
    "dtype_policy",
    "global_policy",
    "set_dtype_policy",
    "set_global_policy",
]
