"""`tf.nn`: cells of recurrent layers around other cells: with dropout, with a residual connection, on a device.

A saved model with such a cell can be loaded once its name has been used (`tf.nn.RNNCellDropoutWrapper`), as one with a
registered class of the user's: files alone cannot bring it in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from addax import ops, random
from addax.core import serial, tree
from addax.core.errors import message
from addax.core.registry import register_keras_serializable
from addax.engine import _operators as operators
from addax.layers import Layer
from addax.tf._scopes import device as on_device


class _CellWrapper(Layer):
    """A cell that has the states and the output of another one.

    Args:
        cell: The cell, such as `tf.keras.layers.GRUCell(units)`.
        **kwargs: Arguments of `Layer`.
    """

    def __init__(self, cell: Any, **kwargs: Any) -> None:
        for what in ("call", "state_size", "output_size"):
            if not hasattr(cell, what):
                raise TypeError(
                    message(
                        f"A cell needs `{what}`.",
                        where=type(self).__name__,
                        expected="a cell such as tf.keras.layers.LSTMCell(units)",
                        received=cell,
                    )
                )
        super().__init__(**kwargs)
        self.cell = cell

    @property
    def state_size(self) -> Any:
        """The sizes of the cell's states."""
        return self.cell.state_size

    @property
    def output_size(self) -> Any:
        """The size of the cell's output."""
        return self.cell.output_size

    def build(self, input_shape: Any) -> None:
        """Build the cell."""
        if isinstance(self.cell, Layer) and not self.cell.built:
            self.cell.build(input_shape)
            self.cell.built = True

    def get_initial_state(self, batch_size: Any = None) -> Any:
        """The first states of the cell for `batch_size` sequences."""
        return self.cell.get_initial_state(batch_size=batch_size)

    def _step(self, inputs: Any, states: Any) -> tuple[Any, Any]:
        """One step of the cell: its output, and its states in the form in which they were given."""
        step: Any = self.cell if callable(self.cell) else self.cell.call
        alone = not isinstance(states, (list, tuple))
        found, after = step(inputs, [states] if alone else states)
        if alone and isinstance(after, (list, tuple)):
            after = after[0]
        return found, after

    @classmethod
    def from_config(cls, config: Mapping[str, Any], custom_objects: Mapping | None = None) -> Any:
        """A wrapper like the one that gave `config`."""
        config = dict(config)
        if isinstance(config["cell"], dict):
            config["cell"] = serial.deserialize(config["cell"], custom_objects=custom_objects)
        return super().from_config(config)


