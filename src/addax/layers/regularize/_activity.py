"""`ActivityRegularization`: a penalty on what goes through."""

from __future__ import annotations

from typing import Any

from addax import regularizers
from addax.core.errors import message
from addax.layers._layer import Layer


class ActivityRegularization(Layer):
    """Pass the input on, and add `(l1 * sum(|x|) + l2 * sum(x ** 2)) / batch_size` to the loss.

    Args:
        l1: Factor of the sum of absolute values.
        l2: Factor of the sum of squares.
        **kwargs: Arguments of `Layer`.

    Raises:
        ValueError: If a factor is negative.

    Example:
        >>> import addax as keras
        >>> layer = keras.layers.ActivityRegularization(l2=0.5)
        >>> _ = layer(keras.ops.ones((1, 4)))
        >>> float(layer.losses[0])
        2.0
    """

    supports_masking = True

    def __init__(self, l1: float = 0.0, l2: float = 0.0, **kwargs: Any) -> None:
        for name, value in (("l1", l1), ("l2", l2)):
            if value < 0:
                raise ValueError(
                    message(
                        f"`{name}` is wrong.",
                        where="ActivityRegularization",
                        expected="a number from 0",
                        received=value,
                    )
                )
        super().__init__(activity_regularizer=regularizers.L1L2(l1=l1, l2=l2), **kwargs)
        self.l1 = l1
        self.l2 = l2

    def call(self, inputs: Any) -> Any:
        """The input."""
        return inputs

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        config = super().get_config()
        config.pop("activity_regularizer", None)  # made from `l1` and `l2`
        return config
