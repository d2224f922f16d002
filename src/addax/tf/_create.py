"""Making tensors: constants, filled tensors, ranges, conversions; shapes and dtypes of tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax import ops
from addax.core import dtypes
from addax.core.errors import message
from addax.engine import SymbolicTensor, Tensor, TensorShape, Variable, op
from addax.engine import _operators as operators
from addax.engine._jax import is_dimension, jnp, lax, not_tracing
from addax.engine._open_sizes import OpenRange, shape_of
from addax.engine._staging import staged
from addax.engine.autograph import DynamicRange
from addax.engine.autograph import retrying as retrying
from addax.ops._ragged_ops import map_flat_values


def constant(value: Any, dtype: Any = None, shape: Any = None, name: str | None = None) -> Any:
    """A tensor of Python or NumPy values.

    Args:
        value: Numbers, strings, nested lists of them, or an array.
        dtype: The dtype; that of the values if None.
        shape: The shape; a single value fills it.
        name: Accepted for TensorFlow's sake.

    Raises:
        TypeError: If the values do not fit the dtype.

    Example:
        >>> import addax.tf as tf
        >>> tf.constant([[1, 2], [3, 4]], dtype=tf.float32).numpy()
        array([[1., 2.],
               [3., 4.]], dtype=float32)
    """
    _refuse_fractions(value, dtype)
    tensor = ops.convert_to_tensor(value, dtype)
    if shape is None:
        return tensor
    size = int(np.prod([int(d) for d in shape]))
    if size != 1 and int(np.prod(tensor.shape)) == 1:
        return fill(shape, operators.reshape(tensor, ()))
    if int(np.prod(tensor.shape)) != size:
        raise TypeError(
            message(
                "The values do not fill the shape.",
                expected=f"{size} values for shape {tuple(shape)}",
                received=f"{int(np.prod(tensor.shape))} values",
            )
        )
    return operators.reshape(tensor, tuple(int(d) for d in shape))


def _refuse_fractions(value: Any, dtype: Any) -> None:
    """Python floats where integers are wanted would lose their fractions silently."""
    if dtype is None or not dtypes.is_int(dtypes.standardize(dtype)) or isinstance(value, (Tensor, Variable)):
        return
    if isinstance(value, (float, list, tuple)) and not isinstance(value, np.generic):
        try:
            array = np.asarray(value)
        except (ValueError, TypeError):
            return
        if array.dtype.kind == "f" and array.size:
            raise TypeError(
                message(
                    f"Cannot convert {value!r} to a tensor of dtype {dtypes.standardize(dtype).name}.",
                    hint="Give integers, or cast with tf.cast.",
                )
            )


def convert_to_tensor(
    value: Any,
    dtype: Any = None,
    dtype_hint: Any = None,
    name: str | None = None,
    preferred_dtype: Any = None,
) -> Any:
    """A tensor of numbers, strings, nested lists, arrays, variables or tensors.

    Args:
        value: What to convert.
        dtype: The dtype; that of the values if None.
        dtype_hint: The dtype if none is given and the values fit it: integers may become floats, but not the reverse.
            Tensors and variables keep theirs.
        name: Accepted for TensorFlow's sake.
        preferred_dtype: The former name of `dtype_hint`.

    Raises:
        TypeError: If Python's floats are to become integers (there is `tf.cast` for that).
        ValueError: If `value` is a tensor of another dtype than `dtype` (likewise).

    Example:
        >>> import addax.tf as tf
        >>> tf.convert_to_tensor([1, 2], dtype_hint="float32").numpy()
        array([1., 2.], dtype=float32)
    """
    known = getattr(value, "dtype", None) if isinstance(value, (Tensor, Variable, SymbolicTensor)) else None
    if known is not None and dtype is not None:
        wanted = dtypes.standardize(dtype)
        if dtypes.narrow(wanted.name) != dtypes.narrow(dtypes.standardize(known).name):
            raise ValueError(
                f"Tensor conversion requested dtype {wanted.name} for Tensor with dtype "
                f"{dtypes.standardize(known).name}: {value!r}"
            )
    _refuse_fractions(value, dtype)
    hint = preferred_dtype if dtype_hint is None else dtype_hint
    if dtype is None and hint is not None and known is None and _fits(value, hint):
        dtype = hint
    return ops.convert_to_tensor(value, dtype)


def _fits(value: Any, hint: Any) -> bool:
    """Whether values can be had in a dtype without loss: integers also as floats, both also as complex numbers."""
    found, wanted = (dtypes.standardize(d) for d in (ops.convert_to_tensor(value).dtype, hint))
    if found in ("bool", "string") or wanted in ("bool", "string"):
        return found == wanted
    return _width(found) <= _width(wanted)


def _width(dtype: dtypes.DType) -> int:
    return 0 if dtype.is_integer else 1 if dtype.is_floating else 2


def identity(input: Any, name: str | None = None) -> Any:
    """A tensor of the same values."""
    return operators.identity(input)


def zeros(shape: Any, dtype: Any = "float32", name: str | None = None) -> Any:
    """A tensor of zeros (of empty strings, for strings)."""
    return fill(shape, b"" if dtypes.standardize(dtype) == "string" else 0, dtype=dtype)


def ones(shape: Any, dtype: Any = "float32", name: str | None = None) -> Any:
    """A tensor of ones."""
    return fill(shape, 1, dtype=dtype)


def zeros_like(input: Any, dtype: Any = None, name: str | None = None) -> Any:
    """A tensor of zeros of the shape and dtype of `input`."""
    return ops.zeros_like(input, dtype=dtype)


def ones_like(input: Any, dtype: Any = None, name: str | None = None) -> Any:
    """A tensor of ones of the shape and dtype of `input`."""
    return ops.ones_like(input, dtype=dtype)


def fill(dims: Any, value: Any, name: str | None = None, *, dtype: Any = None) -> Any:
    """A tensor of shape `dims` that holds `value` everywhere."""
    if isinstance(value, (str, bytes)) or getattr(value, "dtype", None) == "string":
        text = np.asarray(value, object)[()] if isinstance(value, Tensor) else value
        shape = tuple(int(d) for d in np.atleast_1d(np.asarray(dims)))
        return Tensor(np.full(shape, text.encode() if isinstance(text, str) else text, object))
    if dtype is None:
        dtype = getattr(value, "dtype", None) or dtypes.of_scalar(value)
    return ops.full(dims if isinstance(dims, (list, tuple)) else _dims(dims), value, dtype=dtype)


def _dims(dims: Any) -> Any:
    return (dims,) if isinstance(dims, (int, np.integer)) else dims


def eye(
    num_rows: int,
    num_columns: int | None = None,
    batch_shape: Any = None,
    dtype: Any = "float32",
    name: Any = None,
) -> Any:
    """An identity matrix, or a batch of them: shape `(*batch_shape, num_rows, num_columns)`.

    Args:
        num_rows: The number of rows.
        num_columns: The number of columns; that of the rows if None.
        batch_shape: Integers, the shape in front of the matrices; None for one matrix.
        dtype: The dtype.
        name: Accepted for TensorFlow's sake.

    Example:
        >>> import addax.tf as tf
        >>> tf.eye(2, 3).numpy().tolist()
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    """
    matrix = ops.eye(num_rows, num_columns, dtype=dtype)
    return matrix if batch_shape is None else ops.broadcast_to(matrix, (*batch_shape, *matrix.shape))


def range(  # noqa: A001
    start: Any, limit: Any = None, delta: Any = 1, dtype: Any = None, name: str = "range"
) -> Any:
    """The numbers from `start` up to `limit` (exclusive) by steps of `delta`; from 0 if only one bound is given.

    Inside a compiled function, bounds that are computed there give something to loop over, but no tensor.

    Example:
        >>> import addax.tf as tf
        >>> tf.range(3, 10, 3).numpy()
        array([3, 6, 9], dtype=int32)
    """
    if limit is None:
        start, limit = 0, start
    bounds = (start, limit, delta)
    if any(map(is_dimension, bounds)):
        return OpenRange(*bounds)
    if any(staged(b) for b in bounds):
        return DynamicRange(
            *bounds, dtype=None if dtype is None else dtypes.numpy_dtype(dtypes.narrow(str(dtype)))
        )
    if dtype is None:
        known = [dtypes.standardize(b.dtype) for b in bounds if hasattr(b, "dtype")]
        floats = [
            b
            for b in bounds
            if isinstance(b, float) or (hasattr(b, "dtype") and dtypes.is_float(str(b.dtype)))
        ]
        dtype = (known[0] if known else "float32") if floats else (known[0] if known else "int32")
        if floats and not dtypes.is_float(dtype):
            dtype = "float32"
    return ops.arange(*(_number(b) for b in bounds), dtype=dtype)


def _number(value: Any) -> Any:
    return np.asarray(value)[()] if isinstance(value, (Tensor, Variable)) else value


def linspace(start: Any, stop: Any, num: Any, name: Any = None, axis: int = 0) -> Any:
    """`num` evenly spaced values from `start` to `stop` (inclusive)."""
    return ops.linspace(start, stop, int(num), axis=axis)


def one_hot(
    indices: Any,
    depth: Any,
    on_value: Any = None,
    off_value: Any = None,
    axis: int | None = None,
    dtype: Any = None,
    name: str | None = None,
) -> Any:
    """Indices as vectors of length `depth` that are `on_value` at the index and `off_value` elsewhere.

    An index outside of `[0, depth)` gives a vector of `off_value`.
    """
    axis = -1 if axis is None else axis
    if dtype is None:
        given = [v for v in (on_value, off_value) if v is not None]
        dtype = ops.convert_to_tensor(given[0]).dtype if given else "float32"
    if hasattr(indices, "ragged_rank"):
        return map_flat_values(one_hot, indices, depth, on_value, off_value, axis, dtype)
    hot = ops.one_hot(
        ops.convert_to_tensor(indices),
        int(depth),
        axis=axis,
        dtype="bool" if _differs(on_value, off_value) else dtype,
    )
    if not _differs(on_value, off_value):
        return hot
    on = ops.cast(1 if on_value is None else on_value, dtype)
    off = ops.cast(0 if off_value is None else off_value, dtype)
    return ops.where(hot, on, off)


def _differs(on_value: Any, off_value: Any) -> bool:
    return (on_value is not None and on_value != 1) or (off_value is not None and off_value != 0)


def cast(x: Any, dtype: Any, name: str | None = None) -> Any:
    """The values in another dtype."""
    return ops.cast(x, dtype)


def saturate_cast(value: Any, dtype: Any, name: str | None = None) -> Any:
    """Like `cast`, but values outside of the new dtype's range become its ends."""
    return ops.saturate_cast(value, dtype)


