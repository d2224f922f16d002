"""What `tf.experimental.numpy` has besides the functions of `addax.ops.numpy`."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax import ops
from addax.backend import result_type as joint_dtype
from addax.core import dtypes
from addax.engine import Tensor, TensorLike
from addax.engine import _operators as operators

e, pi, inf, newaxis = np.e, np.pi, np.inf, None
ndarray = Tensor
bool_, inexact, object_, string_, unicode_ = np.bool_, np.inexact, np.object_, np.bytes_, np.str_
int8, int16, int32, int64, int_ = np.int8, np.int16, np.int32, np.int64, np.int64
uint8, uint16, uint32, uint64 = np.uint8, np.uint16, np.uint32, np.uint64
float16, float32, float64, float_ = np.float16, np.float32, np.float64, np.float64
complex64, complex128, complex_ = np.complex64, np.complex128, np.complex128
iinfo, finfo, issubdtype, isscalar = np.iinfo, np.finfo, np.issubdtype, np.isscalar
around = ops.round
remainder = ops.mod


def experimental_enable_numpy_behavior(
    prefer_float32: bool = False, dtype_conversion_mode: str = "legacy"
) -> None:
    """Give tensors the methods of arrays that they do not have anyway: `sum`, `mean`, `ravel`, `transpose`, ...

    Dtypes are promoted as NumPy has it and indices may be tensors without this, too.

    Args:
        prefer_float32: Accepted for TensorFlow's sake: Python's floats are float32.
        dtype_conversion_mode: Accepted for TensorFlow's sake.

    Example:
        >>> import addax.tf as tf
        >>> tf.experimental.numpy.experimental_enable_numpy_behavior()
        >>> tf.constant([[1, 2], [3, 4]]).ravel().numpy()
        array([1, 2, 3, 4], dtype=int32)
    """
    for name in _METHODS:
        if not hasattr(TensorLike, name):
            setattr(TensorLike, name, getattr(ops, name))
    TensorLike.flatten = ops.ravel  # type: ignore[attr-defined]
    TensorLike.transpose = _transposed  # type: ignore[attr-defined]


_METHODS = """
    all any argmax argmin argsort clip cumprod cumsum diagonal dot max mean min nonzero prod ravel repeat round squeeze
    std sum swapaxes take trace var
