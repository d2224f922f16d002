"""A dataset's files read by several threads, straight into the arrays of the batches."""

from __future__ import annotations

import itertools
import os
import warnings
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, Protocol

import numpy as np

from addax.core.errors import message
from addax.data._element import rows, stack
from addax.data._node import UNKNOWN_SIZE, Cursor, Node
from addax.data._spec import TensorSpec

_AHEAD = 16  # files that are read at once where elements are taken one by one


class Reader(Protocol):
    """What makes an array of a file.

    Attributes:
        spec: What the arrays are like.
    """

    spec: TensorSpec

    def read(self, path: str) -> np.ndarray:
        """The array of a file; raises ValueError, with the path, if it is damaged."""
        ...

    def read_into(self, path: str, out: np.ndarray) -> None:
        """Write the array of a file to where it is wanted, if all arrays have the same shape."""
        ...

    def stage(self, count: int) -> Any:
        """A `Stage` of which all of so many files go through one program, None if they go one by one."""
        ...

    def read_onto(self, path: str, stage: Any, number: int) -> None:
        """Put a file on the stage."""
        ...


def workers() -> int:
    """How many threads read files: as many as there are cores for this process."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max(1, workers() - 1), thread_name_prefix="addax-files")


os.register_at_fork(after_in_child=_pool.cache_clear) if hasattr(os, "register_at_fork") else None


def on_threads(work: Any, count: int) -> None:
    """Call `work(0)`, ..., `work(count - 1)`, on this thread and on others; each takes the next that is left."""
    numbers = itertools.count()

    def several() -> None:
        while (number := next(numbers)) < count:
            work(number)

    helpers = [_pool().submit(several) for _ in range(min(workers(), count) - 1)]
    several()
    for helper in helpers:
        helper.result()


class FilesNode(Node):
    """The arrays of files, with their labels.

    Args:
        node: Elements `path` or `(path, label)`.
        reader: Makes an array of a file.
        skip: Whether damaged files are left out with a warning.
    """

    label = "ParallelMap"

    def __init__(self, node: Node, reader: Reader, skip: bool = False) -> None:
        self.inputs = (node,)
        self.reader, self.skip = reader, skip

    def cursor(self) -> Cursor:
        """See `Node.cursor`."""
        return _Files(self, self.inputs[0].start())

    def make_spec(self, run: bool) -> Any:
        """See `Node.spec`."""
        spec = self.inputs[0].spec(run)
        return (self.reader.spec, *spec[1:]) if isinstance(spec, tuple) else self.reader.spec

    def cardinality(self) -> int:
        """See `Node.cardinality`."""
        return UNKNOWN_SIZE if self.skip else self.inputs[0].cardinality()


class _Files(Cursor):
    def __init__(self, node: FilesNode, child: Cursor) -> None:
        self.child, self.reader, self.skip = child, node.reader, node.skip
        self.stage: Any = None
        self.fixed = node.fixed and node.reader.spec.dtype != "string"
        self._settle()

    def _settle(self) -> None:
        """Nothing is read ahead: the position is that of the input."""
        self.waiting: list = []  # in reverse
        self.block: tuple[Any, int, int] | None = (
            None  # its input's state, how many were asked for and are waiting
        )

    def next(self) -> Any:
        if not self.waiting:
            self._read_ahead(self.child.get_state(), _AHEAD)
        return self.waiting.pop()

    def _read_ahead(self, state: Any, count: int) -> None:
        self._settle()
        while not self.waiting:
            elements = rows(self.child.next_batch(count))
            arrays = self._arrays([_path(element) for element in elements])
            kept = zip(arrays, elements, strict=True)
            self.waiting = [_with_label(array, element) for array, element in kept if array is not None]
        self.waiting.reverse()
        self.block = (state, count, len(self.waiting))

    def next_batch(self, count: int) -> Any:
        if self.waiting:
            chosen = self.waiting[: -count - 1 : -1]
            del self.waiting[-count:]
            return stack(chosen)
        if not self.fixed:
            return super().next_batch(count)
        self._settle()
        while True:
            block = self.child.next_batch(count)
            paths, labels = block if isinstance(block, tuple) else (block, None)
            images, kept = self._batch([bytes(path).decode() for path in paths.tolist()])
            if len(images):
                return images if labels is None else (images, labels if kept is None else labels[kept])

    def _batch(self, paths: list[str]) -> tuple[np.ndarray, np.ndarray | None]:
        """One array of all files, and which of them are in it (None: all)."""
        if self.stage is None or self.stage.count < len(paths):
            self.stage = self.reader.stage(len(paths))
        stage = self.stage
        if stage is not None:
            errors = self._each(paths, lambda i: self.reader.read_onto(paths[i], stage, i))
            return _kept(stage.resized(len(paths)), errors)
        spec = self.reader.spec
        out = np.empty((len(paths), *spec.shape), spec.dtype.as_numpy_dtype)  # type: ignore[misc]
        errors = self._each(paths, lambda i: self.reader.read_into(paths[i], out[i]))
        return _kept(out, errors)

    def _arrays(self, paths: list[str]) -> list:
        """The array of each file, None for those that are left out."""
        found: list = [None] * len(paths)

        def read(number: int) -> None:
            found[number] = self.reader.read(paths[number])

        self._each(paths, read)
        return found

    def _each(self, paths: list[str], work: Any) -> dict[int, Exception]:
        """Do something for each file; the errors of those that are left out."""
        errors: dict[int, Exception] = {}

        def tried(number: int) -> None:
            try:
                work(number)
            except Exception as error:  # it belongs to the thread that takes the elements
                errors[number] = error

        on_threads(tried, len(paths))
        for number in sorted(errors):
            if not self.skip or not isinstance(errors[number], ValueError):
                raise errors[number]
            warnings.warn(f"Left out: {errors[number]}", stacklevel=2)
        return errors

    def get_state(self) -> Any:
        if not self.waiting or self.block is None:
            return {"input": self.child.get_state(), "asked": 0, "given": 0}
        state, asked, count = self.block
        return {"input": state, "asked": asked, "given": count - len(self.waiting)}

    def set_state(self, state: Any) -> None:
        self._settle()
        self.child.set_state(state["input"])
        if state["asked"]:
            self._read_ahead(state["input"], state["asked"])
            del self.waiting[len(self.waiting) - state["given"] :]


def _kept(batch: np.ndarray, errors: dict) -> tuple[np.ndarray, np.ndarray | None]:
    if not errors:
        return batch, None
    kept = np.array([i not in errors for i in range(len(batch))])
    return batch[kept], kept


def _path(element: Any) -> str:
    path = element[0] if isinstance(element, tuple) else element
    return bytes(path[()]).decode()


def _with_label(array: np.ndarray, element: Any) -> Any:
    return (array, *element[1:]) if isinstance(element, tuple) else array


def check_on_error(on_error: Any) -> bool:
    """Whether damaged files are to be left out.

    Raises:
        ValueError: If `on_error` says neither that nor that they raise.
    """
    if on_error not in ("raise", "skip"):
        raise ValueError(message("`on_error`.", expected='"raise" or "skip"', received=on_error))
    return on_error == "skip"
