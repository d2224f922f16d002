"""Taking parts of tensors by index, cutting them by slices, and writing parts by index."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from addax import ops
from addax.core import tree
from addax.core.errors import message
from addax.engine import SymbolicTensor, Tensor, Variable, op
from addax.engine import _operators as operators
from addax.engine._errors import ShapeNeedsValue
from addax.engine._jax import jnp
from addax.engine._operators import known_ints
from addax.engine._staging import staged
from addax.ops._ragged import RaggedTensor
from addax.ops._ragged_ops import take as take_ragged
from addax.tf._arrays import boolean_mask, is_text


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
    if isinstance(params, RaggedTensor) or isinstance(indices, RaggedTensor):
        return take_ragged(
            params if hasattr(params, "shape") else ops.convert_to_tensor(params), indices, axis
        )
    axis = batch_dims if axis is None else int(axis)
    if not batch_dims:
        if is_text(params):
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
    """Slices of `params` at indices into its first k axes, where k is the last dimension of `indices`.

    Args:
        params: A tensor of numbers or, without `batch_dims`, strings.
        indices: Integers of shape `(..., k)`.
        batch_dims: How many leading dimensions `params` and `indices` share; the k axes come after them.
        name: Accepted for TensorFlow's sake.
        bad_indices_policy: What an index outside of `params` means: `"ERROR"` for an error, in eager code, which waits
            for the device; `"IGNORE"` for zeros; `""` for what is quickest: a number that is too large means the last
            slice, a negative one counts from the end.

    Returns:
        A tensor of shape `indices.shape[:-1] + params.shape[batch_dims + k:]`.

    Raises:
        ValueError: For another policy, or an index outside under `"ERROR"`.

    Example:
        >>> import addax.tf as tf
        >>> tf.gather_nd([[1, 2], [3, 4]], [[0, 1], [1, 0]]).numpy()
        array([2, 3], dtype=int32)
    """
    if is_text(params):
        texts, index = np.asarray(ops.convert_to_tensor(params)), np.asarray(indices)
        return Tensor(np.asarray(texts[tuple(np.moveaxis(index, -1, 0))], object))
    policy = bad_indices_policy or "DEFAULT"
    if policy not in ("DEFAULT", "ERROR", "IGNORE"):
        raise ValueError(
            message(
                "`bad_indices_policy` is wrong.",
                expected="'', 'DEFAULT', 'ERROR' or 'IGNORE'",
                received=policy,
            )
        )
    if policy == "ERROR":
        _check_indices(params, indices, int(batch_dims))
    return _gather_nd(params, indices, batch_dims=int(batch_dims), ignore=policy == "IGNORE")


def _check_indices(params: Any, indices: Any, batch_dims: int) -> None:
    if any(staged(part) or isinstance(part, SymbolicTensor) for part in tree.flatten(indices)):
        return
    index, sizes = np.asarray(indices), np.shape(params)[batch_dims:]
    bad = np.argwhere(((index < 0) | (index >= np.asarray(sizes[: index.shape[-1]]))).any(-1))
    if len(bad):
        raise ValueError(
            message(
                "gather_nd(): an index lies outside.",
                expected=f"numbers from 0 to below {tuple(sizes[: index.shape[-1]])}",
                received=f"indices[{', '.join(map(str, bad[0]))}] = {index[tuple(bad[0])].tolist()}",
            )
        )


@op(name="gather_nd")
def _gather_nd(params: Any, indices: Any, batch_dims: int = 0, ignore: bool = False) -> Any:
    params, indices = jnp.asarray(params), jnp.asarray(indices)
    if batch_dims:
        import jax

        return jax.vmap(lambda p, i: _gather_nd.op.fn(p, i, batch_dims - 1, ignore))(params, indices)
    if not ignore:
        return params[tuple(jnp.moveaxis(indices, -1, 0))]
    outside = jnp.where(indices < 0, np.iinfo(np.int32).max, indices)  # which would count from the end
    return params.at[tuple(jnp.moveaxis(outside, -1, 0))].get(mode="fill", fill_value=0)


# Slices --------------------------------------------------------------------------------------------------
def slice(input_: Any, begin: Any, size: Any, name: str | None = None) -> Any:  # noqa: A001
    """The part of a tensor that starts at `begin` and has shape `size` (-1 for all that is left).

    Args:
        input_: A tensor of rank n.
        begin: n integers, which may be computed in compiled code.
        size: n integers that are known when the function is compiled.
        name: Accepted for TensorFlow's sake.

    Raises:
        ShapeNeedsValue: In compiled code, if a size is -1 whose start is computed there.

    Example:
        >>> import addax.tf as tf
        >>> tf.slice([[1, 2, 3], [4, 5, 6]], [0, 1], [-1, 2]).numpy().tolist()
        [[2, 3], [5, 6]]
    """
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
    parts = starts if isinstance(starts, list) else [None] * len(counts)
    sizes = [_left(d, b) if s == -1 else s for d, b, s in zip(dims, parts, counts, strict=True)]
    return ops.slice(input_, starts, tuple(sizes))


def _left(size: int | None, start: Any) -> int | None:
    """How many elements of an axis there are from `start` on."""
    if start is None or staged(start) or isinstance(start, SymbolicTensor):
        raise ShapeNeedsValue(
            "tf.slice: size -1 behind a start that the compiled code computes has no fixed shape."
        )
    return None if size is None else size - int(start)


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
    """Python's slicing as a function; the masks say, bit by bit, what a position is besides `begin:end:stride`.

    All integers have to be known when the function is compiled. Bit i of a mask (`1 << i`) is about position i.

    Args:
        input_: A tensor.
        begin: Where each position starts.
        end: Where each position ends (exclusive).
        strides: The steps; 1 everywhere if None.
        begin_mask: Bits of the positions that start at their first element, whatever `begin` says.
        end_mask: Bits of the positions that go to their last element, whatever `end` says.
        ellipsis_mask: The bit of the position that is `...`.
        new_axis_mask: Bits of the positions that are new axes of size 1.
        shrink_axis_mask: Bits of the positions where only the element at `begin` is taken and the axis vanishes.
        var: Accepted for TensorFlow's sake; for a variable there are `Variable.assign` and its like.
        name: Accepted for TensorFlow's sake.

    Example:
        >>> import addax.tf as tf
        >>> tf.strided_slice([1, 2, 3, 4], [1], [0], [2], end_mask=1).numpy()
        array([2, 4], dtype=int32)
    """
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
    """The rows of `data` sorted into lists by their partition numbers; the lengths depend on the values.

    Args:
        data: A tensor whose first dimensions are those of `partitions`.
        partitions: Integers from 0 to `num_partitions` - 1; rows with another number get lost.
        num_partitions: The number of lists, a Python integer.
        name: Accepted for TensorFlow's sake.

    Example:
        >>> import addax.tf as tf
        >>> [t.numpy().tolist() for t in tf.dynamic_partition([5, 6, 7], [0, 1, 0], 2)]
        [[5, 7], [6]]
    """
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
