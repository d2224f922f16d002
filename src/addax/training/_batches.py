"""What a loop draws batches from: arrays that are cut by row numbers, and streams; both know their position."""

from __future__ import annotations

import warnings
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from addax.core import tree
from addax.core.errors import message
from addax.training._arrays import common_length, component, empty_message
from addax.training._progress import Passes, drawing_from, numpy_state, random_state

Batch = tuple  # (x,), (x, y) or (x, y, sample_weight)


class Feed:
    """Batches of one data source, epoch after epoch.

    Attributes:
        steps: Batches in an epoch, None as long as it is not known.
        samples: Rows of data, None if it is not known.
    """

    steps: int | None = None
    samples: int | None = None

    def epoch(self, start: int = 0) -> Iterator[Batch]:
        """The batches of the next epoch, behind the first `start` ones, which an earlier run has done."""
        raise AssertionError("an adapter defines this")  # pragma: no cover

    def peek(self) -> Batch:
        """A batch to learn shapes from; the epochs are not disturbed."""
        raise AssertionError("an adapter defines this")  # pragma: no cover

    def spent(self) -> bool:
        """Whether there will be no further epoch: a generator that has ended."""
        return False

    def position(self, step: int | None = None) -> dict[str, Any] | None:
        """How another run comes to where the first `step` batches of this epoch are done (None: all so far)."""
        raise AssertionError("an adapter defines this")  # pragma: no cover

    def go_to(self, position: dict[str, Any]) -> None:
        """Stand where `position` was called, on equal data, perhaps in another process."""
        raise AssertionError("an adapter defines this")  # pragma: no cover


