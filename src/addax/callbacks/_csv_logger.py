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
        self._size: int | None = None  # bytes of the file that belong to the run that is gone on with

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Forget an earlier run. The file is opened for the first line, as a backup may say where to go on."""
        self._close()
        self.keys, self.writer, self._size = None, None, None

    def _open(self) -> bool:
        """Open the file; whether a header belongs there."""
        os.makedirs(os.path.dirname(self.filename) or ".", exist_ok=True)
        there = os.path.getsize(self.filename) if os.path.exists(self.filename) else 0
        goes_on = self._size is not None and there > 0
        if goes_on:
            os.truncate(self.filename, min(there, self._size or 0))  # later lines are written again
        mode = "a" if self.append or goes_on else "w"
        self.csv_file = open(self.filename, mode, newline="", encoding="utf-8")  # noqa: SIM115
        return self.csv_file.tell() == 0

    def get_state(self) -> dict[str, Any]:
        """The columns, and how long the file is."""
        size = self._size
        if self.csv_file is not None or size is None and self.append and os.path.exists(self.filename):
            size = os.path.getsize(self.filename)
        return {"keys": self.keys, "size": size or 0}

    def set_state(self, state: dict[str, Any]) -> None:
        """Go on behind the lines that were there."""
        self.keys = None if state["keys"] is None else [str(key) for key in state["keys"]]
        self._size = max(0, int(state["size"]))

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Write a line."""
        logs = logs or {}
        writer = self.writer or self._begin(sorted(logs))
        row = {key: _cell(logs.get(key, "NA")) for key in self.keys or ()}
        writer.writerow({"epoch": epoch, **row})
        assert self.csv_file is not None
        self.csv_file.flush()

    def _begin(self, names: list[str]) -> Any:
        with_header = self._open()
        assert self.csv_file is not None
        if not any(name.startswith("val_") for name in names):  # validation may come in a later epoch
            names = [*names, *(f"val_{name}" for name in names)]
        names = self.keys = names if self.keys is None else self.keys
        self.writer = csv.DictWriter(
            self.csv_file, fieldnames=["epoch", *names], delimiter=self.sep, lineterminator="\r\n"
        )
        if with_header:
            self.writer.writeheader()
        return self.writer

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Close the file."""
        if self.writer is None and self._size is None:
            self._open()  # without a line, the file is there and empty
        self._close()
        self.writer = None

    def __del__(self) -> None:
        if getattr(self, "csv_file", None) is not None:  # an error has ended the run
            self._close()

    def _close(self) -> None:
        if self.csv_file is not None:
            self.csv_file.close()
            self.csv_file = None


def _cell(value: Any) -> Any:
    """A number or text as it is; the elements of an array in brackets."""
    if isinstance(value, (list, tuple)) or (isinstance(value, np.ndarray) and value.ndim):
        return f'"[{", ".join(map(str, value))}]"'
    return value