@register_keras_serializable("tf.nn")
class RNNCellDropoutWrapper(_CellWrapper):
    """A cell with dropout on its input, output and states, in training and afterwards.

    Args:
        cell: The cell, such as `tf.keras.layers.GRUCell(units)`.
        input_keep_prob: How likely an element of the input is kept; those that are kept are divided by it.
        output_keep_prob: The same for the output.
        state_keep_prob: The same for the states that a step gives.
        variational_recurrent: Whether the same elements are dropped at each step and in each sequence
            (arXiv:1512.05287).
        input_size: The size of the last axis of the input, or its shape without the batch; `variational_recurrent`
            needs it for dropout on the input.
        dtype: The dtype, which `variational_recurrent` needs.
        seed: An integer for draws that repeat from run to run.
        dropout_state_filter_visitor: A function of the states, and of each part of them, that says whether dropout
            acts on it: a boolean, or one for each part; on all if None.
        **kwargs: Arguments of `Layer`.

    Raises:
        TypeError: If `cell` is no cell.
        ValueError: If a probability is not in [0, 1], or an argument is lacking.

    Example:
        >>> import addax.tf as tf
        >>> cell = tf.nn.RNNCellDropoutWrapper(tf.keras.layers.GRUCell(4), output_keep_prob=0.9, seed=1)
        >>> tf.keras.layers.RNN(cell)(tf.ones((2, 5, 3))).shape
        TensorShape([2, 4])
    """

    def __init__(
        self,
        cell: Any,
        input_keep_prob: Any = 1.0,
        output_keep_prob: Any = 1.0,
        state_keep_prob: Any = 1.0,
        variational_recurrent: bool = False,
        input_size: Any = None,
        dtype: Any = None,
        seed: int | None = None,
        dropout_state_filter_visitor: Callable | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(cell, dtype=dtype, **kwargs)
        self.input_keep_prob = _probability(input_keep_prob, "input_keep_prob")
        self.output_keep_prob = _probability(output_keep_prob, "output_keep_prob")
        self.state_keep_prob = _probability(state_keep_prob, "state_keep_prob")
        if dropout_state_filter_visitor is not None and not callable(dropout_state_filter_visitor):
            raise TypeError(
                message(
                    "`dropout_state_filter_visitor` is no function.", received=dropout_state_filter_visitor
                )
            )
        self.variational_recurrent = bool(variational_recurrent)
        self.input_size = input_size
        self.seed = seed
        self.dropout_state_filter_visitor = dropout_state_filter_visitor
        self._seeds = random.SeedGenerator(seed)
        self._masks: dict[str, Any] = {}
        if variational_recurrent:
            self._draw_masks(dtype)

    def _draw_masks(self, dtype: Any) -> None:
        if dtype is None:
            raise ValueError(message("variational_recurrent=True needs the dtype.", expected="dtype="))
        if self.input_size is None and self.input_keep_prob < 1:
            raise ValueError(
                message(
                    "variational_recurrent=True needs the size of the input, for dropout on it.",
                    expected="input_size=",
                )
            )
        for part, size in (
            ("input", self.input_size),
            ("output", self.output_size),
            ("state", self.state_size),
        ):
            keep = getattr(self, f"{part}_keep_prob")
            if keep < 1:
                self._masks[part] = [self._mask(one, keep, dtype) for one in _sizes(size)]

    def _mask(self, size: tuple[int, ...], keep: float, dtype: Any) -> Any:
        return self._dropped(ops.ones((1, *size), dtype), keep)

    def _dropped(self, x: Any, keep: float) -> Any:
        return operators.multiply(x, 0) if keep == 0 else random.dropout(x, 1 - keep, seed=self._seeds)

    def call(self, inputs: Any, states: Any) -> tuple[Any, Any]:
        """One step of the cell: `states` are those before it."""
        inputs = self._with_dropout(inputs, "input")
        found, after = self._step(inputs, states)
        return self._with_dropout(found, "output"), self._with_dropout(after, "state")

    def _with_dropout(self, values: Any, part: str) -> Any:
        keep = getattr(self, f"{part}_keep_prob")
        if keep == 1:
            return values
        flat = tree.flatten(values)
        chosen = [True] * len(flat)
        if part == "state" and self.dropout_state_filter_visitor is not None:
            chosen = _chosen(self.dropout_state_filter_visitor, values)
        masks = self._masks.get(part)
        for i, (one, wanted) in enumerate(zip(flat, chosen, strict=True)):
            if wanted:
                flat[i] = operators.multiply(one, masks[i]) if masks else self._dropped(one, keep)
        return tree.pack_sequence_as(values, flat)


def _probability(value: Any, name: str) -> float:
    found = float(value)
    if not 0 <= found <= 1:
        raise ValueError(
            message(f"`{name}` is no probability.", expected="a number from 0 to 1", received=value)
        )
    return found


def _sizes(size: Any) -> list[tuple[int, ...]]:
    """The shapes, without the batch, of what has this size: an integer, a shape, or a list of them."""
    if isinstance(size, int):
        return [(size,)]
    if hasattr(size, "as_list"):
        return [tuple(size.as_list())]
    return [one for part in size for one in _sizes(part)]


def _chosen(visitor: Callable, state: Any) -> list[bool]:
    """For each tensor of a state whether the visitor wants it."""
    said = visitor(state)
    if not tree.is_nested(state):
        return [bool(said)]
    parts = list(state.values()) if isinstance(state, Mapping) else list(state)
    wanted = [said] * len(parts) if isinstance(said, bool) else tree.flatten(said)
    found: list[bool] = []
    for part, want in zip(parts, wanted, strict=True):
        found += _chosen(visitor, part) if want else [False] * len(tree.flatten(part))
    return found


@register_keras_serializable("tf.nn")
class RNNCellResidualWrapper(_CellWrapper):
    """A cell whose input is added to its output.

    Args:
        cell: The cell, such as `tf.keras.layers.GRUCell(units)`.
        residual_fn: A function of the cell's input and output that gives the output; their sum if None.
        **kwargs: Arguments of `Layer`.

    Raises:
        TypeError: If `cell` is no cell.
        ValueError: If (when called) input and output have other shapes, and `residual_fn` is None.

    Example:
        >>> import addax.tf as tf
        >>> cell = tf.nn.RNNCellResidualWrapper(tf.keras.layers.GRUCell(3))
        >>> tf.keras.layers.RNN(cell)(tf.ones((2, 5, 3))).shape
        TensorShape([2, 3])
    """

    def __init__(self, cell: Any, residual_fn: Callable | None = None, **kwargs: Any) -> None:
        super().__init__(cell, **kwargs)
        self.residual_fn = residual_fn

    def call(self, inputs: Any, states: Any) -> tuple[Any, Any]:
        """One step of the cell: `states` are those before it."""
        found, after = self._step(inputs, states)
        join = self.residual_fn or (lambda x, y: tree.map_structure(_sum, x, y))
        return join(inputs, found), after


def _sum(x: Any, y: Any) -> Any:
    if tuple(x.shape) != tuple(y.shape):
        raise ValueError(
            message(
                "Input and output of the cell have other shapes, and cannot be added.",
                expected=tuple(x.shape),
                received=tuple(y.shape),
                hint="Give the cell as many units as the input has features, or pass residual_fn=.",
            )
        )
    return operators.add(x, y)


@register_keras_serializable("tf.nn")
class RNNCellDeviceWrapper(_CellWrapper):
    """A cell that runs on a device.

    Args:
        cell: The cell, such as `tf.keras.layers.GRUCell(units)`.
        device: The device, as for `tf.device`.
        **kwargs: Arguments of `Layer`.

    Raises:
        TypeError: If `cell` is no cell.
        RuntimeError: If (when called) there is no such device.

    Example:
        >>> import addax.tf as tf
        >>> cell = tf.nn.RNNCellDeviceWrapper(tf.keras.layers.GRUCell(4), "/CPU:0")
        >>> tf.keras.layers.RNN(cell)(tf.ones((2, 5, 3))).shape
        TensorShape([2, 4])
    """

    def __init__(self, cell: Any, device: Any, **kwargs: Any) -> None:
        super().__init__(cell, **kwargs)
        self.device = device

    def get_initial_state(self, batch_size: Any = None) -> Any:
        """The first states of the cell for `batch_size` sequences, on the device."""
        with on_device(self.device):
            return super().get_initial_state(batch_size)

    def call(self, inputs: Any, states: Any) -> tuple[Any, Any]:
        """One step of the cell: `states` are those before it."""
        with on_device(self.device):
            return self._step(inputs, states)


__all__ = ["RNNCellDeviceWrapper", "RNNCellDropoutWrapper", "RNNCellResidualWrapper"]
