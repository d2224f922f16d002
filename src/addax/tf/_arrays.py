"""Joining, cutting, gathering, scattering and reordering tensors."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from addax import ops
from addax.core.errors import message
from addax.engine import SymbolicTensor, Tensor, Variable, op
from addax.engine import _operators as operators
from addax.engine._errors import ShapeNeedsValue
from addax.engine._jax import jnp
from addax.engine._operators import known_ints
from addax.engine._staging import staged


def reshape(tensor: Any, shape: Any, name: str | None = None) -> Any:
    """The same elements in another shape; one dimension may be -1, and is computed."""
    return operators.reshape(tensor, shape)


def transpose(a: Any, perm: Any = None, conjugate: bool = False, name: str | None = None) -> Any:
    """The axes in another order, reversed if `perm` is None."""
    a = ops.conj(a) if conjugate else a
    return operators.transpose(a) if perm is None else operators.transpose(a, axes=_tuple(perm))


def _tuple(value: Any) -> Any:
    """A static argument that may come as tensor or array, as a tuple of integers."""
    if isinstance(value, (Tensor, Variable, np.ndarray)):
        value = np.asarray(value).tolist()
    return tuple(int(v) for v in value) if isinstance(value, (list, tuple)) else value


def _axis(axis: Any) -> Any:
    if isinstance(axis, (Tensor, Variable, np.ndarray, np.generic)):
        axis = np.asarray(axis).tolist()
    return tuple(axis) if isinstance(axis, list) else axis


def squeeze(input: Any, axis: Any = None, name: str | None = None) -> Any:
    """The tensor without its axes of size 1 (those named by `axis`, all if it is None or empty).

    Raises:
        ValueError: If an axis that is named has another size.
    """
    axis = _axis(axis)
    return ops.squeeze(input, axis=None if axis == () else axis)


def expand_dims(input: Any, axis: Any, name: str | None = None) -> Any:
    """The tensor with a new axis of size 1 at position `axis`."""
    return ops.expand_dims(input, axis=_axis(axis))


def concat(values: Any, axis: Any, name: str = "concat") -> Any:
    """Tensors joined along an axis that they have.

    Raises:
        ValueError: If the other dimensions differ.
    """
    if not isinstance(values, (list, tuple)):
        return ops.convert_to_tensor(values) if len(values.shape) < 2 else concat(list(values), axis)
    return ops.concatenate(list(values), axis=int(axis))


def stack(values: Any, axis: Any = 0, name: str = "stack") -> Any:
    """Tensors of one shape joined along a new axis."""
    return operators.stack(list(values), axis=int(axis))


parallel_stack = stack


def unstack(value: Any, num: int | None = None, axis: int = 0, name: str = "unstack") -> list:
    """The slices along an axis, as a list."""
    return ops.unstack(value, num=num, axis=axis)


def split(
    value: Any, num_or_size_splits: Any, axis: Any = 0, num: int | None = None, name: str = "split"
) -> Any:
    """Pieces along an axis: so many of equal size, or pieces of given sizes (one of which may be -1).

    Raises:
        ValueError: If the axis does not divide.
    """
    axis = int(axis)
    if isinstance(num_or_size_splits, (int, np.integer)):
        return list(ops.split(value, int(num_or_size_splits), axis=axis))
    sizes = [int(s) for s in np.asarray(num_or_size_splits).tolist()]
    if -1 in sizes:
        sizes[sizes.index(-1)] = int(value.shape[axis]) - builtins.sum(s for s in sizes if s != -1)
    total = value.shape[axis]
    if total is not None and builtins.sum(sizes) != total:
        raise ValueError(
            message("The sizes of the pieces do not add up.", expected=f"{total}", received=f"{sizes}")
        )
    return list(ops.split(value, tuple(np.cumsum(sizes)[:-1].tolist()), axis=axis))


def tile(input: Any, multiples: Any, name: str | None = None) -> Any:
    """The tensor repeated as a whole, `multiples[i]` times along axis i."""
    return ops.tile(input, multiples)


def repeat(input: Any, repeats: Any, axis: int | None = None, name: str | None = None) -> Any:
    """The elements of the tensor repeated one by one along an axis (of the flattened tensor if None)."""
    return ops.repeat(input, repeats, axis=axis)


def reverse(tensor: Any, axis: Any, name: str | None = None) -> Any:
    """The tensor in reverse order along some axes."""
    return ops.flip(tensor, axis=_axis(axis))


def roll(input: Any, shift: Any, axis: Any, name: str | None = None) -> Any:
    """The tensor rolled along some axes."""
    return ops.roll(input, _axis(shift), axis=_axis(axis))


def pad(
    tensor: Any, paddings: Any, mode: str = "CONSTANT", constant_values: Any = 0, name: str | None = None
) -> Any:
    """The tensor with `paddings[i] = (before, after)` elements added along axis i.

    Args:
        tensor: A tensor of rank n.
        paddings: Integers of shape `(n, 2)`.
        mode: `"CONSTANT"`, `"REFLECT"` or `"SYMMETRIC"`.
        constant_values: What is added in mode `"CONSTANT"`.
        name: Accepted for TensorFlow's sake.
    """
    width = tuple((int(a), int(b)) for a, b in (np.asarray(p).tolist() for p in paddings))
    mode = mode.lower()
    if mode == "constant":
        return ops.pad(tensor, width, mode="constant", constant_values=constant_values)
    return ops.pad(tensor, width, mode=mode)


def broadcast_to(input: Any, shape: Any, name: str | None = None) -> Any:
    """The tensor broadcast to a shape."""
    return ops.broadcast_to(input, shape)


def meshgrid(*args: Any, indexing: str = "xy", name: str | None = None) -> list:
    """Coordinate tensors of a grid."""
    return list(ops.meshgrid(*args, indexing=indexing))


def where(condition: Any, x: Any = None, y: Any = None, name: str | None = None) -> Any:
    """`x` where the condition holds and `y` elsewhere; the indices where it holds if neither is given.

    Example:
        >>> import addax.tf as tf
        >>> tf.where([True, False], 1.0, [5.0, 6.0]).numpy()
        array([1., 6.], dtype=float32)
        >>> tf.where([False, True]).numpy().tolist()
        [[1]]
    """
    if (x is None) != (y is None):
        raise ValueError(message("tf.where() takes both x and y, or none of them."))
    if x is None:
        return operators.stack(list(ops.nonzero(condition)), axis=1)
    if _is_text(x) or _is_text(y):
        return Tensor(
            np.where(
                np.asarray(condition),
                np.asarray(ops.convert_to_tensor(x)),
                np.asarray(ops.convert_to_tensor(y)),
            )
        )
    return ops.where(condition, x, y)


def _is_text(value: Any) -> bool:
    if isinstance(value, (list, tuple)) and value:
        return _is_text(value[0])
    return isinstance(value, (str, bytes)) or getattr(value, "dtype", None) == "string"


def boolean_mask(tensor: Any, mask: Any, axis: Any = None, name: str = "boolean_mask") -> Any:
    """The elements (or rows from `axis` on) where the mask is true; their number depends on the values."""
    mask = ops.convert_to_tensor(mask)
    return operators.boolean_mask(ops.convert_to_tensor(tensor), mask, axis=0 if axis is None else int(axis))


def gather(
    params: Any,
    indices: Any,
    validate_indices: Any = None,
    axis: Any = None,
    batch_dims: int = 0,
    name: Any = None,
) -> Any:
    """Slices of `params` along an axis, at some indices.

    Args:
        params: A tensor.
        indices: Integers, of any shape.
        validate_indices: Accepted for TensorFlow's sake.
        axis: The axis; the first one after the batch dimensions if None.
        batch_dims: How many leading dimensions `params` and `indices` share.
        name: Accepted for TensorFlow's sake.

    Returns:
        A tensor of shape `params.shape[:axis] + indices.shape[batch_dims:] + params.shape[axis + 1:]`.
    """
    axis = batch_dims if axis is None else int(axis)
    if not batch_dims:
        if _is_text(params):
            texts = np.asarray(ops.convert_to_tensor(params))
            return Tensor(np.asarray(np.take(texts, np.asarray(indices), axis=axis), object))
        return ops.take(params, indices, axis=axis)
    return _gather_batched(params, indices, axis=axis, batch_dims=int(batch_dims))


@op(name="gather_batched")
def _gather_batched(params: Any, indices: Any, axis: int = 0, batch_dims: int = 0) -> Any:
    params, indices = jnp.asarray(params), jnp.asarray(indices)
    batch_dims = batch_dims if batch_dims >= 0 else batch_dims + indices.ndim
    axis = axis if axis >= 0 else axis + params.ndim
    if batch_dims == 0:
        return jnp.take(params, indices, axis=axis)
    import jax

    return jax.vmap(lambda p, i: _gather_batched.op.fn(p, i, axis - 1, batch_dims - 1))(params, indices)


def gather_nd(
    params: Any, indices: Any, batch_dims: int = 0, name: str | None = None, bad_indices_policy: str = ""
) -> Any:
    """Slices of `params` at indices into its first k axes, where k is the last dimension of `indices`."""
    if _is_text(params):
        texts, index = np.asarray(ops.convert_to_tensor(params)), np.asarray(indices)
        return Tensor(np.asarray(texts[tuple(np.moveaxis(index, -1, 0))], object))
    return _gather_nd(params, indices, batch_dims=int(batch_dims))


@op(name="gather_nd")
def _gather_nd(params: Any, indices: Any, batch_dims: int = 0) -> Any:
    params, indices = jnp.asarray(params), jnp.asarray(indices)
    if batch_dims:
        import jax

        return jax.vmap(lambda p, i: _gather_nd.op.fn(p, i, batch_dims - 1))(params, indices)
    return params[tuple(jnp.moveaxis(indices, -1, 0))]


# Slices --------------------------------------------------------------------------------------------------
def slice(input_: Any, begin: Any, size: Any, name: str | None = None) -> Any:  # noqa: A001
    """The part of a tensor that starts at `begin` and has shape `size` (-1 for all that is left)."""
    dims = input_.shape if hasattr(input_, "shape") else np.shape(input_)
    counts = _known(size)
    starts = list(begin) if isinstance(begin, (list, tuple)) else begin
    known = _try_known(starts)
    if known is not None:
        key = tuple(builtins.slice(b, None if s == -1 else b + s) for b, s in zip(known, counts, strict=True))
        return (
            ops.convert_to_tensor(input_)[key]
            if not isinstance(input_, (Tensor, Variable, SymbolicTensor))
            else input_[key]
        )
    return ops.slice(input_, starts, tuple(d if s == -1 else s for s, d in zip(counts, dims, strict=True)))


def _known(value: Any) -> list[int]:
    found = known_ints(tuple(value) if isinstance(value, (list, tuple)) else _raw(value), "size")
    return list(found) if isinstance(found, tuple) else [found]


def _try_known(value: Any) -> list[int] | None:
    parts = value if isinstance(value, (list, tuple)) else [value]
    if any(staged(p) or isinstance(p, SymbolicTensor) for p in parts):
        return None
    return [
        int(v)
        for v in np.atleast_1d(np.asarray([int(p) for p in parts] if isinstance(value, list) else value))
    ]


def _raw(value: Any) -> Any:
    return (
        value._value if isinstance(value, Tensor) else value._raw() if isinstance(value, Variable) else value
    )


def strided_slice(
    input_: Any,
    begin: Any,
    end: Any,
    strides: Any = None,
    begin_mask: int = 0,
    end_mask: int = 0,
    ellipsis_mask: int = 0,
    new_axis_mask: int = 0,
    shrink_axis_mask: int = 0,
    var: Any = None,
    name: str | None = None,
) -> Any:
    """Python's slicing as a function; the masks say, bit by bit, what a position is besides `begin:end:stride`."""
    begin, end = _known(begin), _known(end)
    strides = [1] * len(begin) if strides is None else _known(strides)
    key: list = []
    for i, (b, e, s) in enumerate(zip(begin, end, strides, strict=True)):
        bit = 1 << i
        if ellipsis_mask & bit:
            key.append(Ellipsis)
        elif new_axis_mask & bit:
            key.append(None)
        elif shrink_axis_mask & bit:
            key.append(b)
        else:
            key.append(builtins.slice(None if begin_mask & bit else b, None if end_mask & bit else e, s))
    tensor = (
        input_
        if hasattr(input_, "__getitem__") and hasattr(input_, "dtype")
        else ops.convert_to_tensor(input_)
    )
    return tensor[tuple(key)]


