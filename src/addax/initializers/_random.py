"""Initializers that draw: normal, uniform, variance scaling in its named forms, orthogonal."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from addax.core import serial
from addax.core.errors import message
from addax.initializers._base import Initializer, array_dtype, as_shape, as_tensor
from addax.random import SeedGenerator
from addax.random._seed import make_default_seed

# The standard deviation of a standard normal variable that is cut off at -2 and 2.
_TRUNCATED_STDDEV = 0.87962566103423978


class RandomInitializer(Initializer):
    """Base of the initializers that draw numbers.

    With an integer seed every call gives the same values, with a `SeedGenerator` each call gives new ones;
    without a seed, one is drawn when the initializer is made.

    Args:
        seed: An integer, a `SeedGenerator`, or None.

    Raises:
        ValueError: If it is none of these.
    """

    def __init__(self, seed: Any = None) -> None:
        if isinstance(seed, dict):
            seed = serial.deserialize(seed)
        if seed is not None and not isinstance(seed, (int, np.integer, SeedGenerator)):
            raise ValueError(
                message("A seed is wrong.", expected="an integer, a SeedGenerator or None", received=seed)
            )
        self._init_seed = seed
        self.seed = make_default_seed() if seed is None else seed

    def _generator(self) -> np.random.Generator:
        if isinstance(self.seed, SeedGenerator):
            high, low = (int(v) for v in np.asarray(self.seed.next()))
            return np.random.Generator(np.random.Philox(key=[high, low + 1]))
        return np.random.Generator(np.random.Philox(key=[int(self.seed) & 0xFFFFFFFFFFFFFFFF, 0]))

    def get_config(self) -> dict[str, Any]:
        """The seed, as it was given."""
        return {"seed": serial.serialize(self._init_seed)}


def _normal(generator: np.random.Generator, shape: tuple, dtype: Any) -> np.ndarray:
    """Standard normal numbers, in double precision only where the weight is."""
    kind = np.float64 if array_dtype(dtype) == np.float64 else np.float32
    return generator.standard_normal(shape, kind)


def _truncated_normal(generator: np.random.Generator, shape: tuple, dtype: Any) -> np.ndarray:
    """Standard normal numbers, drawn again as long as they are outside of -2 to 2."""
    values = np.asarray(_normal(generator, shape, dtype))
    flat = values.reshape(-1)
    outside = np.flatnonzero(np.abs(flat) > 2)
    while outside.size:
        flat[outside] = generator.standard_normal(outside.size, flat.dtype.type)
        outside = outside[np.abs(flat[outside]) > 2]
    return flat.reshape(shape)


def _uniform(generator: np.random.Generator, shape: tuple, dtype: Any) -> np.ndarray:
    kind = np.float64 if array_dtype(dtype) == np.float64 else np.float32
    return generator.random(shape, kind)


def _spread(values: Any, limit: float) -> Any:
    """Numbers from 0 to 1, in place as numbers from `-limit` to `limit`; large weights need no second room."""
    values *= 2
    values -= 1
    values *= limit
    return values


class RandomNormal(RandomInitializer):
    """Numbers from a normal distribution.

    Args:
        mean: The mean.
        stddev: The standard deviation.
        seed: An integer, a `SeedGenerator`, or None.

    Example:
        >>> import addax as keras
        >>> keras.initializers.RandomNormal(stddev=0.01, seed=0)(shape=(2, 2)).shape
        TensorShape([2, 2])
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: Any = None) -> None:
        self.mean = mean
        self.stddev = stddev
        super().__init__(seed=seed)

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        """Draw values of a shape."""
        return as_tensor(_normal(self._generator(), as_shape(shape), dtype) * self.stddev + self.mean, dtype)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return {**super().get_config(), "mean": self.mean, "stddev": self.stddev}


