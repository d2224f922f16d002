"""`tf.compat.v1.random`: `tf.random`, and the older name of `set_seed`."""

from __future__ import annotations

from typing import Any

from addax.tf import random as _today
from addax.tf._random import set_seed

set_random_seed = set_seed

__all__ = sorted({*_today.__all__, "set_random_seed"})


def __getattr__(name: str) -> Any:
    return getattr(_today, name)


def __dir__() -> list[str]:
    return __all__
