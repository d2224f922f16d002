"""Steps of training that another thread runs, while the caller gets the next batch ready.

On a CPU JAX runs programs in the thread that calls them (`engine/_jax.py`): that is a third quicker for small ones than
a thread of its own. What it loses, the overlap of a step with the work on the host that comes after it, is
won back here for loops that fetch their batches one by one. Whoever reads or writes a variable meanwhile waits for the
step, so that everybody sees what they would have seen one after the other.
"""

from __future__ import annotations

import contextvars
import functools
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

running: Future | None = None  # what was begun last; it is done when all before it is
_own = threading.local()


def begin(fn: Callable[[], Any]) -> Future:
    """Run a function on the other thread, in the caller's context.

    Args:
        fn: It must not call back into Python from within a program, for whom variables would wait for ever.

    Example:
        >>> from addax.engine._behind import begin
        >>> begin(lambda: 6 * 7).result()
        42
    """
    global running
    running = _pool().submit(contextvars.copy_context().run, fn)
    return running


def settle() -> None:
    """Wait until what was begun is done, if this is another thread; its error is for whoever began it."""
    global running
    begun = running
    if begun is None or getattr(_own, "is_worker", False):
        return
    begun.exception()
    if running is begun:
        running = None


@functools.cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="steps", initializer=_mark)


def _mark() -> None:
    _own.is_worker = True


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pool.cache_clear)  # the thread stays with the parent
