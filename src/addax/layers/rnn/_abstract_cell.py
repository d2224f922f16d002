"""`AbstractRNNCell`: the base that tf.keras has for the cells of users."""

from __future__ import annotations

from typing import Any

from addax.core import tree
from addax.core.errors import message
from addax.layers._layer import Layer
from addax.layers.rnn._stacked import zero_states


class AbstractRNNCell(Layer):
    """A step of a recurrence; subclasses say `state_size` and `output_size` and write `call(inputs, states)`.

    Any layer that has `state_size` can be a cell of `RNN`; this base makes the states of the first step as well.

    Source: the class of tf.keras 2.

    Example:
        >>> import addax as keras
        >>> class Sum(keras.layers.AbstractRNNCell):
        ...     state_size = output_size = 3
        ...
        ...     def call(self, inputs, states):
        ...         return states[0] + inputs, [states[0] + inputs]
        >>> keras.layers.RNN(Sum())(keras.ops.ones((1, 4, 3))).numpy()
        array([[4., 4., 4.]], dtype=float32)
    """

    def call(self, inputs: Any, states: Any) -> Any:
        """The output and the new states; override it."""
        raise TypeError(self._lacks("call(inputs, states)"))

    @property
    def state_size(self) -> Any:
        """The size of the state, or a nest of sizes; override it."""
        raise TypeError(self._lacks("state_size"))

    @property
    def output_size(self) -> Any:
        """The size of the output; override it."""
        raise TypeError(self._lacks("output_size"))

    def _lacks(self, what: str) -> str:
        return message(f"{type(self).__name__} has no `{what}`.", hint=f"Define `{what}` in the class.")

    def get_initial_state(self, inputs: Any = None, batch_size: Any = None, dtype: Any = None) -> Any:
        """Zeros in the sizes of `state_size`.

        Args:
            inputs: A tensor whose first axis is the batch, in place of its size.
            batch_size: The size of the batch.
            dtype: The dtype; the compute dtype if None.
        """
        rows = batch_size if inputs is None else tree.flatten(inputs)[0].shape[0]
        return zero_states(self.state_size, rows, self.compute_dtype if dtype is None else dtype)
