"""The file `checkpoint` in a folder of checkpoints: which there are, and which is the latest."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from addax.formats import atomic_file

STATE_FILE = "checkpoint"
_MAX_SIZE = 16 << 20
_LINE = re.compile(r'\s*(\w+)\s*:\s*("(?:[^"\\]|\\.)*"|[-+.\w]+)\s*')
_ESCAPE = re.compile(r"\\(?:([0-7]{1,3})|x([0-9a-fA-F]{1,2})|(.))", re.S)
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}


@dataclass
class CheckpointState:
    """The checkpoints of a folder, oldest first.

    Attributes:
        model_checkpoint_path: The latest.
        all_model_checkpoint_paths: All of them.
        all_model_checkpoint_timestamps: When they were written, seconds since 1970; may be empty.
        last_preserved_timestamp: When the last one was written that is kept for good.
    """

    model_checkpoint_path: str = ""
    all_model_checkpoint_paths: list[str] = field(default_factory=list)
    all_model_checkpoint_timestamps: list[float] = field(default_factory=list)
    last_preserved_timestamp: float = 0.0


def directory_of(prefix: str) -> str:
    """The folder of a checkpoint."""
    return os.path.dirname(prefix) or "."


def write_state_file(
    directory: str,
    paths: Sequence[str],
    timestamps: Sequence[float] = (),
    preserved: float | None = None,
    name: str = STATE_FILE,
) -> None:
    """Write which checkpoints a folder has; paths in it are written relative to it.

    Args:
        directory: The folder.
        paths: The checkpoints, the latest last.
        timestamps: When they were written; the latest now, if not given.
        preserved: When the last one was written that is kept for good.
        name: The name of the file.
    """
    relative = [_relative(path, directory) for path in paths]
    lines = [f"model_checkpoint_path: {_quoted(relative[-1])}"] if relative else []
    lines += [f"all_model_checkpoint_paths: {_quoted(path)}" for path in relative]
    times = timestamps or ([time.time()] if len(relative) == 1 else [])
    lines += [f"all_model_checkpoint_timestamps: {stamp!r}" for stamp in times]
    if preserved is not None:
        lines.append(f"last_preserved_timestamp: {preserved!r}")
    with atomic_file(Path(directory) / name) as temporary:
        temporary.write_text("".join(line + "\n" for line in lines), encoding="utf-8")


def read_state_file(directory: str, name: str | None = None) -> CheckpointState | None:
    """What a folder says about its checkpoints; None if it says nothing, or nothing that makes sense.

    Args:
        directory: The folder.
        name: The name of the file, `checkpoint` if None.
    """
    path = Path(directory) / (name or STATE_FILE)
    try:
        if path.stat().st_size > _MAX_SIZE:
            return None
        text = path.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return None
    state = CheckpointState()
    for line in text.splitlines():
        match = _LINE.fullmatch(line)
        if match is None:
            if line.strip() and not line.lstrip().startswith("#"):
                return None
            continue
        _take(state, match[1], match[2], directory)
    if not state.model_checkpoint_path:
        return None
    if state.model_checkpoint_path not in state.all_model_checkpoint_paths:
        state.all_model_checkpoint_paths.append(state.model_checkpoint_path)
    return state


def latest_checkpoint(
    checkpoint_dir: str | os.PathLike[str], latest_filename: str | None = None
) -> str | None:
    """The path of the latest checkpoint of a folder, without extension; None if there is none.

    Args:
        checkpoint_dir: The folder.
        latest_filename: The name of the file that lists checkpoints; `checkpoint` if None.

    Returns:
        The path, for `Checkpoint.restore`.

    Example:
        >>> import addax.tf as tf, tempfile, os
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = tf.train.Checkpoint(v=tf.Variable(1.0)).save(folder + "/c")
        ...     os.path.basename(tf.train.latest_checkpoint(folder))
        'c-1'
    """
    state = get_checkpoint_state(checkpoint_dir, latest_filename)
    if state is None or not exists(state.model_checkpoint_path):
        return None
    return state.model_checkpoint_path


def get_checkpoint_state(
    checkpoint_dir: str | os.PathLike[str], latest_filename: str | None = None
) -> CheckpointState | None:
    """What a folder says about its checkpoints; None if it says nothing.

    Args:
        checkpoint_dir: The folder.
        latest_filename: The name of the file that lists checkpoints; `checkpoint` if None.

    Returns:
        The latest checkpoint and all of them, as attributes.

    Example:
        >>> import addax.tf as tf, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = tf.train.Checkpoint(v=tf.Variable(1.0)).save(folder + "/c")
        ...     tf.train.get_checkpoint_state(folder).all_model_checkpoint_paths == [path]
        True
    """
    return read_state_file(os.fspath(checkpoint_dir), latest_filename)


def exists(prefix: str) -> bool:
    """Whether there is a checkpoint under a path without extension."""
    return os.path.isfile(prefix + ".index")


def _take(state: CheckpointState, name: str, value: str, directory: str) -> None:
    if value.startswith('"'):
        path = os.path.join(directory, _unquoted(value))
        if name == "model_checkpoint_path":
            state.model_checkpoint_path = path
        elif name == "all_model_checkpoint_paths":
            state.all_model_checkpoint_paths.append(path)
        return
    try:
        number = float(value)
    except ValueError:
        return
    if name == "all_model_checkpoint_timestamps":
        state.all_model_checkpoint_timestamps.append(number)
    elif name == "last_preserved_timestamp":
        state.last_preserved_timestamp = number


def _relative(path: str, directory: str) -> str:
    inside = os.path.relpath(path, directory)
    return path if inside.startswith(os.pardir) else inside


def _quoted(text: str) -> str:
    data = text.encode("utf-8", "surrogateescape")
    return '"' + "".join(chr(b) if 32 <= b < 127 and b not in b'"\\' else f"\\{b:03o}" for b in data) + '"'


def _unquoted(text: str) -> str:
    data = bytearray()
    position, inner = 0, text[1:-1]
    for match in _ESCAPE.finditer(inner):
        data += inner[position : match.start()].encode("utf-8", "surrogateescape")
        octal, hexadecimal, letter = match.groups()
        if letter is not None:
            data += _LETTERS.get(letter, letter).encode("utf-8", "surrogateescape")
        else:
            data.append(int(octal, 8) & 255 if octal else int(hexadecimal, 16))
        position = match.end()
    data += inner[position:].encode("utf-8", "surrogateescape")
    return data.decode("utf-8", "surrogateescape")
