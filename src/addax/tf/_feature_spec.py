"""`tf.feature_column.make_parse_example_spec`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from addax.core.errors import message
from addax.layers.columns import Column, ParseSpec
from addax.tf import io


def make_parse_example_spec(feature_columns: Iterable[Any]) -> dict[str, Any]:
    """How `tf.io.parse_example` reads the features of some columns.

    Args:
        feature_columns: The columns.

    Returns:
        A dict from the features' names to `tf.io.FixedLenFeature` and `tf.io.VarLenFeature`.

    Raises:
        ValueError: If something is no column, or two columns read a feature in different ways.

    Source: `tf.feature_column.make_parse_example_spec`.

    Example:
        >>> import addax.tf as tf
        >>> sorted(tf.feature_column.make_parse_example_spec([tf.feature_column.numeric_column("age")]))
        ['age']
    """
    found: dict[str, ParseSpec] = {}
    for column in feature_columns:
        if not isinstance(column, Column):
            raise ValueError(message("That is no feature column.", received=column))
        for key, spec in column.parse_spec().items():
            if found.setdefault(key, spec) != spec:
                raise ValueError(
                    message(
                        f"Columns read feature '{key}' in different ways.", expected=found[key], received=spec
                    )
                )
    return {key: _feature(spec) for key, spec in found.items()}


def _feature(spec: ParseSpec) -> Any:
    if spec.shape is None:
        return io.VarLenFeature(spec.dtype)
    return io.FixedLenFeature(spec.shape, spec.dtype, spec.default)
