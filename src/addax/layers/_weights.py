"""`Weights`: making, finding, freezing, reading and setting the weights of a layer and of the layers inside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from addax import constraints, initializers, regularizers
from addax.core import context, dtypes
from addax.core.errors import message
from addax.core.names import unique_name
from addax.engine import Module, Variable
from addax.layers._weight_arguments import by_position


class Weights(Module):
    """A base of `Layer`."""

    name: str
    built: bool
    variable_dtype: Any
    _initialized: bool
    _trainable: bool
    _own: list[Variable]

    # Making them -----------------------------------------------------------------------------------------
    @by_position
    def add_weight(
        self,
        *,
        shape: Any = None,
        initializer: Any = None,
        dtype: Any = None,
        trainable: bool | None = True,
        autocast: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        aggregation: str = "none",
        overwrite_with_gradient: bool = False,
        name: str | None = None,
        **kwargs: Any,
    ) -> Variable:
        """Create a weight of this layer.

        The shape, the initializer and the dtype may be given without names; or, as in tf.keras, the name,
        the shape, the dtype, the initializer, the regularizer, `trainable` and the constraint.

        Args:
            shape: The shape; () if None.
            initializer: A name, an object or a callable; glorot_uniform for floats, zeros else, if None.
            dtype: The dtype; the layer's variable dtype if None.
            trainable: Whether it is updated in training.
            autocast: Whether it is read in the compute dtype.
            regularizer: A function of the weight that is added to the loss.
            constraint: A function that the weight goes through after each update.
            aggregation: How replicas combine it.
            overwrite_with_gradient: Whether its "gradient" is its next value.
            name: Its name.
            **kwargs: `synchronization` and `layout`, as `Variable` takes them.

        Returns:
            The variable.
        """
        self._check_super_called()
        kwargs["synchronization"] = kwargs.pop("synchronization", None) or "auto"
        kwargs.pop("use_resource", None)
        trainable = trainable is None or bool(trainable)
        dtype = dtypes.standardize(self.variable_dtype if dtype is None else dtype)
        if initializer is None:
            initializer = "glorot_uniform" if dtype.is_floating else "zeros"
        with context.entered(path=self._scope()):
            variable = Variable(
                initializers.get(initializer),
                shape=() if shape is None else shape,
                dtype=dtype,
                trainable=trainable,
                autocast=autocast,
                aggregation=aggregation,
                name=name or unique_name("variable"),
                **kwargs,
            )
        variable.regularizer = regularizers.get(regularizer)
        variable.constraint = constraints.get(constraint)
        variable.overwrite_with_gradient = overwrite_with_gradient
        if not self._trainable:
            variable.trainable = False
        variable._born_trainable = trainable  # type: ignore[attr-defined]
        self._own.append(variable)
        return variable

    def add_variable(
        self,
        shape: Any,
        initializer: Any,
        dtype: Any = None,
        trainable: bool = True,
        autocast: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        name: str | None = None,
    ) -> Variable:
        """Create a weight of this layer. See `add_weight`, which may leave out more of the arguments."""
        return self.add_weight(
            shape=shape,
            initializer=initializer,
            dtype=dtype,
            trainable=trainable,
            autocast=autocast,
            regularizer=regularizer,
            constraint=constraint,
            name=name,
        )

    def _scope(self) -> tuple[str, ...]:
        path = context.current().path
        return path if path and path[-1] == self.name else (*path, self.name)

    def _check_super_called(self) -> None:
        if not self._initialized:
            raise RuntimeError(
                message(
                    f"{type(self).__name__}.__init__() did not call the constructor of its base class.",
                    hint="Make `super().__init__(**kwargs)` its first line.",
                )
            )

    # Finding them ----------------------------------------------------------------------------------------
    def _own_variables(self) -> list[Variable]:
        """Variables of this layer alone: trainable ones first, each group in the order of creation."""
        own = dict.fromkeys(self._own)
        for child in self._children():
            if isinstance(child, Variable):
                own[child] = None
        return sorted(own, key=lambda v: not getattr(v, "_born_trainable", v.trainable))

    @property
    def _layers(self) -> list[Any]:
        """The layers that this one holds directly."""
        return [child for child in self._children() if isinstance(child, Weights)]

    def _flatten_layers(self, include_self: bool = True, recursive: bool = True) -> Iterable[Any]:
        """This layer and those inside it, each once."""
        seen: dict[int, Any] = {}
        _flatten(self, seen, recursive, 0)
        if not include_self:
            seen.pop(id(self), None)
        return list(seen.values())

    @property
    def variables(self) -> list[Variable]:
        """Every variable: weights, seeds and metric state, here and in the layers inside."""
        return list(dict.fromkeys([*self.weights, *self._walk_variables()]))

    @property
    def weights(self) -> list[Variable]:
        """The weights, trainable or not, of this layer and the layers inside."""
        found: dict[Variable, None] = {}
        for layer in self._flatten_layers():
            found.update(dict.fromkeys(layer._own_variables()))
        return list(found)

    @property
    def trainable_variables(self) -> list[Variable]:
        """The weights that training updates."""
        return [v for v in self._active_weights() if v.trainable]

    @property
    def trainable_weights(self) -> list[Variable]:
        """The weights that training updates."""
        return self.trainable_variables

    def _active_weights(self) -> list[Variable]:
        """Weights of layers that are not frozen."""
        if not self._trainable:
            return []
        found = dict.fromkeys(self._own_variables())
        for layer in self._layers:
            found.update(dict.fromkeys(layer._active_weights()))
        return list(found)

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The weights that training does not update."""
        active = set(map(id, self.trainable_variables))
        return [v for v in self.weights if id(v) not in active]

    @property
    def non_trainable_variables(self) -> list[Variable]:
        """The variables that optimizers do not update, seeds and metric state included."""
        active = set(map(id, self.trainable_variables))
        return [v for v in self.variables if id(v) not in active]

    @property
    def metrics(self) -> list:
        """The metrics of this layer and the layers inside."""
        found: dict[int, Any] = {}
        for layer in self._flatten_layers():
            for child in layer._children():
                if _is_metric(child):
                    found[id(child)] = child
        return list(found.values())

    @property
    def metrics_variables(self) -> list[Variable]:
        """The variables of `metrics`."""
        return [v for metric in self.metrics for v in metric.variables]

    # Freezing them ---------------------------------------------------------------------------------------
    @property
    def trainable(self) -> bool:
        """Whether training updates the weights; setting it also sets it in the layers inside."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = bool(value)
        for variable in self._own_variables():
            if getattr(variable, "_born_trainable", True):
                if not hasattr(variable, "_born_trainable"):
                    variable._born_trainable = variable.trainable  # type: ignore[attr-defined]
                variable.trainable = bool(value) and variable._born_trainable  # type: ignore[attr-defined]
        for layer in self._layers:
            layer.trainable = value

    # Their values ----------------------------------------------------------------------------------------
    def get_weights(self) -> list[np.ndarray]:
        """The weights as a list of NumPy arrays."""
        return [np.array(v) for v in self.weights]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Set the weights from a list of arrays, as `get_weights` gave it.

        Raises:
            ValueError: If the number of arrays or a shape differs.
        """
        variables = self.weights
        if len(weights) != len(variables):
            raise ValueError(
                message(
                    f"Layer '{self.name}' has another number of weights.",
                    expected=f"{len(variables)} arrays: {[(v.path, tuple(v.shape)) for v in variables]}",
                    received=f"{len(weights)} arrays of shapes {[tuple(np.shape(w)) for w in weights]}",
                    hint=None if self.built else "The layer is not built yet: call it on data first.",
                )
            )
        for variable, value in zip(variables, weights, strict=True):
            variable.assign(value)

    def count_params(self) -> int:
        """The number of numbers in the weights.

        Raises:
            ValueError: If the layer is not built.
        """
        if not self.built:
            raise ValueError(
                message(
                    f"Layer '{self.name}' is not built, so its weights cannot be counted.",
                    hint="Call it on data, or call build(input_shape).",
                )
            )
        return sum(int(np.prod(v.shape)) for v in self.weights)


def _flatten(layer: Any, seen: dict[int, Any], recursive: bool, depth: int) -> None:
    if id(layer) in seen:
        return
    seen[id(layer)] = layer
    if recursive or depth == 0:
        for child in layer._layers:
            _flatten(child, seen, recursive, depth + 1)


def _is_metric(value: Any) -> bool:
    return hasattr(value, "update_state") and hasattr(value, "result")
