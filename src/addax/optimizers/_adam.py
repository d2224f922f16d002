"""Adam and AdamW: running means of gradients and of their squares."""

from __future__ import annotations

from typing import Any, Unpack

from addax.core import config
from addax.core.errors import message
from addax.engine._jax import jnp
from addax.optimizers._optimizer import Optimizer
from addax.optimizers._slots import Slot
from addax.optimizers._state import LearningRate, Options, SharedOptions


def moments(grad: Any, slots: dict[str, Any], beta_1: float, beta_2: float) -> tuple[Any, Any]:
    """The running means of the gradient and of its square, moved on by one gradient."""
    m, v = slots["momentum"], slots["velocity"]
    return m + (grad - m) * (1 - beta_1), v + (jnp.square(grad) - v) * (1 - beta_2)


def unbiased_rate(lr: Any, step: Any, beta_1: float, beta_2: float) -> Any:
    """The learning rate that makes up for running means that began at zero."""
    beta_1_power, beta_2_power = jnp.power(jnp.float32(beta_1), step), jnp.power(jnp.float32(beta_2), step)
    return lr * jnp.sqrt(1 - beta_2_power) / (1 - beta_1_power)


class Adam(Optimizer):
    """Adam (Kingma and Ba, 2014): momentum, divided by the root of a running mean of squared gradients.

    Args:
        learning_rate: A number, a `LearningRateSchedule`, or a callable without arguments.
        beta_1: What the running mean of gradients keeps of itself.
        beta_2: What the running mean of squared gradients keeps of itself.
        epsilon: Added to the root ("epsilon hat" in the paper); None for `keras.config.epsilon()`.
        amsgrad: Whether the largest mean square so far is used (Reddi et al., 2018).
        **options: The arguments of `Optimizer`.

    Example:
        >>> import addax as keras
        >>> v = keras.Variable([1.0, 2.0])
        >>> keras.optimizers.Adam(0.1).apply([keras.ops.array([3.0, -0.01])], [v])
        >>> v.numpy().round(3)
        array([0.9, 2.1], dtype=float32)
    """

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float | None = 1e-7,
        amsgrad: bool = False,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = config.epsilon() if epsilon is None else epsilon
        self.amsgrad = amsgrad

    def slots(self, variable: Any) -> list[Slot]:
        """The two running means; with AMSGrad the largest mean square, after those of all variables."""
        return [
            Slot("momentum"),
            Slot("velocity"),
            *([Slot("velocity_hat", group=1)] if self.amsgrad else []),
        ]

    def apply_one(
        self, grad: Any, param: Any, slots: dict[str, Any], step: Any, lr: Any
    ) -> tuple[Any, dict[str, Any]]:
        """One step along momentum over root mean square."""
        m, v = moments(grad, slots, self.beta_1, self.beta_2)
        new = {"momentum": m, "velocity": v}
        if self.amsgrad:
            v = new["velocity_hat"] = jnp.maximum(slots["velocity_hat"], v)
        alpha = unbiased_rate(lr, step, self.beta_1, self.beta_2)
        return param - m * alpha / (jnp.sqrt(v) + self.epsilon), new


class AdamW(Adam):
    """Adam with weight decay that does not pass through the running means (Loshchilov and Hutter, 2019).

    Args:
        learning_rate: A number, a `LearningRateSchedule`, or a callable without arguments.
        weight_decay: Before each update, variables lose this fraction of themselves, times the learning rate.
        beta_1: What the running mean of gradients keeps of itself.
        beta_2: What the running mean of squared gradients keeps of itself.
        epsilon: Added to the root; None for `keras.config.epsilon()`.
        amsgrad: Whether the largest mean square so far is used.
        **options: The arguments of `Optimizer`.

    Raises:
        ValueError: If `weight_decay` is None.

    Example:
        >>> import addax as keras
        >>> optimizer = keras.optimizers.AdamW(1e-3, weight_decay=0.01)
        >>> optimizer.exclude_from_weight_decay(var_names=["bias"])
    """

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        weight_decay: float = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float | None = 1e-7,
        amsgrad: bool = False,
        **options: Unpack[SharedOptions],
    ) -> None:
        if weight_decay is None:
            raise ValueError(
                message("AdamW needs `weight_decay`.", expected="a number", received=weight_decay)
            )
        super().__init__(
            learning_rate, beta_1, beta_2, epsilon, amsgrad, weight_decay=weight_decay, **options
        )
