"""`SimpleRNN` and `SimpleRNNCell`."""

from __future__ import annotations

from typing import Any

from addax import activations
from addax.kernels._recurrent import SIMPLE
from addax.layers._docs import documented
from addax.layers.rnn._cell import GatedCell
from addax.layers.rnn._gated import GatedRNN, cell_options
from addax.layers.rnn._recurrence import Rule, product


class SimpleRNNRule(Rule):
    """`activation(x @ kernel + h @ recurrent_kernel + bias)`."""

    @property
    def kernel(self) -> Any:
        """See `Rule`."""
        return SIMPLE if self.activation is activations.tanh else None

    def step(self, z: Any, states: list, weights: list, masks: list) -> tuple[Any, list]:
        """See `Rule`."""
        output = self.activation(z + product(states[0], weights[1], masks))
        return output, [output]


@documented
class SimpleRNNCell(GatedCell):
    """One step of `SimpleRNN`: `activation(x @ kernel + h @ recurrent_kernel + bias)`.

    Example:
        >>> import addax as keras
        >>> rnn = keras.layers.RNN(keras.layers.SimpleRNNCell(4))
        >>> rnn(keras.ops.ones((2, 5, 3))).shape
        TensorShape([2, 4])
    """

    def _rule(self) -> Rule:
        return SimpleRNNRule(self.activation)


@documented
class SimpleRNN(GatedRNN):
    """A recurrence whose output is its next state: `activation(x @ kernel + h @ recurrent_kernel + bias)`.

    Example:
        >>> import addax as keras
        >>> keras.layers.SimpleRNN(4, return_sequences=True)(keras.ops.ones((2, 5, 3))).shape
        TensorShape([2, 5, 4])
    """

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
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
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        seed: Any = None,
        **kwargs: Any,
    ) -> None:
        cell = SimpleRNNCell(
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
            **cell_options("simple_rnn_cell", kwargs),
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

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments; without the seed, as Keras writes it."""
        config = super().get_config()
        config.pop("seed")
        return config
