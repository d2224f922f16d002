"""`RandomFourierFeatures`: cosines of random projections, whose products approximate a kernel."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from addax import initializers, ops
from addax.core.errors import message
from addax.layers import _arguments
from addax.layers._layer import Layer
from addax.layers._spec import InputSpec


class RandomFourierFeatures(Layer):
    """Maps inputs to `cos(x @ kernel / scale + bias)`, so that a linear layer after it works as a kernel machine.

    Source: Rahimi and Recht, Random Features for Large-Scale Kernel Machines, 2007; the layer of tf.keras.

    Args:
        output_dim: The number of features.
        kernel_initializer: `"gaussian"` or `"laplacian"`, for the kernel that is approximated; or an initializer.
        scale: The width of that kernel; None is 1 for the Laplacian, `sqrt(input_dim / 2)` for the Gaussian kernel.
        trainable: Whether the scale is trained.
        name: The name.
        **kwargs: Arguments of `Layer`.

    Raises:
        ValueError: If an argument is wrong, or (when called) the inputs are no matrix.

    Example:
        >>> import addax as keras
        >>> keras.layers.experimental.RandomFourierFeatures(8)(keras.ops.ones((2, 3))).shape
        TensorShape([2, 8])
    """

    def __init__(
        self,
        output_dim: int,
        kernel_initializer: Any = "gaussian",
        scale: float | None = None,
        trainable: bool = False,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(trainable=trainable, name=name, **kwargs)
        where = type(self).__name__
        self.output_dim = _arguments.positive_int(output_dim, "output_dim", where)
        self.kernel_initializer = kernel_initializer
        if scale is not None and scale <= 0:
            raise ValueError(
                message("`scale` is wrong.", where=where, expected="a number above 0", received=scale)
            )
        self.scale = scale
        self.input_spec = InputSpec(ndim=2)

    def build(self, input_shape: Any) -> None:
        """Draw the projections for inputs of `input_shape`, `(batch, features)`."""
        features = input_shape[-1]
        if features is None:
            received = f"shape {tuple(input_shape)}"
            raise ValueError(
                message(
                    "The number of features is not known.",
                    where=self.path,
                    expected="a size",
                    received=received,
                )
            )
        self.input_spec = InputSpec(ndim=2, axes={1: features})
        self.unscaled_kernel = self.add_weight(
            name="unscaled_kernel",
            shape=(features, self.output_dim),
            initializer=_projections(self.kernel_initializer),
            trainable=False,
        )
        self.bias = self.add_weight(
            name="bias",
            shape=(self.output_dim,),
            initializer=initializers.RandomUniform(0.0, 2 * math.pi),
            trainable=False,
        )
        gaussian = str(self.kernel_initializer).lower() == "gaussian"
        scale = self.scale or (math.sqrt(features / 2.0) if gaussian else 1.0)
        self.kernel_scale = self.add_weight(
            name="kernel_scale",
            shape=(1,),
            initializer=initializers.Constant(scale),
            constraint="NonNeg",
            trainable=True,
        )

    def call(self, inputs: Any) -> Any:
        """Cosines of shape `(batch, output_dim)`, of inputs of shape `(batch, features)`."""
        return ops.cos(ops.matmul(inputs, self.unscaled_kernel / self.kernel_scale) + self.bias)


def _projections(name: Any) -> Any:
    if not isinstance(name, str) or name.lower() not in ("gaussian", "laplacian"):
        return initializers.get(name)
    if name.lower() == "gaussian":
        return initializers.RandomNormal(stddev=1.0)

    def cauchy(shape: Any, dtype: Any = None) -> Any:
        uniform = initializers.RandomUniform(0.0, 1.0)(shape, dtype)
        return ops.tan(np.pi * (uniform - 0.5))

    return cauchy
