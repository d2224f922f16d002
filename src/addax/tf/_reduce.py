"""Reductions, cumulative sums, segments and clipping by norms, under TensorFlow's names."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from addax import ops
from addax.core import dtypes
from addax.core.errors import message
from addax.engine import SymbolicTensor, Tensor, Variable
from addax.engine import _operators as operators


def _axis(axis: Any) -> Any:
    if isinstance(axis, (Tensor, Variable, np.ndarray, np.generic)):
        axis = np.asarray(axis).tolist()
    return tuple(int(a) for a in axis) if isinstance(axis, (list, tuple)) else axis


def _dtype(x: Any) -> Any:
    return (
        x.dtype
        if isinstance(x, (Tensor, Variable, SymbolicTensor)) or hasattr(x, "ragged_rank")
        else ops.convert_to_tensor(x).dtype
    )


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
    # The sums of ragged tensors are divided as they are.
    ragged = hasattr(input_tensor, "ragged_rank") or getattr(input_tensor, "ragged", False)
    return ops.cast(found, dtype) if dtypes.is_int(dtype) and not ragged else found


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
    return _end_of_range(x, end) if 0 in (getattr(x, "shape", None) or ()) else None


def _end_of_range(x: Any, end: int) -> Any:
    """The low (0) or high (1) end of the range of the dtype of a tensor."""
    dtype = dtypes.standardize(_dtype(x))
    if dtype.is_floating:
        return (-np.inf, np.inf)[end]
    return _finite_end(x, end)


def _finite_end(x: Any, end: int) -> Any:
    """The lowest (0) or highest (1) finite number of the dtype of a tensor."""
    return dtypes.standardize(dtypes.narrow(dtypes.standardize(_dtype(x)).name)).limits[end]


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
    """How many elements over some axes are not zero (strings: not empty)."""
    input = ops.convert_to_tensor(input)
    flags = ops.cast(operators.not_equal(input, "" if input.dtype == "string" else 0), "int32")
    return ops.cast(ops.sum(flags, axis=_axis(axis), keepdims=keepdims), dtype)


def argmax(input: Any, axis: Any = None, output_type: Any = "int64", name: str | None = None) -> Any:
    """The index of the largest element along an axis (the first one if None).

    Args:
        input: A tensor of numbers.
        axis: The axis, a number.
        output_type: The integer dtype of the result; 64 bits become 32.
        name: Accepted for TensorFlow's sake.

    Example:
        >>> import addax.tf as tf
        >>> tf.argmax([[1, 9, 3], [4, 0, 8]], axis=1).numpy().tolist()
        [1, 2]
    """
    return ops.cast(ops.argmax(input, axis=0 if axis is None else _axis(axis)), output_type)


def argmin(input: Any, axis: Any = None, output_type: Any = "int64", name: str | None = None) -> Any:
    """The index of the smallest element along an axis (the first one if None).

    Args:
        input: A tensor of numbers.
        axis: The axis, a number.
        output_type: The integer dtype of the result; 64 bits become 32.
        name: Accepted for TensorFlow's sake.
    """
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
    """Sums of rows with equal, sorted segment numbers.

    Args:
        data: A tensor of shape `(n, ...)`.
        segment_ids: The number of each row's segment, integers of shape `(n,)` with known values that never fall.
        name: Accepted for TensorFlow's sake.

    Returns:
        A tensor of shape `(segments, ...)`, as many as the last number says; 0 for one that does not occur.

    Raises:
        ValueError: If the numbers fall somewhere.

    Example:
        >>> import addax.tf as tf
        >>> tf.math.segment_sum([1, 2, 10], [0, 0, 2]).numpy()
        array([ 3,  0, 10], dtype=int32)
    """
    return ops.segment_sum(data, segment_ids, num_segments=_segments(segment_ids), sorted=True)


def segment_max(data: Any, segment_ids: Any, name: str | None = None) -> Any:
    """Largest elements of rows with equal, sorted segment numbers; arguments as for `segment_sum`.

    A number that does not occur gives 0.
    """
    found = ops.segment_max(data, segment_ids, num_segments=_segments(segment_ids), sorted=True)
    return _zero_if_empty(found, segment_ids)


def segment_min(data: Any, segment_ids: Any, name: str | None = None) -> Any:
    """Smallest elements of rows with equal, sorted segment numbers; arguments as for `segment_sum`.

    A number that does not occur gives 0.
    """
    found = ops.segment_min(data, segment_ids, num_segments=_segments(segment_ids), sorted=True)
    return _zero_if_empty(found, segment_ids)


def segment_prod(data: Any, segment_ids: Any, name: str | None = None) -> Any:
    """Products of rows with equal, sorted segment numbers; arguments as for `segment_sum`.

    A number that does not occur gives 1.
    """
    return ops.segment_prod(data, segment_ids, num_segments=_segments(segment_ids), sorted=True)


def segment_mean(data: Any, segment_ids: Any, name: str | None = None) -> Any:
    """Means of rows with equal, sorted segment numbers; arguments as for `segment_sum`.

    A number that does not occur gives 0. Means of integers are integers, rounded towards 0.
    """
    found = unsorted_segment_mean(data, segment_ids, _segments(segment_ids))
    dtype = _dtype(data)
    return ops.cast(found, dtype) if dtypes.is_int(dtype) else found


def _segments(segment_ids: Any) -> int:
    """The number of segments; their numbers must not fall, or XLA would give anything."""
    numbers = np.asarray(segment_ids)
    if np.any(np.diff(numbers) < 0):
        raise ValueError(
            message("Segment numbers must not fall.", hint="Use tf.math.unsorted_segment_sum and the like.")
        )
    return int(numbers.max(initial=-1)) + 1


def _zero_if_empty(found: Any, segment_ids: Any) -> Any:
    """Zeros in the rows whose number does not occur."""
    present = np.isin(np.arange(found.shape[0]), np.asarray(segment_ids))
    if present.all():
        return found
    return ops.where(present.reshape(-1, *(1,) * (len(found.shape) - 1)), found, ops.zeros_like(found))


def _by_row(data: Any, segment_ids: Any) -> tuple[Any, Any]:
    """Data and segment numbers with the axes that the numbers have made one."""
    data, segment_ids = ops.convert_to_tensor(data), ops.convert_to_tensor(segment_ids)
    rank = len(segment_ids.shape)
    if rank == 1:
        return data, segment_ids
    return operators.reshape(data, (-1, *data.shape[rank:])), operators.reshape(segment_ids, (-1,))


def unsorted_segment_sum(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Any:
    """Sums of rows with equal segment numbers.

    Args:
        data: A tensor whose first axes are those of `segment_ids`.
        segment_ids: The number of each row's segment, integers of any shape; a row with a negative one is left out.
        num_segments: The number of segments.
        name: Accepted for TensorFlow's sake.

    Returns:
        A tensor of shape `(num_segments, ...)`, with the other axes of `data`; 0 for a number that does not occur.

    Example:
        >>> import addax.tf as tf
        >>> tf.math.unsorted_segment_sum([1, 2, 10], [2, 0, 2], num_segments=3).numpy()
        array([ 2,  0, 11], dtype=int32)
    """
    return ops.segment_sum(*_by_row(data, segment_ids), num_segments=int(num_segments))


def unsorted_segment_max(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Any:
    """Largest elements of rows with equal segment numbers; arguments as for `unsorted_segment_sum`.

    A number that does not occur gives the lowest finite number of the dtype.
    """
    found = ops.segment_max(*_by_row(data, segment_ids), num_segments=int(num_segments))
    return ops.maximum(found, _finite_end(found, 0))


def unsorted_segment_min(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Any:
    """Smallest elements of rows with equal segment numbers; arguments as for `unsorted_segment_sum`.

    A number that does not occur gives the highest finite number of the dtype.
    """
    found = ops.segment_min(*_by_row(data, segment_ids), num_segments=int(num_segments))
    return ops.minimum(found, _finite_end(found, 1))


def unsorted_segment_prod(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Any:
    """Products of rows with equal segment numbers; arguments as for `unsorted_segment_sum`.

    A number that does not occur gives 1.
    """
    return ops.segment_prod(*_by_row(data, segment_ids), num_segments=int(num_segments))


def unsorted_segment_mean(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Any:
    """Means of rows with equal segment numbers; arguments as for `unsorted_segment_sum`.

    A number that does not occur gives 0.
    """
    data, segment_ids = _by_row(data, segment_ids)
    total = unsorted_segment_sum(data, segment_ids, num_segments)
    count = unsorted_segment_sum(ops.ones_like(data), segment_ids, num_segments)
    return operators.divide(total, ops.maximum(count, 1))


def unsorted_segment_sqrt_n(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Any:
    """Sums of rows with equal segment numbers by the root of how many there are; see `unsorted_segment_sum`."""
    data, segment_ids = _by_row(data, segment_ids)
    total = unsorted_segment_sum(data, segment_ids, num_segments)
    count = unsorted_segment_sum(ops.ones_like(data), segment_ids, num_segments)
    return operators.divide(total, ops.sqrt(ops.maximum(count, 1)))


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
    """How often each of the integers 0, 1, 2, ... occurs, or the sum of its weights.

    Args:
        arr: Integers of at least 0, with known values.
        weights: What each element counts, of the shape of `arr`; 1 if None.
        minlength: The least length of the result, filled with zeros.
        maxlength: The greatest length of the result; greater numbers do not count.
        dtype: The dtype of the result, unless there are weights, which keep theirs.
        axis: -1 counts each row of a matrix by itself; 0 and None count all elements together.
        binary_output: Whether to give 1 for what occurs and 0 for the rest, instead of how often.
        name: Accepted for TensorFlow's sake.

    Raises:
        TypeError: In compiled code, where the length of the result is not known.

    Example:
        >>> import addax.tf as tf
        >>> tf.math.bincount([1, 1, 3]).numpy()
        array([0, 2, 0, 1], dtype=int32)
    """
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
    """The tensor scaled down so that its norm over some axes is at most `clip_norm`.

    Args:
        t: A float tensor.
        clip_norm: The greatest norm, above 0.
        axes: The axes of the vectors whose norms count; all of them, for one norm, if None.
        name: Accepted for TensorFlow's sake.

    Example:
        >>> import addax.tf as tf
        >>> tf.clip_by_norm([[3.0, 4.0], [0.0, 1.0]], 2.0, axes=1).numpy().round(4).tolist()[1]
        [0.0, 1.0]
    """
    t = ops.convert_to_tensor(t)
    total = ops.sum(ops.square(t), axis=_axis(axes), keepdims=True)
    norm = ops.sqrt(ops.where(operators.greater(total, 0), total, ops.ones_like(total)))
    norm = ops.where(operators.greater(total, 0), norm, ops.zeros_like(norm))
    return operators.divide(operators.multiply(t, clip_norm), ops.maximum(norm, clip_norm))


def global_norm(t_list: Any, name: str | None = None) -> Any:
    """The square root of the sum of all squares of a list of tensors.

    Args:
        t_list: Tensors of any shapes, at least one; None counts as nothing.
        name: Accepted for TensorFlow's sake.

    Example:
        >>> import addax.tf as tf
        >>> float(tf.linalg.global_norm([[3.0], None, [[4.0]]]))
        5.0
    """
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

    Args:
        t_list: Tensors of any shapes; None stays None.
        clip_norm: The greatest norm, above 0.
        use_norm: The global norm, if it is known already; computed if None.
        name: Accepted for TensorFlow's sake.

    Returns:
        The list of scaled tensors, and the global norm before that.

    Example:
        >>> import addax.tf as tf
        >>> clipped, norm = tf.clip_by_global_norm([[3.0, 4.0], None], 10.0)
        >>> clipped[0].numpy().tolist(), float(norm)
        ([3.0, 4.0], 5.0)
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
    """The tensor divided by its norm along some axes, and the norm.

    Args:
        tensor: A float tensor.
        ord: The kind of norm, as for `norm`.
        axis: An axis (vectors), two (matrices), or None for all elements.
        name: Accepted for TensorFlow's sake.

    Returns:
        The tensor, and the norm with the axes kept at length 1.
    """
    found = norm(tensor, ord, axis, keepdims=True)
    return operators.divide(tensor, found), found


def norm(
    tensor: Any, ord: Any = "euclidean", axis: Any = None, keepdims: bool = False, name: str | None = None
) -> Any:
    """The norm of vectors or matrices along one or two axes, of all elements if None.

    Args:
        tensor: A tensor.
        ord: `"euclidean"` or `"fro"` (the root of the sum of squares), a number p above 0 (for vectors the p-th root
            of the sum of p-th powers; for matrices 1 and 2), or `inf`.
        axis: An axis (vectors), two (matrices), or None for all elements as one vector.
        keepdims: Whether the axes stay, with length 1.
        name: Accepted for TensorFlow's sake.

    Example:
        >>> import addax.tf as tf
        >>> tf.norm([[3.0, -4.0], [1.0, 1.0]], ord=1, axis=1).numpy()
        array([7., 2.], dtype=float32)
    """
    axis = _axis(axis)
    if ord in ("euclidean", "fro") or (ord == 2 and not isinstance(axis, tuple)):
        return ops.sqrt(ops.sum(ops.square(operators.absolute(tensor)), axis=axis, keepdims=keepdims))
    if axis is None:
        flat = ops.norm(operators.reshape(tensor, (-1,)), ord=ord)
        return operators.reshape(flat, (1,) * len(ops.convert_to_tensor(tensor).shape)) if keepdims else flat
    return ops.norm(tensor, ord=ord, axis=axis, keepdims=keepdims)
