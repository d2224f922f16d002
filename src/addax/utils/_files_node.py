"""A dataset's files read by several threads, straight into the arrays of the batches."""

from __future__ import annotations

import itertools
import os
import warnings
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, Protocol

import numpy as np

from addax.core.errors import message
from addax.data import _nest
from addax.data._element import empty, length, part, row, rows, stack
from addax.data._node import UNKNOWN_SIZE, Cursor, Node
from addax.data._spec import TensorSpec

_SINGLE = 16  # files that are read together where elements are taken one by one
_AHEAD = 4  # files that are read ahead for each thread, at least
_BLOCKS = 4  # batches that are read ahead of the one that is taken, at most


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
    return ThreadPoolExecutor(workers(), thread_name_prefix="addax-files")


os.register_at_fork(after_in_child=_pool.cache_clear) if hasattr(os, "register_at_fork") else None


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


class _Block:
    """Some consecutive files that threads are reading.

    Args:
        reader: Makes an array of a file.
        inputs: Stacked elements of the input.
        room: What the files are read into: a list, or an array or a stage for files of one shape.
    """

    def __init__(self, reader: Reader, inputs: Any, room: Any) -> None:
        self.reader, self.inputs, self.room = reader, inputs, room
        paths = inputs[0] if isinstance(inputs, tuple) else inputs
        self.paths = [bytes(path).decode() for path in paths.tolist()]
        self.errors: dict[int, Exception] = {}
        self.left = itertools.count()
        self.parts = [_pool().submit(self._read) for _ in range(min(workers(), len(self.paths)))]

    def _read(self) -> None:
        """One of the threads: read the next file that is left, as long as there is one."""
        while (number := next(self.left)) < len(self.paths):
            try:
                self._read_one(number, self.paths[number])
            except Exception as error:  # it belongs to the thread that takes the elements
                self.errors[number] = error

    def _read_one(self, number: int, path: str) -> None:
        if isinstance(self.room, list):
            self.room[number] = self.reader.read(path)
        elif isinstance(self.room, np.ndarray):
            self.reader.read_into(path, self.room[number])
        else:
            self.reader.read_onto(path, self.room, number)

    def result(self, skip: bool) -> tuple[Any, Any]:
        """The inputs, and the elements made of them: a list, or one stack of all.

        Args:
            skip: Whether damaged files are left out of both.

        Raises:
            Exception: What was wrong with the first damaged file, unless it is left out.
        """
        for one in self.parts:
            one.result()
        for number in sorted(self.errors):
            if not skip or not isinstance(self.errors[number], ValueError):
                raise self.errors[number]
            warnings.warn(f"Left out: {self.errors[number]}", stacklevel=2)
        count, room, inputs = len(self.paths), self.room, self.inputs
        arrays = room if isinstance(room, list | np.ndarray) else room.resized(count)
        if self.errors:
            kept = [number for number in range(count) if number not in self.errors]
            inputs = _nest.map_leaves(lambda leaf: leaf[kept], inputs)
            arrays = [arrays[number] for number in kept] if isinstance(arrays, list) else arrays[kept]
        if isinstance(arrays, list):
            return inputs, [_labelled(array, one) for array, one in zip(arrays, rows(inputs), strict=True)]
        return inputs, _labelled(arrays, inputs)

    def cancel(self) -> None:
        """Read no more than what is being read."""
        for one in self.parts:
            one.cancel()
        self.left = itertools.count(len(self.paths))


def _labelled(array: Any, element: Any) -> Any:
    return (array, *element[1:]) if isinstance(element, tuple) else array


class _Files(Cursor):
    """Reads ahead: while a block is taken, the threads are busy with those behind it."""

    def __init__(self, node: FilesNode, child: Cursor) -> None:
        self.child, self.reader, self.skip = child, node.reader, node.skip
        self.fixed = node.fixed and node.reader.spec.dtype != "string"
        self.stages: list = []  # that no block uses
        self.blocks: deque[_Block] = deque()
        self.inputs: Any = None  # of the block that elements are taken from, and its elements
        self.elements: Any = None
        self.position = self.size = 0

    def __del__(self) -> None:
        self._drop()

    def _drop(self) -> None:
        for block in self.blocks:
            block.cancel()
        self.blocks.clear()
        self.position = self.size = 0

    def _fill(self, count: int) -> None:
        """Have an element to take; raises StopIteration behind the last one."""
        while self.position >= self.size:
            self._read_ahead(count)
            if not self.blocks:
                raise StopIteration
            block = self.blocks.popleft()
            self.inputs, self.elements = block.result(self.skip)
            self.position, self.size = 0, length(self.inputs)
            if hasattr(block.room, "resized"):
                self.stages.append(block.room)

    def _read_ahead(self, count: int) -> None:
        ahead = min(_BLOCKS, -(-workers() * _AHEAD // count))
        try:
            while len(self.blocks) <= ahead:
                self._submit(self.child.next_batch(count))
        except StopIteration:
            pass

    def _submit(self, inputs: Any) -> None:
        self.blocks.append(_Block(self.reader, inputs, self._room(length(inputs))))

    def _room(self, count: int) -> Any:
        if not self.fixed:
            return [None] * count
        while self.stages:
            stage = self.stages.pop()
            if stage.count >= count:
                return stage
        stage, spec = self.reader.stage(count), self.reader.spec
        dtype: Any = spec.dtype.as_numpy_dtype
        return empty((count, *spec.shape), dtype) if stage is None else stage  # type: ignore[misc]

    def next(self) -> Any:
        self._fill(_SINGLE)
        self.position += 1
        number = self.position - 1
        return self.elements[number] if isinstance(self.elements, list) else row(self.elements, number)

    def next_batch(self, count: int) -> Any:
        self._fill(count)
        first, self.position = self.position, min(self.position + count, self.size)
        if isinstance(self.elements, list):
            return stack(self.elements[first : self.position])
        return part(self.elements, first, self.position)

    def get_state(self) -> Any:
        # Of what was read ahead only the inputs are kept; they are read again.
        waiting = [part(self.inputs, self.position)] if self.position < self.size else []
        return {
            "ahead": [*waiting, *(block.inputs for block in self.blocks)],
            "input": self.child.get_state(),
        }

    def set_state(self, state: Any) -> None:
        self._drop()
        self.child.set_state(state["input"])
        for inputs in state["ahead"]:
            self._submit(inputs)


def check_on_error(on_error: Any) -> bool:
    """Whether damaged files are to be left out.

    Raises:
        ValueError: If `on_error` says neither that nor that they raise.
    """
    if on_error not in ("raise", "skip"):
        raise ValueError(message("`on_error`.", expected='"raise" or "skip"', received=on_error))
    return on_error == "skip"
