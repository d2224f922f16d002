"""Functions of sparse tensors, and sets, under TensorFlow's names."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from addax import ops
from addax.core.errors import message
from addax.engine import Tensor
from addax.engine import _operators as operators
from addax.ops import _segment
from addax.ops._rows import host_integers
from addax.ops._sparse import (
    SparseTensor,
    chosen,
    numbers_of,
    ordered,
    places_of,
    transposed,
    window,
)
from addax.ops._sparse import from_dense as _from_dense
from addax.ops._sparse import to_dense as _to_dense


# Forms ---------------------------------------------------------------------------------------------------
def from_dense(tensor: Any, name: str | None = None) -> SparseTensor:
    """The elements of a tensor that are not 0 (or not empty).

    Example:
        >>> import addax.tf as tf
        >>> tf.sparse.from_dense([[0, 3], [0, 0]]).indices.numpy()
        array([[0, 1]])
    """
    return _from_dense(tensor)


def to_dense(
    sp_input: SparseTensor, default_value: Any = None, validate_indices: bool = True, name: str | None = None
) -> Tensor:
    """The whole tensor.

    Args:
        sp_input: A sparse tensor.
        default_value: What stands where nothing is; 0 or the empty string if None.
        validate_indices: Whether places that are double or out of order are an error.
        name: Accepted for TensorFlow's sake.
    """
    return _to_dense(checked(sp_input), default_value, validate_indices)


def checked(x: Any) -> SparseTensor:
    """`x`, if it is a sparse tensor."""
    if not isinstance(x, SparseTensor):
        raise TypeError(
            message("A sparse tensor is wanted.", received=x, hint="tf.sparse.from_dense(x) makes one.")
        )
    return x


def reorder(sp_input: SparseTensor, name: str | None = None) -> SparseTensor:
    """The elements in the order of their places.

    Args:
        sp_input: A sparse tensor.
        name: Accepted for TensorFlow's sake.
    """
    return ordered(checked(sp_input))


def reset_shape(sp_input: SparseTensor, new_shape: Any = None) -> SparseTensor:
    """Another, larger shape; the smallest that holds all elements if None.

    Args:
        sp_input: A sparse tensor.
        new_shape: The new shape, no smaller in any dimension; None for the smallest.
    """
    least = sp_input._places.max(0, initial=-1) + 1
    shape = least if new_shape is None else host_integers(new_shape, "new_shape")
    if len(shape) != sp_input.ndim or (shape < (least if new_shape is None else sp_input._shape)).any():
        raise ValueError(
            message(
                "reset_shape() needs a shape at least as large.",
                expected=f"{sp_input.shape} or more",
                received=new_shape,
            )
        )
    return SparseTensor(sp_input._places, sp_input.values, shape)


def reshape(sp_input: SparseTensor, shape: Any, name: str | None = None) -> SparseTensor:
    """The elements in the same order in another shape, with at most one -1.

    Args:
        sp_input: A sparse tensor.
        name: Accepted for TensorFlow's sake.
        shape: The shape.
    """
    size = int(np.prod(sp_input._shape))
    new = host_integers(shape, "shape").copy()
    if (new == -1).sum() == 1:
        new[new == -1] = size // max(int(-np.prod(new)), 1)
    if int(np.prod(new)) != size:
        raise ValueError(
            message("The shape has another number of elements.", expected=str(size), received=shape)
        )
    return SparseTensor(places_of(numbers_of(sp_input._places, sp_input._shape), new), sp_input.values, new)


def transpose(sp_input: SparseTensor, perm: Any = None, name: str | None = None) -> SparseTensor:
    """The axes in another order; reversed if None.

    Args:
        sp_input: A sparse tensor.
        perm: The old numbers of the axes in their new order; reversed if None.
        name: Accepted for TensorFlow's sake.
    """
    return transposed(checked(sp_input), perm)


def slice(sp_input: SparseTensor, start: Any, size: Any, name: str | None = None) -> SparseTensor:  # noqa: A001
    """The part that begins at a place and has a size, cut where the whole ends.

    Args:
        sp_input: A sparse tensor.
        start: Where the part begins.
        size: The size of the part.
        name: Accepted for TensorFlow's sake.
    """
    return window(checked(sp_input), host_integers(start, "start"), host_integers(size, "size"))


def split(sp_input: SparseTensor, num_split: int, axis: int, name: str | None = None) -> list[SparseTensor]:
    """Equal parts along an axis; the first ones are longer by one if they cannot be equal.

    Args:
        sp_input: A sparse tensor.
        num_split: The number of parts.
        axis: The axis or axes; all if None.
        name: Accepted for TensorFlow's sake.
    """
    axis = axis % sp_input.ndim
    whole, more = divmod(int(sp_input._shape[axis]), num_split)
    found, at = [], 0
    for i in builtins.range(num_split):
        size, start = sp_input._shape.copy(), np.zeros(sp_input.ndim, np.int64)
        size[axis], start[axis] = whole + (i < more), at
        at += int(size[axis])
        found.append(window(sp_input, start, size))
    return found


def concat(
    axis: int, sp_inputs: Sequence, expand_nonconcat_dims: bool = False, name: str | None = None
) -> SparseTensor:
    """Sparse tensors joined along an axis.

    Args:
        axis: The axis.
        sp_inputs: The tensors.
        expand_nonconcat_dims: Whether the other dimensions may differ; the largest counts.
        name: Accepted for TensorFlow's sake.
    """
    axis = axis % sp_inputs[0].ndim
    shapes = np.stack([x._shape for x in sp_inputs])
    others = np.delete(shapes, axis, 1)
    if not expand_nonconcat_dims and (others != others[0]).any():
        raise ValueError(message("The other dimensions differ.", received=shapes.tolist()))
    shape = shapes.max(0)
    shape[axis] = shapes[:, axis].sum()
    offsets = np.cumsum([0, *shapes[:-1, axis]])
    places = []
    for x, offset in zip(sp_inputs, offsets, strict=True):
        moved = x._places.copy()
        moved[:, axis] += offset
        places.append(moved)
    return ordered(SparseTensor(np.concatenate(places), _joined([x.values for x in sp_inputs]), shape))


def _joined(values: list) -> Tensor:
    if values[0].dtype == "string":
        return Tensor(np.concatenate([np.asarray(v) for v in values]))
    return ops.concatenate(values, axis=0)


def expand_dims(sp_input: SparseTensor, axis: Any = None, name: str | None = None) -> SparseTensor:
    """A new dimension of one; the last if None.

    Args:
        sp_input: A sparse tensor.
        axis: The axis or axes; all if None.
        name: Accepted for TensorFlow's sake.
    """
    axis = -1 if axis is None else int(axis)
    axis = axis + sp_input.ndim + 1 if axis < 0 else axis
    return SparseTensor(
        np.insert(sp_input._places, axis, 0, axis=1), sp_input.values, np.insert(sp_input._shape, axis, 1)
    )


def eye(
    num_rows: int, num_columns: int | None = None, dtype: Any = "float32", name: str | None = None
) -> SparseTensor:
    """Ones on the diagonal.

    Args:
        num_rows: The number of rows.
        num_columns: The number of columns; that of rows if None.
        dtype: The dtype.
        name: Accepted for TensorFlow's sake.
    """
    columns = num_rows if num_columns is None else num_columns
    numbers = np.arange(min(num_rows, columns))
    return SparseTensor(np.stack([numbers, numbers], 1), ops.ones(len(numbers), dtype), [num_rows, columns])


def retain(sp_input: SparseTensor, to_retain: Any) -> SparseTensor:
    """The elements for which a boolean holds."""
    return chosen(sp_input, np.flatnonzero(np.asarray(to_retain)))


def mask(a: Any, mask_indices: Any, name: str | None = None) -> Any:
    """`IndexedSlices` without the rows of some numbers.

    Args:
        mask_indices: The numbers of the rows that are left out.
        a: A tensor, dense or sparse.
        name: Accepted for TensorFlow's sake.
    """
    from addax.tf import IndexedSlices

    kept = np.flatnonzero(~np.isin(np.asarray(a.indices), np.asarray(mask_indices)))
    return IndexedSlices(ops.take(a.values, kept, axis=0), ops.take(a.indices, kept, axis=0), a.dense_shape)


def map_values(op: Callable, *args: Any, **kwargs: Any) -> SparseTensor:
    """A function of the values of sparse tensors with the same places.

    Example:
        >>> import addax.tf as tf
        >>> tf.sparse.map_values(tf.add, tf.sparse.from_dense([0, 3]), 1).values.numpy()
        array([4], dtype=int32)
    """
    given = [x for x in (*args, *kwargs.values()) if isinstance(x, SparseTensor)]
    if not given:
        raise ValueError(message("map_values() needs a sparse tensor.", received=args))
    if any(not np.array_equal(x._places, given[0]._places) for x in given):
        raise ValueError(message("The sparse tensors of map_values() have different places."))
    plain = lambda x: x.values if isinstance(x, SparseTensor) else x  # noqa: E731
    return given[0].with_values(op(*map(plain, args), **{k: plain(v) for k, v in kwargs.items()}))


def fill_empty_rows(
    sp_input: SparseTensor, default_value: Any, name: str | None = None
) -> tuple[SparseTensor, Tensor]:
    """A value at the start of each row that has none.

    Args:
        sp_input: A sparse tensor.
        default_value: The value that empty rows get.
        name: Accepted for TensorFlow's sake.

    Returns:
        The tensor, and for each row whether it was empty.
    """
    rows = np.arange(int(sp_input._shape[0]))
    empty = ~np.isin(rows, sp_input._places[:, 0])
    missing = np.flatnonzero(empty)
    new = np.zeros((len(missing), sp_input.ndim), np.int64)
    new[:, 0] = missing
    if sp_input.dtype == "string":
        filler = np.full(len(missing), np.asarray(ops.convert_to_tensor(default_value))[()], object)
        values = Tensor(np.concatenate([np.asarray(sp_input.values), filler]))
    else:
        filler = ops.full((len(missing),), default_value, dtype=sp_input.dtype)
        values = ops.concatenate([sp_input.values, filler], axis=0)
    whole = SparseTensor(np.concatenate([sp_input._places, new]), values, sp_input._shape)
    order = np.argsort(whole._places[:, 0], kind="stable")
    return chosen(whole, order), Tensor(empty)


def to_indicator(sp_input: SparseTensor, vocab_size: int, name: str | None = None) -> Tensor:
    """Booleans that hold at the values: the last axis becomes one of `vocab_size`.

    Args:
        sp_input: A sparse tensor.
        name: Accepted for TensorFlow's sake.
        vocab_size: The size of the new last axis.
    """
    ids = host_integers(sp_input.values, "values")
    if (ids < 0).any() or (ids >= vocab_size).any():
        raise ValueError(
            message("Values are outside of the vocabulary.", expected=f"0 to {vocab_size - 1}", received=ids)
        )
    out = np.zeros((*sp_input._shape[:-1].tolist(), vocab_size), bool)
    out[(*sp_input._places[:, :-1].T, ids)] = True
    return Tensor(out)


# Arithmetic ----------------------------------------------------------------------------------------------
def sparse_dense_matmul(
    sp_a: Any, b: Any, adjoint_a: bool = False, adjoint_b: bool = False, name: str | None = None
) -> Tensor:
    """A matrix product with one sparse factor.

    Args:
        sp_a: A sparse (or dense) matrix.
        b: A dense (or sparse) matrix.
        adjoint_a: Whether the first one is transposed.
        adjoint_b: Whether the second one is.
        name: Accepted for TensorFlow's sake.

    Example:
        >>> import addax.tf as tf
        >>> tf.sparse.sparse_dense_matmul(tf.sparse.from_dense([[0.0, 2.0]]), [[1.0], [3.0]]).numpy()
        array([[6.]], dtype=float32)
    """

    def turned(x: Any, adjoint: bool) -> Any:
        x = x if isinstance(x, SparseTensor) else ops.convert_to_tensor(x)
        if not adjoint:
            return x
        return transposed(x) if isinstance(x, SparseTensor) else operators.transpose(x)

    return operators.matmul(turned(sp_a, adjoint_a), turned(b, adjoint_b))


def add(a: Any, b: Any, threshold: Any = 0) -> Any:
    """The sum of two tensors, at least one of them sparse; dense if one of them is.

    Args:
        a: A tensor.
        b: Another of the same shape.
        threshold: Sums of sparse tensors whose magnitude is below are left out.
    """
    if not isinstance(a, SparseTensor) or not isinstance(b, SparseTensor):
        dense = [
            _to_dense(ordered(x)) if isinstance(x, SparseTensor) else ops.convert_to_tensor(x) for x in (a, b)
        ]
        return operators.add(*dense)
    values, places = _united(a, b, lambda x, y: operators.add(x, y))
    found = SparseTensor(places, values, a._shape)
    if not threshold:
        return found
    return retain(found, np.abs(np.asarray(values)) >= threshold)


def maximum(sp_a: SparseTensor, sp_b: SparseTensor, name: str | None = None) -> SparseTensor:
    """The larger of two elements; 0 where one of the tensors has none.

    Args:
        sp_a: A sparse tensor.
        sp_b: Another of the same shape.
        name: Accepted for TensorFlow's sake.
    """
    values, places = _united(sp_a, sp_b, ops.maximum)
    return SparseTensor(places, values, sp_a._shape)


def minimum(sp_a: SparseTensor, sp_b: SparseTensor, name: str | None = None) -> SparseTensor:
    """The smaller of two elements; 0 where one of the tensors has none.

    Args:
        sp_a: A sparse tensor.
        sp_b: Another of the same shape.
        name: Accepted for TensorFlow's sake.
    """
    values, places = _united(sp_a, sp_b, ops.minimum)
    return SparseTensor(places, values, sp_a._shape)


def _united(a: SparseTensor, b: SparseTensor, function: Callable) -> tuple[Any, np.ndarray]:
    """A function of the elements of two tensors wherever one has any."""
    if not np.array_equal(a._shape, b._shape):
        raise ValueError(
            message("The sparse tensors differ in shape.", expected=str(a.shape), received=str(b.shape))
        )
    mine, yours = numbers_of(a._places, a._shape), numbers_of(b._places, b._shape)
    numbers = np.union1d(mine, yours)

    def spread(values: Any, own: np.ndarray) -> Any:
        at = np.searchsorted(numbers, own).astype(np.int32)
        return _segment.segment_sum(values, at, len(numbers))

    return function(spread(a.values, mine), spread(b.values, yours)), places_of(numbers, a._shape)


def reduce_sum(
    sp_input: SparseTensor, axis: Any = None, keepdims: bool = False, output_is_sparse: bool = False,
    name: str | None = None,
) -> Any:  # fmt: skip
    """The sum over some axes (all if None), dense unless `output_is_sparse`.

    Args:
        sp_input: A sparse tensor.
        axis: The axis or axes; all if None.
        keepdims: Whether the axes stay, with size 1.
        name: Accepted for TensorFlow's sake.
        output_is_sparse: Whether the result is sparse.
    """
    return _reduced(_segment.segment_sum, sp_input, axis, keepdims, output_is_sparse)


def reduce_max(
    sp_input: SparseTensor, axis: Any = None, keepdims: bool = False, output_is_sparse: bool = False,
    name: str | None = None,
) -> Any:  # fmt: skip
    """The largest element there is over some axes, dense unless `output_is_sparse`; 0 where there is none.

    Args:
        sp_input: A sparse tensor.
        axis: The axis or axes; all if None.
        keepdims: Whether the axes stay, with size 1.
        name: Accepted for TensorFlow's sake.
        output_is_sparse: Whether the result is sparse.
    """
    return _reduced(_segment.segment_max, sp_input, axis, keepdims, output_is_sparse)


def _reduced(segments: Callable, st: SparseTensor, axis: Any, keepdims: bool, sparse: bool) -> Any:
    axes = builtins.range(st.ndim) if axis is None else [axis] if isinstance(axis, int) else list(axis)
    gone = {a % st.ndim for a in axes}
    kept = [i for i in builtins.range(st.ndim) if i not in gone]
    numbers, inverse = np.unique(numbers_of(st._places[:, kept], st._shape[kept]), return_inverse=True)
    values = segments(st.values, inverse.reshape(-1).astype(np.int32), len(numbers))
    places, shape = places_of(numbers, st._shape[kept]), st._shape[kept]
    if keepdims:
        full = np.zeros((len(places), st.ndim), np.int64)
        full[:, kept] = places
        places, shape = full, np.where(np.isin(np.arange(st.ndim), list(gone)), 1, st._shape)
    found = SparseTensor(places, values, shape)
    return found if sparse else _to_dense(found)


def softmax(sp_input: SparseTensor, name: str | None = None) -> SparseTensor:
    """The softmax over the last axis, of the elements there are.

    Args:
        sp_input: A sparse tensor.
        name: Accepted for TensorFlow's sake.
    """
    rows, inverse = np.unique(numbers_of(sp_input._places[:, :-1], sp_input._shape[:-1]), return_inverse=True)
    at = inverse.reshape(-1).astype(np.int32)
    largest = ops.take(_segment.segment_max(sp_input.values, at, len(rows)), at, axis=0)
    powers = ops.exp(sp_input.values - ops.stop_gradient(largest))
    return sp_input.with_values(powers / ops.take(_segment.segment_sum(powers, at, len(rows)), at, axis=0))


def segment_sum(
    data: Any, indices: Any, segment_ids: Any, num_segments: Any = None, name: str | None = None
) -> Tensor:
    """Sums of chosen rows that belong together.

    Args:
        data: A tensor.
        indices: The rows that are taken.
        segment_ids: For each of them the number of its group.
        num_segments: The number of groups.
        name: Accepted for TensorFlow's sake.
    """
    return _segmented(data, indices, segment_ids, num_segments, lambda total, count: total)


def segment_mean(
    data: Any, indices: Any, segment_ids: Any, num_segments: Any = None, name: str | None = None
) -> Tensor:
    """Means of chosen rows that belong together; see `segment_sum`."""
    return _segmented(data, indices, segment_ids, num_segments, lambda total, count: total / count)


def segment_sqrt_n(
    data: Any, indices: Any, segment_ids: Any, num_segments: Any = None, name: str | None = None
) -> Tensor:
    """Sums of chosen rows that belong together, by the root of their number; see `segment_sum`."""
    return _segmented(data, indices, segment_ids, num_segments, lambda total, count: total / ops.sqrt(count))


def _segmented(data: Any, indices: Any, segment_ids: Any, num_segments: Any, finish: Callable) -> Tensor:
    groups = host_integers(segment_ids, "segment_ids")
    count = int(num_segments) if num_segments is not None else int(groups.max(initial=-1)) + 1
    rows = ops.take(ops.convert_to_tensor(data), host_integers(indices, "indices").astype(np.int32), axis=0)
    total = _segment.segment_sum(rows, groups.astype(np.int32), count)
    sizes = np.maximum(np.bincount(groups, minlength=count), 1).astype(np.float32)
    return finish(total, ops.cast(sizes.reshape((-1, *[1] * (len(total.shape) - 1))), total.dtype))


def bincount(
    values: Any, weights: Any = None, axis: int = 0, minlength: Any = None, maxlength: Any = None,
    binary_output: bool = False, name: str | None = None,
) -> SparseTensor:  # fmt: skip
    """How often each integer occurs, in each row or in all.

    Args:
        values: Integers from 0 on: a tensor or a sparse tensor of rank 1 or 2.
        weights: What counts for each, of the same form.
        axis: 0 for all together, -1 for each row.
        minlength: The least number of columns.
        maxlength: Integers from here on are not counted.
        binary_output: Whether only 0 and 1 are counted.
        name: Accepted for TensorFlow's sake.
    """
    st = values if isinstance(values, SparseTensor) else None
    numbers = host_integers(values.values if st is not None else values, "values")
    if st is not None:
        rows = st._places[:, 0] if st.ndim == 2 else np.zeros(len(numbers), np.int64)
        count = int(st._shape[0]) if st.ndim == 2 else 1
    else:
        count = numbers.shape[0] if numbers.ndim == 2 else 1
        rows = np.repeat(np.arange(count), numbers.shape[-1])
        numbers = numbers.reshape(-1)
    if axis == 0:
        rows, count = np.zeros_like(rows), 1
    given = (
        np.ones(len(numbers), np.int64)
        if weights is None
        else np.asarray(getattr(weights, "values", weights)).reshape(-1)
    )
    kept = numbers < (np.inf if maxlength is None else int(maxlength))
    rows, numbers, given = rows[kept], numbers[kept], given[kept]
    width = max(int(numbers.max(initial=-1)) + 1, 0 if minlength is None else int(minlength))
    keys, inverse = np.unique(rows * max(width, 1) + numbers, return_inverse=True)
    sums = np.zeros(len(keys), given.dtype)
    np.add.at(sums, inverse.reshape(-1), given)
    sums = np.ones_like(sums) if binary_output else sums
    shape = np.asarray([width] if axis == 0 else [count, width], np.int64)
    return SparseTensor(places_of(keys, shape), sums, shape)
