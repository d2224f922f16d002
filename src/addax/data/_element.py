"""Elements on their way through a pipeline: nests of NumPy arrays, strings as object arrays of bytes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from addax.core.errors import describe, message
from addax.data import _nest
from addax.engine import Variable
from addax.engine._tensor import Tensor
from addax.ops._ragged_ops import stack as ragged_stack


class UnequalShapes(ValueError):
    """Elements of different shapes were to be put into one array."""


def to_host(value: Any, what: str = "value") -> np.ndarray:
    """A NumPy array of a leaf that the user gave.

    Python floats become float32 and ints int32 (int64 if they need it); NumPy arrays keep their dtype.

    Args:
        value: A tensor, a variable, an array, a pandas column, a number, a string, or a list of these.
        what: Its name in the error.

    Raises:
        TypeError: If it is none of these.
        ValueError: If rows of a list differ in length.
    """
    if type(value) is np.ndarray and value.dtype.kind in "fiub":
        return value
    if isinstance(value, (Tensor, Variable)):
        return _standard(value.__array__(), what)
    if hasattr(value, "__addax_op__"):  # a ragged or sparse tensor stays one
        return value
    if isinstance(value, (np.ndarray, np.generic)):
        return _standard(np.asarray(value), what)
    if isinstance(value, (bool, int, float, complex, str, bytes, list, tuple)):
        return _from_python(value, what)
    if hasattr(value, "__array__") and not isinstance(value, type):
        return _standard(np.asarray(value), what)
    raise _not_an_array(value, what)


def _from_python(value: Any, what: str) -> np.ndarray:
    if isinstance(value, (list, tuple)):
        value = [np.asarray(v) if hasattr(v, "__array__") else v for v in value]
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(message(f"The rows of {what} differ in length.", received=value)) from None
    if array.dtype.kind in "SU":
        return _standard(np.asarray(value, object), what)  # NumPy's strings drop zero bytes at their end
    if array.dtype == np.float64 and not _has_numpy(value):
        return array.astype(np.float32)
    if array.dtype == np.int64 and not _has_numpy(value):
        narrow = array.astype(np.int32)
        return narrow if (narrow == array).all() else array
    return _standard(array, what)


def _has_numpy(value: Any) -> bool:
    """Whether the dtype comes from NumPy somewhere in a list, rather than from Python's numbers."""
    if isinstance(value, (list, tuple)):
        return any(_has_numpy(v) for v in value[:1])
    return isinstance(value, (np.ndarray, np.generic))


def _standard(array: np.ndarray, what: str) -> np.ndarray:
    """The array with strings as bytes objects, and without a subclass of ndarray such as `memmap`."""
    kind = array.dtype.kind
    if kind in "SU":
        return _bytes(array)
    if kind == "O":
        items = array.ravel().tolist()
        if all(type(item) is bytes for item in items):
            return array
        if items and all(isinstance(item, (str, bytes)) for item in items):
            return _bytes(array)
        if items and all(isinstance(item, (bool, int, float)) for item in items):
            return np.array(items).reshape(array.shape)
        raise _not_an_array(array, what, next((x for x in items if not isinstance(x, (str, bytes))), None))
    if kind in "mM":
        raise _not_an_array(array, what)
    return array if type(array) is np.ndarray else np.asarray(array)


def _bytes(array: np.ndarray) -> np.ndarray:
    out = np.empty(array.shape, object)
    flat = out.reshape(-1)
    for i, item in enumerate(array.ravel().tolist()):
        flat[i] = item.encode() if isinstance(item, str) else bytes(item)
    return out


def _not_an_array(value: Any, what: str, item: Any = None) -> TypeError:
    received = describe(value) if item is None else f"{describe(value)} that holds {describe(item)}"
    return TypeError(
        message(
            f"The {what} cannot be turned into a tensor.",
            expected="numbers, booleans or strings, in rows of equal length",
            received=received,
        )
    )


def element_to_host(nest: Any, what: str = "element") -> Any:
    """The nest with each leaf as a NumPy array."""
    if not _nest.is_nest(nest):
        return to_host(nest, what)
    names = iter(_nest.paths(nest))
    return _nest.map_leaves(lambda leaf: to_host(leaf, f"{what} {next(names)}"), nest)


