"""`Normalization`: zero mean and unit variance, learnt from data or given."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from addax import ops
from addax.core import config as settings
from addax.core.errors import message
from addax.engine import TensorShape
from addax.layers._layer import Layer
from addax.layers.preprocess._batches import as_array, batches, is_one_array


class Normalization(Layer):
    """`(inputs - mean) / sqrt(variance)`, with a mean and a variance for each place along some axes.

    They come from `adapt(data)`, or are given.

    Args:
        axis: The axis, or axes, that keep a mean of their own; None for one mean of everything.
        mean: The mean, which broadcasts to the sizes of those axes.
        variance: The variance, of the same shape.
        invert: Whether to undo the normalization: `inputs * sqrt(variance) + mean`.
        **kwargs: Arguments of `Layer`.

    Raises:
        ValueError: If only one of `mean` and `variance` is given, or their shapes do not fit.

    Example:
        >>> import addax as keras
        >>> layer = keras.layers.Normalization()
        >>> layer.adapt([[1.0, 10.0], [3.0, 30.0]])
        >>> layer([[2.0, 40.0]]).numpy()
        array([[0., 2.]], dtype=float32)
    """

    supports_masking = True

    def __init__(
        self, axis: Any = -1, mean: Any = None, variance: Any = None, invert: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.axis = () if axis is None else (axis,) if isinstance(axis, int) else tuple(axis)
        self.input_mean = None if mean is None else np.asarray(mean, "float32")
        self.input_variance = None if variance is None else np.asarray(variance, "float32")
        self.invert = invert
        self.adapt_mean: Any = None
        self.adapt_variance: Any = None
        self.count: Any = None
        self._built_for: Any = None
        self._check_given()

    def _check_given(self) -> None:
        mean, variance = self.input_mean, self.input_variance
        if (mean is None) != (variance is None):
            raise ValueError(
                message(
                    "Normalization needs both `mean` and `variance`, or neither.",
                    received=f"mean={mean}, variance={variance}",
                )
            )
        if (
            mean is not None
            and variance is not None
            and (mean.shape != variance.shape or mean.ndim > len(self.axis))
        ):
            raise ValueError(
                message(
                    "`mean` and `variance` of Normalization do not fit.",
                    expected=f"equal shapes, of at most {len(self.axis)} dimensions (axis={self.axis})",
                    received=f"mean of shape {mean.shape}, variance of shape {variance.shape}",
                )
            )

    def build(self, input_shape: Any) -> None:
        """Create `mean`, `variance` and `count`, unless the values were given."""
        kept = self._kept_axes(input_shape)
        sizes = tuple(input_shape[axis] for axis in kept)
        if None in sizes:
            raise ValueError(
                message(
                    "Normalization needs to know the size of every axis in `axis`.",
                    where=self.path,
                    received=f"axis={self.axis}, input shape {tuple(input_shape)}",
                )
            )
        self._built_for = TensorShape(input_shape)
        if self.input_mean is not None or self.adapt_mean is not None:
            return
        self.adapt_mean = self.add_weight(name="mean", shape=sizes, initializer="zeros", trainable=False)
        self.adapt_variance = self.add_weight(
            name="variance", shape=sizes, initializer="ones", trainable=False
        )
        self.count = self.add_weight(
            name="count", shape=(), dtype="int32", initializer="zeros", trainable=False
        )

    def _kept_axes(self, shape: Any) -> tuple[int, ...]:
        rank = len(shape)
        if any(not -rank <= axis < rank for axis in self.axis):
            raise ValueError(
                message(
                    "`axis` of Normalization does not fit the input.",
                    where=self.path,
                    expected=f"axes from {-rank} to {rank - 1}",
                    received=f"axis={self.axis}, input shape {tuple(shape)}",
                )
            )
        return tuple(sorted(axis % rank for axis in self.axis))

    # Adapting --------------------------------------------------------------------------------------------
    def adapt(self, data: Any) -> None:
        """Compute mean and variance of data.

        Args:
            data: An array, or a dataset or another iterable of batches (of tuples the first part is taken).

        Raises:
            ValueError: If mean and variance were given, or the data does not fit what the layer was built
                for.
        """
        if self.input_mean is not None:
            raise ValueError(
                message(
                    "Normalization was given its mean and variance, so there is nothing to adapt.",
                    where=self.path,
                    hint="Leave `mean` and `variance` out.",
                )
            )
        if is_one_array(data):
            moments = _Moments()
            self._add(moments, as_array(data))
        else:
            moments = self._moments_of(data)
        if moments.count == 0:
            raise ValueError(message("adapt() was given no data.", where=self.path))
        self.adapt_mean.assign(moments.mean)
        self.adapt_variance.assign(moments.variance)
        self.count.assign(min(moments.count, 2**31 - 1))

    def _moments_of(self, data: Any) -> _Moments:
        moments = _Moments()
        spec = getattr(data, "element_spec", None)
        spec = spec[0] if isinstance(spec, tuple) else spec
        shape = getattr(spec, "shape", None)
        if shape is not None and len(shape) == 1 and self.axis:
            data = data.batch(128)  # single samples; without an axis, it makes no difference how they come
        for batch in batches(data):
            self._add(moments, as_array(batch))
        return moments

    def _add(self, moments: _Moments, array: np.ndarray) -> None:
        if array.size == 0:
            return
        if not self.built:
            self.build(array.shape)
        built = self._built_for
        kept = self._kept_axes(array.shape)
        if len(array.shape) != len(built) or any(array.shape[axis] != built[axis] for axis in kept):
            raise ValueError(
                message(
                    "The data does not fit the layer.",
                    where=self.path,
                    expected=f"shape {tuple(built)}, that the layer was built for (axis={self.axis})",
                    received=f"shape {array.shape}",
                )
            )
        moments.add(array, tuple(axis for axis in range(array.ndim) if axis not in kept))

    # Use -------------------------------------------------------------------------------------------------
    @property
    def mean(self) -> Any:
        """The mean, in a shape that broadcasts to the input; None before the layer is built."""
        return self._statistic(self.input_mean, self.adapt_mean)

    @property
    def variance(self) -> Any:
        """The variance, in a shape that broadcasts to the input; None before the layer is built."""
        return self._statistic(self.input_variance, self.adapt_variance)

    def _statistic(self, given: Any, learnt: Any) -> Any:
        if self._built_for is None:
            return None
        kept = self._kept_axes(self._built_for)
        shape = [self._built_for[axis] if axis in kept else 1 for axis in range(len(self._built_for))]
        if learnt is not None:
            return ops.cast(ops.reshape(learnt, shape), self.compute_dtype)
        expanded = [1] * len(shape)
        for i in range(1, given.ndim + 1):
            expanded[kept[-i]] = given.shape[-i]
        return ops.cast(np.broadcast_to(given.reshape(expanded), shape), self.compute_dtype)

    def call(self, inputs: Any) -> Any:
        """Normalize a tensor of any dtype; the result is of the layer's dtype."""
        x = ops.cast(inputs, self.compute_dtype)
        scale = ops.maximum(ops.sqrt(self.variance), settings.epsilon())
        return self.mean + x * scale if self.invert else (x - self.mean) / scale

    def finalize_state(self) -> None:
        """Nothing is left to do after `adapt`; Keras has this method."""

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        config = super().get_config()
        for name, value in (("mean", self.input_mean), ("variance", self.input_variance)):
            config[name] = None if value is None else value.tolist()
        return config

    def get_build_config(self) -> dict[str, Any] | None:
        """The input's shape."""
        return None if self._built_for is None else {"input_shape": self._built_for}


class _Moments:
    """Count, mean and variance of all batches so far."""

    def __init__(self) -> None:
        self.count = 0
        self.mean: Any = 0.0
        self.variance: Any = 0.0

    def add(self, array: np.ndarray, axes: tuple[int, ...]) -> None:
        """Take in a batch, by the rule of Chan, Golub and LeVeque (1983) for joining two samples."""
        array = array.astype(np.float64)
        count = math.prod(array.shape[axis] for axis in axes)
        mean, variance = array.mean(axis=axes), array.var(axis=axes)
        total = self.count + count
        old, new = self.count / total, count / total
        joined = self.mean * old + mean * new
        self.variance = (self.variance + (self.mean - joined) ** 2) * old + (
            variance + (mean - joined) ** 2
        ) * new
        self.mean, self.count = joined, total
