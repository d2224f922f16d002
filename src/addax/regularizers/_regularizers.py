"""Penalties on weights, which layers add to the loss."""

from __future__ import annotations

import math
from typing import Any

from addax import ops
from addax.core.errors import message


class Regularizer:
    """Base of penalties: `regularizer(weight)` gives a scalar.

    Example:
        >>> import addax as keras
        >>> class Sum(keras.regularizers.Regularizer):
        ...     def __call__(self, x):
        ...         return keras.ops.sum(x)
        >>> float(Sum()(keras.ops.ones((3,))))
        3.0
    """

    def __call__(self, x: Any) -> Any:
        """The penalty for a weight."""
        return 0.0

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        raise NotImplementedError(f"{type(self).__name__} does not implement get_config().")

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Make a regularizer from what `get_config` gave."""
        return cls(**config)


def _factor(value: Any, name: str) -> float:
    """A finite, non-negative number."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if isinstance(value, (str, bool)) or not math.isfinite(number) or number < 0:
        raise ValueError(
            message(f"Wrong `{name}`.", expected="a finite number that is not negative", received=value)
        )
    return number


class L1L2(Regularizer):
    """`l1 * sum(|x|) + l2 * sum(x**2)`.

    Args:
        l1: The factor of the absolute values.
        l2: The factor of the squares.

    Example:
        >>> import addax as keras
        >>> float(keras.regularizers.L1L2(l1=1.0, l2=0.5)([1.0, -2.0]))
        5.5
    """

    def __init__(self, l1: float = 0.0, l2: float = 0.0) -> None:
        self.l1 = _factor(0.0 if l1 is None else l1, "l1")
        self.l2 = _factor(0.0 if l2 is None else l2, "l2")

    def __call__(self, x: Any) -> Any:
        """The penalty for a weight."""
        x = _weight(x)
        penalty = ops.zeros((), dtype=x.dtype)
        if self.l1:
            penalty = penalty + self.l1 * ops.sum(ops.absolute(x))
        if self.l2:
            penalty = penalty + self.l2 * ops.sum(ops.square(x))
        return penalty

    def get_config(self) -> dict[str, Any]:
        """The factors."""
        return {"l1": self.l1, "l2": self.l2}


class L1(Regularizer):
    """`l1 * sum(|x|)`.

    Args:
        l1: The factor.

    Example:
        >>> import addax as keras
        >>> float(keras.regularizers.L1(0.5)([1.0, -2.0]))
        1.5
    """

    def __init__(self, l1: float = 0.01) -> None:
        self.l1 = _factor(0.01 if l1 is None else l1, "l1")

    def __call__(self, x: Any) -> Any:
        """The penalty for a weight."""
        return self.l1 * ops.sum(ops.absolute(_weight(x)))

    def get_config(self) -> dict[str, Any]:
        """The factor."""
        return {"l1": self.l1}


class L2(Regularizer):
    """`l2 * sum(x**2)`.

    Args:
        l2: The factor.

    Example:
        >>> import addax as keras
        >>> float(keras.regularizers.L2(0.5)([1.0, -2.0]))
        2.5
    """

    def __init__(self, l2: float = 0.01) -> None:
        self.l2 = _factor(0.01 if l2 is None else l2, "l2")

    def __call__(self, x: Any) -> Any:
        """The penalty for a weight."""
        return self.l2 * ops.sum(ops.square(_weight(x)))

    def get_config(self) -> dict[str, Any]:
        """The factor."""
        return {"l2": self.l2}


class OrthogonalRegularizer(Regularizer):
    """`factor` times the mean absolute cosine between the rows (or columns) of a matrix.

    Args:
        factor: The factor.
        mode: `"rows"` or `"columns"`.

    Raises:
        ValueError: If an argument is wrong.

    Example:
        >>> import addax as keras
        >>> float(keras.regularizers.OrthogonalRegularizer(1.0)([[1.0, 0.0], [0.0, 1.0]]))
        0.0
    """

    def __init__(self, factor: float = 0.01, mode: str = "rows") -> None:
        self.factor = _factor(factor, "factor")
        if mode not in ("rows", "columns"):
            raise ValueError(message("Unknown mode.", expected='"rows" or "columns"', received=mode))
        self.mode = mode

    def __call__(self, inputs: Any) -> Any:
        """The penalty for a matrix; raises ValueError if the rank is not 2."""
        x = _weight(inputs)
        if len(x.shape) != 2:
            raise ValueError(
                message(
                    "Inputs to OrthogonalRegularizer must have rank 2.", received=f"shape {tuple(x.shape)}"
                )
            )
        axis = 1 if self.mode == "rows" else 0
        x = ops.normalize(x, axis=axis)
        product = ops.matmul(x, ops.transpose(x)) if self.mode == "rows" else ops.matmul(ops.transpose(x), x)
        size = x.shape[1 - axis]
        others = product * (1.0 - ops.eye(size, dtype=x.dtype))
        return 0.5 * self.factor * ops.sum(ops.absolute(others)) / (size * (size - 1.0) / 2.0)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return {"factor": self.factor, "mode": self.mode}


def _weight(x: Any) -> Any:
    return x if hasattr(x, "dtype") else ops.convert_to_tensor(x)
