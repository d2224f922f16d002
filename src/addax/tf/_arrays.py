"""Joining, cutting, selecting and reordering tensors."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from addax import ops
from addax.core.errors import message
from addax.engine import Tensor, Variable
from addax.engine import _operators as operators
from addax.engine._unknown_texts import over_texts
from addax.ops._ragged import RaggedTensor


def reshape(tensor: Any, shape: Any, name: str | None = None) -> Any:
    """The same elements in another shape; one dimension may be -1, and is computed."""
    return operators.reshape(tensor, shape)


def transpose(a: Any, perm: Any = None, conjugate: bool = False, name: str | None = None) -> Any:
    """The axes in another order, reversed if `perm` is None.

    Args:
        a: A tensor of rank n.
        perm: For each axis of the result the axis of `a` that it was: the numbers from 0 to n - 1 in some order.
        conjugate: Whether to conjugate complex numbers besides.
        name: Accepted for TensorFlow's sake.
    """
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
    """The slices along an axis, as a list.

    Args:
        value: A tensor.
        num: The size of the axis, which is needed only if it is not known.
        axis: The axis, which the slices lack.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If `num` is not the size of the axis.

    Example:
        >>> import addax.tf as tf
        >>> [t.numpy().tolist() for t in tf.unstack([[1, 2], [3, 4]], axis=1)]
        [[1, 3], [2, 4]]
    """
    return ops.unstack(value, num=num, axis=axis)


def split(
    value: Any, num_or_size_splits: Any, axis: Any = 0, num: int | None = None, name: str = "split"
) -> Any:
    """Pieces along an axis: so many of equal size, or pieces of given sizes (one of which may be -1).

    Args:
        value: A tensor.
        num_or_size_splits: The number of pieces, or a list, array or tensor of sizes.
        axis: The axis to cut.
        num: Accepted for TensorFlow's sake; the number of sizes is always known.
        name: Accepted for TensorFlow's sake.

    Returns:
        A list of tensors.

    Raises:
        ValueError: If the axis does not divide.

    Example:
        >>> import addax.tf as tf
        >>> [t.numpy().tolist() for t in tf.split([1, 2, 3, 4], [1, -1])]
        [[1], [2, 3, 4]]
    """
    axis = int(axis)
    value = value if hasattr(value, "shape") else ops.convert_to_tensor(value)
    sizes = np.asarray(num_or_size_splits).tolist()
    if not isinstance(sizes, list):
        return list(ops.split(value, int(sizes), axis=axis))
    sizes = [int(s) for s in sizes]
    if -1 in sizes:
        sizes[sizes.index(-1)] = int(value.shape[axis]) - builtins.sum(s for s in sizes if s != -1)
    total = value.shape[axis]
    if total is not None and builtins.sum(sizes) != total:
        raise ValueError(
            message("The sizes of the pieces do not add up.", expected=f"{total}", received=f"{sizes}")
        )
    return list(ops.split(value, tuple(np.cumsum(sizes)[:-1].tolist()), axis=axis))


def tile(input: Any, multiples: Any, name: str | None = None) -> Any:
    """The tensor repeated as a whole, `multiples[i]` times along axis i.

    Args:
        input: A tensor of rank n.
        multiples: n integers.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If there is not one integer for each axis.

    Example:
        >>> import addax.tf as tf
        >>> tf.tile([[1, 2]], [2, 2]).numpy().tolist()
        [[1, 2, 1, 2], [1, 2, 1, 2]]
    """
    if isinstance(multiples, (list, tuple)):
        _one_for_each_axis("tile", "multiples", multiples, input)
    return ops.tile(input, multiples)


def _one_for_each_axis(name: str, what: str, given: Any, tensor: Any) -> None:
    rank = len(tensor.shape) if hasattr(tensor, "shape") else np.ndim(tensor)
    if len(given) != rank:
        raise ValueError(
            message(
                f"{name}() needs as many {what} as the tensor has axes.",
                expected=f"{rank}, for rank {rank}",
                received=str(len(given)),
            )
        )


def repeat(input: Any, repeats: Any, axis: int | None = None, name: str | None = None) -> Any:
    """The elements of the tensor repeated one by one along an axis (of the flattened tensor if None).

    Args:
        input: A tensor.
        repeats: How often, one integer or one for each element along the axis.
        axis: The axis.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If the number of `repeats` does not fit the axis.

    Example:
        >>> import addax.tf as tf
        >>> tf.repeat([5, 6], [1, 2]).numpy()
        array([5, 6, 6], dtype=int32)
    """
    return ops.repeat(input, repeats, axis=axis)


def reverse(tensor: Any, axis: Any, name: str | None = None) -> Any:
    """The tensor in reverse order along some axes."""
    return ops.flip(tensor, axis=_axis(axis))


def roll(input: Any, shift: Any, axis: Any, name: str | None = None) -> Any:
    """The tensor rolled along some axes.

    Args:
        input: A tensor.
        shift: By how many places elements move on (negative: back), one integer for each axis.
        axis: The axis or the axes.
        name: Accepted for TensorFlow's sake.

    Example:
        >>> import addax.tf as tf
        >>> tf.roll([1, 2, 3], shift=1, axis=0).numpy()
        array([3, 1, 2], dtype=int32)
    """
    return ops.roll(input, shift, axis=_axis(axis))


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

    Raises:
        ValueError: If there is not one pair for each axis.
    """
    width = tuple((int(a), int(b)) for a, b in (np.asarray(p).tolist() for p in paddings))
    _one_for_each_axis("pad", "pairs of paddings", width, tensor)
    mode = mode.lower()
    if mode == "constant":
        return ops.pad(tensor, width, mode="constant", constant_values=constant_values)
    return ops.pad(tensor, width, mode=mode)


