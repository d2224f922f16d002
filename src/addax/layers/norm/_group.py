"""`GroupNormalization`: each sample, in groups of channels."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.core.errors import message
from addax.layers._arguments import is_int
from addax.layers._spec import InputSpec
from addax.layers.norm._base import ScaledNormalization, sizes_at


class GroupNormalization(ScaledNormalization):
    """Normalize each sample over groups of channels (Wu and He, 2018).

    One group is layer normalization; as many groups as channels (`groups=-1`) is instance normalization.

    Args:
        groups: The number of groups, which divides the number of channels; -1 for one channel in each.
        axis: The axis of the channels.
        epsilon: Added to the variance.
        center: Whether `beta` is added.
        scale: Whether to multiply by `gamma`.
        beta_initializer: Initializer of `beta`, of shape `(channels,)`.
        gamma_initializer: Initializer of `gamma`, of the same shape.
        beta_regularizer: Penalty on `beta`.
        gamma_regularizer: Penalty on `gamma`.
        beta_constraint: Constraint on `beta`.
        gamma_constraint: Constraint on `gamma`.
        **kwargs: Arguments of `Layer`.

    Raises:
        ValueError: If the channels cannot be split into the groups, or their number is not known.

    Example:
        >>> import addax as keras
        >>> keras.layers.GroupNormalization(groups=2)(keras.ops.ones((2, 5, 5, 4))).shape
        TensorShape([2, 5, 5, 4])
    """

    supports_masking = True
    _mixes_steps = True

    def __init__(
        self,
        groups: int = 32,
        axis: int = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
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
        where = type(self).__name__
        if not is_int(groups) or groups == 0 or groups < -1:
            raise ValueError(
                message(
                    "`groups` is wrong.", where=where, expected="a positive integer or -1", received=groups
                )
            )
        if not is_int(axis):
            raise ValueError(message("`axis` is wrong.", where=where, expected="an integer", received=axis))
        self.groups = int(groups)
        self.axis = int(axis)

    def build(self, input_shape: Any) -> None:
        """Create `gamma` and `beta`."""
        (channels,) = sizes_at([self.axis], input_shape, self)
        if self.groups == -1:
            self.groups = channels
        if channels % self.groups:
            raise ValueError(
                message(
                    "The channels cannot be split into the groups.",
                    where=self.path,
                    expected=f"a multiple of groups={self.groups} channels at axis {self.axis}",
                    received=f"{channels} channels, input shape {tuple(input_shape)}",
                    hint=f"The default is groups=32; {channels} channels need a divisor of {channels}.",
                )
            )
        self.input_spec = InputSpec(ndim=len(input_shape), axes={self.axis: channels})
        self._add_scale_and_shift((channels,))

    def call(self, inputs: Any) -> Any:
        """Normalize a tensor."""
        x = ops.cast(inputs, "float32") if str(inputs.dtype) in ("float16", "bfloat16") else inputs
        shape, rank = tuple(inputs.shape), len(inputs.shape)
        axis = self.axis % rank
        size = shape[axis] // self.groups
        grouped = ops.reshape(x, (*shape[:axis], self.groups, size, *shape[axis + 1 :]))
        axes = [a for a in range(1, rank + 1) if a != axis]
        mean, variance = ops.moments(grouped, axes=axes, keepdims=True)
        factor = ops.rsqrt(variance + self.epsilon)
        per_channel = tuple(
            self.groups if a == axis else size if a == axis + 1 else 1 for a in range(rank + 1)
        )
        if self.gamma is not None:
            factor = factor * ops.reshape(self.gamma, per_channel)
        outputs = (grouped - mean) * factor
        if self.beta is not None:
            outputs = outputs + ops.reshape(self.beta, per_channel)
        return ops.cast(ops.reshape(outputs, shape), self.compute_dtype)
