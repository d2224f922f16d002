"""`get_file`: a file from the web into the cache folder, whole or not at all, archives unpacked safely."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from addax.core.errors import message
from addax.formats import atomic_file
from addax.saving._unpack import unpack

_ATTEMPTS = 4  # at a download whose connection is cut


def get_file(
    fname: Any = None,
    origin: str | None = None,
    untar: bool = False,
    md5_hash: str | None = None,
    file_hash: str | None = None,
    cache_subdir: str = "datasets",
    hash_algorithm: str = "auto",
    extract: bool = False,
    archive_format: Any = "auto",
    cache_dir: Any = None,
    force_download: bool = False,
) -> str:
    """Download a file once and give its path in the cache.

    Args:
        fname: The name in the cache (or an absolute path); the last part of the URL if None.
        origin: The URL (`http`, `https`, `file`).
        untar: As `extract`, for tar archives.
        md5_hash: The MD5 of the file, in hexadecimal; `file_hash` is better.
        file_hash: The hash of the file, in hexadecimal.
        cache_subdir: The folder inside the cache.
        hash_algorithm: `"md5"`, `"sha256"`, or `"auto"` by the length of the hash.
        extract: Whether a tar or zip archive is unpacked. `fname="x"` is the name of the folder then, and the archive
            is kept as `x_archive`; `fname="x.zip"` is that of the archive, and the folder is `x_extracted`.
        archive_format: `"auto"`, `"tar"`, `"zip"`, a list of these, or None for none.
        cache_dir: The cache; `$KERAS_HOME`, else `.keras` in the home folder, if None.
        force_download: Whether to download again.

    Returns:
        The path of the file, or of the folder that the archive was unpacked into.

    Raises:
        ValueError: If there is no URL, the hash is another, or an archive holds names that lead out of it.
        OSError: If there is no room for it on the disk.
        Exception: If the download fails; the message has the URL and the reason.
    """
    if origin is None:
        raise ValueError(message("get_file() needs a URL.", expected='origin="https://..."'))
    expected = file_hash or md5_hash
    algorithm = "md5" if md5_hash is not None and file_hash is None else hash_algorithm
    target, folder = _places(fname, origin, cache_subdir, cache_dir, unpacked=extract or untar)
    target.parent.mkdir(parents=True, exist_ok=True)
    with _locked(target):
        missing = not target.exists() or (expected and not _matches(target, expected, algorithm))
        if force_download or missing:
            _download(origin, target, expected, algorithm)
        if folder is None:
            return str(target)
        if force_download or missing or not folder.is_dir():
            unpack(target, folder, "tar" if untar else archive_format)
    return str(folder)


def _places(fname: Any, origin: str, subdir: str, cache_dir: Any, unpacked: bool) -> tuple[Path, Path | None]:
    """Where the file goes, and the folder that an archive is unpacked into: those of Keras 3."""
    path = _cache_path(fname, origin, subdir, cache_dir)
    if not unpacked:
        return path, None
    if fname and "." in path.name:
        return path, path.with_name(f"{path.name.partition('.')[0]}_extracted")
    return path.with_name(f"{path.name}_archive"), path


def _cache_path(fname: Any, origin: str, subdir: str, cache_dir: Any) -> Path:
    name = (
        os.fspath(fname)
        if fname
        else urllib.parse.unquote(os.path.basename(urllib.parse.urlsplit(origin).path))
    )
    if not name:
        raise ValueError(message("The URL has no file name.", received=origin, hint="Pass fname=."))
    if os.path.isabs(name):
        return Path(name)
    home = Path(cache_dir or os.environ.get("KERAS_HOME") or Path.home() / ".keras")
    folder = home.expanduser() / subdir
    target = folder / name
    if not target.resolve().is_relative_to(folder.resolve()):
        raise ValueError(message("The file name leads out of the cache folder.", received=name))
    return target


@contextlib.contextmanager
def _locked(target: Path) -> Iterator[None]:
    """One process at a time works on a file of the cache; a lock left by a dead process is taken over."""
    lock = target.with_name(f".{target.name}.lock")
    handle = os.open(lock, os.O_CREAT | os.O_RDWR)
    try:
        try:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX)
        except ImportError:  # Windows
            import msvcrt

            while True:
                try:
                    msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
                    break
                except OSError:
                    time.sleep(0.1)
        yield
    finally:
        os.close(handle)


def _matches(path: Path, expected: str, algorithm: str) -> bool:
    return _digest(path, expected, algorithm) == expected.lower()


def _digest(path: Path, expected: str, algorithm: str) -> str:
    if algorithm == "auto":
        algorithm = "sha256" if len(expected) == 64 else "md5"
    with path.open("rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()


def _download(origin: str, target: Path, expected: str | None, algorithm: str) -> None:
    try:
        with atomic_file(target) as temporary:
            _fetch(origin, temporary)
            if expected and not _matches(temporary, expected, algorithm):
                raise ValueError(
                    message(
                        f"The file from {origin} is not the one that was expected.",
                        expected=f"hash {expected}",
                        received=f"hash {_digest(temporary, expected, algorithm)}",
                        hint="The download was cut off or the file was changed; try again.",
                    )
                )
    except (urllib.error.URLError, ConnectionError, TimeoutError) as error:
        reason = getattr(error, "reason", error)
        if isinstance(error, urllib.error.HTTPError):
            reason = f"{error.code} -- {error.msg}"
            error.close()
        raise Exception(
            message(
                f"URL fetch failure on {origin}: {reason}",
                hint=f"Without a network, get the file by hand and put it at {target}.",
            )
        ) from error
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise OSError(
            error.errno,
            message(
                f"There is no room for the file from {origin}: {error.strerror}",
                hint=f"Make room for {target}, or use another cache: cache_dir=, or KERAS_HOME in the environment.",
            ),
        ) from error


def _fetch(origin: str, temporary: Path) -> None:
    """Stream the URL to a file; a connection that is cut is taken up again where it ended."""
    from addax.callbacks import Progbar

    print(f"Downloading data from {origin}")
    bar: list[Progbar] = []

    def shown(done: int, total: int | None) -> None:
        if total and total > 1 << 20 and sys.stdout.isatty():
            bar[:] = bar or [Progbar(total)]
            bar[0].update(done)

    done, total = 0, None
    with temporary.open("wb") as out:
        for _ in range(_ATTEMPTS):
            try:
                done, total = _receive(origin, out, done, shown)
            except (ConnectionError, TimeoutError) as error:
                if not out.tell():
                    raise
                reason, done, total = str(error), out.tell(), None
            else:
                if total is None or done >= total:
                    return
                reason = f"{done} of {total} bytes came"
    raise ConnectionError(f"the connection was cut {_ATTEMPTS} times; {reason}")


def _receive(origin: str, out: Any, done: int, shown: Callable) -> tuple[int, int | None]:
    """Append what is missing; how many bytes are there then, and of how many, if the server says so."""
    request = urllib.request.Request(origin, headers={"User-Agent": "addax"})
    if done:
        request.add_header("Range", f"bytes={done}-")
    with urllib.request.urlopen(request, timeout=60) as response:
        if done and response.status != 206:  # the server sends everything again
            out.seek(0)
            out.truncate()
            done = 0
        length = response.headers.get("Content-Length")
        total = done + int(length) if length is not None else None
        while chunk := response.read(1 << 16):
            out.write(chunk)
            done += len(chunk)
            shown(done, total)
    return done, total
