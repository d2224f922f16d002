"""Tensors in TensorFlow's protocol buffers: the dtype codes, TensorShapeProto and TensorProto."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from addax.formats._wire import Schema

DT_STRING = 7
DT_RESOURCE = 20

_CODES = {
    "float32": 1,
    "float64": 2,
    "int32": 3,
    "uint8": 4,
    "int16": 5,
    "int8": 6,
    "complex64": 8,
    "int64": 9,
    "bool": 10,
    "bfloat16": 14,
    "uint16": 17,
    "complex128": 18,
    "float16": 19,
    "uint32": 22,
    "uint64": 23,
    "float8_e5m2": 24,
    "float8_e4m3fn": 25,
}
_NAMES = {code: name for name, code in _CODES.items()}
# NumPy knows these dtypes only once the package that defines them is imported.
_EXTENSION_DTYPES = ("bfloat16", "float8_e5m2", "float8_e4m3fn")

TENSOR_SCHEMA = Schema(
    """
    Dim: size=1:int name=2:str
    Shape: dim=2:*Dim unknown_rank=3:bool
    Tensor: dtype=1:enum tensor_shape=2:Shape tensor_content=4:bytes float_val=5:+float double_val=6:+double int_val=7:+int string_val=8:*bytes scomplex_val=9:+float int64_val=10:+int bool_val=11:+bool dcomplex_val=12:+double half_val=13:+int uint32_val=16:+uint uint64_val=17:+uint
    """  # noqa: E501
)
_VALUE_FIELDS = {
    "float32": "float_val",
    "float64": "double_val",
    "int32": "int_val",
    "int16": "int_val",
    "int8": "int_val",
    "uint8": "int_val",
    "uint16": "int_val",
    "int64": "int64_val",
    "bool": "bool_val",
    "uint32": "uint32_val",
    "uint64": "uint64_val",
    "float16": "half_val",
    "bfloat16": "half_val",
    "complex64": "scomplex_val",
    "complex128": "dcomplex_val",
}


def dtype_code(dtype: Any) -> int:
    """The number of TensorFlow's `DataType` enum for a NumPy dtype, or for anything that names one.

    Raises:
        ValueError: TensorFlow has no such dtype.

    Example:
        >>> dtype_code("float32"), dtype_code(bool)
        (1, 10)
    """
    name = dtype if isinstance(dtype, str) and dtype in _CODES else np.dtype(dtype).name
    if name not in _CODES:
        raise ValueError(
            f"dtype {name!r} has no TensorFlow code: expected one of {', '.join(_CODES)}, received {dtype!r}."
        )
    return _CODES[name]


def dtype_from_code(code: int) -> np.dtype:
    """The NumPy dtype of a number of TensorFlow's `DataType` enum; strings and resources have none.

    Raises:
        ValueError: The code is not that of a numeric or boolean dtype.

    Example:
        >>> dtype_from_code(9)
        dtype('int64')
    """
    name = _NAMES.get(code)
    if name is None:
        raise ValueError(f"Unknown dtype code: expected one of {sorted(_NAMES)}, received {code}.")
    if name in _EXTENSION_DTYPES:
        import ml_dtypes

        return np.dtype(getattr(ml_dtypes, name))
    return np.dtype(name)


def shape_message(shape: Iterable[Any]) -> dict[str, Any]:
    """A TensorShapeProto; whatever is not an int (None, a symbolic dimension) is written as unknown."""
    return {"dim": [{"size": int(dim) if isinstance(dim, int | np.integer) else -1} for dim in shape]}


def shape_from_message(message: dict[str, Any]) -> tuple[int | None, ...]:
    """The shape of a TensorShapeProto, unknown dimensions as None.

    Raises:
        ValueError: The rank is unknown.
    """
    if message.get("unknown_rank"):
        raise ValueError("Expected a shape of known rank, received one of unknown rank.")
    sizes = [dim.get("size", 0) for dim in message.get("dim", [])]
    return tuple(None if size < 0 else size for size in sizes)


def static_shape(message: dict[str, Any]) -> tuple[int, ...]:
    """The shape of a TensorShapeProto that must be fully known.

    Raises:
        ValueError: A dimension or the rank is unknown.
    """
    shape = shape_from_message(message)
    if None in shape:
        raise ValueError(f"Expected a fully known shape, received {shape}.")
    return tuple(dim for dim in shape if dim is not None)


def tensor_message(
    value: Any, dtype: Any = None, *, numbers: bool = False, shape: Sequence[int] | None = None
) -> dict[str, Any]:
    """A TensorProto of an array, or of strings: one for a scalar, a sequence of them for a vector, an object array.

    Args:
        value: The value.
        dtype: The NumPy dtype to convert to; None keeps the value's own. Ignored for strings.

        numbers: Whether a single number, and booleans, are written in the field of their dtype, where those who read
            messages look for them.
        shape: The shape to write for numbers, which one number fills; None keeps the value's own.

    Returns:
        The message, for `TENSOR_SCHEMA`.
    """
    if isinstance(value, str | bytes):
        return {"dtype": DT_STRING, "tensor_shape": shape_message(()), "string_val": [_to_bytes(value)]}
    if isinstance(value, list | tuple) and value and all(isinstance(item, str | bytes) for item in value):
        return {
            "dtype": DT_STRING,
            "tensor_shape": shape_message((len(value),)),
            "string_val": [_to_bytes(item) for item in value],
        }
    if isinstance(value, np.ndarray) and value.dtype == object:
        strings = [_to_bytes(item) for item in value.ravel().tolist()]
        return {"dtype": DT_STRING, "tensor_shape": shape_message(value.shape), "string_val": strings}
    array = np.asarray(value, dtype)
    if numbers and (array.size == 1 or array.dtype == bool) and array.dtype.name in _VALUE_FIELDS:
        field = _VALUE_FIELDS[array.dtype.name]
        return {
            "dtype": dtype_code(array.dtype),
            "tensor_shape": shape_message(array.shape if shape is None else shape),
            field: _numbers(array.reshape(-1), field),
        }
    if shape is not None:
        array = np.broadcast_to(array, shape) if array.size == 1 else array.reshape(shape)
    return {
        "dtype": dtype_code(array.dtype),
        "tensor_shape": shape_message(array.shape),
        "tensor_content": array.tobytes(),
    }


def _numbers(array: np.ndarray, field: str) -> list:
    if field == "half_val":
        return array.view(np.uint16).tolist()
    if field.endswith("complex_val"):
        return array.view(np.float32 if field == "scomplex_val" else np.float64).tolist()
    return array.tolist()


def tensor_from_message(message: dict[str, Any]) -> np.ndarray:
    """The array of a TensorProto; strings become an object array of bytes.

    A tensor that stores one value for all elements comes back as a read-only broadcast view, so that a small
    file cannot ask for much memory.

    Raises:
        ValueError: The contents do not fit the dtype and the shape.
    """
    shape = static_shape(message.get("tensor_shape", {}))
    code = message.get("dtype", 0)
    if code == DT_STRING:
        strings = np.empty(len(message.get("string_val", [])), object)
        strings[:] = message.get("string_val", [])
        return _fill(strings, shape)
    dtype = dtype_from_code(code)
    if "tensor_content" in message:
        values = np.frombuffer(_whole(message["tensor_content"], dtype), dtype)
        if values.size != math.prod(shape):
            raise ValueError(f"Malformed tensor: expected {shape} elements, received {values.size}.")
        return values.reshape(shape)
    field = _VALUE_FIELDS.get(dtype.name)
    if field is None or (field in ("half_val", "scomplex_val", "dcomplex_val") and field not in message):
        raise ValueError(f"Malformed tensor: expected the contents of a {dtype.name} tensor as bytes.")
    try:
        values = _values(message.get(field, [0]), field, dtype)
    except OverflowError as error:
        raise ValueError(f"Malformed tensor: {error}.") from error
    return _fill(values, shape)


def _values(found: list, field: str, dtype: np.dtype) -> np.ndarray:
    """What a field of numbers holds; half floats are in it by their bits, complex numbers by their parts."""
    if field == "half_val":
        return np.asarray(found, np.uint16).view(dtype)
    if field.endswith("complex_val"):
        parts = np.asarray(found, np.float32 if field == "scomplex_val" else np.float64)
        if parts.size % 2:
            raise ValueError(f"Malformed tensor: expected pairs of numbers, received {parts.size} numbers.")
        return parts.view(dtype)
    return np.asarray(found, dtype)


def _to_bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value


def _whole(content: bytes, dtype: np.dtype) -> bytes:
    if len(content) % dtype.itemsize:
        raise ValueError(
            f"Malformed tensor: expected a multiple of {dtype.itemsize} bytes for {dtype.name}, "
            f"received {len(content)} bytes."
        )
    return content


def _fill(values: np.ndarray, shape: Sequence[int]) -> np.ndarray:
    if values.size == math.prod(shape):
        return values.reshape(shape)
    if values.size == 1:
        return np.broadcast_to(values.reshape(()), shape)
    raise ValueError(f"Malformed tensor: expected shape {tuple(shape)}, received {values.size} elements.")
