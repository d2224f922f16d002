"""RMSprop: gradients divided by a running root mean square."""

from __future__ import annotations

from typing import Any, Unpack

from addax.core import config
from addax.engine._jax import jnp
from addax.optimizers._optimizer import Optimizer
from addax.optimizers._slots import Slot
from addax.optimizers._state import LearningRate, Options


class RMSprop(Optimizer):
    """RMSprop (Hinton, 2012): each gradient is divided by the root of a running mean of its square.

    Args:
        learning_rate: A number, a `LearningRateSchedule`, or a callable without arguments.
        rho: What the running means keep of themselves.
        momentum: What the last change adds to this one; 0 for none.
        epsilon: Added under the root; None for `keras.config.epsilon()`.
        centered: Whether the variance is used in place of the mean square.
        **options: The arguments of `Optimizer`.

    Example:
        >>> import addax as keras
        >>> v = keras.Variable(10.0)
        >>> keras.optimizers.RMSprop(0.1).apply([v.value], [v])
        >>> round(float(v), 4)
        9.6838
    """

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float | None = 1e-7,
        centered: bool = False,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.rho = rho
        self.momentum = momentum
        self.epsilon = config.epsilon() if epsilon is None else epsilon
        self.centered = centered

    def slots(self, variable: Any) -> list[Slot]:
        """The mean square, then the momentum and the mean, each for all variables before the next."""
        slots = [Slot("velocity")]
        if self.momentum > 0:
            slots.append(Slot("momentum", group=1))
        if self.centered:
            slots.append(Slot("average_gradient", group=2))
        return slots

    def apply_one(
        self, grad: Any, param: Any, slots: dict[str, Any], step: Any, lr: Any
    ) -> tuple[Any, dict[str, Any]]:
        """One step along the normalised gradient."""
        new = {"velocity": self.rho * slots["velocity"] + (1 - self.rho) * jnp.square(grad)}
        spread = new["velocity"] + self.epsilon
        if self.centered:
            new["average_gradient"] = self.rho * slots["average_gradient"] + (1 - self.rho) * grad
            spread = new["velocity"] - jnp.square(new["average_gradient"]) + self.epsilon
        change = lr * grad / jnp.sqrt(spread)
        if self.momentum > 0:
            change = new["momentum"] = self.momentum * slots["momentum"] + change
        return param - change, new
