"""Dtypes: the names, what they promote to, and a str that also behaves as TensorFlow's `DType`."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from addax.core.errors import message, suggest

FLOATS = ("bfloat16", "float16", "float32", "float64")
FLOAT8 = ("float8_e4m3fn", "float8_e5m2")
INTS = ("int8", "int16", "int32", "int64")
UINTS = ("uint8", "uint16", "uint32", "uint64")
COMPLEX = ("complex64", "complex128")
ALL = ("bool", *INTS, *UINTS, *FLOATS, *FLOAT8, *COMPLEX, "string")

_ALIASES = {
    "float": "float32",
    "double": "float64",
    "half": "float16",
    "int": "int32",
    "long": "int64",
    "str": "string",
    "bytes": "string",
    "object": "string",
    "bool_": "bool",
}
_WIDE_TO_NARROW = {"int64": "int32", "uint64": "uint32", "float64": "float32", "complex128": "complex64"}


class DType(str):
    """A dtype: equal to its name, to NumPy's dtype and to `tf.float32`, and JSON-safe because it is a `str`.

    Example:
        >>> import numpy as np
        >>> d = DType("float32")
        >>> d == "float32", d == np.float32, d.is_floating, d.size
        (True, True, True, 4)
    """

    __slots__ = ()

    def __eq__(self, other: Any) -> bool:
        if isinstance(other, str):
            return str.__eq__(self, other)
        try:
            return str.__eq__(self, _name_of(other))
        except (TypeError, ValueError):
            return False

    def __ne__(self, other: Any) -> bool:
        return not self == other

    __hash__ = str.__hash__

    def __repr__(self) -> str:
        return f"tf.{self!s}"

    def __reduce__(self) -> tuple:
        return (DType, (str(self),))

    @property
    def name(self) -> str:
        """The plain name, such as `"float32"`."""
        return str(self)

    @property
    def as_numpy_dtype(self) -> type:
        """NumPy's scalar type (`object` for strings)."""
        return object if self == "string" else numpy_dtype(self).type

    @property
    def is_floating(self) -> bool:
        """Whether this is a real floating-point dtype."""
        return is_float(self)

    @property
    def is_integer(self) -> bool:
        """Whether this is a signed or unsigned integer dtype (bool is not)."""
        return is_int(self)

    @property
    def is_unsigned(self) -> bool:
        """Whether this is an unsigned integer dtype."""
        return self in UINTS

    @property
    def is_complex(self) -> bool:
        """Whether this is a complex dtype."""
        return self in COMPLEX

    @property
    def is_bool(self) -> bool:
        """Whether this is `bool`."""
        return self == "bool"

    @property
    def is_numeric(self) -> bool:
        """Whether this is a dtype of numbers (bool is not)."""
        return self.is_floating or self.is_integer or self.is_complex

    @property
    def is_quantized(self) -> bool:
        """Whether numbers of this dtype stand for others; never, for quantized ones are plain integers here."""
        return False

    @property
    def is_numpy_compatible(self) -> bool:
        """Whether NumPy can hold values of this dtype; always true here."""
        return True

    @property
    def base_dtype(self) -> DType:
        """This dtype (TensorFlow's reference dtypes do not exist here)."""
        return self

    @property
    def real_dtype(self) -> DType:
        """The dtype of the real part."""
        return DType({"complex64": "float32", "complex128": "float64"}.get(str(self), str(self)))

    @property
    def size(self) -> int:
        """Bytes per element (1 for strings, as in TensorFlow)."""
        return 1 if self == "string" else numpy_dtype(self).itemsize

    @property
    def min(self) -> Any:
        """The smallest representable number."""
        return _limits(str(self))[0]

    @property
    def max(self) -> Any:
        """The largest representable number."""
        return _limits(str(self))[1]

    @property
    def limits(self) -> tuple:
        """The pair of `min` and `max`."""
        return _limits(str(self))

    def is_compatible_with(self, other: Any) -> bool:
        """Whether `other` names the same dtype."""
        return self == other


@lru_cache(maxsize=64)
def _limits(name: str) -> tuple:
    if name == "bool":
        return (False, True)
    if name in INTS or name in UINTS:
        info = np.iinfo(name)
        return (int(info.min), int(info.max))
    import ml_dtypes

    info = ml_dtypes.finfo(numpy_dtype(name))
    return (float(info.min), float(info.max))


def _name_of(value: Any) -> str:
    if isinstance(value, str):
        return str(value)
    if value is float:
        return "float32"
    if value is int:
        return "int32"
    if value is bool:
        return "bool"
    if value in (str, bytes, object):
        return "string"
    name = getattr(value, "name", None)
    if isinstance(name, str) and name in ALL:
        return name
    dtype = np.dtype(value)
    return "string" if dtype.kind in "OSU" else dtype.name


@lru_cache(maxsize=256)
def _standard(name: str) -> DType:
    name = _ALIASES.get(name, name)
    if name.startswith("torch."):
        name = name.removeprefix("torch.")
    if name.startswith(("<U", "|S", "|O", "<class")) or name in ("O", "S", "U"):
        name = "string"
    if name not in ALL:
        try:
            name = np.dtype(name).name
        except (SyntaxError, TypeError, ValueError):  # NumPy reads names with commas as code of Python
            pass
    if name not in ALL:
        raise ValueError(
            message(
                f"Invalid dtype: {name!r}.", hint=suggest(name, ALL) or f"The dtypes are {', '.join(ALL)}."
            )
        )
    return DType(name)


def standardize(dtype: Any, default: str | None = None) -> DType:
    """The canonical `DType` of a name, a NumPy dtype, a Python type or a `DType`.

    Args:
        dtype: What to standardize; None gives `default`.
        default: The dtype of None; the float dtype of the settings if not given.

    Raises:
        ValueError: If it is no dtype.

    Example:
        >>> import numpy as np
        >>> standardize(np.int64), standardize("half"), standardize(str)
        (tf.int64, tf.float16, tf.string)
    """
    if type(dtype) is DType:
        return dtype
    if dtype is None:
        from addax.core.config import floatx

        return _standard(default or floatx())
    try:
        return _standard(_name_of(dtype))
    except TypeError:
        raise ValueError(
            message("Invalid dtype.", received=dtype, hint='Give a name such as "float32".')
        ) from None


def numpy_dtype(dtype: Any) -> np.dtype:
    """NumPy's dtype object (bfloat16 and float8 come from `ml_dtypes`)."""
    name = str(standardize(dtype))
    if name == "string":
        return np.dtype(object)
    if name == "bfloat16" or name in FLOAT8:
        import ml_dtypes

        return np.dtype(getattr(ml_dtypes, name))
    return np.dtype(name)


def is_float(dtype: Any) -> bool:
    """Whether a dtype is real floating point."""
    name = str(dtype)
    return name in FLOATS or name in FLOAT8


def is_int(dtype: Any) -> bool:
    """Whether a dtype is a signed or unsigned integer."""
    name = str(dtype)
    return name in INTS or name in UINTS


def narrow(name: str) -> str:
    """The 32-bit dtype of a 64-bit one; others as they are."""
    return _WIDE_TO_NARROW.get(name, name)


def of_scalar(value: Any) -> str:
    """The dtype of a Python scalar: bool, int32, floatx or complex64."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "int32"
    if isinstance(value, complex):
        return "complex64"
    if isinstance(value, (str, bytes)):
        return "string"
    from addax.core.config import floatx

    return floatx()
