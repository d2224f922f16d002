"""`GatedCell`: what the cells of SimpleRNN, GRU and LSTM share."""

from __future__ import annotations

from typing import Any

from addax import activations, constraints, initializers, ops, random, regularizers
from addax.core.errors import message
from addax.layers import _arguments
from addax.layers._layer import Layer
from addax.layers.rnn._recurrence import Loop, Rule, one_step, project, recurrence, step_through


class GatedCell(Layer):
    """One step of a recurrence with a kernel for the input, one for the state, and a bias.

    Args:
        units: Size of the state and of the output.
        activation: Activation of the new state.
        recurrent_activation: Activation of the gates (not for SimpleRNN).
        use_bias: Whether a bias is added.
        kernel_initializer: Initializer of `kernel`, of shape `(input_dim, gates * units)`.
        recurrent_initializer: Initializer of `recurrent_kernel`, of shape `(units, gates * units)`.
        bias_initializer: Initializer of `bias`.
        unit_forget_bias: Whether the bias of the forget gate starts at 1 (LSTM only).
        kernel_regularizer: Penalty on `kernel`.
        recurrent_regularizer: Penalty on `recurrent_kernel`.
        bias_regularizer: Penalty on `bias`.
        kernel_constraint: Constraint on `kernel`.
        recurrent_constraint: Constraint on `recurrent_kernel`.
        bias_constraint: Constraint on `bias`.
        dropout: Fraction of the inputs that is dropped in training; the same ones at each step.
        recurrent_dropout: Fraction of the state that is dropped in training; the same ones at each step.
        seed: Seed of the dropout.
        **kwargs: Arguments of `Layer`.

    Raises:
        ValueError: If `units` is not a positive integer, or a rate is outside of 0 to 1.
    """

    _gates = 1
    _states = 1

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
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: Any = None,
        **kwargs: Any,
    ) -> None:
        implementation = kwargs.pop("implementation", 2)
        super().__init__(**kwargs)
        where = type(self).__name__
        self.units = _arguments.positive_int(units, "units", where)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.recurrent_initializer = initializers.get(recurrent_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.recurrent_regularizer = regularizers.get(recurrent_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.recurrent_constraint = constraints.get(recurrent_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.dropout = _arguments.fraction(dropout, "dropout", where)
        self.recurrent_dropout = _arguments.fraction(recurrent_dropout, "recurrent_dropout", where)
        self.seed = seed
        self.seed_generator = random.SeedGenerator(seed)
        self.implementation = 1 if self.recurrent_dropout else implementation
        self.state_size: Any = self.units if self._states == 1 else [self.units] * self._states
        self.output_size = self.units

    def build(self, input_shape: Any) -> None:
        """Create `kernel`, `recurrent_kernel` and `bias`."""
        width = input_shape[-1]
        if width is None:
            raise ValueError(
                message(
                    f"{type(self).__name__} needs to know the size of the last axis.",
                    where=self.path,
                    received=input_shape,
                )
            )
        size = self._gates * self.units
        self.kernel = self._weight("kernel", (width, size), "kernel", self.kernel_initializer)
        self.recurrent_kernel = self._weight(
            "recurrent_kernel", (self.units, size), "recurrent", self.recurrent_initializer
        )
        self.bias = None
        if self.use_bias:
            self.bias = self._weight("bias", self._bias_shape(), "bias", self._bias_start())

    def _weight(self, name: str, shape: tuple, kind: str, initializer: Any) -> Any:
        return self.add_weight(
            name=name,
            shape=shape,
            initializer=initializer,
            regularizer=getattr(self, f"{kind}_regularizer"),
            constraint=getattr(self, f"{kind}_constraint"),
        )

    def _bias_shape(self) -> tuple[int, ...]:
        return (self._gates * self.units,)

    def _bias_start(self) -> Any:
        return self.bias_initializer

    def _rule(self) -> Rule:
        """What the cell computes."""
        raise TypeError(f"{type(self).__name__} is a base class without a rule.")

    def get_initial_state(self, batch_size: Any = None) -> list:
        """States of zeros, each of shape `(batch_size, units)`."""
        return [ops.zeros((batch_size, self.units), dtype=self.compute_dtype) for _ in range(self._states)]

    def call(self, inputs: Any, states: Any, training: Any = False) -> tuple[Any, Any]:
        """One step.

        Args:
            inputs: Tensor of shape `(batch, input_dim)`.
            states: The state of shape `(batch, units)`, or a list of them.
            training: Whether dropout is on.

        Returns:
            The output of shape `(batch, units)`, and the next states in the form of `states`.
        """
        nested = isinstance(states, (list, tuple))
        before = list(states) if nested else [states]
        weights, rule = self._weights(), self._rule()
        masks = self._dropout_masks(inputs.shape, before[0].shape, inputs.dtype, training)
        if rule.is_pure:
            output, after = one_step(inputs, before, weights, masks, rule=rule)
        else:
            output, after = rule.step(rule.project(inputs, weights, masks[0]), before, weights, masks[1])
        return output, after if nested else after[0]

    def _weights(self) -> list:
        return [self.kernel, self.recurrent_kernel, self.bias]

    def _dropout_masks(self, step: Any, state: Any, dtype: Any, training: Any) -> tuple[list, list]:
        """The masks for the input and for the state: none, one, or one for each gate."""
        if not training:
            return [], []
        count = self._gates if self.implementation == 1 else 1

        def draw(rate: float, shape: Any) -> list:
            ones = ops.ones(shape, dtype=dtype)
            return [
                random.dropout(ones, rate, seed=self.seed_generator) for _ in range(count if rate > 0 else 0)
            ]

        return draw(self.dropout, step), draw(self.recurrent_dropout, state)

    def run(self, x: Any, states: list, valid: Any, training: Any, loop: Loop) -> tuple[Any, list]:
        """All steps over `x` of shape (batch, time, input_dim): outputs and last states."""
        weights, rule = self._weights(), self._rule()
        step_shape = (x.shape[0], *x.shape[2:])
        masks = self._dropout_masks(step_shape, states[0].shape, x.dtype, training)
        if rule.is_pure:
            return recurrence(x, states, weights, masks, valid, rule=rule, loop=loop)
        # The activation is the user's own and may use variables: only the product with the kernel is one op.
        z = project(x, weights, masks[0], rule=rule)

        def step(z: Any, before: list) -> tuple[Any, list]:
            return rule.step(z, before, weights, masks[1])

        return step_through(step, z, states, valid, loop, states[0])
