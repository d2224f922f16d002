"""Classes of the engine that TensorFlow has at its top level."""

from __future__ import annotations

import logging

from addax.engine import (
    GradientTape,
    Tensor,
    TensorArray,
    TensorShape,
    TensorSpec,
    UnconnectedGradients,
    custom_gradient,
    function,
)

newaxis = None


def get_logger() -> logging.Logger:
    """The logger that scripts set the level of."""
    return logging.getLogger("tensorflow")


__all__ = [
    "GradientTape",
    "Tensor",
    "TensorArray",
    "TensorShape",
    "TensorSpec",
    "UnconnectedGradients",
    "custom_gradient",
    "function",
    "get_logger",
    "newaxis",
]
