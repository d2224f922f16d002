"""Activations with arguments as layers: `ReLU`, `LeakyReLU`, `PReLU`, `ELU`, `Softmax`, `ThresholdedReLU`."""

from __future__ import annotations

import warnings
from typing import Any

from addax import activations, constraints, initializers, ops, regularizers
from addax.core.errors import message
from addax.layers._arguments import is_int
from addax.layers._layer import Layer
from addax.layers._spec import InputSpec


def _non_negative(value: Any, name: str, where: str) -> Any:
    if value is None or isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
        raise ValueError(
            message(f"`{name}` is wrong.", where=where, expected="a number from 0", received=value)
        )
    return value


class ReLU(Layer):
    """`max(x, 0)`, in its general form.

    Args:
        max_value: Where the result ends; None for nowhere.
        negative_slope: The slope below `threshold`.
        threshold: The value up to which the unit is damped.
        **kwargs: Arguments of `Layer`.

    Raises:
        ValueError: If an argument is negative.

    Example:
        >>> import addax as keras
        >>> keras.layers.ReLU(max_value=6.0)([-1.0, 2.0, 9.0]).numpy()
        array([0., 2., 6.], dtype=float32)
    """

    supports_masking = True

    def __init__(
        self,
        max_value: float | None = None,
        negative_slope: float = 0.0,
        threshold: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        where = type(self).__name__
        self.max_value = None if max_value is None else _non_negative(max_value, "max_value", where)
        self.negative_slope = _non_negative(negative_slope, "negative_slope", where)
        self.threshold = _non_negative(threshold, "threshold", where)

    def call(self, inputs: Any) -> Any:
        """Apply the function."""
        return activations.relu(
            inputs, negative_slope=self.negative_slope, max_value=self.max_value, threshold=self.threshold
        )


class LeakyReLU(Layer):
    """`x` above zero, `negative_slope * x` below (Maas et al., 2013).

    Args:
        negative_slope: The slope below zero.
        **kwargs: Arguments of `Layer`; `alpha`, tf.keras's name of the slope.

    Raises:
        ValueError: If the slope is negative.

    Example:
        >>> import addax as keras
        >>> keras.layers.LeakyReLU(negative_slope=0.5)([-1.0, 2.0]).numpy()
        array([-0.5,  2. ], dtype=float32)
    """

    supports_masking = True

    def __init__(self, negative_slope: float = 0.3, **kwargs: Any) -> None:
        if "alpha" in kwargs:
            negative_slope = kwargs.pop("alpha")
            warnings.warn("`alpha` of LeakyReLU is called `negative_slope` now.", stacklevel=2)
        super().__init__(**kwargs)
        self.negative_slope = _non_negative(negative_slope, "negative_slope", type(self).__name__)

    def call(self, inputs: Any) -> Any:
        """Apply the function."""
        return ops.leaky_relu(inputs, negative_slope=self.negative_slope)


class PReLU(Layer):
    """`x` above zero, `alpha * x` below, with a learned `alpha` (He et al., 2015).

    Args:
        alpha_initializer: Initializer of `alpha`, which has the shape of one sample.
        alpha_regularizer: Penalty on `alpha`.
        alpha_constraint: Constraint on `alpha`.
        shared_axes: Axes along which `alpha` is the same, such as `[1, 2]` for images.
        **kwargs: Arguments of `Layer`.

    Raises:
        ValueError: If the size of an axis is neither known nor shared.

    Example:
        >>> import addax as keras
        >>> keras.layers.PReLU(alpha_initializer="ones")([[-1.0, 2.0]]).numpy()
        array([[-1.,  2.]], dtype=float32)
    """

    supports_masking = True

    def __init__(
        self,
        alpha_initializer: Any = "Zeros",
        alpha_regularizer: Any = None,
        alpha_constraint: Any = None,
        shared_axes: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.alpha_initializer = initializers.get(alpha_initializer)
        self.alpha_regularizer = regularizers.get(alpha_regularizer)
        self.alpha_constraint = constraints.get(alpha_constraint)
        self.shared_axes = [int(shared_axes)] if is_int(shared_axes) else shared_axes and list(shared_axes)

    def build(self, input_shape: Any) -> None:
        """Create `alpha`."""
        shared = self.shared_axes or ()
        shape = tuple(1 if axis in shared else size for axis, size in enumerate(input_shape))[1:]
        if None in shape:
            raise ValueError(
                message(
                    "PReLU needs to know the size of each axis that is not shared.",
                    where=self.path,
                    received=f"shape {tuple(input_shape)}, shared_axes={self.shared_axes}",
                    hint="Name the axes of unknown size in shared_axes.",
                )
            )
        self.alpha = self.add_weight(
            name="alpha",
            shape=shape,
            initializer=self.alpha_initializer,
            regularizer=self.alpha_regularizer,
            constraint=self.alpha_constraint,
        )
        axes = {axis: size for axis, size in enumerate(input_shape) if axis and axis not in shared}
        self.input_spec = InputSpec(ndim=len(input_shape), axes=axes)

    def call(self, inputs: Any) -> Any:
        """Apply the function."""
        return ops.relu(inputs) - self.alpha * ops.relu(-inputs)


class ELU(Layer):
    """`x` above zero, `alpha * (exp(x) - 1)` below (Clevert et al., 2015).

    Args:
        alpha: The factor below zero.
        **kwargs: Arguments of `Layer`.

    Example:
        >>> import addax as keras
        >>> keras.layers.ELU()([-1.0, 2.0]).numpy().round(3)
        array([-0.632,  2.   ], dtype=float32)
    """

    supports_masking = True

    def __init__(self, alpha: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.alpha = alpha

    def call(self, inputs: Any) -> Any:
        """Apply the function."""
        return ops.elu(inputs, alpha=self.alpha)


class Softmax(Layer):
    """`exp(x) / sum(exp(x))` along an axis.

    Args:
        axis: The axis or axes of the sum.
        **kwargs: Arguments of `Layer`.

    Example:
        >>> import addax as keras
        >>> keras.layers.Softmax()([[1.0, 1.0]]).numpy()
        array([[0.5, 0.5]], dtype=float32)
    """

    supports_masking = True

    def __init__(self, axis: Any = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """Apply the function; where `mask` is False, the result is zero."""
        if mask is not None:
            missing = len(inputs.shape) - len(mask.shape)
            mask = ops.reshape(ops.cast(mask, "bool"), (*mask.shape, *(1,) * missing))
            lowest = -3e4 if str(inputs.dtype) == "float16" else -3e38
            inputs = ops.where(mask, inputs, ops.cast(lowest, inputs.dtype))
        axes: Any = (self.axis,) if isinstance(self.axis, int) else tuple(self.axis)
        if len(axes) > 1:
            outputs = ops.exp(inputs - ops.logsumexp(inputs, axis=axes, keepdims=True))
        else:
            outputs = ops.softmax(inputs, axis=axes[0])
        # Rows without anything to see have equal weights so far.
        return outputs if mask is None else ops.where(mask, outputs, ops.zeros((), dtype=outputs.dtype))


class ThresholdedReLU(Layer):
    """`x` above `theta`, zero elsewhere (Konda et al., 2015); a layer of tf.keras.

    Args:
        theta: The threshold.
        **kwargs: Arguments of `Layer`.

    Raises:
        ValueError: If `theta` is negative.

    Example:
        >>> import addax as keras
        >>> keras.layers.ThresholdedReLU(theta=1.0)([0.5, 2.0]).numpy()
        array([0., 2.], dtype=float32)
    """

    supports_masking = True

    def __init__(self, theta: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.theta = _non_negative(theta, "theta", type(self).__name__)

    def call(self, inputs: Any) -> Any:
        """Apply the function."""
        return ops.where(inputs > self.theta, inputs, ops.zeros((), dtype=inputs.dtype))
