"""What tf.keras 2's custom training steps use: `compiled_loss` and `compiled_metrics`."""

from __future__ import annotations

from typing import Any

from addax.training._step import track_loss


class CompiledLoss:
    """The compiled losses as one callable, which also feeds the loss metric.

    Args:
        model: The model.
    """

    def __init__(self, model: Any) -> None:
        self._model = model

    def __call__(
        self, y_true: Any, y_pred: Any, sample_weight: Any = None, regularization_losses: Any = None
    ) -> Any:
        """The scalar loss of a batch, `regularization_losses` added."""
        objective = self._model._objective
        total = objective.loss(y_true, y_pred, sample_weight)
        for extra in regularization_losses or ():
            total = extra if total is None else total + extra
        track_loss(objective.tracker, total, y_pred)
        return total

    @property
    def metrics(self) -> list:
        """The trackers of the losses."""
        return [self._model._objective.tracker]


class CompiledMetrics:
    """The compiled metrics as one object.

    Args:
        model: The model.
    """

    def __init__(self, model: Any) -> None:
        self._model = model

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add a batch."""
        self._model._objective.update(y_true, y_pred, sample_weight)

    @property
    def metrics(self) -> list:
        """The metrics of `compile`."""
        return self._model._objective.metrics[1:]
