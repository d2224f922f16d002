"""`scan` and `reduce`: a function that carries a state from element to element."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from addax.core.errors import message
from addax.data import _nest
from addax.data._element import element_to_host
from addax.data._function import Function
from addax.data._node import UNKNOWN_SIZE, Cursor, Node, Transformation
from addax.data._spec import UNKNOWN, relaxed, spec_of


def keep_form(state: Any, new: Any, what: str) -> Any:
    """The new state, in the form and the dtypes of the initial one.

    Raises:
        TypeError: If form or kind of dtype differ.
    """
    if not _nest.same_form(state, new):
        raise TypeError(
            message(
                f"The function of {what}() changed the form of the state.",
                expected=_nest.form(state),
                received=_nest.form(new),
            )
        )
    names = iter(_nest.paths(state))
    return _nest.map_up_to(state, lambda old, leaf: _as(leaf, old.dtype, next(names), what), new)


def _as(leaf: np.ndarray, dtype: np.dtype, path: str, what: str) -> np.ndarray:
    if leaf.dtype == dtype:
        return leaf
    if leaf.dtype.kind != dtype.kind or leaf.dtype.kind not in "iuf":
        raise TypeError(
            message(
                f"The function of {what}() changed the dtype of the state: component {path}.",
                expected=f"{dtype.name}, as in the initial state",
                received=leaf.dtype.name,
                hint="Cast inside the function, or give an initial state of this dtype (0.0 in place of 0).",
            )
        )
    return leaf.astype(dtype)


def reduce(node: Node, initial_state: Any, fn: Callable) -> Any:
    """Run a dataset through `fn(state, element) -> state` and give the last state, on the host."""
    function = Function(fn, "reduce")
    state = element_to_host(initial_state, "initial state")
    seeds = function.keys.start()
    cursor = node.start()
    while True:
        try:
            element = cursor.next()
        except StopIteration:
            return state
        state = keep_form(state, function.one((state, element), seeds), "reduce")


class ScanNode(Transformation):
    """What `fn(state, element) -> (state, output)` puts out, the state going from element to element.

    Args:
        node: The input.
        initial_state: The state at the start, a nest.
        fn: The user's function.
    """

    label = "Scan"

    def __init__(self, node: Node, initial_state: Any, fn: Callable) -> None:
        self.inputs = (node,)
        self.function = Function(fn, "scan")
        self.initial = element_to_host(initial_state, "initial state")
        self.epochs = self.function.keys
        self.spec()

    def cursor(self) -> Cursor:
        """See `Node.cursor`."""
        return _Scan(self, self.input.start())

    def make_spec(self, run: bool) -> Any:
        """See `Node.spec`."""
        spec = self.input.spec(run)
        found = UNKNOWN if spec is UNKNOWN else self.function.spec(spec_of(self.initial), spec)
        if found is UNKNOWN:
            return relaxed(spec_of(self.sample())) if run else UNKNOWN
        return self.halves(found)[1]

    @staticmethod
    def halves(result: Any) -> tuple:
        """State and output of a result.

        Raises:
            TypeError: If it is no pair.
        """
        if not isinstance(result, tuple) or len(result) != 2:
            raise TypeError(
                message(
                    "The function of scan() must give a pair.",
                    expected="(new_state, output)",
                    received=_nest.form(result),
                )
            )
        return result


class _Scan(Cursor):
    def __init__(self, node: ScanNode, child: Cursor) -> None:
        self.node, self.child = node, child
        self.seeds = node.epochs.start()
        self.state = node.initial

    def next(self) -> Any:
        result = self.node.function.one((self.state, self.child.next()), self.seeds)
        state, output = self.node.halves(result)
        self.state = keep_form(self.state, state, "scan")
        return output

    def get_state(self) -> Any:
        return {"state": self.state, "seeds": self.seeds.get_state(), "input": self.child.get_state()}

    def set_state(self, state: Any) -> None:
        self.state = state["state"]
        self.seeds.set_state(state["seeds"])
        self.child.set_state(state["input"])


class UniqueNode(Transformation):
    """The elements that did not come before; scalars of one dtype."""

    label = "Unique"

    def __init__(self, node: Node) -> None:
        self.inputs = (node,)

    def cursor(self) -> Cursor:
        """See `Node.cursor`."""
        return _Unique(self.input.start())

    def cardinality(self) -> int:
        """See `Node.cardinality`."""
        return UNKNOWN_SIZE


class _Unique(Cursor):
    def __init__(self, child: Cursor) -> None:
        self.child = child
        self.seen: dict[Any, None] = {}

    def next(self) -> Any:
        while True:
            element = self.child.next()
            key = _key(element)
            if key not in self.seen:
                self.seen[key] = None
                return element

    def get_state(self) -> Any:
        return {"seen": list(self.seen), "input": self.child.get_state()}

    def set_state(self, state: Any) -> None:
        self.seen = dict.fromkeys(state["seen"])
        self.child.set_state(state["input"])


def _key(element: Any) -> bytes:
    """Bytes that tell elements of one dataset apart."""
    parts = []
    for leaf in _nest.flatten(element):
        parts.append(str(leaf.shape).encode())
        parts.extend(leaf.ravel().tolist() if leaf.dtype.kind == "O" else [leaf.tobytes()])
    return b"".join(b"%d:%s" % (len(part), part) for part in parts)
