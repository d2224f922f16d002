"""`SeparableConv1D`, `SeparableConv2D`: a depthwise convolution, then a mix of the channels."""

from __future__ import annotations

from typing import Any

from addax import constraints, initializers, ops, regularizers
from addax.layers import _arguments
from addax.layers._docs import documented
from addax.layers.conv._base import ConvBase


class SeparableConv(ConvBase):
    """Convolution of each channel by itself, then of all channels in windows of size one.

    Args:
        filters: The number of output channels.
        kernel_size: Size of the window, an integer or one for each spatial dimension.
        strides: Steps between windows, likewise.
        padding: `"valid"` or `"same"`; `"causal"` in one dimension.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.
        dilation_rate: Distance of neighbours in a window; above 1 only with strides of 1.
        depth_multiplier: The number of depthwise filters for each channel.
        activation: A name or a function; None for none.
        use_bias: Whether a bias is added.
        depthwise_initializer: Initializer of `depthwise_kernel`, of shape
            `(*kernel_size, channels, depth_multiplier)`.
        pointwise_initializer: Initializer of `pointwise_kernel`, of shape
            `(*ones, channels * depth_multiplier, filters)`.
        bias_initializer: Initializer of `bias`, of shape `(filters,)`.
        depthwise_regularizer: Penalty on `depthwise_kernel`.
        pointwise_regularizer: Penalty on `pointwise_kernel`.
        bias_regularizer: Penalty on `bias`.
        activity_regularizer: Penalty on the output.
        depthwise_constraint: Constraint on `depthwise_kernel`.
        pointwise_constraint: Constraint on `pointwise_kernel`.
        bias_constraint: Constraint on `bias`.
        **kwargs: Arguments of `Layer`.

    Raises:
        ValueError: If an argument is wrong, or (when called) the output would be empty.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        depth_multiplier: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        pointwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        pointwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        pointwise_constraint: Any = None,
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
        self.depth_multiplier = _arguments.positive_int(depth_multiplier, "depth_multiplier", where)
        self.depthwise_initializer = initializers.get(depthwise_initializer)
        self.pointwise_initializer = initializers.get(pointwise_initializer)
        self.depthwise_regularizer = regularizers.get(depthwise_regularizer)
        self.pointwise_regularizer = regularizers.get(pointwise_regularizer)
        self.depthwise_constraint = constraints.get(depthwise_constraint)
        self.pointwise_constraint = constraints.get(pointwise_constraint)

    def build(self, input_shape: Any) -> None:
        """Create `depthwise_kernel`, `pointwise_kernel` and `bias`."""
        channels = self._input_channels(input_shape)
        self._check_space(input_shape)
        middle = channels * self.depth_multiplier
        self.depthwise_kernel = self._weight(
            "depthwise_kernel", (*self.kernel_size, channels, self.depth_multiplier)
        )
        self.pointwise_kernel = self._weight("pointwise_kernel", (*(1,) * self.rank, middle, self.filters))
        self._add_bias(self.filters)

    def call(self, inputs: Any) -> Any:
        """Apply the layer to a tensor of shape `(batch, *space, channels)`, or channels first."""
        self._check_space(inputs.shape)
        outputs = ops.separable_conv(
            self._pad_causally(inputs),
            self.depthwise_kernel,
            self.pointwise_kernel,
            strides=self.strides,
            padding=self._op_padding,
            data_format=self.data_format,
            dilation_rate=self.dilation_rate,
        )
        return self._finish(outputs)


@documented
class SeparableConv1D(SeparableConv):
    """Separable convolution over one spatial dimension.

    Example:
        >>> import addax as keras
        >>> keras.layers.SeparableConv1D(4, 3)(keras.ops.ones((2, 8, 3))).shape
        TensorShape([2, 6, 4])
    """

    rank = 1
    _causal = True


@documented
class SeparableConv2D(SeparableConv):
    """Separable convolution over two spatial dimensions.

    Example:
        >>> import addax as keras
        >>> keras.layers.SeparableConv2D(4, 3)(keras.ops.ones((2, 8, 8, 3))).shape
        TensorShape([2, 6, 6, 4])
    """

    rank = 2
