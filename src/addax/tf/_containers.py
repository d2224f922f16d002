"""Lists and dicts of a checkpoint, which tell it when something is put into them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, SupportsIndex

from addax.engine import _deferred
from addax.saving._object_graph import is_tracked


class ListWrapper(list):
    """A list in a checkpoint."""

    def _tracked_children(self) -> dict[str, Any]:
        return {str(number): value for number, value in enumerate(self) if is_tracked(value)}

    def append(self, value: Any) -> None:
        """Put a value at the end."""
        super().append(tracked(value))
        _deferred.changed(self)

    def extend(self, values: Iterable[Any]) -> None:
        """Put values at the end."""
        super().extend(map(tracked, values))
        _deferred.changed(self)

    def insert(self, index: SupportsIndex, value: Any) -> None:
        """Put a value before another one."""
        super().insert(index, tracked(value))
        _deferred.changed(self)

    def __setitem__(self, index: Any, value: Any) -> None:
        super().__setitem__(index, [*map(tracked, value)] if isinstance(index, slice) else tracked(value))
        _deferred.changed(self)

    def __iadd__(self, values: Iterable[Any]) -> ListWrapper:
        self.extend(values)
        return self

    def __repr__(self) -> str:
        return f"ListWrapper({super().__repr__()})"


class DictWrapper(dict):
    """A dict in a checkpoint."""

    def _tracked_children(self) -> dict[str, Any]:
        return {str(key): value for key, value in self.items() if is_tracked(value)}

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key, tracked(value))
        _deferred.changed(self)

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Take in the items of another dict."""
        super().update({key: tracked(value) for key, value in dict(*args, **kwargs).items()})
        _deferred.changed(self)

    def setdefault(self, key: Any, default: Any = None) -> Any:
        """The value of a key; `default` is put there if there is none."""
        if key not in self:
            self[key] = default
        return self[key]

    def __ior__(self, other: Any) -> DictWrapper:
        self.update(other)
        return self

    def __repr__(self) -> str:
        return f"DictWrapper({super().__repr__()})"


def tracked(value: Any) -> Any:
    """A value as a checkpoint keeps it: plain lists and dicts become those that are followed.

    Args:
        value: The value of an attribute or in a container.
    """
    if type(value) is list:
        return ListWrapper(map(tracked, value))
    if type(value) is dict:
        return DictWrapper({key: tracked(item) for key, item in value.items()})
    return value
