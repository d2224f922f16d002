"""Projections that an optimizer applies to weights after each step."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.core.config import epsilon


class Constraint:
    """Base of constraints: `constraint(weight)` gives the weight's allowed value.

    Example:
        >>> import addax as keras
        >>> class Half(keras.constraints.Constraint):
        ...     def __call__(self, w):
        ...         return w * 0.5
        >>> float(Half()(keras.ops.ones(())))
        0.5
    """

    def __call__(self, w: Any) -> Any:
        """The allowed value."""
        return w

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Make a constraint from what `get_config` gave."""
        return cls(**config)


def _norms(w: Any, axis: Any) -> Any:
    return ops.sqrt(ops.sum(ops.square(w), axis=axis, keepdims=True))


class MaxNorm(Constraint):
    """Norms of the units' weights are at most `max_value` (Srivastava et al., 2014).

    Args:
        max_value: The largest norm.
        axis: The axis or axes of the norm: 0 for the inputs of a Dense kernel, (0, 1, 2) for a Conv2D kernel.

    Example:
        >>> import addax as keras
        >>> keras.constraints.MaxNorm(1.0)([[3.0], [4.0]]).numpy().ravel()
        array([0.6, 0.8], dtype=float32)
    """

    def __init__(self, max_value: float = 2, axis: Any = 0) -> None:
        self.max_value = max_value
        self.axis = axis

    def __call__(self, w: Any) -> Any:
        """The allowed value."""
        w = ops.convert_to_tensor(w)
        norms = _norms(w, self.axis)
        return ops.cast(w, norms.dtype) * (ops.clip(norms, 0, self.max_value) / (epsilon() + norms))

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return {"max_value": self.max_value, "axis": self.axis}


class NonNeg(Constraint):
    """No weight is negative.

    Example:
        >>> import addax as keras
        >>> keras.constraints.NonNeg()([-1.0, 2.0]).numpy()
        array([0., 2.], dtype=float32)
    """

    def __call__(self, w: Any) -> Any:
        """The allowed value."""
        return ops.maximum(w, 0)


class UnitNorm(Constraint):
    """Norms of the units' weights are 1.

    Args:
        axis: The axis or axes of the norm: 0 for the inputs of a Dense kernel, (0, 1, 2) for a Conv2D kernel.

    Example:
        >>> import addax as keras
        >>> keras.constraints.UnitNorm()([[3.0], [4.0]]).numpy().ravel()
        array([0.6, 0.8], dtype=float32)
    """

    def __init__(self, axis: Any = 0) -> None:
        self.axis = axis

    def __call__(self, w: Any) -> Any:
        """The allowed value."""
        w = ops.convert_to_tensor(w)
        norms = _norms(w, self.axis)
        return ops.cast(w, norms.dtype) / (epsilon() + norms)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return {"axis": self.axis}


class MinMaxNorm(Constraint):
    """Norms of the units' weights move into an interval, at a rate.

    Args:
        min_value: The smallest norm.
        max_value: The largest norm.
        rate: How much of the way is gone in one step; 1 goes all of it.
        axis: The axis or axes of the norm: 0 for the inputs of a Dense kernel, (0, 1, 2) for a Conv2D kernel.

    Example:
        >>> import addax as keras
        >>> keras.constraints.MinMaxNorm(0.0, 1.0)([[3.0], [4.0]]).numpy().ravel()
        array([0.6, 0.8], dtype=float32)
    """

    def __init__(
        self, min_value: float = 0.0, max_value: float = 1.0, rate: float = 1.0, axis: Any = 0
    ) -> None:
        self.min_value = min_value
        self.max_value = max_value
        self.rate = rate
        self.axis = axis

    def __call__(self, w: Any) -> Any:
        """The allowed value."""
        w = ops.convert_to_tensor(w)
        norms = _norms(w, self.axis)
        clipped = ops.clip(norms, self.min_value, self.max_value)
        wanted = self.rate * clipped + (1 - self.rate) * norms
        return ops.cast(w, norms.dtype) * (wanted / (epsilon() + norms))

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return {
            "min_value": self.min_value,
            "max_value": self.max_value,
            "rate": self.rate,
            "axis": self.axis,
        }
