"""`tf.train.Checkpoint`: the values of objects in files, by the names that lead to them."""

from __future__ import annotations

import os
from typing import Any

from addax.core.errors import message
from addax.engine import Variable, _deferred
from addax.saving._checkpoint_state import directory_of, write_state_file
from addax.saving._object_checkpoint import write_objects
from addax.saving._object_graph import children, is_tracked
from addax.saving._object_restore import Restoration
from addax.saving._restore_status import LoadStatus, NothingLoaded
from addax.tf._containers import tracked

_INNER, _COUNTER = "_root", "_save_counter"  # attributes that no user sets


class CheckpointOptions:
    """Options of reading and writing checkpoints, which are accepted for TensorFlow's sake.

    Args:
        **options: Whatever TensorFlow has.

    Example:
        >>> import addax.tf as tf
        >>> tf.train.CheckpointOptions(experimental_io_device="/job:localhost").options
        {'experimental_io_device': '/job:localhost'}
    """

    def __init__(self, **options: Any) -> None:
        self.options = options


class Checkpoint:
    """The values of variables, layers, models, optimizers, metrics, modules and dataset iterators, in files.

    A value is found again by the names of the attributes that lead to it, so that a restored object needs only
    the same attributes, not the same class. Objects may be restored before their variables exist: these get their
    values when they are made. The files are in TensorFlow's format: checkpoints of TensorFlow are read, and these
    are read by it. They appear whole or not at all, and reading them runs no code.

    Args:
        root: An object whose attributes are those of the checkpoint itself.
        **kwargs: The objects by name; lists, tuples and dicts of them too.

    Raises:
        ValueError: If there is nothing to keep in an argument.

    Example:
        >>> import addax.tf as tf, tempfile
        >>> step = tf.Variable(3)
        >>> checkpoint = tf.train.Checkpoint(step=step)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = checkpoint.save(folder + "/ckpt")
        ...     _ = step.assign(0)
        ...     _ = checkpoint.restore(path).assert_consumed()
        >>> path[-7:], int(step)
        ('/ckpt-1', 3)
    """

    def __init__(self, root: Any = None, **kwargs: Any) -> None:
        if root is not None and not is_tracked(root):
            raise ValueError(_untracked("root", root))
        object.__setattr__(self, _INNER, root)
        for name, value in sorted(kwargs.items()):
            value = tracked(value)
            if not is_tracked(value) and not _is_empty(value):
                raise ValueError(_untracked(name, value))
            setattr(self, name, value)

    def __setattr__(self, name: str, value: Any) -> None:
        value = tracked(value)
        object.__setattr__(self, name, value)
        if is_tracked(value):
            _deferred.changed(self)

    def _tracked_children(self) -> dict[str, Any]:
        root = self.__dict__[_INNER]
        found = {} if root is None else dict(children(root))
        for name, value in self.__dict__.items():
            if name != _INNER and is_tracked(value):
                found["save_counter" if name == _COUNTER else name] = value
        return found

    def _stands_for(self) -> Any:
        """The object whose place in the file this one takes, or None."""
        return self.__dict__[_INNER]

    # Writing ---------------------------------------------------------------------------------------------
    def write(self, file_prefix: str | os.PathLike[str], options: Any = None) -> str:
        """Write the values to `<file_prefix>.index` and a data file beside it; nothing is numbered or listed.

        Args:
            file_prefix: The path without extension; its folder is created.
            options: Accepted for TensorFlow's sake.

        Returns:
            The path, for `read`.

        Raises:
            TypeError: If the position of an iterator cannot be saved.
            OSError: If the files cannot be written.

        Example:
            >>> import addax.tf as tf, tempfile
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     path = tf.train.Checkpoint(v=tf.Variable(1.0)).write(folder + "/a")
            ...     tf.train.list_variables(path)[1]
            ('v/.ATTRIBUTES/VARIABLE_VALUE', [])
        """
        write_objects(file_prefix, self)
        return os.fspath(file_prefix)

    def save(self, file_prefix: str | os.PathLike[str], options: Any = None) -> str:
        """Write the values under the next number, and make this the latest checkpoint of its folder.

        Args:
            file_prefix: The path without number and extension; its folder is created.
            options: Accepted for TensorFlow's sake.

        Returns:
            The path with the number, for `restore`.

        Raises:
            TypeError: If the position of an iterator cannot be saved.
            OSError: If the files cannot be written.

        Example:
            >>> import addax.tf as tf, tempfile, os
            >>> checkpoint = tf.train.Checkpoint(v=tf.Variable(1.0))
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     [os.path.basename(checkpoint.save(folder + "/c")) for _ in range(2)]
            ['c-1', 'c-2']
        """
        path = self._save_numbered(file_prefix)
        write_state_file(directory_of(path), [path])
        return path

    def _save_numbered(self, file_prefix: str | os.PathLike[str], number: int | None = None) -> str:
        counter = self.save_counter
        counter.assign_add(1)
        number = int(counter.numpy()) if number is None else number
        return self.write(f"{os.fspath(file_prefix)}-{number}")

    @property
    def save_counter(self) -> Variable:
        """How often `save` was called, a variable that is part of the checkpoint."""
        counter = self.__dict__.get(_COUNTER)
        if counter is None:
            from addax.tf._variable import Variable as TFVariable

            counter = TFVariable(0, dtype="int64", trainable=False, name="save_counter")
            object.__setattr__(self, _COUNTER, counter)
        return counter

    # Reading ---------------------------------------------------------------------------------------------
    def read(self, save_path: str | os.PathLike[str], options: Any = None) -> LoadStatus:
        """Put values into objects, from what `write` wrote.

        Args:
            save_path: The path that `write` gave; also that of a checkpoint of TensorFlow.
            options: Accepted for TensorFlow's sake.

        Returns:
            What became of it; its methods say whether everything was found.

        Raises:
            FileNotFoundError: If there is no such checkpoint.
            ValueError: If it is damaged, or a value has another shape; then nothing has been changed.

        Example:
            >>> import addax.tf as tf, tempfile
            >>> v = tf.Variable([1.0, 2.0])
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     path = tf.train.Checkpoint(v=tf.Variable([3.0, 4.0])).write(folder + "/a")
            ...     _ = tf.train.Checkpoint(v=v).read(path).assert_consumed()
            >>> v.numpy()
            array([3., 4.], dtype=float32)
        """
        restoration = Restoration(_without_ending(os.fspath(save_path)))
        restoration.visit(self)
        return LoadStatus(self, restoration)

    def restore(
        self, save_path: str | os.PathLike[str] | None, options: Any = None
    ) -> LoadStatus | NothingLoaded:
        """Put values into objects, from what `save` wrote; the number of checkpoints goes on from there.

        Args:
            save_path: The path that `save` or `tf.train.latest_checkpoint` gave; nothing happens if None.
            options: Accepted for TensorFlow's sake.

        Returns:
            What became of it; its methods say whether everything was found.

        Raises:
            FileNotFoundError: If there is no such checkpoint.
            ValueError: If it is damaged, or a value has another shape; then nothing has been changed.

        Example:
            >>> import addax.tf as tf
            >>> checkpoint = tf.train.Checkpoint(v=tf.Variable(1.0))
            >>> _ = checkpoint.restore(tf.train.latest_checkpoint("no such folder"))
            >>> float(checkpoint.v)
            1.0
        """
        if save_path is None:
            return NothingLoaded()
        _ = self.save_counter  # so that it is restored
        return self.read(save_path)


def _without_ending(path: str) -> str:
    return path.removesuffix(".index")


def _is_empty(value: Any) -> bool:
    return isinstance(value, (list, tuple, dict)) and not value


def _untracked(name: str, value: Any) -> str:
    return message(
        f"There is nothing in `{name}` that a checkpoint keeps.",
        expected="a variable, module, layer, model, optimizer, metric, dataset iterator or a container of these",
        received=value,
    )
