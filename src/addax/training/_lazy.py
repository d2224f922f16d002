"""Data that is read a batch at a time: memory-mapped files, HDF5, large sparse matrices, columns of `datasets`."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from addax.core import dtypes
from addax.engine._variable import host_array

_SMALL = 1 << 28  # bytes of a sparse matrix that is made dense at once
_TARGETS = ("label", "labels")  # the columns that Hugging Face's own trainer takes for the targets


class Rows:
    """Samples that come into memory when they are asked for.

    Args:
        shape: The shape of all of them.
        dtype: The dtype of what is given, of at most 32 bits where the settings say so.
        read: Reads some rows, given as a slice or as an array of their numbers.
        first: The first row that counts.
    """

    nbytes = sys.maxsize  # for whoever asks whether they fit somewhere

    def __init__(self, shape: tuple[int, ...], dtype: Any, read: Callable, first: int = 0) -> None:
        self.shape, self.ndim = shape, len(shape)
        kind = np.dtype(dtype)
        self.dtype = np.dtype(dtypes.narrow(kind.name)) if kind.kind in "iufc" else kind
        self._read, self._first = read, first

    @property
    def size(self) -> int:
        """The number of values."""
        return math.prod(self.shape)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: Any) -> np.ndarray:
        if isinstance(rows, slice):
            start, stop, _ = rows.indices(len(self))
            found = self._read(slice(start + self._first, stop + self._first))
        else:
            found = self._read(np.asarray(rows) + self._first)
        array = np.asarray(found)
        if array.dtype.kind in "SUO":
            return host_array(array)
        return array.astype(self.dtype)  # a copy: what is a view of a file stays behind

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        array = self[:]
        return array if dtype is None else array.astype(dtype)

    def part(self, start: int, stop: int) -> Rows:
        """The rows from `start` to `stop`, still unread."""
        return Rows((stop - start, *self.shape[1:]), self.dtype, self._read, self._first + start)


def lazy_rows(value: Any) -> Rows | None:
    """Rows of what should not be read at once, None for anything else."""
    if isinstance(value, Rows):
        return value
    if isinstance(value, np.ndarray):
        if value.ndim and value.dtype.kind in "biufc" and _is_mapped(value):
            return Rows(value.shape, value.dtype, value.__getitem__)
        return None
    if hasattr(value, "toarray") and hasattr(value, "tocsr"):
        return _sparse_rows(value)
    if type(value).__module__.partition(".")[0] == "h5py" and getattr(value, "shape", None):
        return Rows(value.shape, value.dtype, lambda rows: _sorted_read(value, rows))
    return None


def _is_mapped(array: Any) -> bool:
    while isinstance(array, np.ndarray):
        if isinstance(array, np.memmap):
            return True
        array = array.base
    return False


def _sparse_rows(matrix: Any) -> Rows | None:
    if len(matrix.shape) != 2 or math.prod(matrix.shape) * matrix.dtype.itemsize <= _SMALL:
        return None
    rows = matrix.tocsr()
    return Rows(tuple(matrix.shape), matrix.dtype, lambda chosen: rows[chosen].toarray())


def _sorted_read(dataset: Any, rows: Any) -> np.ndarray:
    """Rows of an HDF5 dataset, which gives them in ascending order only."""
    if isinstance(rows, slice):
        return dataset[rows]
    unique, back = np.unique(rows, return_inverse=True)
    return dataset[unique][back]


# Hugging Face's `datasets`, told by what they have -----------------------------------------------------------
def is_hugging_face(value: Any) -> bool:
    """Whether this is a `datasets.Dataset` or `IterableDataset`."""
    return all(hasattr(value, name) for name in ("column_names", "features", "with_format", "iter"))


def is_endless(value: Any) -> bool:
    """Whether it is one that is read from the start to the end: it has no rows by number."""
    return not hasattr(value, "__len__")


def columns(table: Any, with_targets: bool = True) -> tuple[Any, Any]:
    """The columns of a `datasets.Dataset`, unread: inputs and targets.

    Args:
        table: The data set.
        with_targets: Whether a column called "label" or "labels" is taken for the targets.

    Returns:
        One column, or a dict of several; and that of the targets, None if there is none.
    """
    return _divided({name: _column(table, name) for name in table.column_names}, with_targets)


def _column(table: Any, name: str) -> Rows:
    one = table.select_columns([name])
    if one.format["type"] != "custom":  # a function that the user set stays
        one = one.with_format("numpy")
    first = np.asarray(one[:1][name])

    def read(rows: Any) -> Any:
        return one[rows if isinstance(rows, slice) else rows.tolist()][name]

    return Rows((len(table), *first.shape[1:]), first.dtype, read)


def batches_of(table: Any, batch_size: int) -> Iterator[tuple]:
    """Batches of a `datasets.IterableDataset`: inputs, and targets if there are any."""
    for batch in table.with_format("numpy").iter(batch_size=batch_size):
        x, y = _divided(
            {name: host_array(v) if v.dtype.kind in "SU" else v for name, v in batch.items()}, True
        )
        yield (x,) if y is None else (x, y)


def _divided(found: dict[str, Any], with_targets: bool) -> tuple[Any, Any]:
    target = next((found.pop(name) for name in _TARGETS if with_targets and name in found), None)
    return (next(iter(found.values())) if len(found) == 1 else found), target
