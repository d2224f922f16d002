"""Logs that wait for the device only if somebody reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np


class LazyLogs(dict):
    """A dict of metrics whose values become Python floats at the first reading; its keys cost nothing.

    Args:
        source: Name -> device scalar, array or number; or a callable that gives such a mapping when needed.

    Example:
        >>> import numpy as np
        >>> logs = LazyLogs({"loss": np.float32(0.5)})
        >>> "loss" in logs, {**logs}
        (True, {'loss': 0.5})
    """

    __slots__ = ("_source", "_waiting")

    def __init__(self, source: Mapping[str, Any] | Callable[[], Mapping[str, Any]] = ()) -> None:  # type: ignore[assignment]
        self._source = source if callable(source) else None
        self._waiting = True
        super().__init__(() if callable(source) else source)

    def _load(self) -> None:
        """Know the keys."""
        if self._source is not None:
            source, self._source = self._source, None
            super().update(source())

    def _read(self) -> None:
        """Make every value a float."""
        if not self._waiting:
            return
        self._load()
        self._waiting = False
        for key in super().keys():
            super().__setitem__(key, as_number(super().__getitem__(key)))

    def __getitem__(self, key: str) -> Any:
        self._read()
        return super().__getitem__(key)

    def __setitem__(self, key: str, value: Any) -> None:
        self._read()
        super().__setitem__(key, value)

    def __delitem__(self, key: str) -> None:
        self._load()
        super().__delitem__(key)

    def __contains__(self, key: object) -> bool:
        self._load()
        return super().__contains__(key)

    def __iter__(
        self,
    ) -> Iterator[str]:  # being overridden, it keeps dict(logs) and {**logs} off the raw values
        self._load()
        return super().__iter__()

    def __reversed__(self) -> Iterator[str]:
        self._load()
        return super().__reversed__()

    def __len__(self) -> int:
        self._load()
        return super().__len__()

    def __eq__(self, other: object) -> bool:
        self._read()
        return super().__eq__(dict(other) if isinstance(other, LazyLogs) else other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None  # type: ignore[assignment]

    def __or__(self, other: Any) -> dict:
        return {**self, **other}

    def __ror__(self, other: Any) -> dict:
        return {**other, **self}

    def __ior__(self, other: Any) -> LazyLogs:  # type: ignore[override, misc]
        self.update(other)
        return self

    def __repr__(self) -> str:
        self._read()
        return super().__repr__()

    def __reduce__(self) -> tuple:
        return (dict, (dict(self),))

    def keys(self) -> Any:
        """The names of the metrics."""
        self._load()
        return super().keys()

    def values(self) -> Any:
        """The values, read."""
        self._read()
        return super().values()

    def items(self) -> Any:
        """The pairs, read."""
        self._read()
        return super().items()

    def get(self, key: str, default: Any = None) -> Any:
        """A value, read, or the default."""
        self._read()
        return super().get(key, default)

    def copy(self) -> dict:
        """A plain dict of the values, read."""
        return {**self}

    def pop(self, *args: Any) -> Any:
        """Take a value out, read."""
        self._read()
        return super().pop(*args)

    def popitem(self) -> tuple:
        """Take the last pair out, read."""
        self._read()
        return super().popitem()

    def setdefault(self, key: str, default: Any = None) -> Any:
        """A value, read; the default is kept if there is none."""
        self._read()
        return super().setdefault(key, default)

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Set several values."""
        self._read()
        super().update(*args, **kwargs)

    def clear(self) -> None:
        """Take everything out."""
        self._source = None
        super().clear()


def as_logs(logs: Any) -> dict[str, Any]:
    """Logs for callbacks: those that are ready as they are, others made lazy."""
    if logs is None:
        return {}
    return logs if isinstance(logs, LazyLogs) else LazyLogs(logs)


def as_number(value: Any) -> Any:
    """A Python float of a scalar; arrays on the host; anything else (nested outputs) as it is."""
    if isinstance(value, float):
        return float(value)
    if isinstance(value, (str, bytes)) or value is None:
        return value
    if isinstance(value, (bool, int, np.generic)):
        return float(value)
    if not hasattr(value, "__array__"):
        return value
    array = np.asarray(value)
    if array.ndim or array.dtype.kind not in "biuf" and array.dtype.name != "bfloat16":
        return array
    return float(array)
