"""Sparse data on its way through a training step: dense, but for ids on their way to a layer of feature columns."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax.core import tree
from addax.ops._rows import spans
from addax.ops._sparse import SparseTensor, chosen, ordered, to_dense
from addax.training._lazy import Rows


def is_sparse(x: Any) -> bool:
    """Whether something is a sparse tensor."""
    return isinstance(x, SparseTensor)


def densified(data: Any) -> Any:
    """A batch whose sparse tensors are dense."""
    return tree.map_structure(lambda x: to_dense(ordered(x)) if is_sparse(x) else x, data)


def rows_of(x: SparseTensor) -> Any:
    """A sparse tensor in memory, to be cut into batches: numbers dense, ids and texts still sparse."""
    if x.dtype.is_floating or len(x._shape) != 2:
        return np.asarray(densified(x))
    return SparseRows(x)


class SparseRows(Rows):
    """The rows of a sparse tensor in memory, given as sparse tensors.

    Args:
        rows: The sparse tensor, of rank 2.
    """

    def __init__(self, rows: SparseTensor) -> None:
        self._rows = ordered(rows)
        self._starts = np.searchsorted(self._rows._places[:, 0], np.arange(int(rows._shape[0]) + 1))
        self.shape = rows.shape
        self.ndim = 2

    @property
    def dtype(self) -> Any:  # type: ignore[override]
        """The dtype of the values."""
        return self._rows.dtype

    def __getitem__(self, rows: Any) -> Any:
        numbers = np.arange(len(self))[rows]
        counts = self._starts[numbers + 1] - self._starts[numbers]
        which = spans(self._starts[numbers], counts)
        places = np.stack([np.repeat(np.arange(len(numbers)), counts), self._rows._places[which, 1]], 1)
        return chosen(self._rows, which, places, np.asarray([len(numbers), self.shape[1]]))

    def part(self, start: int, stop: int) -> SparseRows:
        """The rows from `start` to `stop`."""
        return SparseRows(self[start:stop])
