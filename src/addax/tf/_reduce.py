"""Reductions, cumulative sums, segments and clipping by norms, under TensorFlow's names."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from addax import ops
from addax.core import dtypes
from addax.engine import SymbolicTensor, Tensor, Variable
from addax.engine import _operators as operators


def _axis(axis: Any) -> Any:
    if isinstance(axis, (Tensor, Variable, np.ndarray, np.generic)):
        axis = np.asarray(axis).tolist()
    return tuple(int(a) for a in axis) if isinstance(axis, (list, tuple)) else axis


def _dtype(x: Any) -> Any:
    return x.dtype if isinstance(x, (Tensor, Variable, SymbolicTensor)) else ops.convert_to_tensor(x).dtype


def reduce_sum(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
    """The sum over some axes (all if None).

    Example:
        >>> import addax.tf as tf
        >>> tf.reduce_sum([[1, 2], [3, 4]], axis=0).numpy()
        array([4, 6], dtype=int32)
    """
    return ops.sum(input_tensor, axis=_axis(axis), keepdims=keepdims)


def reduce_mean(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
    """The mean over some axes; that of integers is an integer, as TensorFlow has it."""
    found = ops.mean(input_tensor, axis=_axis(axis), keepdims=keepdims)
    dtype = _dtype(input_tensor)
    return ops.cast(found, dtype) if dtypes.is_int(dtype) else found


def reduce_prod(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
    """The product over some axes."""
    return ops.prod(input_tensor, axis=_axis(axis), keepdims=keepdims)


def reduce_max(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
    """The largest element over some axes; the lowest number of the dtype if there are none."""
    return ops.max(input_tensor, axis=_axis(axis), keepdims=keepdims, initial=_if_empty(input_tensor, 0))


def reduce_min(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
    """The smallest element over some axes; the highest number of the dtype if there are none."""
    return ops.min(input_tensor, axis=_axis(axis), keepdims=keepdims, initial=_if_empty(input_tensor, 1))


def _if_empty(x: Any, end: int) -> Any:
    """The low (0) or high (1) end of the range of a tensor without elements; None for any other tensor."""
    if 0 not in (getattr(x, "shape", None) or ()):
        return None
    dtype = dtypes.standardize(_dtype(x))
    if dtype.is_floating:
        return (-np.inf, np.inf)[end]
    return dtypes.standardize(dtypes.narrow(dtype.name)).limits[end]


def reduce_any(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
    """Whether any element over some axes is true."""
    return ops.any(input_tensor, axis=_axis(axis), keepdims=keepdims)


def reduce_all(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
    """Whether all elements over some axes are true."""
    return ops.all(input_tensor, axis=_axis(axis), keepdims=keepdims)


def reduce_std(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
    """The standard deviation over some axes."""
    return ops.std(input_tensor, axis=_axis(axis), keepdims=keepdims)


def reduce_variance(
    input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None
) -> Any:
    """The variance over some axes."""
    return ops.var(input_tensor, axis=_axis(axis), keepdims=keepdims)


def reduce_logsumexp(
    input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None
) -> Any:
    """`log(sum(exp(x)))` over some axes, without overflow."""
    return ops.logsumexp(input_tensor, axis=_axis(axis), keepdims=keepdims)


def reduce_euclidean_norm(
    input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None
) -> Any:
    """The square root of the sum of squares over some axes."""
    return ops.sqrt(ops.sum(ops.square(input_tensor), axis=_axis(axis), keepdims=keepdims))


def count_nonzero(
    input: Any, axis: Any = None, keepdims: bool = False, dtype: Any = "int64", name: Any = None
) -> Any:
    """How many elements over some axes are not zero."""
    flags = ops.cast(operators.not_equal(input, 0), "int32")
    return ops.cast(ops.sum(flags, axis=_axis(axis), keepdims=keepdims), dtype)


def argmax(input: Any, axis: Any = None, output_type: Any = "int64", name: str | None = None) -> Any:
    """The index of the largest element along an axis (the first one if None)."""
    return ops.cast(ops.argmax(input, axis=0 if axis is None else _axis(axis)), output_type)


def argmin(input: Any, axis: Any = None, output_type: Any = "int64", name: str | None = None) -> Any:
    """The index of the smallest element along an axis (the first one if None)."""
    return ops.cast(ops.argmin(input, axis=0 if axis is None else _axis(axis)), output_type)


# Along an axis -------------------------------------------------------------------------------------------
def cumsum(
    x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None
) -> Any:
    """Running sums along an axis.

    Args:
        x: A tensor.
        axis: The axis.
        exclusive: Whether each sum leaves out its own element.
        reverse: Whether to sum from the end.
        name: Accepted for TensorFlow's sake.
    """
    return _running(ops.cumsum, x, int(axis), exclusive, reverse, 0)


def cumprod(
    x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None
) -> Any:
    """Running products along an axis (see `cumsum`)."""
    return _running(ops.cumprod, x, int(axis), exclusive, reverse, 1)


def cumulative_logsumexp(
    x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: Any = None
) -> Any:
    """Running `log(sum(exp(x)))` along an axis (see `cumsum`)."""
    x = ops.convert_to_tensor(x)
    top = ops.stop_gradient(ops.max(x, axis=int(axis), keepdims=True))
    sums = cumsum(ops.exp(operators.subtract(x, top)), axis, exclusive, reverse)
    return operators.add(ops.log(sums), top)


def _running(run: Any, x: Any, axis: int, exclusive: bool, reverse: bool, first: int) -> Any:
    x = x if hasattr(x, "shape") else ops.convert_to_tensor(x)
    if reverse:
        x = ops.flip(x, axis=axis)
    found = run(x, axis=axis)
    if exclusive:
        found = _shifted(found, axis, first)
    return ops.flip(found, axis=axis) if reverse else found


def _shifted(x: Any, axis: int, first: int) -> Any:
    """The tensor moved on by one along an axis, with `first` in front."""
    axis %= len(x.shape)
    width = tuple((1, 0) if i == axis else (0, 0) for i in range(len(x.shape)))
    padded = ops.pad(x, width, mode="constant", constant_values=first)
    return padded[tuple(slice(None, -1) if i == axis else slice(None) for i in range(len(x.shape)))]


# Segments ------------------------------------------------------------------------------------------------
def segment_sum(data: Any, segment_ids: Any, name: str | None = None) -> Any:
    """Sums of rows with equal, sorted segment numbers."""
    return ops.segment_sum(data, segment_ids, num_segments=_segments(segment_ids), sorted=True)


def segment_max(data: Any, segment_ids: Any, name: str | None = None) -> Any:
    """Largest elements of rows with equal, sorted segment numbers."""
    return ops.segment_max(data, segment_ids, num_segments=_segments(segment_ids), sorted=True)


def segment_min(data: Any, segment_ids: Any, name: str | None = None) -> Any:
    """Smallest elements of rows with equal, sorted segment numbers."""
    return ops.segment_min(data, segment_ids, num_segments=_segments(segment_ids), sorted=True)


def segment_prod(data: Any, segment_ids: Any, name: str | None = None) -> Any:
    """Products of rows with equal, sorted segment numbers."""
    return ops.segment_prod(data, segment_ids, num_segments=_segments(segment_ids), sorted=True)


def segment_mean(data: Any, segment_ids: Any, name: str | None = None) -> Any:
    """Means of rows with equal, sorted segment numbers."""
    return unsorted_segment_mean(data, segment_ids, _segments(segment_ids))


def _segments(segment_ids: Any) -> int:
    return int(np.asarray(segment_ids).max()) + 1


def unsorted_segment_sum(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Any:
    """Sums of rows with equal segment numbers."""
    return ops.segment_sum(data, segment_ids, num_segments=int(num_segments))


def unsorted_segment_max(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Any:
    """Largest elements of rows with equal segment numbers."""
    return ops.segment_max(data, segment_ids, num_segments=int(num_segments))


def unsorted_segment_min(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Any:
    """Smallest elements of rows with equal segment numbers."""
    return ops.segment_min(data, segment_ids, num_segments=int(num_segments))


def unsorted_segment_prod(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Any:
    """Products of rows with equal segment numbers."""
    return ops.segment_prod(data, segment_ids, num_segments=int(num_segments))


def unsorted_segment_mean(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Any:
    """Means of rows with equal segment numbers, 0 for a number that does not occur."""
    data = ops.convert_to_tensor(data)
    total = unsorted_segment_sum(data, segment_ids, num_segments)
    count = unsorted_segment_sum(ops.ones_like(data), segment_ids, num_segments)
    return operators.divide(total, ops.maximum(count, 1))


def bincount(
    arr: Any,
    weights: Any = None,
    minlength: Any = None,
    maxlength: Any = None,
    dtype: Any = "int32",
    name: str | None = None,
    axis: int | None = None,
    binary_output: bool = False,
) -> Any:
    """How often each integer occurs (or the sum of its weights), of the flattened tensor or row by row (`axis=-1`)."""
    arr = ops.convert_to_tensor(arr)
    if axis is None or axis == 0:
        arr = operators.reshape(arr, (-1,))
        weights = None if weights is None else operators.reshape(weights, (-1,))
    found = ops.bincount(arr, weights=weights, minlength=int(minlength or 0))
    if maxlength is not None:
        found = found[..., : int(maxlength)]
    if binary_output:
        found = ops.cast(operators.greater(found, 0), dtype)
    return found if weights is not None else ops.cast(found, dtype)


# Clipping by norms ---------------------------------------------------------------------------------------
def clip_by_norm(t: Any, clip_norm: Any, axes: Any = None, name: str | None = None) -> Any:
    """The tensor scaled down so that its norm over some axes is at most `clip_norm`."""
    t = ops.convert_to_tensor(t)
    total = ops.sum(ops.square(t), axis=_axis(axes), keepdims=True)
    norm = ops.sqrt(ops.where(operators.greater(total, 0), total, ops.ones_like(total)))
    norm = ops.where(operators.greater(total, 0), norm, ops.zeros_like(norm))
    return operators.divide(operators.multiply(t, clip_norm), ops.maximum(norm, clip_norm))


def global_norm(t_list: Any, name: str | None = None) -> Any:
    """The square root of the sum of all squares of a list of tensors; None counts as nothing."""
    squares = [ops.sum(ops.square(t)) for t in t_list if t is not None]
    total = squares[0]
    for square in squares[1:]:
        total = operators.add(total, square)
    return ops.sqrt(total)


def clip_by_global_norm(
    t_list: Any, clip_norm: Any, use_norm: Any = None, name: str | None = None
) -> tuple[list, Any]:
    """Tensors scaled down together so that their global norm is at most `clip_norm`; also gives that norm.

    If the norm is infinite or NaN, all tensors become NaN.
    """
    norm = global_norm(t_list) if use_norm is None else ops.convert_to_tensor(use_norm)
    limit = ops.cast(clip_norm, norm.dtype)
    scale = operators.multiply(limit, ops.minimum(operators.divide(1.0, norm), operators.divide(1.0, limit)))
    scale = ops.where(ops.isfinite(norm), scale, float("nan"))
    return [None if t is None else operators.multiply(t, ops.cast(scale, _dtype(t))) for t in t_list], norm


def clip_by_average_norm(t: Any, clip_norm: Any, name: str | None = None) -> Any:
    """The tensor scaled down so that its norm divided by its size is at most `clip_norm`."""
    size = builtins.float(np.prod(t.shape))
    return clip_by_norm(t, operators.multiply(clip_norm, size))


def normalize(
    tensor: Any, ord: Any = "euclidean", axis: Any = None, name: str | None = None
) -> tuple[Any, Any]:
    """The tensor divided by its norm along some axes, and the norm."""
    found = norm(tensor, ord, axis, keepdims=True)
    return operators.divide(tensor, found), found


def norm(
    tensor: Any, ord: Any = "euclidean", axis: Any = None, keepdims: bool = False, name: str | None = None
) -> Any:
    """The norm of vectors or matrices along one or two axes, of all elements if None."""
    axis = _axis(axis)
    if ord in ("euclidean", "fro") or (ord == 2 and not isinstance(axis, tuple)):
        return ops.sqrt(ops.sum(ops.square(operators.absolute(tensor)), axis=axis, keepdims=keepdims))
    if axis is None:
        flat = ops.norm(operators.reshape(tensor, (-1,)), ord=ord)
        return operators.reshape(flat, (1,) * len(ops.convert_to_tensor(tensor).shape)) if keepdims else flat
    return ops.norm(tensor, ord=ord, axis=axis, keepdims=keepdims)
