"""The part of `Dataset` that is not a transformation: iteration, size, spec."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np

from addax.core.errors import message
from addax.data._function import to_user
from addax.data._iterator import DatasetIterator, NumpyIterator, host_elements
from addax.data._node import INFINITE, Node
from addax.data._options import Options, options_of
from addax.data._protocol import ArrayFeed, array_feed
from addax.data._spec import UNKNOWN
from addax.engine import Tensor

T = TypeVar("T", bound="DatasetBase")


class DatasetBase:
    """A view of a node; transformations give new views of new nodes."""

    _node: Any

    def __init__(self, node: Node) -> None:
        if not isinstance(node, Node):
            raise TypeError(
                message(
                    "Datasets are not constructed directly.",
                    hint="Use Dataset.from_tensor_slices(), from_generator(), range(), ...",
                )
            )
        self._node = node

    def _of(self: T, node: Node) -> T:
        """A dataset of another node: a plain one, for the constructor of a user's subclass may take anything."""
        from addax.data._dataset import Dataset  # the public class stands on this one

        return Dataset(node)  # type: ignore[return-value]

    @property
    def element_spec(self) -> Any:
        """The nest of `TensorSpec`s of the elements.

        If a map function cannot be traced, one element is computed to find out.
        """
        return self._node.spec(run=True)

    def __iter__(self) -> DatasetIterator:
        return DatasetIterator(self._node)

    def __bool__(self) -> bool:
        return True

    def __len__(self) -> int:
        size = self._node.cardinality()
        if size == INFINITE:
            raise TypeError("The dataset is infinite.")
        if size < 0:
            raise TypeError("The dataset length is unknown.")
        return size

    def __repr__(self) -> str:
        spec = self._node.spec()
        shown = "unknown" if spec is UNKNOWN else repr(spec)
        return f"<_{self._node.label}Dataset element_spec={shown}>"

    def as_numpy_iterator(self) -> NumpyIterator:
        """An iterator over elements as nests of NumPy arrays and scalars, which are for reading.

        Example:
            >>> from addax.data import Dataset
            >>> list(Dataset.from_tensor_slices(["a", "b"]).as_numpy_iterator())
            [b'a', b'b']
        """
        return NumpyIterator(self._node)

    def cardinality(self) -> Tensor:
        """The number of elements, an int64 scalar: `INFINITE_CARDINALITY` or `UNKNOWN_CARDINALITY` too."""
        return Tensor(np.asarray(self._node.cardinality(), np.int64))

    def get_single_element(self, name: str | None = None) -> Any:
        """The one element of the dataset, as a nest of tensors.

        Raises:
            ValueError: If there is none, or more than one.
        """
        cursor = self._node.start()
        try:
            element = cursor.next()
        except StopIteration:
            raise ValueError(message("Dataset was empty.", expected="exactly one element")) from None
        try:
            cursor.next()
        except StopIteration:
            return to_user(element)
        raise ValueError(message("Dataset had more than one element.", hint="Use batch() or take(1) first."))

    def options(self) -> Options:
        """The options of the dataset and its inputs."""
        return options_of(self._node)

    def _batches(self) -> DatasetIterator:
        """An iterator over elements as nests of host arrays, for training (see `data._protocol`)."""
        return host_elements(self._node)

    def _as_arrays(self) -> ArrayFeed | None:
        """The arrays and the rows of each batch, for a batched array source (see `data._protocol`)."""
        return array_feed(self._node)
