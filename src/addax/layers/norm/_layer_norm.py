"""`LayerNormalization` and `RMSNormalization`: each sample by itself."""

from __future__ import annotations

import warnings
from typing import Any

from addax import ops
from addax.layers._layer import Layer
from addax.layers.norm._base import ScaledNormalization, checked_axes, sizes_at


class LayerNormalization(ScaledNormalization):
    """Normalize each sample over its features (Ba et al., 2016).

    Args:
        axis: The axis or axes to normalize over.
        epsilon: Added to the variance.
        center: Whether `beta` is added.
        scale: Whether to multiply by `gamma`.
        beta_initializer: Initializer of `beta`, which has the sizes of `axis`.
        gamma_initializer: Initializer of `gamma`, of the same shape.
        beta_regularizer: Penalty on `beta`.
        gamma_regularizer: Penalty on `gamma`.
        beta_constraint: Constraint on `beta`.
        gamma_constraint: Constraint on `gamma`.
        rms_scaling: Divide by the variance without subtracting the mean (deprecated: use RMSNormalization).
        **kwargs: Arguments of `Layer`.

    Raises:
        TypeError: If `axis` is neither an integer nor a list of them.
        ValueError: If the size of an axis is not known.

    Example:
        >>> import addax as keras
        >>> keras.layers.LayerNormalization(epsilon=1e-6)([[1.0, 3.0]]).numpy().round(3)
        array([[-1.,  1.]], dtype=float32)
    """

    supports_masking = True

    def __init__(
        self,
        axis: Any = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        rms_scaling: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            epsilon,
            center,
            scale,
            beta_initializer,
            gamma_initializer,
            beta_regularizer,
            gamma_regularizer,
            beta_constraint,
            gamma_constraint,
            **kwargs,
        )
        self.axis = checked_axes(axis, type(self).__name__)
        self.rms_scaling = rms_scaling
        if rms_scaling:
            warnings.warn(
                "LayerNormalization(rms_scaling=True) divides by the variance, not by the root mean square; "
                "RMSNormalization does what the name says.",
                stacklevel=2,
            )

    @property
    def _mixes_steps(self) -> bool:  # type: ignore[override]
        axes = self.axis if isinstance(self.axis, (list, tuple)) else [self.axis]
        return any(axis in (0, 1) or axis < -1 for axis in axes)

    def build(self, input_shape: Any) -> None:
        """Create `gamma` and `beta`."""
        self.axis = [self.axis] if isinstance(self.axis, int) else self.axis
        shape = sizes_at(self.axis, input_shape, self)
        if self.rms_scaling:
            self.center = False
        self._add_scale_and_shift(shape)

    def call(self, inputs: Any) -> Any:
        """Normalize a tensor."""
        if self.rms_scaling:
            return self._divide_by_variance(inputs)
        outputs = ops.layer_normalization(inputs, self.gamma, self.beta, axis=self.axis, epsilon=self.epsilon)
        return ops.cast(outputs, self.compute_dtype)

    def _divide_by_variance(self, inputs: Any) -> Any:
        x = ops.cast(inputs, "float32")
        variance = ops.var(x, axis=self.axis, keepdims=True)
        outputs = x * ops.rsqrt(variance + self.epsilon)
        if self.gamma is not None:
            outputs = outputs * _fitted(self.gamma, x, self.axis)
        return ops.cast(outputs, self.compute_dtype)


class RMSNormalization(Layer):
    """Divide each sample by the root mean square of its features (Zhang and Sennrich, 2019).

    The result is multiplied by a learned scale.

    Args:
        axis: The axis or axes of the mean.
        epsilon: Added to the mean square.
        **kwargs: Arguments of `Layer`.

    Raises:
        TypeError: If `axis` is neither an integer nor a list of them.
        ValueError: If the size of an axis is not known.

    Example:
        >>> import addax as keras
        >>> keras.layers.RMSNormalization()([[3.0, 3.0]]).numpy().round(3)
        array([[1., 1.]], dtype=float32)
    """

    def __init__(self, axis: Any = -1, epsilon: float = 1e-6, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = checked_axes(axis, type(self).__name__)
        self.epsilon = epsilon

    def build(self, input_shape: Any) -> None:
        """Create `scale`, which has the sizes of `axis`."""
        self.axis = [self.axis] if isinstance(self.axis, int) else self.axis
        self.scale = self.add_weight(
            name="scale", shape=sizes_at(self.axis, input_shape, self), initializer="ones", autocast=False
        )

    def call(self, x: Any) -> Any:
        """Normalize a tensor."""
        scale = _fitted(self.scale, x, self.axis)
        return ops.cast(ops.rms_normalization(x, scale, self.axis, self.epsilon), self.compute_dtype)


def _fitted(weight: Any, x: Any, axes: list) -> Any:
    """A weight with the sizes of some axes of `x`, in a shape that broadcasts to `x`."""
    rank = len(x.shape)
    own = {axis % rank for axis in axes}
    return ops.reshape(weight, tuple(d if i in own else 1 for i, d in enumerate(x.shape)))
