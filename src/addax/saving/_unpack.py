"""Archives that were downloaded, unpacked: nothing is written outside of the folder, nor more than they can hold."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import posixpath
import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Collection
from pathlib import Path
from typing import Any

from addax.core.errors import message
from addax.saving._archive import DAMAGES, check_member_name, check_method

_MAX_RATIO = 1100  # of the bytes an archive unpacks to; deflate reaches 1032
_SMALL = 1 << 30  # bytes that it may unpack to at any ratio
_MAX_PIECE = 1 << 20  # bytes that are read at once: headers are, contents come in small pieces
_FEW = 10_000  # members that an archive of any size may have
_LEAST = 32  # bytes that each further one takes when it is packed
_BROKEN = (*DAMAGES, tarfile.TarError, lzma.LZMAError, OverflowError)
_PACKERS = {b"\x1f\x8b": gzip.open, b"BZ": bz2.open, b"\xfd7": lzma.open}


def unpack(archive: Path, folder: Path, formats: Any) -> None:
    """Unpack an archive beside the final folder, then rename.

    Args:
        archive: A tar file (plain, gzip, bzip2, xz) or a zip file.
        folder: Where its members go; what stands there is replaced.
        formats: `"auto"`, `"tar"`, `"zip"`, a list of these, or None for none.

    Raises:
        ValueError: If it is damaged, no such archive, or built to do harm.
    """
    wanted: list[str] = ["tar", "zip"] if formats == "auto" else list(formats or ())
    if isinstance(formats, str) and formats != "auto":
        wanted = [formats]
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as temporary:
        inside = Path(temporary) / "content"
        inside.mkdir()
        try:
            _unpack_any(archive, inside, wanted)
        except _Refused:
            raise
        except _BROKEN as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise  # the disk is full, or the like
            raise ValueError(
                message(
                    f"{archive} is damaged: {error}",
                    hint="The download was cut off or the file was changed; delete it and try again.",
                )
            ) from error
        if folder.exists():
            shutil.rmtree(folder)
        inside.rename(folder)


class _Refused(ValueError):
    """What is no damage but ill will, or another kind of file."""


def _unpack_any(archive: Path, inside: Path, wanted: list[str]) -> None:
    if "zip" in wanted and zipfile.is_zipfile(archive) and not ("tar" in wanted and _is_tar(archive)):
        _unzip(archive, inside)
    elif "tar" in wanted and (wanted == ["tar"] or _is_tar(archive)):
        _untar(archive, inside)
    elif wanted:
        raise _Refused(message(f"{archive} is no archive.", expected=f"an archive of kind {wanted}"))


class _Content:
    """The tar file behind its packing: what unpacks to too much is refused while it is read."""

    def __init__(self, archive: Path) -> None:
        with archive.open("rb") as file:
            start = file.read(2)
        self._limit = _limit(archive)
        self._file: Any = _PACKERS.get(start, open)(archive, "rb")

    def read(self, size: int) -> bytes:
        """See `io.RawIOBase.read`."""
        if size > _MAX_PIECE or self._file.tell() > self._limit:
            raise _Refused(_bomb(f"{size} bytes in one piece, behind {self._file.tell()}"))
        return self._file.read(size)

    def seek(self, place: int) -> None:
        """See `io.RawIOBase.seek`."""
        if place > self._limit:
            raise _Refused(_bomb(f"a member at byte {place}"))
        self._file.seek(place)

    def tell(self) -> int:
        """See `io.RawIOBase.tell`."""
        return self._file.tell()

    def __enter__(self) -> _Content:
        return self

    def __exit__(self, *exc: Any) -> None:
        self._file.close()


def _is_tar(archive: Path) -> bool:
    try:
        with _Content(archive) as content, _opened(content):
            return True
    except _BROKEN as error:
        if isinstance(error, _Refused):
            raise
        return False


def _opened(content: _Content) -> tarfile.TarFile:
    return tarfile.open(fileobj=content, mode="r:")  # type: ignore[arg-type, return-value]


def _untar(archive: Path, folder: Path) -> None:
    with _Content(archive) as content, _opened(content) as tar:
        members = _members(tar, archive)
        links = {posixpath.normpath(member.name) for member in members if member.issym()}
        for member in members:
            check_member(member.name, folder, links)
            if member.issym() or member.islnk():
                start = posixpath.dirname(member.name) if member.issym() else ""
                check_member(posixpath.join(start, member.linkname), folder, links)
            elif not (member.isfile() or member.isdir()):
                raise _Refused(message("The archive holds a device; it is refused.", received=member.name))
        tar.extractall(folder, filter="data")


def _members(tar: tarfile.TarFile, archive: Path) -> list[tarfile.TarInfo]:
    """The headers; sizes are added up as they come, before what they belong to is unpacked to find the next one."""
    found, whole = [], 0
    most = _FEW + archive.stat().st_size // _LEAST
    for member in tar:
        found.append(member)
        whole += member.size
        if whole > _limit(archive) or len(found) > most:
            raise _Refused(_bomb(f"{len(found)} members or more, of {whole} bytes"))
    return found


def _unzip(archive: Path, folder: Path) -> None:
    with zipfile.ZipFile(archive) as file:
        infos = file.infolist()
        whole, packed = sum(info.file_size for info in infos), sum(info.compress_size for info in infos)
        if packed > archive.stat().st_size or whole > _limit(archive):
            raise _Refused(_bomb(f"{whole} bytes"))
        for info in infos:
            check_member_name(info.filename)
            check_member(info.filename, folder)
            check_method(info)
        file.extractall(folder)


def _limit(archive: Path) -> int:
    return max(_SMALL, _MAX_RATIO * archive.stat().st_size)


def _bomb(received: str) -> str:
    return message(
        "The archive claims to unpack to far more than it holds; it is refused.", received=received
    )


def check_member(name: str, folder: Path, links: Collection[str] = ()) -> None:
    """Raise ValueError for a member of an archive that would be written outside of `folder`.

    Args:
        name: The name of the member, or the target of a link.
        folder: Where the archive is unpacked.
        links: Symbolic links in the archive; a path through one may end elsewhere than it says.
    """
    inside = not os.path.isabs(name) and "\0" not in name
    if (
        not inside
        or not (folder / name).resolve().is_relative_to(folder.resolve())
        or _is_detour(name, links)
    ):
        raise _Refused(
            message(
                "The archive has a member whose name leads out of it; it is refused.", received=repr(name)
            )
        )


def _is_detour(name: str, links: Collection[str]) -> bool:
    """Whether a path goes through one of the links."""
    walked: list[str] = []
    for part in name.split("/")[:-1]:
        if part == "..":
            del walked[-1:]
        elif part not in ("", "."):
            walked.append(part)
        if "/".join(walked) in links:
            return True
    return False
