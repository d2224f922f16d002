"""What training takes from a dataset: host batches, or arrays for the device and the rows of each batch.

`Dataset._batches()` gives a `DatasetIterator` over nests of NumPy arrays (strings as object arrays of bytes);
its `get_state()` and `set_state()` belong into a checkpoint. `Dataset._as_arrays()` gives an `ArrayFeed` if
the pipeline is nothing but arrays, `batch`, and what orders, repeats or chooses elements or batches; else
None.
"""

from __future__ import annotations

from typing import Any

from addax.data._batch import BatchNode
from addax.data._iterator import DatasetIterator, host_elements
from addax.data._node import Node, walk


class ArrayFeed:
    """A batched pipeline over arrays, as a gather: each batch is `arrays[rows]`, leaf by leaf.

    Iterating gives the rows of one epoch's batches, int64 arrays of shape (batch,); the next iteration gives
    those of the next epoch, in another order if the pipeline reshuffles. The iterator has `get_state()` and
    `set_state()`.

    Attributes:
        arrays: The nest of host arrays, of equal first dimension; they are the user's own, so nobody may
            write there.
        batch_size: Rows a batch; the last one may have fewer.
        drop_remainder: Whether all batches are full.
    """

    def __init__(self, arrays: Any, indices: Node, batch: BatchNode) -> None:
        self.arrays = arrays
        self.batch_size, self.drop_remainder = batch.size, batch.drop_remainder
        self._indices = indices

    def __iter__(self) -> DatasetIterator:
        return host_elements(self._indices)

    def cardinality(self) -> int:
        """The number of batches, -1 if they never end."""
        return self._indices.cardinality()


def array_feed(node: Node) -> ArrayFeed | None:
    """The feed of a node; None if it has no plan, or its elements are not batched once."""
    plan = node.plan()
    if plan is None:
        return None
    batches = [n for n in walk(plan.indices) if isinstance(n, BatchNode)]
    if len(batches) != 1:
        return None
    return ArrayFeed(plan.arrays, plan.indices, batches[0])
