"""The progress bar of `fit`, `evaluate` and `predict`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from addax.callbacks._callback import Callback
from addax.callbacks._progress import Progbar, say


class ProgbarLogger(Callback):
    """Shows progress; `fit`, `evaluate` and `predict` add one unless `verbose=0`.

    Args:
        count_mode: Accepted for Keras 2's sake.
        stateful_metrics: Accepted for Keras 2's sake: metrics are shown as they are.
    """

    def __init__(self, count_mode: str = "steps", stateful_metrics: Iterable[str] | None = None) -> None:
        super().__init__()
        self.seen = 0
        self.target: int | None = None
        self.verbose = 1
        self.epochs = 1
        self.progbar: Progbar | None = None
        self._fitting = False
        self._run: Any = None

    def _set_run(self, run: Any) -> None:
        self._run = run

    def set_params(self, params: dict[str, Any]) -> None:
        """Take `verbose` ("auto" is 1), `epochs` and `steps` of the run."""
        self.params = params
        verbose = params.get("verbose", 1)
        self.verbose = 1 if verbose == "auto" or verbose is True else int(verbose or 0)
        self.epochs = params.get("epochs") or 1
        self.target = params.get("steps")

    def _wants_batches(self, mode: str) -> bool:
        if mode == "test" and self._fitting:
            return False
        return self.verbose == 1 or (self.verbose == 2 and self.target is None)

    def _begin(self) -> None:
        self.seen = 0
        self.progbar = Progbar(self.target, verbose=self.verbose, stateless_metrics=())

    def _go_on(self, batch: int, logs: Any) -> None:
        self.seen = batch + 1
        if self.progbar is None:
            self._begin()
        assert self.progbar is not None
        if self.progbar.due(self.seen):  # reading the logs waits for the device, so only if they are shown
            self.progbar.update(self.seen, list((logs or {}).items()), finalize=False)

    def _end(self, logs: Any) -> None:
        if self.progbar is None or not self.verbose:
            return
        if self.target is None and self.seen:
            self.target = self.progbar.target = self.seen
        self.progbar.update(self.target or self.seen, list((logs or {}).items()), finalize=True)

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Leave the bar to training: validation does not show its own."""
        self._fitting = True

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Show evaluation again."""
        self._fitting = False
        self._run = None

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Print the number of the epoch, if there are several."""
        if self.verbose and self.epochs > 1:
            say(f"Epoch {epoch + 1}/{self.epochs}")
        self._begin()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Finish the line; if the device waited for data much of the time, it says so."""
        share = None if self._run is None else self._run.progress.input_bound
        if share is not None and self.progbar is not None:
            self.progbar._note = f" - input-bound {share:.0%}"
        self._end(logs)

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Move the bar."""
        self._go_on(batch, logs)

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Begin a bar, unless this is the validation of `fit`."""
        if not self._fitting:
            self._begin()

    def on_test_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Move the bar, unless this is the validation of `fit`."""
        if not self._fitting:
            self._go_on(batch, logs)

    def on_test_end(self, logs: dict[str, Any] | None = None) -> None:
        """Finish the line, unless this was the validation of `fit`."""
        if not self._fitting:
            self._end(logs)

    def on_predict_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Begin a bar."""
        self._begin()

    def on_predict_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Move the bar."""
        self._go_on(batch, None)

    def on_predict_end(self, logs: dict[str, Any] | None = None) -> None:
        """Finish the line."""
        self._end(None)
