"""`RaggedTensor`: rows of unequal length, as one tensor of values and the places where rows begin.

The splits are NumPy arrays on the host: what has which length is known before anything is computed, and compiled code
has it as a constant. The values are a tensor like any other, or ragged themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from addax.core import dtypes
from addax.core.errors import message
from addax.engine import Composite, Tensor, TensorShape
from addax.engine import _operators as operators
from addax.ops._core import convert_to_tensor
from addax.ops._rows import host_integers, places_in_rows, row_numbers, spans, splits_of


class RaggedTensor(Composite):
    """A tensor with dimensions whose size differs from row to row; public as `tf.RaggedTensor`.

    Made by `tf.ragged.constant`, or by the class methods `from_*`. Operations that work element by element take ragged
    tensors with the same rows, and numbers and tensors that broadcast; reductions take them too.

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

    def __init__(self, values: Any, splits: np.ndarray) -> None:
        self.values, self._splits = values, splits

    # Compiled code takes it apart; the rows are part of the form, so that other rows are traced anew.
    def _parts(self) -> tuple[tuple, Any]:
        return (self.flat_values,), tuple(tuple(s.tolist()) for s in self._all_splits())

    @classmethod
    def _from_parts(cls, parts: tuple, rest: Any) -> RaggedTensor:
        return cls.from_nested_row_splits(parts[0], [np.asarray(s, np.int64) for s in rest], validate=False)

    def __addax_op__(self, op: Any, args: tuple, kwargs: dict) -> Any:
        """What an operation means that gets this among its arguments."""
        from addax.ops._ragged_ops import apply

        return apply(op, args, kwargs)

    # Making ----------------------------------------------------------------------------------------------
    @classmethod
    def from_row_splits(
        cls, values: Any, row_splits: Any, name: str | None = None, validate: bool = True
    ) -> RaggedTensor:
        """Rows `values[row_splits[i]:row_splits[i + 1]]`.

        Args:
            values: A tensor of rank 1 or more, or a ragged tensor.
            row_splits: Rising integers from 0 to the number of values.
            name: Accepted for TensorFlow's sake.
            validate: Whether the splits are checked.

        Raises:
            ValueError: If they are no such splits.
        """
        values = values if isinstance(values, RaggedTensor) else convert_to_tensor(values)
        splits = host_integers(row_splits, "row_splits").reshape(-1)
        if validate:
            _check_splits(splits, _length(values))
        return cls(values, splits)

    @classmethod
    def from_row_lengths(
        cls, values: Any, row_lengths: Any, name: str | None = None, validate: bool = True
    ) -> RaggedTensor:
        """Rows of these lengths.

        Args:
            values: A tensor of rank 1 or more, or a ragged tensor.
            row_lengths: Integers from 0 on, whose sum is the number of values.
            name: Accepted for TensorFlow's sake.
            validate: Whether they are checked.
        """
        return cls.from_row_splits(
            values, splits_of(host_integers(row_lengths, "row_lengths")), None, validate
        )

    @classmethod
    def from_row_starts(
        cls, values: Any, row_starts: Any, name: str | None = None, validate: bool = True
    ) -> RaggedTensor:
        """Rows that begin at these places, the first one at 0.

        Args:
            values: A tensor of rank 1 or more, or a ragged tensor.
            row_starts: Rising integers.
            name: Accepted for TensorFlow's sake.
            validate: Whether they are checked.
        """
        values = values if isinstance(values, RaggedTensor) else convert_to_tensor(values)
        splits = np.append(host_integers(row_starts, "row_starts"), _length(values))
        return cls.from_row_splits(values, splits, None, validate)

    @classmethod
    def from_row_limits(
        cls, values: Any, row_limits: Any, name: str | None = None, validate: bool = True
    ) -> RaggedTensor:
        """Rows that end before these places.

        Args:
            values: A tensor of rank 1 or more, or a ragged tensor.
            row_limits: Rising integers.
            name: Accepted for TensorFlow's sake.
            validate: Whether they are checked.
        """
        limits = host_integers(row_limits, "row_limits")
        return cls.from_row_splits(values, np.concatenate([np.zeros(1, np.int64), limits]), None, validate)

    @classmethod
    def from_value_rowids(
        cls, values: Any, value_rowids: Any, nrows: Any = None, name: str | None = None, validate: bool = True
    ) -> RaggedTensor:
        """Rows by the number of the row of each value.

        Args:
            values: A tensor of rank 1 or more, or a ragged tensor.
            value_rowids: Rising integers, one for each value.
            nrows: The number of rows; one more than the last number if None.
            name: Accepted for TensorFlow's sake.
            validate: Whether they are checked.

        Raises:
            ValueError: If they do not rise, or there are not enough rows.
        """
        numbers = host_integers(value_rowids, "value_rowids")
        count = int(numbers[-1]) + 1 if nrows is None and len(numbers) else int(nrows or 0)
        if (
            validate
            and len(numbers)
            and ((np.diff(numbers) < 0).any() or numbers[0] < 0 or numbers[-1] >= count)
        ):
            raise ValueError(
                message(
                    "value_rowids are no rows of values.",
                    expected=f"rising integers below {count}",
                    received=value_rowids,
                )
            )
        return cls.from_row_lengths(values, np.bincount(numbers, minlength=count), None, validate)

    @classmethod
    def from_uniform_row_length(
        cls,
        values: Any,
        uniform_row_length: Any,
        nrows: Any = None,
        name: str | None = None,
        validate: bool = True,
    ) -> RaggedTensor:
        """Rows of one length.

        Args:
            values: A tensor of rank 1 or more, or a ragged tensor.
            uniform_row_length: The length.
            nrows: The number of rows, needed only if the length is 0.
            name: Accepted for TensorFlow's sake.
            validate: Whether the values fill the rows.
        """
        values = values if isinstance(values, RaggedTensor) else convert_to_tensor(values)
        length = int(uniform_row_length)
        count = int(nrows) if nrows is not None else _length(values) // length if length else 0
        found = cls.from_row_lengths(values, np.full(count, length, np.int64), None, validate)
        found.uniform = True
        return found

    @classmethod
    def from_nested_row_splits(
        cls, flat_values: Any, nested_row_splits: Sequence, name: str | None = None, validate: bool = True
    ) -> RaggedTensor:
        """Rows of rows: the splits of the outermost dimension first.

        Args:
            flat_values: A tensor.
            nested_row_splits: A list of splits, see `from_row_splits`.
            name: Accepted for TensorFlow's sake.
            validate: Whether they are checked.
        """
        found = flat_values
        for splits in reversed(list(nested_row_splits)):
            found = cls.from_row_splits(found, splits, None, validate)
        return found

    @classmethod
    def from_nested_row_lengths(
        cls, flat_values: Any, nested_row_lengths: Sequence, name: str | None = None, validate: bool = True
    ) -> RaggedTensor:
        """Rows of rows: the lengths of the outermost dimension first.

        Args:
            flat_values: A tensor.
            nested_row_lengths: A list of lengths, see `from_row_lengths`.
            name: Accepted for TensorFlow's sake.
            validate: Whether they are checked.
        """
        splits = [splits_of(host_integers(lengths, "row_lengths")) for lengths in nested_row_lengths]
        return cls.from_nested_row_splits(flat_values, splits, None, validate)

    @classmethod
    def from_nested_value_rowids(
        cls,
        flat_values: Any,
        nested_value_rowids: Sequence,
        nested_nrows: Any = None,
        name: str | None = None,
        validate: bool = True,
    ) -> RaggedTensor:
        """Rows of rows, by row numbers, of the outermost dimension first. See `from_value_rowids`.

        Args:
            flat_values: A tensor.
            nested_value_rowids: A list of row numbers.
            nested_nrows: A list of numbers of rows, or None.
            name: Accepted for TensorFlow's sake.
            validate: Whether they are checked.
        """
        counts = [None] * len(nested_value_rowids) if nested_nrows is None else list(nested_nrows)
        found = flat_values
        for numbers, count in reversed(list(zip(nested_value_rowids, counts, strict=True))):
            found = cls.from_value_rowids(found, numbers, count, None, validate)
        return found

    @classmethod
    def from_tensor(
        cls,
        tensor: Any,
        lengths: Any = None,
        padding: Any = None,
        ragged_rank: int = 1,
        name: str | None = None,
        row_splits_dtype: Any = "int64",
    ) -> RaggedTensor:
        """The rows of a dense tensor, whole or cut.

        Args:
            tensor: A tensor of rank 2 or more.
            lengths: How much of each row counts; a list of such for `ragged_rank` nested dimensions.
            padding: A value that does not count at the ends of rows, in place of `lengths`.
            ragged_rank: How many dimensions become ragged.
            name: Accepted for TensorFlow's sake.
            row_splits_dtype: Accepted for TensorFlow's sake.

        Raises:
            ValueError: If both `lengths` and `padding` are given.
        """
        tensor = convert_to_tensor(tensor)
        if lengths is not None and padding is not None:
            raise ValueError(message("Give lengths or padding, not both."))
        if isinstance(lengths, (list, tuple)) and lengths and np.ndim(lengths[0]) == 1:
            found = cls.from_tensor(tensor, ragged_rank=len(lengths))
            nested = cls.from_nested_row_lengths(convert_to_tensor(np.zeros(_total(lengths))), lengths)
            return _cut_to(found, nested)
        if ragged_rank > 1:
            rows, width = tensor.shape[0], tensor.shape[1]
            inner = cls.from_tensor(
                operators.reshape(tensor, (rows * width, *tensor.shape[2:])),
                lengths,
                padding,
                ragged_rank - 1,
            )
            return cls.from_uniform_row_length(inner, width, rows)
        rows, width = tensor.shape[0], tensor.shape[1]
        flat = _reshaped(tensor, (rows * width, *tensor.shape[2:]))
        if padding is not None:
            same = np.asarray(tensor) == np.asarray(convert_to_tensor(padding))
            same = same.reshape(rows, width, -1).all(-1)
            lengths = np.where(same.all(1), 0, _last_false(same) + 1)
        if lengths is None:
            return cls.from_uniform_row_length(flat, width, rows)
        counts = np.minimum(host_integers(lengths, "lengths"), width)
        return cls(take_rows(flat, spans(np.arange(rows) * width, counts)), splits_of(counts))

    @classmethod
    def from_sparse(
        cls, st_input: Any, name: str | None = None, row_splits_dtype: Any = "int64"
    ) -> RaggedTensor:
        """The values of a sparse tensor of rank 2 whose rows have no gaps.

        Args:
            st_input: A `SparseTensor`.
            name: Accepted for TensorFlow's sake.
            row_splits_dtype: Accepted for TensorFlow's sake.

        Raises:
            ValueError: If a row has a gap, or the rank is not 2.
        """
        indices = host_integers(st_input.indices, "indices")
        if indices.shape[-1] != 2:
            raise ValueError(message("from_sparse() takes rank 2.", received=f"rank {indices.shape[-1]}"))
        rows = int(host_integers(st_input.dense_shape, "dense_shape")[0])
        found = cls.from_value_rowids(st_input.values, indices[:, 0], rows)
        if not np.array_equal(places_in_rows(found._splits), indices[:, 1]):
            raise ValueError(
                message("The sparse tensor has gaps: its rows cannot become rows of a ragged tensor.")
            )
        return found

    # What it is ------------------------------------------------------------------------------------------
    def _all_splits(self) -> list[np.ndarray]:
        inner = self.values._all_splits() if isinstance(self.values, RaggedTensor) else []
        return [self._splits, *inner]

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
        """The static shape: None where rows differ in length."""
        lengths = np.diff(self._splits)
        same = len(lengths) > 0 and (lengths == lengths[0]).all() and self.uniform
        inner = self.values.shape[1:]
        return TensorShape([len(lengths), int(lengths[0]) if same else None, *inner])

    uniform = False  # whether the rows were said to have one length

    @property
    def uniform_row_length(self) -> Any:
        """The length of all rows if they were said to have one, else None."""
        return Tensor(np.asarray(self.shape[1], np.int64)) if self.shape[1] is not None else None

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return len(self.shape)

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
        if _length(new_values) != int(self._splits[-1]):
            raise ValueError(
                message(
                    "Other values for a ragged tensor have to be as many.",
                    expected=f"{int(self._splits[-1])}",
                    received=f"{_length(new_values)}",
                )
            )
        found = RaggedTensor(new_values, self._splits)
        found.uniform = self.uniform
        return found

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
    def __len__(self) -> int:
        return len(self._splits) - 1

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


