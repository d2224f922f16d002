"""`LocallyConnected1D` and `LocallyConnected2D`: convolutions with another kernel at each place."""

from __future__ import annotations

import itertools
from typing import Any

from addax import constraints, initializers, ops, regularizers
from addax.core.errors import message
from addax.layers import _arguments
from addax.layers._spec import InputSpec
from addax.layers.conv._base import ConvBase


class LocallyConnected(ConvBase):
    """A layer whose windows do not share their weights. Subclasses fix `rank`.

    Source: the layers of tf.keras; the weights are as there with `implementation=1`.

    Args:
        filters: The number of channels of the outputs.
        kernel_size: The size of the window: a number, or one for each dimension.
        strides: The step of the window, likewise.
        padding: `"valid"`, the only one that has the same weights whatever the `implementation`.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.
        activation: The activation.
        use_bias: Whether a bias is added, another one at each place.
        kernel_initializer: Initializer of `kernel`, of shape `(places, window * channels, filters)`.
        bias_initializer: Initializer of `bias`, of shape `(*places, filters)`.
        kernel_regularizer: Penalty on the kernel.
        bias_regularizer: Penalty on the bias.
        activity_regularizer: Penalty on the outputs.
        kernel_constraint: Constraint on the kernel.
        bias_constraint: Constraint on the bias.
        implementation: Accepted as tf.keras does; all give the same.
        **kwargs: Arguments of `Layer`.

    Raises:
        ValueError: If an argument is wrong, or (when built) the sizes of the inputs are not known.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        implementation: int = 1,
        **kwargs: Any,
    ) -> None:
        where = type(self).__name__
        if str(padding).lower() != "valid":
            hint = f"Put a ZeroPadding{self.rank}D layer before it."
            raise ValueError(
                message("Wrong `padding`.", where=where, expected='"valid"', received=padding, hint=hint)
            )
        super().__init__(
            kernel_size,
            strides,
            padding,
            data_format,
            1,  # there is no dilation
            activation,
            use_bias,
            bias_initializer,
            bias_regularizer,
            bias_constraint,
            activity_regularizer=activity_regularizer,
            **kwargs,
        )
        self.filters = _arguments.positive_int(filters, "filters", where)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.implementation = implementation
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def build(self, input_shape: Any) -> None:
        """Create a kernel and a bias for each place of the window in inputs of `input_shape`."""
        sizes, channels = self._space(input_shape), input_shape[self._channel_axis]
        window = zip(sizes, self.kernel_size, self.strides, strict=True)
        if None in (*sizes, channels) or any(size < k for size, k, _ in window):
            raise ValueError(
                message(
                    f"{type(self).__name__} has weights for each place, so it needs to know all sizes.",
                    where=self.path,
                    expected=f"sizes of at least {self.kernel_size}",
                    received=f"shape {_arguments.shown(input_shape)}",
                )
            )
        window = zip(sizes, self.kernel_size, self.strides, strict=True)
        self._places = tuple((size - k) // step + 1 for size, k, step in window)
        self.input_spec = InputSpec(shape=(None, *input_shape[1:]))
        places, patch = 1, channels
        for n, k in zip(self._places, self.kernel_size, strict=True):
            places, patch = places * n, patch * k
        self.kernel = self._weight("kernel", (places, patch, self.filters))
        self.bias = self._weight("bias", (*self._places, self.filters)) if self.use_bias else None

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor; there is no dilation."""
        config = super().get_config()
        config.pop("dilation_rate", None)
        return config

    def call(self, inputs: Any) -> Any:
        """Outputs of shape `(batch, *places, filters)`, channels first where the inputs have them so."""
        outputs = ops.einsum("bpf,pfn->bpn", self._patches(inputs), self.kernel)
        outputs = ops.reshape(outputs, (-1, *self._places, self.filters))
        last = self.data_format == "channels_last"
        outputs = outputs if last else ops.moveaxis(outputs, -1, 1)
        if self.bias is not None:
            # tf.keras reads the same numbers in another order here; trained weights count on it
            outputs = outputs + (self.bias if last else ops.reshape(self.bias, (self.filters, *self._places)))
        return self.activation(outputs)

    def _patches(self, inputs: Any) -> Any:
        """What each window sees, of shape `(batch, places, window * channels)`, in the order of the axes."""
        last = self.data_format == "channels_last"
        seen = []
        for offsets in itertools.product(*map(range, self.kernel_size)):
            spans = tuple(
                slice(offset, offset + step * (n - 1) + 1, step)
                for offset, step, n in zip(offsets, self.strides, self._places, strict=True)
            )
            part = inputs[(slice(None), *spans)] if last else inputs[(slice(None), slice(None), *spans)]
            seen.append(part if last else ops.moveaxis(part, 1, -1))
        stacked = ops.stack(seen, axis=-2 if last else -1)
        shape = stacked.shape
        return ops.reshape(stacked, (-1, self.kernel.shape[0], int(shape[-1]) * int(shape[-2])))


class LocallyConnected1D(LocallyConnected):
    """A convolution over sequences with another kernel at each step.

    Example:
        >>> import addax as keras
        >>> keras.layers.LocallyConnected1D(4, 3)(keras.ops.ones((2, 8, 5))).shape
        TensorShape([2, 6, 4])
    """

    rank = 1


class LocallyConnected2D(LocallyConnected):
    """A convolution over images with another kernel at each place.

    Example:
        >>> import addax as keras
        >>> keras.layers.LocallyConnected2D(4, 3, strides=2)(keras.ops.ones((2, 8, 7, 5))).shape
        TensorShape([2, 3, 3, 4])
    """

    rank = 2
