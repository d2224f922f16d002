"""Go on with a run that was killed."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import warnings
from pathlib import Path
from typing import Any

from addax.callbacks._every import EveryFewBatches
from addax.core.errors import message

_LATEST, _PREVIOUS = "latest.backup.h5", "previous.backup.h5"


class BackupAndRestore(EveryFewBatches):
    """Saves the state of a `fit`, so that the same script, started again, goes on as if it had never been killed.

    One file, which is whole at any moment, holds everything: weights, the optimizer, metrics, random generators,
    the history, the state of every callback that has one, and the place in the data. The run that goes on gives the
    same weights and the same history, bit for bit. Datasets go on at their very position; generators are read
    again from their start up to it. Callbacks, a `PyDataset` and iterators that change while training runs go on if
    they have `get_state()`, which gives plain values and arrays, and `set_state(state)`.

    Args:
        backup_dir: A folder for nothing else; it is made if needed.
        save_freq: `"epoch"`, or a number of batches; False for none (with `save_before_preemption`).
        double_checkpoint: Whether the backup before the last one is kept too, in case a disk damages the last.
        delete_checkpoint: Whether the backup is deleted when training has come to its end.
        save_before_preemption: Whether the signal SIGTERM, which announces that a machine is taken away, leads to
            a backup after the batch that runs; then the signal does what it did before.

    Raises:
        ValueError: If an argument is wrong, or when a run begins, if the backup is damaged or that of another model.

    Example:
        >>> import addax as keras
        >>> import tempfile
        >>> folder = tempfile.mkdtemp()
        >>> backup = keras.callbacks.BackupAndRestore(folder, save_freq=100)
        >>> backup.save_freq
        100
    """

    _after_others = True  # what the other callbacks do is part of the backup
    _remembered = ("_since_saving", "_last_batch")

    def __init__(
        self,
        backup_dir: str | os.PathLike[str],
        save_freq: str | int = "epoch",
        double_checkpoint: bool = False,
        delete_checkpoint: bool = True,
        save_before_preemption: bool = False,
    ) -> None:
        super().__init__()
        if not backup_dir:
            raise ValueError(
                message("Empty `backup_dir` argument passed.", expected="a folder", received=backup_dir)
            )
        self.backup_dir = os.fspath(backup_dir)
        self.double_checkpoint = double_checkpoint
        self.delete_checkpoint = delete_checkpoint
        self.save_before_preemption = save_before_preemption
        if save_freq is False and save_before_preemption:
            self.save_freq = False
        else:
            self._set_save_freq(save_freq)
        self._latest = Path(self.backup_dir, _LATEST)
        self._previous = Path(self.backup_dir, _PREVIOUS)
        self._current_epoch = 0
        self._run: Any = None
        self._waiting = self._notified = False
        self._old_handler: Any = None

    def _set_run(self, run: Any) -> None:
        self._run = run

    # Restoring -------------------------------------------------------------------------------------------
    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Look for a backup. What stands inside of an epoch is put back when that epoch has begun."""
        if self._run is None:
            raise ValueError(
                message("BackupAndRestore works in fit().", hint="Pass it to model.fit(callbacks=[...]).")
            )
        self._restart()
        self._remove_parts()
        self._waiting = self._find()
        if self._waiting and not self._run.mid_epoch:
            self._restore()
        self._current_epoch = self._run.progress.epoch
        self._listen()

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Put back what stands inside of this epoch."""
        if self._waiting:
            self._restore()

    def _find(self) -> bool:
        """Read the last backup, or the one before; whether there was one."""
        if self._latest.exists():
            try:
                self._run.find(self._latest)
                return True
            except (OSError, ValueError) as error:
                if not self._previous.exists():
                    raise
                warnings.warn(f"The last backup cannot be used, so the one before is: {error}", stacklevel=2)
        if self._previous.exists():
            self._run.find(self._previous)
            return True
        return False

    def _restore(self) -> None:
        self._waiting = False
        self._run.restore()

    # Saving ----------------------------------------------------------------------------------------------
    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Save, if so many batches have passed, or the end is near."""
        if self._is_due(batch) or self._notified:
            self._save(logs)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Save, if epochs are what counts, or the end is near."""
        self._current_epoch = epoch + 1
        self._last_batch = -1
        if self.save_freq == "epoch" or self._notified:
            self._save(logs)

    def _save(self, logs: dict[str, Any] | None) -> None:
        os.makedirs(self.backup_dir, exist_ok=True)
        if self.double_checkpoint and self._latest.exists():
            os.replace(self._latest, self._previous)  # killed now, a run goes on from the one before
        self._run.save(self._latest, logs)
        if self._notified:
            self._notified = False
            self._stop_listening()
            signal.raise_signal(signal.SIGTERM)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Delete the backup, unless it is to stay."""
        self._stop_listening()
        self._run = None
        if not self.delete_checkpoint:
            return
        for path in (self._previous, self._latest):  # killed in between, the last one is there
            path.unlink(missing_ok=True)
        self._remove_parts()
        with contextlib.suppress(OSError):  # somebody else keeps files there
            os.rmdir(self.backup_dir)

    def _remove_parts(self) -> None:
        """Remove what was being written when an earlier run was killed."""
        for part in Path(self.backup_dir).glob(f".{_LATEST}.*.part"):
            part.unlink(missing_ok=True)

    # The announcement of an end --------------------------------------------------------------------------
    def _is_due(self, batch: int) -> bool:
        return self.save_freq is not False and super()._is_due(batch)

    def _wants_batches(self, mode: str) -> bool:
        return mode == "train" and self.save_before_preemption or super()._wants_batches(mode)

    def _batches_to_go(self) -> int | None:
        return None if self.save_before_preemption else super()._batches_to_go()

    def _listen(self) -> None:
        if self.save_before_preemption and threading.current_thread() is threading.main_thread():
            self._stop_listening()
            self._old_handler = signal.signal(signal.SIGTERM, self._note)

    def _note(self, *_: Any) -> None:
        if self._notified:  # no batch has ended since the last time
            self._stop_listening()
            signal.raise_signal(signal.SIGTERM)
        self._notified = True

    def _stop_listening(self) -> None:
        if self._old_handler is not None:
            signal.signal(signal.SIGTERM, self._old_handler)
            self._old_handler = None