# Scatter -------------------------------------------------------------------------------------------------
def scatter_nd(indices: Any, updates: Any, shape: Any, name: str | None = None) -> Any:
    """Zeros of a shape with `updates` added at `indices`."""
    return _scatter(ops.zeros(shape, dtype=ops.convert_to_tensor(updates).dtype), indices, updates, how="add")


def tensor_scatter_nd_update(tensor: Any, indices: Any, updates: Any, name: str | None = None) -> Any:
    """The tensor with the slices at `indices` replaced by `updates`.

    Example:
        >>> import addax.tf as tf
        >>> tf.tensor_scatter_nd_update([0, 0, 0], [[1]], [5]).numpy()
        array([0, 5, 0], dtype=int32)
    """
    return _scatter(tensor, indices, updates, how="set")


def tensor_scatter_nd_add(tensor: Any, indices: Any, updates: Any, name: str | None = None) -> Any:
    """The tensor with `updates` added to the slices at `indices`."""
    return _scatter(tensor, indices, updates, how="add")


def tensor_scatter_nd_sub(tensor: Any, indices: Any, updates: Any, name: str | None = None) -> Any:
    """The tensor with `updates` subtracted from the slices at `indices`."""
    return _scatter(tensor, indices, operators.negative(updates), how="add")


def tensor_scatter_nd_max(tensor: Any, indices: Any, updates: Any, name: str | None = None) -> Any:
    """The tensor with the slices at `indices` raised to at least `updates`."""
    return _scatter(tensor, indices, updates, how="max")


