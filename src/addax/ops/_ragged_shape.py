"""`DynamicRaggedShape`: what `tf.shape` says of a ragged tensor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from addax.core.errors import message
from addax.engine import PaddedRows, Tensor, TensorShape
from addax.engine import _operators as operators
from addax.ops._core import convert_to_tensor
from addax.ops._numpy_create import full
from addax.ops._numpy_shape import broadcast_to
from addax.ops._ragged import RaggedTensor
from addax.ops._ragged_making import take_rows
from addax.ops._rows import row_numbers


class DynamicRaggedShape:
    """The sizes of a ragged tensor, with the length of each row: what `tf.shape` gives of one.

    `tf.zeros`, `tf.ones`, `tf.fill` and `tf.broadcast_to` take it for a shape.

    Attributes:
        rank: The number of dimensions.

    Args:
        splits: The row splits of the ragged dimensions, the outermost first; None for those that are not known.
        rows: The number of rows.
        inner: The sizes behind the ragged dimensions.
        uniform: For each of the ragged dimensions its size, if it has one.

    Example:
        >>> import addax.tf as tf
        >>> shape = tf.shape(tf.ragged.constant([[1, 2], [3]]))
        >>> shape, int(shape[0])
        (<DynamicRaggedShape lengths=[2, (2, 1)] num_row_partitions=1>, 2)
        >>> tf.zeros(shape)
        <tf.RaggedTensor [[0.0, 0.0], [0.0]]>
    """

    def __init__(
        self,
        splits: Sequence[np.ndarray | None],
        rows: int,
        inner: tuple[int, ...],
        uniform: Sequence[int | None] | None = None,
    ) -> None:
        self._splits, self._rows, self._inner = splits, rows, inner
        self._uniform = [None] * len(splits) if uniform is None else list(uniform)

    @classmethod
    def from_tensor(cls, t: Any) -> DynamicRaggedShape:
        """The shape of a ragged tensor, or of another one."""
        if isinstance(t, PaddedRows):
            rows, _, *inner = t.padded.shape
            return cls([None], int(rows), tuple(inner))
        if isinstance(t, RaggedTensor):
            levels = t._levels()
            inner = tuple(t.flat_values.shape[1:])
            return cls(t._all_splits(), len(t), inner, [level.uniform for level in levels])
        return cls([], int(t.shape[0]), tuple(t.shape[1:]))

    @property
    def rank(self) -> int:
        """The number of dimensions."""
        return 1 + len(self._splits) + len(self._inner)

    @property
    def num_row_partitions(self) -> int:
        """The number of dimensions that are split."""
        return len(self._splits)

    @property
    def dtype(self) -> Any:
        """The dtype of the sizes."""
        return self[0].dtype

    @property
    def inner_shape(self) -> Tensor:
        """The shape of the flat values."""
        count = self._rows if not self._splits else int(self._known(len(self._splits) - 1)[-1])
        return Tensor(np.asarray([count, *self._inner], np.int32))

    def _known(self, which: int) -> np.ndarray:
        splits = self._splits[which]
        if splits is None:
            raise TypeError(
                message(
                    "In compiled code, the lengths of rows are known only when it runs.",
                    hint="Only shape[0], and the sizes behind the ragged dimension, are known before.",
                )
            )
        return splits

    def is_uniform(self, axis: int) -> bool:
        """Whether a dimension has one size."""
        return not 1 <= axis <= len(self._splits) or self._uniform[axis - 1] is not None

    def static_lengths(self) -> list:
        """The size of each dimension, a tuple of the rows' lengths for ragged ones."""
        ragged = [
            tuple(np.diff(self._known(i)).tolist()) if size is None else size
            for i, size in enumerate(self._uniform)
        ]
        return [self._rows, *ragged, *self._inner]

    def __getitem__(self, index: Any) -> Any:
        """The size of a dimension that has one; the shape of the first dimensions, for a slice."""
        if isinstance(index, slice):
            return self._first(index)
        axis = int(index) + self.rank if int(index) < 0 else int(index)
        if not 0 <= axis < self.rank:
            raise IndexError(
                message("There is no such dimension.", received=index, expected=f"below {self.rank}")
            )
        if not self.is_uniform(axis):
            raise ValueError(
                message(
                    f"Dimension {axis} has no size: it is ragged.",
                    hint="rt.row_lengths() has the length of each row, rt.bounding_shape() that of the longest.",
                )
            )
        sizes = [self._rows, *self._uniform, *self._inner]
        return Tensor(np.asarray(sizes[axis], np.int32))

    def _first(self, part: slice) -> DynamicRaggedShape:
        if part.start not in (None, 0) or part.step not in (None, 1):
            raise ValueError(message("A slice of a ragged shape begins at 0.", received=part))
        count = len(range(self.rank)[part])
        splits = self._splits[: max(0, count - 1)]
        inner = self._inner[: max(0, count - 1 - len(self._splits))]
        return DynamicRaggedShape(splits, self._rows, inner, self._uniform[: len(splits)])

    def __addax_op__(self, op: Any, args: tuple, kwargs: dict) -> Any:
        """What making a tensor of this shape means."""
        bound = op.signature.bind(*args, **kwargs)
        bound.apply_defaults()
        given = bound.arguments
        if op.name == "full":
            values = full(self._flat(), given["fill_value"], given["dtype"])
            return self._ragged(values)
        if op.name == "broadcast_to":
            return self._spread(convert_to_tensor(given["x"]))
        raise TypeError(
            message(
                f"{op.name}() takes no shape of a ragged tensor.",
                received=repr(self),
                hint="Make the values of shape rt.flat_values.shape, and put them in by rt.with_flat_values().",
            )
        )

    def _flat(self) -> tuple[int, ...]:
        return tuple(np.asarray(self.inner_shape).tolist())

    def _ragged(self, values: Any) -> Any:
        for i, size in reversed(list(enumerate(self._uniform))):
            values = RaggedTensor(values, self._known(i), size)
        return values

    def _spread(self, x: Any) -> Any:
        """A tensor that broadcasts to this shape: within the rows, or with a size of 1 for each row."""
        if len(x.shape) <= len(self._inner):
            return self._ragged(broadcast_to(x, self._flat()))
        if len(self._splits) != 1 or len(x.shape) != self.rank or x.shape[1] != 1:
            raise ValueError(
                message("This does not broadcast to a ragged shape.", expected=repr(self), received=x.shape)
            )
        rows = row_numbers(self._known(0))
        rows = np.zeros_like(rows) if x.shape[0] == 1 else rows
        found = take_rows(operators.reshape(x, (x.shape[0], *x.shape[2:])), rows)
        return self._ragged(broadcast_to(found, self._flat()))

    def __eq__(self, other: Any) -> bool:
        if isinstance(other, DynamicRaggedShape):
            return self.static_lengths() == other.static_lengths()
        return NotImplemented

    def __hash__(self) -> int:
        return hash((self._rows, self._inner, len(self._splits)))

    def _to_tensor_shape(self) -> TensorShape:
        return TensorShape([self._rows, *self._uniform, *self._inner])

    def __repr__(self) -> str:
        ragged = any(splits is None for splits in self._splits)
        lengths = list(self._to_tensor_shape()) if ragged else self.static_lengths()
        return f"<DynamicRaggedShape lengths={lengths} num_row_partitions={len(self._splits)}>"
