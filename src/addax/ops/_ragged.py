"""`RaggedTensor`: rows of unequal length, as one tensor of values and the places where rows begin.

The splits are NumPy arrays on the host: what has which length is known before anything is computed, and compiled code
has it as a constant. The values are a tensor like any other, or ragged themselves.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from addax.core import dtypes
from addax.core.errors import message
from addax.engine import Tensor, TensorShape
from addax.ops._core import convert_to_tensor
from addax.ops._ragged_making import RaggedMaking, length_of, reshaped
from addax.ops._rows import host_integers, row_numbers


class RaggedTensor(RaggedMaking):
    """A tensor with dimensions whose size differs from row to row; public as `tf.RaggedTensor`.

    Made by `tf.ragged.constant`, or by the class methods `from_*`. Operations that work element by element take ragged
    tensors with the same rows, and numbers and tensors that broadcast; reductions take them too.

    Args:
        values: The rows one behind the other; programs call the class methods.
        splits: Where rows begin and end, an int64 array.
        uniform: The length of all rows, if they have one.

    Attributes:
        values: The rows one behind the other: a tensor of shape `(values, ...)`, or a ragged tensor.

    Example:
        >>> import addax.tf as tf
        >>> rt = tf.RaggedTensor.from_row_lengths([3, 1, 4, 1, 5], [2, 0, 3])
        >>> rt
        <tf.RaggedTensor [[3, 1], [], [4, 1, 5]]>
        >>> tf.reduce_sum(rt * 2, axis=1).numpy()
        array([ 8,  0, 20], dtype=int32)
    """

    __array_priority__ = 200

    # Compiled code takes it apart; the rows are part of the form, so that other rows are traced anew.
    def _parts(self) -> tuple[tuple, Any]:
        rows = [(tuple(level._splits.tolist()), level.uniform) for level in self._levels()]
        return (self.flat_values,), tuple(rows)

    @classmethod
    def _from_parts(cls, parts: tuple, rest: Any) -> RaggedTensor:
        found = parts[0]
        for splits, uniform in reversed(rest):
            found = cls(found, np.asarray(splits, np.int64), uniform)
        return found

    def __addax_op__(self, op: Any, args: tuple, kwargs: dict) -> Any:
        """What an operation means that gets this among its arguments."""
        from addax.ops._ragged_math import apply

        return apply(op, args, kwargs)

    # What it is ------------------------------------------------------------------------------------------
    def _levels(self) -> list[RaggedTensor]:
        """Itself and the ragged tensors in its values, the outermost first."""
        return [self, *(self.values._levels() if isinstance(self.values, RaggedTensor) else ())]

    def _all_splits(self) -> list[np.ndarray]:
        return [level._splits for level in self._levels()]

    @property
    def flat_values(self) -> Any:
        """The innermost values, a tensor."""
        return self.values.flat_values if isinstance(self.values, RaggedTensor) else self.values

    @property
    def row_splits(self) -> Tensor:
        """Where rows begin, and where the last one ends: int64 of shape `(rows + 1,)`."""
        return Tensor(self._splits)

    @property
    def nested_row_splits(self) -> tuple[Tensor, ...]:
        """The splits of all ragged dimensions, the outermost first."""
        return tuple(Tensor(splits) for splits in self._all_splits())

    @property
    def ragged_rank(self) -> int:
        """The number of dimensions that are split."""
        return len(self._all_splits())

    @property
    def dtype(self) -> dtypes.DType:
        """The dtype of the values."""
        return self.flat_values.dtype

    @property
    def shape(self) -> TensorShape:
        """The static shape: None for ragged dimensions, unless their rows were said to have one length."""
        return TensorShape([len(self), self.uniform, *self.values.shape[1:]])

    @property
    def uniform_row_length(self) -> Any:
        """The length of all rows if they were said to have one, else None."""
        return None if self.uniform is None else Tensor(np.asarray(self.uniform, np.int64))

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return len(self.shape)

    @property
    def _type_spec(self) -> Any:
        from addax.ops._composite_specs import RaggedTensorSpec

        return RaggedTensorSpec.from_value(self)

    def get_shape(self) -> TensorShape:
        """The static shape."""
        return self.shape

    def nrows(self, out_type: Any = None, name: str | None = None) -> Tensor:
        """The number of rows.

        Args:
            out_type: Accepted for TensorFlow's sake: int64.
            name: Accepted for TensorFlow's sake.
        """
        return Tensor(np.asarray(len(self._splits) - 1, np.int64))

    def row_lengths(self, axis: int = 1, name: str | None = None) -> Any:
        """The lengths of the rows; those of inner rows, ragged, for a later axis."""
        if axis == 0:
            return self.nrows()
        if axis > 1:
            return self.with_values(self.values.row_lengths(axis - 1))
        return Tensor(np.diff(self._splits))

    def row_starts(self, name: str | None = None) -> Tensor:
        """Where rows begin."""
        return Tensor(self._splits[:-1])

    def row_limits(self, name: str | None = None) -> Tensor:
        """Where rows end."""
        return Tensor(self._splits[1:])

    def value_rowids(self, name: str | None = None) -> Tensor:
        """For each value the number of its row."""
        return Tensor(row_numbers(self._splits))

    def nested_row_lengths(self, name: str | None = None) -> tuple[Tensor, ...]:
        """The lengths in all ragged dimensions, the outermost first."""
        return tuple(Tensor(np.diff(splits)) for splits in self._all_splits())

    def nested_value_rowids(self, name: str | None = None) -> tuple[Tensor, ...]:
        """The row numbers in all ragged dimensions, the outermost first."""
        return tuple(Tensor(row_numbers(splits)) for splits in self._all_splits())

    def bounding_shape(self, axis: Any = None, name: str | None = None, out_type: Any = None) -> Tensor:
        """The shape of the smallest dense tensor that holds it; or some of its sizes.

        Args:
            out_type: Accepted for TensorFlow's sake: int64.
            axis: The axis or axes; all if None.
            name: Accepted for TensorFlow's sake.
        """
        sizes = [len(self._splits) - 1, int(np.diff(self._splits).max(initial=0))]
        inner = self.values
        sizes += (
            host_integers(inner.bounding_shape(), "shape").tolist()[1:]
            if isinstance(inner, RaggedTensor)
            else list(inner.shape[1:])
        )
        found = np.asarray(sizes, np.int64)
        return Tensor(found if axis is None else found[axis])

    # Other forms -----------------------------------------------------------------------------------------
    def with_values(self, new_values: Any) -> RaggedTensor:
        """The same rows of other values, of the same number."""
        new_values = new_values if isinstance(new_values, RaggedTensor) else convert_to_tensor(new_values)
        if length_of(new_values) != int(self._splits[-1]):
            raise ValueError(
                message(
                    "Other values for a ragged tensor have to be as many.",
                    expected=f"{int(self._splits[-1])}",
                    received=f"{length_of(new_values)}",
                )
            )
        return RaggedTensor(new_values, self._splits, self.uniform)

    def with_flat_values(self, new_values: Any) -> RaggedTensor:
        """The same rows, in all dimensions, of other innermost values."""
        inner = self.values
        return self.with_values(
            inner.with_flat_values(new_values) if isinstance(inner, RaggedTensor) else new_values
        )

    def with_row_splits_dtype(self, dtype: Any) -> RaggedTensor:
        """Itself: splits are int64 on the host."""
        return self

    def merge_dims(self, outer_axis: int, inner_axis: int) -> Any:
        """The dimensions from one axis to another joined into one.

        Args:
            outer_axis: The first one.
            inner_axis: The last one.

        Raises:
            ValueError: If they are no axes in this order.
        """
        rank = self.ndim
        outer, inner = (axis + rank if axis < 0 else axis for axis in (outer_axis, inner_axis))
        if not 0 <= outer < inner < rank:
            raise ValueError(
                message("merge_dims() needs an outer, then an inner axis.", received=(outer_axis, inner_axis))
            )
        found: Any = self
        for _ in range(inner - outer):
            found = _merged(found, outer)
        return found

    def to_tensor(self, default_value: Any = None, name: str | None = None, shape: Any = None) -> Tensor:
        """A dense tensor, rows filled up.

        Args:
            default_value: What fills them up; 0 or the empty string if None.
            name: Accepted for TensorFlow's sake.
            shape: The shape wanted, None where the longest row decides; what is longer is cut.
        """
        from addax.ops._ragged_dense import to_dense

        return to_dense(self, default_value, shape)

    def to_sparse(self, name: str | None = None) -> Any:
        """A `SparseTensor` of the values."""
        from addax.ops._ragged_dense import to_sparse

        return to_sparse(self)

    def to_list(self) -> list:
        """Nested lists of Python values."""
        return self._nested(lambda values: np.asarray(values).tolist())

    def _nested(self, convert: Any) -> list:
        values = (
            self.values._nested(convert) if isinstance(self.values, RaggedTensor) else convert(self.values)
        )
        return [values[a:b] for a, b in zip(self._splits[:-1], self._splits[1:], strict=True)]

    def numpy(self) -> np.ndarray:
        """A NumPy array if all rows are of one length, else an object array of the rows' arrays."""
        rows = [row.numpy() if isinstance(row, RaggedTensor) else np.asarray(row) for row in self]
        if not rows:
            return np.zeros((0, 0), dtypes.numpy_dtype(self.dtype))
        if len({row.shape for row in rows}) == 1 and rows[0].dtype != object:
            return np.stack(rows)
        out = np.empty(len(rows), object)
        for i, row in enumerate(rows):
            out[i] = row
        return out

    # Python ----------------------------------------------------------------------------------------------
    def __iter__(self) -> Any:
        return (self[i] for i in range(len(self)))

    def __getitem__(self, key: Any) -> Any:
        from addax.ops._ragged_index import item

        return item(self, key)

    def __bool__(self) -> bool:
        raise TypeError(message("The truth of a ragged tensor is not defined.", hint="tf.reduce_any(rt)"))

    def __repr__(self) -> str:
        try:
            return f"<tf.RaggedTensor {_text(self._nested(np.asarray))}>"
        except TypeError:  # the values are being traced
            return f"tf.RaggedTensor(values={self.values}, row_splits={self._splits.tolist()})"

    __hash__ = object.__hash__


def _text(value: Any) -> str:
    if isinstance(value, (list, np.ndarray)):
        return "[" + ", ".join(_text(v) for v in value) + "]"
    return repr(value) if isinstance(value, (bytes, str)) else str(value)


def _merged(found: Any, axis: int) -> Any:
    """An axis joined with the next one."""
    if not isinstance(found, RaggedTensor):
        return _flat(found, axis)
    inner = found.values
    if axis == 0:
        return inner
    if axis > 1:
        return found.with_values(_merged(inner, axis - 1))
    if isinstance(inner, RaggedTensor):
        return RaggedTensor(inner.values, inner._splits[found._splits])
    return RaggedTensor(_flat(inner, 0), found._splits * inner.shape[1])


def _flat(tensor: Tensor, axis: int) -> Tensor:
    shape = list(tensor.shape)
    shape[axis : axis + 2] = [shape[axis] * shape[axis + 1]]
    return reshaped(tensor, tuple(shape))
