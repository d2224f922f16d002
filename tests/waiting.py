"""Waiting for another thread or process: a test that would wait for ever fails instead."""

from __future__ import annotations

import time
from collections.abc import Callable


def until(holds: Callable[[], object], seconds: float = 60.0) -> None:
    """Return once `holds()` is true.

    Args:
        holds: Is asked again and again.
        seconds: How long at most; then an `AssertionError` is raised.
    """
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"waited {seconds:g} s in vain"
        time.sleep(0.001)