def _length(values: Any) -> int:
    return len(values) if isinstance(values, RaggedTensor) else int(values.shape[0])


def _total(nested: Sequence) -> int:
    return int(np.sum(nested[-1]))


def _check_splits(splits: np.ndarray, count: int) -> None:
    if not len(splits) or splits[0] != 0 or (np.diff(splits) < 0).any() or splits[-1] != count:
        raise ValueError(
            message(
                "The rows do not fit the values.",
                expected=f"row splits that rise from 0 to {count}, the number of values",
                received=splits.tolist(),
            )
        )


def _reshaped(tensor: Tensor, shape: tuple) -> Tensor:
    if tensor.dtype == "string":
        return Tensor(np.asarray(tensor).reshape(shape))
    return operators.reshape(tensor, shape)


def _last_false(same: np.ndarray) -> np.ndarray:
    """For each row of booleans the last place that is false."""
    return same.shape[1] - 1 - np.argmin(same[:, ::-1], axis=1)


def _cut_to(found: RaggedTensor, wanted: RaggedTensor) -> RaggedTensor:
    """The first values of each row, as many as another ragged tensor has."""
    if not isinstance(wanted.values, RaggedTensor):
        starts = found._splits[: len(wanted)]
        return RaggedTensor(take_rows(found.values, spans(starts, np.diff(wanted._splits))), wanted._splits)
    starts = found._splits[: len(wanted)]
    inner = take_rows(found.values, spans(starts, np.diff(wanted._splits)))
    return RaggedTensor(_cut_to(inner, wanted.values), wanted._splits)


def take_rows(values: Any, index: np.ndarray) -> Any:
    """Rows of a tensor or a ragged tensor by their numbers."""
    if isinstance(values, RaggedTensor):
        lengths = np.diff(values._splits)[index]
        return RaggedTensor(
            take_rows(values.values, spans(values._splits[index], lengths)), splits_of(lengths)
        )
    if values.dtype == "string":
        return Tensor(np.asarray(values)[index])
    from addax.ops._numpy_index import take

    return take(values, index.astype(np.int32), axis=0)


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
    return _reshaped(tensor, tuple(shape))
