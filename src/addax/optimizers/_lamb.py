"""LAMB: Adam with a rate for each layer, for large batches."""

from __future__ import annotations

from typing import Any, Unpack

from addax.core import config
from addax.engine._jax import jnp
from addax.optimizers._adam import moments
from addax.optimizers._optimizer import Optimizer
from addax.optimizers._slots import Slot
from addax.optimizers._state import LearningRate, Options


class Lamb(Optimizer):
    """LAMB (You et al., 2019): Adam's step, scaled by the norm of the weights over its own norm.

    Args:
        learning_rate: A number, a `LearningRateSchedule`, or a callable without arguments.
        beta_1: What the running mean of gradients keeps of itself.
        beta_2: What the running mean of squared gradients keeps of itself.
        epsilon: Added to the root; None for `keras.config.epsilon()`.
        **options: The arguments of `Optimizer`.

    Example:
        >>> import addax as keras
        >>> v = keras.Variable([3.0, 4.0])
        >>> keras.optimizers.Lamb(0.1).apply([keras.ops.array([1.0, 1.0])], [v])
        >>> v.numpy().round(3)
        array([2.646, 3.646], dtype=float32)
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
        """The two running means."""
        return [Slot("momentum"), Slot("velocity")]

    def apply_one(
        self, grad: Any, param: Any, slots: dict[str, Any], step: Any, lr: Any
    ) -> tuple[Any, dict[str, Any]]:
        """One step of Adam, as long as the weights are large."""
        m, v = moments(grad, slots, self.beta_1, self.beta_2)
        m_hat = m / (1.0 - jnp.power(jnp.float32(self.beta_1), step))
        v_hat = v / (1.0 - jnp.power(jnp.float32(self.beta_2), step))
        change = m_hat / (jnp.sqrt(v_hat) + self.epsilon)
        weight_norm, change_norm = jnp.sqrt(jnp.sum(jnp.square(param))), jnp.sqrt(jnp.sum(jnp.square(change)))
        usable = (weight_norm > 0) & (change_norm > 0)
        trust = jnp.where(usable, weight_norm / jnp.where(usable, change_norm, 1.0), 1.0)
        return param - trust * lr * change, {"momentum": m, "velocity": v}
