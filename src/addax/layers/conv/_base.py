"""What all convolution layers share: arguments, bias, and the check of the output's size."""

from __future__ import annotations

from typing import Any

from addax import activations, constraints, initializers, ops, regularizers
from addax.core import config
from addax.core.errors import message
from addax.layers import _arguments
from addax.layers._layer import Layer
from addax.layers._spec import InputSpec


class ConvBase(Layer):
    """A layer that slides windows over `rank` spatial dimensions. Subclasses fix `rank`."""

    rank = 0
    _causal = False  # whether padding="causal" is allowed

    def __init__(
        self,
        kernel_size: Any,
        strides: Any,
        padding: str,
        data_format: str | None,
        dilation_rate: Any,
        activation: Any,
        use_bias: bool,
        bias_initializer: Any,
        bias_regularizer: Any,
        bias_constraint: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        where = type(self).__name__
        self.kernel_size = _arguments.spatial(kernel_size, self.rank, "kernel_size", where)
        self.strides = _arguments.spatial(strides, self.rank, "strides", where)
        self.padding = _arguments.padding(padding, where, causal=self._causal)
        self.data_format = config.standardize_data_format(data_format)
        self.dilation_rate = _arguments.spatial(dilation_rate, self.rank, "dilation_rate", where)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.bias_initializer = initializers.get(bias_initializer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.bias_constraint = constraints.get(bias_constraint)
        self.input_spec = InputSpec(min_ndim=self.rank + 2)
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ValueError(
                message(
                    "Strides and dilation cannot both be above 1.",
                    where=where,
                    received=f"strides={self.strides}, dilation_rate={self.dilation_rate}",
                )
            )

    @property
    def _channel_axis(self) -> int:
        return -1 if self.data_format == "channels_last" else 1

    def _input_channels(self, input_shape: Any) -> int:
        """The number of channels, which the inputs must have from now on."""
        channels = input_shape[self._channel_axis]
        if channels is None:
            raise ValueError(
                message(
                    f"{type(self).__name__} needs to know the number of channels.",
                    where=self.path,
                    expected=f"a size at axis {self._channel_axis} ({self.data_format})",
                    received=f"shape {tuple(input_shape)}",
                )
            )
        self.input_spec = InputSpec(min_ndim=self.rank + 2, axes={self._channel_axis: channels})
        return channels

    def _weight(self, kind: str, shape: tuple) -> Any:
        """A kernel, whose initializer, regularizer and constraint are called after it."""
        prefix = kind.removesuffix("_kernel")
        return self.add_weight(
            name=kind,
            shape=shape,
            initializer=getattr(self, f"{prefix}_initializer"),
            regularizer=getattr(self, f"{prefix}_regularizer"),
            constraint=getattr(self, f"{prefix}_constraint"),
        )

    def _add_bias(self, size: int) -> None:
        self.bias = self._weight("bias", (size,)) if self.use_bias else None

    def _space(self, shape: Any) -> tuple:
        return tuple(shape[1:-1]) if self.data_format == "channels_last" else tuple(shape[2:])

    def _pad_causally(self, inputs: Any) -> Any:
        """Zeros before the first step, so that no output sees a later input."""
        if self.padding != "causal":
            return inputs
        left = self.dilation_rate[0] * (self.kernel_size[0] - 1)
        pads = (
            ((0, 0), (left, 0), (0, 0))
            if self.data_format == "channels_last"
            else ((0, 0), (0, 0), (left, 0))
        )
        return ops.pad(inputs, pads)

    @property
    def _op_padding(self) -> str:
        return "valid" if self.padding == "causal" else self.padding

    def _check_space(self, shape: Any) -> None:
        """Raise if the window is larger than the input, so that nothing would come out."""
        if self.padding != "valid":
            return
        spans = [(k - 1) * d + 1 for k, d in zip(self.kernel_size, self.dilation_rate, strict=True)]
        sizes = self._space(shape)
        if any(isinstance(size, int) and size < span for size, span in zip(sizes, spans, strict=False)):
            raise ValueError(
                message(
                    "The output would be empty: the window is larger than the input.",
                    where=self.path,
                    expected=f"spatial sizes of at least {tuple(spans)}",
                    received=f"inputs of shape {_arguments.shown(shape)} ({self.data_format}), "
                    f"kernel_size={self.kernel_size}, dilation_rate={self.dilation_rate}, padding='valid'",
                    hint='Use padding="same", a smaller kernel, or fewer pooling layers before it.',
                )
            )

    def _finish(self, outputs: Any) -> Any:
        """Add the bias, then apply the activation."""
        if self.bias is not None:
            bias = self.bias
            if self.data_format == "channels_first":
                bias = ops.reshape(bias, (1, -1, *(1,) * self.rank))
            outputs = ops.add(outputs, bias)
        return self.activation(outputs)
