"""`Conv1DTranspose`, `Conv2DTranspose`, `Conv3DTranspose`."""

from __future__ import annotations

from typing import Any

from addax import constraints, initializers, ops, regularizers
from addax.core.errors import message
from addax.layers import _arguments
from addax.layers._docs import documented
from addax.layers.conv._base import ConvBase


class ConvTranspose(ConvBase):
    """The way back through a convolution: larger outputs from smaller inputs.

    Args:
        filters: The number of output channels.
        kernel_size: Size of the window, an integer or one for each spatial dimension.
        strides: How far the input's elements are spread, likewise.
        padding: `"valid"` or `"same"` (the size times the stride).
        output_padding: Extra size at the end of each dimension, less than the stride; computed if None.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.
        dilation_rate: Distance of neighbours in a window; above 1 only with strides of 1.
        activation: A name or a function; None for none.
        use_bias: Whether a bias is added.
        kernel_initializer: Initializer of `kernel`, of shape `(*kernel_size, filters, channels)`.
        bias_initializer: Initializer of `bias`, of shape `(filters,)`.
        kernel_regularizer: Penalty on `kernel`.
        bias_regularizer: Penalty on `bias`.
        activity_regularizer: Penalty on the output.
        kernel_constraint: Constraint on `kernel`.
        bias_constraint: Constraint on `bias`.
        **kwargs: Arguments of `Layer`.

    Raises:
        ValueError: If an argument is wrong, or the number of channels is not known.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        output_padding: Any = None,
        data_format: str | None = None,
        dilation_rate: Any = 1,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            kernel_size,
            strides,
            padding,
            data_format,
            dilation_rate,
            activation,
            use_bias,
            bias_initializer,
            bias_regularizer,
            bias_constraint,
            activity_regularizer=activity_regularizer,
            **kwargs,
        )
        where = type(self).__name__
        self.filters = _arguments.positive_int(filters, "filters", where)
        self.output_padding = None
        if output_padding is not None:
            extra = _arguments.spatial(output_padding, self.rank, "output_padding", where, zero=True)
            if any(e >= s for e, s in zip(extra, self.strides, strict=True)):
                raise ValueError(
                    message(
                        "`output_padding` is wrong.",
                        where=where,
                        expected=f"less than strides={self.strides} in each dimension",
                        received=output_padding,
                    )
                )
            self.output_padding = extra
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)

    def build(self, input_shape: Any) -> None:
        """Create `kernel` and `bias`."""
        channels = self._input_channels(input_shape)
        self.kernel = self._weight("kernel", (*self.kernel_size, self.filters, channels))
        self._add_bias(self.filters)

    def call(self, inputs: Any) -> Any:
        """Apply the layer to a tensor of shape `(batch, *space, channels)`, or channels first."""
        outputs = ops.conv_transpose(
            inputs,
            self.kernel,
            strides=self.strides,
            padding=self.padding,
            output_padding=self.output_padding,
            data_format=self.data_format,
            dilation_rate=self.dilation_rate,
        )
        return self._finish(outputs)


@documented
class Conv1DTranspose(ConvTranspose):
    """Transposed convolution over one spatial dimension.

    Example:
        >>> import addax as keras
        >>> keras.layers.Conv1DTranspose(4, 3, strides=2, padding="same")(keras.ops.ones((2, 5, 3))).shape
        TensorShape([2, 10, 4])
    """

    rank = 1


@documented
class Conv2DTranspose(ConvTranspose):
    """Transposed convolution over two spatial dimensions.

    Example:
        >>> import addax as keras
        >>> keras.layers.Conv2DTranspose(4, 3, strides=2, padding="same")(keras.ops.ones((2, 5, 5, 3))).shape
        TensorShape([2, 10, 10, 4])
    """

    rank = 2


@documented
class Conv3DTranspose(ConvTranspose):
    """Transposed convolution over three spatial dimensions.

    Example:
        >>> import addax as keras
        >>> keras.layers.Conv3DTranspose(4, 3)(keras.ops.ones((1, 3, 3, 3, 2))).shape
        TensorShape([1, 5, 5, 5, 4])
    """

    rank = 3

    # Keras has these two the other way round in three dimensions alone.
    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        output_padding: Any = None,
        dilation_rate: Any = 1,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            filters,
            kernel_size,
            strides,
            padding,
            output_padding,
            data_format,
            dilation_rate,
            activation,
            use_bias,
            kernel_initializer,
            bias_initializer,
            kernel_regularizer,
            bias_regularizer,
            activity_regularizer,
            kernel_constraint,
            bias_constraint,
            **kwargs,
        )
