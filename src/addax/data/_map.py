"""`map`, `filter` and `take_while`: a function of each element."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from addax.core.errors import message
from addax.data import _nest
from addax.data._element import UnequalShapes, length, rows, stack
from addax.data._function import Function
from addax.data._node import UNKNOWN_SIZE, Cursor, Node, Transformation, pull
from addax.data._spec import UNKNOWN, TensorSpec, relaxed, spec_of

_WARM = 32  # elements that are run one by one before blocks are read ahead
_BLOCK = 64


class MapNode(Transformation):
    """The result of a function for each element.

    Args:
        node: The input.
        fn: The user's function, of tensors.
        what: The transformation, for errors.
        label: The name in the repr.
        spread: Whether tuples are spread over the function's arguments.
    """

    def __init__(
        self, node: Node, fn: Callable, what: str = "map", label: str = "Map", spread: bool = True
    ) -> None:
        self.inputs = (node,)
        self.arguments = arguments if spread else _whole
        self.function = Function(fn, what)
        self.label = label
        self.epochs = self.function.keys
        self.usual = 1  # the largest block so far: smaller ones are filled up to it
        spec = node.spec()
        if spec is not UNKNOWN:
            check_arguments(fn, self.arguments(spec), what)
        self.spec()

    def cursor(self) -> Cursor:
        """See `Node.cursor`."""
        return _Map(self, self.input.start())

    def make_spec(self, run: bool) -> Any:
        """See `Node.spec`."""
        spec = self.input.spec(run)
        found = UNKNOWN if spec is UNKNOWN else self.function.spec(*self.arguments(spec))
        return relaxed(spec_of(self.sample())) if found is UNKNOWN and run else found

    def sample(self) -> Any:
        """See `Node.sample`."""
        return self.function.one(self.arguments(self.input.sample()), self.epochs.sample())

    @property
    def pure(self) -> bool:
        """See `Node.pure`."""
        return self.input.pure and self.function.vectorises


def arguments(element: Any) -> tuple:
    """The arguments of a function of an element: a plain tuple is spread."""
    return element if type(element) is tuple else (element,)


def _whole(element: Any) -> tuple:
    return (element,)


def check_arguments(fn: Callable, args: tuple, what: str) -> None:
    try:
        signature = inspect.signature(fn)
    except (TypeError, ValueError):  # a builtin
        return
    try:
        signature.bind(*args)
    except TypeError:
        raise TypeError(
            message(
                f"The function of {what}() does not take the components of an element.",
                expected=f"a function of {len(args)} argument{'s' * (len(args) != 1)}, for elements such as "
                f"{_nest.form(args if len(args) != 1 else args[0])}",
                received=f"a function with the parameters {signature}",
                hint="Tuples are spread over the arguments, dicts come whole.",
            )
        ) from None


class _Map(Cursor):
    def __init__(self, node: MapNode, child: Cursor) -> None:
        self.node, self.child = node, child
        self.function, self.arguments = node.function, node.arguments
        self.seeds = node.epochs.start()
        self.fixed = node.input.fixed
        self.singles = 0
        self.waiting: list = []  # computed ahead, in reverse

    def next(self) -> Any:
        if self.waiting:
            return self.waiting.pop()
        if self.singles >= _WARM and self.node.pure:
            self.waiting = rows(self._block(_BLOCK))[::-1]
            return self.waiting.pop()
        self.singles += 1
        return self.function.one(self.arguments(self.child.next()), self.seeds)

    def next_batch(self, count: int) -> Any:
        if self.waiting:
            chosen = self.waiting[: -count - 1 : -1]
            del self.waiting[-count:]
            return stack(chosen)
        return self._block(count)

    def _block(self, count: int) -> Any:
        if self.fixed:
            block = self.child.next_batch(count)
        else:
            elements = pull(self.child, count)
            try:
                block = stack(elements)
            except (UnequalShapes, TypeError):  # the function may well make them equal
                return stack([self.function.one(self.arguments(element), self.seeds) for element in elements])
        node = self.node
        node.usual = max(node.usual, count)
        result = self.function.many(self.arguments(block), length(block), self.seeds, node.usual)
        if result is None:
            result = stack(
                [self.function.one(self.arguments(element), self.seeds) for element in rows(block)]
            )
        return result

    def get_state(self) -> Any:
        return {
            "seeds": self.seeds.get_state(),
            "waiting": list(self.waiting),
            "input": self.child.get_state(),
        }

    def set_state(self, state: Any) -> None:
        self.seeds.set_state(state["seeds"])
        self.waiting = list(state["waiting"])
        self.child.set_state(state["input"])


class FilterNode(Transformation):
    """The elements for which a predicate holds, or those before the first for which it does not.

    Args:
        node: The input.
        predicate: The user's function, from an element to a boolean scalar.
        stop: Whether the first element that does not pass is the end.
    """

    def __init__(self, node: Node, predicate: Callable, stop: bool = False) -> None:
        what, self.label = ("take_while", "TakeWhile") if stop else ("filter", "Filter")
        if not callable(predicate):
            raise TypeError(message(f"{what}() needs a function.", received=predicate))
        spec = node.spec()
        if spec is not UNKNOWN:
            check_arguments(predicate, arguments(spec), what)
        self.stop = stop

        def judged(element: Any) -> tuple:
            return element, predicate(*arguments(element))

        self.judged = MapNode(node, judged, what, spread=False)
        self.inputs = (self.judged,)
        found = self.judged.spec()
        if found is not UNKNOWN:
            _check_verdict(found[1], what)
        self.what = what

    @property
    def input(self) -> Node:
        """The dataset that is filtered."""
        return self.judged.input

    def cursor(self) -> Cursor:
        """See `Node.cursor`."""
        return _Filter(self, self.judged.start(), self.judged.pure)

    @property
    def pure(self) -> bool:
        """See `Node.pure`."""
        return self.judged.pure

    def cardinality(self) -> int:
        """See `Node.cardinality`."""
        return UNKNOWN_SIZE


def _check_verdict(spec: Any, what: str) -> None:
    if isinstance(spec, TensorSpec) and spec.dtype == "bool" and spec.shape == ():
        return
    raise TypeError(message(f"The function of {what}() must give a boolean scalar.", received=str(spec)))


class _Filter(Cursor):
    def __init__(self, node: FilterNode, child: Cursor, pure: bool) -> None:
        self.child, self.stop, self.what, self.blocks = child, node.stop, node.what, pure and not node.stop
        self.ended = False

    def next(self) -> Any:
        while not self.ended:
            element, verdict = self.child.next()
            if not isinstance(verdict, np.ndarray) or verdict.shape or verdict.dtype != bool:
                _check_verdict(spec_of(verdict), self.what)
            if verdict:
                return element
            self.ended = self.stop
        raise StopIteration

    def next_batch(self, count: int) -> Any:
        if not self.blocks:
            return super().next_batch(count)
        while True:
            block, kept = self.child.next_batch(count)
            if kept.all():
                return block
            if kept.any():
                return _nest.map_leaves(lambda x, kept=kept: x[kept], block)

    def get_state(self) -> Any:
        return {"ended": self.ended, "input": self.child.get_state()}

    def set_state(self, state: Any) -> None:
        self.ended = state["ended"]
        self.child.set_state(state["input"])