def shape(input: Any, out_type: Any = "int32", name: str | None = None) -> Any:
    """The shape as a tensor of rank 1; its values are known even while a function is traced.

    Args:
        input: A tensor, a variable, or what can become one.
        out_type: Accepted for TensorFlow's sake: the sizes are int32, as int64 is here everywhere.
        name: Accepted for TensorFlow's sake.

    Example:
        >>> import addax.tf as tf
        >>> tf.shape([[1, 2, 3]]).numpy()
        array([1, 3], dtype=int32)
    """
    tensor = input if hasattr(input, "shape") else ops.convert_to_tensor(input)
    if getattr(tensor, "ragged", False):
        raise TypeError(
            message(
                "The shape of a ragged tensor is not known while a model is made.",
                received=repr(tensor),
                hint="Ask for it in the call() of a layer: tf.shape(x)[0] is the batch size there.",
            )
        )
    return shape_of(tensor)


def size(input: Any, out_type: Any = "int32", name: str | None = None) -> Any:
    """The number of elements as a scalar tensor.

    Args:
        input: A tensor, a variable, or what can become one.
        out_type: Accepted for TensorFlow's sake: the number is int32, as int64 is here everywhere.
        name: Accepted for TensorFlow's sake.
    """
    if hasattr(input, "ragged_rank") or getattr(input, "ragged", False):
        return ops.size(input)
    dims = shape(input)
    if isinstance(dims, SymbolicTensor):
        return ops.prod(dims)
    return Tensor(np.asarray(np.prod(np.asarray(dims)), np.int32))


