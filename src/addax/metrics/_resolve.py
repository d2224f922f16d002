"""The metric that `compile` means for one output."""

from __future__ import annotations

from typing import Any

from addax import measures
from addax.core.errors import message
from addax.core.names import to_snake_case
from addax.metrics import _accuracy, _probabilistic
from addax.metrics._base import Metric
from addax.metrics._reduction import MeanMetricWrapper
from addax.metrics._registry import get

_BY_LABELS: dict[str, dict[str, type[Metric]]] = {
    "accuracy": {
        "binary": _accuracy.BinaryAccuracy,
        "sparse": _accuracy.SparseCategoricalAccuracy,
        "categorical": _accuracy.CategoricalAccuracy,
    },
    "crossentropy": {
        "binary": _probabilistic.BinaryCrossentropy,
        "sparse": _probabilistic.SparseCategoricalCrossentropy,
        "categorical": _probabilistic.CategoricalCrossentropy,
    },
}
_BY_LABELS["acc"], _BY_LABELS["ce"] = _BY_LABELS["accuracy"], _BY_LABELS["crossentropy"]


def resolve_metric(identifier: Any, y_true_shape: Any, y_pred_shape: Any, dtype: Any = None) -> Metric:
    """A `Metric` for one output of a model, with the name that it has in logs.

    Args:
        identifier: What was given to `compile`: a string (`"accuracy"`, `"acc"`, `"crossentropy"` and `"ce"`
            are chosen by the shapes), a function, a class, an instance or a config.
        y_true_shape: Shape of the labels.
        y_pred_shape: Shape of the predictions.
        dtype: The dtype of a metric that is made here.

    Returns:
        A metric. Its name is the string, the function's name, or its own.

    Raises:
        ValueError: If the identifier is no metric.
    """
    if identifier is None:
        raise ValueError(
            message("A metric is missing.", expected="a name, a Metric or a function", received=None)
        )
    if isinstance(identifier, str) and identifier.lower() in _BY_LABELS:
        cls = _BY_LABELS[identifier.lower()][measures.label_kind(y_true_shape, y_pred_shape)]
        return cls(name=identifier, dtype=dtype)
    found = get(identifier)
    if not isinstance(found, Metric):
        return MeanMetricWrapper(
            found, name=identifier if isinstance(identifier, str) else _name_of(found), dtype=dtype
        )
    if isinstance(identifier, str):
        found.name = identifier
    return found


def _name_of(function: Any) -> str:
    name = getattr(function, "name", None)
    if isinstance(name, str):
        return name
    return to_snake_case(getattr(function, "__name__", type(function).__name__))
