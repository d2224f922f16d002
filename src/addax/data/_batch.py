"""`batch`, `unbatch` and `rebatch`: consecutive elements in one array, and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from addax.core.errors import message
from addax.data import _nest
from addax.data._element import has_rows_of_its_own, leaf_length, length, part, ragged_stack, row, rows, stack
from addax.data._node import UNKNOWN_SIZE, Cursor, Node, Positional, Transformation, pull, read
from addax.data._spec import UNKNOWN, RaggedTensorSpec, batched, unbatched
from addax.engine import Tensor, TensorShape
from addax.ops._ragged import RaggedTensor
from addax.ops._sparse import SparseTensor


class BatchNode(Positional):
    """Stacks of `size` consecutive elements.

    Args:
        node: The input.
        size: Elements a batch.
        drop_remainder: Whether a last batch of fewer elements is left out.
    """

    label = "Batch"

    def __init__(self, node: Node, size: int, drop_remainder: bool) -> None:
        self.inputs = (node,)
        self.size, self.drop_remainder = size, drop_remainder

    def cursor(self) -> Cursor:
        """See `Node.cursor`."""
        spec = self.input.spec()
        if spec is not UNKNOWN and any(isinstance(leaf, RaggedTensorSpec) for leaf in _nest.flatten(spec)):
            return _RaggedBatch(self, lambda leaf: isinstance(leaf, RaggedTensorSpec))
        return _Batch(self.input.start(), self.size, self.drop_remainder)

    @property
    def vector(self) -> bool:
        """See `Node.vector`."""
        return False

    def make_spec(self, run: bool) -> Any:
        """See `Node.spec`."""
        spec = self.input.spec(run)
        return UNKNOWN if spec is UNKNOWN else batched(spec, self.size if self.drop_remainder else None)

    def sample(self) -> Any:
        """See `Node.sample`."""
        return Node.sample(self)

    def cardinality(self) -> int:
        """See `Node.cardinality`."""
        return batches(self.input.cardinality(), self.size, self.drop_remainder)


def batches(size: int, batch_size: int, drop_remainder: bool) -> int:
    """The number of batches of `size` elements (or what stands for it)."""
    if size < 0:
        return size
    return size // batch_size if drop_remainder else -(-size // batch_size)


class _Batch(Cursor):
    def __init__(self, child: Cursor, size: int, drop_remainder: bool) -> None:
        self.child, self.size, self.drop_remainder = child, size, drop_remainder

    def next(self) -> Any:
        block = read(self.child, self.size)
        if block is None or (self.drop_remainder and length(block) < self.size):
            raise StopIteration
        return block

    def get_state(self) -> Any:
        return self.child.get_state()

    def set_state(self, state: Any) -> None:
        self.child.set_state(state)


def sparse_row(tensor: Any, sizes: TensorShape) -> SparseTensor:
    """All numbers of a tensor as a sparse one of a shape that it fits into.

    Raises:
        ValueError: If it does not fit.
    """
    array = np.asarray(tensor)
    fits = len(sizes) == array.ndim and all(
        d is None or n <= d for n, d in zip(array.shape, sizes, strict=True)
    )
    if not fits:
        raise ValueError(
            message(
                "An element does not fit into the row_shape of sparse_batch().",
                expected=sizes,
                received=array.shape,
            )
        )
    shape = [n if d is None else d for n, d in zip(array.shape, sizes, strict=True)]
    return SparseTensor(np.argwhere(np.ones(array.shape, bool)), Tensor(array.reshape(-1)), shape)


class RaggedBatchNode(Transformation):
    """Batches of elements whose shapes differ, as ragged tensors; those of one shape are stacked.

    Args:
        node: The input.
        size: Elements a batch.
        drop_remainder: Whether a last batch of fewer elements is left out.
    """

    label = "RaggedBatch"

    def __init__(self, node: Node, size: int, drop_remainder: bool) -> None:
        self.inputs = (node,)
        self.size, self.drop_remainder = size, drop_remainder

    def cursor(self) -> Cursor:
        """See `Node.cursor`."""
        return _RaggedBatch(self, _is_ragged)

    def make_spec(self, run: bool) -> Any:
        """See `Node.spec`."""
        spec = self.input.spec(run)
        if spec is UNKNOWN:
            return UNKNOWN
        size = self.size if self.drop_remainder else None
        return _nest.map_leaves(lambda leaf: _ragged_spec(leaf, size), spec)

    def cardinality(self) -> int:
        """See `Node.cardinality`."""
        return batches(self.input.cardinality(), self.size, self.drop_remainder)


def _is_ragged(leaf: Any) -> bool:
    return hasattr(leaf, "ragged_rank") or leaf.shape is None or None in leaf.shape


def _ragged_spec(leaf: Any, size: int | None) -> Any:
    if not _is_ragged(leaf):
        return batched(leaf, size)
    shape = None if leaf.shape is None else [size, *leaf.shape]
    if hasattr(leaf, "ragged_rank"):
        return RaggedTensorSpec(shape, leaf.dtype, leaf.ragged_rank + 1)
    rank = 1 if leaf.shape is None else 1 + max(i for i, d in enumerate(leaf.shape) if d is None)
    return RaggedTensorSpec(shape, leaf.dtype, rank)


class _RaggedBatch(Cursor):
    def __init__(self, node: Any, is_ragged: Callable[[Any], bool]) -> None:
        self.node, self.is_ragged = node, is_ragged
        self.child = node.input.start()

    def next(self) -> Any:
        elements = pull(self.child, self.node.size)
        if self.node.drop_remainder and len(elements) < self.node.size:
            raise StopIteration
        specs = _nest.flatten(self.node.input.spec(run=True))
        columns = zip(*(_nest.flatten(element) for element in elements), strict=True)
        leaves = [
            _ragged(list(column)) if self.is_ragged(spec) else stack(list(column))
            for column, spec in zip(columns, specs, strict=True)
        ]
        return _nest.pack(elements[0], leaves)

    def get_state(self) -> Any:
        return self.child.get_state()

    def set_state(self, state: Any) -> None:
        self.child.set_state(state)


def _ragged(rows: list) -> Any:
    """Rows as a ragged tensor, of which only the dimensions are ragged that differ."""
    if (
        all(isinstance(row, np.ndarray) and row.ndim for row in rows)
        and len({row.shape[1:] for row in rows}) == 1
    ):
        return RaggedTensor.from_row_lengths(
            Tensor(np.concatenate(rows)), list(map(len, rows)), validate=False
        )
    return ragged_stack(rows)


class UnbatchNode(Transformation):
    """The rows of each element."""

    label = "Unbatch"

    def __init__(self, node: Node) -> None:
        self.inputs = (node,)

    def cursor(self) -> Cursor:
        """See `Node.cursor`."""
        return _Unbatch(self.input.start())

    @property
    def pure(self) -> bool:
        """See `Node.pure`."""
        return self.input.pure

    def make_spec(self, run: bool) -> Any:
        """See `Node.spec`."""
        spec = self.input.spec(run)
        return UNKNOWN if spec is UNKNOWN else unbatched(spec)

    def cardinality(self) -> int:
        """See `Node.cardinality`."""
        size, spec = self.input.cardinality(), self.input.spec()
        if size < 0:
            return size
        known = [leaf.shape[0] for leaf in _nest.flatten(spec) if leaf.shape] if spec is not UNKNOWN else []
        rows = next((n for n in known if n is not None), None)
        return UNKNOWN_SIZE if rows is None else size * rows


class _Unbatch(Cursor):
    def __init__(self, child: Cursor) -> None:
        self.child = child
        self.block: Any = None
        self.rows: list | None = None  # those of a block that is not made of arrays alone
        self.position = self.size = 0

    def _fill(self) -> None:
        while self.position >= self.size:
            self._take(self.child.next(), 0)

    def _take(self, block: Any, position: int) -> None:
        leaves = _nest.flatten(block)
        counts = set(map(leaf_length, leaves))
        if counts != {max(counts)} or -1 in counts:
            pairs = zip(_nest.paths(block), leaves, strict=True)
            shapes = ", ".join(f"{p}: {getattr(x, 'shape', type(x).__name__)}" for p, x in pairs)
            raise ValueError(
                message(
                    "unbatch() cannot take this element apart.",
                    expected="components with the same first dimension",
                    received=f"shapes {shapes}",
                )
            )
        self.block, self.position, self.size = block, position, counts.pop()
        self.rows = rows(block) if has_rows_of_its_own(block) else None

    def next(self) -> Any:
        self._fill()
        self.position += 1
        number = self.position - 1
        return row(self.block, number) if self.rows is None else self.rows[number]

    def next_batch(self, count: int) -> Any:
        self._fill()
        first, self.position = self.position, min(self.position + count, self.size)
        return part(self.block, first, self.position)

    def get_state(self) -> Any:
        rest = None if self.position >= self.size else part(self.block, self.position)
        return {"rest": rest, "input": self.child.get_state()}

    def set_state(self, state: Any) -> None:
        self.position = self.size = 0
        if state["rest"] is not None:
            self._take(state["rest"], 0)
        self.child.set_state(state["input"])


class RebatchNode(Transformation):
    """Batches of other sizes, by turns.

    Args:
        node: The input, of batches.
        sizes: The sizes, taken in turn.
        drop_remainder: Whether a last batch that is too small is left out.
    """

    label = "Rebatch"

    def __init__(self, node: Node, sizes: list[int], drop_remainder: bool) -> None:
        self.inputs = (node,)
        self.sizes, self.drop_remainder = sizes, drop_remainder

    def cursor(self) -> Cursor:
        """See `Node.cursor`."""
        return _Rebatch(_Unbatch(self.input.start()), self.sizes, self.drop_remainder)

    def make_spec(self, run: bool) -> Any:
        """See `Node.spec`."""
        spec = self.input.spec(run)
        known = self.drop_remainder and len(set(self.sizes)) == 1
        return UNKNOWN if spec is UNKNOWN else batched(unbatched(spec), self.sizes[0] if known else None)

    def cardinality(self) -> int:
        """See `Node.cardinality`."""
        return UNKNOWN_SIZE


class _Rebatch(Cursor):
    def __init__(self, child: Cursor, sizes: list[int], drop_remainder: bool) -> None:
        self.child, self.sizes, self.drop_remainder = child, sizes, drop_remainder
        self.turn = 0

    def next(self) -> Any:
        size = self.sizes[self.turn % len(self.sizes)]
        block = read(self.child, size)
        if block is None or (self.drop_remainder and length(block) < size):
            raise StopIteration
        self.turn += 1
        return block

    def get_state(self) -> Any:
        return {"turn": self.turn, "input": self.child.get_state()}

    def set_state(self, state: Any) -> None:
        self.turn = state["turn"]
        self.child.set_state(state["input"])
