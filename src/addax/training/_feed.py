"""From whatever holds the data to batches `(x, y, sample_weight)` of host arrays, by one table of adapters."""

from __future__ import annotations

import itertools
import math
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from addax.core import tree
from addax.core.errors import message
from addax.training import _options
from addax.training._arrays import (
    apply_class_weight,
    common_length,
    is_frame,
    on_host,
    standard_arrays,
)
from addax.training._batches import ArrayFeed, Batch, Feed, StreamFeed


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
    if _is_dataset(x):
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


def _is_dataset(x: Any) -> bool:
    data = sys.modules.get("addax.data")  # nobody has a Dataset who has not imported this
    return data is not None and isinstance(x, data.Dataset)


def _dataset_feed(dataset: Any, steps: int | None) -> Feed:
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
        source=x,
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
