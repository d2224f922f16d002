"""Folders of Orbax checkpoints, told from others by the names in them; Orbax itself is not needed for that."""

from __future__ import annotations

from pathlib import Path

from addax.core.errors import message

_MARKS = (
    "orbax.checkpoint",
    "pytree",
    "pytree.orbax-checkpoint",
    "checkpoint_metadata",
    "_CHECKPOINT_METADATA",
)


def is_checkpoint(path: Path) -> bool:
    """Whether a folder is an Orbax checkpoint, or a folder of several, by the numbers of their steps."""
    return path.is_dir() and (any((path / mark).exists() for mark in _MARKS) or bool(_steps(path)))


def _steps(path: Path) -> list[int]:
    return sorted(int(p.name) for p in path.iterdir() if p.name.isdecimal() and p.is_dir())


def latest(path: Path) -> Path:
    """The folder of the last step. Nothing in it may lead out of it."""
    steps = _steps(path)
    found = path / str(steps[-1]) if steps else path
    for inner in (found, *found.rglob("*")):
        if inner.is_symlink():
            raise ValueError(
                message(f"{inner} is a link to elsewhere; it is refused.", expected="files and folders")
            )
    return found.resolve()
