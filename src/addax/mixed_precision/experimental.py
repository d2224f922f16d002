"""`addax.mixed_precision.experimental`: the spellings of TensorFlow 2.0 to 2.3."""

from __future__ import annotations

from typing import Any

from addax.dtype_policies import DTypePolicy, dtype_policy, set_dtype_policy
from addax.optimizers import LossScaleOptimizer as _LossScaleOptimizer

global_policy = dtype_policy
set_policy = set_dtype_policy


def Policy(name: str, loss_scale: Any = "auto") -> DTypePolicy:  # noqa: N802 - TensorFlow's name
    """A dtype policy.

    Args:
        name: Such as `"mixed_float16"`.
        loss_scale: Accepted for TensorFlow's sake: `model.compile` scales the loss where float16 needs it.

    Example:
        >>> import addax as keras
        >>> keras.mixed_precision.experimental.Policy("mixed_bfloat16").compute_dtype
        'bfloat16'
    """
    return DTypePolicy(name)


def LossScaleOptimizer(opt: Any, loss_scale: Any = "dynamic") -> _LossScaleOptimizer:  # noqa: N802 - TensorFlow's name
    """An optimizer that scales the loss, so that small gradients do not vanish in float16.

    Args:
        opt: The optimizer that updates.
        loss_scale: The scale to begin with, or `"dynamic"` for 32,768.
    """
    return (
        _LossScaleOptimizer(opt) if loss_scale == "dynamic" else _LossScaleOptimizer(opt, float(loss_scale))
    )


__all__ = ["LossScaleOptimizer", "Policy", "global_policy", "set_policy"]
