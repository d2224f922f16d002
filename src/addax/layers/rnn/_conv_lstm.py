"""`ConvLSTM1D`, `ConvLSTM2D`, `ConvLSTM3D`: an LSTM whose products are convolutions."""

from __future__ import annotations

import dataclasses
from typing import Any

from addax import ops
from addax.core import config as settings
from addax.core.errors import message
from addax.layers import _arguments
from addax.layers._docs import documented
from addax.layers._spec import InputSpec
from addax.layers.rnn._gated import GatedRNN, of_cell
from addax.layers.rnn._lstm import LSTMCell, LSTMRule
from addax.layers.rnn._recurrence import Rule


@dataclasses.dataclass(frozen=True)
class ConvLSTMRule(LSTMRule):
    """The gates of an LSTM for each place of an image (Shi et al., 2015)."""

    rank: int
    strides: tuple[int, ...]
    padding: str
    data_format: str
    dilation_rate: tuple[int, ...]

    @property
    def _gate_axis(self) -> int:  # type: ignore[override]
        return -1 if self.data_format == "channels_last" else -1 - self.rank

    def project(self, x: Any, weights: list, masks: list) -> Any:
        """See `Rule`; steps and samples are convolved as one batch."""
        outer = len(x.shape) - self.rank - 1
        parts = self._convolved(
            [ops.reshape(part, (-1, *x.shape[outer:])) for part in _dropped(x, masks)],
            weights[0],
            strides=self.strides,
            padding=self.padding,
            dilation_rate=self.dilation_rate,
        )
        z = ops.reshape(parts, (*x.shape[:outer], *parts.shape[1:]))
        if weights[2] is None:
            return z
        return z + ops.reshape(weights[2], (-1, *(1,) * (-1 - self._gate_axis)))

    def _of_state(self, h: Any, kernel: Any, masks: list) -> Any:
        return self._convolved(_dropped(h, masks), kernel, strides=1, padding="same", dilation_rate=1)

    def _convolved(self, parts: list, kernel: Any, **options: Any) -> Any:
        """The convolution of one input with the kernels of all gates, or of one for each gate."""
        kernels = ops.split(kernel, len(parts), axis=-1)
        found = [
            ops.conv(x, k, data_format=self.data_format, **options)
            for x, k in zip(parts, kernels, strict=True)
        ]
        return found[0] if len(found) == 1 else ops.concatenate(found, axis=self._gate_axis)


def _dropped(x: Any, masks: list) -> list:
    return [x * mask for mask in masks] if masks else [x]


