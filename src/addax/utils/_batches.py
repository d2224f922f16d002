"""Batches by index: `PyDataset` (tf.keras's `Sequence`), and packing of their parts."""

from __future__ import annotations

import math
from typing import Any


class PyDataset:
    """A data source that gives batches by number; subclass it with `__getitem__` and `__len__` (or `num_batches`).

    Args:
        workers: Threads (or processes) that prepare batches.
        use_multiprocessing: Whether processes are used. They are spawned, so that the class must be importable and the
            script's own work stand under `if __name__ == "__main__":`; at the start of each epoch they get the object
            as it is then.
        max_queue_size: Batches prepared ahead.

    Example:
        >>> import numpy as np
        >>> class Squares(PyDataset):
        ...     def __len__(self):
        ...         return 3
        ...
        ...     def __getitem__(self, i):
        ...         return np.full((2, 1), i), np.full((2, 1), i * i)
        >>> len(Squares())
        3
    """

    def __init__(self, workers: int = 1, use_multiprocessing: bool = False, max_queue_size: int = 10) -> None:
        self._workers = workers
        self._use_multiprocessing = use_multiprocessing
        self._max_queue_size = max_queue_size

    @property
    def workers(self) -> int:
        """Threads or processes that prepare batches."""
        return getattr(self, "_workers", 1)

    @workers.setter
    def workers(self, value: int) -> None:
        self._workers = value

    @property
    def use_multiprocessing(self) -> bool:
        """Whether processes prepare batches."""
        return getattr(self, "_use_multiprocessing", False)

    @use_multiprocessing.setter
    def use_multiprocessing(self, value: bool) -> None:
        self._use_multiprocessing = value

    @property
    def max_queue_size(self) -> int:
        """Batches prepared ahead."""
        return getattr(self, "_max_queue_size", 10)

    @max_queue_size.setter
    def max_queue_size(self, value: int) -> None:
        self._max_queue_size = value

    def __getitem__(self, index: int) -> Any:
        """The batch with a number."""
        raise TypeError(f"{type(self).__name__} must define __getitem__(self, index).")

    @property
    def num_batches(self) -> int | None:
        """The number of batches, None if it never ends."""
        if type(self).__len__ is PyDataset.__len__:
            raise TypeError(f"{type(self).__name__} must define __len__(self) or num_batches.")
        return len(self)

    def __len__(self) -> int:
        count = self.num_batches
        if count is None or math.isinf(count):
            raise TypeError("This PyDataset never ends, so it has no length.")
        return count

    def on_epoch_begin(self) -> None:
        """Called before each epoch."""

    def on_epoch_end(self) -> None:
        """Called after each epoch."""


Sequence = PyDataset


def pack_x_y_sample_weight(x: Any, y: Any = None, sample_weight: Any = None) -> Any:
    """A batch from its parts: `x`, `(x, y)` or `(x, y, sample_weight)`.

    Args:
        x: Inputs.
        y: Targets.
        sample_weight: Weights.
    """
    if y is None:
        return x if not isinstance(x, (list, tuple)) else (x,)
    return (x, y) if sample_weight is None else (x, y, sample_weight)


def unpack_x_y_sample_weight(data: Any) -> tuple[Any, Any, Any]:
    """`(x, y, sample_weight)` of a batch, None for what is missing.

    Raises:
        ValueError: If the batch has more parts.

    Example:
        >>> unpack_x_y_sample_weight((1, 2))
        (1, 2, None)
    """
    if isinstance(data, list):
        data = tuple(data)
    if not isinstance(data, tuple):
        return data, None, None
    if not 1 <= len(data) <= 3:
        raise ValueError(
            f"A batch is x, (x, y) or (x, y, sample_weight). Received a tuple of {len(data)} parts."
        )
    return (*data, *(None,) * (3 - len(data)))  # type: ignore[return-value]
