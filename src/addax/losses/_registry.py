"""Losses by name: what strings and configs stand for."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from addax import measures
from addax.core import registry, serial
from addax.core.errors import message, unknown_name
from addax.losses import _probabilistic, _regression, _structured
from addax.losses._base import Loss

FUNCTIONS: dict[str, Callable] = {
    function.__name__: function
    for function in (
        measures.binary_crossentropy,
        measures.binary_focal_crossentropy,
        measures.categorical_crossentropy,
        measures.categorical_focal_crossentropy,
        measures.categorical_generalized_cross_entropy,
        measures.categorical_hinge,
        measures.circle,
        measures.cosine_similarity,
        measures.ctc,
        measures.dice,
        measures.hinge,
        measures.huber,
        measures.kl_divergence,
        measures.log_cosh,
        measures.mean_absolute_error,
        measures.mean_absolute_percentage_error,
        measures.mean_squared_error,
        measures.mean_squared_logarithmic_error,
        measures.poisson,
        measures.sparse_categorical_crossentropy,
        measures.squared_hinge,
        measures.tversky,
    )
}
CLASSES: dict[str, type[Loss]] = {
    cls.__name__: cls
    for cls in (
        _probabilistic.BinaryCrossentropy,
        _probabilistic.BinaryFocalCrossentropy,
        _probabilistic.CategoricalCrossentropy,
        _probabilistic.CategoricalFocalCrossentropy,
        _probabilistic.CategoricalGeneralizedCrossEntropy,
        _probabilistic.KLDivergence,
        _probabilistic.Poisson,
        _probabilistic.SparseCategoricalCrossentropy,
        _regression.CategoricalHinge,
        _regression.CosineSimilarity,
        _regression.Hinge,
        _regression.Huber,
        _regression.LogCosh,
        _regression.MeanAbsoluteError,
        _regression.MeanAbsolutePercentageError,
        _regression.MeanSquaredError,
        _regression.MeanSquaredLogarithmicError,
        _regression.SquaredHinge,
        _structured.CTC,
        _structured.Circle,
        _structured.Dice,
        _structured.Tversky,
    )
}
ALIASES = {
    "bce": "binary_crossentropy",
    "kld": "kl_divergence",
    "kullback_leibler_divergence": "kl_divergence",
    "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "mse": "mean_squared_error",
    "msle": "mean_squared_logarithmic_error",
    "logcosh": "log_cosh",
    "huber_loss": "huber",
    "cosine": "cosine_similarity",
    "cosine_proximity": "cosine_similarity",
}
NAMES: dict[str, Any] = {**FUNCTIONS, **CLASSES}
for _alias, _name in ALIASES.items():
    NAMES[_alias] = FUNCTIONS[_name]
    if len(_alias) <= 4:
        NAMES[_alias.upper()] = FUNCTIONS[_name]


def serialize(loss: Any) -> Any:
    """Plain data (JSON) for a loss object or function.

    Args:
        loss: A `Loss`, or a function with a name.

    Example:
        >>> import addax as keras
        >>> keras.losses.serialize(keras.losses.MeanSquaredError())["class_name"]
        'MeanSquaredError'
    """
    return serial.serialize(loss)


def deserialize(name: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """A loss object or function from what `serialize` gave, or from a name.

    Args:
        name: A config, or the name of a function or class.
        custom_objects: Name -> class or function, for losses of your own.

    Raises:
        ValueError: If the name is unknown; the message lists the nearest.

    Example:
        >>> import addax as keras
        >>> keras.losses.deserialize("mse") is keras.losses.mean_squared_error
        True
    """
    if not isinstance(name, str):
        if isinstance(name, dict) and name.get("module") is None:
            name = {**name, "module": "keras.losses"}
        return serial.deserialize(name, custom_objects, packages=("addax.losses", "addax.metrics"))
    found = registry.get_registered_object(name, custom_objects, NAMES)
    if found is None:
        raise unknown_name("loss", name, [*NAMES, *registry.get_custom_objects(), *(custom_objects or ())])
    return found() if inspect.isclass(found) else found


def get(identifier: Any) -> Any:
    """The loss that an argument stands for.

    Args:
        identifier: A name (`"mse"`, `"Huber"`), a config, a `Loss`, its class, a function, or None.

    Returns:
        A `Loss` or a function; None for None.

    Raises:
        ValueError: If it is unknown or no loss.

    Example:
        >>> import addax as keras
        >>> keras.losses.get("mse").__name__, keras.losses.get("Huber").name
        ('mean_squared_error', 'huber_loss')
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
            "This is no loss.",
            expected='a name such as "mse", a Loss, or a function (y_true, y_pred)',
            received=identifier,
        )
    )
