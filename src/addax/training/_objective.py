"""Losses and metrics of `compile`, matched to the model's outputs once."""

from __future__ import annotations

from typing import Any

from addax import losses as losses_module
from addax import metrics as metrics_module
from addax import ops
from addax.core import tree
from addax.core.errors import message, suggest
from addax.engine import Module, Tensor
from addax.metrics import Mean
from addax.metrics._resolve import resolve_metric


class Output:
    """One output of the model: its name, loss, weight, and metrics.

    Attributes:
        key: Where it stands in a nest of outputs: a path.
        tracker: Mean of its loss over the epoch (only if there are several losses).
    """

    def __init__(self, name: str | None, loss: Any, weight: float | None) -> None:
        self.name = name
        self.loss = loss
        self.weight = weight
        self.tracker: Mean | None = None
        self.metrics: list = []
        self.weighted_metrics: list = []
        self.prefix = ""


class Objective(Module):
    """What is minimised and what is reported.

    Args:
        loss: A loss, or a list or dict of losses by output.
        loss_weights: Factors, in a list or dict like `loss`.
        metrics: Metrics, or a list or dict of them by output.
        weighted_metrics: Likewise, computed with sample weights.
        output_names: Names of the outputs, if the model knows them.
    """

    def __init__(
        self, loss: Any, loss_weights: Any, metrics: Any, weighted_metrics: Any, output_names: list[str] | None = None
    ) -> None:
        self._loss = loss
        self._loss_weights = loss_weights
        self._metrics = metrics
        self._weighted = weighted_metrics
        self._output_names = output_names
        self.tracker = Mean(name="loss")
        self.outputs: list[Output] | None = None
        self._trackers: list = []
        if isinstance(loss, str):
            losses_module.get(loss)  # an unknown name fails now, not at the first batch

    # Matching --------------------------------------------------------------------------------------------
    def match(self, y: Any, y_pred: Any) -> None:
        """Bind losses and metrics to the outputs; called with the first targets and predictions (shapes count)."""
        if self.outputs is not None:
            return
        names, preds = self._named(y_pred)
        many = len(preds) > 1
        targets = align(y, y_pred, names, "y")
        chosen = by_output(self._loss, y_pred, names, "loss")
        weights = by_output(self._loss_weights, y_pred, names, "loss_weights")
        outputs = []
        for name, loss, weight in zip(names, chosen, weights, strict=True):
            outputs.append(Output(name, _loss(loss), None if weight is None else float(weight)))
        with_loss = [o for o in outputs if o.loss is not None]
        for output in with_loss if len(with_loss) > 1 or (many and with_loss) else []:
            output.tracker = Mean(name=f"{output.name}_loss")
        for kind in ("metrics", "weighted_metrics"):
            given = self._metrics if kind == "metrics" else self._weighted
            per_output = by_output(given, y_pred, names, kind, lists=True)
            for output, some, target, pred in zip(outputs, per_output, targets, preds, strict=True):
                output.prefix = f"{output.name}_" if many else ""
                getattr(output, kind).extend(_metrics(some, target, pred))
        self.outputs = outputs
        self._trackers = [m for o in outputs for m in [o.tracker, *o.metrics, *o.weighted_metrics] if m is not None]

    def _named(self, y_pred: Any) -> tuple[list[str], list]:
        pairs = tree.flatten_with_path(y_pred)
        names = self._output_names if not isinstance(y_pred, dict) else None
        if names is None or len(names) != len(pairs):
            names = ["_".join(map(str, path)) if path else "output" for path, _ in pairs]
            if not isinstance(y_pred, dict) and len(names) > 1:
                names = [f"output_{n}" if n.isdigit() else n for n in names]
        unique = []
        for i, name in enumerate(names):
            unique.append(name if name not in names[:i] else f"{name}_{i}")
        return unique, [leaf for _, leaf in pairs]

    # Computing -------------------------------------------------------------------------------------------
    def loss(self, y: Any, y_pred: Any, sample_weight: Any) -> Any:
        """The weighted sum of the losses, a scalar tensor; None if no output has a loss."""
        self.match(y, y_pred)
        assert self.outputs is not None
        names, preds = self._named(y_pred)
        if not any(o.loss is not None for o in self.outputs):
            return None
        targets = align(y, y_pred, names, "y")
        weights = align(sample_weight, y_pred, names, "sample_weight", broadcast=True)
        total = None
        for output, target, pred, weight in zip(self.outputs, targets, preds, weights, strict=True):
            if output.loss is None:
                continue
            if target is None:
                raise ValueError(
                    message(
                        f"There is no target for output '{output.name}', which has a loss.",
                        expected="y for every output with a loss",
                        received="y=None",
                        hint="Pass y to fit(), or yield (x, y) from the data.",
                    )
                )
            value = _call_loss(output, target, pred, weight)
            if output.tracker is not None:
                output.tracker.update_state(value, sample_weight=batch_size(pred))
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
        names, preds = self._named(y_pred)
        targets = align(y, y_pred, names, "y")
        weights = align(sample_weight, y_pred, names, "sample_weight", broadcast=True)
        for output, target, pred, weight in zip(self.outputs, targets, preds, weights, strict=True):
            if target is None:
                continue
            for metric in output.metrics:
                metric.update_state(target, pred)
            for metric in output.weighted_metrics:
                metric.update_state(target, pred, sample_weight=weight)

    def results(self) -> dict[str, Any]:
        """The logs: loss, losses by output, metrics."""
        logs: dict[str, Any] = {"loss": self.tracker.result()}
        for output in self.outputs or ():
            if output.tracker is not None:
                logs[output.tracker.name] = output.tracker.result()
        for output in self.outputs or ():
            for metric in [*output.metrics, *output.weighted_metrics]:
                result = metric.result()
                if isinstance(result, dict):
                    logs.update({f"{output.prefix}{k}": v for k, v in result.items()})
                else:
                    logs[_free_name(logs, f"{output.prefix}{metric.name}")] = result
        return logs

    @property
    def metrics(self) -> list:
        """The loss tracker and all metrics."""
        return [self.tracker, *self._trackers]


