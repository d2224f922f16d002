"""Change the learning rate between epochs."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from addax.callbacks._callback import Callback
from addax.callbacks._monitor import MonitorCallback
from addax.callbacks._progress import say
from addax.core.errors import message


def rates_of(model: Any) -> Iterator[tuple[str, Any]]:
    """Pairs of log name and optimizer, for each learning rate of a model's optimizer."""
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    several = getattr(optimizer, "optimizers", None)
    if several is None:
        yield "learning_rate", optimizer
    else:
        yield from ((f"learning_rate_{inner.name}", inner) for inner in several)


def read_rate(optimizer: Any) -> float:
    """The learning rate of an optimizer now."""
    return float(np.asarray(optimizer.learning_rate))


class LearningRateScheduler(Callback):
    """Sets the learning rate before each epoch.

    Args:
        schedule: `schedule(epoch, lr)` or `schedule(epoch)`, which gives the new rate; epochs count from 0.
        verbose: 1 to say it.

    Example:
        >>> import addax as keras
        >>> halve = keras.callbacks.LearningRateScheduler(lambda epoch, lr: lr / 2)
        >>> halve.schedule(3, 0.5)
        0.25
    """

    def __init__(self, schedule: Callable[..., Any], verbose: int = 0) -> None:
        super().__init__()
        self.schedule = schedule
        self.verbose = verbose

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Set the rate.

        Raises:
            ValueError: If the schedule gives no number.
        """
        for name, optimizer in rates_of(self.model):
            new = self._ask(epoch, read_rate(optimizer))
            optimizer.learning_rate = new
            if self.verbose:
                say(f"Epoch {epoch + 1}: LearningRateScheduler setting {name.replace('_', ' ', 1)} to {new}.")

    def _ask(self, epoch: int, rate: float) -> float:
        new = self.schedule(epoch, rate) if _takes_two(self.schedule) else self.schedule(epoch)
        try:
            return float(new)
        except (TypeError, ValueError):
            raise ValueError(
                message(
                    "The schedule of LearningRateScheduler gave no number.",
                    expected="a float",
                    received=repr(new),
                )
            ) from None

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Note the rate in the logs."""
        for name, optimizer in rates_of(self.model):
            (logs if logs is not None else {})[name] = read_rate(optimizer)


def _takes_two(function: Callable) -> bool:
    """Whether a function can be called with an epoch and a rate."""
    try:
        inspect.signature(function).bind(0, 0.0)
    except TypeError:
        return False
    except ValueError:  # a builtin without a signature
        return True
    return True


class ReduceLROnPlateau(MonitorCallback):
    """Lowers the learning rate when a metric no longer improves.

    Args:
        monitor: The metric's name in the logs.
        factor: What the rate is multiplied by, below 1.
        patience: Epochs without improvement after which the rate is lowered.
        verbose: 1 to say it.
        mode: `"min"`, `"max"`, or `"auto"`: the metric says it, or its name does.
        min_delta: The least change that counts as better.
        cooldown: Epochs after a change in which nothing is counted.
        min_lr: The rate never falls below this.
        **kwargs: `epsilon`, as Keras 2 first called `min_delta`.

    Raises:
        ValueError: If `factor` is 1 or more.

    Example:
        >>> import addax as keras
        >>> lower = keras.callbacks.ReduceLROnPlateau(monitor="val_loss", factor=0.2, patience=5, min_lr=1e-5)
        >>> lower.factor
        0.2
    """

    _remembered = (*MonitorCallback._remembered, "wait", "cooldown_counter")

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(monitor, mode, min_delta=kwargs.pop("epsilon", min_delta))
        if kwargs:
            raise TypeError(f"ReduceLROnPlateau() does not know the arguments {sorted(kwargs)}.")
        if factor >= 1.0:
            raise ValueError(message("Argument `factor` must be below 1.", received=factor))
        self.factor = factor
        self.patience = patience
        self.verbose = verbose
        self.cooldown = cooldown
        self.min_lr = min_lr
        self._reset()

    def _reset(self) -> None:
        self.best = None
        self.wait = 0
        self.cooldown_counter = 0

    def in_cooldown(self) -> bool:
        """Whether the rate was lowered so recently that nothing is counted."""
        return self.cooldown_counter > 0

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Forget an earlier run."""
        super().on_train_begin(logs)
        self._reset()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Look at the metric, and lower the rate if it is time."""
        logs = logs if logs is not None else {}
        for name, optimizer in rates_of(self.model):
            logs[name] = read_rate(optimizer)
        current = self._current(logs)
        if current is None:
            return
        if self.in_cooldown():
            self.cooldown_counter -= 1
            self.wait = 0
        if self._is_improvement(current, self.best):
            self.best = current
            self.wait = 0
        elif not self.in_cooldown():
            self.wait += 1
            if self.wait >= self.patience and self._lower(epoch):
                self.cooldown_counter = self.cooldown
                self.wait = 0

    def _lower(self, epoch: int) -> bool:
        """Lower every rate that may fall; whether there was one."""
        lowered = False
        for name, optimizer in rates_of(self.model):
            old = read_rate(optimizer)
            if old > np.float32(self.min_lr):
                new = max(old * self.factor, self.min_lr)
                optimizer.learning_rate = new
                lowered = True
                if self.verbose:
                    say(
                        f"Epoch {epoch + 1}: ReduceLROnPlateau reducing {name.replace('_', ' ', 1)} to {new}."
                    )
        return lowered
