"""`SpectralNormalization`: a wrapper that keeps the largest singular value of a kernel at 1."""

from __future__ import annotations

from typing import Any

from addax import initializers, ops
from addax.core.errors import message
from addax.layers import _arguments
from addax.layers._spec import InputSpec
from addax.layers.core._wrapper import Wrapper


class SpectralNormalization(Wrapper):
    """Divide the kernel of a layer by its spectral norm before each call in training (Miyato et al., 2018).

    Args:
        layer: The layer; it must have a `kernel` or `embeddings`.
        power_iterations: Steps of the power iteration that estimates the norm, in each call.
        **kwargs: Arguments of `Layer`.

    Raises:
        ValueError: If `power_iterations` is no positive integer, or the layer has no kernel.

    Example:
        >>> import addax as keras
        >>> layer = keras.layers.SpectralNormalization(keras.layers.Dense(4))
        >>> layer(keras.ops.ones((2, 3)), training=True).shape
        TensorShape([2, 4])
    """

    def __init__(self, layer: Any, power_iterations: int = 1, **kwargs: Any) -> None:
        super().__init__(layer, **kwargs)
        self.power_iterations = _arguments.positive_int(
            power_iterations, "power_iterations", type(self).__name__
        )

    def build(self, input_shape: Any) -> None:
        """Build the layer, and create `vector_u` of shape `(1, last axis of the kernel)`."""
        super().build(input_shape)
        self.input_spec = InputSpec(min_ndim=1, axes={-1: input_shape[-1]})
        kernel = getattr(self.layer, "kernel", None)
        self.kernel: Any = getattr(self.layer, "embeddings", None) if kernel is None else kernel
        if self.kernel is None:
            raise ValueError(
                message(
                    "The layer has nothing to normalize.",
                    where=self.path,
                    expected="a layer with a weight called `kernel` or `embeddings`",
                    received=type(self.layer).__name__,
                )
            )
        self.vector_u = self.add_weight(
            name="vector_u",
            shape=(1, self.kernel.shape[-1]),
            initializer=initializers.TruncatedNormal(stddev=0.02),
            trainable=False,
            dtype=self.kernel.dtype,
        )

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Call the layer; in training, normalize its kernel first."""
        if training:
            self._normalize()
        return self.layer(inputs)

    def _normalize(self) -> None:
        kernel = self.kernel
        matrix = ops.reshape(kernel, (-1, kernel.shape[-1]))
        u = ops.convert_to_tensor(self.vector_u)
        v = None
        for _ in range(self.power_iterations):
            v = _unit(ops.matmul(u, ops.transpose(matrix)))
            u = _unit(ops.matmul(v, matrix))
        u, v = ops.stop_gradient(u), ops.stop_gradient(v)
        norm = ops.matmul(ops.matmul(v, matrix), ops.transpose(u))
        self.vector_u.assign(u)
        kernel.assign(ops.reshape(matrix / norm, kernel.shape))


def _unit(row: Any) -> Any:
    return ops.normalize(row, axis=-1, epsilon=1e-12)
