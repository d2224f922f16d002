"""What is fuzzed: for each reader of files a function of bytes, and good files to start from.

A target feeds the bytes to a reader and may raise nothing but what the reader's documentation names.
"""

from __future__ import annotations

import functools
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

REFUSALS = (ValueError, OSError)
CONFIG_REFUSALS = (ValueError, OSError, TypeError)  # a TypeError: it names a class that nobody knows


class Target(NamedTuple):
    """A reader under test.

    Attributes:
        run: Feeds it bytes; what it returns does not matter.
        seeds: Good inputs.
        allowed: The exceptions that it may raise.
    """

    run: Callable[[bytes], Any]
    seeds: Callable[[], list[bytes]]
    allowed: tuple[type[Exception], ...] = REFUSALS

    def check(self, data: bytes) -> None:
        """Feed it bytes; whatever it may not raise comes through."""
        try:
            self.run(data)
        except self.allowed as error:
            if isinstance(error, UnicodeError):  # a ValueError that says nothing about the file
                raise AssertionError(f"leaked {error!r}") from error


TARGETS: dict[str, Target] = {}


def target(seeds: Callable[[], list[bytes]], allowed: tuple[type[Exception], ...] = REFUSALS) -> Callable:
    """Register a function of bytes under its name."""

    def register(run: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
        TARGETS[run.__name__] = Target(run, seeds, allowed)
        return run

    return register


@functools.cache
def place() -> Path:
    """A folder of this process, in memory where the machine has such a place."""
    return Path(tempfile.mkdtemp(prefix="addax-fuzz-", dir=memory()))


def memory() -> str | None:
    """Where folders lie in memory, or None for the usual place."""
    return os.environ.get("ADDAX_FUZZ_PLACE") or ("/dev/shm" if os.access("/dev/shm", os.W_OK) else None)


def leave() -> None:
    """Remove the folder of this process."""
    shutil.rmtree(place(), ignore_errors=True)


def put(name: str, data: bytes) -> Path:
    """The bytes as a file."""
    path = place() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def load_all() -> dict[str, Target]:
    """All targets, in the order of their names."""
    from addax.core import serial

    # A model that fills the machine says nothing new, but takes its time.
    serial._FREE, serial._memory = 1 << 24, lambda: 1 << 24

    from tests.fuzz import _binary, _data, _legacy, _models, _programs  # noqa: F401 - they register theirs

    return dict(sorted(TARGETS.items()))
