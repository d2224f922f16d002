"""`rejection_resample`: elements left out at random, so that their classes come in given shares."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from addax.core.errors import message
from addax.data._element import to_host
from addax.data._function import Function
from addax.data._map import arguments, check_arguments
from addax.data._node import UNKNOWN_SIZE, Cursor, Node, Transformation
from addax.data._random import Orders, seed_of
from addax.data._spec import UNKNOWN, TensorSpec

_SMOOTHING = 10.0  # elements of each class that are taken for granted before any were seen


class ResampleNode(Transformation):
    """Pairs of class and element. See `Dataset.rejection_resample`.

    An element of class i stays with the probability `(target[i] / initial[i]) / max(target / initial)`.

    Args:
        node: The input.
        class_func: Gives the class of an element.
        target: The shares that are wanted.
        initial: The shares of the input; counted if None.
        seed: The seed.
    """

    label = "Resample"

    def __init__(self, node: Node, class_func: Callable, target: Any, initial: Any, seed: int) -> None:
        self.inputs = (node,)
        self.target = _shares(target, "target_dist")
        self.initial = None if initial is None else _shares(initial, "initial_dist")
        if self.initial is not None and self.initial.shape != self.target.shape:
            raise ValueError(
                message(
                    "initial_dist and target_dist have different numbers of classes.",
                    expected=f"shape {self.target.shape}",
                    received=f"shape {self.initial.shape}",
                )
            )
        self.function = Function(class_func, "rejection_resample", seed_of(None))
        self.epochs = Orders(seed, True)
        spec = node.spec()
        if spec is not UNKNOWN:
            check_arguments(class_func, arguments(spec), "rejection_resample")

    def cursor(self) -> Cursor:
        """See `Node.cursor`."""
        return _Resampled(self)

    def make_spec(self, run: bool) -> Any:
        """See `Node.spec`."""
        spec = self.input.spec(run)
        return UNKNOWN if spec is UNKNOWN else (TensorSpec((), "int32"), spec)

    def cardinality(self) -> int:
        """See `Node.cardinality`."""
        return UNKNOWN_SIZE


def _shares(value: Any, argument: str) -> np.ndarray:
    shares = to_host(value, argument).astype(np.float64)
    if shares.ndim != 1 or (shares < 0).any() or not np.isclose(shares.sum(), 1.0, atol=1e-3):
        raise ValueError(
            message(
                f"{argument} must hold shares.", expected="numbers from 0 on that add up to 1", received=value
            )
        )
    return shares


class _Resampled(Cursor):
    def __init__(self, node: ResampleNode) -> None:
        self.node = node
        self.child = node.input.start()
        self.draws = node.epochs.start()
        self.seen = np.full(len(node.target), _SMOOTHING)

    def next(self) -> Any:
        while True:
            element = self.child.next()
            label = self._class_of(element)
            if self.draws.uniform(1)[0] < self._odds()[label]:
                return np.asarray(label, np.int32), element

    def _class_of(self, element: Any) -> int:
        function = self.node.function
        label = int(function.one(arguments(element), function.keys.sample()))
        if not 0 <= label < len(self.seen):
            raise ValueError(
                message(
                    "class_func gave a class that target_dist does not have.",
                    expected=f"0 to {len(self.seen) - 1}",
                    received=label,
                )
            )
        self.seen[label] += 1
        return label

    def _odds(self) -> np.ndarray:
        """The probability that an element stays, for each class."""
        initial = self.seen / self.seen.sum() if self.node.initial is None else self.node.initial
        ratios = np.divide(self.node.target, initial, out=np.zeros_like(initial), where=initial > 0)
        return ratios / ratios.max()

    def get_state(self) -> Any:
        return {"draws": self.draws.get_state(), "seen": self.seen.copy(), "input": self.child.get_state()}

    def set_state(self, state: Any) -> None:
        self.draws.set_state(state["draws"])
        self.seen = np.array(state["seen"])
        self.child.set_state(state["input"])
