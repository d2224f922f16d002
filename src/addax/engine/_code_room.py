"""Compiled programs are let go before the system runs out of places to map them.

XLA maps the machine code of each program into memory, two or three pieces each. Linux grants a process 65,530 pieces;
at the next one LLVM ends the process without a message a user could understand. A long session gets there whose arrays
have ever new shapes, each compiled anew. So at a quarter of the number, JAX's caches are emptied: what is used again
is taken from the disk or compiled once more.
"""

from __future__ import annotations

import contextlib
from typing import Any

from addax.engine import _jax
from addax.engine._memory import give_back_holes

_PROGRAMS = 256  # compiled between two looks at the number of pieces: a look takes milliseconds
_COMPILED = "/jax/core/compile/backend_compile_duration"


class CodeRoom:
    """Counts the programs that this process compiles, and empties JAX's caches when they become too many.

    Args:
        jax: The module.
        limit: The pieces of memory that the system grants; None for what it says.
        programs: How many programs are compiled between two looks.

    Example:
        >>> from addax.engine._code_room import CodeRoom
        >>> CodeRoom(None, limit=100_000).allowed
        25000
    """

    def __init__(self, jax: Any, limit: int | None = None, programs: int = _PROGRAMS) -> None:
        self._jax = jax
        self._limit = _granted() if limit is None else limit
        self._programs = programs
        self._compiled = 0  # since the last look
        self.allowed = (self._limit or 0) // 4
        self.emptied = 0

    def watch(self) -> None:
        """Look from now on, where the system says how much it grants."""
        if self._limit is not None:
            self._jax.monitoring.register_event_duration_secs_listener(self._note)

    def _note(self, event: str, duration: float, **_: Any) -> None:
        if event != _COMPILED:
            return
        self._compiled += 1
        if self._compiled >= self._programs and _jax.not_tracing():
            self._compiled = 0
            self.look()

    def look(self) -> None:
        """Empty the caches, if there are more pieces than allowed."""
        found = _taken()
        if found is None or found <= self.allowed:
            return
        self._jax.clear_caches()
        give_back_holes()
        self.emptied += 1
        left = _taken() or 0
        if left > self.allowed:  # models hold their programs: the next time is when half of the rest is taken
            self.allowed = (left + (self._limit or 0)) // 2


def _granted() -> int | None:
    with contextlib.suppress(OSError, ValueError), open("/proc/sys/vm/max_map_count") as file:
        return int(file.read())
    return None


def _taken() -> int | None:
    with contextlib.suppress(OSError), open("/proc/self/maps", "rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))
    return None
