"""The methods of `Dataset` that keep elements: in memory, in files, in folders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from addax.data import _saved
from addax.data._arguments import text
from addax.data._cache import CacheNode, FileCacheNode
from addax.data._constructors import Constructors

T = TypeVar("T", bound="Stored")


class Stored(Constructors):
    """Caches, saved datasets and snapshots."""

    __slots__ = ()

    def cache(self: T, filename: Any = "", name: str | None = None) -> T:
        """The elements of the first complete iteration, kept for the later ones.

        Args:
            filename: Where to keep them, so that other processes find them too; in memory if empty.
            name: Accepted for TensorFlow's sake.
        """
        path = text(filename, "filename")
        return self._of(FileCacheNode(self._node, path) if path else CacheNode(self._node))

    def save(
        self,
        path: Any,
        compression: Any = None,
        shard_func: Callable | None = None,
        checkpoint_args: Any = None,
    ) -> None:
        """Write all elements to a folder, from which `load` reads them.

        A dataset that is there already is replaced as a whole, when all elements have been written.

        Args:
            path: The folder.
            compression: None or `"GZIP"`.
            shard_func: A function of an element, called as that of `map`, that gives the number of the file it goes to.
            checkpoint_args: Accepted for TensorFlow's sake.

        Raises:
            ValueError: If the dataset has no end.
            TypeError: If a component of the elements is a dataset.

        Example:
            >>> import tempfile
            >>> from addax.data import Dataset
            >>> folder = tempfile.mkdtemp()
            >>> Dataset.range(3).save(folder)
            >>> [int(x) for x in Dataset.load(folder)]
            [0, 1, 2]
        """
        _saved.save(self._node, text(path, "path"), compression, shard_func)

    @classmethod
    def load(
        cls: type[T], path: Any, element_spec: Any = None, compression: Any = None, reader_func: Callable | None = None,
        wait: bool = False,
    ) -> T:  # fmt: skip
        """The dataset that `save` wrote to a folder.

        Args:
            path: The folder.
            element_spec: What the elements are expected to be; the folder knows it.
            compression: Accepted for TensorFlow's sake: the files tell.
            reader_func: `reader_func(datasets) -> dataset`, of a dataset of the datasets in the files;
                by turns if None.
            wait: Accepted for TensorFlow's sake: what is not whole yet is not there.

        Raises:
            FileNotFoundError: If there is none.
            ValueError: If it is damaged, or has other elements.
        """
        return _saved.load(text(path, "path"), element_spec, reader_func, cls)

    def snapshot(
        self: T, path: Any, compression: Any = "AUTO", reader_func: Callable | None = None,
        shard_func: Callable | None = None, name: str | None = None,
    ) -> T:  # fmt: skip
        """The same elements, written to a folder by the first whole iteration, from which the later ones read.

        Args:
            path: The folder.
            compression: None, `"AUTO"` (none) or `"GZIP"`.
            reader_func: See `load`.
            shard_func: See `save`.
            name: Accepted for TensorFlow's sake.
        """
        return self._of(
            _saved.SnapshotNode(self._node, text(path, "path"), compression, reader_func, shard_func)
        )
