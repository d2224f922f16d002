"""`LSTM` and `LSTMCell`."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from addax import activations, ops
from addax.kernels._recurrent import LSTM as LSTM_KERNEL
from addax.layers._docs import documented
from addax.layers.rnn._cell import GatedCell
from addax.layers.rnn._gated import GatedRNN, cell_options, of_cell
from addax.layers.rnn._recurrence import Rule, product


@dataclasses.dataclass(frozen=True)
class LSTMRule(Rule):
    """Gates i, f, o, candidate g: `c = f * c + i * g`, `h = o * activation(c)` (Hochreiter et al., 1997)."""

    recurrent_activation: Callable
    _gate_axis = -1

    def _of_state(self, h: Any, kernel: Any, masks: list) -> Any:
        return product(h, kernel, masks)

    @property
    def kernel(self) -> Any:
        """See `Rule`."""
        ours = (self.activation, self.recurrent_activation) == (activations.tanh, activations.sigmoid)
        return LSTM_KERNEL if ours and type(self) is LSTMRule else None

    def step(self, z: Any, states: list, weights: list, masks: list) -> tuple[Any, list]:
        """See `Rule`."""
        h, c = states
        i, f, g, o = ops.split(z + self._of_state(h, weights[1], masks), 4, axis=self._gate_axis)
        gate = self.recurrent_activation
        c = gate(f) * c + gate(i) * self.activation(g)
        h = gate(o) * self.activation(c)
        return h, [h, c]


class ForgetBias:
    """The first bias of an LSTM: that of an initializer, but ones for the forget gate.

    Args:
        initializer: Initializer of the other gates.
    """

    def __init__(self, initializer: Any) -> None:
        self.initializer = initializer

    def __call__(self, shape: Any, dtype: Any = None) -> np.ndarray:
        """The bias of shape `(4 * units,)`, gates in the order input, forget, new, output."""
        units = shape[0] // 4
        first = np.asarray(self.initializer((units,), dtype=dtype))
        rest = np.asarray(self.initializer((2 * units,), dtype=dtype))
        return np.concatenate([first, np.ones_like(first), rest])


@documented
class LSTMCell(GatedCell):
    """One step of `LSTM`, long short-term memory.

    Gates stand in the order input, forget, new, output in the kernels and the bias. The states are the output
    and the memory.

    Example:
        >>> import addax as keras
        >>> keras.layers.RNN(keras.layers.LSTMCell(4))(keras.ops.ones((2, 5, 3))).shape
        TensorShape([2, 4])
    """

    _gates = 4
    _states = 2

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        unit_forget_bias: bool = True,
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            units,
            activation=activation,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer,
            bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer,
            recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer,
            kernel_constraint=kernel_constraint,
            recurrent_constraint=recurrent_constraint,
            bias_constraint=bias_constraint,
            dropout=dropout,
            recurrent_dropout=recurrent_dropout,
            seed=seed,
            **kwargs,
        )
        self.recurrent_activation = activations.get(recurrent_activation)
        self.unit_forget_bias = bool(unit_forget_bias)

    def _rule(self) -> Rule:
        return LSTMRule(self.activation, self.recurrent_activation)

    def _bias_start(self) -> Any:
        return ForgetBias(self.bias_initializer) if self.unit_forget_bias else self.bias_initializer


@documented
class LSTM(GatedRNN):
    """Long short-term memory: three gates around a memory (Hochreiter, Schmidhuber, 1997).

    Example:
        >>> import addax as keras
        >>> keras.layers.LSTM(4, return_sequences=True)(keras.ops.ones((2, 5, 3))).shape
        TensorShape([2, 5, 4])
    """

    recurrent_activation = of_cell("recurrent_activation")
    unit_forget_bias = of_cell("unit_forget_bias")

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        unit_forget_bias: bool = True,
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: Any = None,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        use_cudnn: Any = "auto",
        **kwargs: Any,
    ) -> None:
        cell = LSTMCell(
            units,
            activation=activation,
            recurrent_activation=recurrent_activation,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer,
            bias_initializer=bias_initializer,
            unit_forget_bias=unit_forget_bias,
            kernel_regularizer=kernel_regularizer,
            recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer,
            kernel_constraint=kernel_constraint,
            recurrent_constraint=recurrent_constraint,
            bias_constraint=bias_constraint,
            dropout=dropout,
            recurrent_dropout=recurrent_dropout,
            seed=seed,
            **cell_options("lstm_cell", kwargs),
        )
        super().__init__(
            cell,
            return_sequences=return_sequences,
            return_state=return_state,
            go_backwards=go_backwards,
            stateful=stateful,
            unroll=unroll,
            activity_regularizer=activity_regularizer,
            **kwargs,
        )
        self.use_cudnn = use_cudnn
