"""The one reader of HDF5 files, which may be hostile: links, data kept elsewhere, and sizes without bytes are refused.

Nothing else in the package opens an HDF5 file for reading.
"""

from __future__ import annotations

import contextlib
import io
import math
import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from addax.core.errors import message

_MAX_RATIO = 200  # of the bytes that an array declares over those that it stores
_SMALL = 1 << 16  # bytes that an array may declare at any ratio
_MAX_TEXTS = 1 << 29  # bytes that a list of texts may come to
_MAX_READS = 8  # how often the bytes of a file may be read over; names may share them
_HEAP = b"GCOL\x01"  # how a collection of texts begins; three bytes that nobody reads and its size follow
# Filters of HDF5 itself and h5py's; others would be looked for among the plugins of the machine.
_FILTERS = frozenset((1, 2, 3, 4, 5, 6, 32000))
# What h5py raises on files that are cut off or altered.
_DAMAGES = (KeyError, OSError, RuntimeError, TypeError, ValueError)


class MissingArray(KeyError, ValueError):
    """There is no such key; as in any mapping a KeyError, and as with any damage of a file a ValueError."""

    __str__ = Exception.__str__


class WeightsFile:
    """An HDF5 file of weights, opened for reading.

    Args:
        source: Its bytes, or a path.

    Raises:
        ValueError: If it is missing or no HDF5 file.
    """

    def __init__(self, source: bytes | str | Path) -> None:
        import h5py

        self.name = "the weights" if isinstance(source, bytes) else str(source)
        if not isinstance(source, bytes) and not Path(source).is_file():
            raise ValueError(message(f"File not found: {source}.", expected="a .weights.h5 file"))
        self._source = source
        self._longest_text: int | None = None
        self._read = 0  # bytes that were read so far, as they are stored
        self.size = len(source) if isinstance(source, bytes) else Path(source).stat().st_size
        try:
            self._file = h5py.File(io.BytesIO(source) if isinstance(source, bytes) else source, "r")
        except _DAMAGES as error:
            raise ValueError(
                message(
                    f"{self.name} is no HDF5 file, or it is damaged.",
                    received=str(error),
                    hint="Was the copy or the download cut off? Get the file again.",
                )
            ) from error

    def root(self) -> StoredGroup:
        """The root group."""
        return StoredGroup(self._file, self)

    def group(self, path: str) -> StoredGroup | None:
        """The group at a path; None if there is none."""
        return self.root().child(path)

    def attribute(self, name: str) -> str | None:
        """The text of an attribute of the root, None if missing."""
        return self.root().text(name)

    def declared(self) -> int:
        """How many bytes the arrays in the file come to; what shares its bytes, or has none, counts for little.

        Raises:
            ValueError: If the file is damaged, or built to do harm.
        """
        sizes = (group.bytes_of(key) for _, group in self.root().walk() for key in group.arrays())
        return min(sum(sizes), _MAX_RATIO * self.size)

    def spend(self, stored: int) -> None:
        """Note that so many bytes of the file are about to be read.

        Raises:
            ValueError: If the file has been read over and over: names that share their bytes unpack to any size.
        """
        self._read += stored
        if self._read > _MAX_READS * self.size:
            raise ValueError("its arrays are far more than the file holds; it is refused")

    def longest_text(self) -> int:
        """At most how many bytes a text of variable length in this file has; to be asked before any is read.

        Attributes are read as a whole, and all texts of a list may refer to the same long one.

        Raises:
            ValueError: If a collection of texts would keep the library busy for ever.
        """
        if self._longest_text is None:
            if isinstance(self._source, bytes):
                self._longest_text = _largest_heap(self._source)
            else:
                with (
                    open(self._source, "rb") as file,
                    mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data,
                ):
                    self._longest_text = _largest_heap(data)
        return self._longest_text

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> WeightsFile:
        return self

    def __exit__(self, *exc: Any) -> None:
        self.close()