def _free_name(logs: dict[str, Any], name: str) -> str:
    """`name`, with a number behind it if the logs have it already."""
    free, k = name, 0
    while free in logs:
        k += 1
        free = f"{name}_{k}"
    return free


def batch_size(x: Any) -> int:
    """The first dimension of a tensor."""
    return int(x.shape[0]) if x.shape else 1


def _loss(identifier: Any) -> Any:
    loss = losses_module.get(identifier)
    if loss is None or isinstance(loss, losses_module.Loss):
        return loss
    return losses_module.LossFunctionWrapper(loss, name=getattr(loss, "__name__", "loss"))


def _call_loss(output: Output, target: Any, pred: Any, weight: Any) -> Any:
    try:
        return output.loss(target, pred, weight)
    except ValueError as error:
        error.add_note(f"In the loss of output '{output.name}' ({output.loss.name}).")
        raise


def _metrics(given: Any, target: Any, pred: Any) -> list:
    if given is None:
        return []
    listed = given if isinstance(given, (list, tuple)) else [given]
    found = []
    for one in tree.flatten(list(listed)):
        if one is None:
            continue
        y_shape = getattr(target, "shape", ())
        found.append(resolve_metric(one, y_shape, getattr(pred, "shape", ())))
    return found


def by_output(given: Any, y_pred: Any, names: list[str], what: str, lists: bool = False) -> list:
    """One entry for each output, from a single value, a list or a dict.

    Raises:
        ValueError: If a dict names an output that does not exist, or a list has another length.
    """
    count = len(names)
    if given is None:
        return [None] * count
    if isinstance(given, dict):
        unknown = [k for k in given if k not in names]
        if unknown:
            raise ValueError(
                message(
                    f"`{what}` names an output that the model does not have.",
                    expected=f"outputs {names}",
                    received=f"{unknown}",
                    hint=suggest(str(unknown[0]), names) or None,
                )
            )
        return [given.get(name) for name in names]
    if isinstance(given, (list, tuple)):
        if lists:
            return _metric_lists(list(given), names, what)
        flat = tree.flatten(list(given))
        if len(flat) != count:
            if count == 1 and len(flat) == 1:
                return flat
            raise ValueError(
                message(
                    f"`{what}` has another number of entries than the model has outputs.",
                    expected=f"{count}, for the outputs {names}",
                    received=f"{len(flat)}",
                )
            )
        return flat
    if what == "loss":
        return [given] * count
    return [given] * count if lists else [given, *[None] * (count - 1)] if count == 1 else [given] * count


def _metric_lists(given: list, names: list[str], what: str) -> list:
    """Metrics by output: a flat list belongs to the one output, or entry by entry to several."""
    count = len(names)
    if count == 1:
        return [tree.flatten(given)]
    if len(given) == count:
        return given
    if not any(isinstance(g, (list, tuple)) for g in given):
        return [list(given)] * count if not given else _shared_metrics(given, count, names, what)
    raise ValueError(
        message(
            f"`{what}` has another number of entries than the model has outputs.",
            expected=f"{count}, for the outputs {names}",
            received=f"{len(given)}",
        )
    )


def _shared_metrics(given: list, count: int, names: list[str], what: str) -> list:
    if any(isinstance(m, metrics_module.Metric) for m in given):
        raise ValueError(
            message(
                f"`{what}` is one list for {count} outputs, so it is not clear which output a metric object is for.",
                expected=f"a dict by output name, of {names}, or a list of {count} entries",
            )
        )
    return [list(given) for _ in range(count)]


def align(given: Any, y_pred: Any, names: list[str], what: str, broadcast: bool = False) -> list:
    """Targets (or weights) as a flat list in the order of the outputs; None where there is none."""
    count = len(names)
    if given is None:
        return [None] * count
    if count == 1:
        if isinstance(given, dict) and not isinstance(y_pred, dict):
            given = given.get(names[0], next(iter(given.values()), None)) if len(given) == 1 else given.get(names[0])
        flat = tree.flatten(given)
        return flat if len(flat) == 1 else [_stacked(flat)]
    if isinstance(given, dict):
        keys = tree.flatten({k: k for k in y_pred}) if isinstance(y_pred, dict) else names
        unknown = [k for k in given if k not in keys]
        if unknown:
            raise ValueError(
                message(
                    f"`{what}` names an output that the model does not have.",
                    expected=f"outputs {list(keys)}",
                    received=f"{unknown}",
                )
            )
        return [given.get(k) for k in keys]
    flat = tree.flatten(given)
    if len(flat) == count:
        return flat
    if broadcast and len(flat) == 1:
        return flat * count
    raise ValueError(
        message(
            f"`{what}` has another number of parts than the model has outputs.",
            expected=f"{count}, for the outputs {names}",
            received=f"{len(flat)}",
        )
    )


def _stacked(flat: list) -> Any:
    """Several targets for a single output: only sensible if they stack."""
    if not flat:
        return None
    return ops.stack([f if isinstance(f, Tensor) else ops.convert_to_tensor(f) for f in flat], axis=1)
