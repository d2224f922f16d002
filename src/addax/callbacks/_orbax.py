"""Checkpoints by Orbax, which writes them while training goes on."""

from __future__ import annotations

import os
from typing import Any

from addax.callbacks._every import EveryFewBatches
from addax.callbacks._monitor import MonitorCallback
from addax.callbacks._progress import say
from addax.engine._jax import jax


class OrbaxCheckpoint(EveryFewBatches, MonitorCallback):
    """Saves the model into a folder of Orbax checkpoints, as Keras does; needs `pip install "addax[orbax]"`.

    `keras.models.load_model(directory)` and `model.load_weights(directory)` read the last one.

    Args:
        directory: The folder; each checkpoint is a folder in it, by the number of the epoch or the batch.
        monitor: The metric that tells which model is best.
        verbose: 1 to say what is saved.
        save_best_only: Whether a model that is not better than the best so far is left out.
        mode: `"min"`, `"max"`, or `"auto"`: the metric says it, or its name does.
        save_freq: `"epoch"`, or a number of batches.
        initial_value_threshold: A model is best only if it is better than this, if given.
        max_to_keep: How many checkpoints stay, the last ones; all of them if None.
        save_on_background: Whether training goes on meanwhile.
        save_weights_only: Whether the optimizer, the metrics and the architecture are left out.

    Raises:
        ImportError: If orbax-checkpoint is not installed.
        ValueError: If `save_freq` is wrong.

    Example:
        >>> import addax as keras
        >>> keras.callbacks.OrbaxCheckpoint("checkpoints", max_to_keep=3).max_to_keep
        3
    """

    _remembered = (*MonitorCallback._remembered, "_since_saving", "_last_batch", "_total_batches_seen")

    def __init__(
        self,
        directory: str | os.PathLike[str],
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        mode: str = "auto",
        save_freq: str | int = "epoch",
        initial_value_threshold: float | None = None,
        max_to_keep: int | None = 1,
        save_on_background: bool = True,
        save_weights_only: bool = False,
    ) -> None:
        from addax.saving._orbax import orbax

        super().__init__(monitor, mode, initial_value_threshold)
        self._orbax = orbax()
        self.directory = os.fspath(directory)
        self.verbose = verbose
        self.save_best_only = save_best_only
        self._set_save_freq(save_freq)
        self.initial_value_threshold = initial_value_threshold
        self.max_to_keep = max_to_keep
        self.save_on_background = save_on_background
        self.save_weights_only = save_weights_only
        self.checkpointer: Any = None
        self._total_batches_seen = 0

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Forget an earlier run, and open the folder."""
        super().on_train_begin(logs)
        self.best = self.initial_value_threshold
        self._restart()
        optimizer = getattr(self.model, "optimizer", None)
        self._total_batches_seen = 0 if optimizer is None else int(optimizer.iterations)
        self._close()
        training = self._orbax.training
        kept = None if self.max_to_keep is None else training.preservation_policies.LatestN(self.max_to_keep)
        self.checkpointer = training.Checkpointer(
            os.path.abspath(self.directory),
            preservation_policy=kept,
            save_decision_policy=training.save_decision_policies.FixedIntervalPolicy(1),
        )

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Save, if so many batches have passed."""
        if self.save_freq == "epoch":
            return
        before = self._last_batch
        self._total_batches_seen += batch - before if batch > before else batch + 1
        if self._is_due(batch):
            self._save(self._total_batches_seen, f"batch {self._total_batches_seen}", logs)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Save, if epochs are what counts."""
        self._last_batch = -1
        if self.save_freq == "epoch":
            self._save(epoch, f"epoch {epoch + 1}", logs)

    def _save(self, step: int, what: str, logs: dict[str, Any] | None) -> None:
        if self.save_best_only:
            current = self._current(logs)
            if current is None or not self._is_improvement(current, self.best):
                return
            self.best = current
        from addax.saving._orbax import payload

        if self.verbose:
            say(f"Saving {what} to {self.directory}")
        writer = self.checkpointer
        save = writer.save_checkpointables_async if self.save_on_background else writer.save_checkpointables
        save(step, payload(self.model, self.save_weights_only), force=True, overwrite=True)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Wait until everything is written."""
        self._close()

    def wait_until_finished(self) -> None:
        """Wait until everything is written."""
        if self.checkpointer is not None:
            self.checkpointer.wait()

    def _close(self) -> None:
        if self.checkpointer is not None:
            self.checkpointer.close()
            self.checkpointer = None

    def is_multihost_enabled(self) -> bool:
        """Whether several processes train together."""
        return jax.process_count() > 1

    def is_primary_host(self) -> bool:
        """Whether this is the process that speaks for all."""
        return jax.process_index() == 0