def rank(input: Any, name: str | None = None) -> Any:
    """The number of dimensions as a scalar tensor."""
    tensor = input if hasattr(input, "shape") else ops.convert_to_tensor(input)
    return Tensor(np.asarray(len(tensor.shape), np.int32))


def shape_n(input: Any, out_type: Any = "int32", name: str | None = None) -> list:
    """The shapes of several tensors.

    Args:
        input: A list of tensors.
        out_type: Accepted for TensorFlow's sake: the sizes are int32, as int64 is here everywhere.
        name: Accepted for TensorFlow's sake.
    """
    return [shape(x) for x in input]


def ensure_shape(x: Any, shape: Any, name: str | None = None) -> Any:
    """`x` itself, which must fit the shape.

    Raises:
        ValueError: If it does not; the message shows both.
    """
    tensor = ops.convert_to_tensor(x)
    if not TensorShape(shape).is_compatible_with(tensor.shape):
        raise ValueError(
            message(
                "The tensor has another shape.", expected=f"{tuple(shape)}", received=str(tuple(tensor.shape))
            )
        )
    return tensor


def is_tensor(x: Any) -> bool:
    """Whether `x` is a tensor, a symbolic tensor or a variable."""
    return isinstance(x, (Tensor, SymbolicTensor, Variable)) or ops.is_tensor(x) or hasattr(x, "__addax_op__")


