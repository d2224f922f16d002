"""How much of an epoch the device spends on waiting for data."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from addax.core import tree
from addax.engine import Tensor, raw_of
from addax.engine._jax import jax

_WARM_UP = 2  # dispatches that are not counted: they compile, and fill the buffers of the pipeline
_SAMPLES = 3  # dispatches that are waited for, to learn what a step takes
_SHORTEST = 1.0  # seconds of an epoch about which there is something to say
_LEAST = 0.2  # the share below which the pipeline is quick enough


class Waits:
    """Counts the time in which the next dispatch is not there yet and all earlier ones are done.

    If the device was still at work when a wait began and had finished when it ended, the wait counts without the time
    that the dispatch takes by itself; a few dispatches of the first epoch are waited for, to learn it.

    Args:
        clock: Gives seconds.
        step_time: Seconds of a step, if an epoch before this one learnt them; else 0.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter, step_time: float = 0.0) -> None:
        self._clock = clock
        self._known = step_time > 0.0
        self.step_time = step_time
        self._count = self._steps = 0
        self._last: Any = None  # an array of the dispatch before
        self._idle = 0.0
        self._since = self._until = 0.0

    def over(self, dispatches: Iterable[Any]) -> Iterator[Any]:
        """The same, their coming watched."""
        iterator = iter(dispatches)
        while True:
            free, start = self._is_free(), self._clock()
            try:
                dispatch = next(iterator)
            except StopIteration:
                return
            self._until = self._clock()
            self._count += 1
            if self._count <= _WARM_UP:
                self._since = self._until
            elif dispatch.waited is not None:
                self._idle += dispatch.waited
            elif self._is_free():
                work = 0.0 if free else self.step_time * self._steps
                self._idle += max(0.0, self._until - start - work)
            self._steps = dispatch.steps
            yield dispatch

    def note(self, result: Any) -> None:
        """Tell what the dispatch that came last gave."""
        arrays = (raw_of(leaf) for leaf in tree.flatten(result) if isinstance(leaf, Tensor))
        self._last = next((a for a in arrays if isinstance(a, jax.Array)), None)
        sampled = not self._known and 0 <= self._count - _WARM_UP - 1 < _SAMPLES
        if sampled and self._last is not None and not self._last.is_deleted():
            self._last.block_until_ready()
            self.step_time = max(self.step_time, (self._clock() - self._until) / self._steps)

    def _is_free(self) -> bool:
        return self._last is None or (not self._last.is_deleted() and self._last.is_ready())

    def share(self) -> float | None:
        """The share of the epoch that was waiting, None if it is too small to matter or the epoch too short."""
        whole = self._until - self._since
        if whole < _SHORTEST or self._idle < _LEAST * whole:
            return None
        return self._idle / whole