""".split()


def _transposed(self: Any, *axes: Any) -> Any:
    order = axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes or None
    return ops.transpose(self, order)


def asarray(a: Any, dtype: Any = None) -> Tensor:
    """A tensor of `a`, of a dtype if one is given."""
    return ops.array(a, dtype=dtype)


asanyarray = ascontiguousarray = asarray


def array_equal(a1: Any, a2: Any) -> Any:
    """Whether two arrays have the same shape and elements."""
    a1, a2 = ops.convert_to_tensor(a1), ops.convert_to_tensor(a2)
    if tuple(a1.shape) != tuple(a2.shape):
        return ops.convert_to_tensor(False)
    return ops.all(operators.equal(a1, a2))


def atleast_1d(*arys: Any) -> Any:
    """Arrays with one axis at least; a list of them if several are given."""
    return _each(lambda x: operators.reshape(x, (1,)) if not x.shape else x, arys)


def atleast_2d(*arys: Any) -> Any:
    """Arrays with two axes at least; a list of them if several are given."""
    return _each(lambda x: operators.reshape(x, (1, -1)) if len(x.shape) < 2 else x, arys)


def atleast_3d(*arys: Any) -> Any:
    """Arrays with three axes at least; a list of them if several are given."""

    def widened(x: Any) -> Any:
        if len(x.shape) < 2:
            return operators.reshape(x, (1, -1, 1))
        return ops.expand_dims(x, -1) if len(x.shape) == 2 else x

    return _each(widened, arys)


def _each(change: Any, arys: tuple) -> Any:
    found = [change(ops.convert_to_tensor(x)) for x in arys]
    return found[0] if len(found) == 1 else found


def broadcast_arrays(*args: Any) -> list:
    """Arrays in the shape that all of them broadcast to."""
    tensors = [ops.convert_to_tensor(x) for x in args]
    shape = np.broadcast_shapes(*(tuple(x.shape) for x in tensors))
    return [ops.broadcast_to(x, shape) for x in tensors]


def compress(condition: Any, a: Any, axis: int | None = None) -> Any:
    """The elements (or slices along an `axis`) of `a` where `condition`, a vector of known values, is true."""
    chosen = np.flatnonzero(np.asarray(condition)).astype(np.int32)
    a = ops.ravel(a) if axis is None else a
    return ops.take(a, chosen, axis=axis or 0)


def diag_indices(n: int, ndim: int = 2) -> tuple:
    """The indices of the diagonal of an array with `ndim` axes of length `n`."""
    return (ops.arange(n),) * ndim


def divmod(x1: Any, x2: Any) -> tuple[Any, Any]:  # noqa: A001
    """Quotient, rounded down, and remainder."""
    return operators.floor_divide(x1, x2), operators.mod(x1, x2)


def fix(x: Any) -> Any:
    """Numbers rounded towards zero."""
    return ops.trunc(x)


def flatten(a: Any, order: str = "C") -> Any:
    """All elements in one axis, row by row, or column by column if `order` is `"F"`."""
    return ops.ravel(ops.transpose(a) if order == "F" else a)


def float_power(x1: Any, x2: Any) -> Any:
    """`x1` to the power of `x2`, in floats."""
    return operators.power(ops.cast(x1, "float32"), ops.cast(x2, "float32"))


def iscomplexobj(x: Any) -> bool:
    """Whether the dtype is complex."""
    return ops.convert_to_tensor(x).dtype.is_complex


def isrealobj(x: Any) -> bool:
    """Whether the dtype is not complex."""
    return not iscomplexobj(x)


def iscomplex(x: Any) -> Any:
    """Where numbers have an imaginary part."""
    x = ops.convert_to_tensor(x)
    return operators.not_equal(ops.imag(x), 0) if iscomplexobj(x) else ops.zeros(x.shape, "bool")


def ix_(*args: Any) -> tuple:
    """Vectors along an axis each, so that they broadcast to all combinations of their elements."""
    count = len(args)
    return tuple(
        operators.reshape(x, [-1 if i == k else 1 for k in range(count)]) for i, x in enumerate(args)
    )


def polyval(p: Any, x: Any) -> Any:
    """The polynomial with the coefficients `p`, that of the highest power first, at `x`."""
    from addax.tf._series import polyval

    return polyval(list(ops.convert_to_tensor(p)), x)


def positive(x: Any) -> Any:
    """The numbers as they are."""
    return ops.convert_to_tensor(x)


def shape(a: Any) -> tuple[int, ...]:
    """The shape, a tuple of numbers."""
    return tuple(ops.convert_to_tensor(a).shape)


def promote_types(type1: Any, type2: Any) -> Any:
    """The dtype that both dtypes are promoted to."""
    return result_type(type1, type2)


def result_type(*arrays_and_dtypes: Any) -> Any:
    """The dtype that arrays and dtypes are promoted to."""
    given = [x.dtype.name if hasattr(x, "dtype") else x for x in arrays_and_dtypes]
    return dtypes.numpy_dtype(joint_dtype(*given))


__all__ = [
    "around",
    "array_equal",
    "asanyarray",
    "asarray",
    "ascontiguousarray",
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "bool_",
    "broadcast_arrays",
    "complex128",
    "complex64",
    "complex_",
    "compress",
    "diag_indices",
    "divmod",
    "e",
    "experimental_enable_numpy_behavior",
    "finfo",
    "fix",
    "flatten",
    "float16",
    "float32",
    "float64",
    "float_",
    "float_power",
    "iinfo",
    "inexact",
    "inf",
    "int16",
    "int32",
    "int64",
    "int8",
    "int_",
    "iscomplex",
    "iscomplexobj",
    "isrealobj",
    "isscalar",
    "issubdtype",
    "ix_",
    "ndarray",
    "newaxis",
    "object_",
    "pi",
    "polyval",
    "positive",
    "promote_types",
    "remainder",
    "result_type",
    "shape",
    "string_",
    "uint16",
    "uint32",
    "uint64",
    "uint8",
    "unicode_",
]
