"""`tf.train.CheckpointManager`: the last few checkpoints of a run, in one folder."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from typing import Any

from addax.core.errors import message
from addax.saving._checkpoint_state import exists, read_state_file, write_state_file
from addax.tf._checkpoint import Checkpoint


class CheckpointManager:
    """Saves checkpoints under numbers, deletes the oldest, and finds the latest again.

    Args:
        checkpoint: A `tf.train.Checkpoint`.
        directory: The folder; it is created.
        max_to_keep: How many checkpoints stay, the last ones; all of them if None.
        keep_checkpoint_every_n_hours: One checkpoint in so many hours is never deleted, if given.
        checkpoint_name: What the names of the files begin with.
        step_counter: A variable that counts steps, needed with `checkpoint_interval`.
        checkpoint_interval: `save` does nothing before so many steps since the last one, if given.
        init_fn: What `restore_or_initialize` calls if there is nothing to restore.

    Raises:
        ValueError: If `max_to_keep` is not positive, or there is an interval without a counter.

    Example:
        >>> import addax.tf as tf, tempfile, os
        >>> checkpoint = tf.train.Checkpoint(v=tf.Variable(1.0))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     manager = tf.train.CheckpointManager(checkpoint, folder, max_to_keep=2)
        ...     for _ in range(3):
        ...         _ = manager.save()
        ...     [os.path.basename(path) for path in manager.checkpoints]
        ['ckpt-2', 'ckpt-3']
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        directory: str | os.PathLike[str],
        max_to_keep: int | None,
        keep_checkpoint_every_n_hours: float | None = None,
        checkpoint_name: str = "ckpt",
        step_counter: Any = None,
        checkpoint_interval: int | None = None,
        init_fn: Callable[[], Any] | None = None,
    ) -> None:
        if max_to_keep is not None and max_to_keep <= 0:
            raise ValueError(
                message(
                    "A manager keeps at least one checkpoint.",
                    expected="max_to_keep > 0, or None",
                    received=max_to_keep,
                )
            )
        if checkpoint_interval is not None and step_counter is None:
            raise ValueError(
                message("`checkpoint_interval` counts steps, so it needs `step_counter`.", received="None")
            )
        self._checkpoint, self._directory, self._name = checkpoint, os.fspath(directory), checkpoint_name
        self._max_to_keep, self._every_n_hours = max_to_keep, keep_checkpoint_every_n_hours
        self._step_counter, self._interval, self._init_fn = step_counter, checkpoint_interval, init_fn
        self._last_step: int | None = None
        os.makedirs(self._directory, exist_ok=True)
        self._paths: dict[str, float] = {}  # path -> time of writing
        self._preserved = time.time()
        self._find()

    def _find(self) -> None:
        """Take over what an earlier manager left in the folder."""
        state = read_state_file(self._directory)
        if state is None:
            return
        now, times = time.time(), state.all_model_checkpoint_timestamps
        paths = state.all_model_checkpoint_paths
        if len(times) != len(paths):
            times = [now] * len(paths)
        self._paths = {
            path: stamp
            for path, stamp in zip(paths, times, strict=True)
            if self._is_ours(path) and exists(path)
        }
        self._preserved = state.last_preserved_timestamp or min(self._paths.values(), default=now)

    def _is_ours(self, path: str) -> bool:
        """Whether a path is one that this manager may delete: the list of paths is a file that anybody may write."""
        folder, name = os.path.split(path)
        return os.path.abspath(folder) == os.path.abspath(self._directory) and bool(
            re.fullmatch(re.escape(self._name) + r"-\d+", name)
        )

    @property
    def directory(self) -> str:
        """The folder."""
        return self._directory

    @property
    def checkpoint(self) -> Checkpoint:
        """The checkpoint that is saved."""
        return self._checkpoint

    @property
    def checkpoint_interval(self) -> int | None:
        """How many steps are between two checkpoints."""
        return self._interval

    @property
    def latest_checkpoint(self) -> str | None:
        """The path of the latest checkpoint; None if there is none."""
        return next(reversed(self._paths), None)

    @property
    def checkpoints(self) -> list[str]:
        """The paths of the checkpoints that are kept, the latest last."""
        return list(self._paths)

    def save(
        self, checkpoint_number: Any = None, check_interval: bool = True, options: Any = None
    ) -> str | None:
        """Write a checkpoint, list it, and delete those that are too many.

        Args:
            checkpoint_number: Its number, an integer or a variable; how often was saved if None.
            check_interval: Whether nothing happens before the interval is over.
            options: Accepted for TensorFlow's sake.

        Returns:
            The path, or None if the interval is not over.

        Raises:
            TypeError: If the position of an iterator cannot be saved.
            OSError: If the files cannot be written.

        Example:
            >>> import addax.tf as tf, tempfile, os
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     checkpoint = tf.train.Checkpoint(v=tf.Variable(1.0))
            ...     manager = tf.train.CheckpointManager(checkpoint, folder, max_to_keep=1)
            ...     os.path.basename(manager.save(checkpoint_number=7))
            'ckpt-7'
        """
        step = None if self._interval is None else int(self._step_counter.numpy())
        if self._interval is not None and step is not None:
            if check_interval and self._last_step is not None and step - self._last_step < self._interval:
                return None
            self._last_step = step
        number = None if checkpoint_number is None else _number(checkpoint_number)
        path = self._checkpoint._save_numbered(os.path.join(self._directory, self._name), number)
        self._paths.pop(path, None)
        self._paths[path] = time.time()
        old = self._too_many()
        # The list is written before anything is deleted, so that it never names what is gone.
        write_state_file(self._directory, list(self._paths), list(self._paths.values()), self._preserved)
        for one in old:
            _delete(one)
        return path

    def _too_many(self) -> list[str]:
        """Take the oldest out of the list; what it gives is to be deleted."""
        found = []
        while self._max_to_keep is not None and len(self._paths) > self._max_to_keep:
            path = next(iter(self._paths))
            stamp = self._paths.pop(path)
            if self._every_n_hours and stamp - self._preserved >= self._every_n_hours * 3600:
                self._preserved = stamp
            else:
                found.append(path)
        return found

    def restore_or_initialize(self) -> str | None:
        """Restore the latest checkpoint; if there is none, call `init_fn`.

        Returns:
            The path of what was restored, or None.

        Raises:
            ValueError: If the checkpoint is damaged or does not fit.

        Example:
            >>> import addax.tf as tf, tempfile
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     v = tf.Variable(1.0)
            ...     manager = tf.train.CheckpointManager(tf.train.Checkpoint(v=v), folder, max_to_keep=1)
            ...     manager.restore_or_initialize() is None
            True
        """
        if self.latest_checkpoint is not None:
            self._checkpoint.restore(self.latest_checkpoint)
            if self._interval is not None:
                self._last_step = int(self._step_counter.numpy())
            return self.latest_checkpoint
        if self._init_fn is not None:
            self._init_fn()
        return None

    def sync(self) -> None:
        """Accepted for TensorFlow's sake: nothing is written in the background."""


def _number(value: Any) -> int:
    return int(value.numpy()) if hasattr(value, "numpy") else int(value)


def _delete(prefix: str) -> None:
    """The index first: without it, nobody takes the rest for a checkpoint."""
    folder, name = os.path.split(prefix)
    data = re.compile(re.escape(name) + r"\.data-\d{5}-of-\d{5}")
    found = [entry for entry in os.listdir(folder or ".") if data.fullmatch(entry)]
    for entry in [name + ".index", *found]:
        try:
            os.unlink(os.path.join(folder, entry))
        except FileNotFoundError:
            continue
