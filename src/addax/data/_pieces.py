"""Pieces of files as elements: lines, records, runs of bytes; a saved position is a place in a file."""

from __future__ import annotations

import gzip
import io
import itertools
import os
import zlib
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

import numpy as np

from addax.core.errors import message
from addax.data._arguments import integer
from addax.data._dataset import Dataset
from addax.data._node import UNKNOWN_SIZE, Cursor, Node
from addax.data._spec import TensorSpec
from addax.formats import read_records

_COMPRESSIONS = ("", "GZIP", "ZLIB")
Reader = Callable[[BinaryIO, int], Iterator[bytes]]  # of a file, at any piece, and the number of that piece


class PiecesNode(Node):
    """The pieces of some files, one file after the other.

    Args:
        names: Where the files are.
        compression: `""`, `"GZIP"` or `"ZLIB"`.
        reader: Gives the pieces of a file; it reads no further than it has to.
        header: Bytes at the beginning of each file to leave out.
        label: The name in the repr.
    """

    def __init__(self, names: list[str], compression: str, reader: Reader, header: int, label: str) -> None:
        self.names, self.compression, self.reader, self.header = names, compression, reader, header
        self.label = label

    def cursor(self) -> Cursor:
        """See `Node.cursor`."""
        return _Pieces(self)

    @property
    def pure(self) -> bool:
        """See `Node.pure`."""
        return True

    def make_spec(self, run: bool) -> Any:
        """See `Node.spec`."""
        return TensorSpec((), "string")

    def cardinality(self) -> int:
        """See `Node.cardinality`."""
        return UNKNOWN_SIZE

    def open(self, name: str) -> BinaryIO:
        """The file, uncompressed."""
        if self.compression == "GZIP":
            return gzip.open(name, "rb")  # type: ignore[return-value]
        if self.compression == "ZLIB":
            with open(name, "rb") as file:
                return io.BytesIO(zlib.decompress(file.read()))
        return open(name, "rb")


class _Pieces(Cursor):
    def __init__(self, node: PiecesNode) -> None:
        self.node = node
        self._go_to(0)

    def _go_to(self, number: int, offset: int | None = None, count: int = 0) -> None:
        self.number, self.count = number, count
        self.opened: list[BinaryIO] = []  # not the file itself: whoever drops the cursor closes the file
        self.error: Exception | None = None  # of the piece behind those that were given out
        self.before_error: dict[str, Any] = {}  # the place where it is found again
        more = number < len(self.node.names)
        self.pieces = _pieces(self.node, number, offset, count, self.opened) if more else iter(())

    def _take(self, count: int) -> list[bytes]:
        found: list[bytes] = []
        while not found and self.number < len(self.node.names):
            if self.error is not None:
                error = self.error
                self._go_to(self.number + 1)
                raise error
            before = self._place()
            try:
                found.extend(itertools.islice(self.pieces, count))
            except (ValueError, EOFError, OSError, zlib.error) as error:
                self.error, self.before_error = self._named(error), {**before, "skip": len(found)}
            self.count += len(found)
            if self.error is None and self.opened[0].closed:  # it came to the end
                self._go_to(self.number + 1)
        if not found:
            raise StopIteration
        return found

    def _named(self, error: Exception) -> Exception:
        """The error with the name of the file; what the system says has it already."""
        if isinstance(error, OSError) and not isinstance(error, gzip.BadGzipFile):
            return error
        kind = self.node.compression
        found = ValueError(
            message(
                f"The file {self.node.names[self.number]} cannot be read.",
                expected=f"a file of compression_type={kind!r}" if kind else "a sound file, not compressed",
                received=f"{type(error).__name__}: {error}",
                hint=None if kind else "Pass compression_type= if it is compressed.",
            )
        )
        found.__cause__ = error
        return found

    def next(self) -> Any:
        out = np.empty((), object)
        out[()] = self._take(1)[0]
        return out

    def next_batch(self, count: int) -> Any:
        found = self._take(count)
        out = np.empty(len(found), object)
        out[:] = found
        return out

    def get_state(self) -> Any:
        return self._place() if self.error is None else self.before_error

    def _place(self) -> dict[str, Any]:
        offset = self.opened[0].tell() if self.opened else None
        return {"file": self.number, "offset": offset, "count": self.count, "skip": 0}

    def set_state(self, state: Any) -> None:
        self._go_to(state["file"], state["offset"], state["count"])
        if state["skip"]:
            self._take(state["skip"])


