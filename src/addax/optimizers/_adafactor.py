"""Adafactor: Adam's mean squares of a matrix, kept as one row and one column."""

from __future__ import annotations

from typing import Any, Unpack

from addax.engine._jax import jnp
from addax.optimizers._optimizer import Optimizer
from addax.optimizers._slots import Slot
from addax.optimizers._state import LearningRate, Options


def _root_mean_square(x: Any) -> Any:
    return jnp.sqrt(jnp.mean(jnp.square(x)))


class Adafactor(Optimizer):
    """Adafactor (Shazeer and Stern, 2018): needs little memory, and scales steps with the parameters.

    Args:
        learning_rate: A number, a `LearningRateSchedule`, or a callable without arguments.
        beta_2_decay: Exponent of the step in the decay of the mean squares.
        epsilon_1: Added to squared gradients.
        epsilon_2: The least size that a parameter is taken to have.
        clip_threshold: The root mean square above which a step is scaled down.
        relative_step: Kept in the config as in Keras; the rate is at most `1 / sqrt(step)` either way.
        **options: The arguments of `Optimizer`.

    Example:
        >>> import addax as keras
        >>> kernel = keras.Variable([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], name="kernel")
        >>> optimizer = keras.optimizers.Adafactor()
        >>> optimizer.apply([kernel.value], [kernel])
        >>> [tuple(v.shape) for v in optimizer.variables[2:]]
        [(2,), (3,), (2, 3)]
    """

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        beta_2_decay: float = -0.8,
        epsilon_1: float = 1e-30,
        epsilon_2: float = 1e-3,
        clip_threshold: float = 1.0,
        relative_step: bool = True,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.beta_2_decay = beta_2_decay
        self.epsilon_1 = epsilon_1
        self.epsilon_2 = epsilon_2
        self.clip_threshold = clip_threshold
        self.relative_step = relative_step

    def slots(self, variable: Any) -> list[Slot]:
        """Mean squares of rows, columns and elements; two unused numbers for vectors, as in Keras's files."""
        shape, name = tuple(variable.shape), variable.name
        if len(shape) < 2:
            return [
                Slot("row", 0, (), "int32", label=name),
                Slot("column", 0, (), "int32", label=name),
                Slot("velocity"),
            ]
        row = Slot("row", shape=shape[:-1], label=name)
        return [row, Slot("column", shape=(*shape[:-2], shape[-1]), label=name), Slot("velocity")]

    def apply_one(
        self, grad: Any, param: Any, slots: dict[str, Any], step: Any, lr: Any
    ) -> tuple[Any, dict[str, Any]]:
        """One step along gradient over root mean square, clipped and scaled."""
        squares = jnp.square(grad) + self.epsilon_1
        beta_2 = 1 - jnp.power(step, self.beta_2_decay)
        new = {}
        if param.ndim >= 2:
            row = new["row"] = beta_2 * slots["row"] + (1 - beta_2) * jnp.mean(squares, axis=-1)
            column = new["column"] = beta_2 * slots["column"] + (1 - beta_2) * jnp.mean(squares, axis=-2)
            scaled = row / jnp.mean(row, axis=-1, keepdims=True)
            velocity = scaled[..., :, None] * column[..., None, :]
        else:
            velocity = beta_2 * slots["velocity"] + (1 - beta_2) * squares
        new["velocity"] = velocity
        change = grad / jnp.sqrt(velocity)
        change = change / jnp.maximum(1.0, _root_mean_square(change) / self.clip_threshold)
        rate = jnp.minimum(lr, 1 / jnp.sqrt(step))
        return param - jnp.maximum(self.epsilon_2, _root_mean_square(param)) * rate * change, new
