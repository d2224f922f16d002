"""`StackedRNNCells`, and what a cell is: its states, and how it runs over a sequence."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Mapping, Sequence
from typing import Any

from addax import ops
from addax.core import serial, tree
from addax.core.errors import message
from addax.engine import TensorShape
from addax.layers._layer import Layer
from addax.layers._spec import call_spec
from addax.layers.rnn._cell import GatedCell
from addax.layers.rnn._recurrence import Loop, step_through


class StackedRNNCells(Layer):
    """Several cells as one: each takes the output of the one before.

    Args:
        cells: The cells, the first one next to the input.
        **kwargs: Arguments of `Layer`.

    Raises:
        ValueError: If one of them is no cell.

    Example:
        >>> import addax as keras
        >>> cells = keras.layers.StackedRNNCells([keras.layers.LSTMCell(4) for _ in range(2)])
        >>> keras.layers.RNN(cells)(keras.ops.ones((2, 5, 3))).shape
        TensorShape([2, 4])
    """

    def __init__(self, cells: Sequence, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for cell in cells:
            check_cell(cell)
        self.cells = list(cells)

    @property
    def state_size(self) -> list:
        """The sizes of the states, for each cell."""
        return [cell.state_size for cell in self.cells]

    @property
    def output_size(self) -> Any:
        """The size of the last cell's output."""
        return output_size_of(self.cells[-1])

    def build(self, input_shape: Any) -> None:
        """Build the cells."""
        for cell in self.cells:
            if isinstance(cell, Layer) and not cell.built:
                cell.build(input_shape)
                cell.built = True
            size = output_size_of(cell)
            input_shape = TensorShape(
                (input_shape[0], *(size if isinstance(size, (list, tuple)) else (size,)))
            )

    def get_initial_state(self, batch_size: Any = None) -> list:
        """The first states of the cells for `batch_size` sequences, a list with an entry for each."""
        return [initial_state_of(cell, batch_size, self.compute_dtype) for cell in self.cells]

    def call(self, inputs: Any, states: Any, training: Any = False) -> tuple[Any, list]:
        """One step: `states` holds the states of each cell."""
        after: list = []
        for cell, before in zip(self.cells, states, strict=True):
            nested = isinstance(before, (list, tuple))
            options = {"training": training} if call_spec(type(cell)).training else {}
            call: Any = cell if callable(cell) else cell.call
            inputs, new = call(inputs, list(before) if nested else [before], **options)
            new = list(new) if isinstance(new, (list, tuple)) else [new]
            after.append(new if nested else new[0])
        return inputs, after

    def run(self, x: Any, states: list, valid: Any, training: Any, loop: Loop) -> tuple[Any, list]:
        """All steps, one cell after the other over the whole sequence: the same as step by step; see `run_cell`."""
        if loop.backwards:
            x = tree.map_structure(lambda x: ops.flip(x, axis=1), x)
            valid = None if valid is None else ops.flip(valid, axis=1)
        last = len(self.cells) - 1
        after: list = []
        for i, (cell, before) in enumerate(zip(self.cells, states, strict=True)):
            nested = isinstance(before, (list, tuple))
            own = dataclasses.replace(
                loop,
                backwards=False,
                sequences=loop.sequences or i < last,
                zero_output=loop.zero_output and i == last,
            )
            x, new = run_cell(cell, x, list(before) if nested else [before], valid, training, own)
            after.append(new if nested else new[0])
        return x, after

    @classmethod
    def from_config(cls, config: Mapping[str, Any], custom_objects: Mapping | None = None) -> Any:
        """Cells like those that gave `config`."""
        config = dict(config)
        given = config.pop("cells")
        cells = [
            serial.deserialize(c, custom_objects=custom_objects) if isinstance(c, dict) else c for c in given
        ]
        return super().from_config({"cells": cells, **config})


def check_cell(cell: Any) -> None:
    """Raise unless an object can be a cell.

    Raises:
        ValueError: What it lacks.
    """
    for what in ("call", "state_size"):
        if getattr(cell, what, None) is None:
            raise ValueError(
                message(
                    f"A cell needs `{what}`.",
                    expected="an object with call(inputs, states) and state_size, such as LSTMCell(units)",
                    received=cell,
                )
            )
    size = cell.state_size
    if not isinstance(size, (int, list, tuple)):
        raise ValueError(
            message("`state_size` of the cell is wrong.", expected="an integer or a list", received=size)
        )


def state_form(size: Any) -> Any:
    """A nest with None for each state, from a `state_size`: integers, shapes, and lists of them."""
    if isinstance(size, (int, TensorShape)):
        return None
    return [state_form(one) for one in size]


def output_size_of(cell: Any) -> Any:
    """The size of a cell's output: what it says, or the size of its first state."""
    size = getattr(cell, "output_size", None)
    if size is not None:
        return size
    size = cell.state_size
    return size if isinstance(size, (int, TensorShape)) else size[0]


def initial_state_of(cell: Any, batch_size: Any, dtype: Any) -> Any:
    """The first states of a cell: what it says itself, or zeros."""
    make = getattr(cell, "get_initial_state", None)
    if make is None:
        return zero_states(cell.state_size, batch_size, dtype)
    known = {"batch_size": batch_size, "dtype": dtype, "inputs": None}  # the last two for cells of tf.keras 2
    names = inspect.signature(make).parameters
    return make(**{name: value for name, value in known.items() if name in names})


def zero_states(size: Any, batch_size: Any, dtype: Any) -> Any:
    """Zeros for a `state_size`."""
    if isinstance(size, int):
        return ops.zeros((batch_size, size), dtype=dtype)
    if isinstance(size, TensorShape):
        return ops.zeros((batch_size, *size), dtype=dtype)
    return [zero_states(one, batch_size, dtype) for one in size]


def run_cell(cell: Any, x: Any, states: list, valid: Any, training: Any, loop: Loop) -> tuple[Any, list]:
    """Run a cell over sequences: a known one as one operation, any other step by step.

    Args:
        cell: The cell.
        x: A nest of tensors of shape (batch, time, ...).
        states: The first states.
        valid: The mask, of shape (batch, time), or None.
        training: Whether dropout is on.
        loop: How it runs.

    Returns:
        Outputs (or the last one), and the last states.
    """
    if _is_known(cell):
        return cell.run(x, states, valid, training, loop)
    options = {"training": training} if call_spec(type(cell)).training else {}
    call: Any = cell if callable(cell) else cell.call

    def step(x: Any, before: list) -> tuple[Any, Any]:
        return call(x, before, **options)

    time_first = tree.map_structure(lambda x: ops.swapaxes(x, 0, 1), x)
    before = None if valid is None else _first_output(cell, states)
    return step_through(step, time_first, states, valid, loop, before)


def _is_known(cell: Any) -> bool:
    """Whether a cell is one of ours, whose step was not overridden."""
    return any(
        isinstance(cell, base) and type(cell).call is base.call for base in (GatedCell, StackedRNNCells)
    )


def _first_output(cell: Any, states: list) -> Any:
    """What stands for the output before the first step: the state that is the output, or zeros."""
    state = states[-1] if isinstance(states[-1], (list, tuple)) else states
    size = output_size_of(cell)
    shape = tuple(size) if isinstance(size, (list, tuple)) else (size,)
    if tuple(state[0].shape[1:]) == shape or None in shape or -1 in shape:
        return state[0]
    return ops.zeros((state[0].shape[0], *shape), dtype=state[0].dtype)
