"""Optimizers by name and from plain data."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from addax.core import registry, serial
from addax.core.errors import message, unknown_name
from addax.optimizers._adadelta import Adadelta
from addax.optimizers._adafactor import Adafactor
from addax.optimizers._adagrad import Adagrad
from addax.optimizers._adam import Adam, AdamW
from addax.optimizers._adamax import Adamax
from addax.optimizers._ftrl import Ftrl
from addax.optimizers._lamb import Lamb
from addax.optimizers._lion import Lion
from addax.optimizers._loss_scale import LossScaleOptimizer
from addax.optimizers._multi import MultiOptimizer
from addax.optimizers._muon import Muon
from addax.optimizers._nadam import Nadam
from addax.optimizers._optimizer import Optimizer
from addax.optimizers._rmsprop import RMSprop
from addax.optimizers._schedule_free import ScheduleFreeAdamW
from addax.optimizers._sgd import SGD

_BY_NAME: dict[str, type[Optimizer]] = {
    cls.__name__.lower(): cls
    for cls in (
        SGD,
        RMSprop,
        Adam,
        AdamW,
        Adadelta,
        Adagrad,
        Adamax,
        Adafactor,
        Nadam,
        Ftrl,
        Lion,
        Lamb,
        Muon,
        ScheduleFreeAdamW,
        LossScaleOptimizer,
        MultiOptimizer,
    )
}


def serialize(optimizer: Optimizer) -> dict[str, Any]:
    """Plain data of an optimizer (not of its variables): module, class name, config and registered name.

    Example:
        >>> import addax as keras
        >>> data = keras.optimizers.serialize(keras.optimizers.SGD(momentum=0.9))
        >>> data["module"], data["class_name"], data["config"]["momentum"]
        ('keras.optimizers', 'SGD', 0.9)
    """
    return serial.serialize(optimizer)


def deserialize(config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Optimizer:
    """An optimizer from what `serialize` gave; the class name's case does not matter for those of Keras.

    Args:
        config: The plain data; tf.keras's is read too.
        custom_objects: Name -> class, for optimizers and schedules of your own.

    Raises:
        ValueError: If no optimizer has this name, or the data describes something else.
    """
    if not isinstance(config, Mapping) or "class_name" not in config:
        raise ValueError(
            message("This describes no optimizer.", expected="an optimizer's config", received=config)
        )
    name = str(config.get("class_name")).removeprefix("Custom>")
    known = _BY_NAME.get(name.lower())
    config = dict(config)
    if known is not None and registry.get_registered_object(name, custom_objects) is None:
        config.update(class_name=known.__name__, module="keras.optimizers", registered_name=None)
    elif (
        config.get("module") is None
        and registry.get_registered_object(str(config["class_name"]), custom_objects) is None
    ):
        raise unknown_name("optimizer", config["class_name"], _BY_NAME)
    found = serial.deserialize(config, custom_objects, packages=("addax.optimizers",))
    if not isinstance(found, Optimizer):
        raise ValueError(
            message("This describes no optimizer.", expected="an optimizer's config", received=config)
        )
    return found


def get(identifier: Any) -> Any:
    """An optimizer from a name, plain data or a class; an optimizer and None come back as they are.

    Raises:
        ValueError: If it is none of these; the message names the nearest.

    Example:
        >>> import addax as keras
        >>> type(keras.optimizers.get("RMSprop")).__name__
        'RMSprop'
    """
    if identifier is None or isinstance(identifier, Optimizer):
        return identifier
    if isinstance(identifier, str):
        return deserialize({"class_name": identifier, "config": {}})
    if isinstance(identifier, Mapping) and "class_name" in identifier:
        return deserialize({"config": {}, **identifier})
    if inspect.isclass(identifier) and issubclass(identifier, Optimizer):
        return identifier()
    raise ValueError(
        message(
            "This is no optimizer.",
            expected='a name such as "adam", an optimizer such as keras.optimizers.Adam(1e-3), or its config',
            received=identifier,
        )
    )
