"""FTRL: follow the regularised leader."""

from __future__ import annotations

from typing import Any, Unpack

from addax.core.errors import message
from addax.engine._jax import jnp
from addax.optimizers._optimizer import Optimizer
from addax.optimizers._slots import Slot
from addax.optimizers._state import LearningRate, Options


class Ftrl(Optimizer):
    """FTRL-proximal (McMahan et al., 2013): for large sparse linear models, with L1 that gives exact zeros.

    Args:
        learning_rate: A number, a `LearningRateSchedule`, or a callable without arguments.
        learning_rate_power: Exponent of the sums of squares, at most 0; 0 keeps the rate as it is.
        initial_accumulator_value: Where the sums of squares begin, at least 0.
        l1_regularization_strength: The weight of L1, at least 0.
        l2_regularization_strength: The weight of L2 in the leader, at least 0.
        l2_shrinkage_regularization_strength: The weight of L2 in the gradient, at least 0.
        beta: The paper's beta, which lowers the rate at the start.
        **options: The arguments of `Optimizer`.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> import addax as keras
        >>> v = keras.Variable([1.0, 2.0])
        >>> keras.optimizers.Ftrl(0.1, l1_regularization_strength=100.0).apply([keras.ops.ones(2)], [v])
        >>> v.numpy()
        array([0., 0.], dtype=float32)
    """

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        learning_rate_power: float = -0.5,
        initial_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        l2_shrinkage_regularization_strength: float = 0.0,
        beta: float = 0.0,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, **options)
        if learning_rate_power > 0:
            raise ValueError(
                message("Argument `learning_rate_power` must be <= 0.", received=learning_rate_power)
            )
        self.learning_rate_power = learning_rate_power
        self.initial_accumulator_value = initial_accumulator_value
        self.l1_regularization_strength = l1_regularization_strength
        self.l2_regularization_strength = l2_regularization_strength
        self.l2_shrinkage_regularization_strength = l2_shrinkage_regularization_strength
        self.beta = beta
        for name in (
            "initial_accumulator_value",
            "l1_regularization_strength",
            "l2_regularization_strength",
            "l2_shrinkage_regularization_strength",
        ):
            if getattr(self, name) < 0:
                raise ValueError(message(f"Argument `{name}` must be >= 0.", received=getattr(self, name)))

    def slots(self, variable: Any) -> list[Slot]:
        """The sum of squared gradients, and the linear term of the leader."""
        return [Slot("accumulator", self.initial_accumulator_value), Slot("linear")]

    def apply_one(
        self, grad: Any, param: Any, slots: dict[str, Any], step: Any, lr: Any
    ) -> tuple[Any, dict[str, Any]]:
        """Move to the minimum of the regularised sum of linear losses."""
        power = -self.learning_rate_power
        old, total = slots["accumulator"], slots["accumulator"] + jnp.square(grad)
        sigma = (jnp.power(total, power) - jnp.power(old, power)) / lr
        shrunk = grad + 2 * self.l2_shrinkage_regularization_strength * param
        linear = slots["linear"] + shrunk - sigma * param
        l2 = self.l2_regularization_strength + self.beta / (2.0 * lr)
        quadratic = jnp.power(total, power) / lr + 2 * l2
        l1 = self.l1_regularization_strength
        return (jnp.clip(linear, -l1, l1) - linear) / quadratic, {"accumulator": total, "linear": linear}
