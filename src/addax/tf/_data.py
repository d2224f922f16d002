"""Datasets of files: lines of text, records."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from addax import ops
from addax.data import (
    Dataset,
    DatasetIterator,
    NumpyIterator,
    lines_of_files,
    records_of_files,
    runs_of_files,
)


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


class TextLineDataset:
    """The lines of text files, without their ends, as a `Dataset` of strings.

    Args:
        filenames: One path, several, or a dataset of them.
        compression_type: None, `"GZIP"` or `"ZLIB"`.
        buffer_size: Accepted for TensorFlow's sake.
        num_parallel_reads: From how many files elements come by turns; one file after the other if None.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If `compression_type` is another; while iterating: if a file is damaged.
        OSError: While iterating: if a file cannot be read.
    """

    def __new__(  # type: ignore[misc]
        cls,
        filenames: Any,
        compression_type: Any = None,
        buffer_size: Any = None,
        num_parallel_reads: Any = None,
        name: Any = None,
    ) -> Dataset:
        return lines_of_files(_names(filenames), compression_type, num_parallel_reads)


class TFRecordDataset:
    """The records of TFRecord files as a `Dataset` of strings.

    Args:
        filenames: One path, several, or a dataset of them.
        compression_type: None, `"GZIP"` or `"ZLIB"`.
        buffer_size: Accepted for TensorFlow's sake.
        num_parallel_reads: From how many files elements come by turns; one file after the other if None.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If `compression_type` is another; while iterating: if a file is damaged.
        OSError: While iterating: if a file cannot be read.
    """

    def __new__(  # type: ignore[misc]
        cls,
        filenames: Any,
        compression_type: Any = None,
        buffer_size: Any = None,
        num_parallel_reads: Any = None,
        name: Any = None,
    ) -> Dataset:
        return records_of_files(_names(filenames), compression_type, num_parallel_reads)


class FixedLengthRecordDataset:
    """Pieces of equal length of files as a `Dataset` of strings.

    Args:
        filenames: One path, several, or a dataset of them.
        record_bytes: The length of a piece.
        header_bytes: What to leave out at the beginning of each file.
        footer_bytes: What to leave out at the end of each file.
        buffer_size: Accepted for TensorFlow's sake.
        compression_type: None, `"GZIP"` or `"ZLIB"`.
        num_parallel_reads: From how many files elements come by turns; one file after the other if None.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If an argument is wrong; while iterating: if a file is no whole number of pieces.
        OSError: While iterating: if a file cannot be read.
    """

    def __new__(  # type: ignore[misc]
        cls, filenames: Any, record_bytes: int, header_bytes: int = 0, footer_bytes: int = 0, buffer_size: Any = None,
        compression_type: Any = None, num_parallel_reads: Any = None, name: Any = None,
    ) -> Dataset:  # fmt: skip
        return runs_of_files(
            _names(filenames), record_bytes, header_bytes, footer_bytes, compression_type, num_parallel_reads
        )


Iterator = DatasetIterator

__all__ = [
    "FixedLengthRecordDataset",
    "Iterator",
    "NumpyIterator",
    "TFRecordDataset",
    "TextLineDataset",
]
