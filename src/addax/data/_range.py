"""Sources that count: `range`, `counter`, and random integers."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax.core import dtypes
from addax.core.errors import message
from addax.data._node import INFINITE, Cursor, Node
from addax.data._random import Draws, Orders
from addax.data._spec import TensorSpec


class RangeNode(Node):
    """The numbers `start, start + step, ...` before `stop`.

    Args:
        start: The first number.
        stop: The end, not included; None for no end.
        step: The distance.
        dtype: The NumPy dtype of the elements.
    """

    label = "Range"

    def __init__(self, start: int, stop: int | None, step: int = 1, dtype: Any = "int64") -> None:
        self.start_, self.step = start, step
        self.size = None if stop is None else max(0, -((start - stop) // step))
        self.dtype = dtypes.numpy_dtype(dtype)

    @property
    def pure(self) -> bool:
        """See `Node.pure`."""
        return True

    @property
    def vector(self) -> bool:
        """See `Node.vector`."""
        return self.dtype == np.int64

    def cursor(self) -> Cursor:
        """See `Node.cursor`."""
        return _RangeCursor(self)

    def make_spec(self, run: bool) -> Any:
        """See `Node.spec`."""
        return TensorSpec((), self.dtype)

    def cardinality(self) -> int:
        """See `Node.cardinality`."""
        return INFINITE if self.size is None else self.size


class _RangeCursor(Cursor):
    def __init__(self, node: RangeNode) -> None:
        self.node, self.position = node, 0

    def next(self) -> np.ndarray:
        node = self.node
        if node.size is not None and self.position >= node.size:
            raise StopIteration
        self.position += 1
        return np.array(node.start_ + (self.position - 1) * node.step, node.dtype)

    def next_batch(self, count: int) -> np.ndarray:
        node, first = self.node, self.position
        last = first + count if node.size is None else min(first + count, node.size)
        if last <= first:
            raise StopIteration
        self.position = last
        return (np.arange(first, last) * node.step + node.start_).astype(node.dtype, copy=False)

    def get_state(self) -> Any:
        return self.position

    def set_state(self, state: Any) -> None:
        self.position = state


def range_of(args: tuple, output_type: Any = "int64") -> RangeNode:
    """The source of `Dataset.range`.

    Raises:
        ValueError: If there are not one to three bounds, or the step is 0.
    """
    if not 1 <= len(args) <= 3:
        raise ValueError(message("range() takes one to three bounds.", received=f"{len(args)}"))
    bounds = [int(a) for a in args]
    start, stop = (0, bounds[0]) if len(bounds) == 1 else bounds[:2]
    step = bounds[2] if len(bounds) == 3 else 1
    if step == 0:
        raise ValueError(message("The step of range() must not be 0.", received=str(tuple(bounds))))
    return RangeNode(start, stop, step, output_type)


class RandomNode(Node):
    """Random integers from 0 to 2**32 - 1, without end.

    Args:
        seed: The seed.
        rerandomize: Whether each iteration gives other numbers.
    """

    label = "Random"

    def __init__(self, seed: int, rerandomize: bool) -> None:
        self.epochs = Orders(seed, rerandomize)

    def cursor(self) -> Cursor:
        """See `Node.cursor`."""
        return _RandomCursor(self.epochs.start())

    def make_spec(self, run: bool) -> Any:
        """See `Node.spec`."""
        return TensorSpec((), "int64")

    def cardinality(self) -> int:
        """See `Node.cardinality`."""
        return INFINITE


class _RandomCursor(Cursor):
    def __init__(self, draws: Draws) -> None:
        self.draws = draws

    def next(self) -> np.ndarray:
        return self.next_batch(1)[0, ...]

    def next_batch(self, count: int) -> np.ndarray:
        return self.draws.below(2**32, count)

    def get_state(self) -> Any:
        return self.draws.get_state()

    def set_state(self, state: Any) -> None:
        self.draws.set_state(state)