is_symbolic_tensor = staged


def stop_gradient(input: Any, name: str | None = None) -> Any:
    """The same values, through which no gradient flows."""
    return ops.stop_gradient(input)


def get_static_value(tensor: Any, partial: bool = False) -> Any:
    """The values as a NumPy array if they are known now, else None.

    Args:
        tensor: A tensor.
        partial: Accepted for TensorFlow's sake: values are known all or none.

    Example:
        >>> import addax.tf as tf
        >>> tf.get_static_value(tf.constant([1, 2]))
        array([1, 2], dtype=int32)
    """
    if staged(tensor) or isinstance(tensor, SymbolicTensor):
        return None
    return np.asarray(tensor)


def executing_eagerly() -> bool:
    """Whether ops run now, rather than being traced."""
    return not_tracing()


def inside_function() -> bool:
    """Whether a function is being traced."""
    return not not_tracing()


def broadcast_static_shape(shape_x: Any, shape_y: Any) -> TensorShape:
    """The static shape of two tensors broadcast against each other."""
    return TensorShape(np.broadcast_shapes(tuple(shape_x), tuple(shape_y)))


def broadcast_dynamic_shape(shape_x: Any, shape_y: Any) -> Any:
    """The shape, as a tensor, of two tensors broadcast against each other."""
    return ops.convert_to_tensor(
        np.asarray(np.broadcast_shapes(*(tuple(np.asarray(s)) for s in (shape_x, shape_y))), np.int32)
    )


def as_dtype(type_value: Any) -> dtypes.DType:
    """The dtype of a name, a NumPy dtype or a Python type.

    Raises:
        TypeError: If it is none.
    """
    try:
        return dtypes.standardize(type_value)
    except ValueError as error:
        raise TypeError(str(error)) from None


def bitcast(input: Any, type: Any, name: str | None = None) -> Any:
    """The same bits read as another dtype.

    Args:
        input: A tensor of numbers.
        type: The dtype. If its numbers are n times smaller, there is a new last axis of size n; if they are n times
            larger, the last axis has to have size n, and vanishes. 64-bit dtypes are the 32-bit ones here.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If the last axis has another size.

    Example:
        >>> import addax.tf as tf
        >>> tf.bitcast(tf.constant([1.0]), tf.uint8).numpy().tolist()
        [[0, 0, 128, 63]]
    """
    return _bitcast(ops.convert_to_tensor(input), dtype=dtypes.narrow(dtypes.standardize(type).name))


@op(name="bitcast")
def _bitcast(x: Any, dtype: str = "") -> Any:
    return lax.bitcast_convert_type(jnp.asarray(x), dtype)


def complex(real: Any, imag: Any, name: str | None = None) -> Any:  # noqa: A001
    """Complex numbers, complex64, from real and imaginary parts.

    Args:
        real: A float tensor.
        imag: A float tensor that broadcasts with it.
        name: Accepted for TensorFlow's sake.

    Example:
        >>> import addax.tf as tf
        >>> tf.complex([1.0, 2.0], [0.0, -1.0]).numpy().tolist()
        [(1+0j), (2-1j)]
    """
    return operators.add(
        ops.cast(real, "complex64"), operators.multiply(ops.cast(imag, "complex64"), jnp.complex64(1j))
    )
