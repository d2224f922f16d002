"""The base of learning rate schedules: a callable of the step that knows its own config."""

from __future__ import annotations

import inspect
from typing import Any

from addax.core.errors import message


class LearningRateSchedule:
    """A learning rate that depends on the step; subclass it and write `__call__`.

    An optimizer calls it with the number of batches it has seen, inside the compiled training step, so
    `__call__` computes with ops rather than with Python's `if` on the step.

    Example:
        >>> import addax as keras
        >>> class Halving(keras.optimizers.schedules.LearningRateSchedule):
        ...     def __call__(self, step):
        ...         return 0.1 * 0.5 ** keras.ops.cast(step, "float32")
        >>> optimizer = keras.optimizers.SGD(Halving())
        >>> round(float(optimizer.learning_rate), 4)
        0.1
    """

    def __call__(self, step: Any) -> Any:
        """The learning rate at a step.

        Args:
            step: An integer scalar: the number of batches seen so far.

        Returns:
            A float scalar.

        Raises:
            TypeError: In a subclass that does not write this method.
        """
        raise TypeError(
            message(
                f"{type(self).__name__} has no __call__(self, step).",
                hint="A learning rate schedule computes the rate from the step there.",
            )
        )

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, read from the attributes of the same names.

        Raises:
            TypeError: If an argument was not kept as an attribute.
        """
        parameters = list(inspect.signature(type(self).__init__).parameters.values())[1:]
        names = [p.name for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
        missing = [name for name in names if not hasattr(self, name)]
        if missing:
            raise TypeError(
                message(
                    f"{type(self).__name__} cannot be saved.",
                    expected="each argument of the constructor as an attribute of the same name",
                    received=f"no attribute {', '.join(missing)}",
                    hint="Keep it, or return the constructor's arguments from get_config() yourself.",
                )
            )
        return {name: getattr(self, name) for name in names}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Make a schedule from what `get_config` gave."""
        return cls(**config)


def check_positive(name: str, value: Any) -> None:
    """Raise unless a number of steps is above zero.

    Raises:
        ValueError: If it is not.
    """
    if not value > 0:
        raise ValueError(message(f"Argument `{name}` must be > 0.", received=value))
