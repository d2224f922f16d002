"""The policy of layers that are given none."""

from __future__ import annotations

from typing import Any

from addax.core.config import floatx
from addax.core.errors import message
from addax.dtype_policies._policy import DTypePolicy
from addax.dtype_policies._quantized import QUANTIZATION_MODES, quantized_from_name

_policy: DTypePolicy | None = None


def dtype_policy() -> DTypePolicy:
    """The policy of layers that are given none: floatx for everything, unless one was set.

    Example:
        >>> dtype_policy()
        <DTypePolicy "float32">
    """
    return DTypePolicy(floatx()) if _policy is None else _policy


def set_dtype_policy(policy: Any) -> None:
    """Set the policy of layers that are given none.

    Args:
        policy: A policy or its name; None goes back to floatx.

    Raises:
        ValueError: If it is neither.

    Example:
        >>> set_dtype_policy("mixed_bfloat16")
        >>> dtype_policy().compute_dtype
        'bfloat16'
        >>> set_dtype_policy("float32")
    """
    global _policy
    if policy is not None and not isinstance(policy, (DTypePolicy, str)):
        raise ValueError(
            message(
                "Wrong dtype policy.",
                expected="a name such as 'mixed_float16', or a DTypePolicy",
                received=policy,
            )
        )
    _policy = policy_from_name(policy) if isinstance(policy, str) else policy


def policy_from_name(name: str) -> DTypePolicy:
    """The policy of a name, quantized or not."""
    return (
        quantized_from_name(name)
        if name.startswith(QUANTIZATION_MODES) and "_from_" in name
        else DTypePolicy(name)
    )
