"""`tf.keras`: the Keras namespace, which is `addax` itself."""

from __future__ import annotations

import sys
from typing import Any

_root = sys.modules["addax"]

__all__ = list(_root.__all__)  # type: ignore[attr-defined]


def __getattr__(name: str) -> Any:
    return getattr(_root, name)


def __dir__() -> list[str]:
    return dir(_root)
