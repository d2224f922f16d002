"""`tf.CriticalSection`."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from addax.core.errors import message


class CriticalSection:
    """Runs functions one at a time, whichever thread calls them.

    A function that is traced into compiled code runs, for this purpose, when it is traced.

    Args:
        name: The name.
        shared_name: Sections made with the same one are one section.
        critical_section_def: Must be None, for there are no graphs.
        import_scope: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If `critical_section_def` is given.

    Example:
        >>> import addax.tf as tf
        >>> total = tf.Variable(0)
        >>> section = tf.CriticalSection()
        >>> int(section.execute(lambda: total.assign_add(2)))
        2
    """

    def __init__(
        self,
        name: str | None = None,
        shared_name: str | None = None,
        critical_section_def: Any = None,
        import_scope: Any = None,
    ) -> None:
        if critical_section_def is not None:
            raise ValueError(
                message("A CriticalSection is not made of a graph.", expected="critical_section_def=None")
            )
        self._name = name or shared_name or "critical_section"
        self._lock = _locks.setdefault(shared_name, _Lock()) if shared_name else _Lock()

    @property
    def name(self) -> str:
        """The name."""
        return self._name

    def execute(self, fn: Callable, exclusive_resource_access: bool = True, name: str | None = None) -> Any:
        """Call a function while no other runs in this section.

        Args:
            fn: A function without arguments.
            exclusive_resource_access: Accepted for TensorFlow's sake.
            name: Accepted for TensorFlow's sake.

        Returns:
            What it returns.

        Raises:
            TypeError: If `fn` is no function.
            ValueError: If the section is entered from inside of itself, which would wait for ever.
        """
        if not callable(fn):
            raise TypeError(message("execute() takes a function.", received=fn))
        if self._lock.owner == threading.get_ident():
            raise ValueError(
                message(
                    f"The section '{self.name}' was entered from inside of itself.",
                    hint="Call the inner function directly: nothing else runs meanwhile.",
                )
            )
        with self._lock.lock:
            self._lock.owner = threading.get_ident()
            try:
                return fn()
            finally:
                self._lock.owner = None


class _Lock:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.owner: int | None = None


_locks: dict[str, _Lock] = {}

__all__ = ["CriticalSection"]