def empty(shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    """An array for numbers to come, in memory that JAX takes over from the host without a copy (by 64 bytes)."""
    dtype = np.dtype(dtype)
    size = math.prod(shape) * dtype.itemsize
    block = np.empty(size + 63, np.uint8)
    first = -block.ctypes.data % 64
    return block[first : first + size].view(dtype).reshape(shape)


def frozen(nest: Any) -> Any:
    """Views that nobody can write through, for arrays that are given out more than once."""
    return _nest.map_leaves(_frozen_leaf, nest)


def _frozen_leaf(leaf: Any) -> Any:
    if not isinstance(leaf, np.ndarray):
        return leaf
    view = leaf.view()
    view.flags.writeable = False
    return view


def stack(elements: Sequence) -> Any:
    """One nest of arrays with a new first axis, from elements of equal shapes.

    Raises:
        UnequalShapes: If shapes or dtypes differ.
    """
    columns = [_nest.flatten(element) for element in elements]
    leaves = [_stack_leaf([column[i] for column in columns], elements[0], i) for i in range(len(columns[0]))]
    return _nest.pack(elements[0], leaves)


def _stack_leaf(leaves: list, element: Any, index: int) -> Any:
    first = leaves[0]
    if hasattr(first, "ragged_rank"):
        return ragged_stack(leaves)
    if hasattr(first, "_stacked"):
        return type(first)._stacked(leaves)
    if hasattr(first, "__addax_op__"):
        raise TypeError(
            message(
                f"Objects of {type(first).__qualname__} cannot be batched.",
                hint="Make it a subclass of tf.experimental.BatchableExtensionType.",
            )
        )
    if not isinstance(first, np.ndarray):
        raise TypeError(
            message(
                f"Component {_nest.paths(element)[index]} is a dataset, and datasets cannot be batched.",
                hint="Flatten the windows first: .flat_map(lambda window: window.batch(size)).",
            )
        )
    dtype = first.dtype
    for leaf in leaves:
        if leaf.shape != first.shape or not _go_together(leaf.dtype, dtype):
            raise _unequal(first, leaf, _nest.paths(element)[index])
        if leaf.dtype != dtype:
            dtype = max(leaf.dtype, dtype, key=lambda d: d.itemsize)
    out = np.empty((len(leaves), *first.shape), dtype)
    for i, leaf in enumerate(leaves):
        out[i, ...] = leaf
    return out


def _go_together(a: np.dtype, b: np.dtype) -> bool:
    """Whether dtypes are equal but for 64 bits that the engine has made 32 of in some of the elements."""
    return a == b or (a.kind == b.kind and a.kind in "iuf" and {a.itemsize, b.itemsize} == {4, 8})


def _unequal(first: np.ndarray, other: np.ndarray, path: str) -> UnequalShapes:
    same_shape = first.shape == other.shape
    what = "dtypes" if same_shape else "shapes"
    return UnequalShapes(
        message(
            f"Elements of different {what} cannot form a batch: component {path}.",
            expected=f"shape {first.shape}, dtype {first.dtype.name}, as the first element of the batch has",
            received=f"shape {other.shape}, dtype {other.dtype.name}",
            hint="Cast in a map()." if same_shape else "padded_batch() pads shorter elements.",
        )
    )


def concatenate(blocks: Sequence) -> Any:
    """Join stacked blocks along their first axis.

    Raises:
        UnequalShapes: If the other dimensions or the dtypes differ.
    """
    if len(blocks) == 1:
        return blocks[0]
    columns = [_nest.flatten(block) for block in blocks]
    if has_rows_of_its_own(blocks[0]):
        return stack([one for block in blocks for one in rows(block)])
    for column in columns[1:]:
        for i, (first, other) in enumerate(zip(columns[0], column, strict=True)):
            if first.shape[1:] != other.shape[1:] or not _go_together(first.dtype, other.dtype):
                raise _unequal(first[0, ...], other[0, ...], _nest.paths(blocks[0])[i])
    return _nest.pack(blocks[0], [np.concatenate(leaves) for leaves in zip(*columns, strict=True)])


def length(block: Any) -> int:
    """The number of elements in a stacked block."""
    return leaf_length(_nest.flatten(block)[0])


def leaf_length(leaf: Any) -> int:
    """The number of rows of one component; -1 for a scalar."""
    if hasattr(leaf, "_rows"):
        return len(leaf._rows())
    return len(leaf) if leaf.ndim else -1


def has_rows_of_its_own(block: Any) -> bool:
    """Whether a component of a block is made of several arrays, such as a sparse tensor."""
    return any(hasattr(x, "_rows") for x in _nest.flatten(block))


def row(block: Any, index: int) -> Any:
    """One element of a stacked block (a view)."""
    return _nest.map_leaves(lambda x: x[index, ...], block)


def rows(block: Any) -> list:
    """The elements of a stacked block (views)."""
    leaves = [x._rows() if hasattr(x, "_rows") else x for x in _nest.flatten(block)]
    return [
        _nest.pack(block, [x[i] if type(x) is list else x[i, ...] for x in leaves])
        for i in range(len(leaves[0]))
    ]


def part(block: Any, start: int, stop: int | None = None) -> Any:
    """Some elements of a stacked block (views)."""

    def of(leaf: Any) -> Any:
        return leaf._stacked(leaf._rows()[start:stop]) if hasattr(leaf, "_rows") else leaf[start:stop]

    return _nest.map_leaves(of, block)


def take(array: np.ndarray, indices: np.ndarray) -> np.ndarray:
    """`array[indices]` for a number, a run of numbers (then a view) or any array of them."""
    if indices.ndim == 0:
        return array[int(indices), ...]
    if indices.ndim == 1 and len(indices):
        first, last = int(indices[0]), int(indices[-1])
        if last - first == len(indices) - 1 and (indices[1:] - indices[:-1] == 1).all():
            return array[first : last + 1]
    return array.take(indices, axis=0)
