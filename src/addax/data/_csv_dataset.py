"""`CsvDataset` and `make_csv_dataset`: what a user says of CSV files, and what follows from the files."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import numpy as np

from addax.core.errors import message
from addax.data._arguments import text
from addax.data._csv import Column, CsvNode, Format, column_of, inferred, lines
from addax.data._dataset import Dataset
from addax.data._element import to_host
from addax.data._files import matching

_SHUFFLED_FILES = 100  # names of files among which one is drawn


def csv_dataset(
    filenames: Any,
    record_defaults: Sequence,
    compression_type: Any = None,
    header: bool = False,
    field_delim: str = ",",
    use_quote_delim: bool = True,
    na_value: str = "",
    select_cols: Sequence[int] | None = None,
    exclude_cols: Sequence[int] | None = None,
) -> Dataset:
    """The rows of CSV files as tuples of scalars; see `tf.data.experimental.CsvDataset`."""
    form = Format(
        field_delim, use_quote_delim, na_value, bool(header), text(compression_type, "compression_type")
    )
    names = paths(filenames)
    places, width = list(range(len(record_defaults))), len(record_defaults)
    if select_cols is not None and exclude_cols is not None:
        raise ValueError(message("Give select_cols or exclude_cols, not both."))
    if select_cols is not None:
        places = [int(i) for i in select_cols]
    if exclude_cols is not None:
        first = next(lines(names[0], form), [])
        places = [i for i in range(len(first)) if i not in set(exclude_cols)]
    if len(places) != len(record_defaults):
        raise ValueError(
            message(
                "record_defaults does not fit the columns that are wanted.",
                expected=f"{len(places)} of them",
                received=f"{len(record_defaults)}",
            )
        )
    columns = [column_of(place, default) for place, default in zip(places, record_defaults, strict=True)]
    whole = select_cols is None and exclude_cols is None
    return Dataset(CsvNode(names, columns, width if whole else None, form))


def make_csv_dataset(
    file_pattern: Any,
    batch_size: int,
    column_names: Sequence[str] | None = None,
    column_defaults: Sequence | None = None,
    label_name: str | None = None,
    select_columns: Sequence | None = None,
    field_delim: str = ",",
    use_quote_delim: bool = True,
    na_value: str = "",
    header: bool = True,
    num_epochs: int | None = None,
    shuffle: bool = True,
    shuffle_buffer_size: int = 10_000,
    shuffle_seed: int | None = None,
    prefetch_buffer_size: int | None = None,
    num_parallel_reads: int | None = None,
    sloppy: bool = False,
    num_rows_for_inference: int | None = 100,
    compression_type: str | None = None,
    ignore_errors: bool = False,
    encoding: str = "utf-8",
) -> Dataset:
    r"""Batches of columns of CSV files, for `fit`.

    Args:
        file_pattern: A path, a pattern with shell wildcards, or a list of them.
        batch_size: Rows in a batch.
        column_names: The names of all columns; the first line of each file has them if None.
        column_defaults: For each column that is wanted, a dtype (each row must have a value) or a default value;
            found out from the first rows if None, with 0 or "" in place of what is missing.
        label_name: The column that is the target; without one, a batch is the dict of columns alone.
        select_columns: Names or numbers of the columns that are wanted; all if None.
        field_delim: What parts fields.
        use_quote_delim: Whether double quotes keep a field together.
        na_value: A further text for a missing value, besides nothing at all.
        header: Whether the first line of each file holds names.
        num_epochs: How often the rows come; without end if None.
        shuffle: Whether rows come in random order.
        shuffle_buffer_size: Among how many rows one is drawn.
        shuffle_seed: An integer that fixes the order.
        prefetch_buffer_size: Batches that are made ahead; chosen by itself if None.
        num_parallel_reads: Accepted for TensorFlow's sake: files are read one after the other.
        sloppy: Accepted for TensorFlow's sake: the order is always the same.
        num_rows_for_inference: Rows that tell the dtypes; all if None.
        compression_type: None, `"GZIP"` or `"ZLIB"`.
        ignore_errors: Whether batches with rows that cannot be read are passed over.
        encoding: Accepted for TensorFlow's sake: names of columns are UTF-8.

    Returns:
        A dataset of ordered dicts of arrays of shape (batch,), or of pairs of such a dict and the target.

    Raises:
        FileNotFoundError: If no file matches.
        ValueError: If columns are named that are not there, or defaults do not fit them.

    Example:
        >>> import pathlib, tempfile
        >>> from addax.data import make_csv_dataset
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "a.csv"
        >>> _ = path.write_text("age,sex,survived\n22,f,1\n35,m,0\n")
        >>> batches = make_csv_dataset(str(path), 2, label_name="survived", shuffle=False, num_epochs=1)
        >>> [(x["age"].numpy().tolist(), y.numpy().tolist()) for x, y in batches]
        [([22, 35], [1, 0])]
    """
    form = Format(
        field_delim, use_quote_delim, na_value, bool(header), text(compression_type, "compression_type")
    )
    files = _matching(file_pattern)
    names = _names(files, column_names, form)
    places = _places(select_columns, names)
    if label_name is not None and label_name not in [names[i] for i in places]:
        raise ValueError(
            message(
                "label_name is no column.",
                expected=f"one of {[names[i] for i in places]}",
                received=label_name,
            )
        )
    columns = _columns(files, places, len(names), column_defaults, form, num_rows_for_inference)
    shell, columns = _shell([names[i] for i in places], columns, label_name)

    def of(files: list[str]) -> Dataset:
        return Dataset(CsvNode(files, columns, len(names), form, shell))

    rows = of(files)
    if shuffle and len(files) > 1:
        order = Dataset.from_tensor_slices(files).shuffle(min(len(files), _SHUFFLED_FILES), shuffle_seed)
        rows = order.flat_map(lambda name: of(paths(name)))
    if shuffle:
        rows = rows.shuffle(shuffle_buffer_size, shuffle_seed)
    if num_epochs != 1:
        rows = rows.repeat(num_epochs)
    batches = rows.batch(batch_size, drop_remainder=num_epochs is None)
    if ignore_errors:
        batches = batches.ignore_errors()
    return batches.prefetch(-1 if prefetch_buffer_size is None else prefetch_buffer_size)


def _shell(names: list[str], columns: list[Column], label: str | None) -> tuple[Any, list[Column]]:
    """The nest of an element, and the columns in the order of its leaves."""
    if label is None:
        return OrderedDict.fromkeys(names, 0), columns
    place = names.index(label)
    rest = [*names[:place], *names[place + 1 :]]
    return (OrderedDict.fromkeys(rest, 0), 0), [*columns[:place], *columns[place + 1 :], columns[place]]


def paths(filenames: Any) -> list[str]:
    """Paths that come as one, several, a tensor, or a dataset of them."""
    if isinstance(filenames, Dataset):
        return [os.fsdecode(name) for name in filenames.as_numpy_iterator()]
    if isinstance(filenames, os.PathLike):
        filenames = os.fspath(filenames)
    if isinstance(filenames, (list, tuple)):
        filenames = [os.fspath(f) if isinstance(f, os.PathLike) else f for f in filenames]
    return [os.fsdecode(name) for name in np.atleast_1d(to_host(filenames, "filenames")).tolist()]


def _matching(file_pattern: Any) -> list[str]:
    return [os.fsdecode(name) for name in matching(file_pattern).arrays.tolist()]


def _names(files: list[str], given: Sequence[str] | None, form: Format) -> list[str]:
    if given is None:
        if not form.header:
            raise ValueError(message("Files without a header need column_names."))
        given = next(lines(files[0], form._replace(header=False)), [])
        for name in files[1:]:
            other = next(lines(name, form._replace(header=False)), [])
            if other != given:
                raise ValueError(
                    message(
                        f"The header of {name} is another.",
                        expected=f"{given}, as in {files[0]}",
                        received=other,
                    )
                )
    names = list(given)
    if len(set(names)) != len(names):
        double = sorted({n for n in names if names.count(n) > 1})
        raise ValueError(message("Column names come twice.", received=double, hint="Pass column_names=."))
    return names


def _places(chosen: Sequence | None, names: list[str]) -> list[int]:
    if chosen is None:
        return list(range(len(names)))
    unknown = [c for c in chosen if c not in names and not (isinstance(c, int) and 0 <= c < len(names))]
    if unknown:
        raise ValueError(
            message("select_columns has what is no column.", expected=f"some of {names}", received=unknown)
        )
    return sorted({c if isinstance(c, int) else names.index(c) for c in chosen})


def _columns(
    files: list[str], places: list[int], width: int, defaults: Sequence | None, form: Format, rows: int | None
) -> list[Column]:
    if defaults is None:
        kinds = inferred(files, places, width, form, rows)
        return [Column(p, k, b"" if k == "string" else 0) for p, k in zip(places, kinds, strict=True)]
    if len(defaults) != len(places):
        raise ValueError(
            message(
                "column_defaults does not fit the columns.",
                expected=f"{len(places)}, one for each column that is wanted",
                received=f"{len(defaults)}",
            )
        )
    return [column_of(place, default) for place, default in zip(places, defaults, strict=True)]
