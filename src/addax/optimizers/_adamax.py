"""Adamax: Adam with the largest gradient in the place of the mean square."""

from __future__ import annotations

from typing import Any, Unpack

from addax.core import config
from addax.engine._jax import jnp
from addax.optimizers._optimizer import Optimizer
from addax.optimizers._slots import Slot
from addax.optimizers._state import LearningRate, Options


class Adamax(Optimizer):
    """Adamax (Kingma and Ba, 2014, section 7.1): Adam in the infinity norm.

    Args:
        learning_rate: A number, a `LearningRateSchedule`, or a callable without arguments.
        beta_1: What the running mean of gradients keeps of itself.
        beta_2: By what the largest gradient so far fades at each step.
        epsilon: Added to the largest gradient; None for `keras.config.epsilon()`.
        **options: The arguments of `Optimizer`.

    Example:
        >>> import addax as keras
        >>> v = keras.Variable([1.0, 2.0])
        >>> keras.optimizers.Adamax(0.1).apply([keras.ops.array([3.0, -1.0])], [v])
        >>> v.numpy().round(3)
        array([0.9, 2.1], dtype=float32)
    """

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float | None = 1e-7,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = config.epsilon() if epsilon is None else epsilon

    def slots(self, variable: Any) -> list[Slot]:
        """The running mean of gradients, and the largest one."""
        return [Slot("momentum"), Slot("norm")]

    def apply_one(
        self, grad: Any, param: Any, slots: dict[str, Any], step: Any, lr: Any
    ) -> tuple[Any, dict[str, Any]]:
        """One step along momentum over the largest gradient."""
        m = slots["momentum"] + (grad - slots["momentum"]) * (1 - self.beta_1)
        u = jnp.maximum(self.beta_2 * slots["norm"], jnp.abs(grad))
        unbias = 1 - jnp.power(jnp.float32(self.beta_1), step)
        return param - lr * m / (unbias * (u + self.epsilon)), {"momentum": m, "norm": u}
