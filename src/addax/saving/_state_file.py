"""A nest of plain values and arrays in one HDF5 file, which appears whole or not at all: the state of a run.

The nest is kept as JSON, with the numbers of arrays in the places of arrays. Reading goes by the one reader of
HDF5 files; a checksum tells whether the disk has kept what was written.
"""

from __future__ import annotations

import base64
import contextlib
import json
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from addax.core.errors import message
from addax.formats import atomic_file
from addax.saving._hdf5 import StoredGroup, opened_weights
from addax.saving._weights import write_array

_PLAIN = (bool, int, float, str, type(None))
_STATE = "state"  # the JSON, as bytes; the checksum of everything stands before it
_MAX_DEPTH = 64


def is_plain(value: Any) -> bool:
    """Whether `write_state` can keep a value: a nest of plain Python values and arrays of numbers or bytes."""
    try:
        _encoded(value, [])
    except TypeError:
        return False
    return True


def write_state(path: Path, state: Any, variables: Sequence[np.ndarray] = ()) -> None:
    """Write a nest and a list of arrays to a file, atomically.

    Args:
        path: The file.
        state: A nest of dicts, lists, tuples, numbers, texts, bytes, None and arrays.
        variables: Arrays that are read one by one, their shapes before their contents.

    Raises:
        TypeError: If there is something else in the nest.
    """
    import h5py

    text, arrays = encode_nest(state)
    groups = {"arrays": arrays, "variables": list(variables)}
    with atomic_file(path) as temporary:
        with h5py.File(temporary, "w") as file:
            for name, members in groups.items():
                group = file.create_group(name)
                for key, array in enumerate(members):
                    write_array(group, str(key), array)
            sums = [_checksum(array) for members in groups.values() for array in members]
            whole = json.dumps([_sum_of(text, sums), len(arrays), len(variables)]).encode()
            write_array(file, _STATE, np.frombuffer(whole + b"\n" + text, np.uint8))


class StateFile:
    """A state that was written, opened for reading.

    Attributes:
        state: The nest.
        shapes: Shapes of the arrays behind it; `variables` reads them.
    """

    def __init__(self, root: StoredGroup, name: str) -> None:
        self._name = name
        try:
            head, _, text = root[_STATE].tobytes().partition(b"\n")
            self._sum, count, number = json.loads(head)
            arrays = self._members(root, "arrays", count)
            self._stored = self._group(root, "variables", number)
            self.shapes = [self._stored.shape(str(key)) for key in range(number)]
            self._text, self._sums = text, [_checksum(array) for array in arrays]
            self.state = _decoded(json.loads(text), arrays)
        except (AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError) as error:
            raise ValueError(self._damaged(str(error))) from error

    def variables(self) -> list[np.ndarray]:
        """The arrays.

        Raises:
            ValueError: If anything in the file is not what was written.
        """
        found = [self._stored[str(key)] for key in range(len(self.shapes))]
        if _sum_of(self._text, [*self._sums, *map(_checksum, found)]) != self._sum:
            raise ValueError(self._damaged("its checksum is another one"))
        return found

    def _group(self, root: StoredGroup, name: str, count: int) -> StoredGroup:
        group = root.child(name)
        if group is None or len(group) != count:
            raise KeyError(name)
        return group

    def _members(self, root: StoredGroup, name: str, count: int) -> list[np.ndarray]:
        group = self._group(root, name, count)
        return [group[str(key)] for key in range(count)]

    def _damaged(self, what: str) -> str:
        return message(f"{self._name} is damaged, or no state of a run.", received=what)


@contextlib.contextmanager
def opened_state(path: Path) -> Iterator[StateFile]:
    """A file that `write_state` wrote, closed at the end of the block.

    Raises:
        ValueError: If it is missing, damaged, or built to do harm.
    """
    with opened_weights(path) as file:
        yield StateFile(file.root(), str(path))


def _checksum(array: np.ndarray) -> int:
    """Of the bytes of an array, its dtype and its shape."""
    start = zlib.crc32(f"{array.dtype.name}{array.shape}".encode())
    return zlib.crc32(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data, start)


def _sum_of(text: bytes, sums: list[int]) -> int:
    return zlib.crc32(json.dumps(sums).encode(), zlib.crc32(text))


def encode_nest(nest: Any) -> tuple[bytes, list[np.ndarray]]:
    """A nest as text, and the arrays that it refers to.

    Raises:
        TypeError: If there is something in it that `write_state` does not keep.
    """
    arrays: list[np.ndarray] = []
    return json.dumps(_encoded(nest, arrays)).encode(), arrays


def decode_nest(text: bytes, arrays: list[np.ndarray]) -> Any:
    """The nest that `encode_nest` was given.

    Raises:
        ValueError: If the text is not what it wrote.
    """
    try:
        return _decoded(json.loads(text), arrays)
    except (IndexError, KeyError, RecursionError, TypeError, ValueError) as error:
        raise ValueError(message("A saved state is damaged.", received=str(error))) from error


# JSON ----------------------------------------------------------------------------------------------------
# A list [tag, content] stands for what JSON does not have. Lists themselves are tagged, too.
def _encoded(value: Any, arrays: list[np.ndarray], depth: int = 0) -> Any:
    if depth > _MAX_DEPTH:
        raise TypeError("The state is nested too deeply, or holds itself.")
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is dict:
        return [
            "d",
            [[_encoded(k, arrays, depth + 1), _encoded(v, arrays, depth + 1)] for k, v in value.items()],
        ]
    if kind in (list, tuple):
        return ["l" if kind is list else "t", [_encoded(item, arrays, depth + 1) for item in value]]
    if kind is bytes:
        return ["b", base64.b64encode(value).decode()]
    if isinstance(value, (np.ndarray, np.generic)):
        return _encoded_array(value, arrays, depth)
    raise TypeError(
        message(
            "This cannot be part of a saved state.",
            expected="dicts, lists, tuples, numbers, texts, bytes, None and arrays",
            received=value,
        )
    )


def _encoded_array(value: Any, arrays: list[np.ndarray], depth: int) -> Any:
    array = np.asarray(value)
    if array.dtype.kind in "OSU":
        items = [_encoded(item, arrays, depth + 1) for item in array.astype(object).reshape(-1).tolist()]
        return ["o", [list(array.shape), items]]
    if array.dtype.kind not in "biufc" and array.dtype.name != "bfloat16":
        raise TypeError(f"Arrays of type {array.dtype} cannot be part of a saved state.")
    arrays.append(array)
    return ["a" if isinstance(value, np.ndarray) else "s", len(arrays) - 1]


def _decoded(value: Any, arrays: list[np.ndarray]) -> Any:
    if not isinstance(value, list):
        return value
    tag, content = value
    if tag == "d":
        return {_decoded(k, arrays): _decoded(v, arrays) for k, v in content}
    if tag in ("l", "t"):
        items = [_decoded(item, arrays) for item in content]
        return items if tag == "l" else tuple(items)
    if tag == "b":
        return base64.b64decode(content)
    if tag == "o":
        shape, items = content
        found = np.empty(len(items), object)
        found[:] = [_decoded(item, arrays) for item in items]
        return found.reshape(shape)
    return arrays[content] if tag == "a" else arrays[content][()]
