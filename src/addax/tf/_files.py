"""`tf.io`: whole files, and `gfile`."""

from __future__ import annotations

import glob as globbing
import os
import shutil
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np

from addax import ops
from addax.core.lazy import Namespace
from addax.engine import Tensor
from addax.tf._variable import Variable


def _path(value: Any) -> str:
    if isinstance(value, Tensor):
        value = np.asarray(value)[()]
    return os.fsdecode(value)


def _as_text(data: bytes) -> Tensor:
    out = np.empty((), object)
    out[()] = data
    return Tensor(out)


def read_file(filename: Any, name: str | None = None) -> Tensor:
    """The contents of a file as a scalar string.

    Args:
        filename: The path: text, bytes, a `Path` or a scalar string tensor.
        name: Accepted for TensorFlow's sake.

    Raises:
        FileNotFoundError: If there is none.
    """
    with open(_path(filename), "rb") as file:
        return _as_text(file.read())


def write_file(filename: Any, contents: Any, name: str | None = None) -> None:
    """Write a scalar string into a file, in place of what it held; folders on the way are made.

    Args:
        filename: The path: text, bytes, a `Path` or a scalar string tensor.
        contents: Text (written as UTF-8), bytes or a scalar string tensor.
        name: Accepted for TensorFlow's sake.
    """
    path = _path(filename)
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    data: Any = np.asarray(ops.convert_to_tensor(contents))[()]
    with open(path, "wb") as file:
        file.write(data)


def matching_files(pattern: Any, name: str | None = None) -> Tensor:
    """The paths of the files that fit a pattern (or one of several), sorted.

    Args:
        pattern: A path with `*`, `?` or `[...]` in it, as in Python's `glob`; or a list of them.
        name: Accepted for TensorFlow's sake.

    Returns:
        A string vector; folders are not in it.
    """
    patterns = np.atleast_1d(np.asarray(ops.convert_to_tensor(pattern))).tolist()
    found = sorted({path for p in patterns for path in globbing.glob(os.fsdecode(p)) if os.path.isfile(path)})
    return Tensor(np.array([os.fsencode(p) for p in found] + [None], object)[:-1])


def match_filenames_once(pattern: Any, name: str | None = None) -> Variable:
    """The paths of the files that fit a pattern (or one of several), sorted, in a variable: they stay as they are.

    Args:
        pattern: As in `matching_files`.
        name: The name of the variable.

    Example:
        >>> import os, tempfile
        >>> import addax.tf as tf
        >>> folder = tempfile.mkdtemp()
        >>> tf.io.write_file(os.path.join(folder, "a.txt"), "text")
        >>> len(tf.io.match_filenames_once(folder + "/*.txt"))
        1
    """
    return Variable(matching_files(pattern), trainable=False, name=name)


class GFile:
    """A file, with TensorFlow's names for what can be done with it.

    Args:
        name: The path.
        mode: As in `open`.
    """

    def __init__(self, name: Any, mode: str = "r") -> None:
        self.name, self.mode = _path(name), mode
        self._file: Any = None

    def _opened(self) -> Any:
        if self._file is None:
            self._file = open(self.name, self.mode)  # noqa: SIM115 - closed by `close`
        return self._file

    def read(self, n: int = -1) -> Any:
        """The rest of the file, or some of it.

        Args:
            n: How many characters (bytes of a binary file); all if negative.
        """
        return self._opened().read(n)

    def readline(self) -> Any:
        """The next line."""
        return self._opened().readline()

    def readlines(self) -> list:
        """All lines."""
        return self._opened().readlines()

    def write(self, file_content: Any) -> None:
        """Write.

        Args:
            file_content: Text, or bytes in a binary file.
        """
        self._opened().write(file_content)

    def seek(self, offset: int | None = None, whence: int = 0, position: int | None = None) -> None:
        """Go to a position.

        Args:
            offset: How far.
            whence: From where: 0 from the start, 1 from here, 2 from the end.
            position: An older name of `offset`.
        """
        self._opened().seek(position if offset is None else offset, whence)

    def tell(self) -> int:
        """The position."""
        return self._opened().tell()

    def size(self) -> int:
        """The number of bytes."""
        return os.path.getsize(self.name)

    def flush(self) -> None:
        """Bring what was written to the disk."""
        self._opened().flush()

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def __enter__(self) -> GFile:
        self._opened()
        return self

    def __exit__(self, *exc: Any) -> None:
        self.close()

    def __iter__(self) -> Iterator:
        return iter(self._opened())


