"""Batches on their way to the device: many steps to a dispatch where nobody looks in between, else one by one.

Arrays lie on the device for the whole run, and a chunk is a table of row numbers. Other batches are stacked as they
come; the device works on one chunk while the next is being gathered. Either way a step computes what it computes
alone, so that the length of a chunk, which may depend on the clock, changes no result.
"""

from __future__ import annotations

import collections
import functools
import itertools
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

from addax.core import tree
from addax.engine import Tensor, raw_of
from addax.engine._jax import jax, on_device
from addax.engine._pack import pack, raw_leaves
from addax.engine._repeat import Repeated
from addax.training import _spread
from addax.training._batches import ArrayFeed

DEVICE_LIMIT = 1 << 30  # bytes of arrays that are kept on the device
_PATIENCE = 0.05  # seconds that a chunk waits for further batches of a slow source

Room = Callable[[int], int]  # how many steps may be joined now, at most as many as it is told


class Dispatch(NamedTuple):
    """What is handed to the device at once.

    Attributes:
        run: Runs the steps; gives the logs of the last one, or the outputs of all on top of each other.
        steps: The number of steps.
        places: The number of steps that the outputs have places for; the last ones may be empty.
        may_overlap: Whether another thread may run it now, while the caller goes on.
        waited: Seconds for which the device had nothing to do before this was there; None if that is not known.
    """

    run: Callable[[], Any]
    steps: int
    places: int = 1
    may_overlap: Callable[[], bool] = lambda: False
    waited: float | None = None

    @classmethod
    def joined(cls, repeated: Repeated, data: list, steps: int, rows: np.ndarray | None = None) -> Dispatch:
        """Several steps."""
        run = functools.partial(repeated, data, steps, rows)
        return cls(run, steps, repeated.places, lambda: repeated.may_overlap)


def paced(dispatches: Iterable[Dispatch]) -> Iterator[Dispatch]:
    """The same, of which not more are under way than the one that runs and one that waits for it.

    Each takes the memory of its intermediate results as soon as it is handed over, and one that waits is enough to
    keep the device busy.
    """
    under_way: collections.deque = collections.deque()

    def run(dispatch: Dispatch) -> Any:
        while len(under_way) > 1:
            array = under_way.popleft()
            if not array.is_deleted():
                array.block_until_ready()
        result = dispatch.run()
        arrays = (raw_of(leaf) for leaf in tree.flatten(result) if isinstance(leaf, Tensor))
        under_way.extend(itertools.islice((a for a in arrays if isinstance(a, jax.Array)), 1))
        return result

    return (dispatch._replace(run=functools.partial(run, dispatch)) for dispatch in dispatches)


def single(run: Callable, kind: str, batches: Iterable[tuple]) -> Iterator[Dispatch]:
    """A dispatch for each batch."""
    return (Dispatch(functools.partial(run, kind, batch), 1) for batch in batches)


def one_by_one(limit: int) -> int:
    """The room where somebody looks at each step."""
    return 1


def of_rows(
    steps: Any, kind: str, feed: ArrayFeed, rows: Iterable[np.ndarray], room: Room
) -> Iterator[Dispatch]:
    """Dispatches over arrays, given the row numbers of the batches; a smaller batch runs by itself."""
    size = feed.batch_size
    batches = (feed.take(r) for r in rows)
    if feed.full_batches < 2:
        yield from single(steps.run, kind, batches)
        return
    repeated = _joined(steps, kind, feed.peek(), False, room) if feed.nbytes <= DEVICE_LIMIT else None
    if repeated is None:
        yield from of_stream(steps, kind, batches, room)
        return
    if feed.samples % size:
        steps.compile_ahead(kind, feed.take(np.arange(feed.samples % size)))
    data = _device_arrays(feed)
    group: list[np.ndarray] = []
    for batch in rows:
        if len(batch) == size:
            group.append(batch)
            if len(group) < room(repeated.limit):
                continue
        if group:
            yield Dispatch.joined(repeated, data, len(group), np.stack(group))
            group = []
        if len(batch) != size:
            yield Dispatch(functools.partial(steps.run, kind, feed.take(batch)), 1)
    if group:
        yield Dispatch.joined(repeated, data, len(group), np.stack(group))


def _joined(steps: Any, kind: str, batch: tuple, stacked: bool, room: Room) -> Repeated | None:
    """Many steps in one dispatch, where that pays; None where single steps do, which compute the same.

    A grouped step may round otherwise than a single one, so that it is used, with one batch in the group, where
    somebody looks at each step, too.
    """
    repeated = steps.repeated(kind, batch, stacked)
    return None if room is one_by_one and repeated is not None and not repeated.is_grouped else repeated


def _device_arrays(feed: ArrayFeed) -> list:
    """The arrays of a feed on the device, where they stay as long as the feed lives: for the whole of a `fit`."""
    if feed.on_device is None:
        leaves: list = []
        pack((feed.arrays,), leaves)
        arrays = _spread.whole(raw_leaves(leaves))
        feed.on_device = [on_device(x) if isinstance(x, np.ndarray) else x for x in arrays]
    return feed.on_device


def of_stream(steps: Any, kind: str, batches: Iterable[tuple], room: Room) -> Iterator[Dispatch]:
    """Dispatches over batches that come one by one; those of one form are joined."""
    stack: _Stack | None = None
    for batch in map(steps.in_form, batches):
        repeated = _joined(steps, kind, batch, True, room)
        if stack is not None and (stack.repeated is not repeated or stack.full(room)):
            yield stack.dispatch()
            stack = None
        if repeated is None:
            run, may_overlap = (functools.partial(f, kind, batch) for f in (steps.run, steps.may_overlap))
            yield Dispatch(run, 1, may_overlap=may_overlap)
            continue
        if stack is None:
            stack = _Stack(repeated)
        stack.add(batch)
        if stack.full(room):
            yield stack.dispatch()
            stack = None
    if stack is not None:
        yield stack.dispatch()


class _Stack:
    """Batches of one form that wait for their dispatch."""

    def __init__(self, repeated: Repeated) -> None:
        self.repeated = repeated
        self._batches: list[list] = []
        self._since = time.monotonic()

    def add(self, batch: tuple) -> None:
        """Take in a batch."""
        leaves: list = []
        pack((batch,), leaves)
        self._batches.append([np.asarray(x) for x in raw_leaves(leaves)])

    def full(self, room: Room) -> bool:
        """Whether it is time for the dispatch."""
        late = time.monotonic() - self._since > _PATIENCE
        return late or len(self._batches) >= room(self.repeated.limit)

    def dispatch(self) -> Dispatch:
        """The call that runs the batches."""
        count, places = len(self._batches), self.repeated.places
        data = []
        for parts in zip(*self._batches, strict=True):
            whole = np.empty((places, *parts[0].shape), parts[0].dtype)
            np.stack(parts, out=whole[:count])
            whole[count:] = 0
            data.append(whole)
        return Dispatch.joined(self.repeated, _spread.put(data, stacked=True), count)
