"""Losses and metrics of `compile`, matched to the model's outputs once."""

from __future__ import annotations

from typing import Any

from addax import losses as losses_module
from addax import metrics as metrics_module
from addax.core import tree
from addax.core.errors import message
from addax.engine import Module, _replicas
from addax.losses._resolve import resolve_loss
from addax.metrics import Mean
from addax.metrics._resolve import resolve_metric
from addax.training import _ragged
from addax.training._outputs import Outputs, free_name

_BY_SHAPE = ("crossentropy", "ce")  # losses that are chosen when the shapes are known


class Output:
    """One output of the model.

    Attributes:
        name: Its name, for errors.
        loss: Its loss, or None.
        weight: The factor of its loss, or None.
        classes: How many classes it has, if its loss takes class numbers; else None.
        tracker: Mean of its loss over the epoch, if there are several losses.
        metrics: Its metrics.
        weighted_metrics: Its metrics that use sample weights.
    """

    def __init__(self, name: str, loss: Any, weight: float | None) -> None:
        self.name = name
        self.loss = loss
        self.weight = weight
        self.classes: int | None = None
        self.tracker: Mean | None = None
        self.metrics: list = []
        self.weighted_metrics: list = []


class Objective(Module):
    """What is minimised and what is reported.

    Args:
        loss: A loss, or a list or dict of losses by output.
        loss_weights: Factors, in a list or dict like `loss`.
        metrics: Metrics, or a list or dict of them by output.
        weighted_metrics: Likewise, computed with sample weights.
        output_names: Names of the outputs, if the model knows them.

    Attributes:
        tracker: Mean of the whole loss over the epoch.
        outputs: The outputs, None until `match` was called.
        metrics: The tracker, the metrics, and the trackers of the outputs' losses.
    """

    def __init__(
        self,
        loss: Any,
        loss_weights: Any,
        metrics: Any,
        weighted_metrics: Any,
        output_names: list[str] | None = None,
    ) -> None:
        self._loss = loss
        self._loss_weights = loss_weights
        self._metrics = metrics
        self._weighted = weighted_metrics
        self._output_names = output_names
        self.tracker = Mean(name="loss")
        self.outputs: list[Output] | None = None
        self.metrics: list = [self.tracker]
        self._names: dict[int, tuple[str, str]] = {}  # by metric: the name in logs, and what stands before it
        self._form: Outputs | None = None
        for one in tree.flatten(loss):
            if isinstance(one, str) and one.lower() not in _BY_SHAPE:
                losses_module.get(one)  # an unknown name fails now, not at the first batch

    # Matching --------------------------------------------------------------------------------------------
    def match(self, y: Any, y_pred: Any) -> None:
        """Bind losses and metrics to the outputs; called with the first targets and predictions (shapes count)."""
        if self.outputs is not None:
            return
        form = Outputs(y_pred, self._output_names)
        losses = form.line_up(self._loss, "loss", share=True)
        weights = form.line_up(self._loss_weights, "loss_weights", share=True)
        targets = form.targets(y, [i for i, loss in enumerate(losses) if loss is not None])
        outputs = []
        for position, pred in enumerate(tree.flatten(y_pred)):
            loss = resolve_loss(losses[position], _shape(targets[position]), pred.shape)
            weight = weights[position]
            outputs.append(Output(form.names[position], loss, None if weight is None else float(weight)))
            if getattr(getattr(loss, "fn", None), "__name__", "") == "sparse_categorical_crossentropy":
                options = getattr(loss, "_fn_kwargs", {})
                outputs[-1].classes = pred.shape[options.get("axis", -1)]
        preds = tree.flatten(y_pred)
        for kind, given in (("metrics", self._metrics), ("weighted_metrics", self._weighted)):
            lined = form.line_up(_for_each(given, form, kind), kind, share=True)
            for output, some, target, pred in zip(outputs, lined, targets, preds, strict=True):
                getattr(output, kind).extend(_metrics(some, target, pred))
        self._form, self.outputs = form, outputs
        self._name_metrics(form, outputs)

    def _name_metrics(self, form: Outputs, outputs: list[Output]) -> None:
        """Give the metrics their names in the logs, and make the trackers of several losses."""
        taken = {"loss"}
        prefixes = [f"{o.name}_" if form.count > 1 and form.named else "" for o in outputs]
        for kind in ("metrics", "weighted_metrics"):
            for output, prefix in zip(outputs, prefixes, strict=True):
                for metric in getattr(output, kind):
                    clash = kind == "weighted_metrics" and f"{prefix}{metric.name}" in taken
                    self._add(metric, f"{prefix}weighted_" if clash else prefix, taken)
        with_loss = [o for o in outputs if o.loss is not None]
        for output in self._in_order_of_losses(with_loss) if len(with_loss) > 1 else []:
            output.tracker = Mean(name=f"{output.name if form.named else output.loss.name}_loss")
            self._add(output.tracker, "", taken)

    def _add(self, metric: Any, prefix: str, taken: set[str]) -> None:
        self.metrics.append(metric)
        self._names[id(metric)] = (free_name(f"{prefix}{metric.name}", taken), prefix)

    def _in_order_of_losses(self, outputs: list[Output]) -> list[Output]:
        """Outputs in the order in which a dict of losses names them."""
        if not isinstance(self._loss, dict):
            return outputs
        order = {name: i for i, name in enumerate(self._loss)}
        return sorted(outputs, key=lambda o: order.get(o.name, 0))

    def labels(self, y: Any) -> list[tuple[Output, Any]]:
        """The outputs that are classes, each with its labels, before their shapes were looked at."""
        assert self._form is not None and self.outputs is not None
        with_loss = [i for i, output in enumerate(self.outputs) if output.loss is not None]
        pairs = zip(self.outputs, self._form.targets(y, with_loss), strict=True)
        return [(output, target) for output, target in pairs if output.classes is not None]

    # Computing -------------------------------------------------------------------------------------------
    def _align(self, y: Any, sample_weight: Any) -> tuple[list, list]:
        """Targets and weights by output."""
        assert self._form is not None and self.outputs is not None
        targets = self._form.targets(y, [i for i, o in enumerate(self.outputs) if o.loss is not None])
        return targets, self._form.line_up(sample_weight, "sample_weight", share=True)

    def loss(self, y: Any, y_pred: Any, sample_weight: Any) -> Any:
        """The weighted sum of the losses, a scalar tensor; None if no output has a loss."""
        self.match(y, y_pred)
        assert self.outputs is not None
        if not any(o.loss is not None for o in self.outputs):
            return None
        targets, weights = self._align(y, sample_weight)
        total = None
        for output, target, pred, weight in zip(
            self.outputs, targets, tree.flatten(y_pred), weights, strict=True
        ):
            if output.loss is None:
                continue
            value = _call_loss(output, target, pred, weight)
            if output.tracker is not None:
                output.tracker.update_state(_replicas.whole(value), sample_weight=batch_size(pred))
            if output.weight is not None:
                value = value * output.weight
            total = value if total is None else total + value
        return total

    def update(self, y: Any, y_pred: Any, sample_weight: Any) -> None:
        """Add a batch to the metrics."""
        if not (self._metrics or self._weighted):
            return
        self.match(y, y_pred)
        assert self.outputs is not None
        targets, weights = self._align(y, sample_weight)
        for output, target, pred, weight in zip(
            self.outputs, targets, tree.flatten(y_pred), weights, strict=True
        ):
            if target is None:
                continue
            each: tuple = (target, pred)
            if _ragged.is_ragged(target) or _ragged.is_ragged(pred):
                each = _ragged.steps(target, pred, None, output.name)
                target, pred, weight = _ragged.steps(target, pred, weight, output.name)
            for metric in output.metrics:
                _named(metric.update_state, output, metric, *each)
            for metric in output.weighted_metrics:
                _named(metric.update_state, output, metric, target, pred, weight)

    def logs_of(self, metric: Any) -> dict[str, Any]:
        """The value of a metric (of this objective or not) under its name in the logs."""
        name, prefix = self._names.get(id(metric), (metric.name, ""))
        result = metric.result()
        return {f"{prefix}{k}": v for k, v in result.items()} if isinstance(result, dict) else {name: result}