def _exists(path: Any) -> bool:
    """Whether there is such a file or folder."""
    return os.path.exists(_path(path))


def _isdir(path: Any) -> bool:
    """Whether there is such a folder."""
    return os.path.isdir(_path(path))


def _listdir(path: Any) -> list[str]:
    """The names in a folder."""
    return os.listdir(_path(path))


def _makedirs(path: Any) -> None:
    """Make a folder and those around it."""
    os.makedirs(_path(path), exist_ok=True)


def _mkdir(path: Any) -> None:
    """Make a folder."""
    os.mkdir(_path(path))


def _glob(pattern: Any) -> list[str]:
    """The paths that fit a pattern (or one of several)."""
    patterns = pattern if isinstance(pattern, (list, tuple)) else [pattern]
    return [path for p in patterns for path in globbing.glob(_path(p))]


def _remove(path: Any) -> None:
    """Remove a file."""
    os.remove(_path(path))


def _rmtree(path: Any) -> None:
    """Remove a folder with all that is in it."""
    shutil.rmtree(_path(path))


def _copy(src: Any, dst: Any, overwrite: bool = False) -> None:
    """Copy a file.

    Args:
        src: The path of the file.
        dst: The path of the copy.
        overwrite: Whether a file that is there is replaced.

    Raises:
        FileExistsError: If there is one and `overwrite` is False.
    """
    if not overwrite and os.path.exists(_path(dst)):
        raise FileExistsError(f"{_path(dst)} exists already; pass overwrite=True.")
    shutil.copyfile(_path(src), _path(dst))


def _rename(src: Any, dst: Any, overwrite: bool = False) -> None:
    """Rename a file or folder.

    Args:
        src: Its path.
        dst: Its new path.
        overwrite: Whether a file that is there is replaced.

    Raises:
        FileExistsError: If there is one and `overwrite` is False.
    """
    if not overwrite and os.path.exists(_path(dst)):
        raise FileExistsError(f"{_path(dst)} exists already; pass overwrite=True.")
    os.replace(_path(src), _path(dst))


def _walk(top: Any, topdown: bool = True, onerror: Any = None) -> Iterator:
    """Folders below a folder, with what is in them.

    Args:
        top: The path of the folder.
        topdown: Whether a folder comes before those in it, rather than after them.
        onerror: Called with the OSError of a folder that cannot be read; None passes over such folders.

    Returns:
        An iterator of `(path, names of folders, names of files)`, as of `os.walk`.
    """
    return os.walk(_path(top), topdown=topdown, onerror=onerror)


def _stat(path: Any) -> SimpleNamespace:
    """Size and time of a file."""
    found = os.stat(_path(path))
    return SimpleNamespace(
        length=found.st_size, mtime_nsec=found.st_mtime_ns, is_directory=os.path.isdir(_path(path))
    )


def _join(path: Any, *paths: Any) -> str:
    """Parts of a path, joined."""
    return os.path.join(_path(path), *map(_path, paths))


class gfile(Namespace):  # noqa: N801 - a namespace
    """Files and folders, under TensorFlow's names."""

    GFile = Open = FastGFile = GFile
    copy = staticmethod(_copy)
    exists = staticmethod(_exists)
    glob = staticmethod(_glob)
    isdir = staticmethod(_isdir)
    join = staticmethod(_join)
    listdir = staticmethod(_listdir)
    makedirs = staticmethod(_makedirs)
    mkdir = staticmethod(_mkdir)
    remove = staticmethod(_remove)
    rename = staticmethod(_rename)
    rmtree = staticmethod(_rmtree)
    stat = staticmethod(_stat)
    walk = staticmethod(_walk)
