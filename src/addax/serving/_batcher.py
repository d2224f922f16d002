"""Joins the requests that wait into batches of a few sizes, and runs them on one thread."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from addax.core.errors import message
from addax.serving._errors import QueueFull
from addax.serving._signature import ServedSignature

Arrays = Mapping[str, np.ndarray]

_QUICK = 0.001  # seconds; less than handing work to a thread and back costs where cores are busy
_PROVEN, _SURE, _SETBACK = (
    3,
    9,
    2,
)  # a program's credit: when it is quick, the most it has, what a slow run costs


@dataclass(eq=False)
class _Work:
    signature: ServedSignature
    inputs: Arrays
    future: Future[dict[str, np.ndarray]] = field(default_factory=Future)

    def __post_init__(self) -> None:
        arrays = [self.inputs[info.name] for info in self.signature.inputs]
        self.rows = len(arrays[0]) if self.signature.batched else 0
        self.key = (id(self.signature), tuple(array.shape[1:] for array in arrays))


class Batcher:
    """One thread that runs what is submitted, in order, joining what waits for the same function.

    Nothing waits for company: a batch is what came while the one before was computed. It is filled up to one
    of a few sizes with copies of its last example, which are cut off again. What is known to take less time than
    handing it to the thread would, the caller may run itself (`step`).

    Args:
        sizes: The numbers of examples that programs are compiled for; larger requests are cut up.
        capacity: How many requests may wait.
        observe: Called with the number of examples, and of copies among them, of each batch.

    Example:
        >>> from addax.serving._signature import TensorInfo
        >>> info = TensorInfo("x", (None,), "float32")
        >>> double = ServedSignature("f", (info,), (info,), True, lambda given: {"x": given["x"] * 2})
        >>> batcher = Batcher([1, 4], capacity=8)
        >>> batcher.start()
        >>> batcher.submit(double, {"x": np.float32([1, 2])}).result()["x"].tolist()
        [2.0, 4.0]
        >>> batcher.close()
    """

    def __init__(
        self, sizes: Sequence[int], capacity: int, observe: Callable[[int, int], object] | None = None
    ) -> None:
        self.sizes = tuple(sorted(sizes))
        self.capacity = capacity
        self._observe = observe or (lambda rows, copies: None)
        self._waiting: deque[_Work] = deque()
        # What speaks for a program being quick, by its signature, then by its shapes.
        self._quick: WeakKeyDictionary[ServedSignature, dict[Any, int]] = WeakKeyDictionary()
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="addax-serving", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def close(self, timeout: float | None = None) -> None:
        """Take nothing more, finish what waits, and end the thread.

        Args:
            timeout: How long to wait for that, in seconds.
        """
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout)

    @property
    def waiting(self) -> int:
        """How many requests wait."""
        return len(self._waiting)

    def submit(
        self, signature: ServedSignature, inputs: Arrays, wake: bool = True
    ) -> Future[dict[str, np.ndarray]]:
        """Let a signature run on arrays of its shapes and dtypes.

        Args:
            signature: The signature.
            inputs: Its inputs by name.
            wake: Whether the thread shall take it; otherwise the caller calls `step` soon.

        Returns:
            A future of the outputs by name; cancelling it takes the work out of the queue.

        Raises:
            QueueFull: Too many requests wait, or the server is going down.
        """
        work = _Work(signature, inputs)
        with self._changed:
            if self._closed or len(self._waiting) >= self.capacity:
                raise QueueFull
            self._waiting.append(work)
            if wake:
                self._changed.notify()
        return work.future

    def step(self) -> bool:
        """Run the next batch here and now if that is known to be quick; otherwise leave it to the thread.

        Returns:
            Whether more waits, for another step.
        """
        with self._changed:
            if not self._waiting:
                return False
            batch = self._joined()
            if not self._is_quick(batch):
                self._waiting.extendleft(reversed(batch))
                self._changed.notify()
                return False
        self._serve([work for work in batch if work.future.set_running_or_notify_cancel()])
        return bool(self._waiting)

    def _is_quick(self, batch: list[_Work]) -> bool:
        first, rows = batch[0], sum(work.rows for work in batch)
        if not first.signature.batched or rows > self.sizes[-1]:
            return False
        key = (next(size for size in self.sizes if size >= rows), first.key[1])
        return self._quick.get(first.signature, {}).get(key, 0) >= _PROVEN

    def _run(self) -> None:
        while batch := self._take():
            self._serve([work for work in batch if work.future.set_running_or_notify_cancel()])

    def _take(self) -> list[_Work]:
        """The first that waits, and those behind it that can be computed with it; none at the end."""
        with self._changed:
            while not self._waiting:
                if self._closed:
                    return []
                self._changed.wait()
            return self._joined()

    def _joined(self) -> list[_Work]:
        first = self._waiting.popleft()
        batch, rows, others = [first], first.rows, []
        while first.signature.batched and self._waiting:
            work = self._waiting.popleft()
            if work.key == first.key and rows + work.rows <= self.sizes[-1]:
                batch.append(work)
                rows += work.rows
            else:
                others.append(work)
        self._waiting.extendleft(reversed(others))
        return batch

    def _serve(self, batch: list[_Work]) -> None:
        try:
            results = self._compute(batch)
        except BaseException as error:  # the thread must live, and whoever waits must hear of it
            if len(batch) > 1:  # one of them spoiled it for the others
                for work in batch:
                    self._serve([work])
                return
            for work in batch:
                work.future.set_exception(error)
            return
        for work, result in zip(batch, results, strict=True):
            work.future.set_result(result)

    def _compute(self, batch: list[_Work]) -> list[dict[str, np.ndarray]]:
        if not batch:
            return []
        signature = batch[0].signature
        if not signature.batched:
            return [signature.run(work.inputs) for work in batch]
        names = [info.name for info in signature.inputs]
        joined = {name: _join([work.inputs[name] for work in batch]) for name in names}
        rows = sum(work.rows for work in batch)
        pieces = [
            self._run_padded(
                signature, {name: array[start : start + self.sizes[-1]] for name, array in joined.items()}
            )
            for start in range(0, rows, self.sizes[-1])
        ]
        outputs = {name: _join([piece[name] for piece in pieces]) for name in pieces[0]}
        ends = np.cumsum([work.rows for work in batch])
        return [
            {name: array[end - work.rows : end] for name, array in outputs.items()}
            for work, end in zip(batch, ends, strict=True)
        ]

    def _run_padded(self, signature: ServedSignature, inputs: dict[str, Any]) -> dict[str, np.ndarray]:
        rows = len(next(iter(inputs.values())))
        size = next(size for size in self.sizes if size >= rows)
        if size > rows:
            inputs = {
                name: np.concatenate([array, np.repeat(array[-1:], size - rows, axis=0)])
                for name, array in inputs.items()
            }
        self._observe(rows, size - rows)
        began = time.perf_counter()
        outputs = signature.run(inputs)
        proven = self._quick.setdefault(signature, {})
        key = (size, tuple(inputs[info.name].shape[1:] for info in signature.inputs))
        credit = proven.get(key, 0) + (1 if time.perf_counter() - began < _QUICK else -_SETBACK)
        proven[key] = min(max(credit, 0), _SURE)
        for name, array in outputs.items():
            if array.shape[:1] != (size,):
                raise RuntimeError(
                    message(
                        f"Output {name!r} has not one row for each example.",
                        expected=f"{size} rows",
                        received=array,
                        where=signature.name,
                    )
                )
        return {name: array[:rows] for name, array in outputs.items()}


def _join(arrays: list[np.ndarray]) -> np.ndarray:
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)
