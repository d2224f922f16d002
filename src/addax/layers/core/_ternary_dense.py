"""`TernaryDense`: a fully connected layer whose weights count as -1, 0 or 1."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.core.errors import message
from addax.layers.core._dense import Dense


class TernaryDense(Dense):
    """`Dense` with a kernel that is rounded to -1, 0 and 1 whenever it is used (Ma et al., BitNet b1.58, 2024).

    `activation(size * (inputs @ ternary) + bias)`, where `ternary` has the sign of the kernel where its absolute
    value is above the threshold, and `size` is the mean absolute value. Gradients pass to the floats of the kernel
    as if nothing was rounded.

    Args:
        units: Size of the output's last axis.
        threshold: Up to which absolute value a weight counts as 0; half of their mean if None. If a number is
            given, `size` is 1.
        activation: A name or a function; None for none.
        use_bias: Whether a bias is added.
        kernel_initializer: Initializer of `kernel`, of shape `(input_dim, units)`.
        bias_initializer: Initializer of `bias`, of shape `(units,)`.
        kernel_regularizer: Penalty on `kernel`.
        bias_regularizer: Penalty on `bias`.
        activity_regularizer: Penalty on the output.
        kernel_constraint: Constraint on `kernel`.
        bias_constraint: Constraint on `bias`.
        **kwargs: Arguments of `Layer`.

    Raises:
        ValueError: If `units` is not a positive integer, or `threshold` is negative.

    Example:
        >>> import addax as keras
        >>> layer = keras.layers.TernaryDense(
        ...     1, threshold=0.5, kernel_initializer=lambda *_, **__: [[0.9], [0.1]]
        ... )
        >>> layer(keras.ops.array([[2.0, 3.0]])).numpy()
        array([[2.]], dtype=float32)
    """

    _optional_arguments = (*Dense._optional_arguments, "quantization_config")

    def __init__(
        self,
        units: int,
        threshold: float | None = None,
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
            units,
            activation=activation,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer,
            bias_regularizer=bias_regularizer,
            activity_regularizer=activity_regularizer,
            kernel_constraint=kernel_constraint,
            bias_constraint=bias_constraint,
            **kwargs,
        )
        if threshold is not None and (not isinstance(threshold, (int, float)) or threshold < 0):
            raise ValueError(
                message(
                    "`threshold` is wrong.",
                    expected="None or a number that is not negative",
                    received=threshold,
                )
            )
        self.threshold = threshold

    def call(self, inputs: Any) -> Any:
        """Apply the layer to a tensor of shape `(..., input_dim)`."""
        kernel = ops.convert_to_tensor(self.kernel)
        sizes = ops.abs(kernel)
        limit = ops.mean(sizes) * 0.5 if self.threshold is None else self.threshold
        ternary = ops.sign(kernel) * ops.cast(sizes > limit, kernel.dtype)
        x = ops.matmul(inputs, kernel + ops.stop_gradient(ternary - kernel))
        if self.threshold is None:
            x = x * ops.mean(sizes)
        if self.bias is not None:
            x = ops.add(x, self.bias)
        return x if self.activation is None else self.activation(x)