class ConvLSTMCell(LSTMCell):
    """One step of a ConvLSTM layer of a given rank."""

    def __init__(
        self,
        rank: int,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        **kwargs: Any,
    ) -> None:
        super().__init__(_arguments.positive_int(filters, "filters", f"ConvLSTM{rank}D"), **kwargs)
        where = f"ConvLSTM{rank}D"
        self.rank = rank
        self.filters = self.units
        self.kernel_size = _arguments.spatial(kernel_size, rank, "kernel_size", where)
        self.strides = _arguments.spatial(strides, rank, "strides", where)
        self.padding = _arguments.padding(padding, where)
        self.data_format = settings.standardize_data_format(data_format)
        self.dilation_rate = _arguments.spatial(dilation_rate, rank, "dilation_rate", where)
        self.implementation = 1  # dropout masks for each gate
        self.state_size = [-1, -1]  # images, whose size the input decides
        self.output_size = -1
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ValueError(
                message(
                    "Strides and dilation cannot both be above 1.",
                    where=where,
                    received=f"strides={self.strides}, dilation_rate={self.dilation_rate}",
                )
            )

    def build(self, input_shape: Any) -> None:
        """Create `kernel`, `recurrent_kernel` and `bias`."""
        last = self.data_format == "channels_last"
        channels, space = (input_shape[-1], input_shape[1:-1]) if last else (input_shape[1], input_shape[2:])
        if channels is None or None in space:
            raise ValueError(
                message(
                    f"{where_of(self)} needs to know the sizes of channels and space.",
                    where=self.path,
                    expected="a shape without None after the time axis",
                    received=f"{tuple(input_shape)} for one step ({self.data_format})",
                )
            )
        made = tuple(map(self._made_size, space, range(self.rank)))
        self._state_shape = (*made, self.filters) if last else (self.filters, *made)
        size = 4 * self.filters
        self.kernel = self._weight(
            "kernel", (*self.kernel_size, channels, size), "kernel", self.kernel_initializer
        )
        self.recurrent_kernel = self._weight(
            "recurrent_kernel",
            (*self.kernel_size, self.filters, size),
            "recurrent",
            self.recurrent_initializer,
        )
        self.bias = None
        if self.use_bias:
            self.bias = self._weight("bias", (size,), "bias", self._bias_start())

    def _made_size(self, size: int, axis: int) -> int:
        """The size of a spatial axis after the convolution."""
        if self.padding == "valid":
            size -= (self.kernel_size[axis] - 1) * self.dilation_rate[axis]
        if size <= 0:
            raise ValueError(
                message(
                    "The output would be empty: the window is larger than the input.",
                    where=self.path,
                    received=f"kernel_size={self.kernel_size}, dilation_rate={self.dilation_rate}",
                    hint='Use padding="same" or a smaller kernel.',
                )
            )
        return -(-size // self.strides[axis])

    def get_initial_state(self, batch_size: Any = None) -> list:
        """States of zeros, each of the shape of the output."""
        return [ops.zeros((batch_size, *self._state_shape), dtype=self.compute_dtype) for _ in range(2)]

    def _rule(self) -> Rule:
        return ConvLSTMRule(
            self.activation,
            self.recurrent_activation,
            self.rank,
            self.strides,
            self.padding,
            self.data_format,
            self.dilation_rate,
        )


def where_of(cell: ConvLSTMCell) -> str:
    """The name of the layer that a cell is of."""
    return f"ConvLSTM{cell.rank}D"


class ConvLSTM(GatedRNN):
    """LSTM over sequences of rows, images or volumes: its products are convolutions (Shi et al., 2015).

    Args:
        filters: The number of output channels.
        kernel_size: Size of the window, an integer or one for each spatial dimension.
        strides: Steps between windows, likewise.
        padding: `"valid"` (none) or `"same"` (zeros, so that a stride of 1 keeps the size).
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.
        dilation_rate: Distance of neighbours in a window; above 1 only with strides of 1.
        activation: Activation of the new state.
        recurrent_activation: Activation of the gates.
        use_bias: Whether a bias is added.
        kernel_initializer: Initializer of `kernel`, of shape `(*kernel_size, channels, 4 * filters)`.
        recurrent_initializer: Initializer of `recurrent_kernel`, of shape `(*kernel_size, filters, 4 *
            filters)`.
        bias_initializer: Initializer of `bias`, of shape `(4 * filters,)`.
        unit_forget_bias: Whether the bias of the forget gate starts at one.
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
        **kwargs: `unroll`, `zero_output_for_mask`, and arguments of `Layer`.

    Raises:
        ValueError: If an argument is wrong, or (when called) the shape is not known or the output would be
            empty.
    """

    _rank = 0

    filters = of_cell("filters")
    kernel_size = of_cell("kernel_size")
    strides = of_cell("strides")
    padding = of_cell("padding")
    data_format = of_cell("data_format")
    dilation_rate = of_cell("dilation_rate")
    recurrent_activation = of_cell("recurrent_activation")
    unit_forget_bias = of_cell("unit_forget_bias")

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
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
        **kwargs: Any,
    ) -> None:
        cell = ConvLSTMCell(
            self._rank,
            filters,
            kernel_size,
            strides,
            padding,
            data_format,
            dilation_rate,
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
            name="conv_lstm_cell",
            dtype=kwargs.get("dtype"),
        )
        super().__init__(
            cell,
            return_sequences=return_sequences,
            return_state=return_state,
            go_backwards=go_backwards,
            stateful=stateful,
            activity_regularizer=activity_regularizer,
            **kwargs,
        )
        self.input_spec = InputSpec(ndim=self._rank + 3)


@documented
class ConvLSTM1D(ConvLSTM):
    """LSTM over sequences of rows, with convolutions as products (Shi et al., 2015).

    Example:
        >>> import addax as keras
        >>> keras.layers.ConvLSTM1D(4, 3)(keras.ops.ones((2, 5, 8, 3))).shape
        TensorShape([2, 6, 4])
    """

    _rank = 1


@documented
class ConvLSTM2D(ConvLSTM):
    """LSTM over sequences of images, such as videos, with convolutions as products (Shi et al., 2015).

    Example:
        >>> import addax as keras
        >>> layer = keras.layers.ConvLSTM2D(4, 3, padding="same", return_sequences=True)
        >>> layer(keras.ops.ones((2, 5, 8, 8, 3))).shape
        TensorShape([2, 5, 8, 8, 4])
    """

    _rank = 2


@documented
class ConvLSTM3D(ConvLSTM):
    """LSTM over sequences of volumes, with convolutions as products (Shi et al., 2015).

    Example:
        >>> import addax as keras
        >>> keras.layers.ConvLSTM3D(2, 2)(keras.ops.ones((1, 2, 4, 4, 4, 1))).shape
        TensorShape([1, 3, 3, 3, 2])
    """

    _rank = 3
