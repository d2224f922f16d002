"""Adagrad: gradients divided by the root of the sum of their squares."""

from __future__ import annotations

from typing import Any, Unpack

from addax.core import config
from addax.core.errors import message
from addax.engine._jax import jnp
from addax.optimizers._optimizer import Optimizer
from addax.optimizers._slots import Slot
from addax.optimizers._state import LearningRate, Options


class Adagrad(Optimizer):
    """Adagrad (Duchi et al., 2011): the more a parameter has been updated, the smaller its updates.

    Args:
        learning_rate: A number, a `LearningRateSchedule`, or a callable without arguments; 1.0 in the paper.
        initial_accumulator_value: Where the sums of squares begin, at least 0.
        epsilon: Added under the root; None for `keras.config.epsilon()`.
        **options: The arguments of `Optimizer`.

    Raises:
        ValueError: If `initial_accumulator_value` is negative.

    Example:
        >>> import addax as keras
        >>> v = keras.Variable([1.0, 2.0])
        >>> keras.optimizers.Adagrad(0.1, initial_accumulator_value=0.0).apply(
        ...     [keras.ops.array([3.0, -1.0])], [v]
        ... )
        >>> v.numpy().round(3)
        array([0.9, 2.1], dtype=float32)
    """

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        initial_accumulator_value: float = 0.1,
        epsilon: float | None = 1e-7,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, **options)
        if initial_accumulator_value < 0:
            raise ValueError(
                message(
                    "Argument `initial_accumulator_value` must be >= 0.", received=initial_accumulator_value
                )
            )
        self.initial_accumulator_value = initial_accumulator_value
        self.epsilon = config.epsilon() if epsilon is None else epsilon

    def slots(self, variable: Any) -> list[Slot]:
        """The sum of squared gradients."""
        return [Slot("accumulator", self.initial_accumulator_value)]

    def apply_one(
        self, grad: Any, param: Any, slots: dict[str, Any], step: Any, lr: Any
    ) -> tuple[Any, dict[str, Any]]:
        """One step along gradient over root of sum of squares."""
        total = slots["accumulator"] + jnp.square(grad)
        return param - lr * grad / jnp.sqrt(total + self.epsilon), {"accumulator": total}
