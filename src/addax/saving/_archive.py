"""The one reader of archives and HDF5 files, for files that may be hostile: see security.md.

Nothing else in the package opens a zip or an HDF5 file for reading.
"""

from __future__ import annotations

import contextlib
import io
import json
import posixpath
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from addax.core.errors import message

CONFIG, METADATA, WEIGHTS = "config.json", "metadata.json", "model.weights.h5"
_MAX_TEXT = 64 << 20  # bytes of a JSON member
_MAX_RATIO = 200  # of a compressed member


class Archive:
    """A `.keras` file (a zip, or an unzipped folder of the same members), opened for reading.

    Args:
        path: The file or folder.

    Raises:
        ValueError: If it is missing, truncated, no Keras file, or built to do harm.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        if not self.path.exists():
            raise ValueError(
                message(
                    f"File not found: {self.path}.",
                    expected="a .keras file (or a folder with its members)",
                    hint="Check the path; the current folder is where the script was started.",
                )
            )
        self._zip: zipfile.ZipFile | None = None
        if self.path.is_file():
            self._zip = _open_zip(self.path)
        self.names = self._members()
        if CONFIG not in self.names:
            raise ValueError(
                message(
                    f"{self.path} is no Keras model file.",
                    expected=f"a zip archive with {CONFIG} and {WEIGHTS}",
                    received=f"an archive with {sorted(self.names)[:5]}",
                )
            )

    def _members(self) -> set[str]:
        if self._zip is None:
            return {
                p.relative_to(self.path).as_posix()
                for p in self.path.rglob("*")
                if p.is_file() and not p.is_symlink()
            }
        infos = self._zip.infolist()
        for info in infos:
            check_member_name(info.filename)
            if info.file_size > 1 << 20 and info.file_size > _MAX_RATIO * max(1, info.compress_size):
                raise ValueError(_bomb(self.path, info.filename, info.file_size, info.compress_size))
            if info.compress_type == zipfile.ZIP_STORED and info.file_size != info.compress_size:
                raise ValueError(_bomb(self.path, info.filename, info.file_size, info.compress_size))
        return {info.filename for info in infos if not info.is_dir()}

    def read(self, name: str, limit: int | None = None) -> bytes:
        """The bytes of a member.

        Raises:
            ValueError: If it is larger than `limit`, or damaged.
        """
        if self._zip is None:
            data = (self.path / name).read_bytes()
        else:
            size = self._zip.getinfo(name).file_size
            if limit is not None and size > limit:
                raise ValueError(
                    message(
                        f"{name} in {self.path} is too large.", expected=f"{limit} bytes", received=str(size)
                    )
                )
            try:
                data = self._zip.read(name)
            except (zipfile.BadZipFile, EOFError, OSError) as error:
                raise ValueError(_damaged(self.path, f"{name}: {error}")) from error
        return data

    def json(self, name: str) -> Any:
        """A member as JSON."""
        try:
            return json.loads(self.read(name, _MAX_TEXT))
        except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
            raise ValueError(_damaged(self.path, f"{name} is not JSON: {error}")) from error

    def assets(self, prefix: str) -> list[str]:
        """Names of the members below `assets/<prefix>`."""
        start = posixpath.join("assets", prefix) + "/"
        return sorted(name for name in self.names if name.startswith(start))

    def close(self) -> None:
        """Close the file."""
        if self._zip is not None:
            self._zip.close()

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *exc: Any) -> None:
        self.close()


def check_member_name(name: str) -> None:
    """Raise ValueError for a name that could lead out of its folder."""
    parts = name.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or ".." in parts or ":" in parts[0] or "\0" in name:
        raise ValueError(
            message(
                "The archive has a member whose name leads out of it; it is refused.", received=repr(name)
            )
        )


def _open_zip(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, EOFError) as error:
        with path.open("rb") as file:
            start = file.read(8)
        if start[:4] == b"\x89HDF":
            raise ValueError(
                message(
                    f"{path} is an HDF5 file, not a .keras archive.", hint="Give it its right ending: .h5."
                )
            ) from error
        if start[:2] == b"PK":
            raise ValueError(_damaged(path, "the archive is cut off")) from error
        raise ValueError(
            message(
                f"{path} is no Keras model file.",
                expected="a .keras (zip) file",
                received=f"bytes {start!r}...",
            )
        ) from error


def _damaged(path: Path, what: str) -> str:
    return message(
        f"{path} is damaged: {what}.", hint="Was the copy or the download cut off? Get the file again."
    )


def _bomb(path: Path, name: str, size: int, stored: int) -> str:
    return message(
        f"{path} claims to unpack to far more than it holds; it is refused.",
        received=f"member {name}: {size} bytes declared, {stored} stored",
    )


# HDF5 ----------------------------------------------------------------------------------------------------
class WeightsFile:
    """An HDF5 file of weights, opened for reading.

    Args:
        source: Its bytes, or a path.

    Raises:
        ValueError: If it is no HDF5 file.
    """

    def __init__(self, source: bytes | str | Path) -> None:
        import h5py

        self._name = "the weights" if isinstance(source, bytes) else str(source)
        if not isinstance(source, bytes) and not Path(source).exists():
            raise ValueError(message(f"File not found: {source}.", expected="a .weights.h5 file"))
        try:
            self._file = h5py.File(io.BytesIO(source) if isinstance(source, bytes) else source, "r")
        except OSError as error:
            raise ValueError(
                message(
                    f"{self._name} is no HDF5 file, or it is damaged.",
                    received=str(error),
                    hint="Was the copy or the download cut off? Get the file again.",
                )
            ) from error

    def group(self, path: str) -> StoredGroup | None:
        """The datasets of the group at a path; None if there is none."""
        node: Any = self._file
        for part in path.split("/"):
            if part not in node:
                return None
            _check_link(node, part, self._name)
            node = node[part]
        return StoredGroup(node, self._name)

    def root(self) -> StoredGroup:
        """The root group."""
        return StoredGroup(self._file, self._name)

    def paths(self) -> Iterator[tuple[str, StoredGroup]]:
        """Every `vars` group that holds datasets, with its path."""
        yield from _vars_below(self._file, "", self._name)

    def attribute(self, name: str) -> Any:
        """An attribute of the root, None if missing."""
        return self._file.attrs.get(name)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> WeightsFile:
        return self

    def __exit__(self, *exc: Any) -> None:
        self.close()


def _vars_below(node: Any, path: str, name: str) -> Iterator[tuple[str, StoredGroup]]:
    import h5py

    for key in node:
        _check_link(node, key, name)
        child = node[key]
        if not isinstance(child, h5py.Group):
            continue
        if key == "vars":
            yield path, StoredGroup(child, name)
        else:
            yield from _vars_below(child, f"{path}/{key}" if path else key, name)


def _check_link(parent: Any, key: str, name: str) -> None:
    """Only hard links: soft and external ones may point anywhere."""
    import h5py

    link = parent.get(key, getlink=True)
    if not isinstance(link, h5py.HardLink):
        raise ValueError(
            message(
                f"{name} holds a link to elsewhere; it is refused.",
                expected="plain groups and datasets",
                received=f"{type(link).__name__} at '{parent.name}/{key}'",
            )
        )


class StoredGroup:
    """A mapping of key to array: one `vars` group. Sizes are checked before anything is read."""

    def __init__(self, group: Any, name: str) -> None:
        self._group = group
        self._name = name
        self._expected: dict[str, tuple] = {}

    def keys(self) -> list[str]:
        """The keys, numbers in their order."""
        return sorted(self._group, key=lambda k: (not k.isdigit(), int(k) if k.isdigit() else 0, k))

    def __len__(self) -> int:
        return len(self._group)

    def __contains__(self, key: str) -> bool:
        return key in self._group

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def shape(self, key: str) -> tuple:
        """The shape of an array, without reading it."""
        return tuple(self._dataset(key).shape)

    def __getitem__(self, key: str) -> np.ndarray:
        dataset = self._dataset(key)
        array = dataset[()]
        if "dtype" in dataset.attrs and str(_text(dataset.attrs["dtype"])) == "bfloat16":
            import ml_dtypes

            array = np.asarray(array).view(ml_dtypes.bfloat16)
        return np.asarray(array)

    def text_list(self, name: str) -> list[str]:
        """An attribute that holds a list of texts (long ones are stored in pieces), empty if it is missing."""
        attributes = self._group.attrs
        if name in attributes:
            return [_text(item) for item in attributes[name]]
        found, piece = [], 0
        while f"{name}{piece}" in attributes:
            found += [_text(item) for item in attributes[f"{name}{piece}"]]
            piece += 1
        return found

    def child(self, name: str) -> StoredGroup | None:
        """The group at a path below this one, None if there is none."""
        node: Any = self._group
        for part in name.split("/"):
            if part not in node:
                return None
            _check_link(node, part, self._name)
            node = node[part]
        return StoredGroup(node, self._name)

    def array_at(self, path: str) -> np.ndarray:
        """The array at a path below this group.

        Raises:
            ValueError: If there is none.
        """
        folder, _, key = path.rpartition("/")
        group = self.child(folder) if folder else self
        if group is None or key not in group:
            raise ValueError(message(f"{self._name} has no array {self._group.name}/{path}."))
        return group[key]

    def get(self, key: str, default: Any = None) -> Any:
        """An array, or `default` if there is none."""
        return self[key] if key in self else default

    def items(self) -> list[tuple[str, np.ndarray]]:
        """Pairs of key and array."""
        return [(key, self[key]) for key in self.keys()]

    def _dataset(self, key: str) -> Any:
        import h5py

        _check_link(self._group, key, self._name)
        dataset = self._group[key]
        where = f"{self._name}: {self._group.name}/{key}"
        if not isinstance(dataset, h5py.Dataset):
            raise ValueError(message(f"{where} is no array."))
        if dataset.external or dataset.is_virtual:
            raise ValueError(message(f"{where} keeps its data in another file; it is refused."))
        declared, stored = (
            int(np.prod(dataset.shape, dtype=np.int64)) * dataset.dtype.itemsize,
            dataset.id.get_storage_size(),
        )
        if dataset.dtype.kind != "O" and declared > max(1 << 16, _MAX_RATIO * stored):
            raise ValueError(
                message(
                    f"{where} declares far more than it stores; it is refused.",
                    received=f"shape {dataset.shape} ({declared} bytes) over {stored} stored bytes",
                )
            )
        return dataset


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


@contextlib.contextmanager
def opened_weights(source: bytes | str | Path) -> Iterator[WeightsFile]:
    """A `WeightsFile` that is closed at the end of the block."""
    file = WeightsFile(source)
    try:
        yield file
    finally:
        file.close()
