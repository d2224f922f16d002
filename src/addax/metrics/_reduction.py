"""Means and sums over all samples, and the mean of any function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from addax import measures, ops
from addax.core import dtypes, serial
from addax.core.errors import message
from addax.measures._weights import mask_weights
from addax.metrics._base import Metric, zeros


def _per_sample(values: Any, weights: Any, reduce: Callable) -> tuple[Any, Any]:
    """Reduce weighted values, and the weights likewise, to one for each sample."""
    if weights is not None:
        if weights.shape and not values.shape:  # one number for the batch weighs as much as all samples
            weights = ops.sum(weights)
        values, weights = measures.squeeze_or_expand(values, weights)
        rank = len(weights.shape)
        if len(values.shape) > rank and _leads(weights.shape, values.shape):
            values = reduce(values, axis=tuple(range(rank, len(values.shape))))
        else:
            values, weights = measures.fit_weights(values, weights)
        if weights.shape != values.shape:
            weights = ops.broadcast_to(weights, ops.shape(values))
        values = values * weights
        if rank > 1:
            weights = reduce(weights, axis=tuple(range(1, len(weights.shape))))
    if len(values.shape) > 1:
        values = reduce(values, axis=tuple(range(1, len(values.shape))))
    return values, weights


def _leads(weights: Any, values: Any) -> bool:
    """Whether weights are for the leading axes of the values."""
    return all(w in (1, v) for w, v in zip(weights, values, strict=False))


class Sum(Metric):
    """The (weighted) sum of all values.

    Args:
        name: A name.
        dtype: The dtype of the computation.

    Example:
        >>> import addax as keras
        >>> m = keras.metrics.Sum()
        >>> m.update_state([1, 3, 5, 7], sample_weight=[1, 1, 0, 0])
        >>> float(m.result())
        4.0
    """

    def __init__(self, name: str | None = "sum", dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self.total = self.add_variable((), zeros, dtype=self.dtype, name="total")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        """Add values.

        Args:
            values: Tensor of any shape.
            sample_weight: Weights that broadcast to it, or of its leading axes; or None.
        """
        mask = measures.mask_of(values)
        values = measures.as_tensor(values, self.dtype)
        values, _ = _per_sample(values, mask_weights(mask, self.dtype, sample_weight), ops.sum)
        self.total.assign_add(ops.sum(values))

    def result(self) -> Any:
        """The sum, a scalar."""
        return self.total.value


class Mean(Metric):
    """The (weighted) mean of all values; of values with more axes than one, each sample is averaged first.

    Args:
        name: A name.
        dtype: The dtype of the computation.

    Example:
        >>> import addax as keras
        >>> m = keras.metrics.Mean()
        >>> m.update_state([1, 3, 5, 7])
        >>> float(m.result())
        4.0
    """

    def __init__(self, name: str | None = "mean", dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self.total = self.add_variable((), zeros, dtype=self.dtype, name="total")
        self.count = self.add_variable((), zeros, dtype=self.dtype, name="count")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        """Take in values.

        Args:
            values: Tensor of any shape, the first axis that of samples.
            sample_weight: Weights that broadcast to it, or of its leading axes; or None.
        """
        mask = measures.mask_of(values)
        values = measures.as_tensor(values, self.dtype)
        self._accumulate(values, mask_weights(mask, self.dtype, sample_weight))

    def _accumulate(self, values: Any, weights: Any) -> None:
        values, weights = _per_sample(values, weights, ops.mean)
        self.total.assign_add(ops.sum(values) if values.shape else values)
        if weights is None:
            self.count.assign_add(ops.shape(values)[0] if values.shape else 1)
        else:
            self.count.assign_add(ops.sum(weights) if weights.shape else weights)

    def result(self) -> Any:
        """The mean, a scalar; 0 before the first update."""
        return ops.divide_no_nan(self.total, self.count)


class MeanMetricWrapper(Mean):
    """The mean of what a function `(y_true, y_pred)` gives for each sample.

    Args:
        fn: The function. Labels and predictions that differ by a last axis of size 1 are brought to one rank.
        name: A name.
        dtype: The dtype of the computation.
        **kwargs: More arguments of the function.

    Example:
        >>> import addax as keras
        >>> m = keras.metrics.MeanMetricWrapper(keras.metrics.huber, name="far", delta=2.0)
        >>> float(m([[0.0], [0.0]], [[1.0], [2.0]]))
        1.25
    """

    def __init__(self, fn: Callable, name: str | None = None, dtype: Any = None, **kwargs: Any) -> None:
        super().__init__(name=name, dtype=dtype)
        self._fn = fn
        self._fn_kwargs = kwargs
        if self._direction is None and getattr(fn, "__module__", None) == "addax.losses":
            self._direction = "down"

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in a batch.

        Args:
            y_true: Labels.
            y_pred: Predictions; where their mask is false they do not count.
            sample_weight: Weights of the function's values, or of samples; or None.
        """
        mask = measures.mask_of(y_pred)
        if not hasattr(self._fn, "takes_class_ids"):  # a function that does not look at shapes itself
            y_true, y_pred = _aligned(y_true, y_pred)
        values = self._fn(y_true, y_pred, **self._fn_kwargs)
        mask = measures.combine_masks(mask, measures.mask_of(values))
        values = measures.as_tensor(values, self.dtype)
        self._accumulate(values, mask_weights(mask, self.dtype, sample_weight))

    def get_config(self) -> dict[str, Any]:
        """The arguments that `from_config` takes; the function is saved by its name."""
        return {**super().get_config(), "fn": serial.serialize(self._fn), **self._fn_kwargs}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Make a metric from what `get_config` gave."""
        if isinstance(config.get("fn"), dict):
            config = {**config, "fn": serial.deserialize(config["fn"])}
        return super().from_config(config)


def _aligned(y_true: Any, y_pred: Any) -> tuple[Any, Any]:
    if isinstance(y_true, dict) or isinstance(y_pred, dict):
        return y_true, y_pred
    return measures.squeeze_or_expand(measures.as_tensor(y_true), measures.as_tensor(y_pred))


class NamedMean(MeanMetricWrapper):
    """A mean of the library: the arguments of its function are attributes and make its config.

    A class lists in `_quiet` the arguments, with their defaults, that Keras leaves out of its files; they are
    written only if they have another value.
    """

    _quiet: dict[str, Any] = {}

    def __init__(self, fn: Callable, name: str | None, dtype: Any, **kwargs: Any) -> None:
        super().__init__(fn, name=name, dtype=dtype, **kwargs)
        for key, value in kwargs.items():
            setattr(self, key, value)

    def get_config(self) -> dict[str, Any]:
        """The arguments that `from_config` takes."""
        arguments = self._fn_kwargs.items()
        return {
            **Metric.get_config(self),
            **{k: v for k, v in arguments if k not in self._quiet or self._quiet[k] != v},
        }


class MeanTensor(Metric):
    """The (weighted) mean of tensors, element by element.

    Args:
        name: A name.
        dtype: The dtype of the computation.
        shape: The shape of the values; that of the first ones if None.

    Example:
        >>> import addax as keras
        >>> m = keras.metrics.MeanTensor()
        >>> m.update_state([0, 1, 2])
        >>> m([4, 5, 6]).numpy()
        array([2., 3., 4.], dtype=float32)
    """

    total: Any
    count: Any

    def __init__(self, name: str | None = "mean_tensor", dtype: Any = None, shape: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self.shape = None if shape is None else tuple(shape)
        self._built = False
        if shape is not None:
            self._build(self.shape)

    def _build(self, shape: Any) -> None:
        self.total = self.add_variable(shape, zeros, dtype=self.dtype, name="total")
        self.count = self.add_variable(shape, zeros, dtype=self.dtype, name="count")
        self._built = True

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        """Take in a tensor.

        Args:
            values: Tensor of the shape of all others.
            sample_weight: Weights that broadcast to it, or None.

        Raises:
            ValueError: If it has another shape than those before.
        """
        values = measures.as_tensor(values, self.dtype)
        if not self._built:
            self._build(tuple(values.shape))
        if self.total.shape != values.shape:
            raise ValueError(
                message(
                    f"The values do not fit metric '{self.name}'.",
                    expected=f"shape {tuple(self.total.shape)}, that of the values before",
                    received=f"shape {tuple(values.shape)}",
                )
            )
        weights = ops.ones_like(values)
        if sample_weight is not None:
            _, fitted = measures.fit_weights(values, measures.as_tensor(sample_weight, self.dtype))
            weights = weights * fitted
        self.total.assign_add(values * weights)
        self.count.assign_add(weights)

    def result(self) -> Any:
        """The means, of the shape of the values.

        Raises:
            ValueError: Before the first update, if the shape is not known.
        """
        if not self._built:
            raise ValueError(
                message(
                    f"Metric '{self.name}' has no shape yet.", hint="Update it first, or pass shape=(...)."
                )
            )
        return ops.divide_no_nan(self.total, self.count)

    def get_config(self) -> dict[str, Any]:
        """The arguments that `from_config` takes."""
        shape = None if self.shape is None else [None if d is None else int(d) for d in self.shape]
        return {**super().get_config(), "shape": shape}


def as_floatx(flags: Any) -> Any:
    """Bools as numbers of the float dtype of the settings."""
    return ops.cast(flags, dtypes.standardize(None))