class StoredGroup:
    """A mapping of key to array: one group of the file. Everything is checked before it is read."""

    def __init__(self, group: Any, file: WeightsFile) -> None:
        self._group = group
        self._file = file

    def keys(self) -> list[str]:
        """The keys, numbers in their order.

        Raises:
            ValueError: If the file is damaged: what is listed must be there.
        """
        with self._damages(""):
            names = sorted(self._group, key=lambda k: (not k.isdecimal(), int(k) if k.isdecimal() else 0, k))
        for name in names:
            if not self._has(self._group, name):
                raise ValueError(message(f"{self._where(name)} is damaged: it is listed, but not there."))
        return names

    def __len__(self) -> int:
        with self._damages(""):
            return len(self._group)

    def __contains__(self, key: str) -> bool:
        return self._has(self._group, key)

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def shape(self, key: str) -> tuple:
        """The shape of an array, without reading it."""
        return tuple(self._dataset(key).shape)

    def dtype(self, key: str) -> str:
        """The name of an array's dtype, without reading it; `"string"` for texts."""
        kind = self._dataset(key).dtype
        return {"V": "bfloat16", "O": "string", "S": "string"}.get(kind.kind) or str(kind.name)

    def bytes_of(self, key: str) -> int:
        """How many bytes an array comes to, without reading it."""
        dataset = self._dataset(key)
        return math.prod(dataset.shape) * dataset.dtype.itemsize

    def walk(self) -> Iterator[tuple[str, StoredGroup]]:
        """This group (under the name "") and all groups below it by their paths, in the order of their names.

        A group that stands in two places, or inside itself, comes once.
        """
        import h5py.h5o

        seen: set[Any] = set()
        waiting = [("", self)]
        while waiting:
            path, group = waiting.pop()
            with group._damages(""):
                place = h5py.h5o.get_info(group._group.id).addr
            if place in seen:
                continue
            seen.add(place)
            yield path, group
            inner = ((f"{path}/{key}".lstrip("/"), group.child(key)) for key in reversed(group.keys()))
            waiting += [(name, child) for name, child in inner if child is not None]

    def arrays(self) -> list[str]:
        """The keys of the arrays in this group itself."""
        return [key for key in self.keys() if self.child(key) is None]

    def __getitem__(self, key: str) -> np.ndarray:
        dataset = self._dataset(key)
        with self._damages(key):
            self._file.spend(dataset.id.get_storage_size())
            if dataset.dtype.kind == "O":
                return self._strings(dataset)
            array = np.asarray(dataset[()])
            if array.dtype.kind == "V":
                import ml_dtypes

                array = array.view(ml_dtypes.bfloat16)
            return array

    def get(self, key: str, default: Any = None) -> Any:
        """An array, or `default` if there is none."""
        return self[key] if key in self else default

    def items(self) -> list[tuple[str, np.ndarray]]:
        """Pairs of key and array."""
        return [(key, self[key]) for key in self.keys()]

    def child(self, path: str) -> StoredGroup | None:
        """The group at a path below this one, None if there is none."""
        import h5py

        node = self._group
        for part in path.split("/"):
            if not self._has(node, part):
                return None
            node = self._open(node, part)
            if not isinstance(node, h5py.Group):
                return None
        return StoredGroup(node, self._file)

    def array_at(self, path: str) -> np.ndarray:
        """The array at a path below this group.

        Raises:
            ValueError: If there is none.
        """
        group, key = self._place_of(path)
        return group[key]

    def shape_at(self, path: str) -> tuple:
        """The shape of the array at a path below this group, without reading it.

        Raises:
            ValueError: If there is none.
        """
        group, key = self._place_of(path)
        return group.shape(key)

    def _place_of(self, path: str) -> tuple[StoredGroup, str]:
        folder, _, key = path.rpartition("/")
        group = self.child(folder) if folder else self
        if group is None or key not in group:
            raise ValueError(message(f"{self._where(path)} is missing."))
        return group, key

    def text(self, name: str) -> str | None:
        """An attribute that holds one text, None if it is missing."""
        with self._damages(name):
            if name not in self._group.attrs:
                return None
            kind = self._group.attrs.get_id(name)
            if kind.shape != () or kind.dtype.kind not in "OS":
                raise ValueError("it is no single text")
            self._file.longest_text()
            return _as_text(self._group.attrs[name])

    def text_list(self, name: str) -> list[str]:
        """An attribute that holds a list of texts (long ones are stored in pieces), empty if it is missing."""
        attributes = self._group.attrs
        with self._damages(name):
            if name in attributes:
                return self._texts(name)
            found, piece = [], 0
            while f"{name}{piece}" in attributes:
                found += self._texts(f"{name}{piece}")
                piece += 1
            return found

    def _texts(self, name: str) -> list[str]:
        kind = self._group.attrs.get_id(name)
        if len(kind.shape) != 1 or kind.dtype.kind not in "OSf":  # an empty list is one of floats
            raise ValueError("it is no list of texts")
        if kind.dtype.kind == "O" and kind.shape[0] * self._file.longest_text() > _MAX_TEXTS:
            raise ValueError("its texts may be far longer than the file")
        return [_as_text(item) for item in self._group.attrs[name]]

    # Checks ----------------------------------------------------------------------------------------------
    def _where(self, key: str) -> str:
        return f"{self._file.name}: {self._group.name.rstrip('/')}/{key}"

    @contextlib.contextmanager
    def _damages(self, key: str) -> Iterator[None]:
        """What the library makes of a damaged file becomes one kind of error."""
        try:
            yield
        except _DAMAGES as error:
            raise ValueError(message(f"{self._where(key)} cannot be read.", received=str(error))) from error

    def _has(self, node: Any, part: str) -> bool:
        with self._damages(part):
            return part not in ("", ".") and node.id.links.exists(part.encode("utf-8", "surrogateescape"))

    def _open(self, node: Any, part: str) -> Any:
        """What stands under a name, reached by a hard link: others may lead anywhere, and out of the file."""
        import h5py.h5l

        with self._damages(part):
            kind = node.id.links.get_info(part.encode("utf-8", "surrogateescape")).type
            if kind == h5py.h5l.TYPE_HARD:
                return node[part]
        raise ValueError(
            message(
                f"{self._where(part)} is a link to elsewhere; it is refused.", expected="groups and arrays"
            )
        )

    def _dataset(self, key: str) -> Any:
        import h5py

        if key not in self:
            raise MissingArray(message(f"{self._where(key)} is missing.", hint="Is the file damaged?"))
        dataset = self._open(self._group, key)
        if not isinstance(dataset, h5py.Dataset):
            raise ValueError(message(f"{self._where(key)} is no array."))
        with self._damages(key):
            problem = _storage_problem(dataset) or _type_problem(dataset) or self._size_problem(dataset)
        if problem is not None:
            raise ValueError(message(f"{self._where(key)} {problem}; it is refused."))
        return dataset

    def _size_problem(self, dataset: Any) -> str | None:
        declared = math.prod(dataset.shape) * dataset.dtype.itemsize
        stored = dataset.id.get_storage_size()
        if declared > max(_SMALL, _MAX_RATIO * stored) or stored > self._file.size:
            return (
                f"declares {declared} bytes (shape {dataset.shape}) over {stored} of {self._file.size} stored"
            )
        return None

    def _strings(self, dataset: Any) -> np.ndarray:
        """Texts one by one: all together they cannot be longer than the file, unless they share their bytes."""
        self._file.longest_text()
        found, total = np.empty(dataset.shape, object), 0
        for index in np.ndindex(*dataset.shape):
            found[index] = dataset[index]
            total += len(found[index])
            if total > self._file.size:
                raise ValueError("its texts are longer than the file")
        return found


