"""Configs of losses and metrics that users wrote: what the constructor was given, if files can hold it."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from addax.core import serial


def saveable_arguments(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The constructor's arguments that have a plain form; the rest are left out, as Keras leaves out all."""
    found = {}
    for name, value in arguments.items():
        try:
            serial.serialize(value)
        except (TypeError, ValueError):  # ValueError: a lambda over objects that cannot be marshalled
            continue
        found[name] = value
    return found


def accepted_by(cls: type, config: Mapping[str, Any], standard: tuple[str, ...]) -> dict[str, Any]:
    """A config without those of the `standard` names that the constructor of a user's class does not take."""
    parameters = inspect.signature(cls.__init__).parameters.values()
    if any(p.kind is p.VAR_KEYWORD for p in parameters):
        return dict(config)
    names = {p.name for p in parameters}
    return {key: value for key, value in config.items() if key in names or key not in standard}
