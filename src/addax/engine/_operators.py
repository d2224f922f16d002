"""The ops behind Python's operators, and the operators attached to tensors and variables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from addax.core import dtypes
from addax.core.errors import message
from addax.engine._blame import WrongIndex
from addax.engine._errors import ShapeNeedsValue
from addax.engine._jax import is_dimension, jax, jnp
from addax.engine._op import op
from addax.engine._symbolic import SymbolicTensor
from addax.engine._tensor import Tensor, TensorLike, is_concrete
from addax.engine._variable import Variable


def _host_concat(x1: Any, x2: Any) -> Any:
    return np.asarray(np.add(np.asarray(x1, object), np.asarray(x2, object)), object)


@op(host=_host_concat)
def add(x1: Any, x2: Any) -> Any:
    """Element-wise sum `x1 + x2`, with broadcasting.

    Example:
        >>> import addax as keras
        >>> keras.ops.add([1.0, 2.0], 1.0).numpy()
        array([2., 3.], dtype=float32)
    """
    return jnp.add(x1, x2)


@op
def subtract(x1: Any, x2: Any) -> Any:
    """Element-wise difference `x1 - x2`, with broadcasting."""
    return jnp.subtract(x1, x2)


@op
def multiply(x1: Any, x2: Any) -> Any:
    """Element-wise product `x1 * x2`, with broadcasting."""
    return jnp.multiply(x1, x2)


@op
def divide(x1: Any, x2: Any) -> Any:
    """Element-wise quotient `x1 / x2`, with broadcasting; integers give floats."""
    return jnp.true_divide(x1, x2)


@op
def floor_divide(x1: Any, x2: Any) -> Any:
    """Element-wise quotient rounded down, with broadcasting."""
    return jnp.floor_divide(x1, x2)


@op
def mod(x1: Any, x2: Any) -> Any:
    """Element-wise remainder with the sign of the divisor, with broadcasting."""
    return jnp.mod(x1, x2)


@op
def power(x1: Any, x2: Any) -> Any:
    """Element-wise `x1` to the power of `x2`, with broadcasting."""
    return jnp.power(x1, x2)


@op
def matmul(x1: Any, x2: Any) -> Any:
    """Matrix product of the last two axes, batched over the others; vectors as in `numpy.matmul`.

    Raises:
        ValueError: If the inner dimensions differ.

    Example:
        >>> import addax as keras
        >>> keras.ops.matmul(keras.ops.ones((2, 3)), keras.ops.ones((3, 4))).shape
        TensorShape([2, 4])
    """
    x1, x2 = jnp.asarray(x1), jnp.asarray(x2)
    if x1.ndim and x2.ndim and x1.shape[-1] != x2.shape[-2 if x2.ndim > 1 else 0]:
        raise ValueError(
            message(
                "The inner dimensions of a matrix product differ.",
                expected="x1.shape[-1] equal to x2.shape[-2]",
                received=f"shapes {tuple(x1.shape)} and {tuple(x2.shape)}",
            )
        )
    if x1.dtype == jnp.int8 and x2.dtype == jnp.int8:
        return jnp.matmul(x1, x2, preferred_element_type=jnp.int32)
    return jnp.matmul(x1, x2)


@op
def negative(x: Any) -> Any:
    """Element-wise `-x`."""
    return jnp.negative(x)


@op
def absolute(x: Any) -> Any:
    """Element-wise absolute value."""
    return jnp.absolute(x)


@op
def logical_not(x: Any) -> Any:
    """Element-wise logical NOT, as bool."""
    return jnp.logical_not(x)


@op
def bitwise_not(x: Any) -> Any:
    """Element-wise bitwise NOT of integers, logical NOT of bools."""
    return jnp.bitwise_not(x)


@op
def bitwise_and(x: Any, y: Any) -> Any:
    """Element-wise bitwise AND of integers or bools, with broadcasting."""
    return jnp.bitwise_and(x, y)


@op
def bitwise_or(x: Any, y: Any) -> Any:
    """Element-wise bitwise OR of integers or bools, with broadcasting."""
    return jnp.bitwise_or(x, y)


@op
def bitwise_xor(x: Any, y: Any) -> Any:
    """Element-wise bitwise XOR of integers or bools, with broadcasting."""
    return jnp.bitwise_xor(x, y)


@op(host=np.equal)
def equal(x1: Any, x2: Any) -> Any:
    """Element-wise `x1 == x2`, with broadcasting, as bool."""
    return jnp.equal(x1, x2)


@op(host=np.not_equal)
def not_equal(x1: Any, x2: Any) -> Any:
    """Element-wise `x1 != x2`, with broadcasting, as bool."""
    return jnp.not_equal(x1, x2)


@op
def less(x1: Any, x2: Any) -> Any:
    """Element-wise `x1 < x2`, with broadcasting, as bool."""
    return jnp.less(x1, x2)


@op
def less_equal(x1: Any, x2: Any) -> Any:
    """Element-wise `x1 <= x2`, with broadcasting, as bool."""
    return jnp.less_equal(x1, x2)


@op
def greater(x1: Any, x2: Any) -> Any:
    """Element-wise `x1 > x2`, with broadcasting, as bool."""
    return jnp.greater(x1, x2)


@op
def greater_equal(x1: Any, x2: Any) -> Any:
    """Element-wise `x1 >= x2`, with broadcasting, as bool."""
    return jnp.greater_equal(x1, x2)


def _same(x: Any) -> Any:
    return x


@op(host=_same)
def identity(x: Any) -> Any:
    """The tensor itself, as the result of an op."""
    return jnp.asarray(x)


def _host_cast(x: Any, dtype: Any) -> Any:
    if dtypes.standardize(dtype) == "string":
        return x
    return np.asarray(x, object).astype(str).astype(dtypes.numpy_dtype(dtype))


@op(static=("dtype",), host=_host_cast)
def cast(x: Any, dtype: Any) -> Any:
    """The values of `x` in another dtype.

    Args:
        x: A tensor.
        dtype: The name of the new dtype, a NumPy dtype, or a `tf.DType`.

    Returns:
        A tensor of the same shape.

    Example:
        >>> import addax as keras
        >>> keras.ops.cast([1.7, 2.0], "int32").numpy()
        array([1, 2], dtype=int32)
    """
    target = dtypes.standardize(dtype).name
    if not jax.config.read("jax_enable_x64"):
        target = dtypes.narrow(target)
    x = jnp.asarray(x)
    if x.dtype.kind == "c" and not target.startswith("complex"):
        x = jnp.real(x)
    return x.astype(dtypes.numpy_dtype(target))


def _host_reshape(x: Any, newshape: Any) -> Any:
    return np.reshape(x, newshape)


@op(static=("newshape",), host=_host_reshape)
def reshape(x: Any, newshape: Any) -> Any:
    """The same elements in another shape.

    Args:
        x: A tensor.
        newshape: The shape; one dimension may be -1, and is computed.

    Raises:
        ValueError: If the numbers of elements differ.

    Example:
        >>> import addax as keras
        >>> keras.ops.reshape([[1, 2], [3, 4]], (-1,)).numpy()
        array([1, 2, 3, 4], dtype=int32)
    """
    x = jnp.asarray(x)
    return jnp.reshape(x, known_ints(newshape, "newshape"))


def _host_transpose(x: Any, axes: Any = None) -> Any:
    return np.transpose(x, axes)


@op(host=_host_transpose)
def transpose(x: Any, axes: Any = None) -> Any:
    """The tensor with its axes permuted, reversed if `axes` is None."""
    return jnp.transpose(x, axes)


def _host_stack(x: Any, axis: int = 0) -> Any:
    return np.stack([np.asarray(v, object) for v in x], axis)


@op(lists=("x",), host=_host_stack)
def stack(x: Any, axis: int = 0) -> Any:
    """Tensors of one shape, joined along a new axis.

    Args:
        x: A list of tensors of one shape.
        axis: Where the new axis goes.

    Example:
        >>> import addax as keras
        >>> keras.ops.stack([[1, 2], [3, 4]], axis=1).shape
        TensorShape([2, 2])
    """
    return jnp.stack([jnp.asarray(v) for v in x] if isinstance(x, (list, tuple)) else x, axis=axis)


@op(host_values=True, name="shape_tensor", host=lambda x: np.asarray(np.shape(x), np.int32))
def shape_tensor(x: Any) -> Any:
    """The shape as an int32 tensor of rank 1, known even while a function is traced."""
    return np.asarray(x.shape, np.int32)


def known_ints(value: Any, what: str) -> Any:
    """A shape or other static argument as Python integers.

    Raises:
        TypeError: If it depends on values that are not known while a function is traced.
    """
    if isinstance(value, (list, tuple)):
        return tuple(known_ints(v, what) for v in value)
    if value is None or isinstance(value, int) or is_dimension(value):
        return value
    if isinstance(value, jax.core.Tracer):
        raise ShapeNeedsValue(
            message(
                f"`{what}` must be known when the function is compiled.",
                received="a value that is computed inside the compiled function",
                hint="Use x.shape or tf.shape(x), whose values are known, not the values of a tensor.",
            )
        )
    array = np.asarray(value)
    return int(array) if array.ndim == 0 else tuple(int(v) for v in array)


class SliceParts(NamedTuple):
    """A slice whose bounds may be tensors."""

    start: Any
    stop: Any
    step: Any


def _host_getitem(x: Any, key: Any) -> Any:
    result = x[_python_key(key)]
    if isinstance(result, (bytes, str)):
        out = np.empty((), object)
        out[()] = result
        return out
    return result


def _python_key(key: Any) -> Any:
    if type(key) is SliceParts:
        return slice(*(known_ints(part, "a bound of a slice") for part in key))
    if isinstance(key, (tuple, list)):
        return tuple(_python_key(k) for k in key)
    return key


@op(lists=("key",), host=_host_getitem, name="get_item")
def getitem(x: Any, key: Any) -> Any:
    """`x[key]` with integers, slices, None, an ellipsis and integer tensors, as NumPy does it."""
    return jnp.asarray(x)[_python_key(key)]


@op(compilable=False, host=lambda x, mask, axis=0: x[mask], name="boolean_mask")
def boolean_mask(x: Any, mask: Any, axis: int = 0) -> Any:
    """The elements (or rows from `axis` on) where `mask` is true; the length depends on the data."""
    if isinstance(mask, jax.core.Tracer):
        raise ShapeNeedsValue(
            message(
                "The length of a selection by a mask depends on the data, so it cannot be compiled.",
                hint="Use where(mask, x, other), which keeps the shape.",
            )
        )
    return jnp.asarray(x)[(slice(None),) * axis + (np.asarray(mask),)]


def _standard_key(key: Any) -> Any:
    """A key without lists, and with slices over tensors made visible to the graph."""
    if isinstance(key, tuple):
        return tuple(_standard_key(k) for k in key)
    if isinstance(key, slice):
        parts = [_bound(part) for part in (key.start, key.stop, key.step)]
        if any(isinstance(p, (SymbolicTensor, Tensor)) for p in parts):
            return SliceParts(*parts)
        return slice(*parts)
    if isinstance(key, list):
        return np.asarray(key) if not any(isinstance(k, TensorLike) for k in key) else stack(key)
    return key


def _bound(part: Any) -> Any:
    """A bound of a slice: a Python integer as soon as its value is known."""
    if isinstance(part, Variable):
        part = part.value
    if isinstance(part, Tensor):
        return int(part) if is_concrete(part._value) else part
    return part


def _is_mask(key: Any) -> bool:
    return getattr(key, "dtype", None) == "bool" and getattr(key, "ndim", 0) > 0


def _check_bounds(x: Any, key: Any) -> None:
    """Integers outside of the tensor are an error, as in NumPy; compiled code would take the nearest place."""
    keys = key if isinstance(key, tuple) else (key,)
    count = sum(1 for k in keys if k is not None and k is not Ellipsis)
    if count > len(x.shape):
        if not x.shape:
            raise WrongIndex("A scalar tensor cannot be indexed.")
        raise WrongIndex(f"Too many indices ({count}) for a tensor of shape {tuple(x.shape)}.")
    axis = 0
    for k in keys:
        if k is Ellipsis:
            axis += len(x.shape) - count
        elif k is not None:
            size = x.shape[axis]
            if (
                type(k) is int
                and size is not None
                and not -size <= k < size
                and not _stands_for_another(x, size)
            ):
                raise WrongIndex(f"Index {k} is out of range for axis {axis} of shape {tuple(x.shape)}.")
            axis += 1


def _stands_for_another(x: Any, size: int) -> bool:
    """Whether a size may be one that shapes are inferred with."""
    from addax.engine._infer import PROBES

    return size in PROBES and not (isinstance(x, Tensor) and is_concrete(x._value))


def _getitem(self: Any, key: Any) -> Any:
    key = _standard_key(key)
    if type(key) is SliceParts:
        key = (key,)
    if _is_mask(key):
        return boolean_mask(self, key)
    if isinstance(key, tuple) and any(_is_mask(k) for k in key):
        key = tuple(np.nonzero(np.asarray(k))[0] if _is_mask(k) else k for k in key)
    _check_bounds(self, key)
    return getitem(self, key)


class SlicedVariable(Tensor):
    """`variable[key]`: a tensor that can also assign to that part of the variable."""

    __slots__ = ("_key", "_variable")

    def _assign(self, combine: str, value: Any) -> Variable:
        variable = self._variable
        raw = variable._raw()
        update = Tensor(
            jnp.asarray(np.asarray(value) if isinstance(value, (list, tuple)) else _raw(value), raw.dtype)
        )
        part = raw.at[_python_key(self._key)]
        variable._write(getattr(part, combine)(jnp.broadcast_to(update._value, self.shape)))
        return variable

    def assign(self, value: Any, **ignored: Any) -> Variable:
        """Set this part of the variable. Returns the variable."""
        return self._assign("set", value)

    def assign_add(self, value: Any, **ignored: Any) -> Variable:
        """Add to this part of the variable. Returns the variable."""
        return self._assign("add", value)

    def assign_sub(self, value: Any, **ignored: Any) -> Variable:
        """Subtract from this part of the variable. Returns the variable."""
        return self._assign("subtract", value)


def _raw(value: Any) -> Any:
    return (
        value._value if isinstance(value, Tensor) else value._raw() if isinstance(value, Variable) else value
    )


def _variable_getitem(self: Variable, key: Any) -> Any:
    result = _getitem(self, key)
    if isinstance(result, Tensor):
        sliced = SlicedVariable(result._value)
        sliced._variable, sliced._key = self, _standard_key(key)
        from addax.core import context

        for tape in context.current().tapes:
            tape._alias(result, sliced)
        return sliced
    return result


def _binary(function: Callable, swapped: bool = False) -> Callable:
    if swapped:
        return lambda self, other: function(other, self)
    return lambda self, other: function(self, other)


def _equals(function: Callable, when_none: bool) -> Callable:
    def compare(self: Any, other: Any) -> Any:
        if other is None or (isinstance(other, (str, bytes)) and self.dtype != "string"):
            return when_none
        return function(self, other)

    return compare


def _attach() -> None:
    for name, function in {
        "add": add,
        "sub": subtract,
        "mul": multiply,
        "truediv": divide,
        "floordiv": floor_divide,
        "mod": mod,
        "pow": power,
        "matmul": matmul,
        "and": bitwise_and,
        "or": bitwise_or,
        "xor": bitwise_xor,
    }.items():
        setattr(TensorLike, f"__{name}__", _binary(function))
        setattr(TensorLike, f"__r{name}__", _binary(function, swapped=True))
    for name, function in {"lt": less, "le": less_equal, "gt": greater, "ge": greater_equal}.items():
        setattr(TensorLike, f"__{name}__", _binary(function))
    comparisons = {"__eq__": _equals(equal, False), "__ne__": _equals(not_equal, True)}
    for cls in (Tensor, Variable, SymbolicTensor):
        for name, function in comparisons.items():
            setattr(cls, name, function)
    for name, function in {
        "neg": lambda self: negative(self),
        "pos": lambda self: self,
        "abs": lambda self: absolute(self),
        "invert": lambda self: bitwise_not(self),
    }.items():
        setattr(TensorLike, f"__{name}__", function)
    for cls, function in ((TensorLike, _getitem), (Variable, _variable_getitem)):
        setattr(cls, "__getitem__", function)  # noqa: B010 - a plain assignment would contradict the declaration


_attach()
