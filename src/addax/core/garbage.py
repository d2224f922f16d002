"""Python's garbage collector, slowed down where nearly everything that is made stays."""

from __future__ import annotations

import contextlib
import gc
import threading
from collections.abc import Iterator

_OBJECTS = 100_000  # new ones that are waited for, instead of Python's 700
_lock = threading.Lock()
_blocks = 0  # entered and not left, in all threads
_before: tuple[int, int, int] | None = None


@contextlib.contextmanager
def collected_seldom() -> Iterator[None]:
    """A block in which garbage is looked for at times only: tracing a model took a quarter longer with it.

    The collector goes on with the user's settings after the last of such blocks; one that is switched off stays off.
    """
    global _blocks, _before
    with _lock:
        _blocks += 1
        if _blocks == 1:
            found = gc.get_threshold()
            _before = found if 0 < found[0] < _OBJECTS else None
            if _before is not None:
                gc.set_threshold(_OBJECTS, *_before[1:])
    try:
        yield
    finally:
        with _lock:
            _blocks -= 1
            if _blocks == 0 and _before is not None:
                if gc.get_threshold() == (
                    _OBJECTS,
                    *_before[1:],
                ):  # else the user has chosen another one inside
                    gc.set_threshold(*_before)
                _before = None