def _pieces(
    node: PiecesNode, number: int, offset: int | None, count: int, opened: list[BinaryIO]
) -> Iterator[bytes]:
    with node.open(node.names[number]) as file:
        file.seek(node.header if offset is None else offset)
        opened.append(file)
        yield from node.reader(file, count)


def _lines(file: BinaryIO, count: int) -> Iterator[bytes]:
    return (
        line.removesuffix(b"\n").replace(b"\r", b"") for line in file
    )  # as TensorFlow has them, without any \r


def _records(file: BinaryIO, count: int) -> Iterator[bytes]:
    return read_records(file, first=count)


def _runs(size: int, header: int, footer: int) -> Reader:
    def read(file: BinaryIO, count: int) -> Iterator[bytes]:
        here = file.tell()
        left = file.seek(0, os.SEEK_END) - footer - here
        file.seek(here)
        if left % size:
            raise ValueError(
                f"{left + count * size} bytes between header and footer are no multiple of {size}."
            )
        for _ in range(left // size):
            yield file.read(size)

    return read


def _compression(value: Any) -> str:
    kind = np.asarray(value)[()] if value is not None else ""
    kind = kind.decode() if isinstance(kind, bytes) else str(kind)
    if kind not in _COMPRESSIONS:
        raise ValueError(
            message("Unknown compression_type.", expected="'', 'GZIP' or 'ZLIB'", received=repr(kind))
        )
    return kind


def _dataset(names: list[str], compression: Any, parallel: Any, *rest: Any) -> Dataset:
    kind = _compression(compression)
    turns = -1 if parallel is None else integer(parallel, "num_parallel_reads", -1)
    if turns > 1 and len(names) > 1:
        each = [Dataset(PiecesNode([name], kind, *rest)) for name in names]
        return Dataset.range(len(names)).interleave(lambda i: each[int(i)], cycle_length=turns)
    return Dataset(PiecesNode(names, kind, *rest))


def lines_of_files(names: list[str], compression: Any = None, parallel: Any = None) -> Dataset:
    """The lines of text files, without their ends.

    Args:
        names: Where the files are.
        compression: None, `"GZIP"` or `"ZLIB"`.
        parallel: From how many files lines come by turns; one after the other if None or -1.
    """
    return _dataset(names, compression, parallel, _lines, 0, "TextLine")


def records_of_files(names: list[str], compression: Any = None, parallel: Any = None) -> Dataset:
    """The records of TFRecord files. For the arguments see `lines_of_files`."""
    return _dataset(names, compression, parallel, _records, 0, "TFRecord")


def runs_of_files(
    names: list[str],
    size: int,
    header: int = 0,
    footer: int = 0,
    compression: Any = None,
    parallel: Any = None,
) -> Dataset:
    """Pieces of equal length of files.

    Args:
        names: Where the files are.
        size: Bytes of a piece.
        header: Bytes at the beginning of each file to leave out.
        footer: Bytes at the end of each file to leave out.
        compression: See `lines_of_files`.
        parallel: See `lines_of_files`.
    """
    size = integer(size, "record_bytes", 1)
    header, footer = integer(header, "header_bytes", 0), integer(footer, "footer_bytes", 0)
    return _dataset(names, compression, parallel, _runs(size, header, footer), header, "FixedLengthRecord")
