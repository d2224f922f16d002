"""Feature columns as plain data, for the configs of layers."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from addax import initializers
from addax.core import serial
from addax.core.errors import message
from addax.layers.columns import _categorical, _dense, _numeric, _sequence
from addax.layers.columns._base import Column

_CLASSES: dict[str, type] = {
    cls.__name__: cls
    for module in (_categorical, _dense, _numeric, _sequence)
    for cls in vars(module).values()
    if isinstance(cls, type) and issubclass(cls, Column) and dataclasses.is_dataclass(cls)
}


def columns_config(columns: Iterable[Column]) -> list[dict[str, Any]]:
    """Plain data for columns, which `columns_from_config` makes columns of again.

    Example:
        >>> import addax.tf as tf
        >>> column = tf.feature_column.bucketized_column(tf.feature_column.numeric_column("age"), [18, 65])
        >>> columns_from_config(columns_config([column])) == [column]
        True
    """
    return [_plain(column) for column in columns]


def _plain(value: Any) -> Any:
    if isinstance(value, Column):
        fields = {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}  # type: ignore[arg-type]
        return {"column": type(value).__name__, "config": fields}
    if isinstance(value, (tuple, list)):
        return [_plain(v) for v in value]
    if isinstance(value, _dense.Stored):  # the vectors themselves are among the weights
        value = initializers.Zeros()
    return serial.serialize(value)


def columns_from_config(config: Any) -> list[Column]:
    """Columns of what `columns_config` gave.

    Raises:
        ValueError: If it is something else.
    """
    if not isinstance(config, list) or not all(isinstance(one, dict) and "column" in one for one in config):
        raise ValueError(message("These are no feature columns.", received=config))
    return [_value(one) for one in config]


def _value(data: Any) -> Any:
    if isinstance(data, list):
        return tuple(_value(one) for one in data)
    if not isinstance(data, dict) or "column" not in data:
        return serial.deserialize(data) if isinstance(data, dict) else data
    cls, fields = _CLASSES.get(data["column"]), data.get("config")
    if cls is None or not isinstance(fields, dict):
        raise ValueError(
            message("Unknown feature column.", expected=sorted(_CLASSES), received=data["column"])
        )
    known = {f.name for f in dataclasses.fields(cls)}
    if set(fields) - known:
        raise ValueError(
            message(
                f"A {cls.__name__} has no such arguments.", expected=sorted(known), received=sorted(fields)
            )
        )
    return cls(**{name: _value(value) for name, value in fields.items()})