def broadcast_to(input: Any, shape: Any, name: str | None = None) -> Any:
    """The tensor broadcast to a shape."""
    return ops.broadcast_to(input, shape)


def meshgrid(*args: Any, indexing: str = "xy", name: str | None = None) -> list:
    """Coordinate tensors of a grid.

    Args:
        *args: Vectors of coordinates, one for each axis of the grid.
        indexing: `"xy"`: the first vector runs along the second axis, the second one along the first; `"ij"`: vector i
            runs along axis i.
        name: Accepted for TensorFlow's sake.

    Returns:
        A tensor of the shape of the grid for each vector.

    Raises:
        ValueError: If `indexing` is neither.

    Example:
        >>> import addax.tf as tf
        >>> [t.numpy().tolist() for t in tf.meshgrid([1, 2], [5, 6])]
        [[[1, 2], [1, 2]], [[5, 5], [6, 6]]]
    """
    return list(ops.meshgrid(*args, indexing=indexing))


@over_texts
def where(condition: Any, x: Any = None, y: Any = None, name: str | None = None) -> Any:
    """`x` where the condition holds and `y` elsewhere; the indices where it holds if neither is given.

    Args:
        condition: A bool tensor; numbers hold unless they are 0.
        x: A tensor that broadcasts with the others, numbers or strings.
        y: Likewise.
        name: Accepted for TensorFlow's sake.

    Returns:
        A tensor of the common shape, or int32 indices of shape `(count, rank)`, whose count depends on the values.

    Raises:
        ValueError: If only one of `x` and `y` is given.

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
    if is_text(x) or is_text(y):
        return Tensor(
            np.where(
                np.asarray(condition),
                np.asarray(ops.convert_to_tensor(x)),
                np.asarray(ops.convert_to_tensor(y)),
            )
        )
    return ops.where(condition, x, y)


def is_text(value: Any) -> bool:
    if isinstance(value, (list, tuple)) and value:
        return is_text(value[0])
    return isinstance(value, (str, bytes)) or getattr(value, "dtype", None) == "string"


def boolean_mask(tensor: Any, mask: Any, axis: Any = None, name: str = "boolean_mask") -> Any:
    """The elements (or rows from `axis` on) where the mask is true; their number depends on the values."""
    if isinstance(tensor, RaggedTensor) or isinstance(mask, RaggedTensor):
        from addax.tf._ragged import boolean_mask as ragged_mask

        return ragged_mask(tensor, mask)
    mask = ops.convert_to_tensor(mask)
    return operators.boolean_mask(ops.convert_to_tensor(tensor), mask, axis=0 if axis is None else int(axis))


def unravel_index(indices: Any, dims: Any, name: str | None = None) -> Any:
    """Positions in a flattened tensor as indices into one of shape `dims`, one row for each axis."""
    return operators.stack(list(ops.unravel_index(indices, _tuple(dims))))


def identity_n(input: Any, name: str | None = None) -> list:
    """Tensors of the same values."""
    return [operators.identity(x) for x in input]
