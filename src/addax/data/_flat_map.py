"""`flat_map` and `interleave`: a dataset for each element, one after the other or by turns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from addax.core.errors import message
from addax.data import _nest
from addax.data._function import Function
from addax.data._map import arguments, check_arguments
from addax.data._node import UNKNOWN_SIZE, Cursor, Node, Transformation
from addax.data._random import Seeds, seed_of
from addax.data._spec import UNKNOWN, DatasetSpec, is_fixed, relaxed
from addax.data._state import restore, save


class FlatMapNode(Transformation):
    """The elements of the datasets that a function gives.

    Args:
        node: The input.
        fn: The user's function, from an element to a dataset.
        cycle: How many of these datasets are open at a time.
        block: Elements taken from one before the next has its turn.
        what: The transformation, for errors.
    """

    def __init__(
        self, node: Node, fn: Callable, cycle: int = 1, block: int = 1, what: str = "flat_map"
    ) -> None:
        self.inputs = (node,)
        self.label = "FlatMap" if what == "flat_map" else "Interleave"
        self.cycle, self.block, self.what = cycle, block, what
        self.function = Function(fn, what, seed_of(None))
        self.function.on_host = True
        self.epochs = self.function.keys
        spec = node.spec()
        if spec is not UNKNOWN:
            check_arguments(fn, arguments(spec), what)

    def cursor(self) -> Cursor:
        """See `Node.cursor`."""
        child, seeds = self.input.start(), self.epochs.start()
        return _FlatMap(self, child, seeds) if self.cycle == 1 else _Interleave(self, child, seeds)

    def make_spec(self, run: bool) -> Any:
        """See `Node.spec`."""
        if not run:
            return UNKNOWN
        spec = self.dataset_of(self.input.sample(), self.epochs.sample()).spec(run)
        return spec if is_fixed(self.input.spec(run)) or _holds_datasets(self.input) else relaxed(spec)

    def dataset_of(self, element: Any, seeds: Seeds) -> Node:
        """The dataset for one element.

        Raises:
            TypeError: If the function gives something else.
        """
        node = self.function.one(arguments(element), seeds)
        if not isinstance(node, Node):
            raise TypeError(
                message(
                    f"The function of {self.what}() must give a dataset.",
                    received=_nest.form(node) if _nest.is_nest(node) else node,
                    hint="map() is for functions that give tensors; from_tensors(x) makes a dataset of x.",
                )
            )
        return node

    def cardinality(self) -> int:
        """See `Node.cardinality`."""
        return UNKNOWN_SIZE


def _holds_datasets(node: Node) -> bool:
    return any(isinstance(leaf, DatasetSpec) for leaf in _nest.flatten(node.spec()))


class _Open:
    """A dataset that is being drawn from, and the element it was made of."""

    def __init__(self, owner: FlatMapNode, element: Any, seeds: Seeds) -> None:
        self.element = element
        self.before = seeds.get_state()
        self.node = owner.dataset_of(element, seeds)
        self.cursor = self.node.start()

    def get_state(self) -> Any:
        return {"element": self.element, "seeds": self.before, "state": save(self.node, self.cursor)}

    @staticmethod
    def again(owner: FlatMapNode, state: Any) -> _Open:
        seeds = owner.function.keys.sample()
        seeds.set_state(state["seeds"])
        new = _Open(owner, state["element"], seeds)
        new.cursor = restore(new.node, state["state"])
        return new


class _FlatMap(Cursor):
    def __init__(self, node: FlatMapNode, child: Cursor, seeds: Seeds) -> None:
        self.node, self.child, self.seeds = node, child, seeds
        self.open: _Open | None = None

    def _next(self, count: int | None) -> Any:
        while True:
            if self.open is None:
                self.open = _Open(self.node, self.child.next(), self.seeds)
            cursor = self.open.cursor
            try:
                return cursor.next() if count is None else cursor.next_batch(count)
            except StopIteration:
                self.open = None

    def next(self) -> Any:
        return self._next(None)

    def next_batch(self, count: int) -> Any:
        return self._next(count)

    def get_state(self) -> Any:
        return {
            "seeds": self.seeds.get_state(),
            "open": None if self.open is None else self.open.get_state(),
            "input": self.child.get_state(),
        }

    def set_state(self, state: Any) -> None:
        self.seeds.set_state(state["seeds"])
        self.open = None if state["open"] is None else _Open.again(self.node, state["open"])
        self.child.set_state(state["input"])


class _Interleave(Cursor):
    """The places of the cycle are visited in turn; an empty one is filled when its turn comes."""

    def __init__(self, node: FlatMapNode, child: Cursor, seeds: Seeds) -> None:
        self.node, self.child, self.seeds = node, child, seeds
        self.places: list[_Open | None] = [None] * node.cycle
        self.place = self.taken = 0
        self.ended = False

    def _advance(self) -> None:
        self.taken = 0
        self.place = (self.place + 1) % len(self.places)

    def next(self) -> Any:
        while not self.ended or any(place is not None for place in self.places):
            current = self.places[self.place]
            if current is not None:
                try:
                    element = current.cursor.next()
                except StopIteration:
                    self.places[self.place] = None
                    self._advance()
                    continue
                self.taken += 1
                if self.taken == self.node.block:
                    self._advance()
                return element
            if self.ended:
                self._advance()
                continue
            try:
                self.places[self.place] = _Open(self.node, self.child.next(), self.seeds)
            except StopIteration:
                self.ended = True
        raise StopIteration

    def get_state(self) -> Any:
        return {
            "seeds": self.seeds.get_state(),
            "places": [None if place is None else place.get_state() for place in self.places],
            "place": self.place,
            "taken": self.taken,
            "ended": self.ended,
            "input": self.child.get_state(),
        }

    def set_state(self, state: Any) -> None:
        self.seeds.set_state(state["seeds"])
        self.places = [None if saved is None else _Open.again(self.node, saved) for saved in state["places"]]
        self.place, self.taken, self.ended = state["place"], state["taken"], state["ended"]
        self.child.set_state(state["input"])
