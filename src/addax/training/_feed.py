"""From whatever holds the data to batches `(x, y, sample_weight)` of host arrays, by one table of adapters."""

from __future__ import annotations

import itertools
import math
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from addax.core import tree
from addax.core.errors import message
from addax.data import Dataset
from addax.saving._state_file import is_plain
from addax.training import _options
from addax.training._arrays import (
    apply_class_weight,
    common_length,
    component,
    empty_message,
    is_frame,
    on_host,
    standard_arrays,
)
from addax.training._progress import Passes, drawing_from

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
                self.passes.begin(draws=bool(self.shuffle))
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
            self.passes.begin()
            self._iterator = self._last = iter(self._make())
            self.passes.note(_state_of(self._iterator))
        return self._iterator

    def peek(self) -> Batch:
        if not self._found_another():
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
        found = self.passes.position(step)
        if found is None:
            return None
        if found["given"] == self.passes.given and not self._peeked:
            state = _state_of(self._last)
            if state is not None and is_plain(state):
                found.update(done=0, state=state)
        if not is_plain(found["state"]):
            found["state"] = None
        return {**found, "ended": self._iterator is None}

    def go_to(self, position: dict[str, Any]) -> None:
        done, state = int(position["done"]), position["state"]
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
    """The state of an iterator that can be set again, None of others."""
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


# The table of adapters -----------------------------------------------------------------------------------
def make_feed(
    x: Any,
    y: Any = None,
    sample_weight: Any = None,
    *,
    batch_size: int | None = None,
    steps: int | None = None,
    shuffle: bool | str = False,
    class_weight: dict | None = None,
) -> Feed:
    """The feed for what a user passes to `fit`, `evaluate` or `predict`."""
    batch_size, steps = _options.whole_number(batch_size, "batch_size"), _options.steps(steps)
    shuffle = _options.shuffling(shuffle)
    feed = _stream_feed(x, steps, shuffle)
    if feed is not None:
        _refuse_targets(x, y, sample_weight)
        return feed if class_weight is None else _Weighted(feed, class_weight)
    return array_feed(x, y, sample_weight, batch_size, shuffle, steps, class_weight)


