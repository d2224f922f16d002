"""The base of callbacks, and what they may know of a model."""

from __future__ import annotations

from typing import Any, Protocol


class TrainedModel(Protocol):
    """What callbacks use of a model."""

    name: str
    optimizer: Any
    stop_training: bool
    history: Any

    @property
    def layers(self) -> list: ...

    @property
    def metrics(self) -> list: ...

    def get_weights(self) -> list: ...

    def set_weights(self, weights: list) -> None: ...

    def save(self, filepath: Any, overwrite: bool = True) -> Any: ...

    def save_weights(self, filepath: Any, overwrite: bool = True) -> Any: ...

    def get_config(self) -> dict[str, Any]: ...


class Callback:
    """Called at the edges of training, evaluation and prediction; override the hooks you need.

    `logs` is a dict of numbers: metrics by name. Reading it in a batch hook waits for the device, and a batch
    hook that is overridden makes the loop stop after every batch.

    `BackupAndRestore` asks each callback for `get_state()`, a nest of plain values and arrays, and gives it to
    `set_state(state)` in the run that goes on; define both if yours counts something. State of an earlier `fit` is to
    be forgotten in `on_train_begin`, which comes before `set_state`.

    Attributes:
        model: The model; set `model.stop_training = True` to end training.
        params: `verbose`, `epochs` and `steps` of the run (steps may be None).

    Example:
        >>> import addax as keras
        >>> class Note(keras.callbacks.Callback):
        ...     def on_epoch_end(self, epoch, logs=None):
        ...         print(epoch, logs["loss"])
        >>> keras.callbacks.CallbackList([Note()]).on_epoch_end(0, {"loss": 0.5})
        0 0.5
    """

    model: Any = None
    params: Any = None
    validation_data: Any = None
    _remembered: tuple[str, ...] = ()  # attributes that are the state of a run

    def __init__(self) -> None:
        self.model = None
        self.params = None

    def set_params(self, params: dict[str, Any]) -> None:
        """Receive the numbers of the run, before it begins."""
        self.params = params

    def set_model(self, model: Any) -> None:
        """Receive the model, before the run begins."""
        self.model = model

    def get_state(self) -> dict[str, Any]:
        """What a run that goes on later has to know: plain values and arrays."""
        return {name: getattr(self, name) for name in self._remembered}

    def set_state(self, state: dict[str, Any]) -> None:
        """Take what `get_state` gave in the run that is gone on with."""
        for name in self._remembered:
            setattr(self, name, state[name])

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Called when `fit` begins; state of an earlier `fit` ends here."""

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Called when `fit` ends, with the logs of the last epoch."""

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Called when an epoch (counted from 0) begins."""

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Called when an epoch (counted from 0) ends, with metrics, those of validation as `val_...`."""

    def on_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """The old name of `on_train_batch_begin`."""

    def on_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """The old name of `on_train_batch_end`."""

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Called before a batch (counted from 0 in each epoch) of training."""
        self.on_batch_begin(batch, logs)

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Called after a batch of training, with the epoch's metrics so far."""
        self.on_batch_end(batch, logs)

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Called when `evaluate`, or the validation of an epoch, begins."""

    def on_test_end(self, logs: dict[str, Any] | None = None) -> None:
        """Called when `evaluate`, or the validation of an epoch, ends, with its metrics."""

    def on_test_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Called before a batch of evaluation or validation."""

    def on_test_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Called after a batch of evaluation or validation, with the metrics so far."""

    def on_predict_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Called when `predict` begins."""

    def on_predict_end(self, logs: dict[str, Any] | None = None) -> None:
        """Called when `predict` ends."""

    def on_predict_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Called before a batch of prediction."""

    def on_predict_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Called after a batch of prediction, with its outputs under `"outputs"`."""

    def _wants_batches(self, mode: str) -> bool:
        """Whether this callback must see every batch of a mode; by default, if it has a batch hook of it."""
        return any(has_hook(self, f"on_{mode}_batch_{edge}") for edge in ("begin", "end"))


HOOKS = tuple(name for name in vars(Callback) if name.startswith("on_"))


def has_hook(callback: Any, name: str) -> bool:
    """Whether a callback does something in a hook (its class or the object itself overrides it)."""
    if name in vars(callback):
        return True
    method = getattr(type(callback), name, None)
    if method is None:
        return False
    if method is not getattr(Callback, name):
        return True
    old = name.replace("train_batch", "batch")
    return old != name and has_hook(callback, old)
