"""Evaluate with averaged weights, train with the others."""

from __future__ import annotations

from typing import Any

from addax.callbacks._callback import Callback
from addax.core.errors import message


class SwapEMAWeights(Callback):
    """Puts the optimizer's moving averages into the model for evaluation and prediction, and takes them out.

    Args:
        swap_on_epoch: Whether they also stand in the model from the end of an epoch to the beginning of the
            next, so that callbacks such as `ModelCheckpoint` save them.

    Raises:
        ValueError: When a run begins and the optimizer keeps no averages (`use_ema=True`).

    Example:
        >>> import addax as keras
        >>> optimizer = keras.optimizers.Adam(use_ema=True)
        >>> callbacks = [keras.callbacks.SwapEMAWeights(swap_on_epoch=True)]
    """

    def __init__(self, swap_on_epoch: bool = False) -> None:
        super().__init__()
        self.swap_on_epoch = swap_on_epoch
        self._trained: list[tuple[Any, Any]] = []  # variables and trained values, while averages stand

    def _optimizers(self) -> list:
        optimizer = getattr(self.model.optimizer, "inner_optimizer", self.model.optimizer)
        found = [o for o in getattr(optimizer, "optimizers", [optimizer]) if getattr(o, "use_ema", False)]
        if not found:
            raise ValueError(
                message(
                    "SwapEMAWeights needs an optimizer that keeps averages.",
                    expected="use_ema=True",
                    received=f"{type(optimizer).__name__} with use_ema=False",
                    hint="Create the optimizer with use_ema=True.",
                )
            )
        return found

    def _bring_in(self) -> None:
        if self._trained:
            return
        for variable, average in self._pairs():
            self._trained.append((variable, variable.numpy()))
            variable.assign(average.numpy())

    def _take_out(self) -> None:
        for variable, value in self._trained:
            variable.assign(value)
        self._trained = []

    def get_state(self) -> dict[str, Any]:
        """The trained values, while averages stand in the model."""
        return {"trained": [value for _, value in self._trained]}

    def set_state(self, state: dict[str, Any]) -> None:
        """Know the trained values again; the averages stand in the model."""
        self._trained = list(zip(self._averaged(), state["trained"], strict=True)) if state["trained"] else []

    def _averaged(self) -> list:
        """The variables that have an average."""
        return [variable for variable, _ in self._pairs()]

    def _pairs(self) -> list[tuple[Any, Any]]:
        """Variables and their averages."""
        found = []
        for optimizer in self._optimizers():
            averages = optimizer._model_variables_moving_average if optimizer.built else ()
            found += zip(optimizer._trainable_variables, averages, strict=True) if averages else ()
        return [(variable, average) for variable, average in found if average is not None]

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Check the optimizer."""
        self._optimizers()
        self._trained = []

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Train the weights that were trained."""
        self._take_out()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Leave the averages in the model until the next epoch, if that was asked for."""
        if self.swap_on_epoch:
            self._bring_in()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Leave the averages in the model for good, if they are there."""
        self._trained = []

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Evaluate with the averages."""
        self._bring_in()

    def on_test_end(self, logs: dict[str, Any] | None = None) -> None:
        """Take the averages out."""
        self._take_out()

    def on_predict_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Predict with the averages."""
        self._bring_in()

    def on_predict_end(self, logs: dict[str, Any] | None = None) -> None:
        """Take the averages out."""
        self._take_out()
