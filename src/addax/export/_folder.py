"""A folder of files that appears complete or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Container, Iterator


@contextlib.contextmanager
def complete_folder(target: str, members: Container[str]) -> Iterator[str]:
    """A new folder beside `target` to write into, which takes its place at the end of the block.

    Args:
        target: The real path of the folder. If it exists, only its `members` are replaced.
        members: What belongs to the format; anything else in the folder is somebody else's and stays.

    Yields:
        The path of the new folder. After an error in the block it is removed, and `target` is as it was.

    Example:
        >>> with tempfile.TemporaryDirectory() as root:
        ...     with complete_folder(f"{root}/model", ()) as work:
        ...         os.mkdir(f"{work}/part")
        ...         before = os.path.exists(f"{root}/model")
        ...     before, os.listdir(f"{root}/model")
        (False, ['part'])
    """
    parent = os.path.dirname(target)
    os.makedirs(parent, exist_ok=True)
    work = tempfile.mkdtemp(prefix=f".{os.path.basename(target)}.", dir=parent)
    try:
        yield work
        _give_usual_mode(work)
        _put_in_place(work, target, members)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _give_usual_mode(folder: str) -> None:
    """Give a folder the permissions that `mkdir` would; `mkdtemp` keeps others out."""
    probe = os.path.join(folder, ".mode")
    os.mkdir(probe)
    os.chmod(folder, os.stat(probe).st_mode & 0o777)
    os.rmdir(probe)


def _put_in_place(work: str, target: str, members: Container[str]) -> None:
    """Move a complete folder to its place, and what is not ours in the folder that was there into it."""
    if not os.path.isdir(target):
        os.rename(work, target)
        return
    aside = f"{work}.old"
    os.rename(target, aside)
    try:
        os.rename(work, target)
    except OSError:
        os.rename(aside, target)
        raise
    for entry in os.listdir(aside):
        if entry not in members:
            os.rename(os.path.join(aside, entry), os.path.join(target, entry))
    shutil.rmtree(aside)
