"""The C library keeps the memory that it is given back, for the next step.

XLA takes the memory of a program's intermediate results anew at each run. By default glibc maps large blocks freshly
from the system and unmaps them afterwards, so that each step touches its pages for the first time again and the
system clears them one by one: 34,000 page faults a step of a small Transformer, a third of its time (87 milliseconds
against 57), and half of that of a net of separable convolutions (22 against 11.5).

`ADDAX_KEEP_MEMORY=0` leaves the C library as it is; so do its own settings in the environment.
"""

from __future__ import annotations

import ctypes
import os
import sys

_TRIM_THRESHOLD, _MMAP_MAX, _ARENA_MAX = -1, -4, -8  # as in malloc.h
_KEPT = (1 << 31) - 1  # free bytes at the end of the heap that are not given back


def keep_memory() -> bool:
    """Have freed memory used again instead of given back to the system, up to 2 GB; whether that was possible.

    It has to be called before other threads allocate: they share one heap from then on, since those that glibc would
    give each of them are too small for large blocks.

    Example:
        >>> from addax.engine._memory import keep_memory
        >>> keep_memory() in (True, False)
        True
    """
    if not sys.platform.startswith("linux") or os.environ.get("ADDAX_KEEP_MEMORY") == "0":
        return False
    if "GLIBC_TUNABLES" in os.environ or any(name.startswith("MALLOC_") for name in os.environ):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # another C library
        return False
    settings = ((_MMAP_MAX, 0), (_TRIM_THRESHOLD, _KEPT), (_ARENA_MAX, 1))
    return all([mallopt(name, value) for name, value in settings])
