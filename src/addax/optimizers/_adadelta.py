"""Adadelta: steps in the unit of the parameters, from the sizes of earlier steps."""

from __future__ import annotations

from typing import Any, Unpack

from addax.core import config
from addax.engine._jax import jnp
from addax.optimizers._optimizer import Optimizer
from addax.optimizers._slots import Slot
from addax.optimizers._state import LearningRate, Options


class Adadelta(Optimizer):
    """Adadelta (Zeiler, 2012): the root mean square of earlier steps over that of the gradients.

    Args:
        learning_rate: A number, a `LearningRateSchedule`, or a callable without arguments; 1.0 in the paper.
        rho: What the running means keep of themselves.
        epsilon: Added under the roots; None for `keras.config.epsilon()`.
        **options: The arguments of `Optimizer`.

    Example:
        >>> import addax as keras
        >>> v = keras.Variable([1.0, 2.0])
        >>> keras.optimizers.Adadelta(1.0).apply([keras.ops.array([3.0, -1.0])], [v])
        >>> v.numpy().round(4)
        array([0.9986, 2.0014], dtype=float32)
    """

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        rho: float = 0.95,
        epsilon: float | None = 1e-7,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.rho = rho
        self.epsilon = config.epsilon() if epsilon is None else epsilon

    def slots(self, variable: Any) -> list[Slot]:
        """The mean squares of gradients and of steps."""
        return [Slot("accumulated_grad"), Slot("accumulated_delta_var")]

    def apply_one(
        self, grad: Any, param: Any, slots: dict[str, Any], step: Any, lr: Any
    ) -> tuple[Any, dict[str, Any]]:
        """One step as long as earlier ones, compared with their gradients."""
        steps = slots["accumulated_delta_var"]
        squares = self.rho * slots["accumulated_grad"] + (1 - self.rho) * jnp.square(grad)
        change = -jnp.sqrt(steps + self.epsilon) * grad / jnp.sqrt(squares + self.epsilon)
        steps = self.rho * steps + (1 - self.rho) * jnp.square(change)
        return param + lr * change, {"accumulated_grad": squares, "accumulated_delta_var": steps}