_HEAP_NUMBERS = 1 << 15  # HDF5 counts them in 16 bits, doubling; a collection has some hundred


def _largest_heap(data: Any) -> int:
    """The size of the largest collection of texts in the bytes of an HDF5 file."""
    largest, at = 0, data.find(_HEAP)
    while at >= 0:
        size = int.from_bytes(data[at + 8 : at + 16], "little")
        if size <= len(data):
            largest = max(largest, size)
            _check_heap(data, at, min(at + size, len(data)))
        at = data.find(_HEAP, at + 8)
    return largest


def _check_heap(data: Any, start: int, end: int) -> None:
    """Refuse a collection with a piece of no size, or whose end or number overflows: HDF5 never gets past it."""
    at = start + 16
    while at + 16 <= end:
        number, size = (
            int.from_bytes(data[at : at + 2], "little"),
            int.from_bytes(data[at + 8 : at + 16], "little"),
        )
        if size > end - at or number >= _HEAP_NUMBERS or number == 0 and size == 0:
            raise ValueError("its texts are damaged")
        at += size if number == 0 else 16 + (size + 7) // 8 * 8


def _storage_problem(dataset: Any) -> str | None:
    """Why the data of an array is not plainly inside the file, or None."""
    if dataset.is_virtual or dataset.external:
        return "keeps its data in another file"
    properties = dataset.id.get_create_plist()
    filters = {properties.get_filter(i)[0] for i in range(properties.get_nfilters())}
    return None if filters <= _FILTERS else f"is packed by unknown filters {sorted(filters - _FILTERS)}"


def _type_problem(dataset: Any) -> str | None:
    """Why the elements of an array are neither numbers nor texts, or None."""
    import h5py

    dtype = dataset.dtype
    if dtype.kind in "biufcS" or dtype.kind == "O" and h5py.check_string_dtype(dtype) is not None:
        return None
    if dtype.kind == "V" and dtype.itemsize == 2 and dtype.names is None and dtype.subdtype is None:
        return None  # bfloat16
    return f"holds elements of type {dtype}, which are no numbers"


def _as_text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def room_for(source: bytes | str | Path) -> int:
    """How many bytes of variables a model may have that came with these weights.

    Optimizer slots and metrics are not always in the file, and numbers may be stored in fewer bits.

    Args:
        source: The bytes of the file, or a path.
    """
    with opened_weights(source) as file:
        return 4 * file.declared()


@contextlib.contextmanager
def opened_weights(source: bytes | str | Path) -> Iterator[WeightsFile]:
    """A `WeightsFile` that is closed at the end of the block."""
    file = WeightsFile(source)
    try:
        yield file
    finally:
        file.close()
