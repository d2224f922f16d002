"""Schedules that follow a cosine, once (with a warm-up) or with restarts (Loshchilov and Hutter, 2016)."""

from __future__ import annotations

import math
from typing import Any

from addax.engine import op
from addax.engine._jax import jnp
from addax.optimizers.schedules._base import LearningRateSchedule, check_positive


def _half_cosine(fraction: Any) -> Any:
    """From 1 at fraction 0 to 0 at fraction 1."""
    return 0.5 * (1.0 + jnp.cos(jnp.float32(math.pi) * fraction))


@op(dynamic=("warmup_target", "warmup_steps"))
def _cosine_decay(
    step: Any, initial: Any, decay_steps: Any, alpha: Any, warmup_target: Any = None, warmup_steps: Any = 0
) -> Any:
    step = jnp.asarray(step, jnp.float32)
    if warmup_target is None:
        fraction = jnp.minimum(step, decay_steps) / decay_steps
        return initial * ((1.0 - alpha) * _half_cosine(fraction) + alpha)
    step = jnp.minimum(step, jnp.float32(decay_steps) + warmup_steps)
    rising = initial + (warmup_target - initial) * (step / warmup_steps)
    fraction = (step - warmup_steps) / decay_steps
    falling = warmup_target * ((1.0 - alpha) * _half_cosine(fraction) + alpha)
    return jnp.where(step < warmup_steps, rising, falling)


@op(static=("t_mul",))
def _cosine_decay_restarts(
    step: Any, initial: Any, first_decay_steps: Any, t_mul: float, m_mul: Any, alpha: Any
) -> Any:
    fraction = jnp.asarray(step, jnp.float32) / first_decay_steps
    if t_mul == 1.0:
        restart = jnp.floor(fraction)
        fraction = fraction - restart
    else:  # period i lasts t_mul ** i times as long, so the starts are partial sums of a geometric series
        ratio = jnp.float32(t_mul)
        restart = jnp.floor(jnp.log(1.0 - fraction * (1.0 - ratio)) / jnp.log(ratio))
        start = (1.0 - jnp.power(ratio, restart)) / (1.0 - ratio)
        fraction = (fraction - start) / jnp.power(ratio, restart)
    height = jnp.power(jnp.float32(m_mul), restart) * _half_cosine(fraction)
    return initial * ((1.0 - alpha) * height + alpha)


class CosineDecay(LearningRateSchedule):
    """Half a cosine from the start down to `alpha` times the start, after an optional linear warm-up.

    Args:
        initial_learning_rate: The rate at step 0.
        decay_steps: Steps of the fall.
        alpha: The lowest rate, as a fraction of `warmup_target` (of `initial_learning_rate` without warm-up).
        name: A name.
        warmup_target: The rate that the warm-up climbs to; None for no warm-up.
        warmup_steps: Steps of the warm-up.

    Raises:
        ValueError: If `decay_steps` is not positive.

    Example:
        >>> import addax as keras
        >>> schedule = keras.optimizers.schedules.CosineDecay(0.0, 100, warmup_target=0.1, warmup_steps=10)
        >>> [round(float(schedule(step)), 3) for step in (0, 5, 10, 60, 110)]
        [0.0, 0.05, 0.1, 0.05, 0.0]
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        alpha: float = 0.0,
        name: str = "CosineDecay",
        warmup_target: float | None = None,
        warmup_steps: int = 0,
    ) -> None:
        check_positive("decay_steps", decay_steps)
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.alpha = alpha
        self.name = name
        self.warmup_target = warmup_target
        self.warmup_steps = warmup_steps

    def __call__(self, step: Any) -> Any:
        """The learning rate at a step, a float32 scalar."""
        return _cosine_decay(
            step,
            self.initial_learning_rate,
            self.decay_steps,
            self.alpha,
            warmup_target=self.warmup_target,
            warmup_steps=self.warmup_steps,
        )


class CosineDecayRestarts(LearningRateSchedule):
    """Half cosines one after the other, each longer (and lower) than the one before.

    Args:
        initial_learning_rate: The rate at step 0.
        first_decay_steps: Steps of the first period.
        t_mul: How much longer each period is than the one before.
        m_mul: How much higher each period starts than the one before (below 1: lower).
        alpha: The lowest rate, as a fraction of `initial_learning_rate`.
        name: A name.

    Raises:
        ValueError: If `first_decay_steps` is not positive.

    Example:
        >>> import addax as keras
        >>> schedule = keras.optimizers.schedules.CosineDecayRestarts(0.1, first_decay_steps=10)
        >>> [round(float(schedule(step)), 3) for step in (0, 5, 10, 20)]
        [0.1, 0.05, 0.1, 0.05]
    """

    def __init__(
        self,
        initial_learning_rate: float,
        first_decay_steps: int,
        t_mul: float = 2.0,
        m_mul: float = 1.0,
        alpha: float = 0.0,
        name: str = "SGDRDecay",
    ) -> None:
        check_positive("first_decay_steps", first_decay_steps)
        self.initial_learning_rate = initial_learning_rate
        self.first_decay_steps = first_decay_steps
        self.t_mul = t_mul
        self.m_mul = m_mul
        self.alpha = alpha
        self.name = name

    def __call__(self, step: Any) -> Any:
        """The learning rate at a step, a float32 scalar."""
        return _cosine_decay_restarts(
            step,
            self.initial_learning_rate,
            self.first_decay_steps,
            float(self.t_mul),
            self.m_mul,
            self.alpha,
        )
