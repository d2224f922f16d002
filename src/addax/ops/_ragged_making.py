"""The ways to make a ragged tensor: the class methods of `RaggedTensor`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from addax.core.errors import message
from addax.engine import Composite, Tensor
from addax.engine import _operators as operators
from addax.ops._core import convert_to_tensor
from addax.ops._rows import host_integers, places_in_rows, spans, splits_of


class RaggedMaking(Composite):
    """The class methods of `RaggedTensor`, which take values and say in one way or another how they are parted."""

    values: Any
    _splits: np.ndarray
    uniform: int | None = None  # the length of all rows, if they were said to have one

    def __init__(self, values: Any, splits: np.ndarray, uniform: int | None = None) -> None:
        self.values, self._splits, self.uniform = values, splits, uniform

    def __len__(self) -> int:
        return len(self._splits) - 1

    @classmethod
    def from_row_splits(
        cls, values: Any, row_splits: Any, name: str | None = None, validate: bool = True
    ) -> Self:
        """Rows `values[row_splits[i]:row_splits[i + 1]]`.

        Args:
            values: A tensor of rank 1 or more, or a ragged tensor.
            row_splits: Rising integers from 0 to the number of values.
            name: Accepted for TensorFlow's sake.
            validate: Whether the splits are checked.

        Raises:
            ValueError: If they are no such splits.
        """
        values = values if isinstance(values, RaggedMaking) else convert_to_tensor(values)
        splits = host_integers(row_splits, "row_splits").reshape(-1)
        if validate:
            _check_splits(splits, length_of(values))
        return cls(values, splits)

    @classmethod
    def from_row_lengths(
        cls, values: Any, row_lengths: Any, name: str | None = None, validate: bool = True
    ) -> Self:
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
    ) -> Self:
        """Rows that begin at these places, the first one at 0.

        Args:
            values: A tensor of rank 1 or more, or a ragged tensor.
            row_starts: Rising integers.
            name: Accepted for TensorFlow's sake.
            validate: Whether they are checked.
        """
        values = values if isinstance(values, RaggedMaking) else convert_to_tensor(values)
        splits = np.append(host_integers(row_starts, "row_starts"), length_of(values))
        return cls.from_row_splits(values, splits, None, validate)

    @classmethod
    def from_row_limits(
        cls, values: Any, row_limits: Any, name: str | None = None, validate: bool = True
    ) -> Self:
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
    ) -> Self:
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
    ) -> Self:
        """Rows of one length.

        Args:
            values: A tensor of rank 1 or more, or a ragged tensor.
            uniform_row_length: The length.
            nrows: The number of rows, needed only if the length is 0.
            name: Accepted for TensorFlow's sake.
            validate: Whether the values fill the rows.
        """
        values = values if isinstance(values, RaggedMaking) else convert_to_tensor(values)
        length = int(uniform_row_length)
        count = int(nrows) if nrows is not None else length_of(values) // length if length else 0
        found = cls.from_row_lengths(values, np.full(count, length, np.int64), None, validate)
        found.uniform = length
        return found

    @classmethod
    def from_nested_row_splits(
        cls, flat_values: Any, nested_row_splits: Sequence, name: str | None = None, validate: bool = True
    ) -> Self:
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
    ) -> Self:
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
    ) -> Self:
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
    ) -> Self:
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
        flat = reshaped(tensor, (rows * width, *tensor.shape[2:]))
        if padding is not None:
            same = np.asarray(tensor) == np.asarray(convert_to_tensor(padding))
            same = same.reshape(rows, width, -1).all(-1)
            lengths = np.where(same.all(1), 0, _last_false(same) + 1)
        if lengths is None:
            return cls.from_uniform_row_length(flat, width, rows)
        counts = np.minimum(host_integers(lengths, "lengths"), width)
        return cls(take_rows(flat, spans(np.arange(rows) * width, counts)), splits_of(counts))

    @classmethod
    def from_sparse(cls, st_input: Any, name: str | None = None, row_splits_dtype: Any = "int64") -> Self:
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


def length_of(values: Any) -> int:
    """The number of values, or of rows."""
    return len(values) if isinstance(values, RaggedMaking) else int(values.shape[0])


def reshaped(tensor: Tensor, shape: tuple) -> Tensor:
    """A tensor in another shape; of text too."""
    if tensor.dtype == "string":
        return Tensor(np.asarray(tensor).reshape(shape))
    return operators.reshape(tensor, shape)


def take_rows(values: Any, index: np.ndarray) -> Any:
    """Rows of a tensor or a ragged tensor by their numbers."""
    if isinstance(values, RaggedMaking):
        lengths = np.diff(values._splits)[index]
        inner = take_rows(values.values, spans(values._splits[index], lengths))
        return type(values)(inner, splits_of(lengths), values.uniform)
    if values.dtype == "string":
        return Tensor(np.asarray(values)[index])
    from addax.ops._numpy_index import take

    return take(values, index.astype(np.int32), axis=0)


def _check_splits(splits: np.ndarray, count: int) -> None:
    if not len(splits) or splits[0] != 0 or (np.diff(splits) < 0).any() or splits[-1] != count:
        raise ValueError(
            message(
                "The rows do not fit the values.",
                expected=f"row splits that rise from 0 to {count}, the number of values",
                received=splits.tolist(),
            )
        )


def _last_false(same: np.ndarray) -> np.ndarray:
    """For each row of booleans the last place that is false."""
    return same.shape[1] - 1 - np.argmin(same[:, ::-1], axis=1)


def _cut_to(found: Any, wanted: Any) -> Any:
    """The first values of each row, as many as another ragged tensor has."""
    if not isinstance(wanted.values, RaggedMaking):
        starts = found._splits[: len(wanted)]
        return type(found)(take_rows(found.values, spans(starts, np.diff(wanted._splits))), wanted._splits)
    starts = found._splits[: len(wanted)]
    inner = take_rows(found.values, spans(starts, np.diff(wanted._splits)))
    return type(found)(_cut_to(inner, wanted.values), wanted._splits)


def _total(nested: Sequence) -> int:
    return int(np.sum(nested[-1]))
