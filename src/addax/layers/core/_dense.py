"""`Dense`: the fully connected layer."""

from __future__ import annotations

from typing import Any

from addax import activations, constraints, initializers, quantizers, regularizers
from addax.core.errors import message
from addax.layers import _arguments
from addax.layers._spec import InputSpec
from addax.layers.core._low_rank import AdaptedWeight
from addax.layers.core._quantizable import QuantizableLayer, Weight


class Dense(QuantizableLayer):
    """`activation(inputs @ kernel + bias)`, over the last axis of the input.

    Args:
        units: Size of the output's last axis.
        activation: A name or a function; None for none.
        use_bias: Whether a bias is added.
        kernel_initializer: Initializer of `kernel`, of shape `(input_dim, units)`.
        bias_initializer: Initializer of `bias`, of shape `(units,)`.
        kernel_regularizer: Penalty on `kernel`.
        bias_regularizer: Penalty on `bias`.
        activity_regularizer: Penalty on the output.
        kernel_constraint: Constraint on `kernel`.
        bias_constraint: Constraint on `bias`.
        lora_rank: Rank of an adaptation of the frozen kernel (see `enable_lora`).
        lora_alpha: Strength of that adaptation; `lora_rank` if None.
        quantization_config: How `quantize` stores the kernel.
        **kwargs: Arguments of `Layer`.

    Raises:
        ValueError: If `units` is not a positive integer, or the input has no last axis of known size.

    Example:
        >>> import addax as keras
        >>> keras.layers.Dense(4, activation="relu")(keras.ops.ones((2, 3))).shape
        TensorShape([2, 4])
    """

    supports_masking = True
    kernel = AdaptedWeight()
    _modes = ("int8", "int4", "float8", "gptq", "awq")
    _optional_arguments = ("activity_regularizer", "lora_rank", "lora_alpha")

    def __init__(
        self,
        units: int,
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
        quantization_config: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.units = _arguments.positive_int(units, "units", type(self).__name__)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.quantization_config = quantizers.get(quantization_config)
        self.input_spec = InputSpec(min_ndim=2)
        self._take_lora(lora_rank, lora_alpha)

    def build(self, input_shape: Any) -> None:
        """Create `kernel` and `bias`."""
        width = input_shape[-1]
        if width is None:
            raise ValueError(
                message(
                    "Dense needs to know the size of the last axis.", where=self.path, received=input_shape
                )
            )
        if self._build_storage(Weight("kernel", (width, self.units))):
            self.kernel = self.add_weight(
                name="kernel",
                shape=(width, self.units),
                initializer=self.kernel_initializer,
                regularizer=self.kernel_regularizer,
                constraint=self.kernel_constraint,
            )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias",
                shape=(self.units,),
                initializer=self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )
        self.input_spec = InputSpec(min_ndim=2, axes={-1: width})
        self._finish_build()

    def call(self, inputs: Any) -> Any:
        """Apply the layer to a tensor of shape `(..., input_dim)`."""
        return self._finished(self._multiplied(inputs))