class ArrayFeed(Feed):
    """Arrays in memory, cut into batches by index.

    Args:
        arrays: `(x, y, sample_weight)`, nests of arrays of one length; None parts at the end left out.
        batch_size: Rows in a batch.
        shuffle: Whether the order changes each epoch (`"batch"`: only the order of batches).
        steps: Batches to an epoch, all of them if None.
    """

    def __init__(
        self, arrays: tuple, batch_size: int, shuffle: bool | str = False, steps: int | None = None
    ) -> None:
        self.arrays = arrays
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.samples: int = common_length(arrays)
        self.on_device: list | None = None  # the arrays, once chunks are taken from them there
        full = -(-self.samples // batch_size)
        self.steps: int = full if steps is None else steps
        self._cut = steps is not None
        self._left: deque[np.ndarray] = deque()
        self.passes = Passes()

    @property
    def nbytes(self) -> int:
        """The size of the arrays."""
        return sum(int(a.nbytes) for a in tree.flatten(self.arrays) if a is not None)

    @property
    def full_batches(self) -> int:
        """Batches of an epoch that have all their rows."""
        return (
            self.samples // self.batch_size
            if not self._cut
            else min(self.steps, self.samples // self.batch_size)
        )

    def order(self) -> list[np.ndarray]:
        """Row numbers of the batches of one pass."""
        rows = np.arange(self.samples)
        if self.shuffle is True or self.shuffle == "epoch":
            np.random.shuffle(rows)
        batches = [rows[i : i + self.batch_size] for i in range(0, len(rows), self.batch_size)]
        if self.shuffle == "batch":
            batches = [batches[i] for i in np.random.permutation(len(batches))]
        return batches

    def epoch(self, start: int = 0) -> Iterator[Batch]:
        for rows in self.epoch_rows(start):
            yield self.take(rows)

    def epoch_rows(self, start: int = 0) -> Iterator[np.ndarray]:
        """Row numbers of the batches of the next epoch (which goes on where a shortened one ended)."""
        self.passes.start_epoch(start)
        if not self._cut and not start:
            self._left.clear()
        for _ in range(start, self.steps):
            if not self._left:
                self.passes.begin(numpy_state() if self.shuffle else None)
                self._left.extend(self.order())
            self.passes.given += 1
            yield self._left.popleft()

    def position(self, step: int | None = None) -> dict[str, Any] | None:
        return self.passes.position(step)

    def go_to(self, position: dict[str, Any]) -> None:
        self.passes.go_to(position)
        self._left.clear()
        with drawing_from(position["random"]):
            self._left.extend(self.order()[int(position["done"]) :])

    def take(self, rows: np.ndarray) -> Batch:
        """The batch of some rows."""
        if not self.shuffle and len(rows):
            start, stop = int(rows[0]), int(rows[-1]) + 1
            return tree.map_structure(lambda a: None if a is None else a[start:stop], self.arrays)
        return tree.map_structure(lambda a: None if a is None else a[rows], self.arrays)

    def peek(self) -> Batch:
        return self.take(np.arange(min(self.batch_size, self.samples or 0)))


class StreamFeed(Feed):
    """Batches from an iterable.

    Args:
        make: Gives a fresh iterator over batches.
        steps: Batches in an epoch; None: until the iterator ends.
        restarts: Whether `make` can be called again; a generator's is the same one.
        known: Number of batches if the source knows it.
        infinite: Whether the source says that it never ends.
        on_epoch_end: Called behind the last batch of an epoch.
        what: What the source is called in messages.
        make_from: Gives a fresh iterator that leaves out so many batches, if that is cheaper than reading them.
        source: What the batches come from; if it has a state of its own (`get_state`, `set_state`), that is saved too.
    """

    def __init__(
        self,
        make: Callable[[], Iterator],
        steps: int | None = None,
        restarts: bool = True,
        known: int | None = None,
        infinite: bool = False,
        on_epoch_end: Callable[[], None] | None = None,
        what: str = "data",
        make_from: Callable[[int], Iterator] | None = None,
        source: Any = None,
    ) -> None:
        if infinite and steps is None:
            raise ValueError(
                message(
                    "The data never ends, so an epoch has no length.",
                    received=f"an infinite {what}",
                    hint="Pass steps_per_epoch= (validation_steps= for validation, steps= for evaluate and predict).",
                )
            )
        self._make = make
        self._make_from = make_from
        self._source = source
        self._limit = steps
        self._restarts = restarts
        self.steps = steps if steps is not None else known
        self._iterator: Iterator | None = None
        self._peeked: list = []
        self._on_epoch_end = on_epoch_end
        self._what = what
        self.passes = Passes()
        self._last: Any = None  # the last iterator, also when it has ended

    def _next(self) -> Any:
        if self._peeked:
            return self._peeked.pop()
        return next(self._current())

    def _current(self) -> Iterator:
        """The iterator of this pass, begun if there is none."""
        if self._iterator is None:
            self.passes.begin(random_state())
            self._iterator = self._last = iter(self._make())
            self.passes.note(_state_of(self._iterator))
        return self._iterator

    def peek(self) -> Batch:
        # The pass may have ended with the last epoch, unnoticed as nobody asked for more than its steps.
        if not self._found_another() and not (self._restarts and self._found_another()):
            raise ValueError(empty_message(self._what))
        return standard_batch(self._peeked[-1])

    def _found_another(self) -> bool:
        if not self._peeked:
            try:
                self._peeked.append(self._next())
            except StopIteration:
                self._iterator = None
                return False
        return True

    def spent(self) -> bool:
        return not self._restarts and not self._found_another()

    def epoch(self, start: int = 0) -> Iterator[Batch]:
        self.passes.start_epoch(start)
        count = start
        while self._limit is None or count < self._limit:
            try:
                batch = self._next()
            except StopIteration:
                self._iterator = None
                if self._limit is None or not self._start_again(count):
                    break
                continue
            count += 1
            self.passes.given = count
            yield standard_batch(batch)
        if self._limit is None:
            self._iterator = None
            if count:
                self.steps = count
        if self._on_epoch_end is not None:
            self._on_epoch_end()

    def position(self, step: int | None = None) -> dict[str, Any] | None:
        from addax.saving._state_file import is_plain

        found = self.passes.position(step)
        if found is None:
            return None
        if found["given"] == self.passes.given and not self._peeked:
            state = _state_of(self._last)
            if state is not None and is_plain(state):
                found.update(done=0, state=state)
        if not is_plain(found["state"]):
            found["state"] = None
        return {**found, "ended": self._iterator is None, "source": _state_of(self._source)}

    def go_to(self, position: dict[str, Any]) -> None:
        done, state = int(position["done"]), position["state"]
        if position["source"] is not None:
            self._source.set_state(position["source"])
        if self._restarts or state is not None:
            self._peeked, self._iterator = [], None
        if state is not None:
            self._iterator = self._last = iter(self._make())
            self._iterator.set_state(state)  # type: ignore[attr-defined]
            self._skip(done)
        elif not self._restarts:
            self._skip(done)
        elif not position["ended"]:
            with drawing_from(position["random"]):
                self._read_again(done)
        if position["ended"]:
            self._iterator = None
        self.passes.go_to(position)

    def _read_again(self, done: int) -> None:
        """Begin a pass and leave out the first batches."""
        if self._make_from is not None:
            self._iterator = self._last = self._make_from(done)
        else:
            self._iterator = self._last = iter(self._make())
            self._skip(done)

    def _skip(self, count: int) -> None:
        """Read batches that an earlier run has used."""
        for i in range(count):
            try:
                self._peeked.pop() if self._peeked else next(self._current())
            except StopIteration:
                raise ValueError(
                    message(
                        f"The {self._what} is shorter than that of the run to go on with.",
                        expected=f"{count} batches that are done already",
                        received=f"{i} batches",
                    )
                ) from None

    def _start_again(self, count: int) -> bool:
        """Begin another pass in the middle of an epoch, if there is one."""
        if self._restarts and self._found_another():
            return True
        warnings.warn(
            f"The {self._what} ended after {count} of {self._limit} batches of this epoch, and cannot be started "
            "again. Make it yield steps_per_epoch * epochs batches.",
            stacklevel=4,
        )
        return False


def _state_of(iterator: Any) -> Any:
    """The state of an iterator (or a source) that can be set again, None of others."""
    if not hasattr(iterator, "get_state") or not hasattr(iterator, "set_state"):
        return None
    try:
        return iterator.get_state()
    except TypeError:  # the position cannot be saved, as the error says
        return None


def standard_batch(batch: Any) -> Batch:
    """A batch as a tuple `(x,)`, `(x, y)` or `(x, y, sample_weight)` of nests of host arrays or tensors."""
    if isinstance(batch, list) and 1 <= len(batch) <= 3 and not any(np.isscalar(part) for part in batch):
        batch = tuple(batch)
    if not isinstance(batch, tuple):
        batch = (batch,)
    if len(batch) > 3:
        raise ValueError(
            message(
                "A batch has too many parts.",
                expected="x, (x, y) or (x, y, sample_weight)",
                received=f"a tuple of {len(batch)}",
                hint="Pack several inputs into one list or dict: ((x1, x2), y).",
            )
        )
    return tuple([component(part, "a batch") for part in batch])
