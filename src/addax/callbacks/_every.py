"""Callbacks that save at the end of each epoch, or every so many batches."""

from __future__ import annotations

from typing import Any

from addax.callbacks._callback import Callback
from addax.core.errors import message

_HOOKS = ("on_train_batch_begin", "on_train_batch_end", "on_batch_begin", "on_batch_end")


class EveryFewBatches(Callback):
    """Counts batches of training; a loop that runs many at once stops where one is due.

    Attributes:
        save_freq: `"epoch"`, or a number of batches.
    """

    save_freq: Any = "epoch"
    _since_saving = 0
    _last_batch = -1

    def _set_save_freq(self, save_freq: Any) -> None:
        if save_freq != "epoch" and (type(save_freq) is not int or save_freq < 1):
            raise ValueError(
                message(
                    "Invalid value for argument `save_freq`.",
                    expected='"epoch" or a number of batches',
                    received=save_freq,
                )
            )
        self.save_freq = save_freq

    def _restart(self) -> None:
        self._since_saving, self._last_batch = 0, -1

    def _is_due(self, batch: int) -> bool:
        """Count up to a batch that has ended; whether it is time."""
        if self.save_freq == "epoch":
            return False
        self._since_saving += batch - self._last_batch if batch > self._last_batch else batch + 1
        self._last_batch = batch
        if self._since_saving < self.save_freq:
            return False
        self._since_saving = 0
        return True

    def _sees_batches(self) -> bool:
        """Whether a subclass of the user's has a batch hook of its own."""
        own = next(cls for cls in type(self).__mro__ if cls.__module__.startswith(_PACKAGE))
        return any(getattr(type(self), hook) is not getattr(own, hook) for hook in _HOOKS)

    def _wants_batches(self, mode: str) -> bool:
        if mode != "train" or self._sees_batches():
            return super()._wants_batches(mode)
        return self.save_freq != "epoch"

    def _batches_to_go(self) -> int | None:
        """After how many batches it wants to see one; None if that is each, or none."""
        if self.save_freq == "epoch" or self._sees_batches():
            return None
        return max(1, self.save_freq - self._since_saving)


_PACKAGE = __name__.rpartition(".")[0]
