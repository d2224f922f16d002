"""The functions of tf.keras's backend that make, reshape, join and pad tensors, over `addax.ops`."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from addax import ops
from addax.core import config
from addax.core.errors import message
from addax.engine import SymbolicTensor, Tensor, Variable, _jax
from addax.engine import _operators as operators


# What a tensor is --------------------------------------------------------------------------------------------
def shape(x: Any) -> Any:
    """The shape as an int32 tensor of rank 1."""
    return operators.shape_tensor(x)


def int_shape(x: Any) -> tuple | None:
    """The shape as a tuple, None for unknown dimensions; None for what has no shape.

    Example:
        >>> import addax as keras
        >>> int_shape(keras.Input((3,)))
        (None, 3)
    """
    found = getattr(x, "shape", None)
    return None if found is None else tuple(found)


def ndim(x: Any) -> int:
    """The number of axes."""
    return len(x.shape)


def count_params(x: Any) -> int:
    """The number of elements."""
    return int(np.prod(x.shape))


def dtype(x: Any) -> str:
    """The name of the dtype."""
    return ops.dtype(x)


def cast(x: Any, dtype: Any) -> Any:
    """The same values in another dtype."""
    return ops.cast(x, dtype)


def cast_to_floatx(x: Any) -> Any:
    """The same values in the float dtype of the settings; what is no tensor gives a NumPy array."""
    if isinstance(x, (Tensor, Variable, SymbolicTensor)):
        return ops.cast(x, config.floatx())
    return np.asarray(x, config.floatx())


# Making -------------------------------------------------------------------------------------------------------
def constant(value: Any, dtype: Any = None, shape: Any = None, name: str | None = None) -> Any:
    """A tensor of given values, repeated to fill `shape` if one is given."""
    tensor = ops.convert_to_tensor(value, dtype or config.floatx())
    return tensor if shape is None else ops.broadcast_to(tensor, shape)


def _kept(tensor: Any, name: str | None) -> Any:
    """A variable of the tensor, as tf.keras makes it; in traced code, which makes no variables, the tensor."""
    return Variable(tensor, name=name) if _jax.not_tracing() else tensor


def zeros(shape: Any, dtype: Any = None, name: str | None = None) -> Any:
    """A variable of zeros; inside compiled code, a tensor of zeros."""
    return _kept(ops.zeros(shape, dtype or config.floatx()), name)


def ones(shape: Any, dtype: Any = None, name: str | None = None) -> Any:
    """A variable of ones; inside compiled code, a tensor of ones."""
    return _kept(ops.ones(shape, dtype or config.floatx()), name)


def zeros_like(x: Any, dtype: Any = None, name: str | None = None) -> Any:
    """Zeros in the shape of a tensor."""
    return ops.zeros_like(x, dtype)


def ones_like(x: Any, dtype: Any = None, name: str | None = None) -> Any:
    """Ones in the shape of a tensor."""
    return ops.ones_like(x, dtype)


def eye(size: Any, dtype: Any = None, name: str | None = None) -> Any:
    """A variable of an identity matrix; inside compiled code, a tensor.

    Args:
        size: Its size, or the pair of its sizes.
        dtype: The dtype.
        name: The variable's name.
    """
    rows, columns = size if isinstance(size, (list, tuple)) else (size, size)
    return _kept(ops.eye(rows, columns, dtype=dtype or config.floatx()), name)


def arange(start: Any, stop: Any = None, step: Any = 1, dtype: Any = "int32") -> Any:
    """Numbers from `start` (0, if it is the only one) up to `stop`, by `step`."""
    return ops.arange(start, stop, step, dtype=dtype)


def identity(x: Any, name: str | None = None) -> Any:
    """A tensor with the same values."""
    return operators.identity(x)


def one_hot(indices: Any, num_classes: int) -> Any:
    """Vectors with a one at each index, of length `num_classes`, as floats."""
    return ops.one_hot(indices, num_classes)


# Changing the shape -------------------------------------------------------------------------------------------
def reshape(x: Any, shape: Any) -> Any:
    """The same elements in another shape."""
    return ops.reshape(x, shape)


def flatten(x: Any) -> Any:
    """All elements in one axis."""
    return ops.reshape(x, (-1,))


def batch_flatten(x: Any) -> Any:
    """The elements of each sample in one axis.

    Example:
        >>> from addax import ops
        >>> batch_flatten(ops.ones((2, 3, 4))).shape
        TensorShape([2, 12])
    """
    rest = tuple(x.shape)[1:]
    if None in rest:
        return ops.reshape(x, (operators.shape_tensor(x)[0], -1))
    return ops.reshape(x, (-1, int(np.prod(rest))))


def expand_dims(x: Any, axis: Any = -1) -> Any:
    """The tensor with a new axis of size 1."""
    return ops.expand_dims(x, axis)


def squeeze(x: Any, axis: Any) -> Any:
    """The tensor without an axis of size 1."""
    return ops.squeeze(x, axis)


def permute_dimensions(x: Any, pattern: Any) -> Any:
    """The tensor with its axes in the order of `pattern`."""
    return ops.transpose(x, pattern)


def transpose(x: Any) -> Any:
    """The tensor with its axes reversed."""
    return ops.transpose(x)


def concatenate(tensors: Any, axis: Any = -1) -> Any:
    """Tensors joined along an axis."""
    return ops.concatenate(list(tensors), axis=axis)


def stack(x: Any, axis: Any = 0) -> Any:
    """Tensors joined along a new axis."""
    return ops.stack(list(x), axis=axis)


def tile(x: Any, n: Any) -> Any:
    """The tensor repeated `n` times along each axis."""
    return ops.tile(x, n)


def repeat(x: Any, n: Any) -> Any:
    """Each vector of a matrix `n` times: shape `(batch, n, size)`."""
    return ops.repeat(ops.expand_dims(x, 1), n, axis=1)


def repeat_elements(x: Any, rep: int, axis: int) -> Any:
    """Each element along an axis, `rep` times in a row.

    Args:
        x: A tensor.
        rep: How often.
        axis: The axis.
    """
    return ops.repeat(x, rep, axis=axis)


def reverse(x: Any, axes: Any) -> Any:
    """The tensor with the order along some axes turned round."""
    return ops.flip(x, axis=tuple(axes) if isinstance(axes, (list, tuple)) else axes)


def gather(reference: Any, indices: Any) -> Any:
    """The slices of `reference` at indices of its first axis."""
    return ops.take(reference, indices, axis=0)


# Padding and resizing -----------------------------------------------------------------------------------------
def _pad_space(x: Any, padding: Any, data_format: Any) -> Any:
    first = config.standardize_data_format(data_format) == "channels_first"
    space = [tuple(p) if isinstance(p, (list, tuple)) else (p, p) for p in padding]
    return ops.pad(x, [(0, 0), (0, 0), *space] if first else [(0, 0), *space, (0, 0)])


def temporal_padding(x: Any, padding: Any = (1, 1)) -> Any:
    """Zeros before and after the middle axis of a tensor of rank 3, as many as `padding` says."""
    return ops.pad(x, [(0, 0), tuple(padding), (0, 0)])


def spatial_2d_padding(x: Any, padding: Any = ((1, 1), (1, 1)), data_format: Any = None) -> Any:
    """Zeros around images.

    Args:
        x: Tensor of rank 4.
        padding: Pairs of how many rows, and how many columns, before and after.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.
    """
    return _pad_space(x, padding, data_format)


def spatial_3d_padding(x: Any, padding: Any = ((1, 1), (1, 1), (1, 1)), data_format: Any = None) -> Any:
    """Zeros around volumes. See `spatial_2d_padding`."""
    return _pad_space(x, padding, data_format)


def resize_images(
    x: Any, height_factor: int, width_factor: int, data_format: str, interpolation: str = "nearest"
) -> Any:
    """Images enlarged by whole factors.

    Args:
        x: Tensor of rank 4.
        height_factor: The factor of the height.
        width_factor: The factor of the width.
        data_format: `"channels_last"` or `"channels_first"`.
        interpolation: See `addax.ops.image.resize`.
    """
    first = config.standardize_data_format(data_format) == "channels_first"
    height, width = (x.shape[2:4]) if first else x.shape[1:3]
    size = (height * height_factor, width * width_factor)
    return ops.image.resize(x, size, interpolation=interpolation, data_format=data_format)


def resize_volumes(x: Any, depth_factor: int, height_factor: int, width_factor: int, data_format: str) -> Any:
    """Volumes enlarged by repeating each element.

    Args:
        x: Tensor of rank 5.
        depth_factor: The factor of the first spatial dimension.
        height_factor: The factor of the second.
        width_factor: The factor of the third.
        data_format: `"channels_last"` or `"channels_first"`.
    """
    start = 2 if config.standardize_data_format(data_format) == "channels_first" else 1
    for axis, factor in enumerate((depth_factor, height_factor, width_factor), start):
        x = ops.repeat(x, factor, axis=axis)
    return x


# Sparse tensors -----------------------------------------------------------------------------------------------
class SparseTensorValue(NamedTuple):
    """A sparse tensor by its elements, as `ctc_label_dense_to_sparse` gives it.

    Attributes:
        indices: Where the elements are, of shape `(elements, rank)`.
        values: The elements.
        dense_shape: The shape of the whole.
    """

    indices: Any
    values: Any
    dense_shape: Any


def is_sparse(tensor: Any) -> bool:
    """Whether a tensor is sparse."""
    return isinstance(tensor, SparseTensorValue) or bool(getattr(tensor, "sparse", False))


def to_dense(tensor: Any) -> Any:
    """The tensor, not sparse any more."""
    if not isinstance(tensor, SparseTensorValue):
        return tensor
    return ops.scatter(tensor.indices, tensor.values, tuple(int(d) for d in np.asarray(tensor.dense_shape)))


def ctc_label_dense_to_sparse(labels: Any, label_lengths: Any) -> SparseTensorValue:
    """The labels that count, as a sparse tensor.

    Args:
        labels: Integers of shape `(batch, max_length)`.
        label_lengths: How many of each row count.

    Raises:
        TypeError: If the values are not known.

    Example:
        >>> ctc_label_dense_to_sparse([[3, 4], [5, 0]], [2, 1]).values.numpy()
        array([3, 4, 5], dtype=int32)
    """
    if isinstance(labels, SymbolicTensor):
        raise TypeError(
            message("How many labels there are depends on values.", hint="Call it on values, not in a model.")
        )
    rows = np.asarray(labels)
    lengths = np.asarray(label_lengths).reshape(-1, 1)
    where = np.argwhere(np.arange(rows.shape[1]) < lengths)
    return SparseTensorValue(
        ops.convert_to_tensor(where, "int64"),
        ops.convert_to_tensor(rows[tuple(where.T)].astype("int32")),
        ops.convert_to_tensor(np.array(rows.shape), "int64"),
    )
