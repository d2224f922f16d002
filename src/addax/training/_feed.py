"""From whatever holds the data to batches `(x, y, sample_weight)` of host arrays, by one table of adapters."""

from __future__ import annotations

import itertools
import math
import sys
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
from addax.training._grain import is_grain, prepare_grain
from addax.training._lazy import Rows, batches_of, columns, is_endless, is_hugging_face
from addax.training._workers import Fetcher


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
    feed = _stream_feed(x, steps, shuffle, batch_size)
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
    if is_hugging_face(x):
        x, found = columns(x, with_targets=y is None)
        y = found if y is None else y
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


def _stream_feed(
    x: Any, steps: int | None, shuffle: bool | str, batch_size: int | None = None
) -> Feed | None:
    if _is_dataset(x):
        return _dataset_feed(x, steps)
    if _is_sequence(x):
        return _sequence_feed(x, steps, shuffle)
    if is_hugging_face(x):
        if not is_endless(x):
            return None
        size = batch_size or 32
        return StreamFeed(lambda: batches_of(x, size), steps, what=type(x).__name__)
    if is_grain(x):
        return _grain_feed(x, steps)
    if isinstance(x, (list, tuple, dict, str, bytes)) or hasattr(x, "shape") or is_frame(x) or x is None:
        return None
    if hasattr(x, "__array__"):
        return None
    return _iterable_feed(x, steps)


def _iterable_feed(x: Any, steps: int | None) -> Feed:
    """The feed of anything that Python iterates over, such as PyTorch's `DataLoader`."""
    if hasattr(x, "__next__"):
        return StreamFeed(lambda: x, steps, restarts=False, what="generator")
    if callable(x) and not hasattr(x, "__iter__"):
        make: Any = x
        return StreamFeed(lambda: iter(make()), steps, what="generator function")
    if isinstance(x, Iterable):
        return StreamFeed(lambda: iter(x), steps, known=_length(x), what=type(x).__name__)
    raise ValueError(
        message(
            "This kind of data is not understood.",
            expected="arrays, tensors, frames, nests of them, a Dataset, a generator, any iterable of batches",
            received=x,
            hint="Call its collect() first." if hasattr(x, "collect") else None,
        )
    )


def _length(x: Any) -> int | None:
    """The number of batches of an iterable, None if it does not know: PyTorch's loaders have a length that raises."""
    try:
        return len(x)
    except TypeError:
        return None


def _grain_feed(x: Any, steps: int | None) -> Feed:
    prepare_grain()
    count = _length(x)
    endless = count is not None and count >= sys.maxsize
    return StreamFeed(
        lambda: iter(x), steps, known=None if endless else count, infinite=endless, what=type(x).__name__
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
    fetcher = Fetcher(x)

    def batches(start: int = 0) -> Iterator:
        if hasattr(x, "on_epoch_begin"):
            x.on_epoch_begin()
        now = _batch_count(x)
        order: Iterable[int] = itertools.count() if now is None else range(now)
        if shuffle and now is not None:
            order = np.random.permutation(now).tolist()
        order = itertools.islice(order, start, None)
        return fetcher.batches(order)

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
    if is_hugging_face(x):
        x, found = columns(x, with_targets=y is None)
        y = found if y is None else y
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
    train = tree.map_structure(lambda a: _slice(a, 0, at), arrays)
    held = tree.map_structure(lambda a: _slice(a, at, count), arrays)
    return (*train, *pad), (*held, *pad)


def _slice(array: Any, start: int, stop: int) -> Any:
    if array is None or isinstance(array, Rows):
        return array if array is None else array.part(start, stop)
    return array[start:stop]
