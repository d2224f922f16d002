"""What a block of code did to the machine, as the interpreter's own audit saw it."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

_events: list | None = None
# Things that no loading of data does.
_NEVER = (
    "ctypes.dlopen",
    "os.exec",
    "os.fork",
    "os.link",
    "os.posix_spawn",
    "os.spawn",
    "os.startfile",
    "os.symlink",
    "os.system",
    "pickle.find_class",
    "shutil.",
    "socket.connect",
    "socket.getaddrinfo",
    "subprocess.",
    "urllib.Request",
    "webbrowser.open",
)


def _record(event: str, args: tuple) -> None:
    if _events is not None:
        _events.append((event, args))


sys.addaudithook(_record)


class Seen:
    """The events of a watched block."""

    def __init__(self) -> None:
        self.events: list = []

    @property
    def opened(self) -> set[str]:
        """Absolute paths of the files that were opened."""
        names = (args[0] for event, args in self.events if event == "open")
        return {os.path.realpath(n) for n in names if isinstance(n, (str, bytes, os.PathLike))}

    @property
    def dangerous(self) -> list:
        """Events that run, connect or link something."""
        return [e for e in self.events if e[0].startswith(_NEVER)]

    def unmarshalled(self, marker: bytes) -> bool:
        """Whether code that holds the marker was decoded."""
        return any(event == "marshal.loads" and marker in bytes(args[0]) for event, args in self.events)


@contextlib.contextmanager
def watched(*allowed: str):
    """Record what the block does, and check that it runs, connects and links nothing but what is allowed."""
    global _events
    seen = Seen()
    _events = seen.events
    try:
        yield seen
    finally:
        _events = None
    assert [e for e in seen.dangerous if e[0] not in allowed] == []


def tree_of(folder: Path) -> dict[str, bytes | None]:
    """Everything below a folder, with the bytes of files: to see that nothing was written."""
    found = sorted(folder.rglob("*"))
    return {str(p.relative_to(folder)): p.read_bytes() if p.is_file() else None for p in found}
