"""`GaussianNoise`, `GaussianDropout`, `AlphaDropout`."""

from __future__ import annotations

from typing import Any

from addax import ops, random
from addax.core.errors import message
from addax.layers import _arguments
from addax.layers.regularize._base import RandomLayer
from addax.layers.regularize._dropout import checked_noise_shape, fitted_noise_shape

# The value that SELU tends to on the negative side, -alpha * scale (Klambauer et al., 2017).
_SELU_FLOOR = -1.7580993408473766


class GaussianNoise(RandomLayer):
    """Add normal noise of mean 0 in training.

    Args:
        stddev: The standard deviation.
        seed: An integer that fixes the draws.
        **kwargs: Arguments of `Layer`.

    Raises:
        ValueError: If `stddev` is not a number from 0.

    Example:
        >>> import addax as keras
        >>> keras.layers.GaussianNoise(0.1)(keras.ops.ones((2, 3)), training=True).shape
        TensorShape([2, 3])
    """

    def __init__(self, stddev: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(seed, **kwargs)
        if isinstance(stddev, bool) or not isinstance(stddev, (int, float)) or not stddev >= 0:
            raise ValueError(
                message(
                    "`stddev` is wrong.",
                    where=type(self).__name__,
                    expected="a number from 0",
                    received=stddev,
                )
            )
        self.stddev = stddev

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Apply the layer to a tensor."""
        if not training or not self.stddev:
            return inputs
        return inputs + random.normal(
            inputs.shape, mean=0.0, stddev=self.stddev, dtype=self.compute_dtype, seed=self.seed_generator
        )


class GaussianDropout(RandomLayer):
    """Multiply by normal noise of mean 1 in training (Srivastava et al., 2014).

    Its variance is `rate / (1 - rate)`, that of `Dropout`.

    Args:
        rate: What the probability of zero is in `Dropout`, from 0 to 1.
        seed: An integer that fixes the draws.
        **kwargs: Arguments of `Layer`.

    Raises:
        ValueError: If `rate` is wrong.

    Example:
        >>> import addax as keras
        >>> keras.layers.GaussianDropout(0.1)(keras.ops.ones((2, 3)), training=True).shape
        TensorShape([2, 3])
    """

    def __init__(self, rate: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(seed, **kwargs)
        self.rate = _arguments.fraction(rate, "rate", type(self).__name__)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Apply the layer to a tensor."""
        if not training or not self.rate:
            return inputs
        stddev = (self.rate / (1.0 - self.rate)) ** 0.5 if self.rate < 1 else float("inf")
        return inputs * random.normal(
            inputs.shape, mean=1.0, stddev=stddev, dtype=self.compute_dtype, seed=self.seed_generator
        )


class AlphaDropout(RandomLayer):
    """Dropout that keeps mean 0 and variance 1, for SELU networks (Klambauer et al., 2017).

    Args:
        rate: The probability of an element to be replaced, from 0 to 1.
        noise_shape: Shape of the mask, which is broadcast to that of the input; None takes the input's size.
        seed: An integer that fixes the draws.
        **kwargs: Arguments of `Layer`.

    Raises:
        ValueError: If `rate` or `noise_shape` is wrong.

    Example:
        >>> import addax as keras
        >>> keras.layers.AlphaDropout(0.1)(keras.ops.ones((2, 3)), training=True).shape
        TensorShape([2, 3])
    """

    def __init__(self, rate: float, noise_shape: Any = None, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(seed, **kwargs)
        where = type(self).__name__
        self.rate = _arguments.fraction(rate, "rate", where)
        self.noise_shape = checked_noise_shape(noise_shape, where)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Apply the layer to a tensor."""
        if not training or not self.rate:
            return inputs
        shape = tuple(inputs.shape)
        if self.noise_shape is not None:
            shape = fitted_noise_shape(self.noise_shape, shape, self.path)
        drawn = random.uniform(shape, dtype="float32", seed=self.seed_generator)
        kept = ops.greater_equal(drawn, self.rate)
        mixed = ops.where(kept, inputs, ops.cast(_SELU_FLOOR, inputs.dtype))
        # The affine map that brings mean and variance back.
        scale = ((1.0 - self.rate) * (1.0 + self.rate * _SELU_FLOOR**2)) ** -0.5 if self.rate < 1 else 0.0
        return mixed * scale - scale * _SELU_FLOOR * self.rate
