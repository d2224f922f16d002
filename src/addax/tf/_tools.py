"""Classes of the engine that TensorFlow has at its top level."""

from __future__ import annotations

import logging
import time
from typing import Any

from addax.core import context
from addax.engine import (
    GradientTape,
    Tensor,
    TensorArray,
    TensorShape,
    TensorSpec,
    UnconnectedGradients,
    function,
)
from addax.engine._spec import TypeSpec
from addax.ops import convert_to_tensor, custom_gradient

newaxis = None


def get_logger() -> logging.Logger:
    """The logger that scripts set the level of."""
    return logging.getLogger("tensorflow")


class AggregationMethod:
    """How gradients are summed, for `tf.gradients`; all ways give the same."""

    ADD_N = DEFAULT = 0
    EXPERIMENTAL_TREE = 1
    EXPERIMENTAL_ACCUMULATE_N = 2


def get_current_name_scope() -> str:
    """The name scope that the code runs in, `a/b`; empty outside of all."""
    return "/".join(context.current().path)


def timestamp(name: str | None = None) -> Tensor:
    """Seconds since the beginning of 1970, when it is called (compiled code: when it is traced)."""
    return convert_to_tensor(time.time())


def type_spec_from_value(value: Any) -> Any:
    """The spec of a tensor.

    Args:
        value: A tensor, ragged and sparse ones too, or what becomes one.
    """
    return (
        value._type_spec if hasattr(value, "_type_spec") else TensorSpec.from_tensor(convert_to_tensor(value))
    )


__all__ = [
    "AggregationMethod",
    "GradientTape",
    "Tensor",
    "TensorArray",
    "TensorShape",
    "TensorSpec",
    "TypeSpec",
    "UnconnectedGradients",
    "custom_gradient",
    "function",
    "get_current_name_scope",
    "get_logger",
    "newaxis",
    "timestamp",
    "type_spec_from_value",
]
