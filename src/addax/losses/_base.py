"""`Loss`: weigh, mask and reduce what `call` computes for each sample."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from addax import measures
from addax.core import dtypes, names, serial, tree
from addax.core.errors import message, suggest
from addax.engine import Module, _replicas
from addax.measures._arrays import all_raw, unwrapped

_REDUCTIONS = ("sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none")
_MEANS = ("sum_over_batch_size", "mean", "mean_with_sample_weight")
_STANDARD = ("name", "reduction", "dtype")


class Reduction:
    """The names of the reductions as constants, as tf.keras has them.

    Example:
        >>> import addax as keras
        >>> keras.losses.MeanSquaredError(reduction=keras.losses.Reduction.SUM).reduction
        'sum'
    """

    AUTO = "auto"
    NONE = "none"
    SUM = "sum"
    SUM_OVER_BATCH_SIZE = "sum_over_batch_size"

    @classmethod
    def all(cls) -> tuple[str, ...]:
        """All of them."""
        return (cls.AUTO, cls.NONE, cls.SUM, cls.SUM_OVER_BATCH_SIZE)

    @classmethod
    def validate(cls, key: str) -> None:
        """Raise ValueError unless `key` is a reduction."""
        standardize_reduction(key)


def standardize_reduction(reduction: Any) -> str | None:
    """A reduction as `Loss` keeps it: `"auto"` is the mean.

    Raises:
        ValueError: If there is no such reduction.
    """
    if reduction == "auto":
        return "sum_over_batch_size"
    if reduction is None or reduction in _REDUCTIONS:
        return reduction
    raise ValueError(
        message(
            "Unknown reduction of a loss.",
            expected=", ".join(repr(r) for r in _REDUCTIONS) + " or None",
            received=reduction,
            hint=suggest(str(reduction), _REDUCTIONS) or None,
        )
    )


class Loss(Module):
    """Base class of losses: a subclass defines `call(y_true, y_pred)`, which gives one value for each sample.

    Args:
        name: A name; made from the class name if None.
        reduction: What becomes of the values: `"sum_over_batch_size"` or `"mean"` (their mean), `"sum"`,
            `"mean_with_sample_weight"` (their weighted sum divided by the sum of weights), `None` or `"none"`
            (nothing). `"auto"` is the mean.
        dtype: The dtype (or policy) of the computation; the float dtype of the settings if None.

    Raises:
        ValueError: If the reduction is unknown.

    Example:
        >>> import addax as keras
        >>> class Cubed(keras.losses.Loss):
        ...     def call(self, y_true, y_pred):
        ...         return keras.ops.mean(keras.ops.abs(y_pred - y_true) ** 3, axis=-1)
        >>> float(Cubed()([[0.0]], [[2.0]]))
        8.0
    """

    takes_class_ids = False  # whether labels stay integers, which no float dtype may round
    _written: Iterable[str] = ()  # arguments that a subclass's get_config writes itself

    def __init__(
        self, name: str | None = None, reduction: str | None = "sum_over_batch_size", dtype: Any = None
    ) -> None:
        self.name = name or names.unique_name(names.to_snake_case(type(self).__name__))
        self.reduction = standardize_reduction(reduction)
        self._dtype = measures.compute_dtype(dtype)

    @property
    def dtype(self) -> dtypes.DType:
        """The dtype of the computation."""
        return self._dtype

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Compute the reduced loss.

        Args:
            y_true: Labels, a tensor (or anything that converts) or a nest of them.
            y_pred: Predictions of shape `(batch, ...)`, or a nest. What their mask leaves out does not count.
            sample_weight: Weights: one for each sample, or of a shape that broadcasts to the values.

        Returns:
            A scalar; values of shape `(batch, ...)` if the reduction is None. JAX arrays if those went in. On one of
            several replicas of `tf.distribute` a mean is divided by their number, so that their sum is the mean.

        Raises:
            ValueError: If labels, predictions and weights do not fit.
        """
        raw = all_raw(*_leaves(y_true), *_leaves(y_pred))
        mask = measures.mask_of(y_pred)
        y_pred = _converted(y_pred, self._dtype)
        y_true = _converted(y_true, None if self.takes_class_ids else self._dtype)
        values = self.call(y_true, y_pred)
        mask = measures.combine_masks(mask, measures.mask_of(values))
        values = measures.as_tensor(values, self._dtype)
        result = measures.reduce_weighted(values, sample_weight, mask, self.reduction)
        if self.reduction in _MEANS:
            result = _replicas.share(result)
        return unwrapped(result, raw)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The values before weighting and reduction; subclasses define it.

        Args:
            y_true: Labels, in the dtype of the loss.
            y_pred: Predictions, likewise.

        Returns:
            A tensor of shape `(batch, ...)`.
        """
        raise NotImplementedError(
            message(
                f"{type(self).__name__} does not say how to compute it.",
                hint="Define call(self, y_true, y_pred).",
            )
        )

    def get_config(self) -> dict[str, Any]:
        """The arguments that `from_config` takes: name, reduction, and those of a user's constructor."""
        config: dict[str, Any] = {"name": self.name, "reduction": self.reduction}
        if self._dtype != dtypes.standardize(None):
            config["dtype"] = self._dtype.name
        written = (*_STANDARD, *self._written)
        own = {k: v for k, v in self._bound_arguments.items() if k not in written}
        return {**config, **measures.saveable_arguments(own)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Make a loss from what `get_config` gave."""
        return cls(**measures.accepted_by(cls, config, _STANDARD))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, reduction={self.reduction}>"


def _leaves(value: Any) -> list:
    return tree.flatten(value) if isinstance(value, (dict, list, tuple)) else [value]


def _converted(value: Any, dtype: Any) -> Any:
    """A tensor, or a nest of tensors; nested lists of numbers are one tensor."""
    if isinstance(value, dict):
        return {key: _converted(item, dtype) for key, item in value.items()}
    if isinstance(value, (list, tuple)) and any(_is_array(leaf) for leaf in tree.flatten(value)):
        return tree.map_structure(lambda leaf: measures.as_tensor(leaf, dtype), value)
    return measures.as_tensor(value, dtype)


def _is_array(value: Any) -> bool:
    return bool(getattr(value, "shape", ()))  # NumPy's scalars are numbers


class LossFunctionWrapper(Loss):
    """A loss that reduces what a function `(y_true, y_pred)` gives.

    Args:
        fn: The function; labels and predictions that differ by a last axis of size 1 are brought to one rank.
        reduction: As for `Loss`.
        name: A name; made from the class name if None.
        dtype: As for `Loss`.
        **kwargs: More arguments of the function.

    Example:
        >>> import addax as keras
        >>> from addax.losses import LossFunctionWrapper
        >>> float(LossFunctionWrapper(keras.losses.huber, delta=2.0)([[0.0]], [[1.0]]))
        0.5
    """

    def __init__(
        self,
        fn: Callable,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.fn = fn
        self._fn_kwargs = kwargs
        self._written = ("fn", *kwargs)
        self.takes_class_ids = getattr(fn, "takes_class_ids", False)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The function's values, of shape `(batch, ...)`."""
        if not self.takes_class_ids and not tree.is_nested(y_true) and not tree.is_nested(y_pred):
            y_true, y_pred = measures.squeeze_or_expand(y_true, y_pred)
        return self.fn(y_true, y_pred, **self._fn_kwargs)

    def get_config(self) -> dict[str, Any]:
        """The arguments that `from_config` takes; the function is saved by its name."""
        config = super().get_config()
        return {**config, "fn": serial.serialize(self.fn), **self._fn_kwargs}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Make a loss from what `get_config` gave."""
        if isinstance(config.get("fn"), dict):
            config = {**config, "fn": serial.deserialize(config["fn"])}
        return super().from_config(config)


class NamedLoss(LossFunctionWrapper):
    """A loss of the library: the arguments of its function are attributes and make its config.

    A class lists in `_quiet` the arguments, with their defaults, that Keras leaves out of its files; they are
    written only if they have another value.
    """

    _quiet: dict[str, Any] = {}

    def __init__(self, fn: Callable, reduction: Any, name: str | None, dtype: Any, **kwargs: Any) -> None:
        super().__init__(fn, reduction=reduction, name=name, dtype=dtype, **kwargs)
        for key, value in kwargs.items():
            setattr(self, key, value)

    def get_config(self) -> dict[str, Any]:
        """The arguments that `from_config` takes."""
        arguments = self._fn_kwargs.items()
        return {
            **Loss.get_config(self),
            **{k: v for k, v in arguments if k not in self._quiet or self._quiet[k] != v},
        }
