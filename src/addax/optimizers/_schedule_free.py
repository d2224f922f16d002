"""Schedule-free AdamW: averaging in the place of a decaying learning rate."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

from addax.core import config
from addax.engine._jax import jnp
from addax.optimizers._optimizer import Optimizer
from addax.optimizers._slots import Slot
from addax.optimizers._state import LearningRate, Options


class ScheduleFreeAdamW(Optimizer):
    """Schedule-free AdamW (Defazio et al., 2024): needs no schedule, and no length of training in advance.

    Gradients move a sequence z (kept under the name `momentum`); x is the mean of all z; the model holds
    `y = (1 - beta_1) * z + beta_1 * x`.

    Args:
        learning_rate: A number, a `LearningRateSchedule`, or a callable without arguments.
        beta_1: How near the model's weights are to the mean.
        beta_2: What the running mean of squared gradients keeps of itself.
        epsilon: Added to the root; None for `keras.config.epsilon()`.
        warmup_steps: Steps over which the rate climbs from 0.
        **options: The arguments of `Optimizer`.

    Example:
        >>> import addax as keras
        >>> v = keras.Variable([1.0, 2.0])
        >>> keras.optimizers.ScheduleFreeAdamW(0.1).apply([keras.ops.array([3.0, -1.0])], [v])
        >>> v.numpy().round(3)
        array([0.9, 2.1], dtype=float32)
    """

    def __init__(
        self,
        learning_rate: LearningRate = 0.0025,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float | None = 1e-8,
        warmup_steps: int = 0,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = config.epsilon() if epsilon is None else epsilon
        self.warmup_steps = warmup_steps

    def slots(self, variable: Any) -> list[Slot]:
        """The sequence z, which begins at the variable, and the running mean of squared gradients."""
        # The stored value, not the one in force: an optimizer may be built while a training step is traced.
        return [Slot("momentum", np.asarray(variable._value)), Slot("velocity")]

    def apply_one(
        self, grad: Any, param: Any, slots: dict[str, Any], step: Any, lr: Any
    ) -> tuple[Any, dict[str, Any]]:
        """Move z along Adam's step, x to the new mean, and the model between them."""
        if self.warmup_steps > 0:
            lr = lr * jnp.minimum(step / self.warmup_steps, 1.0)
        v = slots["velocity"] + (jnp.square(grad) - slots["velocity"]) * (1 - self.beta_2)
        v_hat = v / (1 - jnp.power(jnp.float32(self.beta_2), step))
        z = slots["momentum"] - lr * grad / (jnp.sqrt(v_hat) + self.epsilon)
        x = (param - (1 - self.beta_1) * slots["momentum"]) / self.beta_1
        x = (1 - 1.0 / step) * x + z / step
        return (1 - self.beta_1) * z + self.beta_1 * x, {"momentum": z, "velocity": v}
