"""`cache`: the elements of the first iteration, kept in memory or in a file, serve the later ones."""

from __future__ import annotations

import copy
from typing import Any, NamedTuple

import numpy as np

from addax.data import _cache_file, _nest
from addax.data._arrays import ListNode
from addax.data._element import UnequalShapes, concatenate, frozen, rows
from addax.data._node import Cursor, Node, Plan, Positional, Same
from addax.data._range import RangeNode
from addax.data._spec import UNKNOWN


class _Single(NamedTuple):
    """An element that no block is made of: it holds more than arrays."""

    element: Any


class _Store:
    """What a cache in memory holds: None until an iteration has come to its end.

    Attributes:
        arrays: The elements stacked, if their shapes are equal.
        elements: The elements one by one, if not.
    """

    def __init__(self) -> None:
        self.arrays: Any = None
        self.elements: list | None = None

    @property
    def full(self) -> bool:
        return self.elements is not None or self.arrays is not None

    def fill(self, blocks: list) -> None:
        try:
            plain = blocks and not any(isinstance(block, _Single) for block in blocks)
            self.arrays = frozen(concatenate(blocks)) if plain else None
        except UnequalShapes:
            self.arrays = None
        if self.arrays is None:
            self.elements = [
                element
                for block in blocks
                for element in ([block.element] if isinstance(block, _Single) else rows(block))
            ]


def _block(element: Any) -> Any:
    """A block of one element."""
    if all(isinstance(leaf, np.ndarray) for leaf in _nest.flatten(element)):
        return _nest.map_leaves(lambda x: x[None], element)
    return _Single(element)


class CacheNode(Positional):
    """The input, computed once.

    Over arrays only the order of the elements is kept, not the elements.

    Args:
        node: The input.
    """

    label = "Cache"

    def __init__(self, node: Node) -> None:
        self.inputs = (node,)
        self._store, self._index_store = _Store(), _Store()

    def on(self, node: Node) -> Positional:
        """See `Positional.on`."""
        new = super().on(node)
        new._store = self._index_store  # type: ignore[attr-defined]
        return new

    def plan(self) -> Plan | None:
        """See `Node.plan`: a full cache is an array source."""
        if self._store.arrays is not None:
            return Plan(self._store.arrays, RangeNode(0, len(_nest.flatten(self._store.arrays)[0])))
        return super().plan()

    @property
    def pure(self) -> bool:
        """See `Node.pure`."""
        return self._store.full or self.input.pure

    @property
    def settles(self) -> bool:
        """See `Node.settles`."""
        return self.input.settles or self.input.plan() is None

    def cursor(self) -> Cursor:
        """See `Node.cursor`."""
        return _Cached(self, self._store)

    @property
    def memory(self) -> Any:
        """See `Node.memory`."""
        return [[store.arrays, store.elements] for store in (self._store, self._index_store)]

    @memory.setter
    def memory(self, value: Any) -> None:
        for store, (arrays, elements) in zip((self._store, self._index_store), value, strict=True):
            store.arrays, store.elements = arrays, copy.copy(elements)


class _Cached(Cursor):
    """Gives what the store holds one by one; records the input if it holds nothing."""

    def __init__(self, node: CacheNode, store: _Store) -> None:
        self.node, self.store = node, store
        self.blocks: list = []
        self._source(recording=store.elements is None)

    def _source(self, recording: bool) -> None:
        self.recording = recording
        self.child = self.node.input.start() if recording else ListNode(self.store.elements or []).cursor()

    def next(self) -> Any:
        return self._next(None)

    def next_batch(self, count: int) -> Any:
        return self._next(count)

    def _next(self, count: int | None) -> Any:
        try:
            element = self.child.next() if count is None else self.child.next_batch(count)
        except StopIteration:
            if self.recording and not self.store.full:
                self.store.fill(self.blocks)
            raise
        if self.recording:
            element = frozen(element)
            self.blocks.append(_block(element) if count is None else element)
        return element

    def get_state(self) -> Any:
        return {"recording": self.recording, "blocks": list(self.blocks), "input": self.child.get_state()}

    def set_state(self, state: Any) -> None:
        self.blocks = list(state["blocks"])
        if state["recording"] != self.recording:
            self._source(state["recording"])
        self.child.set_state(state["input"])


class FileCacheNode(Same):
    """The input, computed once and written to a file, which later iterations and processes read.

    Args:
        node: The input.
        path: The path of the file, without its ending.
    """

    label = "Cache"

    def __init__(self, node: Node, path: str) -> None:
        self.inputs = (node,)
        self.path = path

    def cursor(self) -> Cursor:
        """See `Node.cursor`."""
        file = _cache_file.existing(self.path)
        if file is not None:
            return _FromFile(file, self.spec())
        return _ToFile(self.input.start(), self.path)


class _ToFile(Cursor):
    """Gives the elements of the input and writes them; the file gets its name when they are all there."""

    def __init__(self, child: Cursor, path: str) -> None:
        self.child, self.path = child, path
        self.writer: _cache_file.Writer | None = _cache_file.Writer(path)

    def next(self) -> Any:
        try:
            element = self.child.next()
        except StopIteration:
            if self.writer is not None:
                self.writer.finish()
                self.writer = None
            raise
        if self.writer is not None:
            self.writer.write(element)
        return element

    def get_state(self) -> Any:
        written = [] if self.writer is None else self.writer.written()
        return {"written": written, "done": self.writer is None, "input": self.child.get_state()}

    def set_state(self, state: Any) -> None:
        if not isinstance(state, dict):  # it comes from an iteration over a file that is gone
            for _ in range(state):
                self.next()
            return
        if state["done"]:
            self.writer = None
        elif self.writer is not None:
            for element in state["written"]:
                self.writer.write(element)
        self.child.set_state(state["input"])


class _FromFile(Cursor):
    def __init__(self, file: str, spec: Any) -> None:
        self.reader = _cache_file.Reader(file)
        self.spec = spec

    def next(self) -> Any:
        element = self.reader.next()
        return element if self.spec is UNKNOWN else _nest.pack(self.spec, _nest.flatten(element))

    def get_state(self) -> Any:
        return self.reader.position

    def set_state(self, state: Any) -> None:
        # The state may come from the iteration that wrote the file.
        self.reader.seek(len(state["written"]) if isinstance(state, dict) else state)
