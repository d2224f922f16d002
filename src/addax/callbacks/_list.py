"""The callbacks of one run, called as one."""

from __future__ import annotations

import inspect
from typing import Any

from addax.callbacks._callback import HOOKS, Callback, has_hook
from addax.callbacks._history import History
from addax.callbacks._logs import as_logs
from addax.callbacks._progbar_logger import ProgbarLogger
from addax.core import tree
from addax.core.errors import message


class CallbackList(Callback):
    """Calls each hook on every callback that has it, with one dict of logs.

    Args:
        callbacks: A callback or a nest of them.
        add_history: Whether a `History` is added if there is none.
        add_progbar: Whether a `ProgbarLogger` is added if there is none.
        model: The model.
        **params: `verbose`, `epochs` and `steps` of the run.

    Raises:
        TypeError: If something in `callbacks` is no callback.

    Example:
        >>> import addax as keras
        >>> stop = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: print(logs))
        >>> callbacks = keras.callbacks.CallbackList([stop], epochs=3)
        >>> callbacks.on_epoch_end(0, {"loss": 0.5})
        {'loss': 0.5}
    """

    def __init__(
        self,
        callbacks: Any = None,
        add_history: bool = False,
        add_progbar: bool = False,
        model: Any = None,
        **params: Any,
    ) -> None:
        super().__init__()
        self.callbacks: list[Any] = [_checked(c) for c in tree.flatten(callbacks or [])]
        self._by_hook: dict[str, list] = {}
        self._counted = 0
        if add_history and not any(isinstance(c, History) for c in self.callbacks):
            self.callbacks.append(History())
        if add_progbar and not any(isinstance(c, ProgbarLogger) for c in self.callbacks):
            self.callbacks.append(ProgbarLogger())
        if model is not None:
            self.set_model(model)
        if params:
            self.set_params(params)

    def append(self, callback: Any) -> None:
        """Add a callback."""
        self.callbacks.append(_checked(callback))

    def set_params(self, params: dict[str, Any]) -> None:
        """Hand the numbers of the run to every callback."""
        self.params = params
        for callback in self.callbacks:
            callback.set_params(params)

    def set_model(self, model: Any) -> None:
        """Hand the model to every callback."""
        self.model = model
        for callback in self.callbacks:
            callback.set_model(model)
            if isinstance(callback, History):
                model.history = callback

    def wants_batches(self, mode: str, progress: bool = True) -> bool:
        """Whether the batch hooks of a mode need to be called, so that a loop can leave them out.

        Args:
            mode: `"train"`, `"test"` or `"predict"`.
            progress: Whether callbacks count that do not need every batch, as the progress bar does not: without
                them, a loop that runs many batches at once may tell them of the last one; see `batches_to_go`.
        """
        for callback in self.callbacks:
            if not progress and (isinstance(callback, ProgbarLogger) or _batches_to_go(callback) is not None):
                continue
            wants = getattr(callback, "_wants_batches", None)
            if wants is None or wants(mode):
                return True
        return False

    def batches_to_go(self, limit: int) -> int:
        """How many batches of training may pass, `limit` at the most, before a callback must be told of one."""
        waits = [_batches_to_go(callback) for callback in self.callbacks]
        return min([limit, *(wait for wait in waits if wait is not None)])

    def counts_batches(self) -> bool:
        """Whether a callback must be told of certain batches before the next one is fetched."""
        return any(_batches_to_go(callback) is not None for callback in self.callbacks)

    def set_run(self, run: Any) -> None:
        """Hand the run of `fit` to the callbacks that save and restore it."""
        for callback in self.callbacks:
            if hasattr(callback, "_set_run"):
                callback._set_run(run)

    def _call(self, hook: str, *args: Any, logs: Any) -> None:
        logs = as_logs(logs)
        if self._counted != len(self.callbacks):
            self._by_hook, self._counted = {}, len(self.callbacks)
        callbacks = self._by_hook.get(hook)
        if callbacks is None:
            callbacks = [c for c in self.callbacks if has_hook(c, hook)]
            callbacks.sort(key=lambda c: bool(getattr(c, "_after_others", False)))
            self._by_hook[hook] = callbacks
        for callback in callbacks:
            getattr(callback, hook)(*args, logs)

    def on_train_begin(self, logs: Any = None) -> None:
        """Call the hook of every callback."""
        self._call("on_train_begin", logs=logs)

    def on_train_end(self, logs: Any = None) -> None:
        """Call the hook of every callback."""
        self._call("on_train_end", logs=logs)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Call the hook of every callback."""
        self._call("on_epoch_begin", epoch, logs=logs)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Call the hook of every callback."""
        self._call("on_epoch_end", epoch, logs=logs)

    def on_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Call the hook of every callback."""
        self._call("on_batch_begin", batch, logs=logs)

    def on_batch_end(self, batch: int, logs: Any = None) -> None:
        """Call the hook of every callback."""
        self._call("on_batch_end", batch, logs=logs)

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Call the hook of every callback."""
        self._call("on_train_batch_begin", batch, logs=logs)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Call the hook of every callback."""
        self._call("on_train_batch_end", batch, logs=logs)

    def on_test_begin(self, logs: Any = None) -> None:
        """Call the hook of every callback."""
        self._call("on_test_begin", logs=logs)

    def on_test_end(self, logs: Any = None) -> None:
        """Call the hook of every callback."""
        self._call("on_test_end", logs=logs)

    def on_test_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Call the hook of every callback."""
        self._call("on_test_batch_begin", batch, logs=logs)

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        """Call the hook of every callback."""
        self._call("on_test_batch_end", batch, logs=logs)

    def on_predict_begin(self, logs: Any = None) -> None:
        """Call the hook of every callback."""
        self._call("on_predict_begin", logs=logs)

    def on_predict_end(self, logs: Any = None) -> None:
        """Call the hook of every callback."""
        self._call("on_predict_end", logs=logs)

    def on_predict_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Call the hook of every callback."""
        self._call("on_predict_batch_begin", batch, logs=logs)

    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        """Call the hook of every callback."""
        self._call("on_predict_batch_end", batch, logs=logs)


def _batches_to_go(callback: Any) -> int | None:
    """After how many batches of training a callback wants to see one; None if that is each, or none."""
    wait = getattr(callback, "_batches_to_go", None)
    return None if wait is None else wait()


def _checked(callback: Any) -> Any:
    if inspect.isclass(callback) or not any(hasattr(callback, hook) for hook in HOOKS):
        name = callback.__name__ if inspect.isclass(callback) else None
        raise TypeError(
            message(
                "This is no callback.",
                expected="an object with hooks such as on_epoch_end",
                received=callback,
                hint=f"Write {name}() to make an object of the class."
                if name
                else "Wrap functions in LambdaCallback.",
            )
        )
    return callback
