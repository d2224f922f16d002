"""Several optimizers in one: each variable has its own, chosen by its path."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from typing import Any

from addax.core import serial
from addax.core.errors import message
from addax.engine import Variable
from addax.optimizers._loss_scale import LossScaleOptimizer
from addax.optimizers._optimizer import Optimizer

_NO_RATE = "A MultiOptimizer has no learning_rate: read and set those of the optimizers in its `optimizers`."


class OptimizerMap(MutableMapping):
    """Which optimizer a variable has: by its path, else by a regular expression that matches all of it.

    Args:
        default_optimizer: For variables that nothing matches.
        optimizer_map: Path or regular expression -> optimizer.

    Raises:
        TypeError: If the default is no optimizer, or the map no dict.

    Example:
        >>> import addax as keras
        >>> optimizers = keras.optimizers.OptimizerMap(keras.optimizers.SGD(name="default"))
        >>> optimizers["encoder/.*"] = keras.optimizers.Adam(name="slow")
        >>> optimizers["encoder/dense/kernel"].name, optimizers["head/kernel"].name
        ('slow', 'default')
    """

    def __init__(
        self, default_optimizer: Optimizer, optimizer_map: dict[str, Optimizer] | None = None
    ) -> None:
        if not isinstance(default_optimizer, Optimizer):
            raise TypeError(
                message(
                    "Argument `default_optimizer` is no optimizer.",
                    expected="an optimizer",
                    received=default_optimizer,
                )
            )
        if optimizer_map is not None and not isinstance(optimizer_map, dict):
            raise TypeError(
                message("Argument `optimizer_map` is no dict.", expected="a dict", received=optimizer_map)
            )
        self._default_optimizer = default_optimizer
        self._optimizer_map: dict[str, Optimizer] = optimizer_map or {}

    @property
    def default_optimizer(self) -> Optimizer:
        """The optimizer of variables that nothing matches."""
        return self._default_optimizer

    def __getitem__(self, key: str) -> Optimizer:
        if key in self._optimizer_map:
            return self._optimizer_map[key]
        matching = [pattern for pattern in self._optimizer_map if re.fullmatch(pattern, key)]
        if len(matching) > 1:
            raise ValueError(message(f"Several patterns match '{key}'.", expected="one", received=matching))
        return self._optimizer_map[matching[0]] if matching else self._default_optimizer

    def __setitem__(self, key: str, optimizer: Optimizer) -> None:
        if not isinstance(key, str):
            raise ValueError(
                message("A key is a path or a regular expression.", expected="text", received=key)
            )
        if key in self._optimizer_map:
            raise ValueError(
                message(f"'{key}' has an optimizer already.", received=self._optimizer_map[key].name)
            )
        self._optimizer_map[key] = _checked(optimizer)

    def __delitem__(self, key: str) -> None:
        del self._optimizer_map[key]

    def __len__(self) -> int:
        return len(self._optimizer_map)

    def __iter__(self) -> Iterator[str]:
        return iter(self._optimizer_map)

    def __call__(self, variable: Variable) -> Optimizer:
        """The optimizer of a variable."""
        return self[variable.path]

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments as plain data."""
        return {
            "default_optimizer": serial.serialize(self._default_optimizer),
            "optimizer_map": serial.serialize(self._optimizer_map),
        }

    @classmethod
    def from_config(cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Any:
        """Make a map from what `get_config` gave; optimizers may be objects or plain data."""
        revived = serial.deserialize(dict(config), custom_objects)
        return cls(revived["default_optimizer"], revived["optimizer_map"])


class MultiOptimizer(Optimizer):
    """Several optimizers in one, such as a lower learning rate for a pretrained part.

    `learning_rate` belongs to the optimizers inside: read and set it on those in `optimizers`.

    Args:
        optimizer_map: An `OptimizerMap`, or a callable that gives the optimizer of a variable.
        loss_scale_factor: Takes the place of the inner optimizers' own.
        name: The name.

    Example:
        >>> import addax as keras
        >>> slow, fast = keras.optimizers.SGD(0.1), keras.optimizers.SGD(1.0)
        >>> optimizer = keras.optimizers.MultiOptimizer(lambda v: slow if v.name == "kernel" else fast)
        >>> kernel, bias = keras.Variable(1.0, name="kernel"), keras.Variable(1.0, name="bias")
        >>> optimizer.apply([keras.ops.ones(()), keras.ops.ones(())], [kernel, bias])
        >>> round(float(kernel), 1), round(float(bias), 1)
        (0.9, 0.0)
    """

    def __init__(
        self,
        optimizer_map: OptimizerMap | Callable[[Variable], Optimizer],
        loss_scale_factor: float | None = None,
        name: str | None = None,
    ) -> None:
        self._inner_optimizers: list[Optimizer] = []
        super().__init__(learning_rate=0.0, name=name)
        self._optimizer_map = optimizer_map
        self.loss_scale_factor = loss_scale_factor
        if isinstance(optimizer_map, OptimizerMap):
            for inner in [*optimizer_map.values(), optimizer_map.default_optimizer]:
                self._add(inner)

    def _add(self, inner: Optimizer) -> int:
        """The place of an optimizer among the inner ones."""
        for place, known in enumerate(self._inner_optimizers):
            if known is inner:
                return place
        _checked(inner).loss_scale_factor = self.loss_scale_factor
        self._inner_optimizers.append(inner)
        return len(self._inner_optimizers) - 1

    def build(self, variables: Iterable[Any]) -> None:
        """Choose an optimizer for each variable, and build them.

        Args:
            variables: All variables that will be updated.
        """
        if self.built:
            return
        variables = list(variables)
        self._choice = [self._add(self._optimizer_map(v)) for v in variables]
        for place, inner in enumerate(self._inner_optimizers):
            chosen = [v for v, c in zip(variables, self._choice, strict=True) if c == place]
            if chosen:
                inner.build(chosen)
        super().build(variables)

    @property
    def optimizers(self) -> list[Optimizer]:
        """The optimizers inside."""
        return self._inner_optimizers

    @property
    def variables(self) -> list[Variable]:
        """The counter and the (unused) learning rate, then the variables of the optimizers inside."""
        return [*self._variables, *(v for inner in self._inner_optimizers for v in inner.variables)]

    @property
    def learning_rate(self) -> Any:
        """Not one: each optimizer inside has its own.

        Raises:
            AttributeError: Always.
        """
        raise AttributeError(_NO_RATE)

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        raise AttributeError(_NO_RATE)

    @property
    def loss_scale_factor(self) -> float | None:
        """What the loss is multiplied by; the optimizers inside divide the gradients by it."""
        return self._loss_scale_factor

    @loss_scale_factor.setter
    def loss_scale_factor(self, value: float | None) -> None:
        self._loss_scale_factor = value
        for inner in self._inner_optimizers:
            inner.loss_scale_factor = value

    def _version(self) -> int:
        return self._changes + sum(inner._version() for inner in self._inner_optimizers)

    def _call_rate(self) -> None:
        for inner in self._inner_optimizers:
            inner._call_rate()

    def _step(self, grads: list, variables: list) -> None:
        pairs = list(zip(grads, variables, strict=True))
        for place, inner in enumerate(self._inner_optimizers):
            chosen = [(g, v) for g, v in pairs if self._choice[self._get_variable_index(v)] == place]
            if chosen:
                inner._step([g for g, _ in chosen], [v for _, v in chosen])
        self._iterations._write(self._iterations._raw() + 1)

    def finalize_variable_values(self, var_list: Iterable[Any]) -> None:
        """Put moving averages in place, for the optimizers that keep them.

        Args:
            var_list: The model's variables.
        """
        var_list = list(var_list)
        for place, inner in enumerate(self._inner_optimizers):
            inner.finalize_variable_values(
                [v for v in var_list if self._choice[self._get_variable_index(v)] == place]
            )

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments as plain data."""
        return {
            "optimizer_map": serial.serialize(self._optimizer_map),
            "loss_scale_factor": self.loss_scale_factor,
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Any:
        """Make an optimizer from what `get_config` gave; the map may be an object or plain data."""
        return cls(**serial.deserialize(dict(config), custom_objects))


def _checked(optimizer: Any) -> Optimizer:
    if not isinstance(optimizer, Optimizer) or isinstance(optimizer, (LossScaleOptimizer, MultiOptimizer)):
        raise ValueError(
            message(
                "This cannot be an optimizer of a part of the variables.",
                expected="an optimizer that wraps no other",
                hint="Wrap the MultiOptimizer itself in a LossScaleOptimizer if you need one.",
                received=optimizer,
            )
        )
    return optimizer
