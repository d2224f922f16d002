"""`tf.keras`: the Keras namespace, which is `addax` itself."""

from __future__ import annotations

import importlib
import sys
from typing import Any

from addax.core.errors import MissingName
from addax.tf._lookup import advice

_root = sys.modules["addax"]

__all__ = list(_root.__all__)  # type: ignore[attr-defined]


def __getattr__(name: str) -> Any:
    if name == "experimental":  # of tf.keras alone
        return importlib.import_module("addax.legacy.experimental")
    hint = advice(f"keras.{name}")
    if hint is not None:
        raise MissingName(f"Addax has no 'tf.keras.{name}'. {hint}", name=name)
    return getattr(_root, name)


def __dir__() -> list[str]:
    return dir(_root)
