"""`UnitNormalization`: vectors of length 1."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.layers._layer import Layer
from addax.layers.norm._base import checked_axes


class UnitNormalization(Layer):
    """Divide by the Euclidean norm along an axis.

    Args:
        axis: The axis or axes of the norm.
        **kwargs: Arguments of `Layer`.

    Raises:
        TypeError: If `axis` is neither an integer nor a list of them.

    Example:
        >>> import addax as keras
        >>> keras.layers.UnitNormalization()([[3.0, 4.0]]).numpy()
        array([[0.6, 0.8]], dtype=float32)
    """

    supports_masking = True

    def __init__(self, axis: Any = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = checked_axes(axis, type(self).__name__)

    def call(self, inputs: Any) -> Any:
        """Normalize a tensor."""
        return ops.normalize(inputs, axis=self.axis, order=2, epsilon=1e-12)