def array_feed(
    x: Any,
    y: Any,
    sample_weight: Any,
    batch_size: int | None,
    shuffle: bool | str = False,
    steps: int | None = None,
    class_weight: dict | None = None,
) -> ArrayFeed:
    """The feed for arrays, frames and nests of them: 32 rows to a batch, or all rows in `steps` batches."""
    arrays = on_host(standard_arrays(x, y, sample_weight))
    if class_weight is not None:
        arrays = apply_class_weight(arrays, class_weight)
    if batch_size is None:
        batch_size = -(-common_length(arrays) // steps) if steps else 32
    return ArrayFeed(arrays, batch_size, shuffle, steps)


def _refuse_targets(x: Any, y: Any, sample_weight: Any) -> None:
    for name, value in (("y", y), ("sample_weight", sample_weight)):
        if value is not None:
            raise ValueError(
                message(
                    f"`{name}` cannot be passed with this kind of data.",
                    expected=f"a {type(x).__name__} that yields (x, y) or (x, y, sample_weight)",
                    received=f"{name} of type {type(value).__name__}",
                )
            )


def _stream_feed(x: Any, steps: int | None, shuffle: bool | str) -> Feed | None:
    if isinstance(x, Dataset):
        return _dataset_feed(x, steps)
    if _is_sequence(x):
        return _sequence_feed(x, steps, shuffle)
    if isinstance(x, (list, tuple, dict, str, bytes)) or hasattr(x, "shape") or is_frame(x) or x is None:
        return None
    if hasattr(x, "__array__"):
        return None
    if hasattr(x, "__next__"):
        return StreamFeed(lambda: x, steps, restarts=False, what="generator")
    if callable(x) and not hasattr(x, "__iter__"):
        make: Any = x
        return StreamFeed(lambda: iter(make()), steps, what="generator function")
    if isinstance(x, Iterable):
        known = len(x) if hasattr(x, "__len__") else None  # type: ignore[arg-type]
        return StreamFeed(lambda: iter(x), steps, known=known, what=type(x).__name__)
    raise ValueError(
        message(
            "This kind of data is not understood.",
            expected="arrays, tensors, frames, nests of them, a Dataset, a generator, any iterable of batches",
            received=x,
        )
    )


def _dataset_feed(dataset: Dataset, steps: int | None) -> Feed:
    count = int(dataset.cardinality())
    return StreamFeed(
        lambda: iter(dataset._batches()),
        steps,
        known=count if count >= 0 else None,
        infinite=count == -1,
        what="Dataset",
    )


def _is_sequence(x: Any) -> bool:
    """A `PyDataset` or an old `Sequence`: batches by index."""
    return (
        hasattr(x, "__getitem__")
        and hasattr(x, "__len__")
        and hasattr(x, "on_epoch_end")
        and not hasattr(x, "shape")
    )


def _sequence_feed(x: Any, steps: int | None, shuffle: bool | str) -> Feed:
    count = _batch_count(x)

    def batches(start: int = 0) -> Iterator:
        if hasattr(x, "on_epoch_begin"):
            x.on_epoch_begin()
        now = _batch_count(x)
        order: Iterable[int] = itertools.count() if now is None else range(now)
        if shuffle and now is not None:
            order = np.random.permutation(now).tolist()
        order = itertools.islice(order, start, None)
        return _fetched(x, order, getattr(x, "workers", 1), getattr(x, "max_queue_size", 10))

    return StreamFeed(
        batches,
        steps,
        known=count,
        infinite=count is None,
        on_epoch_end=x.on_epoch_end,
        what=type(x).__name__,
        make_from=batches,
    )


def _batch_count(x: Any) -> int | None:
    """The number of batches of a `PyDataset`, None if it never ends."""
    count = x.num_batches if hasattr(x, "num_batches") else len(x)
    return None if count is None or math.isinf(count) else int(count)


def _fetched(source: Any, order: Iterable[int], workers: int, ahead: int) -> Iterator:
    """The items of a source in order; several workers prepare them ahead, in threads."""
    if workers <= 1:
        yield from (source[i] for i in order)
        return
    from concurrent.futures import Future, ThreadPoolExecutor

    pool = ThreadPoolExecutor(workers, thread_name_prefix=type(source).__name__)
    waiting: deque[Future] = deque()
    try:
        for i in order:
            waiting.append(pool.submit(source.__getitem__, i))
            if len(waiting) >= max(ahead, workers):
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


class _Weighted(Feed):
    """A feed whose batches get weights by class."""

    def __init__(self, feed: Feed, class_weight: dict) -> None:
        self._feed = feed
        self._class_weight = class_weight

    @property
    def steps(self) -> int | None:  # type: ignore[override]
        return self._feed.steps

    def peek(self) -> Batch:
        return apply_class_weight(self._feed.peek(), self._class_weight)

    def spent(self) -> bool:
        return self._feed.spent()

    def epoch(self, start: int = 0) -> Iterator[Batch]:
        return (apply_class_weight(batch, self._class_weight) for batch in self._feed.epoch(start))

    def position(self, step: int | None = None) -> dict[str, Any] | None:
        return self._feed.position(step)

    def go_to(self, position: dict[str, Any]) -> None:
        self._feed.go_to(position)


# Validation ----------------------------------------------------------------------------------------------
def split_validation(x: Any, y: Any, sample_weight: Any, fraction: float) -> tuple[tuple, tuple]:
    """Cut the last part off arrays for validation.

    Returns:
        `(x, y, sample_weight)` for training and the same for validation.

    Raises:
        ValueError: If the data is no array, or a part would be empty.
    """
    if not 0 < fraction < 1:
        raise ValueError(
            message("`validation_split`.", expected="a number between 0 and 1", received=fraction)
        )
    if _stream_feed(x, steps=1, shuffle=False) is not None:
        raise ValueError(
            message(
                "`validation_split` works on arrays only.",
                received=x,
                hint="Make a second generator or Dataset and pass it as validation_data=.",
            )
        )
    arrays = on_host(standard_arrays(x, y, sample_weight))
    count = common_length(arrays)
    at = int(np.floor(count * (1.0 - fraction)))
    if at == 0 or at == count:
        raise ValueError(
            message(
                f"validation_split={fraction} of {count} samples leaves one part empty.",
                hint="Use more data, or pass validation_data=.",
            )
        )
    pad = (None,) * (3 - len(arrays))
    train = tree.map_structure(lambda a: None if a is None else a[:at], arrays)
    held = tree.map_structure(lambda a: None if a is None else a[at:], arrays)
    return (*train, *pad), (*held, *pad)
