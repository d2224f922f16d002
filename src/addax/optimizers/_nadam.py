"""Nadam: Adam with Nesterov's momentum."""

from __future__ import annotations

from typing import Any, Unpack, cast

from addax.core import config
from addax.engine._jax import jnp
from addax.optimizers._adam import moments
from addax.optimizers._optimizer import Optimizer
from addax.optimizers._slots import Slot, stored_dtype
from addax.optimizers._state import LearningRate, Options


class Nadam(Optimizer):
    """Nadam (Dozat, 2015): Adam whose momentum looks one step ahead and warms up.

    Args:
        learning_rate: A number, a `LearningRateSchedule`, or a callable without arguments.
        beta_1: What the running mean of gradients keeps of itself, in the long run.
        beta_2: What the running mean of squared gradients keeps of itself.
        epsilon: Added to the root; None for `keras.config.epsilon()`.
        **options: The arguments of `Optimizer`, and `schedule_decay` of Keras 2: how fast the momentum warms up,
            by `0.96 ** (schedule_decay * step)`; 1 if it is not given, as in Keras 3.

    Example:
        >>> import addax as keras
        >>> v = keras.Variable([1.0, 2.0])
        >>> optimizer = keras.optimizers.Nadam(0.1)
        >>> optimizer.apply([keras.ops.array([3.0, -1.0])], [v])
        >>> len(optimizer.variables)
        5
    """

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float | None = 1e-7,
        **options: Unpack[Options],
    ) -> None:
        decay = cast("dict[str, Any]", options).pop("schedule_decay", None)
        super().__init__(learning_rate, **options)
        self._schedule_decay = None if decay is None else float(decay)
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = config.epsilon() if epsilon is None else epsilon

    def slots(self, variable: Any) -> list[Slot]:
        """The two running means."""
        return [Slot("momentum"), Slot("velocity")]

    def shared_slots(self) -> list[Slot]:
        """The product of all momentum coefficients so far, which corrects the bias of the first mean."""
        dtype = stored_dtype(self._trainable_variables[0]) if self._trainable_variables else None
        return [Slot("u_product", 1.0, (), dtype)]

    def _coefficient(self, step: Any) -> Any:
        """The momentum coefficient of a step, which grows towards `beta_1`."""
        base = 0.96 if self._schedule_decay is None else 0.96**self._schedule_decay
        return self.beta_1 * (1.0 - 0.5 * jnp.power(jnp.float32(base), step))

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        config = super().get_config()
        return config if self._schedule_decay is None else {**config, "schedule_decay": self._schedule_decay}

    def advance(self, shared: dict[str, Any], step: Any) -> dict[str, Any]:
        """Multiply this step's coefficient into the product."""
        return {"u_product": shared["u_product"] * self._coefficient(step)}

    def apply_one(
        self, grad: Any, param: Any, slots: dict[str, Any], step: Any, lr: Any
    ) -> tuple[Any, dict[str, Any]]:
        """One step along the momentum of the next step over root mean square."""
        m, v = moments(grad, slots, self.beta_1, self.beta_2)
        here, ahead, product = self._coefficient(step), self._coefficient(step + 1), slots["u_product"]
        m_hat = ahead * m / (1 - product * ahead) + (1 - here) * grad / (1 - product)
        v_hat = v / (1 - jnp.power(jnp.float32(self.beta_2), step))
        return param - m_hat * lr / (jnp.sqrt(v_hat) + self.epsilon), {"momentum": m, "velocity": v}
