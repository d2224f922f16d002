"""Lion: steps of one size, in the direction of the sign of momentum."""

from __future__ import annotations

from typing import Any, Unpack

from addax.core.errors import message
from addax.engine._jax import jnp
from addax.optimizers._optimizer import Optimizer
from addax.optimizers._slots import Slot
from addax.optimizers._state import LearningRate, Options


class Lion(Optimizer):
    """Lion (Chen et al., 2023): keeps only momentum; wants a rate 3 to 10 times smaller than AdamW's.

    Args:
        learning_rate: A number, a `LearningRateSchedule`, or a callable without arguments.
        beta_1: How much momentum weighs against the gradient in the step, in (0, 1].
        beta_2: What the momentum keeps of itself.
        **options: The arguments of `Optimizer`.

    Raises:
        ValueError: If `beta_1` is out of range.

    Example:
        >>> import addax as keras
        >>> v = keras.Variable([1.0, 2.0])
        >>> keras.optimizers.Lion(0.1).apply([keras.ops.array([3.0, -0.01])], [v])
        >>> v.numpy().round(3)
        array([0.9, 2.1], dtype=float32)
    """

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.99,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, **options)
        if not 0 < beta_1 <= 1:
            raise ValueError(
                message(
                    "Argument `beta_1` must be in (0, 1].",
                    received=beta_1,
                    hint="At 0 no momentum would be used: that is descent along the gradient's sign.",
                )
            )
        self.beta_1 = beta_1
        self.beta_2 = beta_2

    def slots(self, variable: Any) -> list[Slot]:
        """The momentum."""
        return [Slot("momentum")]

    def apply_one(
        self, grad: Any, param: Any, slots: dict[str, Any], step: Any, lr: Any
    ) -> tuple[Any, dict[str, Any]]:
        """One step along the sign of gradient and momentum together."""
        m = slots["momentum"]
        change = jnp.sign(m * self.beta_1 + grad * (1.0 - self.beta_1))
        return param - lr * change, {"momentum": m * self.beta_2 + grad * (1.0 - self.beta_2)}