class TruncatedNormal(RandomInitializer):
    """Numbers from a normal distribution; those beyond two standard deviations are drawn again.

    Args:
        mean: The mean before the cut.
        stddev: The standard deviation before the cut.
        seed: An integer, a `SeedGenerator`, or None.

    Example:
        >>> import addax as keras
        >>> x = keras.initializers.TruncatedNormal(stddev=1.0, seed=0)((1000,)).numpy()
        >>> bool(abs(x).max() <= 2.0)
        True
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: Any = None) -> None:
        self.mean = mean
        self.stddev = stddev
        super().__init__(seed=seed)

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        """Draw values of a shape."""
        values = _truncated_normal(self._generator(), as_shape(shape), dtype)
        return as_tensor(values * self.stddev + self.mean, dtype)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return {**super().get_config(), "mean": self.mean, "stddev": self.stddev}


class RandomUniform(RandomInitializer):
    """Numbers spread evenly over an interval.

    Args:
        minval: The lower end.
        maxval: The upper end.
        seed: An integer, a `SeedGenerator`, or None.

    Example:
        >>> import addax as keras
        >>> x = keras.initializers.RandomUniform(0.0, 1.0, seed=0)((100,)).numpy()
        >>> bool(x.min() >= 0.0 and x.max() < 1.0)
        True
    """

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: Any = None) -> None:
        self.minval = minval
        self.maxval = maxval
        super().__init__(seed=seed)

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        """Draw values of a shape."""
        values = _uniform(self._generator(), as_shape(shape), dtype)
        return as_tensor(values * (self.maxval - self.minval) + self.minval, dtype)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return {**super().get_config(), "minval": self.minval, "maxval": self.maxval}


class VarianceScaling(RandomInitializer):
    """Numbers whose variance is `scale / n`, where n counts the connections of a unit.

    Args:
        scale: The factor, positive.
        mode: What n is: `"fan_in"` (inputs), `"fan_out"` (outputs) or `"fan_avg"` (their mean).
        distribution: `"truncated_normal"` (or `"normal"`), `"untruncated_normal"` or `"uniform"`.
        seed: An integer, a `SeedGenerator`, or None.
        input_axes: Axes whose sizes multiply to the number of inputs; found by position if None.
        output_axes: Likewise for the outputs.

    Raises:
        ValueError: If an argument is none of these.

    Example:
        >>> import addax as keras
        >>> x = keras.initializers.VarianceScaling(2.0, "fan_out", "uniform", seed=0)((3, 6)).numpy()
        >>> bool(abs(x).max() <= 1.0)
        True
    """

    def __init__(
        self,
        scale: float = 1.0,
        mode: str = "fan_in",
        distribution: str = "truncated_normal",
        seed: Any = None,
        input_axes: Any = None,
        output_axes: Any = None,
    ) -> None:
        if scale <= 0.0:
            raise ValueError(message("Wrong `scale`.", expected="a positive number", received=scale))
        if mode not in ("fan_in", "fan_out", "fan_avg"):
            raise ValueError(
                message("Unknown mode.", expected='"fan_in", "fan_out" or "fan_avg"', received=mode)
            )
        distribution = distribution.lower()
        if distribution == "normal":
            distribution = "truncated_normal"
        if distribution not in ("uniform", "truncated_normal", "untruncated_normal"):
            raise ValueError(
                message(
                    "Unknown distribution.",
                    expected='"truncated_normal", "untruncated_normal" or "uniform"',
                    received=distribution,
                )
            )
        self.scale = scale
        self.mode = mode
        self.distribution = distribution
        self.input_axes = input_axes
        self.output_axes = output_axes
        super().__init__(seed=seed)

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        """Draw values of a shape."""
        shape = as_shape(shape)
        fan_in, fan_out = compute_fans(shape, self.input_axes, self.output_axes)
        count = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]
        variance = self.scale / max(1.0, count)
        generator = self._generator()
        if self.distribution == "uniform":
            limit = math.sqrt(3.0 * variance)
            return as_tensor(_spread(_uniform(generator, shape, dtype), limit), dtype)
        if self.distribution == "untruncated_normal":
            return as_tensor(_normal(generator, shape, dtype) * math.sqrt(variance), dtype)
        return as_tensor(
            _truncated_normal(generator, shape, dtype) * (math.sqrt(variance) / _TRUNCATED_STDDEV), dtype
        )

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return {
            **super().get_config(),
            "scale": self.scale,
            "mode": self.mode,
            "distribution": self.distribution,
            "input_axes": self.input_axes,
            "output_axes": self.output_axes,
        }


class _NamedScaling(VarianceScaling):
    """A `VarianceScaling` that has a name of its own."""

    _form: tuple[float, str, str]

    def __init__(self, seed: Any = None, input_axes: Any = None, output_axes: Any = None) -> None:
        scale, mode, distribution = self._form
        super().__init__(scale, mode, distribution, seed, input_axes, output_axes)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        config = super().get_config()
        return {key: config[key] for key in ("seed", "input_axes", "output_axes")}


class GlorotUniform(_NamedScaling):
    """Uniform numbers within `sqrt(6 / (fan_in + fan_out))` (Glorot and Bengio, 2010).

    Args:
        seed: An integer, a `SeedGenerator`, or None.
        input_axes: Axes of the inputs; found by position if None.
        output_axes: Axes of the outputs; found by position if None.

    Example:
        >>> import addax as keras
        >>> bool(abs(keras.initializers.GlorotUniform(seed=0)((3, 3)).numpy()).max() <= 1.0)
        True
    """

    _form = (1.0, "fan_avg", "uniform")


class GlorotNormal(_NamedScaling):
    """Truncated normal numbers with variance `2 / (fan_in + fan_out)` (Glorot and Bengio, 2010).

    Args:
        seed: An integer, a `SeedGenerator`, or None.
        input_axes: Axes of the inputs; found by position if None.
        output_axes: Axes of the outputs; found by position if None.

    Example:
        >>> import addax as keras
        >>> keras.initializers.GlorotNormal(seed=0)((3, 3)).shape
        TensorShape([3, 3])
    """

    _form = (1.0, "fan_avg", "truncated_normal")


class LecunNormal(_NamedScaling):
    """Truncated normal numbers with variance `1 / fan_in` (LeCun et al., 1998).

    Args:
        seed: An integer, a `SeedGenerator`, or None.
        input_axes: Axes of the inputs; found by position if None.
        output_axes: Axes of the outputs; found by position if None.

    Example:
        >>> import addax as keras
        >>> keras.initializers.LecunNormal(seed=0)((3, 3)).shape
        TensorShape([3, 3])
    """

    _form = (1.0, "fan_in", "truncated_normal")


class LecunUniform(_NamedScaling):
    """Uniform numbers within `sqrt(3 / fan_in)` (LeCun et al., 1998).

    Args:
        seed: An integer, a `SeedGenerator`, or None.
        input_axes: Axes of the inputs; found by position if None.
        output_axes: Axes of the outputs; found by position if None.

    Example:
        >>> import addax as keras
        >>> keras.initializers.LecunUniform(seed=0)((3, 3)).shape
        TensorShape([3, 3])
    """

    _form = (1.0, "fan_in", "uniform")


class HeNormal(_NamedScaling):
    """Truncated normal numbers with variance `2 / fan_in` (He et al., 2015).

    Args:
        seed: An integer, a `SeedGenerator`, or None.
        input_axes: Axes of the inputs; found by position if None.
        output_axes: Axes of the outputs; found by position if None.

    Example:
        >>> import addax as keras
        >>> keras.initializers.HeNormal(seed=0)((3, 3)).shape
        TensorShape([3, 3])
    """

    _form = (2.0, "fan_in", "truncated_normal")


class HeUniform(_NamedScaling):
    """Uniform numbers within `sqrt(6 / fan_in)` (He et al., 2015).

    Args:
        seed: An integer, a `SeedGenerator`, or None.
        input_axes: Axes of the inputs; found by position if None.
        output_axes: Axes of the outputs; found by position if None.

    Example:
        >>> import addax as keras
        >>> keras.initializers.HeUniform(seed=0)((3, 3)).shape
        TensorShape([3, 3])
    """

    _form = (2.0, "fan_in", "uniform")


class Orthogonal(RandomInitializer):
    """A matrix with orthonormal rows or columns, whichever are fewer (Saxe et al., 2013).

    Weights of higher rank are matrices of `prod(shape[:-1])` rows in another shape.

    Args:
        gain: A factor.
        seed: An integer, a `SeedGenerator`, or None.

    Example:
        >>> import addax as keras
        >>> q = keras.initializers.Orthogonal(seed=0)((3, 3)).numpy()
        >>> abs(q.T @ q).round(3)
        array([[1., 0., 0.],
               [0., 1., 0.],
               [0., 0., 1.]], dtype=float32)
    """

    def __init__(self, gain: float = 1.0, seed: Any = None) -> None:
        self.gain = gain
        super().__init__(seed=seed)

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        """Draw values of a shape; raises ValueError if the rank is less than 2."""
        shape = as_shape(shape)
        if len(shape) < 2:
            raise ValueError(
                message(
                    "Orthogonal makes matrices.",
                    expected="a shape of rank 2 or more",
                    received=f"shape {shape}",
                )
            )
        rows, columns = math.prod(shape[:-1]), shape[-1]
        draws = _normal(self._generator(), (max(rows, columns), min(rows, columns)), dtype)
        q, r = np.linalg.qr(draws)
        q = q * np.where(np.diagonal(r) < 0, -1, 1).astype(q.dtype)  # makes the distribution uniform
        if rows < columns:
            q = q.T
        return as_tensor(self.gain * q.reshape(shape), dtype)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return {**super().get_config(), "gain": self.gain}


def compute_fans(shape: Any, input_axes: Any = None, output_axes: Any = None) -> tuple[int, int]:
    """The numbers of inputs and outputs of a unit of a weight.

    Args:
        shape: The shape of the weight; `(*window, inputs, outputs)` if the axes are not given.
        input_axes: Axes of the inputs.
        output_axes: Axes of the outputs.

    Example:
        >>> compute_fans((3, 3, 8, 16))
        (72, 144)
    """
    shape = tuple(shape)
    if input_axes is not None and output_axes is not None:
        return math.prod(shape[a] for a in input_axes), math.prod(shape[a] for a in output_axes)
    if len(shape) < 2:
        count = shape[0] if shape else 1
        return int(count), int(count)
    window = math.prod(shape[:-2])
    return int(shape[-2] * window), int(shape[-1] * window)
