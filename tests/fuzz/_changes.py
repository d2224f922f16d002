"""Configs with some of their values replaced: what bytes alone seldom make of JSON."""

from __future__ import annotations

import json
from typing import Any

# What a value of a config is replaced by.
_OTHERS: list[Any] = [
    None, True, -1, 0, 2, 1.5, 1e308, float("nan"), 1 << 31, 1 << 63, 10**30, "", "a", "relu", "../a", "\ud800",
    [], [1], [0, 0], [None], [[[]]], [1 << 40], {}, {"a": 1}, {"class_name": "Dense", "config": {"units": 1}},
    {"class_name": "__numpy__", "config": {"value": [1], "dtype": "int32"}},
    {"class_name": "__slice__", "config": {"start": 1, "stop": None, "step": 0}},
    {"class_name": "function", "config": "relu", "module": "builtins"},
]  # fmt: skip


def altered(configs: tuple[str, ...], data: bytes) -> Any:
    """One of the configs, by the first byte; of each three bytes after it two say which value becomes which other."""
    config = json.loads(configs[(data[0] if data else 0) % len(configs)])
    for high, low, other in zip(data[1::3], data[2::3], data[3::3], strict=False):
        places = list(_places(config))
        holder, key = places[(high << 8 | low) % len(places)]
        holder[key] = json.loads(json.dumps(_OTHERS[other % len(_OTHERS)]))
    return config


def _places(nest: Any) -> Any:
    for key, value in nest.items() if isinstance(nest, dict) else enumerate(nest):
        yield nest, key
        if isinstance(value, (dict, list)):
            yield from _places(value)
