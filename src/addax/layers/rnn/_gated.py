"""`GatedRNN`: what SimpleRNN, GRU and LSTM share as layers over whole sequences."""

from __future__ import annotations

from typing import Any

from addax.layers._layer import Layer
from addax.layers._spec import InputSpec
from addax.layers.rnn._rnn import RNN


def of_cell(name: str) -> Any:
    """An argument that the layer passes on to its cell, as a property of the layer."""

    def get(self: Any) -> Any:
        return getattr(self.cell, name)

    return property(get, doc=f"`{name}` of the cell.")


def cell_options(name: str, kwargs: dict[str, Any]) -> dict[str, Any]:
    """Arguments of `Layer` for the cell of a layer given `kwargs`; takes out what only the cell knows."""
    options = {"name": name, "dtype": kwargs.get("dtype"), "trainable": kwargs.get("trainable", True)}
    if "implementation" in kwargs:
        options["implementation"] = kwargs.pop("implementation")
    return options


class GatedRNN(RNN):
    """A recurrent layer with a cell of its own.

    Args:
        units: Size of the state and of the output.
        activation: Activation of the new state.
        recurrent_activation: Activation of the gates (not for SimpleRNN).
        use_bias: Whether a bias is added.
        kernel_initializer: Initializer of `kernel`, of shape `(input_dim, gates * units)`.
        recurrent_initializer: Initializer of `recurrent_kernel`, of shape `(units, gates * units)`.
        bias_initializer: Initializer of `bias`.
        unit_forget_bias: Whether the bias of the forget gate starts at one (LSTM only).
        reset_after: Whether the reset gate acts after the product with the recurrent kernel (GRU only).
        kernel_regularizer: Penalty on `kernel`.
        recurrent_regularizer: Penalty on `recurrent_kernel`.
        bias_regularizer: Penalty on `bias`.
        activity_regularizer: Penalty on the output.
        kernel_constraint: Constraint on `kernel`.
        recurrent_constraint: Constraint on `recurrent_kernel`.
        bias_constraint: Constraint on `bias`.
        dropout: Fraction of the inputs that is dropped in training; the same ones at each step.
        recurrent_dropout: Fraction of the state that is dropped in training; the same ones at each step.
        seed: Seed of the dropout.
        return_sequences: Whether the outputs of all steps are returned, or the last one alone.
        return_state: Whether the last states are returned after the output.
        go_backwards: Whether to go from the last step to the first; outputs come in the order they are made.
        stateful: Whether the last states are the first ones of the next batch; needs a fixed batch size.
        unroll: Whether the compiled loop is written out: faster for short sequences, longer to compile.
        use_cudnn: Accepted for Keras's sake; the compiler chooses.
        **kwargs: `zero_output_for_mask`, and arguments of `Layer`.

    Raises:
        ValueError: If an argument is wrong, or (when called) the input is not of rank 3.
    """

    units = of_cell("units")
    activation = of_cell("activation")
    use_bias = of_cell("use_bias")
    kernel_initializer = of_cell("kernel_initializer")
    recurrent_initializer = of_cell("recurrent_initializer")
    bias_initializer = of_cell("bias_initializer")
    kernel_regularizer = of_cell("kernel_regularizer")
    recurrent_regularizer = of_cell("recurrent_regularizer")
    bias_regularizer = of_cell("bias_regularizer")
    kernel_constraint = of_cell("kernel_constraint")
    recurrent_constraint = of_cell("recurrent_constraint")
    bias_constraint = of_cell("bias_constraint")
    dropout = of_cell("dropout")
    recurrent_dropout = of_cell("recurrent_dropout")
    seed = of_cell("seed")
    implementation = of_cell("implementation")

    def __init__(self, cell: Layer, **kwargs: Any) -> None:
        super().__init__(cell, **kwargs)
        self.input_spec = InputSpec(ndim=3)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        config = super().get_config()
        config.pop("cell")
        config.pop("use_cudnn", None)
        return config
