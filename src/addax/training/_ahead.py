"""Fetching the next batch while the device works on this one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any

from addax.engine import _behind
from addax.engine._jax import runs_where_called
from addax.training._chunks import Dispatch


def looking_ahead(
    dispatches: Iterator[Dispatch], clock: Callable[[], float] = time.perf_counter
) -> Iterator[Dispatch]:
    """The same dispatches; each is at work on another thread while the next one is fetched.

    A dispatch is given out with its result on the way, and the one after it begins when the caller comes back. So
    everything keeps its order, except that a batch is fetched before the caller hears how the step before it ended.
    Where JAX does this by itself, or Python code is part of a step, dispatches are left as they are.

    Args:
        dispatches: What is to be run.
        clock: Gives seconds.
    """
    if not runs_where_called():
        yield from dispatches
        return
    begun: _Begun | None = None
    while True:
        failed: Exception | None = None
        dispatch = None
        try:
            dispatch = next(dispatches, None)
        except Exception as error:  # the batch before is finished first, as if nobody had looked ahead
            failed = error
        if begun is not None:
            yield begun.dispatch._replace(run=begun.future.result, waited=max(0.0, clock() - begun.ended()))
        if failed is not None:
            raise failed
        if dispatch is None:
            return
        if dispatch.may_overlap():
            begun = _Begun(dispatch, clock)
        else:
            begun = None
            yield dispatch


class _Begun:
    """A dispatch that is being run on the other thread."""

    def __init__(self, dispatch: Dispatch, clock: Callable[[], float]) -> None:
        self.dispatch = dispatch
        self._clock = clock
        self._ended: float | None = None
        self.future: Future = _behind.begin(self._run)

    def _run(self) -> Any:
        try:
            return self.dispatch.run()
        finally:
            self._ended = self._clock()

    def ended(self) -> float:
        """When it ended; later than any time if it has not."""
        return float("inf") if self._ended is None else self._ended
