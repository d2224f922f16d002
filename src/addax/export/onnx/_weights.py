"""Weights that do not fit into an ONNX file: a second file beside it, which the first one names.

Its name has a digest of the contents, so that an older model keeps its own data until the new one is complete.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from addax.export.onnx._schema import dtype_number, little_endian, tensor
from addax.formats import atomic_file

_SMALL = 1024  # bytes; what is smaller stays in the file
_PAGE = 4096  # readers map the data into memory, page by page
_OUTSIDE = 1  # the number of the place of data


class OutsideWeights:
    """The large constants of a graph, laid out in a file of their own.

    Args:
        path: The file of the model.
        constants: Those of the graph, by name.
    """

    def __init__(self, path: str | os.PathLike[str], constants: Mapping[str, np.ndarray]) -> None:
        self._folder, self._model = os.path.split(os.path.abspath(path))
        self._places: dict[str, tuple[int, np.ndarray]] = {}
        end, digest = 0, hashlib.sha256()
        for name, value in constants.items():
            if value.nbytes >= _SMALL:
                self._places[name] = (end, value)
                digest.update(f"{name} {value.dtype} {value.shape} ".encode())
                digest.update(little_endian(value))
                end += -(-value.nbytes // _PAGE) * _PAGE
        self.name = f"{self._model}.{digest.hexdigest()[:16]}.data"

    def tensor(self, name: str, value: np.ndarray) -> dict[str, Any]:
        """The message of a constant, which says where its data are."""
        if name not in self._places:
            return tensor(name, value)
        entries = {"location": self.name, "offset": self._places[name][0], "length": value.nbytes}
        described = {"name": name, "data_type": dtype_number(value.dtype), "dims": value.shape}
        texts = [{"key": key, "value": str(entry)} for key, entry in entries.items()]
        return {**described, "external_data": texts, "data_location": _OUTSIDE}

    def write(self) -> None:
        """Write the data."""
        with atomic_file(os.path.join(self._folder, self.name)) as temporary, temporary.open("wb") as file:
            for start, value in self._places.values():
                file.seek(start)
                file.write(little_endian(value))


def remove_data(path: str | os.PathLike[str], but: str = "") -> None:
    """Remove the data beside a model's file.

    Args:
        path: The file of the model.
        but: The name of the file that stays.
    """
    folder, model = os.path.split(os.path.abspath(path))
    own = re.compile(re.escape(model) + r"\.[0-9a-f]{16}\.data")
    for name in os.listdir(folder):
        if own.fullmatch(name) and name != but:
            os.unlink(os.path.join(folder, name))