def tensor_scatter_nd_min(tensor: Any, indices: Any, updates: Any, name: str | None = None) -> Any:
    """The tensor with the slices at `indices` lowered to at most `updates`."""
    return _scatter(tensor, indices, updates, how="min")


@op(name="scatter_nd")
def _scatter(tensor: Any, indices: Any, updates: Any, how: str = "set") -> Any:
    tensor, indices = jnp.asarray(tensor), jnp.asarray(indices)
    where = tensor.at[tuple(jnp.moveaxis(indices, -1, 0))]
    return getattr(where, how)(jnp.asarray(updates).astype(tensor.dtype))


def dynamic_partition(data: Any, partitions: Any, num_partitions: int, name: str | None = None) -> list:
    """The rows of `data` sorted into lists by their partition numbers; the lengths depend on the values."""
    partitions = ops.convert_to_tensor(partitions)
    return [boolean_mask(data, operators.equal(partitions, i)) for i in builtins.range(num_partitions)]


def dynamic_stitch(indices: Any, data: Any, name: str | None = None) -> Any:
    """The rows of several tensors at given positions of one tensor."""
    where = ops.concatenate([operators.reshape(i, (-1,)) for i in indices])
    rows = [
        operators.reshape(d, (-1, *d.shape[len(i.shape) :]))
        for i, d in zip(map(ops.convert_to_tensor, indices), map(ops.convert_to_tensor, data), strict=True)
    ]
    count = int(np.asarray(where).max()) + 1
    values = ops.concatenate(rows)
    return _scatter(
        ops.zeros((count, *values.shape[1:]), dtype=values.dtype), where[:, None], values, how="set"
    )


