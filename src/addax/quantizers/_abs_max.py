"""Quantizers: objects that turn floats into integers and a scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from addax.core.errors import message
from addax.quantizers._integers import abs_max_quantize


class Quantizer:
    """The base of quantizers; it gives back what it gets. Override `__call__` and `get_config`.

    Args:
        output_dtype: The dtype of the integers.
    """

    def __init__(self, output_dtype: str = "int8") -> None:
        self.output_dtype = output_dtype

    def __call__(self, x: Any) -> Any:
        """The quantized tensor."""
        return x

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return {"output_dtype": self.output_dtype}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A quantizer from what `get_config` gave."""
        return cls(**config)


class AbsMaxQuantizer(Quantizer):
    """Integers and scale by the largest absolute value. See `abs_max_quantize`.

    Args:
        axis: The axes that share a scale, if a call names none.
        value_range: The least and the greatest integer.
        epsilon: Added to the maximum, which may be zero.
        output_dtype: The dtype of the integers.

    Raises:
        ValueError: If the range does not fit into int8.

    Example:
        >>> import addax as keras
        >>> integers, scale = keras.quantizers.AbsMaxQuantizer()([[1.0, -4.0]])
        >>> integers.numpy()
        array([[  32, -127]], dtype=int8)
    """

    def __init__(
        self,
        axis: Any = None,
        value_range: Sequence[int] = (-127, 127),
        epsilon: float = 1e-7,
        output_dtype: str = "int8",
    ) -> None:
        super().__init__(output_dtype)
        self.axis = None if axis is None else (axis,) if isinstance(axis, int) else tuple(axis)
        self.value_range = tuple(value_range)
        self.epsilon = epsilon
        if output_dtype == "int8" and not -128 <= self.value_range[0] <= self.value_range[1] <= 127:
            raise ValueError(
                message("The range does not fit into int8.", expected="-128 to 127", received=value_range)
            )

    def __call__(self, x: Any, axis: Any = None, to_numpy: bool = False) -> tuple[Any, Any]:
        """The integers and the scale.

        Args:
            x: A float tensor.
            axis: The axes that share a scale; the constructor's, or the last one, if None.
            to_numpy: Whether to compute on the host.
        """
        axis = self.axis if axis is None else axis
        axis = -1 if axis is None else axis
        return abs_max_quantize(x, axis, self.value_range, self.output_dtype, self.epsilon, to_numpy)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        config = {"value_range": self.value_range, "epsilon": self.epsilon, "output_dtype": self.output_dtype}
        return config if self.axis is None else {**config, "axis": self.axis}
