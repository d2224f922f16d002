"""JSON values as arrays and back, with nothing let through that the other side would misread."""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
from typing import Any, NoReturn

import numpy as np

from addax.core.errors import message
from addax.serving._errors import RequestError, shown
from addax.serving._signature import STRING, TensorInfo, dtype_of

try:
    import orjson
except ImportError:
    orjson = None

_KINDS = {"b": "booleans", "i": "integers", "u": "integers", "f": "numbers"}
# What JSON values of each kind of NumPy array may become.
_TAKES = {"b": "b", "i": "iu", "u": "iu", "f": "iuf"}


def parse_json(body: bytes) -> dict[str, Any]:
    """The object that the body of a request is.

    Args:
        body: JSON in UTF-8.

    Raises:
        RequestError: It is none, or is no object.

    Example:
        >>> parse_json(b'{"instances": [1]}')
        {'instances': [1]}
    """
    try:
        data = _loads(body)
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise RequestError(
            400, message("The body is not JSON.", expected="a JSON object", received=reason)
        ) from None
    if not isinstance(data, dict):
        raise RequestError(
            400, message("The body is no object.", expected="a JSON object", received=shown(data))
        )
    return data


def _loads(body: bytes) -> Any:
    # The extra `serve` brings orjson, which is ten times as fast with lists of numbers. What it does not read, such as
    # numbers beyond its range, is left to Python, so that both give the same errors.
    if orjson is not None:
        with contextlib.suppress(ValueError):
            return orjson.loads(body)
    return json.loads(body, parse_constant=_refuse_constant)


def dump_json(answer: Any) -> bytes:
    """The body of an answer.

    Args:
        answer: Numbers, booleans and strings in nested lists and dicts; the numbers are finite.

    Example:
        >>> dump_json({"predictions": [[0.5]]})
        b'{"predictions":[[0.5]]}'
    """
    if orjson is not None:
        return orjson.dumps(answer)
    return json.dumps(answer, allow_nan=False, separators=(",", ":")).encode()


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name}, which JSON does not have")


def to_array(value: Any, info: TensorInfo) -> np.ndarray:
    """The array for an input.

    Args:
        value: Numbers, booleans or strings in nested lists. Strings may be `{"b64": "..."}`.
        info: The input.

    Raises:
        RequestError: The value has another shape or another kind than the input.

    Example:
        >>> to_array([[1, 2.5]], TensorInfo("x", (None, 2), "float32"))
        array([[1. , 2.5]], dtype=float32)
    """
    array = _strings(value, info) if info.dtype == STRING else _numbers(value, info)
    check_shape(array, info)
    return array


def check_shape(array: np.ndarray, info: TensorInfo) -> None:
    """Refuse arrays of another shape than the input's."""
    fits = array.ndim == len(info.shape) and all(
        size in (None, actual) for size, actual in zip(info.shape, array.shape, strict=True)
    )
    if not fits:
        raise wrong_input(info, f"shape {array.shape}", "Wrong shape.")
    if 0 in array.shape:
        raise wrong_input(info, f"shape {array.shape}, which has no elements", "There is nothing to compute.")


def wrong_input(info: TensorInfo, received: str, problem: str = "Wrong values.") -> RequestError:
    """The error for a value that is no value of the input."""
    return RequestError(
        400, message(problem, expected=str(info), received=received, where=f"input {info.name!r}")
    )


