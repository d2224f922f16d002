"""Schedules that fall steadily: exponential, inverse time, polynomial, and in steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from addax.core.errors import message
from addax.engine import op
from addax.engine._jax import jnp
from addax.optimizers.schedules._base import LearningRateSchedule, check_positive


@op
def _exponential_decay(
    step: Any, initial: Any, decay_steps: Any, decay_rate: Any, staircase: bool = False
) -> Any:
    periods = jnp.asarray(step, jnp.float32) / decay_steps
    return initial * jnp.power(jnp.float32(decay_rate), jnp.floor(periods) if staircase else periods)


@op
def _inverse_time_decay(
    step: Any, initial: Any, decay_steps: Any, decay_rate: Any, staircase: bool = False
) -> Any:
    periods = jnp.asarray(step, jnp.float32) / decay_steps
    return initial / (1.0 + decay_rate * (jnp.floor(periods) if staircase else periods))


@op
def _polynomial_decay(
    step: Any, initial: Any, decay_steps: Any, end: Any, power: Any, cycle: bool = False
) -> Any:
    step = jnp.asarray(step, jnp.float32)
    if cycle:
        decay_steps = decay_steps * jnp.where(step == 0, 1.0, jnp.ceil(step / decay_steps))
    else:
        step = jnp.minimum(step, decay_steps)
    return (initial - end) * jnp.power(1.0 - step / decay_steps, power) + end


@op
def _piecewise_constant(step: Any, boundaries: Any, values: Any) -> Any:
    passed = jnp.sum(jnp.asarray(step) > jnp.asarray(boundaries))
    return jnp.asarray(values, jnp.float32)[passed]


class ExponentialDecay(LearningRateSchedule):
    """`initial_learning_rate * decay_rate ** (step / decay_steps)`.

    Args:
        initial_learning_rate: The rate at step 0.
        decay_steps: Steps after which the rate has been multiplied by `decay_rate` once.
        decay_rate: The factor.
        staircase: Whether the exponent is rounded down, so that the rate falls at once every `decay_steps`.
        name: A name.

    Raises:
        ValueError: If `decay_steps` is not positive.

    Example:
        >>> import addax as keras
        >>> schedule = keras.optimizers.schedules.ExponentialDecay(0.1, decay_steps=100, decay_rate=0.5)
        >>> [round(float(schedule(step)), 3) for step in (0, 100, 200)]
        [0.1, 0.05, 0.025]
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        decay_rate: float,
        staircase: bool = False,
        name: str = "ExponentialDecay",
    ) -> None:
        check_positive("decay_steps", decay_steps)
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.decay_rate = decay_rate
        self.staircase = staircase
        self.name = name

    def __call__(self, step: Any) -> Any:
        """The learning rate at a step, a float32 scalar."""
        return _exponential_decay(
            step, self.initial_learning_rate, self.decay_steps, self.decay_rate, staircase=self.staircase
        )


class InverseTimeDecay(LearningRateSchedule):
    """`initial_learning_rate / (1 + decay_rate * step / decay_steps)`.

    Args:
        initial_learning_rate: The rate at step 0.
        decay_steps: The unit in which steps are counted.
        decay_rate: How fast the denominator grows.
        staircase: Whether `step / decay_steps` is rounded down.
        name: A name.

    Raises:
        ValueError: If `decay_steps` is not positive.

    Example:
        >>> import addax as keras
        >>> schedule = keras.optimizers.schedules.InverseTimeDecay(0.1, decay_steps=10, decay_rate=1.0)
        >>> [round(float(schedule(step)), 3) for step in (0, 10, 30)]
        [0.1, 0.05, 0.025]
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        decay_rate: float,
        staircase: bool = False,
        name: str = "InverseTimeDecay",
    ) -> None:
        check_positive("decay_steps", decay_steps)
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.decay_rate = decay_rate
        self.staircase = staircase
        self.name = name

    def __call__(self, step: Any) -> Any:
        """The learning rate at a step, a float32 scalar."""
        return _inverse_time_decay(
            step, self.initial_learning_rate, self.decay_steps, self.decay_rate, staircase=self.staircase
        )


class PolynomialDecay(LearningRateSchedule):
    """From `initial_learning_rate` to `end_learning_rate` in `decay_steps`, along a power of what is left.

    Args:
        initial_learning_rate: The rate at step 0.
        decay_steps: Steps until the end.
        end_learning_rate: The rate at the end and after it.
        power: The exponent; 1 is a straight line.
        cycle: Whether the fall starts again, over a longer stretch, each time the end is reached.
        name: A name.

    Raises:
        ValueError: If `decay_steps` is not positive.

    Example:
        >>> import addax as keras
        >>> schedule = keras.optimizers.schedules.PolynomialDecay(0.1, decay_steps=100, end_learning_rate=0.0)
        >>> [round(float(schedule(step)), 3) for step in (0, 50, 500)]
        [0.1, 0.05, 0.0]
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        end_learning_rate: float = 0.0001,
        power: float = 1.0,
        cycle: bool = False,
        name: str = "PolynomialDecay",
    ) -> None:
        check_positive("decay_steps", decay_steps)
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.end_learning_rate = end_learning_rate
        self.power = power
        self.cycle = cycle
        self.name = name

    def __call__(self, step: Any) -> Any:
        """The learning rate at a step, a float32 scalar."""
        return _polynomial_decay(
            step,
            self.initial_learning_rate,
            self.decay_steps,
            self.end_learning_rate,
            self.power,
            cycle=self.cycle,
        )


class PiecewiseConstantDecay(LearningRateSchedule):
    """One constant rate up to and including each boundary, another after the last.

    Args:
        boundaries: Steps in increasing order.
        values: Rates, one more than boundaries.
        name: A name.

    Raises:
        ValueError: If there is not exactly one value more than boundaries.

    Example:
        >>> import addax as keras
        >>> schedule = keras.optimizers.schedules.PiecewiseConstantDecay([100, 200], [1.0, 0.5, 0.1])
        >>> [round(float(schedule(step)), 1) for step in (100, 101, 201)]
        [1.0, 0.5, 0.1]
    """

    def __init__(
        self, boundaries: Sequence[float], values: Sequence[float], name: str = "PiecewiseConstant"
    ) -> None:
        if len(boundaries) != len(values) - 1:
            raise ValueError(
                message(
                    "Argument `values` must have one item more than `boundaries`.",
                    expected=f"{len(boundaries) + 1} values for {len(boundaries)} boundaries",
                    received=f"boundaries={list(boundaries)}, values={list(values)}",
                )
            )
        self.boundaries = boundaries
        self.values = values
        self.name = name

    def __call__(self, step: Any) -> Any:
        """The learning rate at a step, a float32 scalar."""
        return _piecewise_constant(step, list(self.boundaries), list(self.values))