# Order ---------------------------------------------------------------------------------------------------
def sort(values: Any, axis: int = -1, direction: str = "ASCENDING", name: str | None = None) -> Any:
    """The values in order along an axis."""
    found = ops.sort(values, axis=axis)
    return ops.flip(found, axis=axis) if _descending(direction) else found


def argsort(
    values: Any, axis: int = -1, direction: str = "ASCENDING", stable: bool = False, name: str | None = None
) -> Any:
    """The indices that sort the values along an axis."""
    if _descending(direction):
        values = ops.convert_to_tensor(values)
        # Equal values keep their order, as TensorFlow has it.
        return operators.subtract(
            values.shape[axis] - 1, ops.flip(ops.argsort(ops.flip(values, axis=axis), axis=axis), axis=axis)
        )
    return ops.argsort(values, axis=axis)


def _descending(direction: str) -> bool:
    if direction.upper() not in ("ASCENDING", "DESCENDING"):
        raise ValueError(
            message("Unknown direction.", expected='"ASCENDING" or "DESCENDING"', received=direction)
        )
    return direction.upper() == "DESCENDING"


def searchsorted(
    sorted_sequence: Any, values: Any, side: str = "left", out_type: Any = "int32", name: Any = None
) -> Any:
    """Where values would have to be inserted into a sorted sequence."""
    return ops.searchsorted(sorted_sequence, values, side=side)


