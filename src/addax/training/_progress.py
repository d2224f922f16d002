"""Where a `fit` stands, and where its data stand: what has to be known to go on from there."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np


@dataclass
class Progress:
    """The place that a run of `fit` has reached.

    Attributes:
        epoch: The epoch that runs, counted from 0.
        step: Batches of it that are done.
        whole: Whether the epoch is over, its validation included.
        stopped: Of a run that goes on: whether a callback had ended training.
        logs: Of a run that goes on: what it last logged before.
        step_time: Seconds that the device takes for a step, as far as this run has learnt it.
        input_bound: The share of the epoch in which the device waited for data, None if it hardly did.
    """

    epoch: int = 0
    step: int = 0
    whole: bool = False
    stopped: bool = False
    logs: dict[str, Any] = field(default_factory=dict)
    step_time: float = 0.0
    input_bound: float | None = None

    def epochs(self, last: int) -> range:
        """The epochs that are left."""
        return range(self.epoch, self.epoch + (self.step > 0) if self.stopped else last)

    def begin(self, epoch: int) -> None:
        """An epoch begins."""
        self.epoch, self.step, self.whole, self.input_bound = epoch, 0, False, None

    @property
    def logs_so_far(self) -> dict[str, Any] | None:
        """The last logs of an epoch that an earlier run has begun; None of one that begins here."""
        return self.logs if self.step else None


# Generators of the process -------------------------------------------------------------------------------
def numpy_state() -> dict[str, Any]:
    """The state of NumPy's global generator, as a nest of numbers, texts and arrays."""
    return {"numpy": np.random.get_state(legacy=False)}


def random_state() -> dict[str, Any]:
    """The state of NumPy's and Python's global generators, as a nest of numbers, texts and arrays."""
    return {**numpy_state(), "python": random.getstate()}


def set_random_state(state: dict[str, Any]) -> None:
    """Put the generators where `random_state` (or `numpy_state`) found them.

    Raises:
        ValueError: If it is no such state.
        TypeError: Likewise.
    """
    if "python" in state:
        version, numbers, following = state["python"]
        random.setstate((version, tuple(int(n) for n in numbers), following))
    np.random.set_state(state["numpy"])


@contextlib.contextmanager
def drawing_from(state: dict[str, Any] | None) -> Iterator[None]:
    """Within the block the generators are at `state` (if any); behind it they are where they were."""
    now = random_state()
    if state is not None:
        set_random_state(state)
    try:
        yield
    finally:
        set_random_state(now)


# Data ----------------------------------------------------------------------------------------------------
class _Pass(NamedTuple):
    first: int  # the batch of this epoch that it began with; negative if it began in an earlier one
    random: dict[str, Any] | None  # the generators before it began, if it draws from them
    state: Any  # of its iterator at the start, if iterators have one


class Passes:
    """The passes over the data that an epoch is made of, and how many batches it has given.

    An epoch of `steps_per_epoch` batches may begin in the middle of a pass, and end in that of another.
    """

    def __init__(self) -> None:
        self.given = 0
        self._begun: list[_Pass] = []

    def start_epoch(self, step: int) -> None:
        """An epoch begins, the first `step` batches of which were given before."""
        shift = self.given - step
        self._begun = [one._replace(first=one.first - shift) for one in self._begun[-1:]]
        self.given = step

    def begin(self, drawn: dict[str, Any] | None) -> None:
        """A pass begins; `drawn` are the generators that it will draw from, before it does."""
        self._begun.append(_Pass(self.given, drawn, None))

    def note(self, state: Any) -> None:
        """The state of the iterator of the pass that has just begun."""
        self._begun[-1] = self._begun[-1]._replace(state=state)

    def position(self, step: int | None) -> dict[str, Any] | None:
        """How to come to where the first `step` batches of the epoch (all that were given, if None) are done.

        Returns:
            `given`, batches of the epoch; `done`, batches of the pass; what the pass began with, `random` and
            `state`. None if no pass has begun.
        """
        step = self.given if step is None else step
        for one in reversed(self._begun):
            if one.first <= step:
                return {"given": step, "done": step - one.first, "random": one.random, "state": one.state}
        return None

    def go_to(self, position: dict[str, Any]) -> None:
        """Stand where `position` was called."""
        self.given = int(position["given"])
        first = self.given - int(position["done"])
        self._begun = [_Pass(first, position["random"], position["state"])]
