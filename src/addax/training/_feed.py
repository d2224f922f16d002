"""From whatever holds the data to batches `(x, y, sample_weight)` of host arrays, by one table of adapters."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from addax.core import dtypes, tree
from addax.core.errors import message
from addax.data import Dataset
from addax.engine import SymbolicTensor, Tensor
from addax.engine._variable import host_array

Batch = tuple  # (x,), (x, y) or (x, y, sample_weight)


class Feed:
    """Batches of one data source, epoch after epoch.

    Attributes:
        steps: Batches in an epoch, None as long as it is not known.
        first: The first batch of the next epoch, if it was taken out to look at.
    """

    steps: int | None = None
    samples: int | None = None

    def epoch(self) -> Iterator[Batch]:
        """The batches of the next epoch."""
        raise AssertionError("an adapter defines this")  # pragma: no cover

    def peek(self) -> Batch:
        """A batch to learn shapes from; the epochs are not disturbed."""
        raise AssertionError("an adapter defines this")  # pragma: no cover


class ArrayFeed(Feed):
    """Arrays in memory, cut into batches by index.

    Args:
        arrays: `(x, y, sample_weight)`, nests of arrays of one length; None parts at the end left out.
        batch_size: Rows in a batch.
        shuffle: Whether the order changes each epoch (`"batch"`: only the order of batches).
        steps: Batches to an epoch, all of them if None.
    """

    def __init__(self, arrays: tuple, batch_size: int, shuffle: bool | str = False, steps: int | None = None) -> None:
        self.arrays = arrays
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.samples = _common_length(arrays)
        full = -(-self.samples // batch_size)
        self.steps = full if steps is None else steps
        self._cut = steps is not None
        self._left: list[np.ndarray] = []

    def order(self) -> list[np.ndarray]:
        """Row numbers of the batches of one pass."""
        rows = np.arange(self.samples)
        if self.shuffle is True or self.shuffle == "epoch":
            np.random.shuffle(rows)
        batches = [rows[i : i + self.batch_size] for i in range(0, len(rows), self.batch_size)]
        if self.shuffle == "batch":
            batches = [batches[i] for i in np.random.permutation(len(batches))]
        return batches

    def epoch(self) -> Iterator[Batch]:
        for rows in self.epoch_rows():
            yield self.take(rows)

    def epoch_rows(self) -> Iterator[np.ndarray]:
        """Row numbers of the batches of the next epoch (which goes on where a shortened one ended)."""
        if not self._cut:
            yield from self.order()
            return
        assert self.steps is not None
        for _ in range(self.steps):
            if not self._left:
                self._left = self.order()
            yield self._left.pop(0)

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
    ) -> None:
        if infinite and steps is None:
            raise ValueError(
                message(
                    "The data never ends, so an epoch has no length.",
                    received=f"an infinite {what}",
                    hint="Pass steps_per_epoch= (validation_steps= for validation data, steps= for evaluate and predict).",
                )
            )
        self._make = make
        self._limit = steps
        self._restarts = restarts
        self.steps = steps if steps is not None else known
        self._iterator: Iterator | None = None
        self._peeked: list = []
        self._on_epoch_end = on_epoch_end
        self._what = what

    def _next(self) -> Any:
        if self._peeked:
            return self._peeked.pop()
        if self._iterator is None:
            self._iterator = iter(self._make())
        return next(self._iterator)

    def peek(self) -> Batch:
        if not self._peeked:
            try:
                self._peeked.append(self._next())
            except StopIteration:
                raise ValueError(_empty(self._what)) from None
        return standard_batch(self._peeked[-1])

    def epoch(self) -> Iterator[Batch]:
        count = 0
        while self._limit is None or count < self._limit:
            try:
                batch = self._next()
            except StopIteration:
                self._iterator = None
                if self._limit is None or not self._restart_allowed(count):
                    break
                continue
            count += 1
            yield standard_batch(batch)
        if self._limit is None:
            self._iterator = None
            if count:
                self.steps = count
        if self._on_epoch_end is not None:
            self._on_epoch_end()

    def _restart_allowed(self, count: int) -> bool:
        if self._restarts:
            return True
        warnings.warn(
            f"The {self._what} ended after {count} of {self._limit} batches of this epoch, and cannot be started again. "
            "Make it yield steps_per_epoch * epochs batches.",
            stacklevel=4,
        )
        return False


def standard_batch(batch: Any) -> Batch:
    """A batch as a tuple `(x,)`, `(x, y)` or `(x, y, sample_weight)` of nests of host arrays or tensors."""
    if isinstance(batch, list) and len(batch) in (2, 3) and all(hasattr(b, "shape") for b in batch):
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
    return tree.map_structure(_leaf, batch)


def _leaf(value: Any) -> Any:
    if value is None or isinstance(value, (Tensor, np.ndarray)):
        return value
    return as_array(value, "a batch")


def as_array(value: Any, what: str) -> Any:
    """A host array (or tensor) of one component of the data.

    Raises:
        ValueError: If it holds objects that are neither numbers nor text.
    """
    if isinstance(value, SymbolicTensor):
        raise TypeError(message(f"{what} is symbolic: it has no data.", received=value, hint="Pass arrays to fit()."))
    if isinstance(value, Tensor) or hasattr(value, "aval"):
        return value
    if hasattr(value, "detach") and hasattr(value, "cpu"):  # a PyTorch tensor
        value = value.detach().cpu()
    if hasattr(value, "toarray") and not isinstance(value, np.ndarray):  # SciPy sparse
        value = value.toarray()
    if hasattr(value, "to_numpy"):
        value = value.to_numpy()
    array = np.asarray(value)
    if array.dtype.kind == "O":
        array = _numbers_of_objects(array, what)
    if array.dtype.kind in "SU":
        return host_array(array)
    if array.dtype.kind in "mM":
        raise ValueError(message(f"{what} holds dates.", received=array, hint="Turn them into numbers first."))
    return array


def _numbers_of_objects(array: np.ndarray, what: str) -> np.ndarray:
    items = array.ravel().tolist()
    if items and all(isinstance(v, (str, bytes)) for v in items):
        return host_array(array)
    try:
        return array.astype(np.float32)
    except (TypeError, ValueError):
        bad = next(v for v in items if not isinstance(v, (int, float, bool, np.number)))
        raise ValueError(
            message(
                f"{what} holds Python objects that are not numbers.",
                expected="an array of numbers (or of strings alone)",
                received=f"an array of dtype object with an element {bad!r}",
                hint="Rows of unequal length must be padded (keras.utils.pad_sequences); mixed columns split by type.",
            )
        ) from None


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
    feed = _stream_feed(x, steps)
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
    arrays = standard_arrays(x, y, sample_weight)
    if class_weight is not None:
        arrays = _apply_class_weight(arrays, class_weight)
    if batch_size is None:
        batch_size = -(-_common_length(arrays) // steps) if steps else 32
    return ArrayFeed(arrays, batch_size, shuffle, steps)


def standard_arrays(x: Any, y: Any = None, sample_weight: Any = None) -> tuple:
    """`(x, y, sample_weight)` as nests of arrays, trailing Nones left out.

    Raises:
        ValueError: For no data, data of several lengths, or objects in place of numbers.
    """
    parts = [_component(x, "x"), _component(y, "y"), _component(sample_weight, "sample_weight")]
    if parts[0] is None:
        raise ValueError(message("There is no data.", expected="x: arrays, a Dataset, a generator, ...", received=x))
    while parts and parts[-1] is None:
        parts.pop()
    arrays = tuple(parts)
    if _common_length(arrays) == 0:
        raise ValueError(_empty("x"))
    _warn_of_nan(arrays)
    return arrays


def _component(value: Any, what: str) -> Any:
    if value is None:
        return None
    if _is_frame(value):
        return _frame_array(value, what)
    if isinstance(value, dict):
        return {k: _component(v, f"{what}[{k!r}]") for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        if _is_list_of_numbers(value):
            return as_array(np.asarray(value), what)
        return type(value)(_component(v, f"{what}[{i}]") for i, v in enumerate(value))
    return _narrow(as_array(value, what))


def _is_list_of_numbers(value: Any) -> bool:
    leaf = value
    while isinstance(leaf, (list, tuple)):
        if not leaf:
            return True
        leaf = leaf[0]
    return isinstance(leaf, (bool, int, float, str, bytes, np.generic))


def _narrow(array: Any) -> Any:
    if isinstance(array, np.ndarray) and array.dtype.kind in "iufc":
        name = dtypes.narrow(array.dtype.name)
        return array if name == array.dtype.name else array.astype(name)
    return array


def _is_frame(value: Any) -> bool:
    return hasattr(value, "columns") and (hasattr(value, "to_numpy") or hasattr(value, "iloc"))


def _frame_array(frame: Any, what: str) -> Any:
    """A data frame as one array; mixed columns are refused with their names."""
    array = frame.to_numpy()
    if array.dtype == object:
        bad = [str(c) for c in frame.columns if np.asarray(frame[c]).dtype.kind not in "biuf"]
        try:
            return array.astype(np.float32)
        except (TypeError, ValueError):
            raise ValueError(
                message(
                    f"{what} is a table with columns that are not numbers.",
                    received=f"columns {bad}",
                    hint="Encode them, or pass dict(frame) to a model with one input for each column.",
                )
            ) from None
    return _narrow(array)


def _common_length(arrays: tuple) -> int:
    names = ("x", "y", "sample_weight")
    lengths: list[tuple[str, int]] = []
    for part, array in zip(names, arrays, strict=False):
        for path, leaf in tree.flatten_with_path(array):
            if leaf is None:
                continue
            label = part + "".join(f"[{p!r}]" for p in path)
            if not leaf.shape:
                raise ValueError(message(f"{label} is a single number.", expected="an array of samples", received=leaf))
            lengths.append((label, leaf.shape[0]))
    if len({n for _, n in lengths}) > 1:
        raise ValueError(
            message(
                "The data has several lengths.",
                expected="one number of samples in all of x, y and sample_weight",
                received=", ".join(f"{label}: {n}" for label, n in lengths),
            )
        )
    return lengths[0][1]


def _warn_of_nan(arrays: tuple) -> None:
    for part, array in zip(("x", "y", "sample_weight"), arrays, strict=False):
        for path, leaf in tree.flatten_with_path(array):
            if isinstance(leaf, np.ndarray) and leaf.dtype.kind == "f" and not np.isfinite(np.sum(leaf)):
                count = int(np.isnan(leaf).sum())
                if count:
                    label = part + "".join(f"[{p!r}]" for p in path)
                    warnings.warn(
                        f"{label} holds {count} NaN values (of {leaf.size}); the loss will be NaN. Fill them in "
                        "(numpy.nan_to_num, or a mean) or drop those rows.",
                        stacklevel=5,
                    )


def _empty(what: str) -> str:
    return message(f"The {what} is empty: there is nothing to compute on.", expected="at least one sample")


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


def _stream_feed(x: Any, steps: int | None) -> Feed | None:
    if isinstance(x, Dataset):
        return _dataset_feed(x, steps)
    if _is_sequence(x):
        return _sequence_feed(x, steps)
    if isinstance(x, (list, tuple, dict, str, bytes)) or hasattr(x, "shape") or _is_frame(x) or x is None:
        return None
    if hasattr(x, "__array__"):
        return None
    if hasattr(x, "__next__"):
        return StreamFeed(lambda: x, steps, restarts=False, what="generator")
    if callable(x) and not hasattr(x, "__iter__"):
        return StreamFeed(lambda: iter(x()), steps, what="generator function")
    if isinstance(x, Iterable):
        known = len(x) if hasattr(x, "__len__") else None  # type: ignore[arg-type]
        return StreamFeed(lambda: iter(x), steps, known=known, what=type(x).__name__)
    raise ValueError(
        message(
            "This kind of data is not understood.",
            expected="arrays, tensors, frames, nests of them, a Dataset, a PyDataset, a generator or an iterable of batches",
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
    return hasattr(x, "__getitem__") and hasattr(x, "__len__") and hasattr(x, "on_epoch_end") and not hasattr(x, "shape")


def _sequence_feed(x: Any, steps: int | None) -> Feed:
    def batches() -> Iterator:
        return (x[i] for i in range(len(x)))

    return StreamFeed(batches, steps, known=len(x), on_epoch_end=x.on_epoch_end, what=type(x).__name__)


# Class weights -------------------------------------------------------------------------------------------
def _apply_class_weight(arrays: tuple, class_weight: dict) -> tuple:
    if len(arrays) < 2:
        raise ValueError("`class_weight` needs targets `y`.")
    weights = _weights_of_classes(arrays[1], class_weight)
    given = arrays[2] if len(arrays) > 2 else None
    if given is not None:
        weights = weights * np.asarray(given)
    return (arrays[0], arrays[1], weights)


def _weights_of_classes(y: Any, class_weight: dict) -> Any:
    if tree.is_nested(y):
        if isinstance(y, dict) and all(k in y for k in class_weight):
            return {k: _weights_of_classes(v, class_weight[k]) if k in class_weight else None for k, v in y.items()}
        raise ValueError(
            message(
                "`class_weight` with several outputs needs one mapping for each.",
                expected="y as a dict, and class_weight as {output: {class: weight}}",
                received=class_weight,
            )
        )
    labels = np.asarray(y)
    if labels.ndim > 1 and labels.shape[-1] > 1:
        labels = labels.argmax(-1)
    labels = labels.reshape(labels.shape[0], -1)[:, 0].astype(int)
    table = {int(k): float(v) for k, v in class_weight.items()}
    return np.array([table.get(int(label), 1.0) for label in labels], np.float32)


class _Weighted(Feed):
    """A feed whose batches get weights by class."""

    def __init__(self, feed: Feed, class_weight: dict) -> None:
        self._feed = feed
        self._class_weight = class_weight

    @property
    def steps(self) -> int | None:  # type: ignore[override]
        return self._feed.steps

    def peek(self) -> Batch:
        return _apply_class_weight(self._feed.peek(), self._class_weight)

    def epoch(self) -> Iterator[Batch]:
        return (_apply_class_weight(batch, self._class_weight) for batch in self._feed.epoch())


# Validation ----------------------------------------------------------------------------------------------
def split_validation(x: Any, y: Any, sample_weight: Any, fraction: float) -> tuple[tuple, tuple]:
    """Cut the last part off arrays for validation.

    Returns:
        `(x, y, sample_weight)` for training and the same for validation.

    Raises:
        ValueError: If the data is no array, or a part would be empty.
    """
    if not 0 < fraction < 1:
        raise ValueError(message("`validation_split`.", expected="a number between 0 and 1", received=fraction))
    if isinstance(x, Dataset) or _stream_feed_kind(x):
        raise ValueError(
            message(
                "`validation_split` works on arrays only.",
                received=x,
                hint="Make a second generator or Dataset and pass it as validation_data=.",
            )
        )
    arrays = standard_arrays(x, y, sample_weight)
    count = _common_length(arrays)
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


def _stream_feed_kind(x: Any) -> bool:
    return hasattr(x, "__next__") or _is_sequence(x) or (callable(x) and not hasattr(x, "__array__"))


