"""Batches of a `PyDataset` made ahead by threads or by processes, in order."""

from __future__ import annotations

import itertools
import os
import random
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np

from addax.core.errors import message

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor


class Fetcher:
    """Gives the batches of a source by number, some of them ahead.

    Processes are spawned, never forked (JAX's threads would not survive that), and live as long as this object. At
    the start of each epoch they get the source as it is then.

    Args:
        source: Has `source[number]`, and perhaps `workers`, `use_multiprocessing` and `max_queue_size`.
    """

    def __init__(self, source: Any) -> None:
        self.source = source
        self._pool: ProcessPoolExecutor | None = None
        self._epochs = itertools.count()

    def batches(self, order: Iterable[int]) -> Iterator:
        """The batches with these numbers.

        Raises:
            TypeError: If the source cannot be sent to other processes.
            RuntimeError: If a worker process was ended by the system.
            Exception: What the source raises; the traceback of the worker is its cause.
        """
        workers = getattr(self.source, "workers", 1) or 0
        if getattr(self.source, "use_multiprocessing", False) and workers > 0:
            return self._of_processes(order, workers)
        if workers <= 1:
            return (self.source[number] for number in order)
        return self._of_threads(order, workers)

    def _room(self, workers: int) -> int:
        return max(getattr(self.source, "max_queue_size", 10), workers)

    def _of_threads(self, order: Iterable[int], workers: int) -> Iterator:
        pool = ThreadPoolExecutor(workers, thread_name_prefix=type(self.source).__name__)
        try:
            futures = (pool.submit(self.source.__getitem__, number) for number in order)
            yield from _in_turn(futures, self._room(workers))
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _of_processes(self, order: Iterable[int], workers: int) -> Iterator:
        pool = self._processes(workers)
        epoch, seed = next(self._epochs), int(np.random.randint(2**31))

        def call(number: int, sent: bool) -> Future:
            return pool.submit(_batch, self.source if sent else None, epoch, number, seed)

        def start(turn: int, number: int) -> Callable[[], Any]:
            future = call(number, sent=turn < workers)

            def result() -> Any:
                found = future.result()
                # A worker that has not seen this epoch's source says so, and is given it with the number.
                return call(number, sent=True).result() if isinstance(found, _Unknown) else found

            return result

        waiting: deque[Callable] = deque()
        try:
            for turn, number in enumerate(order):
                waiting.append(start(turn, number))
                if len(waiting) >= self._room(workers):
                    yield waiting.popleft()()
            while waiting:
                yield waiting.popleft()()
        except BrokenExecutor as error:
            self._pool = None
            raise RuntimeError(_lost(self.source, workers)) from error

    def _processes(self, workers: int) -> ProcessPoolExecutor:
        if self._pool is None:
            from concurrent.futures import ProcessPoolExecutor
            from multiprocessing import get_context

            _check_can_be_sent(self.source)
            self._pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_start)
        return self._pool


def _in_turn(futures: Iterable[Future], room: int) -> Iterator:
    """The results in order, with up to `room` of them under way."""
    waiting: deque[Future] = deque()
    for future in futures:
        waiting.append(future)
        if len(waiting) >= room:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _check_can_be_sent(source: Any) -> None:
    from multiprocessing.reduction import ForkingPickler

    try:
        ForkingPickler.dumps(source)
    except Exception as error:  # whatever an attribute raises
        raise TypeError(
            message(
                f"This {type(source).__name__} cannot be sent to worker processes: {error}",
                expected="a class defined at the top of a module, with attributes that can be pickled",
                hint="Open files and connections in __getitem__, or use use_multiprocessing=False.",
            )
        ) from error


def _lost(source: Any, workers: int) -> str:
    return message(
        f"A worker process of {type(source).__name__} ended without an answer.",
        expected=f"{workers} processes that give batches",
        received="one that was killed (perhaps for want of memory), or could not start",
        hint="What it printed is above. A script that starts processes needs `if __name__ == '__main__':` around its "
        "own work, and the class must be importable there; use_multiprocessing=False takes threads instead.",
    )


# In the worker -------------------------------------------------------------------------------------------
class _Unknown:
    """The answer of a worker that does not have the source of this epoch."""


_held: dict[int, Any] = {}


def _start() -> None:
    os.environ["JAX_PLATFORMS"] = "cpu"  # the accelerator belongs to the process that trains


def _batch(source: Any, epoch: int, number: int, seed: int) -> Any:
    if epoch not in _held:
        if source is None:
            return _Unknown()
        _held.clear()
        _held[epoch] = source
    # A batch has the same random numbers whichever worker makes it.
    drawn = np.random.SeedSequence([seed, number]).generate_state(2)
    np.random.seed(drawn[0])
    random.seed(int(drawn[1]))
    return _plain(_held[epoch][number])


def _plain(value: Any) -> Any:
    """A batch with arrays in the place of tensors, which would come to life in the other process."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        parts = [_plain(item) for item in value]
        return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
    return np.asarray(value) if hasattr(value, "__array__") and not isinstance(value, np.ndarray) else value
