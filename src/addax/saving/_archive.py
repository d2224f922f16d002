"""The one reader of `.keras` archives and `.npz` files, which may be hostile; `_hdf5.py` is the one of the weights.

Nothing else in the package opens a zip for reading, but for unpacking downloads. Names and sizes are checked before
anything is read.
"""

from __future__ import annotations

import json
import posixpath
import struct
import zipfile
import zlib
from collections import Counter
from pathlib import Path
from typing import Any

from addax.core.errors import message

CONFIG, METADATA, WEIGHTS = "config.json", "metadata.json", "model.weights.h5"
_MAX_TEXT = 64 << 20  # bytes of a JSON member
_MAX_RATIO = 200  # of a compressed member
_SMALL = 1 << 20  # bytes that a member may have at any ratio
# What zipfile raises on archives that are cut off, altered, encrypted or compressed in unknown ways.
DAMAGES = (
    EOFError,
    IndexError,
    NotImplementedError,
    OSError,
    RuntimeError,
    UnicodeDecodeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)


class Archive:
    """A `.keras` file (a zip, or an unzipped folder of the same members), opened for reading.

    Args:
        path: The file or folder.
        required: The member without which it is no file of this kind; any will do if None.

    Raises:
        ValueError: If it is missing, truncated, no Keras file, or built to do harm.
    """

    def __init__(self, path: str | Path, required: str | None = CONFIG) -> None:
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
        if required is not None and required not in self.names:
            raise ValueError(
                message(
                    f"{self.path} is no Keras model file.",
                    expected=f"a zip archive with {CONFIG} and {WEIGHTS}",
                    received=f"an archive with {sorted(self.names)[:5]}",
                )
            )

    def _members(self) -> set[str]:
        if self._zip is None:
            found = (p for p in self.path.rglob("*") if p.is_file() and not p.is_symlink())
            return {p.relative_to(self.path).as_posix() for p in found}
        infos = self._zip.infolist()
        for info in infos:
            check_member_name(info.filename)
            check_method(info)
            if info.file_size > _MAX_RATIO * max(1, info.compress_size) and info.file_size > _SMALL:
                raise ValueError(_bomb(self.path, info.filename, info.file_size, info.compress_size))
            if info.compress_type == zipfile.ZIP_STORED and info.file_size != info.compress_size:
                raise ValueError(_bomb(self.path, info.filename, info.file_size, info.compress_size))
        stored, size = sum(info.compress_size for info in infos), self.path.stat().st_size
        whole = sum(info.file_size for info in infos)
        # Members that lie over each other, or many small ones.
        if stored > size or whole > max(_SMALL, _MAX_RATIO * size):
            raise ValueError(_bomb(self.path, "all", whole, min(stored, size)))
        names = Counter(info.filename for info in infos)
        if len(names) < len(infos):
            raise ValueError(
                message(
                    f"{self.path} holds a member twice; it is refused.",
                    received=str(names.most_common(1)[0][0]),
                )
            )
        return {info.filename for info in infos if not info.is_dir()}

    def read(self, name: str, limit: int | None = None) -> bytes:
        """The bytes of a member.

        Raises:
            ValueError: If there is none, or it is larger than `limit`, or damaged.
        """
        if name not in self.names:
            raise ValueError(
                message(f"{self.path} has no {name}.", received=f"the members {sorted(self.names)[:9]}")
            )
        size = self.size(name)
        if limit is not None and size > limit:
            raise ValueError(
                message(
                    f"{name} in {self.path} is too large.",
                    expected=f"at most {limit} bytes",
                    received=str(size),
                )
            )
        try:
            return (self.path / name).read_bytes() if self._zip is None else self._zip.read(name)
        except DAMAGES as error:
            raise ValueError(_damaged(self.path, f"{name}: {error}")) from error

    def size(self, name: str) -> int:
        """How many bytes a member claims to have."""
        return (self.path / name).stat().st_size if self._zip is None else self._zip.getinfo(name).file_size

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
    if not name or name.startswith(("/", "\\")) or ".." in parts or ":" in parts[0] or "\0" in name:
        raise ValueError(
            message(
                "The archive has a member whose name leads out of it; it is refused.", received=repr(name)
            )
        )


def check_method(info: zipfile.ZipInfo) -> None:
    """Raise ValueError for a member that is packed by anything but deflate.

    The other methods unpack a piece at once, however large it becomes.
    """
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError(
            message(
                f"The archive's member {info.filename!r} is packed in a way that is not read.",
                expected="members that are stored or deflated",
                received=f"method {info.compress_type}",
                hint="Pack it anew, without bzip2 or LZMA.",
            )
        )


def _open_zip(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except DAMAGES as error:
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
