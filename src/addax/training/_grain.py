"""grain's data sets and loaders (extra `grain`), told by where their classes come from; grain is not imported here."""

from __future__ import annotations

import sys
from typing import Any


def is_grain(value: Any) -> bool:
    """Whether this is a `MapDataset`, an `IterDataset` or a `DataLoader` of grain."""
    if "grain" not in sys.modules or not hasattr(value, "__iter__") or hasattr(value, "__next__"):
        return False
    return any(kind.__module__.partition(".")[0] == "grain" for kind in type(value).__mro__)


def prepare_grain() -> None:
    """Let grain start worker processes in a script without `absl.app`: it reads absl's flags, which nobody has set."""
    flags = getattr(sys.modules.get("absl.flags"), "FLAGS", None)
    if flags is not None and not flags.is_parsed():
        flags.mark_as_parsed()
