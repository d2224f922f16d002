"""`GRU` and `GRUCell`."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from addax import activations, ops
from addax.kernels._recurrent import GRU as GRU_KERNEL
from addax.layers._docs import documented
from addax.layers.rnn._cell import GatedCell
from addax.layers.rnn._gated import GatedRNN, cell_options, of_cell
from addax.layers.rnn._recurrence import Rule, product


@dataclasses.dataclass(frozen=True)
class GRURule(Rule):
    """Update gate z, reset gate r, candidate n; the new state is `z * h + (1 - z) * n` (Cho et al., 2014)."""

    recurrent_activation: Callable
    reset_after: bool

    def project(self, x: Any, weights: list, masks: list) -> Any:
        """See `Rule`; with `reset_after` the bias has a row for the input and one for the state."""
        kernel, recurrent_kernel, bias = weights
        if self.reset_after and bias is not None:
            bias = bias[0]
        return super().project(x, [kernel, recurrent_kernel, bias], masks)

    @property
    def kernel(self) -> Any:
        """See `Rule`."""
        ours = (self.activation, self.recurrent_activation) == (activations.tanh, activations.sigmoid)
        return GRU_KERNEL if ours and self.reset_after else None

    def step(self, z: Any, states: list, weights: list, masks: list) -> tuple[Any, list]:
        """See `Rule`."""
        h = states[0]
        x_update, x_reset, x_new = ops.split(z, 3, axis=-1)
        if self.reset_after:
            gates = product(h, weights[1], masks)
            gates = gates if weights[2] is None else gates + weights[2][1]
            h_update, h_reset, h_new = ops.split(gates, 3, axis=-1)
            reset = self.recurrent_activation(x_reset + h_reset)
            h_new = reset * h_new
        else:
            units = h.shape[-1]
            gates = product(h, weights[1][:, : 2 * units], masks[:2])
            h_update, h_reset = ops.split(gates, 2, axis=-1)
            reset = self.recurrent_activation(x_reset + h_reset)
            h_new = product(reset * h, weights[1][:, 2 * units :], masks[2:])
        update = self.recurrent_activation(x_update + h_update)
        output = update * h + (1 - update) * self.activation(x_new + h_new)
        return output, [output]


@documented
class GRUCell(GatedCell):
    """One step of `GRU`, a gated recurrent unit.

    Gates stand in the order update, reset, new in the kernels. With `reset_after` (as in cuDNN) the bias is
    of shape `(2, 3 * units)`.

    Example:
        >>> import addax as keras
        >>> keras.layers.RNN(keras.layers.GRUCell(4))(keras.ops.ones((2, 5, 3))).shape
        TensorShape([2, 4])
    """

    _gates = 3

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        reset_after: bool = True,
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
        self.reset_after = bool(reset_after)

    def _rule(self) -> Rule:
        return GRURule(self.activation, self.recurrent_activation, self.reset_after)

    def _bias_shape(self) -> tuple[int, ...]:
        return (2, 3 * self.units) if self.reset_after else (3 * self.units,)


@documented
class GRU(GatedRNN):
    """Gated recurrent unit: two gates decide what of the state is kept (Cho et al., 2014).

    Example:
        >>> import addax as keras
        >>> output, state = keras.layers.GRU(4, return_state=True)(keras.ops.ones((2, 5, 3)))
        >>> output.shape, state.shape
        (TensorShape([2, 4]), TensorShape([2, 4]))
    """

    recurrent_activation = of_cell("recurrent_activation")
    reset_after = of_cell("reset_after")

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
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
        reset_after: bool = True,
        use_cudnn: Any = "auto",
        **kwargs: Any,
    ) -> None:
        cell = GRUCell(
            units,
            activation=activation,
            recurrent_activation=recurrent_activation,
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
            reset_after=reset_after,
            seed=seed,
            **cell_options("gru_cell", kwargs),
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
