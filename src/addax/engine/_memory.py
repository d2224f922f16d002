"""The C library keeps the memory that it is given back, for the next step.

XLA takes the memory of a program's intermediate results anew at each run. By default glibc maps large blocks freshly
from the system and unmaps them afterwards, so that each step touches its pages for the first time again and the
system clears them one by one: 34,000 page faults a step of a small Transformer, a third of its time (87 milliseconds
against 57), and half of that of a net of separable convolutions (22 against 11.5).

The price is that blocks come to lie beside the holes of earlier ones, up to three times their size. So once a program
needs more than `LIMIT`, large blocks are mapped again; and whenever a program is new and more than `LIMIT` lies in
holes (of models that are gone, mostly), the system gets them back. `ADDAX_KEEP_MEMORY=0` leaves the C library as it is,
and so do its own settings in the environment.
"""

from __future__ import annotations

import ctypes
import functools
import os
import sys
from collections.abc import Callable
from typing import Any

LIMIT = 1 << 29  # bytes of intermediate results
_TRIM_THRESHOLD, _MMAP_MAX, _ARENA_MAX = -1, -4, -8  # as in malloc.h
_KEPT = (1 << 31) - 1  # free bytes at the end of the heap that are not given back
_LIBRARIES = 1 << 28  # resident bytes that are code, more or less
_MANY = 1 << 16  # mapped blocks: as many as glibc allows by itself

_keeps = False


def keep_memory() -> bool:
    """Have freed memory used again instead of given back to the system, up to 2 GB; whether that was possible.

    It has to be called before other threads allocate: they share one heap from then on, since those that glibc would
    give each of them are too small for large blocks.

    Example:
        >>> from addax.engine._memory import keep_memory
        >>> keep_memory() in (True, False)
        True
    """
    global _keeps
    if not sys.platform.startswith("linux") or os.environ.get("ADDAX_KEEP_MEMORY") == "0":
        return False
    if "GLIBC_TUNABLES" in os.environ or any(name.startswith("MALLOC_") for name in os.environ):
        return False
    _keeps = _set((_MMAP_MAX, 0), (_TRIM_THRESHOLD, _KEPT), (_ARENA_MAX, 1))
    _heap()  # looked up now: whoever watches a load of a file sees no library opened
    return _keeps


def make_room(compiled: Callable[[], Any], closed: Any) -> None:
    """Before the first run of a program: if it needs much memory, have large blocks given back from now on.

    Args:
        compiled: Compiles it; called if its results are so large that it matters.
        closed: Its closed jaxpr.
    """
    global _keeps
    if not _keeps:
        return
    give_back_holes()
    if _results(closed.jaxpr) <= LIMIT:
        return
    stats = compiled().memory_analysis()
    if stats is not None and stats.temp_size_in_bytes > LIMIT:
        _keeps = False
        _set((_MMAP_MAX, _MANY))


def give_back_holes(least: int = LIMIT) -> bool:
    """Give free memory inside of the heap back to the system, if about `least` bytes of it or more are resident.

    Returns:
        Whether that was done.

    Example:
        >>> from addax.engine._memory import give_back_holes
        >>> give_back_holes(1 << 60)
        False
    """
    heap = _heap()
    if heap is None:
        return False
    usage, trim = heap
    with open("/proc/self/statm") as file:
        resident = int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    found = usage()
    if resident - found.used - found.mapped <= least + _LIBRARIES:
        return False
    return bool(trim(0))


@functools.cache
def _heap() -> tuple[Any, Any] | None:
    """The functions of glibc that report on the heap and trim it; None with another C library or an old one."""
    try:
        library = ctypes.CDLL(None)
        usage, trim = library.mallinfo2, library.malloc_trim
    except (OSError, AttributeError):
        return None
    usage.restype = _Usage
    return usage, trim


class _Usage(ctypes.Structure):
    """`struct mallinfo2` of glibc 2.33 and later: ten numbers, of which the bytes in use count here."""

    _fields_ = [
        *((f"_{i}", ctypes.c_size_t) for i in range(4)),
        ("mapped", ctypes.c_size_t),
        *((f"_{i}", ctypes.c_size_t) for i in range(5, 7)),
        ("used", ctypes.c_size_t),
        *((f"_{i}", ctypes.c_size_t) for i in range(8, 10)),
    ]


def _results(jaxpr: Any) -> int:
    """The bytes of all results of all operations, more than are in memory at a time."""
    from addax.engine._jax import equations

    return sum(
        getattr(out.aval, "size", 0) * getattr(getattr(out.aval, "dtype", None), "itemsize", 0)
        for equation in equations(jaxpr)
        for out in equation.outvars
        if all(type(d) is int for d in getattr(out.aval, "shape", ()))
    )


def _set(*settings: tuple[int, int]) -> bool:
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # another C library
        return False
    return all([mallopt(name, value) for name, value in settings])
