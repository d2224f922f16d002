"""`Metric`: numbers that accumulate over batches, in variables that are no weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from addax import measures
from addax.core import context, dtypes, names
from addax.core.errors import message
from addax.engine import Module, Variable, pure, raw_of

_STANDARD = ("name", "dtype")


class Metric(Module):
    """Base class of metrics: a subclass creates variables and defines `update_state` and `result`.

    Args:
        dtype: The dtype (or policy) of the computation; the float dtype of the settings if None.
        name: A name, the key in logs; made from the class name if None.

    Example:
        >>> import addax as keras
        >>> class Largest(keras.metrics.Metric):
        ...     def __init__(self, **kwargs):
        ...         super().__init__(**kwargs)
        ...         self.value = self.add_weight(name="value", initializer="zeros")
        ...
        ...     def update_state(self, y_true, y_pred, sample_weight=None):
        ...         self.value.assign(keras.ops.maximum(self.value, keras.ops.max(y_pred)))
        ...
        ...     def result(self):
        ...         return self.value.value
        >>> float(Largest()([0.0, 0.0], [2.0, 1.0]))
        2.0
    """

    _direction: str | None = None  # "up" if larger is better, "down" if smaller is

    def __init__(self, dtype: Any = None, name: str | None = None) -> None:
        if isinstance(dtype, str) and not _is_dtype(dtype):  # tf.keras took the name first
            dtype, name = name, dtype
        self.name = name or names.unique_name(names.to_snake_case(type(self).__name__))
        self._dtype = measures.compute_dtype(dtype)

    @property
    def dtype(self) -> dtypes.DType:
        """The dtype of the computation."""
        return self._dtype

    @property
    def variables(self) -> list[Variable]:
        """The variables of this metric and of metrics inside it."""
        return self._walk_variables()

    # What subclasses define ------------------------------------------------------------------------------
    def update_state(self, *args: Any, **kwargs: Any) -> Any:
        """Take in a batch, usually `(y_true, y_pred, sample_weight=None)`; subclasses define it."""
        raise NotImplementedError(
            message(
                f"{type(self).__name__} does not say how to take in a batch.",
                hint="Define update_state(self, y_true, y_pred, sample_weight=None).",
            )
        )

    def result(self) -> Any:
        """The value so far, a tensor (or a dict of them); subclasses define it."""
        raise NotImplementedError(
            message(f"{type(self).__name__} does not say what it has found.", hint="Define result(self).")
        )

    # State -----------------------------------------------------------------------------------------------
    def reset_state(self) -> None:
        """Start over: set the variables to zero."""
        if type(self).reset_states is not Metric.reset_states:
            self.reset_states()  # a class written for tf.keras
        else:
            self._zero()

    def reset_states(self) -> None:
        """The older name of `reset_state`."""
        if type(self).reset_state is not Metric.reset_state:
            self.reset_state()
        else:
            self._zero()

    def _zero(self) -> None:
        for variable in self.variables:
            variable.assign(np.zeros(variable.shape, dtypes.numpy_dtype(variable.dtype)))

    def add_variable(
        self,
        shape: Any = (),
        initializer: Any = None,
        dtype: Any = None,
        aggregation: str = "sum",
        name: str | None = None,
    ) -> Variable:
        """Create a variable that accumulates; it is not trainable, and nothing is compiled for it.

        Args:
            shape: The shape.
            initializer: A name, an initializer, or a callable `(shape, dtype)`; zeros if None.
            dtype: The dtype; the float dtype of the settings if None.
            aggregation: How replicas would combine it.
            name: Its name.

        Returns:
            The variable.

        Raises:
            RuntimeError: If the constructor of a subclass did not call `super().__init__()`.
        """
        if not hasattr(self, "_dtype"):
            raise RuntimeError(
                message(
                    f"{type(self).__name__} creates variables before it is set up.",
                    hint="Call super().__init__(name=..., dtype=...) first in its __init__().",
                )
            )
        if isinstance(shape, str):  # tf.keras took the name first
            shape, name = (), shape
        path = (*context.current().path, self.name.replace("/", ">"))
        with context.entered(path=path, autocast=None):
            return Variable(
                _initializer(initializer),
                shape=shape,
                dtype=dtype,
                trainable=False,
                autocast=False,
                aggregation=aggregation,
                synchronization="on_read",
                name=name,
            )

    def add_weight(
        self,
        shape: Any = (),
        initializer: Any = None,
        dtype: Any = None,
        name: str | None = None,
        **ignored: Any,
    ) -> Variable:
        """The same as `add_variable`, under the name that layers use; see `add_variable`."""
        return self.add_variable(shape=shape, initializer=initializer, dtype=dtype, name=name)

    # Pure views ------------------------------------------------------------------------------------------
    def stateless_update_state(self, metric_variables: Sequence, *args: Any, **kwargs: Any) -> list:
        """`update_state` as a function of the variables' values.

        Args:
            metric_variables: A value for each of `variables`.
            *args: What `update_state` takes.
            **kwargs: What `update_state` takes.

        Returns:
            The new values, JAX arrays.

        Raises:
            ValueError: If there are too few or too many values.

        Example:
            >>> import addax as keras
            >>> m = keras.metrics.Sum()
            >>> [float(v) for v in m.stateless_update_state([1.0], [2.0, 3.0])], float(m.result())
            ([6.0], 0.0)
        """
        values = self._values(metric_variables)
        _, written = pure(self.update_state, self.variables)(values, *args, **kwargs)
        return [raw_of(written.get(v, value)) for v, value in zip(self.variables, values, strict=True)]

    def stateless_result(self, metric_variables: Sequence) -> Any:
        """`result` as a function of the variables' values.

        Args:
            metric_variables: A value for each of `variables`.

        Returns:
            The result, a JAX array (or a dict of them).

        Raises:
            ValueError: If there are too few or too many values.
        """
        result, _ = pure(self.result, self.variables)(self._values(metric_variables))
        return {k: raw_of(v) for k, v in result.items()} if isinstance(result, dict) else raw_of(result)

    def stateless_reset_state(self) -> list:
        """The values that `reset_state` would give the variables, as JAX arrays."""
        values = [raw_of(v) for v in self.variables]
        _, written = pure(self.reset_state, self.variables)(values)
        return [raw_of(written.get(v, value)) for v, value in zip(self.variables, values, strict=True)]

    def _values(self, metric_variables: Sequence) -> list:
        if len(metric_variables) != len(self.variables):
            raise ValueError(
                message(
                    f"The values do not fit the variables of metric '{self.name}'.",
                    expected=f"{len(self.variables)} values, one for each of `variables`",
                    received=f"{len(metric_variables)} values",
                )
            )
        return [raw_of(value) for value in metric_variables]

    # -----------------------------------------------------------------------------------------------------
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Take in a batch and return the result so far."""
        self.update_state(*args, **kwargs)
        return self.result()

    def get_config(self) -> dict[str, Any]:
        """The arguments that `from_config` takes: name, dtype, and those of a user's constructor."""
        config = {"name": self.name, "dtype": self._dtype.name}
        if type(self).__module__.startswith("addax."):
            return config
        own = {k: v for k, v in self._bound_arguments.items() if k not in _STANDARD}
        return {**config, **measures.saveable_arguments(own)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Make a metric from what `get_config` gave."""
        return cls(**measures.accepted_by(cls, config, _STANDARD))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"


def _is_dtype(name: str) -> bool:
    try:
        measures.compute_dtype(name)
    except ValueError:
        return False
    return True


def zeros(shape: Any, dtype: Any = None) -> np.ndarray:
    """The initial value of nearly every variable here."""
    return np.zeros(shape, dtypes.numpy_dtype(dtype))


def _initializer(initializer: Any) -> Any:
    if initializer is None or initializer is zeros or initializer == "zeros":
        return zeros
    from addax import initializers

    return initializers.get(initializer)
