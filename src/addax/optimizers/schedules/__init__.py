"""Learning rates that change with the step."""

from collections.abc import Mapping
from typing import Any

from addax.core import serial
from addax.core.errors import message
from addax.optimizers.schedules._base import LearningRateSchedule
from addax.optimizers.schedules._cosine import CosineDecay, CosineDecayRestarts
from addax.optimizers.schedules._decay import (
    ExponentialDecay,
    InverseTimeDecay,
    PiecewiseConstantDecay,
    PolynomialDecay,
)

__all__ = [
    "CosineDecay",
    "CosineDecayRestarts",
    "ExponentialDecay",
    "InverseTimeDecay",
    "LearningRateSchedule",
    "PiecewiseConstantDecay",
    "PolynomialDecay",
    "deserialize",
    "serialize",
]


def serialize(learning_rate_schedule: LearningRateSchedule) -> dict[str, Any]:
    """Plain data of a schedule: module, class name, config and registered name.

    Example:
        >>> import addax as keras
        >>> schedules = keras.optimizers.schedules
        >>> data = schedules.serialize(schedules.CosineDecay(0.1, 100))
        >>> data["module"], data["class_name"], data["config"]["decay_steps"]
        ('keras.optimizers.schedules', 'CosineDecay', 100)
    """
    return serial.serialize(learning_rate_schedule)


def deserialize(
    config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None
) -> LearningRateSchedule:
    """A schedule from what `serialize` gave, or from `{"class_name": ..., "config": {...}}`.

    Args:
        config: The plain data.
        custom_objects: Name -> class of schedules of your own.

    Raises:
        TypeError: If the class is not known.
        ValueError: If the data describes something else.
    """
    schedule = serial.deserialize(dict(config), custom_objects, packages=("addax.optimizers",))
    if not isinstance(schedule, LearningRateSchedule):
        raise ValueError(
            message(
                "This is no learning rate schedule.",
                expected='{"class_name": ..., "config": ...}',
                received=config,
            )
        )
    return schedule
