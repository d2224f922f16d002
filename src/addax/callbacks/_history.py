"""The metrics of every epoch."""

from __future__ import annotations

import weakref
from typing import Any

from addax.callbacks._callback import Callback


class History(Callback):
    """Keeps the metrics of every epoch; `fit` makes one and returns it.

    Attributes:
        history: Metric name -> list of floats, one for each epoch; goes into `pandas.DataFrame`.
        epoch: The numbers of the epochs.

    Example:
        >>> import addax as keras
        >>> history = keras.callbacks.History()
        >>> callbacks = keras.callbacks.CallbackList([history])
        >>> callbacks.on_train_begin()
        >>> callbacks.on_epoch_end(0, {"loss": 0.5})
        >>> history.history, history.epoch
        ({'loss': [0.5]}, [0])
    """

    _remembered = ("history", "epoch")

    def __init__(self) -> None:
        self._model: Any = None
        super().__init__()
        self.history: dict[str, list] = {}
        self.epoch: list[int] = []

    @property
    def model(self) -> Any:  # type: ignore[override]
        """The model, as long as it lives: a history that is kept does not keep the model."""
        return None if self._model is None else self._model()

    @model.setter
    def model(self, model: Any) -> None:
        self._model = None if model is None else weakref.ref(model)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_model": None}

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Start afresh."""
        self.history = {}
        self.epoch = []

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Note the metrics."""
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)
