"""`list_files`: the names of files as a dataset."""

from __future__ import annotations

import glob
import os
from typing import Any

import numpy as np

from addax.core.errors import message
from addax.data._arrays import SlicesNode
from addax.data._element import to_host


def matching(file_pattern: Any) -> SlicesNode:
    """The files that match one or more patterns, in the order of their names.

    Raises:
        FileNotFoundError: If there is none.
    """
    if isinstance(file_pattern, os.PathLike):
        file_pattern = os.fspath(file_pattern)
    if isinstance(file_pattern, (list, tuple)):
        file_pattern = [os.fspath(p) if isinstance(p, os.PathLike) else p for p in file_pattern]
    patterns = [p.decode() for p in to_host(file_pattern, "file pattern").ravel().tolist()]
    found = sorted({os.fsencode(name) for pattern in patterns for name in glob.glob(pattern)})
    if not found:
        raise FileNotFoundError(
            message(
                f"No files matched pattern: {', '.join(patterns)}",
                hint=f"The patterns are looked up from {os.getcwd()}.",
            )
        )
    names = np.empty(len(found), object)
    names[:] = found
    return SlicesNode(names)
