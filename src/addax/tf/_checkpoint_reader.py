"""`tf.train.load_checkpoint` and its kin: the values of a checkpoint by key, without any objects."""

from __future__ import annotations

import os
from typing import Any

from addax.core.errors import message, suggest
from addax.formats import BundleReader
from addax.saving._checkpoint_state import latest_checkpoint


class CheckpointReader:
    """The tensors of a checkpoint by key.

    Args:
        prefix: The path of the checkpoint, without extension.

    Raises:
        FileNotFoundError: If there is none.
        ValueError: If it is damaged.

    Example:
        >>> import addax.tf as tf, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = tf.train.Checkpoint(v=tf.Variable([1.0, 2.0])).write(folder + "/a")
        ...     tf.train.load_checkpoint(path).get_tensor("v/.ATTRIBUTES/VARIABLE_VALUE")
        array([1., 2.], dtype=float32)
    """

    def __init__(self, prefix: str) -> None:
        self._bundle = BundleReader(prefix)

    def get_variable_to_shape_map(self) -> dict[str, list[int]]:
        """The shapes by key."""
        return {key: list(self._bundle.entry(key).shape) for key in self._bundle}

    def get_variable_to_dtype_map(self) -> dict[str, Any]:
        """The dtypes by key."""
        from addax.tf.dtypes import as_dtype

        found = {key: self._bundle.entry(key).dtype for key in self._bundle}
        return {key: as_dtype("string" if dtype.kind == "O" else dtype.name) for key, dtype in found.items()}

    def has_tensor(self, tensor_str: str) -> bool:
        """Whether there is a key.

        Args:
            tensor_str: The key.
        """
        return tensor_str in self._bundle

    def get_tensor(self, tensor_str: str) -> Any:
        """The value of a key.

        Args:
            tensor_str: The key.

        Returns:
            A NumPy array; bytes for one string.

        Raises:
            KeyError: If there is no such key.
            ValueError: If the value is damaged.
        """
        if tensor_str not in self._bundle:
            raise KeyError(
                message(
                    f"The checkpoint has no key {tensor_str!r}.", hint=suggest(tensor_str, list(self._bundle))
                )
            )
        array = self._bundle[tensor_str]
        return array if array.ndim else array[()]

    def debug_string(self) -> bytes:
        """Keys, dtypes and shapes as text, one a line."""
        shapes, dtypes = self.get_variable_to_shape_map(), self.get_variable_to_dtype_map()
        return "".join(f"{key} ({dtypes[key].name}) {shapes[key]}\n" for key in sorted(shapes)).encode()


def load_checkpoint(ckpt_dir_or_file: str | os.PathLike[str]) -> CheckpointReader:
    """Open a checkpoint for reading its values.

    Args:
        ckpt_dir_or_file: Its path, without extension, or a folder, whose latest one is taken.

    Returns:
        The reader.

    Raises:
        ValueError: If the folder has no checkpoint, or the checkpoint is damaged.
        FileNotFoundError: If there is no checkpoint of this path.

    Example:
        >>> import addax.tf as tf, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = tf.train.Checkpoint(v=tf.Variable([1.0, 2.0])).save(folder + "/a")
        ...     tf.train.load_checkpoint(folder).get_variable_to_shape_map()["v/.ATTRIBUTES/VARIABLE_VALUE"]
        [2]
    """
    path = os.fspath(ckpt_dir_or_file)
    if os.path.isdir(path):
        latest = latest_checkpoint(path)
        if latest is None:
            raise ValueError(message(f"There is no checkpoint in the folder {path}."))
        path = latest
    return CheckpointReader(path.removesuffix(".index"))


def load_variable(ckpt_dir_or_file: str | os.PathLike[str], name: str) -> Any:
    """One value of a checkpoint.

    Args:
        ckpt_dir_or_file: Its path, without extension, or a folder, whose latest one is taken.
        name: The key; a `:0` behind it is ignored.

    Returns:
        A NumPy array; bytes for one string.

    Raises:
        KeyError: If there is no such key.
        ValueError: If the folder has no checkpoint, or the checkpoint is damaged.
        FileNotFoundError: If there is no checkpoint of this path.

    Example:
        >>> import addax.tf as tf, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = tf.train.Checkpoint(v=tf.Variable(3.0)).write(folder + "/a")
        ...     float(tf.train.load_variable(path, "v/.ATTRIBUTES/VARIABLE_VALUE"))
        3.0
    """
    return load_checkpoint(ckpt_dir_or_file).get_tensor(name.removesuffix(":0"))


def list_variables(ckpt_dir_or_file: str | os.PathLike[str]) -> list[tuple[str, list[int]]]:
    """The keys of a checkpoint, with the shapes of their values.

    Args:
        ckpt_dir_or_file: Its path, without extension, or a folder, whose latest one is taken.

    Returns:
        Pairs of key and shape, sorted.

    Raises:
        ValueError: If the folder has no checkpoint, or the checkpoint is damaged.
        FileNotFoundError: If there is no checkpoint of this path.

    Example:
        >>> import addax.tf as tf, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = tf.train.Checkpoint(v=tf.Variable([3.0])).write(folder + "/a")
        ...     tf.train.list_variables(path)[1]
        ('v/.ATTRIBUTES/VARIABLE_VALUE', [1])
    """
    return sorted(load_checkpoint(ckpt_dir_or_file).get_variable_to_shape_map().items())
