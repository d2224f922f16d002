"""Switches between TensorFlow 1 and 2: this is always 2."""

from __future__ import annotations

import warnings
from typing import Any


def _stays(name: str, what: str) -> None:
    warnings.warn(
        f"{name}() has no effect: {what} Code that needs no session runs as it is; tf.function compiles functions.",
        stacklevel=3,
    )


def disable_eager_execution() -> None:
    """Nothing but a warning: code runs eagerly, or compiled by `tf.function` and Keras."""
    _stays("disable_eager_execution", "code always runs eagerly here.")


def disable_v2_behavior() -> None:
    """Nothing but a warning: this is TensorFlow 2."""
    _stays("disable_v2_behavior", "this is TensorFlow 2, whose code runs eagerly.")


def enable_eager_execution(config: Any = None, device_policy: Any = None, execution_mode: Any = None) -> None:
    """Nothing: code runs eagerly.

    Args:
        config: Accepted for TensorFlow's sake.
        device_policy: Accepted for TensorFlow's sake.
        execution_mode: Accepted for TensorFlow's sake.
    """


def enable_v2_behavior() -> None:
    """Nothing: this is TensorFlow 2."""


def enable_v2_tensorshape() -> None:
    """Nothing: sizes of shapes are numbers."""


def disable_v2_tensorshape() -> None:
    """Nothing: sizes of shapes are numbers."""


def enable_resource_variables() -> None:
    """Nothing: there are no others."""


def disable_resource_variables() -> None:
    """Nothing: there are no others."""


def resource_variables_enabled() -> bool:
    """True."""
    return True


def enable_tensor_equality() -> None:
    """Nothing: `==` compares elements."""


def disable_tensor_equality() -> None:
    """Nothing: `==` compares elements."""


def enable_control_flow_v2() -> None:
    """Nothing: loops are XLA's."""


def disable_control_flow_v2() -> None:
    """Nothing: loops are XLA's."""


def control_flow_v2_enabled() -> bool:
    """True."""
    return True


def executing_eagerly_outside_functions() -> bool:
    """True."""
    return True
