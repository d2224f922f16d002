"""`DepthwiseConv1D`, `DepthwiseConv2D`: each channel by filters of its own."""

from __future__ import annotations

from typing import Any

from addax import constraints, initializers, ops, regularizers
from addax.layers import _arguments
from addax.layers._docs import documented
from addax.layers.conv._base import ConvBase


class DepthwiseConv(ConvBase):
    """Convolution of each channel by filters of its own, plus a bias, through an activation.

    Args:
        kernel_size: Size of the window, an integer or one for each spatial dimension.
        strides: Steps between windows, likewise.
        padding: `"valid"` or `"same"`.
        depth_multiplier: The number of filters for each channel.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.
        dilation_rate: Distance of neighbours in a window; above 1 only with strides of 1.
        activation: A name or a function; None for none.
        use_bias: Whether a bias is added.
        depthwise_initializer: Initializer of `kernel`, of shape `(*kernel_size, channels, depth_multiplier)`.
        bias_initializer: Initializer of `bias`, of shape `(channels * depth_multiplier,)`.
        depthwise_regularizer: Penalty on `kernel`.
        bias_regularizer: Penalty on `bias`.
        activity_regularizer: Penalty on the output.
        depthwise_constraint: Constraint on `kernel`.
        bias_constraint: Constraint on `bias`.
        **kwargs: Arguments of `Layer`.

    Raises:
        ValueError: If an argument is wrong, or (when called) the output would be empty.
    """

    def __init__(
        self,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        depth_multiplier: int = 1,
        data_format: str | None = None,
        dilation_rate: Any = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
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
        self.depth_multiplier = _arguments.positive_int(
            depth_multiplier, "depth_multiplier", type(self).__name__
        )
        self.depthwise_initializer = initializers.get(depthwise_initializer)
        self.depthwise_regularizer = regularizers.get(depthwise_regularizer)
        self.depthwise_constraint = constraints.get(depthwise_constraint)

    def build(self, input_shape: Any) -> None:
        """Create `kernel` and `bias`."""
        channels = self._input_channels(input_shape)
        self._check_space(input_shape)
        self.kernel = self.add_weight(
            name="kernel",
            shape=(*self.kernel_size, channels, self.depth_multiplier),
            initializer=self.depthwise_initializer,
            regularizer=self.depthwise_regularizer,
            constraint=self.depthwise_constraint,
        )
        self._add_bias(channels * self.depth_multiplier)

    def call(self, inputs: Any) -> Any:
        """Apply the layer to a tensor of shape `(batch, *space, channels)`, or channels first."""
        self._check_space(inputs.shape)
        outputs = ops.depthwise_conv(
            inputs,
            self.kernel,
            strides=self.strides,
            padding=self.padding,
            data_format=self.data_format,
            dilation_rate=self.dilation_rate,
        )
        return self._finish(outputs)


@documented
class DepthwiseConv1D(DepthwiseConv):
    """Depthwise convolution over one spatial dimension.

    Example:
        >>> import addax as keras
        >>> keras.layers.DepthwiseConv1D(3, depth_multiplier=2)(keras.ops.ones((2, 8, 3))).shape
        TensorShape([2, 6, 6])
    """

    rank = 1


@documented
class DepthwiseConv2D(DepthwiseConv):
    """Depthwise convolution over two spatial dimensions.

    Example:
        >>> import addax as keras
        >>> keras.layers.DepthwiseConv2D(3, depth_multiplier=2)(keras.ops.ones((2, 8, 8, 3))).shape
        TensorShape([2, 6, 6, 6])
    """

    rank = 2
