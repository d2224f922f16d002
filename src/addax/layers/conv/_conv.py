"""`Conv1D`, `Conv2D`, `Conv3D`."""

from __future__ import annotations

from typing import Any

from addax import constraints, initializers, ops, regularizers
from addax.core.errors import message
from addax.layers import _arguments
from addax.layers._docs import documented
from addax.layers.conv._base import ConvBase
from addax.layers.core._low_rank import AdaptedWeight, LowRankLayer


class Conv(ConvBase, LowRankLayer):
    """Convolution over `rank` spatial dimensions, plus a bias, through an activation.

    Args:
        filters: The number of output channels.
        kernel_size: Size of the window, an integer or one for each spatial dimension.
        strides: Steps between windows, likewise.
        padding: `"valid"` (none) or `"same"` (zeros, so that a stride of 1 keeps the size); `"causal"` in one
            dimension (zeros before the start only).
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.
        dilation_rate: Distance of neighbours in a window; above 1 only with strides of 1.
        groups: Parts that the channels are split into and convolved apart; divides channels and filters.
        activation: A name or a function; None for none.
        use_bias: Whether a bias is added.
        kernel_initializer: Initializer of `kernel`, of shape `(*kernel_size, channels / groups, filters)`.
        bias_initializer: Initializer of `bias`, of shape `(filters,)`.
        kernel_regularizer: Penalty on `kernel`.
        bias_regularizer: Penalty on `bias`.
        activity_regularizer: Penalty on the output.
        kernel_constraint: Constraint on `kernel`.
        bias_constraint: Constraint on `bias`.
        lora_rank: Rank of an adaptation of the frozen kernel (see `enable_lora`).
        lora_alpha: Strength of that adaptation; `lora_rank` if None.
        **kwargs: Arguments of `Layer`.

    Raises:
        ValueError: If an argument is wrong, or (when called) the channels do not fit or no output is left.
    """

    kernel = AdaptedWeight()
    _optional_arguments = ("lora_rank", "lora_alpha")

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        groups: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        lora_rank: int | None = None,
        lora_alpha: float | None = None,
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
        self.groups = _arguments.positive_int(groups, "groups", where)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self._take_lora(lora_rank, lora_alpha)
        if self.filters % self.groups:
            raise ValueError(
                message(
                    "`filters` cannot be split into `groups`.",
                    where=where,
                    expected=f"a multiple of groups={self.groups}",
                    received=f"filters={self.filters}",
                )
            )

    def build(self, input_shape: Any) -> None:
        """Create `kernel` and `bias`."""
        channels = self._input_channels(input_shape)
        if channels % self.groups:
            raise ValueError(
                message(
                    "The input channels cannot be split into `groups`.",
                    where=self.path,
                    expected=f"a multiple of groups={self.groups}",
                    received=f"{channels} channels, input shape {tuple(input_shape)} ({self.data_format})",
                )
            )
        self._check_space(input_shape)
        self.kernel = self._weight("kernel", (*self.kernel_size, channels // self.groups, self.filters))
        self._add_bias(self.filters)
        self._finish_build()

    def call(self, inputs: Any) -> Any:
        """Apply the layer to a tensor of shape `(batch, *space, channels)`, or channels first."""
        self._check_space(inputs.shape)
        outputs = ops.conv(
            self._pad_causally(inputs),
            self.kernel,
            strides=self.strides,
            padding=self._op_padding,
            data_format=self.data_format,
            dilation_rate=self.dilation_rate,
        )
        return self._finish(outputs)


@documented
class Conv1D(Conv):
    """Convolution over one spatial dimension, such as time.

    Example:
        >>> import addax as keras
        >>> keras.layers.Conv1D(4, 3, padding="causal")(keras.ops.ones((2, 10, 3))).shape
        TensorShape([2, 10, 4])
    """

    rank = 1
    _causal = True


@documented
class Conv2D(Conv):
    """Convolution over two spatial dimensions, such as those of an image.

    Example:
        >>> import addax as keras
        >>> keras.layers.Conv2D(4, 3, activation="relu")(keras.ops.ones((2, 8, 8, 3))).shape
        TensorShape([2, 6, 6, 4])
    """

    rank = 2


@documented
class Conv3D(Conv):
    """Convolution over three spatial dimensions, such as those of a video or a volume.

    Example:
        >>> import addax as keras
        >>> keras.layers.Conv3D(4, 3)(keras.ops.ones((1, 5, 5, 5, 2))).shape
        TensorShape([1, 3, 3, 3, 4])
    """

    rank = 3
