"""What normalization layers share: scale and shift, and axes."""

from __future__ import annotations

from typing import Any

from addax import constraints, initializers, regularizers
from addax.core.errors import message
from addax.layers._arguments import is_int
from addax.layers._layer import Layer


class ScaledNormalization(Layer):
    """A normalization with a learned scale `gamma` and shift `beta`."""

    def __init__(
        self,
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
        super().__init__(**kwargs)
        self.epsilon = epsilon
        self.center = center
        self.scale = scale
        self.beta_initializer = initializers.get(beta_initializer)
        self.gamma_initializer = initializers.get(gamma_initializer)
        self.beta_regularizer = regularizers.get(beta_regularizer)
        self.gamma_regularizer = regularizers.get(gamma_regularizer)
        self.beta_constraint = constraints.get(beta_constraint)
        self.gamma_constraint = constraints.get(gamma_constraint)

    def _add_scale_and_shift(self, shape: tuple) -> None:
        """Create `gamma` and `beta`, which stay in the variables' dtype when computing in half precision."""
        self.gamma = self.beta = None
        if self.scale:
            self.gamma = self.add_weight(
                name="gamma",
                shape=shape,
                initializer=self.gamma_initializer,
                regularizer=self.gamma_regularizer,
                constraint=self.gamma_constraint,
                autocast=False,
            )
        if self.center:
            self.beta = self.add_weight(
                name="beta",
                shape=shape,
                initializer=self.beta_initializer,
                regularizer=self.beta_regularizer,
                constraint=self.beta_constraint,
                autocast=False,
            )


def checked_axes(axis: Any, where: str) -> Any:
    """An `axis` argument that may be an integer or several; a list if several.

    Raises:
        TypeError: If it is neither.
    """
    if is_int(axis):
        return int(axis)
    if not isinstance(axis, (list, tuple)) or not axis or not all(is_int(a) for a in axis):
        raise TypeError(
            message(
                "`axis` is wrong.", where=where, expected="an integer or a list of integers", received=axis
            )
        )
    return [int(a) for a in axis]


def sizes_at(axes: list, shape: Any, layer: Layer) -> tuple[int, ...]:
    """The sizes of a shape at some axes, which must be known.

    Raises:
        ValueError: If there is no such axis, or its size is unknown.
    """
    rank = len(shape)
    for axis in axes:
        if not -rank <= axis < rank or shape[axis] is None:
            raise ValueError(
                message(
                    f"{type(layer).__name__} needs to know the size of axis {axis}.",
                    where=layer.path,
                    expected=f"an input with a known size at axis {axis}",
                    received=f"shape {tuple(shape)}",
                )
            )
    return tuple(shape[axis] for axis in axes)