class UniqueResult(tuple):
    """The pair `(y, idx)`."""

    __slots__ = ()
    y = property(lambda self: self[0])
    idx = property(lambda self: self[1])
    count = property(lambda self: self[2])  # type: ignore[assignment] - TensorFlow's name, not tuple's


def unique(x: Any, out_idx: Any = "int32", name: str | None = None) -> UniqueResult:
    """The distinct values in the order of their first appearance, and for each element the place of its value.

    Example:
        >>> import addax.tf as tf
        >>> y, idx = tf.unique([4, 2, 4])
        >>> y.numpy(), idx.numpy()
        (array([4, 2], dtype=int32), array([0, 1, 0], dtype=int32))
    """
    return UniqueResult(unique_with_counts(x)[:2])


def unique_with_counts(x: Any, out_idx: Any = "int32", name: str | None = None) -> UniqueResult:
    """Like `unique`, and how often each value occurs."""
    tensor = ops.convert_to_tensor(x)
    if staged(tensor):
        raise ShapeNeedsValue("The number of distinct values is not known when the function is compiled.")
    values, first, inverse, counts = np.unique(
        np.asarray(tensor), return_index=True, return_inverse=True, return_counts=True
    )
    order = np.argsort(first)
    places = np.argsort(order)[inverse]
    found = (values[order], places.astype(np.int32), counts[order].astype(np.int32))
    return UniqueResult(Tensor(v) for v in found)


def unravel_index(indices: Any, dims: Any, name: str | None = None) -> Any:
    """Positions in a flattened tensor as indices into one of shape `dims`, one row for each axis."""
    return operators.stack(list(ops.unravel_index(indices, _tuple(dims))))


def identity_n(input: Any, name: str | None = None) -> list:
    """Tensors of the same values."""
    return [operators.identity(x) for x in input]


def top_k(
    input: Any, k: Any = 1, sorted: bool = True, index_type: Any = "int32", name: str | None = None
) -> Any:
    """The k largest values of the last axis and their indices, as `(values, indices)`."""
    return TopK(ops.top_k(input, int(k), sorted=sorted))


class TopK(tuple):
    """The pair `(values, indices)`."""

    __slots__ = ()
    values = property(lambda self: self[0])
    indices = property(lambda self: self[1])


def sequence_mask(lengths: Any, maxlen: Any = None, dtype: Any = "bool", name: str | None = None) -> Any:
    """True for the first `lengths[i]` positions of row i."""
    lengths = ops.convert_to_tensor(lengths)
    if maxlen is None:
        maxlen = int(np.asarray(ops.max(lengths)))
    positions = ops.arange(int(maxlen))
    return ops.cast(operators.less(positions, ops.expand_dims(lengths, -1)), dtype)


def histogram_fixed_width(
    values: Any, value_range: Any, nbins: int = 100, dtype: Any = "int32", name: Any = None
) -> Any:
    """How many values fall into each of `nbins` equal parts of a range; outer values count for the end parts."""
    bins = histogram_fixed_width_bins(values, value_range, nbins)
    return ops.bincount(operators.reshape(bins, (-1,)), minlength=nbins)


def histogram_fixed_width_bins(
    values: Any, value_range: Any, nbins: int = 100, dtype: Any = "int32", name: Any = None
) -> Any:
    """For each value the number of the part of the range that it falls into."""
    low, high = (float(np.asarray(v)) for v in value_range)
    scaled = operators.multiply(operators.divide(operators.subtract(values, low), high - low), float(nbins))
    return ops.cast(ops.clip(ops.floor(scaled), 0, nbins - 1), dtype)