def _numbers(value: Any, info: TensorInfo) -> np.ndarray:
    dtype = dtype_of(info)
    kind = "f" if "float" in info.dtype else dtype.kind
    if kind not in _TAKES:
        raise wrong_input(info, "JSON, which has no such numbers")
    if _has_text(value):
        raise wrong_input(info, shown(value), f"Only {_KINDS[kind]} can be given.")
    try:
        found = np.asarray(value)
    except (ValueError, OverflowError):
        raise wrong_input(info, "lists of different lengths, or numbers that are too large") from None
    if found.size == 0:
        found = found.astype(dtype)
    elif found.dtype.kind not in _TAKES[kind]:
        kinds = _KINDS.get(found.dtype.kind) or shown(value)
        raise wrong_input(info, kinds, f"Only {_KINDS[kind]} can be given.")
    with np.errstate(over="ignore"):
        array = found.astype(dtype)
    exact = np.array_equal(array, found) if kind in "iu" else np.isfinite(array.astype(np.float64)).all()
    if not exact:
        raise wrong_input(info, f"values from {found.min()} to {found.max()}", "A number is out of range.")
    return array


def _has_text(value: Any) -> bool:
    """Whether there are strings: NumPy would give each element the room of the longest, terabytes of a small body."""
    rest = [value]
    while rest:
        item = rest.pop()
        if isinstance(item, str):
            return True
        if isinstance(item, list):
            kinds = set(map(type, item))  # one pass at C's speed, for lists are long and numbers plain
            if str in kinds:
                return True
            if list in kinds:
                rest.extend(one for one in item if type(one) is list)
    return False


def _strings(value: Any, info: TensorInfo) -> np.ndarray:
    leaves: list[bytes] = []
    shape: list[int] = []
    _collect_strings(value, info, leaves, shape, 0)
    array = np.empty(len(leaves), object)
    array[:] = leaves
    return array.reshape(shape)


def _collect_strings(value: Any, info: TensorInfo, leaves: list[bytes], shape: list[int], depth: int) -> None:
    if not isinstance(value, list):
        if depth != len(shape) and leaves:
            raise wrong_input(info, "lists of different depths")
        leaves.append(_bytes_of(value, info))
        return
    if depth == len(info.shape):
        raise wrong_input(info, f"lists nested deeper than {depth}", "Wrong shape.")
    if depth == len(shape):
        if leaves:
            raise wrong_input(info, "lists of different depths")
        shape.append(len(value))
    elif shape[depth] != len(value):
        raise wrong_input(info, "lists of different lengths")
    for item in value:
        _collect_strings(item, info, leaves, shape, depth + 1)


def _bytes_of(value: Any, info: TensorInfo) -> bytes:
    if isinstance(value, str):
        return value.encode(errors="surrogatepass")
    if isinstance(value, dict) and value.keys() == {"b64"} and isinstance(value["b64"], str):
        try:
            return base64.b64decode(value["b64"], validate=True)
        except (binascii.Error, ValueError):
            raise wrong_input(info, "text after b64 that is not base64") from None
    raise wrong_input(info, shown(value), "Only strings can be given.")


def to_json(array: np.ndarray, name: str) -> Any:
    """An output as numbers, booleans or strings in nested lists.

    Args:
        array: The output.
        name: Its name.

    Raises:
        RequestError: It holds what JSON cannot say.

    Example:
        >>> to_json(np.float32([[0.5, 1]]), "y")
        [[0.5, 1.0]]
    """
    if array.dtype.kind in "OSU":
        return _texts(array.astype(object).tolist())
    if array.dtype.kind in "biu":
        return array.tolist()
    if array.dtype.kind == "c":
        hint = "Serve a signature that gives the real and imaginary parts."
        raise RequestError(500, message(f"Output {name!r} is complex, which JSON cannot say.", hint=hint))
    wide = array if array.dtype.kind == "f" else array.astype(np.float32)
    if not np.isfinite(wide).all():
        raise RequestError(
            500,
            message(
                f"Output {name!r} has values that are not finite, which JSON cannot say.",
                received=f"{int((~np.isfinite(wide)).sum())} of {wide.size} are NaN or infinite",
                hint="Look at the inputs: the model computes this from them.",
            ),
        )
    return wide.tolist()


def _texts(value: Any) -> Any:
    if isinstance(value, list):
        return [_texts(item) for item in value]
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return {"b64": base64.b64encode(value).decode()}
    return str(value)
