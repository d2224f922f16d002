"""Stop when a metric no longer improves."""

from __future__ import annotations

from typing import Any

from addax.callbacks._monitor import MonitorCallback
from addax.callbacks._progress import say


class EarlyStopping(MonitorCallback):
    """Ends training when a metric has not improved for `patience` epochs.

    Args:
        monitor: The metric's name in the logs.
        min_delta: The least change that counts as better.
        patience: Epochs without improvement after which training ends.
        verbose: 1 to say so.
        mode: `"min"`, `"max"`, or `"auto"`: the metric says it, or its name does.
        baseline: The metric must become better than this within `patience` epochs.
        restore_best_weights: Whether the model gets the weights of its best epoch at the end.
        start_from_epoch: Epochs before this one (counted from 0) are not looked at.

    Example:
        >>> import addax as keras
        >>> stop = keras.callbacks.EarlyStopping(monitor="val_loss", patience=3, restore_best_weights=True)
        >>> stop.patience, stop.monitor
        (3, 'val_loss')
    """

    _remembered = (*MonitorCallback._remembered, "wait", "stopped_epoch", "best_weights", "best_epoch")

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        super().__init__(monitor, mode, min_delta=min_delta)
        self.patience = patience
        self.verbose = verbose
        self.baseline = baseline
        self.restore_best_weights = restore_best_weights
        self.start_from_epoch = start_from_epoch
        self._reset()

    def _reset(self) -> None:
        self.wait = 0
        self.stopped_epoch = 0
        self.best = None
        self.best_weights: list | None = None
        self.best_epoch = 0

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Forget an earlier run."""
        super().on_train_begin(logs)
        self._reset()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Look at the metric, and end training if it is time."""
        current = self.get_monitor_value(logs)
        if current is None or epoch < self.start_from_epoch:
            return
        if self.restore_best_weights and self.best_weights is None:
            self._keep(epoch)  # so that there is something to restore if no epoch is ever better
        self.wait += 1
        if self._is_improvement(current, self.best):
            self.best = current
            self._keep(epoch)
            if self.baseline is None or self._is_improvement(current, self.baseline):
                self.wait = 0
            return
        if self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def get_monitor_value(self, logs: dict[str, Any] | None) -> float | None:
        """The value that is watched, None if the logs do not have it; override it to watch another one."""
        return self._current(logs)

    def _keep(self, epoch: int) -> None:
        self.best_epoch = epoch
        if self.restore_best_weights:
            self.best_weights = self.model.get_weights()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Give the model the weights of its best epoch, if that was asked for."""
        if self.stopped_epoch and self.verbose:
            say(f"Epoch {self.stopped_epoch + 1}: early stopping")
        if self.restore_best_weights and self.best_weights is not None:
            if self.verbose:
                say(f"Restoring model weights from the end of the best epoch: {self.best_epoch + 1}.")
            self.model.set_weights(self.best_weights)