def batch_size(x: Any) -> int:
    """The first dimension of a tensor."""
    return int(x.shape[0]) if x.shape else 1


def _shape(x: Any) -> Any:
    return getattr(x, "shape", ())


def _call_loss(output: Output, target: Any, pred: Any, weight: Any) -> Any:
    if target is None:
        raise ValueError(
            message(
                f"There is no target for output '{output.name}', which has a loss.",
                expected="y for every output with a loss",
                received="y=None",
                hint="Pass y to fit(), or yield (x, y) from the data.",
            )
        )
    if _ragged.is_ragged(target) or _ragged.is_ragged(pred):
        target, pred = _ragged.masked(target, pred, output.name)
        weight = _ragged.dense(weight)
    return _named(output.loss, output, output.loss, target, pred, weight)


def _named(compute: Any, output: Output, what: Any, *args: Any) -> Any:
    """Compute a loss or metric; an error says of which output."""
    try:
        return compute(*args)
    except ValueError as error:
        error.add_note(f"In '{what.name}' of output '{output.name}'.")
        if getattr(args[0], "dtype", None) == "string":
            error.add_note("Its labels are text; numbers are np.unique(y, return_inverse=True)[1].")
        raise


def _metrics(given: Any, target: Any, pred: Any) -> list:
    """Metric objects of one output."""
    return [resolve_metric(one, _shape(target), pred.shape) for one in tree.flatten(given) if one is not None]


def _for_each(given: Any, form: Outputs, what: str) -> Any:
    """`metrics`, a flat list that is not one entry for each output made one list for each of them."""
    if form.count == 1 or not isinstance(given, (list, tuple)):
        return given
    if len(given) in (0, form.count) or any(isinstance(one, (list, tuple, dict)) for one in given):
        return given or None
    if any(isinstance(one, metrics_module.Metric) for one in given):
        raise ValueError(
            message(
                f"`{what}` is one list for {form.count} outputs, so it is not clear which output a metric is for.",
                expected=f"a dict by output name, of {form.names}, or a list of {form.count} entries",
                received=f"a list of {len(given)}",
            )
        )
    return [list(given)] * form.count
