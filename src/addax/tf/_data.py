"""Datasets of files: lines of text, records."""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Callable
from collections.abc import Iterator as _Iterator
from typing import Any, BinaryIO

import numpy as np

from addax import ops
from addax.data import Dataset, DatasetIterator, NumpyIterator, TensorSpec
from addax.formats import read_records


def _names(filenames: Any) -> list[str]:
    if isinstance(filenames, Dataset):
        return [os.fsdecode(name) for name in filenames.as_numpy_iterator()]
    if isinstance(filenames, os.PathLike):
        filenames = os.fspath(filenames)
    if isinstance(filenames, (list, tuple)):
        filenames = [os.fspath(f) if isinstance(f, os.PathLike) else f for f in filenames]
    return [
        os.fsdecode(name) for name in np.atleast_1d(np.asarray(ops.convert_to_tensor(filenames))).tolist()
    ]


def _open(name: str, compression_type: Any) -> BinaryIO:
    kind = (np.asarray(compression_type)[()] if compression_type is not None else "") or ""
    kind = kind.decode() if isinstance(kind, bytes) else str(kind)
    if kind == "GZIP":
        return gzip.open(name, "rb")  # type: ignore[return-value]
    if kind == "ZLIB":
        import io

        with open(name, "rb") as file:
            return io.BytesIO(zlib.decompress(file.read()))
    if kind:
        raise ValueError(f"Unknown compression_type {kind!r}; there are '', 'GZIP' and 'ZLIB'.")
    return open(name, "rb")


def _of_files(
    filenames: Any, compression_type: Any, pieces: Callable[[BinaryIO], _Iterator[bytes]]
) -> Dataset:
    """The dataset of the pieces of some files, one file after the other."""
    names = _names(filenames)

    def generate() -> _Iterator[bytes]:
        for name in names:
            with _open(name, compression_type) as file:
                yield from pieces(file)

    return Dataset.from_generator(generate, output_signature=TensorSpec((), "string"))


class TextLineDataset:
    """The lines of text files, without their ends, as a `Dataset` of strings.

    Args:
        filenames: One path, several, or a dataset of them.
        compression_type: None, `"GZIP"` or `"ZLIB"`.
    """

    def __new__(  # type: ignore[misc]
        cls,
        filenames: Any,
        compression_type: Any = None,
        buffer_size: Any = None,
        num_parallel_reads: Any = None,
        name: Any = None,
    ) -> Dataset:
        return _of_files(filenames, compression_type, lambda file: (line.rstrip(b"\r\n") for line in file))


class TFRecordDataset:
    """The records of TFRecord files as a `Dataset` of strings.

    Args:
        filenames: One path, several, or a dataset of them.
        compression_type: None, `"GZIP"` or `"ZLIB"`.
    """

    def __new__(  # type: ignore[misc]
        cls,
        filenames: Any,
        compression_type: Any = None,
        buffer_size: Any = None,
        num_parallel_reads: Any = None,
        name: Any = None,
    ) -> Dataset:
        return _of_files(filenames, compression_type, read_records)


class FixedLengthRecordDataset:
    """Pieces of equal length of files as a `Dataset` of strings.

    Args:
        filenames: One path, several, or a dataset of them.
        record_bytes: The length of a piece.
        header_bytes: What to leave out at the beginning of each file.
        footer_bytes: What to leave out at the end of each file.
    """

    def __new__(  # type: ignore[misc]
        cls, filenames: Any, record_bytes: int, header_bytes: int = 0, footer_bytes: int = 0, buffer_size: Any = None,
        compression_type: Any = None, num_parallel_reads: Any = None, name: Any = None,
    ) -> Dataset:  # fmt: skip
        def pieces(file: BinaryIO) -> _Iterator[bytes]:
            data = file.read()
            data = data[header_bytes : len(data) - footer_bytes]
            return (data[i : i + record_bytes] for i in range(0, len(data) - record_bytes + 1, record_bytes))

        return _of_files(filenames, compression_type, pieces)


Iterator = DatasetIterator

__all__ = [
    "FixedLengthRecordDataset",
    "Iterator",
    "NumpyIterator",
    "TFRecordDataset",
    "TextLineDataset",
]
