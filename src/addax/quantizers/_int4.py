"""Two 4-bit integers in a byte."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax.core import dtypes
from addax.core.errors import message
from addax.engine import op
from addax.engine._jax import jnp, lax

_BYTES = ("int8", "uint8")


def pack_int4(arr: Any, axis: int = 0, dtype: str = "int8") -> tuple[Any, tuple, int]:
    """Put each two neighbours along an axis into one byte: the first in the low half, the second in the high one.

    Args:
        arr: Bytes that hold integers from -8 to 7 (or from 0 to 15, if unsigned).
        axis: The axis.
        dtype: The dtype of `arr` and of the result, `"int8"` or `"uint8"`.

    Returns:
        The packed tensor, its shape, and the length that the axis had; an odd one is filled up with a zero.

    Raises:
        ValueError: If `dtype` is none of the two.
        TypeError: If `arr` has another dtype.

    Example:
        >>> import addax as keras
        >>> import numpy as np
        >>> packed, shape, length = keras.quantizers.pack_int4(np.array([-3, 2, 1], np.int8))
        >>> packed.numpy(), shape, length
        (array([45,  1], dtype=int8), (2,), 3)
    """
    _check(dtype, arr, (dtype,))
    packed = _pack(arr, axis)
    return packed, tuple(packed.shape), int(arr.shape[axis])


@op(static=("axis",))
def _pack(arr: Any, axis: int) -> Any:
    bits = jnp.moveaxis(lax.bitcast_convert_type(arr, np.uint8), axis, 0)
    bits = jnp.pad(bits, [(0, len(bits) % 2), *[(0, 0)] * (bits.ndim - 1)]) & 15
    return lax.bitcast_convert_type(jnp.moveaxis(bits[::2] | bits[1::2] << 4, 0, axis), arr.dtype)


def unpack_int4(packed: Any, orig_len: int, axis: int = 0, dtype: str = "int8") -> Any:
    """Undo `pack_int4`.

    Args:
        packed: Bytes with two integers each.
        orig_len: The length that the axis had.
        axis: The axis.
        dtype: `"int8"` for integers from -8 to 7, `"uint8"` for integers from 0 to 15.

    Raises:
        ValueError: If `dtype` is none of the two.
        TypeError: If `packed` does not hold bytes.

    Example:
        >>> import addax as keras
        >>> import numpy as np
        >>> keras.quantizers.unpack_int4(np.array([45, 1], np.int8), 3).numpy()
        array([-3,  2,  1], dtype=int8)
    """
    _check(dtype, packed, _BYTES)
    return _unpack(packed, int(orig_len), axis, dtype)


@op(static=("orig_len", "axis", "dtype"), name="unpack_int4")
def _unpack(packed: Any, orig_len: int, axis: int, dtype: str) -> Any:
    bits = jnp.moveaxis(lax.bitcast_convert_type(packed, np.uint8), axis, 0)
    halves = jnp.stack([bits & 15, bits >> 4], axis=1).reshape(-1, *bits.shape[1:])[:orig_len]
    if dtype == "int8":
        halves = lax.bitcast_convert_type(halves ^ 8, np.int8) - np.int8(8)  # 8 to 15 are the negative ones
    return jnp.moveaxis(halves, 0, axis)


def _check(dtype: str, array: Any, wanted: tuple[str, ...]) -> None:
    if dtype not in _BYTES:
        raise ValueError(message("Unknown dtype.", expected=" or ".join(_BYTES), received=dtype))
    given = dtypes.standardize(array.dtype).name
    if given not in wanted:
        raise TypeError(
            message("The tensor has another dtype.", expected=" or ".join(wanted), received=given)
        )
