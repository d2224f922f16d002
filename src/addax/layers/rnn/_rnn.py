"""`RNN`: a recurrent layer around any cell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from addax import ops
from addax.core import context, serial, tree
from addax.core.errors import message
from addax.engine import Module, SymbolicTensor, Tensor, TensorShape, Variable
from addax.layers._layer import Layer
from addax.layers.rnn._recurrence import Loop
from addax.layers.rnn._stacked import StackedRNNCells, check_cell, initial_state_of, run_cell, state_form


class RNN(Layer):
    """Runs a cell over the time axis of a sequence.

    A cell is an object with `call(inputs, states)`, which gives an output and the next states, and with
    `state_size`: an integer, or a list with one for each state. It may have `output_size`, and
    `get_initial_state(batch_size=...)`; without, the states start at zero.

    Args:
        cell: A cell, or a list of cells that are stacked.
        return_sequences: Whether the outputs of all steps are returned, or the last one alone.
        return_state: Whether the last states are returned after the output.
        go_backwards: Whether to go from the last step to the first; outputs come in the order they are made.
        stateful: Whether the last states are the first ones of the next batch; needs a fixed batch size.
        unroll: Whether the loop is written out: faster for short sequences, longer to compile.
        zero_output_for_mask: Whether the output of a masked step is zero, or else that of the step before.
        **kwargs: Arguments of `Layer`.

    Raises:
        ValueError: If the cell has no `call` or no `state_size`, or (when called) the states do not fit.

    Example:
        >>> import addax as keras
        >>> rnn = keras.layers.RNN([keras.layers.LSTMCell(4), keras.layers.GRUCell(8)], return_sequences=True)
        >>> rnn(keras.ops.ones((2, 5, 3))).shape
        TensorShape([2, 5, 8])
    """

    supports_masking = True

    def __init__(
        self,
        cell: Any,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        zero_output_for_mask: bool = False,
        **kwargs: Any,
    ) -> None:
        if isinstance(cell, (list, tuple)):
            cell = StackedRNNCells(cell)
        check_cell(cell)
        super().__init__(**kwargs)
        self.zero_output_for_mask = zero_output_for_mask
        self.cell = cell
        self.return_sequences = return_sequences
        self.return_state = return_state
        self.go_backwards = go_backwards
        self.stateful = stateful
        self.unroll = unroll
        self.single_state = isinstance(cell.state_size, int)
        self.state_size: Any = [cell.state_size] if self.single_state else list(cell.state_size)
        self._kept = _Kept()

    def build(self, sequences_shape: Any, initial_state_shape: Any = None) -> None:
        """Build the cell, and the state of a stateful layer."""
        if isinstance(self.cell, Layer) and not self.cell.built:
            self.cell.build(_step_shape(sequences_shape))
            self.cell.built = True
        if self.stateful and self._kept.states is None:
            shape = _first_shape(sequences_shape)
            if shape[0] is None:
                raise ValueError(
                    message(
                        "A stateful recurrent layer needs a fixed batch size.",
                        where=self.path,
                        expected="a batch size in the input's shape",
                        received=f"shape {tuple(shape)}",
                        hint="Start the model with Input(batch_shape=(batch_size, steps, features)).",
                    )
                )
            self._keep_states(shape[0])

    def _keep_states(self, batch_size: int) -> None:
        def variable(value: Any) -> Variable:
            return Variable(
                np.zeros(value.shape), dtype=self.variable_dtype, trainable=False, name="rnn_state"
            )

        with context.entered(path=self._scope()):
            self._kept.states = tree.map_structure(variable, self.get_initial_state(batch_size))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Like any layer; also takes `[sequences, state, ...]` as tf.keras 2 did."""
        if args and isinstance(args[0], (list, tuple)) and len(args[0]) > 1 and "initial_state" not in kwargs:
            first, *rest = args[0]
            if _is_tensor(first) and all(_is_tensor(x) and len(x.shape) < len(first.shape) for x in rest):
                args = (first, *args[1:])
                kwargs["initial_state"] = rest
        return super().__call__(*args, **kwargs)

    def call(self, sequences: Any, initial_state: Any = None, mask: Any = None, training: Any = False) -> Any:
        """Run the cell over `sequences` of shape `(batch, time, ...)`.

        Args:
            sequences: The input.
            initial_state: The first state, or a list of them; zeros (or the kept states) if None.
            mask: Boolean tensor of shape `(batch, time)`; where it is false, output and states stay.
            training: Whether dropout is on.

        Returns:
            The output, of shape `(batch, time, units)` or `(batch, units)`; with `return_state`, a tuple
            of it and the last states.
        """
        states = self._first_states(tree.flatten(sequences)[0].shape[0], initial_state)
        valid = tree.flatten(mask)[0] if mask is not None else None
        loop = Loop(self.return_sequences, self.go_backwards, self.zero_output_for_mask, self.unroll)
        outputs, states = run_cell(self.cell, sequences, states, valid, training, loop)
        outputs, states = tree.map_structure(
            lambda x: ops.cast(x, self.compute_dtype), (outputs, list(states))
        )
        if self.stateful:
            for kept, state in zip(tree.flatten(self._kept.states), tree.flatten(states), strict=True):
                kept.assign(state)
        return (outputs, *states) if self.return_state else outputs

    def _first_states(self, batch_size: int, given: Any) -> list:
        if given is None:
            given = self._kept.states if self.stateful else self.get_initial_state(batch_size)
        given = list(given) if isinstance(given, (list, tuple)) else [given]
        states = tree.map_structure(lambda x: ops.cast(x, self.compute_dtype), given)
        wanted = tree.flatten(state_form(self.state_size))
        found = tree.flatten(states)
        if len(found) != len(wanted):
            raise ValueError(
                message(
                    "The number of initial states does not fit the cell.",
                    where=self.path,
                    expected=f"{len(wanted)} states, of sizes {self.state_size}",
                    received=f"{len(found)} of shapes {[tuple(x.shape) for x in found]}",
                )
            )
        if any(x.shape[0] != batch_size for x in found):
            raise ValueError(
                message(
                    "The states have another batch size than the sequences.",
                    where=self.path,
                    expected=f"batch size {found[0].shape[0]}, that of the states",
                    received=f"sequences of batch size {batch_size}",
                    hint="A stateful layer takes batches of one size only." if self.stateful else None,
                )
            )
        return tree.pack_sequence_as(state_form(self.state_size), found)

    def get_initial_state(self, batch_size: Any = None, inputs: Any = None, dtype: Any = None) -> list:
        """The states that a sequence starts with, for a batch size.

        Args:
            batch_size: The batch size.
            inputs: Sequences of that batch size, which tf.keras takes in its place.
            dtype: The dtype of the states; the layer's compute dtype if None.
        """
        if batch_size is None and inputs is not None:
            batch_size = ops.shape(inputs)[0]
        states = initial_state_of(self.cell, batch_size, self.compute_dtype if dtype is None else dtype)
        return list(states) if isinstance(states, (list, tuple)) else [states]

    @property
    def states(self) -> Any:
        """The variables that keep the states of a stateful layer, else None."""
        return self._kept.states

    def reset_state(self, states: Any = None) -> None:
        """Set the kept states to zero, or to given values."""
        kept = tree.flatten(self._kept.states) if self._kept.states is not None else []
        values = (
            tree.flatten(states) if states is not None else [ops.zeros(v.shape, dtype=v.dtype) for v in kept]
        )
        for variable, value in zip(kept, values, strict=True):
            variable.assign(value)

    def reset_states(self, states: Any = None) -> None:
        """The older name of `reset_state`."""
        self.reset_state(states)

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        """The mask of the input, for outputs of all steps."""
        mask = tree.flatten(previous_mask)[0] if self.return_sequences else None
        return [mask, *[None] * len(tree.flatten(state_form(self.state_size)))] if self.return_state else mask

    @classmethod
    def from_config(cls, config: Mapping[str, Any], custom_objects: Mapping | None = None) -> Any:
        """A layer like the one that gave `config`."""
        config = dict(config)
        if isinstance(config.get("cell"), dict):
            config["cell"] = serial.deserialize(config["cell"], custom_objects=custom_objects)
        return super().from_config(config)


class _Kept(Module):
    """The states that a stateful layer keeps: variables, but no weights."""

    def __init__(self) -> None:
        self.states: Any = None


def _is_tensor(x: Any) -> bool:
    return isinstance(x, (Tensor, SymbolicTensor))


def _first_shape(shape: Any) -> Any:
    """The shape of the first sequence of a nest."""
    if isinstance(shape, dict):
        shape = [shape[key] for key in sorted(shape)]
    return _first_shape(shape[0]) if _is_nest(shape) else shape


def _is_nest(shape: Any) -> bool:
    """Whether something is a list or tuple of shapes, and not a shape."""
    return isinstance(shape, (list, tuple)) and bool(shape) and isinstance(shape[0], (list, tuple, dict))


def _step_shape(shape: Any) -> Any:
    """The shape of one step of sequences of a shape (or of a nest of shapes)."""
    if _is_nest(shape):
        return [_step_shape(s) for s in shape]
    if isinstance(shape, dict):
        return {key: _step_shape(s) for key, s in shape.items()}
    return TensorShape((shape[0], *shape[2:]))
