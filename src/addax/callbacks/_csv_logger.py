"""Metrics as a table in a text file."""

from __future__ import annotations

import csv
import os
from typing import Any, TextIO

import numpy as np

from addax.callbacks._callback import Callback


class CSVLogger(Callback):
    """Writes the metrics of each epoch as a line of a CSV file, which is flushed at once.

    Args:
        filename: The file.
        separator: What parts the columns.
        append: Whether lines are added to a file that is there (its header is not repeated).

    Example:
        >>> import addax as keras
        >>> table = keras.callbacks.CSVLogger("training.csv", separator=";")
        >>> table.filename
        'training.csv'
    """

    def __init__(self, filename: str | os.PathLike[str], separator: str = ",", append: bool = False) -> None:
        super().__init__()
        self.filename = os.fspath(filename)
        self.sep = separator
        self.append = append
        self.keys: list[str] | None = None
        self.writer: Any = None
        self.csv_file: TextIO | None = None
        self._with_header = True

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Open the file."""
        self._close()
        self.keys, self.writer = None, None
        old = self.append and os.path.exists(self.filename) and os.path.getsize(self.filename) > 0
        self._with_header = not old
        os.makedirs(os.path.dirname(self.filename) or ".", exist_ok=True)
        self.csv_file = open(self.filename, "a" if self.append else "w", newline="", encoding="utf-8")  # noqa: SIM115

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Write a line."""
        logs = logs or {}
        writer = self.writer or self._begin(sorted(logs))
        row = {key: _cell(logs.get(key, "NA")) for key in self.keys or ()}
        writer.writerow({"epoch": epoch, **row})
        assert self.csv_file is not None
        self.csv_file.flush()

    def _begin(self, names: list[str]) -> Any:
        if not any(name.startswith("val_") for name in names):  # validation may come in a later epoch
            names = [*names, *(f"val_{name}" for name in names)]
        self.keys = names
        assert self.csv_file is not None
        self.writer = csv.DictWriter(
            self.csv_file, fieldnames=["epoch", *names], delimiter=self.sep, lineterminator="\r\n"
        )
        if self._with_header:
            self.writer.writeheader()
        return self.writer

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Close the file."""
        self._close()
        self.writer = None

    def _close(self) -> None:
        if self.csv_file is not None:
            self.csv_file.close()
            self.csv_file = None


def _cell(value: Any) -> Any:
    """A number or text as it is; the elements of an array in brackets."""
    if isinstance(value, (list, tuple)) or (isinstance(value, np.ndarray) and value.ndim):
        return f'"[{", ".join(map(str, value))}]"'
    return value
