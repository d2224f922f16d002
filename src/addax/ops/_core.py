"""Shapes, dtypes and conversion; slices, scatters and gradients that stop."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from addax.core import context, dtypes, tree
from addax.core.errors import message
from addax.engine import SymbolicTensor, Tensor, Variable, op
from addax.engine._jax import jnp, lax
from addax.engine._operators import cast, known_ints
from addax.engine._operators import getitem as _getitem
from addax.engine._operators import identity as _identity
from addax.engine._tensor import is_concrete
from addax.engine._variable import host_array

__all__ = [
    "cast",
    "convert_to_numpy",
    "convert_to_tensor",
    "dtype",
    "is_tensor",
    "saturate_cast",
    "scatter",
    "scatter_update",
    "shape",
    "slice",
    "slice_update",
    "stop_gradient",
    "unstack",
]


def convert_to_tensor(x: Any, dtype: Any = None, sparse: Any = None, ragged: Any = None) -> Any:
    """A tensor of numbers, strings, nested lists, NumPy arrays, variables or tensors.

    Python values and NumPy arrays stay on the host until an op needs them, so nothing is compiled.

    Args:
        x: The values.
        dtype: The dtype; if None, that of `x`, or floatx, int32 or bool for Python values.
        sparse: Accepted; tensors are dense.
        ragged: Accepted; tensors are not ragged.

    Returns:
        A tensor; `x` itself if it is one of this dtype already.

    Raises:
        ValueError: If the values do not form an array.

    Example:
        >>> import addax as keras
        >>> keras.ops.convert_to_tensor([[1, 2], [3, 4]], "float32").numpy()
        array([[1., 2.],
               [3., 4.]], dtype=float32)
    """
    target = None if dtype is None else dtypes.standardize(dtype)
    if isinstance(x, (Tensor, SymbolicTensor)):
        return x if target is None or _same_dtype(x, target) else cast(x, target)
    if isinstance(x, Variable):
        value = x.value
        return value if target is None or _same_dtype(value, target) else cast(value, target)
    convert = getattr(x, "__addax_tensor__", None)
    if convert is not None:
        return convert_to_tensor(convert(), dtype)
    if hasattr(x, "aval") or hasattr(x, "__jax_array__"):
        tensor = Tensor(jnp.asarray(x))
        return tensor if target is None or _same_dtype(tensor, target) else cast(tensor, target)
    if isinstance(x, (list, tuple)) and _holds_tensors(x):
        return convert_to_tensor(_identity(list(x)), dtype)
    if hasattr(x, "__addax_unknown__"):
        return x
    return Tensor(_on_host(x, target))


def _same_dtype(tensor: Any, target: dtypes.DType) -> bool:
    return tensor.dtype == target or dtypes.narrow(target.name) == tensor.dtype.name


def _holds_tensors(values: Any) -> bool:
    """Whether a nest holds tensors that NumPy cannot read (tracers), or that a tape may want."""
    for value in tree.flatten(values):
        if isinstance(value, SymbolicTensor) or hasattr(value, "aval"):
            return True
        if isinstance(value, (Tensor, Variable)) and (
            context.current().tapes or context.current().bindings is not None
        ):
            return True
        if isinstance(value, Tensor) and not is_concrete(value._value):
            return True
    return False


def _on_host(x: Any, target: dtypes.DType | None) -> np.ndarray:
    array = host_array(x, None if target is None or target == "string" else target)
    if array.dtype.kind == "O":
        return array
    if target == "string" and not array.size:  # NumPy takes empty lists for floats
        return array.astype(object)
    name = dtypes.narrow(array.dtype.name)
    if target is None and array.dtype.name == "float64":
        name = dtypes.standardize(None).name
    array = array.astype(dtypes.numpy_dtype(name), copy=False)
    # A caller's array may change later; a tensor never does.
    return array.copy() if isinstance(x, np.ndarray) and np.shares_memory(array, x) else array


def convert_to_numpy(x: Any) -> np.ndarray:
    """The values as a NumPy array.

    Args:
        x: A tensor, a variable, or anything that NumPy takes.

    Raises:
        RuntimeError: Inside a compiled function, where there is no value yet.

    Example:
        >>> import addax as keras
        >>> keras.ops.convert_to_numpy(keras.ops.ones((2,)))
        array([1., 1.], dtype=float32)
    """
    if isinstance(x, (Tensor, Variable)):
        return np.array(x.__array__())
    if isinstance(x, (list, tuple)):
        return np.asarray(convert_to_tensor(x))
    return np.array(x)


def is_tensor(x: Any) -> bool:
    """Whether `x` is a tensor (a value, not a symbolic one; variables are none).

    Example:
        >>> import addax as keras
        >>> keras.ops.is_tensor(keras.ops.ones(())), keras.ops.is_tensor([1.0])
        (True, False)
    """
    return isinstance(x, Tensor) or hasattr(x, "aval")


def shape(x: Any) -> tuple:
    """The shape of a tensor, with None for what is unknown.

    Args:
        x: A tensor, a variable, a symbolic tensor, or values.

    Returns:
        A tuple.

    Example:
        >>> import addax as keras
        >>> keras.ops.shape(keras.ops.ones((2, 3)))
        (2, 3)
    """
    found = getattr(x, "shape", None)
    return tuple(np.shape(x) if found is None else found)


def dtype(x: Any) -> str:
    """The name of the dtype of a tensor or of values.

    Example:
        >>> import addax as keras
        >>> print(keras.ops.dtype(keras.ops.ones((2,))))
        float32
    """
    found = getattr(x, "dtype", None)
    return dtypes.standardize(convert_to_tensor(x).dtype if found is None else found).name


@op(taped=False)
def stop_gradient(variable: Any) -> Any:
    """The same values, through which no gradient flows.

    Args:
        variable: A tensor or a variable.

    Example:
        >>> import addax as keras
        >>> float(keras.ops.stop_gradient(2.0))
        2.0
    """
    return lax.stop_gradient(jnp.asarray(variable))


@op(static=("dtype",))
def saturate_cast(x: Any, dtype: Any) -> Any:
    """Like `cast`, but values outside of the new dtype's range become its ends.

    Args:
        x: A tensor of real numbers.
        dtype: The new dtype.

    Example:
        >>> import addax as keras
        >>> keras.ops.saturate_cast([-10, 300], "uint8").numpy()
        array([  0, 255], dtype=uint8)
    """
    return saturated(jnp.asarray(x), dtypes.numpy_dtype(dtypes.narrow(dtypes.standardize(dtype).name)))


def saturated(x: Any, target: Any) -> Any:
    """An array in another dtype, values outside of its range at its ends."""
    if target == jnp.bool_:
        return x.astype(target)
    if x.dtype.kind == "c" or target.kind == "c":
        raise ValueError(
            message("saturate_cast() is for real numbers.", received=f"{x.dtype.name} to {target.name}")
        )
    low, high = _common_range(x.dtype, target)
    return (x if low is None else jnp.clip(x, low, high)).astype(target)


def _common_range(source: Any, target: Any) -> tuple[Any, Any]:
    """The ends of the range of `target`, in the dtype `source`; (None, None) if `target` holds all of it."""
    if source == jnp.bool_:
        return None, None
    low, high = _limits(target)
    own_low, own_high = _limits(source)
    if low <= own_low and high >= own_high:
        return None, None
    low, high = max(low, own_low), min(high, own_high)
    if jnp.issubdtype(source, jnp.integer):
        return source.type(int(low)), source.type(int(high))
    bottom, top = source.type(low), source.type(high)
    # 2**31 - 1 has no float32; the next one towards zero stays inside of the range.
    if float(top) > high:
        top = np.nextafter(top, source.type(0))
    if float(bottom) < low:
        bottom = np.nextafter(bottom, source.type(0))
    return bottom, top


def _limits(kind: Any) -> tuple[Any, Any]:
    info = jnp.iinfo(kind) if jnp.issubdtype(kind, jnp.integer) else jnp.finfo(kind)
    return (
        (int(info.min), int(info.max))
        if jnp.issubdtype(kind, jnp.integer)
        else (float(info.min), float(info.max))
    )


@op(static=("shape",))
def scatter(indices: Any, values: Any, shape: Any) -> Any:
    """A tensor of zeros with values added at some indices.

    Args:
        indices: Integer tensor of shape `(n, k)`: each row points into the first k axes.
        values: Tensor of shape `(n, *shape[k:])`; values at equal indices are summed.
        shape: The shape of the result.

    Returns:
        A tensor of `shape`, with the dtype of `values`.

    Example:
        >>> import addax as keras
        >>> keras.ops.scatter([[0], [2], [2]], [1.0, 2.0, 3.0], (4,)).numpy()
        array([1., 0., 5., 0.], dtype=float32)
    """
    values, indices = jnp.asarray(values), jnp.asarray(indices)
    zeros = jnp.zeros(known_ints(shape, "shape"), values.dtype)
    return zeros.at[tuple(jnp.moveaxis(indices, -1, 0))].add(values)


@op
def scatter_update(inputs: Any, indices: Any, updates: Any, reduction: str | None = None) -> Any:
    """A copy of `inputs` in which some places hold other values.

    Args:
        inputs: A tensor.
        indices: Integer tensor of shape `(n, k)`: each row points into the first k axes of `inputs`.
        updates: Tensor of shape `(n, *inputs.shape[k:])`.
        reduction: How an update meets the old value: None (replace), `"add"`, `"max"`, `"min"` or `"mul"`.

    Returns:
        A tensor of the shape and dtype of `inputs`.

    Raises:
        ValueError: For an unknown `reduction`.

    Example:
        >>> import addax as keras
        >>> keras.ops.scatter_update([1.0, 2.0, 3.0], [[1]], [9.0]).numpy()
        array([1., 9., 3.], dtype=float32)
    """
    reduction = reduction.lower() if isinstance(reduction, str) else reduction
    methods = {None: "set", "add": "add", "max": "max", "min": "min", "mul": "multiply"}
    if reduction not in methods:
        raise ValueError(
            message("Unknown reduction.", expected="None, 'add', 'max', 'min' or 'mul'", received=reduction)
        )
    inputs = jnp.asarray(inputs)
    places = inputs.at[tuple(jnp.moveaxis(jnp.asarray(indices), -1, 0))]
    return getattr(places, methods[reduction])(jnp.asarray(updates).astype(inputs.dtype))


def _starts(start_indices: Any) -> Any:
    if isinstance(start_indices, (list, tuple)):
        return [jnp.asarray(v, jnp.int32) for v in start_indices]
    start_indices = jnp.asarray(start_indices).astype(jnp.int32)
    return [start_indices[i] for i in range(start_indices.shape[0])]


@op(static=("shape",), name="slice")
def _slice(inputs: Any, start_indices: Any, shape: Any) -> Any:
    return lax.dynamic_slice(jnp.asarray(inputs), _starts(start_indices), known_ints(shape, "shape"))


def slice(inputs: Any, start_indices: Any, shape: Any) -> Any:
    """The block of a given shape that starts at given indices.

    Args:
        inputs: A tensor.
        start_indices: One index for each axis, integers or tensors; moved if the block would not fit.
        shape: The shape of the block; -1 takes all from the start index, which must then be known.

    Example:
        >>> import addax as keras
        >>> keras.ops.slice([[1, 2, 3], [4, 5, 6]], (0, 1), (2, 2)).numpy()
        array([[2, 3],
               [5, 6]], dtype=int32)
    """
    if not isinstance(shape, (list, tuple)) or -1 not in [s for s in shape if isinstance(s, int)]:
        return _slice(inputs, start_indices, shape)
    starts, sizes = known_ints(start_indices, "start_indices"), known_ints(shape, "shape")
    key = [builtins.slice(s, None if n == -1 else s + n) for s, n in zip(starts, sizes, strict=True)]
    return _getitem(inputs, tuple(key))


@op
def slice_update(inputs: Any, start_indices: Any, updates: Any) -> Any:
    """A copy of `inputs` with a block replaced.

    Args:
        inputs: A tensor.
        start_indices: Where the block starts, one index for each axis; moved if the block would not fit.
        updates: The block, of the rank of `inputs`.

    Example:
        >>> import addax as keras
        >>> keras.ops.slice_update([1, 2, 3, 4], (1,), [8, 9]).numpy()
        array([1, 8, 9, 4], dtype=int32)
    """
    inputs = jnp.asarray(inputs)
    return lax.dynamic_update_slice(inputs, jnp.asarray(updates).astype(inputs.dtype), _starts(start_indices))


@op
def _unstack(x: Any, num: int | None = None, axis: int = 0) -> list:
    x = jnp.asarray(x)
    return [jnp.squeeze(part, axis) for part in jnp.split(x, x.shape[axis], axis)] if x.shape[axis] else []


def unstack(x: Any, num: int | None = None, axis: int = 0) -> list:
    """The slices along an axis, as a list of tensors.

    Args:
        x: A tensor.
        num: The size of the axis, needed where it is unknown.
        axis: The axis.

    Raises:
        ValueError: If the size of the axis is unknown and `num` is None, or if they differ.

    Example:
        >>> import addax as keras
        >>> [part.numpy().tolist() for part in keras.ops.unstack([[1, 2], [3, 4]])]
        [[1, 2], [3, 4]]
    """
    size = shape(x)[axis]
    if size is None and num is None:
        raise ValueError(
            message(
                "unstack() needs to know how many parts there are.",
                received=f"shape {shape(x)}",
                hint="Pass num=.",
            )
        )
    if num is not None and size is not None and num != size:
        raise ValueError(
            message("unstack(): `num` is not the size of the axis.", expected=f"{size}", received=num)
        )
    if size is None:
        return [_getitem_along(x, i, axis) for i in range(num or 0)]
    return list(_unstack(x, axis=axis))


def _getitem_along(x: Any, index: int, axis: int) -> Any:
    return x[(builtins.slice(None),) * (axis % len(x.shape)) + (index,)]
