"""Rows of CSV files as columns of arrays."""

from __future__ import annotations

import csv
import gzip
import io
import os
import zlib
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from addax.core import dtypes
from addax.core.errors import message
from addax.data import _nest
from addax.data._element import to_host
from addax.data._node import UNKNOWN_SIZE, Cursor, Node
from addax.data._spec import TensorSpec

_INT32 = range(-(2**31), 2**31)
_INT64 = range(-(2**63), 2**63)
_LARGEST = float(np.finfo(np.float32).max)
_KINDS = ("int32", "int64", "float32", "float64", "string")  # each holds what those before it hold


class Format(NamedTuple):
    """How the text of the files is to be read.

    Attributes:
        delimiter: What parts fields.
        quoted: Whether double quotes keep delimiters and line ends together.
        missing: A further text that stands for a missing value.
        header: Whether the first line of each file is left out.
        compression: `""`, `"GZIP"` or `"ZLIB"`.
    """

    delimiter: str = ","
    quoted: bool = True
    missing: str = ""
    header: bool = False
    compression: str = ""


class Column(NamedTuple):
    """One column that is wanted.

    Attributes:
        place: Its place in a line.
        dtype: What its fields become.
        default: What stands for a missing field; None if it must be there.
    """

    place: int
    dtype: str
    default: Any


def opened(name: str, compression: str) -> Any:
    """A file of text, undecodable bytes kept as surrogates."""
    if compression == "GZIP":
        raw: Any = gzip.open(name, "rb")
    elif compression == "ZLIB":
        with open(name, "rb") as file:
            raw = io.BytesIO(zlib.decompress(file.read()))
    elif compression:
        raise ValueError(
            message("Unknown compression_type.", expected='"", "GZIP" or "ZLIB"', received=compression)
        )
    else:
        raw = open(name, "rb")
    return io.TextIOWrapper(raw, "utf-8-sig", errors="surrogateescape", newline="")


def lines(name: str, form: Format) -> Iterator[list[str]]:
    """The fields of each row of a file; empty lines are left out."""
    quoting = csv.QUOTE_MINIMAL if form.quoted else csv.QUOTE_NONE
    with opened(name, form.compression) as file:
        rows = csv.reader(file, delimiter=form.delimiter, quoting=quoting, strict=form.quoted)
        if form.header:
            next(rows, None)
        try:
            for row in rows:
                if row:
                    yield row
        except csv.Error as error:
            raise ValueError(
                message(f"Line {rows.line_num} of {name} is no CSV.", received=str(error))
            ) from None


def column_of(place: int, default: Any) -> Column:
    """A column by its default: a dtype, or a value (in a list or not)."""
    if isinstance(default, (dtypes.DType, type, np.dtype)):
        return Column(place, dtypes.standardize(default).name, None)
    value = to_host(default, "default").ravel()
    name = dtypes.standardize("string" if value.dtype.kind == "O" else value.dtype.name).name
    return Column(place, name, value[0] if value.size else None)


class CsvNode(Node):
    """The rows of files, one file after the other: nests of scalars.

    Args:
        files: Paths.
        columns: What is wanted of each line.
        width: The number of fields that each line has to have; None for any that reaches the columns.
        form: How the text is written.
        shell: The nest of an element, its leaves in the order of the columns; a tuple if None.
    """

    label = "CSV"

    def __init__(
        self,
        files: Sequence[str],
        columns: Sequence[Column],
        width: int | None,
        form: Format,
        shell: Any = None,
    ) -> None:
        self.files, self.columns, self.width, self.form = list(files), list(columns), width, form
        self.shell = tuple(0 for _ in columns) if shell is None else shell

    def cursor(self) -> Cursor:
        """See `Node.cursor`."""
        return _Rows(self)

    def make_spec(self, run: bool) -> Any:
        """See `Node.spec`."""
        return _nest.pack(self.shell, [TensorSpec((), column.dtype) for column in self.columns])

    def cardinality(self) -> int:
        """See `Node.cardinality`."""
        return UNKNOWN_SIZE


