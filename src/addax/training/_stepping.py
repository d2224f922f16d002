"""`Stepping`: the part of a model that users override: its steps, its loss, its metrics."""

from __future__ import annotations

import inspect
from typing import Any

from addax.core.errors import message
from addax.engine import Tensor, _replicas
from addax.layers._spec import call_spec
from addax.metrics import Metric
from addax.training import _stateful, _step
from addax.training._legacy import CompiledLoss, CompiledMetrics
from addax.training._objective import Objective


class Stepping:
    """What one step of training, testing or predicting does."""

    _objective: Objective | None
    _steps: _step.Steps

    def train_step(self, data: Any, *more: Any) -> Any:
        """One training step on a batch; override it for a custom one (a `GradientTape` may be used inside).

        An override may also be `train_step(self, state, data)`, as in Keras with JAX, and give `(logs, state)`: the
        state is `(trainable_variables, non_trainable_variables, optimizer_variables, metrics_variables)`, four lists of
        arrays of JAX.

        Args:
            data: The batch: `x`, `(x, y)` or `(x, y, sample_weight)`, of tensors.
            *more: The batch, if the state comes before it.

        Returns:
            Logs: name -> scalar tensor.
        """
        return _stateful.called(_step.train_step, self, "train", (data, *more))

    def test_step(self, data: Any, *more: Any) -> Any:
        """One evaluation step on a batch; override it for a custom one. Returns logs.

        With a state, `(trainable_variables, non_trainable_variables, metrics_variables)`, as in `train_step`.
        """
        return _stateful.called(_step.test_step, self, "test", (data, *more))

    def predict_step(self, data: Any, *more: Any) -> Any:
        """One prediction step on a batch; override it for a custom one. Returns outputs.

        With a state, `(trainable_variables, non_trainable_variables)`, it gives outputs and `non_trainable_variables`.
        """
        return _stateful.called(_step.predict_step, self, "predict", (data, *more))

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        """The scalar loss of a batch: losses of the outputs, and what layers added.

        Args:
            x: Inputs.
            y: Targets.
            y_pred: What the model gave.
            sample_weight: Weights of the samples.
            training: Whether the model is being trained.
        """
        if self._objective is None:
            raise ValueError(
                message(
                    "compute_loss() needs a compiled model.", hint='Call model.compile(loss="...") first.'
                )
            )
        total = self._objective.loss(y, y_pred, sample_weight)
        for extra in self.losses:  # type: ignore[attr-defined]
            extra = _replicas.share(_summed(extra))
            total = extra if total is None else total + extra
        if total is None:
            raise ValueError(
                message(
                    "There is no loss to minimise.",
                    received="compile() without a loss, and no layer that calls add_loss()",
                    hint='compile(loss="mse"), or override compute_loss() or train_step().',
                )
            )
        return total

    def _compute_loss(self, x: Any, y: Any, y_pred: Any, sample_weight: Any, training: bool) -> Any:
        """`compute_loss`, also if an override does not take every argument; a scalar."""
        loss = self.compute_loss(**_accepted(self.compute_loss, x, y, y_pred, sample_weight, training))
        if not isinstance(loss, Tensor):
            from addax import ops

            loss = ops.convert_to_tensor(loss)
        return loss

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> dict[str, Any]:
        """Add a batch to the metrics and give the logs; override it for custom ones.

        Args:
            x: Inputs.
            y: Targets.
            y_pred: What the model gave.
            sample_weight: Weights of the samples.
        """
        if self._objective is not None:
            self._objective.update(y, y_pred, sample_weight)
        return self.get_metrics_result()

    def get_metrics_result(self) -> dict[str, Any]:
        """The current values of all metrics, as a dict."""
        logs: dict[str, Any] = {}
        for metric in self.metrics:
            if self._objective is not None:
                logs.update(self._objective.logs_of(metric))
            else:
                result = metric.result()
                logs.update(result if isinstance(result, dict) else {metric.name: result})
        return logs

    def _layer_metrics(self) -> list:
        """Metrics that the model or its layers hold in attributes (not those of models inside)."""
        compiled = {id(m) for m in ([] if self._objective is None else self._objective.metrics)}
        found: dict[int, Metric] = {}
        for layer in self._flatten_layers():  # type: ignore[attr-defined]
            if layer is self or not isinstance(layer, Stepping):
                found.update({id(child): child for child in layer._children() if isinstance(child, Metric)})
        return [metric for key, metric in found.items() if key not in compiled]

    @property
    def metrics(self) -> list:
        """The loss tracker, the metrics of `compile`, and those held in attributes."""
        return [*([] if self._objective is None else self._objective.metrics), *self._layer_metrics()]

    @property
    def metrics_names(self) -> list[str]:
        """The names of what `evaluate` lists, known once the model was trained or evaluated."""
        return self._ordered(self.get_metrics_result())

    def _ordered(self, logs: dict[str, Any]) -> list[str]:
        """The names in logs as Keras lists them: the loss, metrics in their order, the rest by name."""
        first = dict.fromkeys(metric.name for metric in self.metrics if metric.name in logs)
        return [*first, *sorted(set(logs) - set(first))]

    def _listed(self, logs: dict[str, Any]) -> Any:
        """The values of logs as a list, or the value of the only one."""
        if len(logs) == 1:
            return next(iter(logs.values()))
        names = self._steps.orders.get(tuple(logs))
        if names is None:
            names = self._steps.orders[tuple(logs)] = self._ordered(logs)
        return [logs[name] for name in names]

    def reset_metrics(self) -> None:
        """Start all metrics over."""
        for metric in self.metrics:
            metric.reset_state()

    def _track_loss(self, loss: Any, x: Any) -> None:
        if self._objective is not None:
            _step.track_loss(self._objective.tracker, _replicas.whole(loss), x)

    def _call_takes_training(self) -> bool:
        spec = call_spec(type(self))
        return spec.training or spec.has_kwargs

    @property
    def compiled_loss(self) -> Any:
        """The loss as tf.keras 2's `train_step`s call it: `compiled_loss(y, y_pred, regularization_losses=...)`."""
        return CompiledLoss(self)

    @property
    def compiled_metrics(self) -> Any:
        """The metrics as tf.keras 2's `train_step`s use them: `compiled_metrics.update_state(y, y_pred)`."""
        return CompiledMetrics(self)


def _summed(loss: Any) -> Any:
    """What a layer added as a number: a loss for each sample counts as their sum, as in Keras."""
    from addax import ops

    return ops.sum(loss) if loss.shape else loss


def _accepted(method: Any, x: Any, y: Any, y_pred: Any, sample_weight: Any, training: bool) -> dict[str, Any]:
    given = {"x": x, "y": y, "y_pred": y_pred, "sample_weight": sample_weight, "training": training}
    parameters = inspect.signature(method).parameters
    if any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
        return given
    return {k: v for k, v in given.items() if k in parameters}
