"""Compiled programs on disk, so that the next process need not compile them again.

`ADDAX_COMPILATION_CACHE` names another folder, or switches the cache off (`0`). What lies in the folder is run as
machine code, so it must belong to the user alone.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import platform
import sys
import tempfile
import zlib
from pathlib import Path
from typing import Any

_LIMIT = 1 << 29  # bytes on disk; above, what was not used for the longest time goes
_SUFFIX = ".xla"


class DiskCache:
    """Entries of bytes by key, one file each; safe with several processes and with those that are killed.

    Args:
        folder: Where the files lie; it exists.
        limit: Bytes that the files may take before the oldest are removed.
    """

    def __init__(self, folder: Path, limit: int = _LIMIT) -> None:
        self._path = folder  # JAX names it so in its messages
        self._limit = limit
        self._tidied = False

    def _file(self, key: str) -> Path:
        return self._path / (hashlib.sha256(key.encode()).hexdigest()[:40] + _SUFFIX)

    def get(self, key: str) -> bytes | None:
        """The entry of a key; None if there is none, or it is damaged."""
        file = self._file(key)
        try:
            content = file.read_bytes()
            os.utime(file)
        except OSError:
            return None
        checksum, value = content[:4], content[4:]
        if checksum != _checksum(value):
            self._remove(file)
            return None
        return value

    def put(self, key: str, value: bytes) -> None:
        """Keep an entry, if there is room on the disk."""
        if not self._tidied:
            self._tidied = True
            self._tidy()
        with contextlib.suppress(OSError):
            handle, name = tempfile.mkstemp(dir=self._path)
            try:
                with open(handle, "wb") as file:
                    file.write(_checksum(value) + value)
                os.replace(name, self._file(key))
            except OSError:
                self._remove(Path(name))

    def _tidy(self) -> None:
        """Remove the entries that were not used for the longest time, if there are too many."""
        found = []
        with contextlib.suppress(OSError):
            for file in os.scandir(self._path):
                with contextlib.suppress(OSError):  # another process may be removing it
                    status = file.stat()
                    found.append((status.st_mtime, status.st_size, Path(file.path)))
        total = sum(size for _, size, _ in found)
        if total <= self._limit:
            return
        for _, size, file in sorted(found):
            self._remove(file)
            total -= size
            if total <= self._limit * 3 // 4:
                return

    @staticmethod
    def _remove(file: Path) -> None:
        with contextlib.suppress(OSError):
            file.unlink()


def _checksum(value: bytes) -> bytes:
    return zlib.crc32(value).to_bytes(4, "little")


def use_disk_cache(jax: Any) -> None:
    """Have JAX keep compiled programs on disk, unless the user has told it or us something else."""
    folder = cache_folder()
    if folder is None or jax.config.jax_compilation_cache_dir:
        return
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.stat()
    except OSError:
        return
    if hasattr(os, "getuid") and (status.st_uid != os.getuid() or status.st_mode & 0o022):
        return
    from jax._src import (
        compilation_cache,
    )  # JAX's own store neither survives a kill nor is it bounded cheaply

    standard = compilation_cache.get_file_cache
    compilation_cache.get_file_cache = lambda path: (
        (DiskCache(folder), path) if path == str(folder) else standard(path)
    )
    write = compilation_cache.put_executable_and_time
    compilation_cache.put_executable_and_time = lambda key, name, executable, *rest: (
        write(key, name, executable, *rest) if _can_be_written(executable) else None
    )
    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)


def _can_be_written(executable: Any) -> bool:
    """XLA fails to write calls of oneDNN (`kernels/_onednn.py`): a program that has one is compiled each time."""
    return not any(b"__onednn$" in m.as_serialized_hlo_module_proto() for m in executable.hlo_modules())


def cache_folder() -> Path | None:
    """The folder of this machine's programs; None if the cache is switched off."""
    setting = os.environ.get("ADDAX_COMPILATION_CACHE")
    if setting is not None and setting.lower() in ("", "0", "off", "false", "no"):
        return None
    root = Path(setting).expanduser() if setting else _users_cache() / "addax" / "compiled"
    return root / _machine()


def _users_cache() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


@functools.cache
def _machine() -> str:
    """Tells machines apart that share a home folder: their processors may know other instructions."""
    kind = f"{platform.machine()} {platform.processor()}"
    with contextlib.suppress(OSError), open("/proc/cpuinfo") as file:
        lines = (line for line in file if line.startswith(("flags", "Features", "model name")))
        kind += "".join(dict.fromkeys(lines))
    return hashlib.sha256(kind.encode()).hexdigest()[:12]
