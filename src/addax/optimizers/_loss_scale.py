"""Dynamic loss scaling, for float16."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from addax.core import serial
from addax.core.errors import message
from addax.engine import Variable
from addax.optimizers._gradients import all_finite, run_either
from addax.optimizers._optimizer import Optimizer
from addax.optimizers._slots import Slot

_NOT_HERE = {
    "weight_decay": None,
    "clipnorm": None,
    "clipvalue": None,
    "global_clipnorm": None,
    "use_ema": False,
    "ema_momentum": 0.99,
    "ema_overwrite_frequency": None,
    "loss_scale_factor": None,
    "gradient_accumulation_steps": None,
}


class LossScaleOptimizer(Optimizer):
    """Wraps an optimizer, and scales the loss so that float16 gradients do not vanish.

    When a gradient is infinite or NaN, the update is left out and the scale is halved; after
    `dynamic_growth_steps` updates in a row it is doubled.

    Args:
        inner_optimizer: The optimizer that updates.
        initial_scale: The first scale; rather too high than too low.
        dynamic_growth_steps: Good updates in a row after which the scale is doubled.
        name: The name.
        **kwargs: `dynamic=True`, as old code writes it; options belong to the inner optimizer.

    Raises:
        ValueError: If an option is given here.

    Example:
        >>> import addax as keras
        >>> optimizer = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(1.0), initial_scale=4.0)
        >>> v = keras.Variable([1.0, 2.0])
        >>> optimizer.apply([keras.ops.array([4.0, 8.0])], [v])
        >>> optimizer.apply([keras.ops.array([float("inf"), 8.0])], [v])
        >>> v.numpy(), float(optimizer.dynamic_scale)
        (array([0., 0.], dtype=float32), 2.0)
    """

    def __init__(
        self,
        inner_optimizer: Optimizer,
        initial_scale: float = 2.0**15,
        dynamic_growth_steps: int = 2000,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        if not kwargs.pop("dynamic", True):
            raise ValueError(
                message(
                    "LossScaleOptimizer always adapts its scale.",
                    received="dynamic=False",
                    hint="For a fixed scale give loss_scale_factor= to the optimizer itself.",
                )
            )
        for key, default in _NOT_HERE.items():
            if kwargs.pop(key, default) != default:
                raise ValueError(
                    message(
                        f"LossScaleOptimizer does not take `{key}`.",
                        hint=f"Give {key}= to the inner optimizer.",
                    )
                )
        super().__init__(learning_rate=0.0, name=name, **kwargs)
        self.inner_optimizer = inner_optimizer
        self.initial_scale = initial_scale
        self.dynamic_growth_steps = dynamic_growth_steps
        inner_optimizer.loss_scale_factor = None

    def build(self, variables: Iterable[Any]) -> None:
        """Make the counter and the scale, and build the inner optimizer.

        Args:
            variables: All variables that will be updated.
        """
        if self.built:
            return
        variables = list(variables)
        self.step_counter = self._own(Slot("step_counter", 0, (), "int32"))
        self.dynamic_scale = self._own(Slot("dynamic_scale", self.initial_scale, (), "float32"))
        self.inner_optimizer.build(variables)
        super().build(variables)

    @property
    def variables(self) -> list[Variable]:
        """The optimizer's own variables, then the inner one's."""
        return [*self._variables, *self.inner_optimizer.variables]

    @property
    def learning_rate(self) -> Any:
        """The inner optimizer's learning rate."""
        return self.inner_optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        self.inner_optimizer.learning_rate = value

    @property
    def iterations(self) -> Any:
        """The inner optimizer's number of updates."""
        return self.inner_optimizer.iterations

    def _version(self) -> int:
        return self._changes + self.inner_optimizer._version()

    def _call_rate(self) -> None:
        self.inner_optimizer._call_rate()

    def _step(self, grads: list, variables: list) -> None:
        def update() -> None:
            scale = self.dynamic_scale._raw()
            own = zip(grads, variables, strict=True)
            self.inner_optimizer._step(
                [
                    g if getattr(v, "overwrite_with_gradient", False) else g / scale.astype(g.dtype)
                    for g, v in own
                ],
                variables,
            )
            count = self.step_counter._raw()
            run_either(
                count == self.dynamic_growth_steps - 1, grow, go_on, [self.step_counter, self.dynamic_scale]
            )

        def grow() -> None:
            self._set(0, 2.0)

        def go_on() -> None:
            self.step_counter._write(self.step_counter._raw() + 1)

        def skip() -> None:
            self._set(0, 0.5)

        run_either(all_finite(grads), update, skip, [*variables, *self.variables])

    def _set(self, count: int, factor: float) -> None:
        self.step_counter._write(self.step_counter._raw() * 0 + count)
        self.dynamic_scale._write(self.dynamic_scale._raw() * factor)

    def scale_loss(self, loss: Any) -> Any:
        """The loss times the scale."""
        return loss * (self.dynamic_scale if self.built else self.initial_scale)

    def finalize_variable_values(self, var_list: Iterable[Any]) -> None:
        """Put the inner optimizer's moving averages in place, if it keeps any.

        Args:
            var_list: The model's variables.
        """
        self.inner_optimizer.finalize_variable_values(var_list)

    def get_config(self) -> dict[str, Any]:
        """The arguments that `from_config` takes to make an equal optimizer."""
        return {
            "name": self.name,
            "inner_optimizer": serial.serialize(self.inner_optimizer),
            "initial_scale": self.initial_scale,
            "dynamic_growth_steps": self.dynamic_growth_steps,
        }

    @classmethod
    def from_config(cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Any:
        """Make an optimizer from what `get_config` gave.

        Args:
            config: The arguments; the inner optimizer may be an object or plain data.
            custom_objects: Name -> class, for optimizers and schedules of your own.
        """
        config = dict(config)
        if isinstance(config["inner_optimizer"], Mapping):
            config["inner_optimizer"] = serial.deserialize(dict(config["inner_optimizer"]), custom_objects)
        return cls(**config)
