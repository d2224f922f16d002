"""`tf.distribute`: datasets whose elements are shared among replicas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from addax import ops
from addax.core import tree
from addax.data import OutOfRangeError
from addax.engine import Tensor, raw_of
from addax.engine._placement import placed
from addax.parallel import Mirrored
from addax.tf._replica import PerReplica


class DistributedDataset:
    """A dataset each of whose batches is cut into equal parts, one for each replica.

    Args:
        dataset: The dataset of whole batches.
        mirrored: The replicas.
    """

    def __init__(self, dataset: Any, mirrored: Mirrored) -> None:
        self._dataset = dataset
        self._mirrored = mirrored

    @property
    def element_spec(self) -> Any:
        """The specs of the batches of all replicas together."""
        return self._dataset.element_spec

    def cardinality(self) -> Any:
        """The number of elements, as for a dataset."""
        return self._dataset.cardinality()

    def __len__(self) -> int:
        return len(self._dataset)

    def __iter__(self) -> DistributedIterator:
        return DistributedIterator(self._elements(), self.element_spec)

    def _elements(self) -> Iterator[Any]:
        return (self._shared(batch) for batch in self._dataset)

    def _shared(self, batch: Any) -> Any:
        """A batch as a nest of `PerReplica`s."""
        count = self._mirrored.replicas
        leaves = [x for x in tree.flatten(batch) if x is not None]
        if not all(
            len(x.shape) and x.shape[0] and x.shape[0] % count == 0 and x.dtype != "string" for x in leaves
        ):
            return tree.map_structure(lambda x: PerReplica(alone=(x,)), batch)
        return tree.map_structure(lambda x: self._stacked(ops.reshape(x, (count, -1, *x.shape[1:]))), batch)

    def _stacked(self, values: Any) -> PerReplica:
        raw = raw_of(values)
        return PerReplica(Tensor(placed(raw, self._mirrored.batch_sharding(tuple(raw.shape)))))


class PerReplicaDataset(DistributedDataset):
    """A dataset of batches of single replicas, as many of which make an element as there are replicas."""

    def _elements(self) -> Iterator[Any]:
        group: list = []
        for batch in self._dataset:
            group.append(batch)
            if len(group) == self._mirrored.replicas:
                yield self._joined(group)
                group = []
        if group:
            yield self._joined(group)

    def _joined(self, group: list) -> Any:
        """An element; the batches of a group that is not full, or of different sizes, go to one replica together."""
        shapes = [[tuple(x.shape) for x in tree.flatten(batch)] for batch in group]
        if len(group) == self._mirrored.replicas and all(shape == shapes[0] for shape in shapes):
            return tree.map_structure(lambda *parts: self._stacked(ops.stack(parts)), *group)
        return tree.map_structure(lambda *parts: PerReplica(alone=(ops.concatenate(parts),)), *group)


class DistributedIterator:
    """An iterator over the elements of a distributed dataset.

    Args:
        elements: The elements.
        element_spec: Their specs.
    """

    def __init__(self, elements: Iterator[Any], element_spec: Any) -> None:
        self._elements = elements
        self.element_spec = element_spec

    def __iter__(self) -> DistributedIterator:
        return self

    def __next__(self) -> Any:
        return next(self._elements)

    def next(self) -> Any:
        """The next element; StopIteration behind the last one."""
        return self.__next__()

    def get_next(self) -> Any:
        """The next element.

        Raises:
            OutOfRangeError: If there is none.
        """
        try:
            return next(self._elements)
        except StopIteration:
            raise OutOfRangeError("The distributed dataset has ended.") from None

    def get_next_as_optional(self) -> Any:
        """The next element, or nothing, as `tf.experimental.Optional` has it."""
        return _Optional(next(self._elements, _NOTHING))


_NOTHING = object()


class _Optional:
    def __init__(self, value: Any) -> None:
        self._value = value

    def has_value(self) -> Any:
        """Whether there is a value."""
        return ops.convert_to_tensor(self._value is not _NOTHING)

    def get_value(self) -> Any:
        """The value."""
        return self._value
