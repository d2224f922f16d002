"""Metrics by name: what strings and configs stand for."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, cast

from addax import measures
from addax.core import names, registry, serial
from addax.core.errors import message, unknown_name
from addax.metrics import (
    _accuracy,
    _confusion,
    _correlation,
    _curves,
    _fscore,
    _iou,
    _probabilistic,
    _r2,
    _reduction,
    _regression,
)
from addax.metrics._base import Metric

CLASSES: dict[str, type[Metric]] = {
    name: cast(type[Metric], found)
    for module in (
        _accuracy,
        _confusion,
        _correlation,
        _curves,
        _fscore,
        _iou,
        _probabilistic,
        _r2,
        _reduction,
        _regression,
    )
    for name, found in vars(module).items()
    if inspect.isclass(found)
    and found.__module__ == module.__name__
    and name[0] != "_"
    and name != "NamedMean"
}
# Functions that no metric class stands for; as a metric, their mean is taken.
FUNCTIONS: dict[str, Callable] = {
    function.__name__: function
    for function in (
        measures.binary_focal_crossentropy,
        measures.categorical_focal_crossentropy,
        measures.categorical_generalized_cross_entropy,
        measures.circle,
        measures.ctc,
        measures.dice,
        measures.huber,
        measures.tversky,
    )
}
ALIASES = {
    "acc": "Accuracy",
    "bce": "BinaryCrossentropy",
    "kld": "KLDivergence",
    "kullback_leibler_divergence": "KLDivergence",
    "mae": "MeanAbsoluteError",
    "mape": "MeanAbsolutePercentageError",
    "mse": "MeanSquaredError",
    "msle": "MeanSquaredLogarithmicError",
    "log_cosh": "LogCoshError",
    "logcosh": "LogCoshError",
    "cosine": "CosineSimilarity",
    "cosine_proximity": "CosineSimilarity",
    "fbeta_score": "FBetaScore",
}
NAMES: dict[str, Any] = {**FUNCTIONS, **CLASSES}
NAMES.update({names.to_snake_case(name): cls for name, cls in CLASSES.items()})
for _alias, _name in ALIASES.items():
    NAMES[_alias] = CLASSES[_name]
    if len(_alias) <= 4:
        NAMES[_alias.upper()] = CLASSES[_name]


def serialize(metric: Any) -> Any:
    """Plain data (JSON) for a metric object or function.

    Args:
        metric: A `Metric`, or a function with a name.

    Example:
        >>> import addax as keras
        >>> keras.metrics.serialize(keras.metrics.Mean())["config"]
        {'name': 'mean', 'dtype': 'float32'}
    """
    return serial.serialize(metric)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """A metric from what `serialize` gave, or from a name.

    Args:
        config: A config, or the name of a class or function.
        custom_objects: Name -> class or function, for metrics of your own.

    Raises:
        ValueError: If the name is unknown; the message lists the nearest.

    Example:
        >>> import addax as keras
        >>> keras.metrics.deserialize("mse").name
        'mean_squared_error'
    """
    if not isinstance(config, str):
        if isinstance(config, dict) and config.get("module") is None:
            config = {**config, "module": "keras.metrics"}
        return serial.deserialize(config, custom_objects, packages=("addax.losses", "addax.metrics"))
    found = registry.get_registered_object(config, custom_objects, NAMES)
    if found is None:
        raise unknown_name(
            "metric", config, [*NAMES, *registry.get_custom_objects(), *(custom_objects or ())]
        )
    return found() if inspect.isclass(found) else found


def get(identifier: Any) -> Any:
    """The metric that an argument stands for.

    Args:
        identifier: A name (`"mse"`, `"AUC"`), a config, a `Metric`, its class, a function, or None.

    Returns:
        A `Metric` or a function; None for None.

    Raises:
        ValueError: If it is unknown or no metric.

    Example:
        >>> import addax as keras
        >>> keras.metrics.get("mse"), keras.metrics.get(keras.metrics.Mean).name
        (<MeanSquaredError name=mean_squared_error>, 'mean')
    """
    if identifier is None:
        return None
    found = deserialize(identifier) if isinstance(identifier, (str, dict)) else identifier
    if inspect.isclass(found):
        found = found()
    if callable(found):
        return found
    raise ValueError(
        message(
            "This is no metric.",
            expected='a name such as "accuracy", a Metric, or a function (y_true, y_pred)',
            received=identifier,
        )
    )
