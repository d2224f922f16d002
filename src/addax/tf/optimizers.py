"""`tf.optimizers`: Keras's optimizers."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_namespace = import_module("addax.optimizers")

__all__ = list(_namespace.__all__)


def __getattr__(name: str) -> Any:
    return getattr(_namespace, name)


def __dir__() -> list[str]:
    return dir(_namespace)
