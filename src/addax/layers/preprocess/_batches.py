"""Data that layers adapt to: one array, or an iterable of batches."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np

from addax.core.errors import message
from addax.engine import Tensor
from addax.engine._variable import host_array


def is_one_array(data: Any) -> bool:
    """Whether data is one array (or a list of numbers or texts), not an iterable of batches."""
    if isinstance(data, (np.ndarray, Tensor)) or hasattr(data, "aval"):
        return True
    if isinstance(data, (list, tuple)):
        return not any(isinstance(item, (np.ndarray, Tensor)) or hasattr(item, "aval") for item in data)
    return hasattr(data, "__array__") and not hasattr(data, "element_spec")


def batches(data: Any, steps: int | None = None) -> Iterator[Any]:
    """The batches of a dataset, a `PyDataset`, a generator or a list of arrays; of tuples the first part.

    Raises:
        TypeError: If the data cannot be iterated over.
    """
    if hasattr(data, "__getitem__") and hasattr(data, "__len__") and not hasattr(data, "__iter__"):
        data = (data[i] for i in range(len(data)))
    if not hasattr(data, "__iter__"):
        raise TypeError(
            message(
                "adapt() cannot read this data.",
                expected="an array, a list, or a dataset or generator of batches",
                received=data,
            )
        )
    for batch in islice(iter(data), steps):
        yield batch[0] if isinstance(batch, tuple) else batch


def as_array(data: Any, text: bool | None = None) -> np.ndarray:
    """A NumPy array of data; texts as an object array of UTF-8 bytes.

    Args:
        data: Numbers or texts in any form.
        text: Whether texts are wanted; None takes what there is.

    Raises:
        TypeError: If the data holds numbers where texts are wanted, or the other way round.
    """
    if text and type(data) is Tensor and data.dtype == "string":
        return data._value  # as it should be
    if isinstance(data, (list, tuple)) and any(isinstance(item, Tensor) for item in data):
        data = [np.asarray(item) for item in data]
    array = np.asarray(data)
    array = host_array(array) if array.dtype.kind in "OSU" else array
    if text is not None and array.size and (array.dtype.kind == "O") != text:
        wanted = "texts (strings)" if text else "integers"
        raise TypeError(
            message("The data is of the wrong kind.", expected=wanted, received=f"an array of {array.dtype}")
        )
    return array
