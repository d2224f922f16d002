"""`choose_from_datasets` and `sample_from_datasets`: each element comes from one of several datasets."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from addax.core.errors import message
from addax.data._node import INFINITE, UNKNOWN_SIZE, Cursor, Node
from addax.data._random import Draws, Orders
from addax.data._spec import UNKNOWN, common


class ChoiceNode(Node):
    """Elements of several datasets, in the order that another dataset of numbers gives.

    Args:
        nodes: The datasets.
        choice: A dataset of int64 scalars.
        stop: Whether the end of one of the datasets is the end; else it is passed over from then on.
    """

    label = "DirectedInterleave"

    def __init__(self, nodes: list[Node], choice: Node, stop: bool) -> None:
        self.inputs = (*nodes, choice)
        self.stop = stop
        self.spec()

    def cursor(self) -> Cursor:
        """See `Node.cursor`."""
        *children, choice = (node.start() for node in self.inputs)
        return _Choice(children, choice, self.stop)

    def make_spec(self, run: bool) -> Any:
        """See `Node.spec`."""
        specs = [node.spec(run) for node in self.inputs[:-1]]
        return functools.reduce(lambda a, b: UNKNOWN if a is UNKNOWN else common(a, b, "this mixture"), specs)

    def sample(self) -> Any:
        """See `Node.sample`."""
        return self.inputs[0].sample()

    def cardinality(self) -> int:
        """See `Node.cardinality`."""
        sizes = [node.cardinality() for node in self.inputs[:-1]]
        return INFINITE if INFINITE in sizes else UNKNOWN_SIZE


class _Choice(Cursor):
    def __init__(self, children: list[Cursor], choice: Cursor, stop: bool) -> None:
        self.children, self.choice, self.stop = children, choice, stop
        self.ended = [False] * len(children)

    def next(self) -> Any:
        while not all(self.ended):
            which = int(self.choice.next())
            if not 0 <= which < len(self.children):
                raise ValueError(
                    message(
                        "There is no dataset of this number.",
                        expected=f"numbers from 0 to {len(self.children) - 1} in choice_dataset",
                        received=f"{which}",
                    )
                )
            if self.ended[which]:
                continue
            try:
                return self.children[which].next()
            except StopIteration:
                self.ended[which] = True
                if self.stop:
                    self.ended = [True] * len(self.children)
        raise StopIteration

    def get_state(self) -> Any:
        return {
            "ended": list(self.ended),
            "inputs": [child.get_state() for child in self.children],
            "choice": self.choice.get_state(),
        }

    def set_state(self, state: Any) -> None:
        self.ended = list(state["ended"])
        for child, saved in zip(self.children, state["inputs"], strict=True):
            child.set_state(saved)
        self.choice.set_state(state["choice"])


class WeightedNode(Node):
    """Random numbers of datasets, without end.

    Args:
        weights: The probability of each number; a node that gives such weights, one array at a time.
        seed: The seed.
        rerandomize: Whether each iteration gives other numbers.
    """

    label = "Weighted"

    def __init__(self, weights: Any, seed: int, rerandomize: bool) -> None:
        self.weights = weights
        self.inputs = (weights,) if isinstance(weights, Node) else ()
        self.epochs = Orders(seed, rerandomize)

    def cursor(self) -> Cursor:
        """See `Node.cursor`."""
        draws = self.epochs.start()
        source = self.weights.start() if isinstance(self.weights, Node) else None
        return _Weighted(draws, None if source else self.weights, source)

    def make_spec(self, run: bool) -> Any:
        """See `Node.spec`."""
        return UNKNOWN

    def cardinality(self) -> int:
        """See `Node.cardinality`."""
        return INFINITE


class _Weighted(Cursor):
    def __init__(self, draws: Draws, weights: Any, source: Cursor | None) -> None:
        self.draws, self.weights, self.source = draws, weights, source

    def next(self) -> Any:
        weights = self.weights if self.source is None else self.source.next()
        ends = np.cumsum(np.asarray(weights, np.float64))
        return np.searchsorted(ends / ends[-1], self.draws.uniform(1)[0], side="right")

    def get_state(self) -> Any:
        source = None if self.source is None else self.source.get_state()
        return {"draws": self.draws.get_state(), "source": source}

    def set_state(self, state: Any) -> None:
        self.draws.set_state(state["draws"])
        if self.source is not None:
            self.source.set_state(state["source"])


def sampled(nodes: list[Node], weights: Any, seed: int, stop: bool, rerandomize: bool) -> Node:
    """The node of `Dataset.sample_from_datasets`.

    Raises:
        ValueError: If the weights do not fit the datasets.
    """
    if not isinstance(weights, Node):
        weights = np.ones(len(nodes)) if weights is None else np.asarray(weights, np.float64)
        if weights.shape != (len(nodes),) or (weights < 0).any() or not weights.sum() > 0:
            raise ValueError(
                message(
                    "The weights do not fit the datasets.",
                    expected=f"{len(nodes)} weights, none of them negative and not all 0",
                    received=f"{weights.tolist()}",
                )
            )
        # A dataset that is never drawn from cannot keep the others from coming to their end.
        drawn = [i for i, weight in enumerate(weights) if weight > 0]
        nodes, weights = [nodes[i] for i in drawn], weights[drawn]
    return ChoiceNode(nodes, WeightedNode(weights, seed, rerandomize), stop)
