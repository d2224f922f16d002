"""Gradient descent, with momentum."""

from __future__ import annotations

from typing import Any, Unpack

from addax.core.errors import message
from addax.optimizers._optimizer import Optimizer
from addax.optimizers._slots import Slot
from addax.optimizers._state import LearningRate, Options


class SGD(Optimizer):
    """Gradient descent.

    Without momentum, `w -= lr * g`. With momentum, `m = momentum * m - lr * g` and `w += m`; with Nesterov's,
    `w += momentum * m - lr * g`.

    Args:
        learning_rate: A number, a `LearningRateSchedule`, or a callable without arguments.
        momentum: What the last change adds to this one, in [0, 1].
        nesterov: Whether the change looks one step ahead (Sutskever et al., 2013).
        **options: The arguments of `Optimizer`.

    Raises:
        ValueError: If `momentum` is out of range.

    Example:
        >>> import addax as keras
        >>> v = keras.Variable([1.0, 2.0])
        >>> optimizer = keras.optimizers.SGD(0.1, momentum=0.9)
        >>> for _ in range(2):
        ...     optimizer.apply([keras.ops.ones(2)], [v])
        >>> v.numpy().round(3)
        array([0.71, 1.71], dtype=float32)
    """

    def __init__(
        self,
        learning_rate: LearningRate = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, **options)
        if isinstance(momentum, str) or not 0 <= momentum <= 1:
            raise ValueError(message("Argument `momentum` must be a number in [0, 1].", received=momentum))
        self.momentum = momentum
        self.nesterov = nesterov

    def slots(self, variable: Any) -> list[Slot]:
        """The momentum, if there is one."""
        return [Slot("momentum")] if self.momentum else []

    def apply_one(
        self, grad: Any, param: Any, slots: dict[str, Any], step: Any, lr: Any
    ) -> tuple[Any, dict[str, Any]]:
        """One step against the gradient."""
        if "momentum" not in slots:
            return param - lr * grad, {}
        change = slots["momentum"] * self.momentum - grad * lr
        ahead = change * self.momentum - grad * lr if self.nesterov else change
        return param + ahead, {"momentum": change}
