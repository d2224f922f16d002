"""Callbacks that watch one metric: which way is better, by how much, and what to say if it is missing."""

from __future__ import annotations

import math
import warnings
from typing import Any

from addax.callbacks._callback import Callback
from addax.core.errors import message, suggest

_UP = (
    "acc",
    "auc",
    "precision",
    "recall",
    "f1",
    "fmeasure",
    "fbeta",
    "iou",
    "dice",
    "r2",
    "similarity",
    "proximity",
)
_DOWN = ("loss", "error", "mse", "mae", "mape", "msle", "rmse", "entropy", "divergence", "hinge", "poisson")


class MonitorCallback(Callback):
    """Watches a metric.

    Args:
        monitor: The metric's name in the logs.
        mode: `"min"`, `"max"`, or `"auto"`: the metric says it, or its name does.
        baseline: The value to compare with at first, or None.
        min_delta: The least change that counts as better.
    """

    _remembered = ("best", "_warned")

    def __init__(
        self,
        monitor: str = "val_loss",
        mode: str = "auto",
        baseline: float | None = None,
        min_delta: float = 0,
    ) -> None:
        super().__init__()
        if mode not in ("auto", "min", "max"):
            warnings.warn(
                f"{type(self).__name__}: mode {mode!r} is none of 'min', 'max' and 'auto', which is used.",
                stacklevel=3,
            )
            mode = "auto"
        self.monitor = monitor
        self.mode = mode
        self.best = baseline
        self.min_delta = abs(min_delta)
        self._upwards: bool | None = {"min": False, "max": True, "auto": None}[mode]
        self._warned = False

    def _is_improvement(self, value: float, reference: float | None) -> bool:
        """Whether a value is better than a reference, by more than `min_delta`."""
        if self._upwards is None:
            self._upwards = self._direction()
        if reference is None:
            return not math.isnan(value)
        if self._upwards:
            return value - self.min_delta > reference
        return value + self.min_delta < reference

    def _direction(self) -> bool:
        """Whether more is better: what the metric says of itself, else what its name tells."""
        name = self.monitor.removeprefix("val_")
        if name == "loss":
            return False
        for metric in _metrics_of(self.model):
            own = getattr(metric, "name", None)
            if own and (name == own or name.endswith(f"_{own}")) and getattr(metric, "_direction", None):
                return metric._direction == "up"
        lowered = name.lower()
        down, up = any(part in lowered for part in _DOWN), any(part in lowered for part in _UP)
        if down != up:
            return up
        raise ValueError(
            message(
                f"{type(self).__name__} cannot tell whether more or less of '{self.monitor}' is better.",
                received="mode='auto'",
                hint="Pass mode='max' or mode='min'.",
            )
        )

    def _current(self, logs: Any) -> float | None:
        """The metric's value; None, with one warning in each run, if the logs do not have it."""
        value = (logs or {}).get(self.monitor)
        if value is None and not self._warned:
            self._warned = True
            names = [str(name) for name in (logs or {})]
            hint = suggest(self.monitor, names)
            if self.monitor.startswith("val_") and not any(name.startswith("val_") for name in names):
                hint = "There was no validation: pass validation_data= or validation_split= to fit()."
            warnings.warn(
                message(
                    f"{type(self).__name__} monitors '{self.monitor}', which is not there.",
                    expected=f"one of {names}" if names else "metrics, but there are none",
                    received=f"monitor={self.monitor!r}",
                    hint=hint or None,
                ),
                stacklevel=2,
            )
        return value

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Warn anew in a new run."""
        self._warned = False


def _metrics_of(model: Any) -> list:
    """The metrics of a model, with those that a metric holds."""
    found = []
    for metric in getattr(model, "metrics", None) or ():
        found.append(metric)
        found.extend(getattr(metric, "metrics", None) or ())
    return found