class _Rows(Cursor):
    """Attributes: the number of the file, and how many of its lines were read."""

    def __init__(self, node: CsvNode) -> None:
        self.node = node
        self.file, self.line = 0, 0
        self.source: Iterator[list[str]] | None = None

    def next(self) -> Any:
        return _nest.map_leaves(lambda column: column[0, ...], self.next_batch(1))

    def next_batch(self, count: int) -> Any:
        first, rows = self._take(count)
        while not rows:
            self.file, self.line, self.source = self.file + 1, 0, None
            first, rows = self._take(count)
        name = self.node.files[self.file]
        self._check_widths(rows, first, name)
        missing = ("", self.node.form.missing)
        arrays = [
            values([row[c.place] for row in rows], c, missing, lambda i: f"row {first + i + 1} of {name}")
            for c in self.node.columns
        ]
        return _nest.pack(self.node.shell, arrays)

    def _check_widths(self, rows: list, first: int, name: str) -> None:
        width, least = self.node.width, 1 + max(column.place for column in self.node.columns)
        for i, row in enumerate(rows):
            if len(row) < least or width is not None and len(row) != width:
                raise ValueError(
                    message(
                        f"Row {first + i + 1} of {name} has the wrong number of fields.",
                        expected=f"at least {least}" if width is None else f"{width}",
                        received=f"{len(row)}: {row}",
                    )
                )

    def _take(self, count: int) -> tuple[int, list]:
        """Up to `count` lines of the current file, and the number of the first."""
        if self.file >= len(self.node.files):
            raise StopIteration
        if self.source is None:
            self.source = lines(self.node.files[self.file], self.node.form)
            for _ in range(self.line):
                next(self.source)
        first, rows = self.line, []
        for row in self.source:
            rows.append(row)
            self.line += 1
            if len(rows) == count:
                break
        return first, rows

    def get_state(self) -> Any:
        return {"file": self.file, "line": self.line}

    def set_state(self, state: Any) -> None:
        self.file, self.line, self.source = state["file"], state["line"], None


def values(fields: list[str], column: Column, missing: Sequence[str], where: Any) -> np.ndarray:
    """The fields of a column as an array.

    Args:
        fields: Their texts.
        column: The column.
        missing: The texts that stand for a missing value.
        where: Gives the place of a field in words.

    Raises:
        ValueError: If a field is no such number, or missing without a default; the message says where.
    """
    if column.dtype == "string":
        default = column.default
        out = np.empty(len(fields), object)
        out[:] = [default if field in missing and default is not None else _bytes(field) for field in fields]
        if default is None:
            _demand(fields, column, missing, where)
        return out
    if column.default is None:
        _demand(fields, column, missing, where)
    read = int if column.dtype.startswith("int") else float
    try:
        numbers = [column.default if field in missing else read(field) for field in fields]
        return np.array(numbers, dtypes.numpy_dtype(column.dtype))
    except (ValueError, OverflowError):
        bad = next(
            i for i, field in enumerate(fields) if field not in missing and not _fits(field, column.dtype)
        )
        raise ValueError(
            message(
                f"Field {column.place} of {where(bad)} is no {column.dtype}.",
                received=repr(fields[bad]),
                hint="Give the column another default or dtype, or name what stands for a missing value (na_value=).",
            )
        ) from None


def _demand(fields: list[str], column: Column, missing: Sequence[str], where: Any) -> None:
    for i, field in enumerate(fields):
        if field in missing:
            raise ValueError(
                message(
                    f"Field {column.place} of {where(i)} is required but missing.",
                    expected=f"a {column.dtype}",
                    received=repr(field),
                    hint="Give the column a default value instead of a dtype.",
                )
            )


def _bytes(field: str) -> bytes:
    return field.encode("utf-8", "surrogateescape")


def _fits(field: str, dtype: str) -> bool:
    try:
        number = int(field) if dtype.startswith("int") else float(field)
    except ValueError:
        return False
    return not dtype.startswith("int") or number in (_INT32 if dtype == "int32" else _INT64)


def kind_of(field: str) -> str:
    """The narrowest of int32, int64, float32, float64 and string that a text is.

    Example:
        >>> [kind_of(text) for text in ("7", "3000000000", "0.5", "1e300", "x")]
        ['int32', 'int64', 'float32', 'float64', 'string']
    """
    try:
        number = int(field)
        if number in _INT64:
            return "int32" if number in _INT32 else "int64"
    except ValueError:
        pass
    try:
        value = float(field)
    except ValueError:
        return "string"
    return "float64" if _LARGEST < abs(value) < float("inf") else "float32"


def inferred(
    files: Sequence[str], places: Sequence[int], width: int, form: Format, rows: int | None
) -> list[str]:
    """The dtypes of columns, from the first lines of the files; strings where no value is known.

    Args:
        files: Paths.
        places: The places of the columns.
        width: The number of fields of a line.
        form: How the text is written.
        rows: How many lines are looked at; all if None.

    Raises:
        ValueError: If a line has another number of fields.
    """
    found = [-1] * len(places)
    left = float("inf") if rows is None else rows
    for name in files:
        for number, row in enumerate(lines(name, form)):
            if left <= 0:
                break
            left -= 1
            if len(row) != width:
                raise ValueError(
                    message(
                        f"Row {number + 1} of {os.path.basename(name)} does not fit the column names.",
                        expected=f"{width} fields",
                        received=f"{len(row)}: {row}",
                    )
                )
            for i, place in enumerate(places):
                field = row[place]
                if field not in ("", form.missing):
                    found[i] = max(found[i], _KINDS.index(kind_of(field)))
    return [_KINDS[kind] for kind in found]  # -1 is the last one, a string
