"""Iteration over a dataset in Python, with a position that can be saved and restored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from addax.core.errors import message
from addax.data import _nest
from addax.data._element import element_to_host, frozen
from addax.data._function import to_user
from addax.data._node import Cursor, Node
from addax.data._spec import spec_of
from addax.data._state import restore, save
from addax.engine import Tensor
from addax.engine._errors import OutOfRangeError


class Optional:
    """An element, or its absence behind the end of a dataset; public as `tf.experimental.Optional`.

    Args:
        present: Whether there is a value.
        spec: The spec of the value.

    Example:
        >>> from addax.data import Dataset, Optional
        >>> Optional.from_value(1).get_value().numpy().item()
        1
        >>> bool(iter(Dataset.range(0)).get_next_as_optional().has_value())
        False
    """

    def __init__(self, value: Any, spec: Any, present: bool) -> None:
        self._value, self._spec, self._present = value, spec, present

    @staticmethod
    def from_value(value: Any) -> Optional:
        """The one that holds a nest of tensors."""
        element = element_to_host(value, "value")
        return Optional(to_user(element), spec_of(element), True)

    @staticmethod
    def empty(element_spec: Any) -> Optional:
        """The one that holds nothing, of this spec."""
        return Optional(None, element_spec, False)

    @property
    def element_spec(self) -> Any:
        """The nest of specs of what it may hold."""
        return self._spec

    def has_value(self, name: str | None = None) -> Any:
        """Whether there is a value, a boolean scalar tensor."""
        return Tensor(np.asarray(self._present))

    def get_value(self, name: str | None = None) -> Any:
        """The value; ValueError if there is none."""
        if not self._present:
            raise ValueError(message("The optional has no value.", hint="Ask has_value() first."))
        return self._value


class DatasetIterator:
    """What `iter(dataset)` gives: elements as nests of tensors.

    Args:
        node: The dataset's node.
        convert: Makes of a host element what the user gets.
    """

    def __init__(self, node: Node, convert: Callable = to_user) -> None:
        self._node, self._convert = node, convert
        self._cursor: Cursor = node.start()

    def __iter__(self) -> DatasetIterator:
        return self

    def __next__(self) -> Any:
        return self._convert(self._cursor.next())

    def next(self) -> Any:
        """The next element; StopIteration behind the last one."""
        return self.__next__()

    def get_next(self) -> Any:
        """The next element.

        Raises:
            OutOfRangeError: Behind the last one.
        """
        try:
            return next(self)
        except StopIteration:
            raise OutOfRangeError("End of sequence") from None

    def get_next_as_optional(self) -> Optional:
        """The next element, or its absence behind the last one."""
        try:
            return Optional(next(self), self.element_spec, True)
        except StopIteration:
            return Optional.empty(self.element_spec)

    @property
    def element_spec(self) -> Any:
        """The nest of specs of the elements."""
        return self._node.spec(run=True)

    def get_state(self) -> dict:
        """The position, exactly: of sources, shuffle buffers, random generators and caches.

        Returns:
            A nest of dicts, lists, tuples, numbers, strings, None and NumPy arrays.
        """
        return save(self._node, self._cursor)

    def set_state(self, state: dict) -> None:
        """Go on where `get_state` was called, on an equal pipeline, perhaps in another process.

        Raises:
            ValueError: If the state is that of another pipeline.
        """
        self._cursor = restore(self._node, state)


class NumpyIterator(DatasetIterator):
    """What `as_numpy_iterator` gives: elements as nests of NumPy arrays and scalars, for reading."""

    def __init__(self, node: Node) -> None:
        super().__init__(node, lambda element: _nest.map_leaves(_to_numpy, element))


def _to_numpy(leaf: Any) -> Any:
    if not isinstance(leaf, np.ndarray):
        return NumpyIterator(leaf)
    if not leaf.ndim:
        return leaf[()]
    return frozen(leaf)


def host_elements(node: Node) -> DatasetIterator:
    """An iterator over elements as nests of host arrays, which nobody may write into."""
    return DatasetIterator(node, _unchanged)


def _unchanged(element: Any) -> Any:
    return element
