"""Save the model, or its weights, while it trains."""

from __future__ import annotations

import os
from typing import Any

from addax.callbacks._every import EveryFewBatches
from addax.callbacks._monitor import MonitorCallback
from addax.callbacks._progress import say
from addax.core.errors import message, suggest

_MODEL_ENDINGS = (".keras", ".h5", ".hdf5")
_WEIGHTS_ENDINGS = (".weights.h5", ".h5", ".hdf5", ".weights.json")


class ModelCheckpoint(EveryFewBatches, MonitorCallback):
    """Saves the model or its weights after every epoch, or every so many batches.

    Args:
        filepath: Where to; may hold `{epoch}` (from 1), `{batch}` and metrics: `"{val_loss:.2f}.keras"`.
            Ends in `.keras` or `.h5`; in `.weights.h5` for weights.
        monitor: The metric that tells which model is best.
        verbose: 1 to say what is saved.
        save_best_only: Whether a model that is not better than the best so far is left out.
        save_weights_only: Whether only weights are saved.
        mode: `"min"`, `"max"`, or `"auto"`: the metric says it, or its name does.
        save_freq: `"epoch"`, or a number of batches.
        initial_value_threshold: A model is best only if it is better than this, if given.

    Raises:
        ValueError: If the ending or `save_freq` is none of these.

    Example:
        >>> import addax as keras
        >>> save = keras.callbacks.ModelCheckpoint("best.keras", monitor="val_accuracy", save_best_only=True)
        >>> save.filepath
        'best.keras'
    """

    _remembered = (
        *MonitorCallback._remembered,
        "_epoch",
        "_since_saving",
        "_last_batch",
        "_seen_metric",
    )

    def __init__(
        self,
        filepath: str | os.PathLike[str],
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        save_freq: str | int = "epoch",
        initial_value_threshold: float | None = None,
    ) -> None:
        super().__init__(monitor, mode, baseline=initial_value_threshold)
        self.filepath = os.fspath(filepath)
        self.verbose = verbose
        self.save_best_only = save_best_only
        self.save_weights_only = save_weights_only
        self._set_save_freq(save_freq)
        self.initial_value_threshold = initial_value_threshold
        endings = _WEIGHTS_ENDINGS if save_weights_only else _MODEL_ENDINGS
        if not self.filepath.endswith(endings):
            raise ValueError(
                message(
                    "ModelCheckpoint does not know this kind of file.",
                    expected=f"a path that ends in {' or '.join(endings)}"
                    + (" (save_weights_only=True)" if save_weights_only else ""),
                    received=self.filepath,
                )
            )
        self._reset()

    def _reset(self) -> None:
        self._epoch = 0
        self._restart()
        self._seen_metric = False

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Forget an earlier run."""
        super().on_train_begin(logs)
        self.best = self.initial_value_threshold
        self._reset()

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Note the epoch, for the file's name."""
        self._epoch = epoch
        self._last_batch = -1

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Save, if so many batches have passed."""
        if self._is_due(batch):
            self._save(self._epoch, batch, logs or {})

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Save, if epochs are what counts."""
        if self.save_freq == "epoch":
            self._save(epoch, None, logs or {})

    def _save(self, epoch: int, batch: int | None, logs: dict[str, Any]) -> None:
        path = self._path(epoch, batch, logs)
        if self.save_best_only and not self._is_best(epoch, logs, path):
            return
        if self.verbose and not self.save_best_only:
            say(f"Epoch {epoch + 1}: saving model to {path}")
        if os.path.isdir(path) and os.path.splitext(path)[1]:
            raise IsADirectoryError(
                message(
                    "ModelCheckpoint cannot write to this path.",
                    expected="a file",
                    received=f"the folder {path}",
                )
            )
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        save = self.model.save_weights if self.save_weights_only else self.model.save
        save(path, overwrite=True)

    def _is_best(self, epoch: int, logs: dict[str, Any], path: str) -> bool:
        current = self._current(logs)
        if current is None:
            return (
                not self._seen_metric
            )  # never there: keep the last model; left out now and then: keep the best
        self._seen_metric = True
        better = self._is_improvement(current, self.best)
        if self.verbose:
            best = "None" if self.best is None else f"{self.best:.5f}"
            what = f"improved from {best} to {current:.5f}, saving model to {path}"
            say(f"Epoch {epoch + 1}: {self.monitor} " + (what if better else f"did not improve from {best}"))
        if better:
            self.best = current
        return better

    def _path(self, epoch: int, batch: int | None, logs: dict[str, Any]) -> str:
        fields = {"epoch": epoch + 1, **({} if batch is None else {"batch": batch + 1}), **logs}
        try:
            return self.filepath.format(**fields)
        except KeyError as error:
            name = str(error.args[0])
            raise KeyError(
                message(
                    f"ModelCheckpoint cannot fill in '{self.filepath}'.",
                    expected=f"names out of {sorted(fields)}",
                    received=f"{{{name}}}",
                    hint=suggest(name, fields) or None,
                )
            ) from None
