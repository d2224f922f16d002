"""What an optimizer is, before it does anything: options, variables, learning rate, config and files."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypedDict

import numpy as np

from addax.core import config as settings
from addax.core import dtypes, serial
from addax.core.errors import message, suggest
from addax.core.names import to_snake_case, unique_name
from addax.engine import Module, Tensor, Variable, _deferred, raw_of
from addax.engine._jax import jnp
from addax.optimizers._slots import Slot, own_variable, slot_variable
from addax.optimizers.schedules import LearningRateSchedule

LearningRate = float | LearningRateSchedule | Callable[[], Any] | Variable


class SharedOptions(TypedDict, total=False):
    """The arguments that every optimizer takes besides its own; `Optimizer` says what they do."""

    clipnorm: float | None
    clipvalue: float | None
    global_clipnorm: float | None
    use_ema: bool
    ema_momentum: float
    ema_overwrite_frequency: int | None
    loss_scale_factor: float | None
    gradient_accumulation_steps: int | None
    name: str | None
    lr: float
    decay: float
    jit_compile: bool
    is_legacy_optimizer: bool


class Options(SharedOptions, total=False):
    """The same with weight decay, for optimizers that have no default for it."""

    weight_decay: float | None


class OptimizerState(Module):
    """Options, variables, learning rate, config and files of an optimizer; see `Optimizer`."""

    # The model's variables are not the optimizer's; the rest is found otherwise or not saved.
    _skip_walk = ("_trainable_variables", "_index", "_called_rate", "_update_call")

    def __init__(
        self,
        learning_rate: LearningRate,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        self._variables: list[Variable] = []
        self._trainable_variables: list[Variable] = []
        self._index: dict[Variable, int] = {}
        self._update_call: Any = None
        self._update_version = -1
        self._changes = 0
        self.built = False
        self.name = name or unique_name(to_snake_case(type(self).__name__))
        self.weight_decay = weight_decay
        self.clipnorm = clipnorm
        self.clipvalue = clipvalue
        self.global_clipnorm = global_clipnorm
        self.use_ema = use_ema
        self.ema_momentum = ema_momentum
        self.ema_overwrite_frequency = ema_overwrite_frequency
        self.loss_scale_factor = loss_scale_factor
        self.gradient_accumulation_steps = gradient_accumulation_steps
        learning_rate = self._take_old_arguments(learning_rate, kwargs)
        self._check_options()
        self._iterations = own_variable(
            self.name, np.zeros((), np.int32), "iteration", aggregation="only_first_replica"
        )
        self._variables.append(self._iterations)
        self._called_rate: Variable | None = None
        self._learning_rate: Any = self._as_rate(learning_rate)
        if isinstance(self._learning_rate, Variable):
            self._variables.append(self._learning_rate)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.__signature__ = _full_signature(cls)  # type: ignore[attr-defined]

    def __setattr__(self, name: str, value: Any) -> None:
        known = self.__dict__.get(name, _ABSENT)
        object.__setattr__(self, name, value)
        # A hyperparameter is a constant of the compiled update, which must then be compiled again.
        if not name.startswith("_") and _is_other(known, value):
            self.__dict__["_changes"] = self.__dict__.get("_changes", 0) + 1
        if _deferred.waiting:
            _deferred.attribute_set(self, name, value)

    def _version(self) -> int:
        """A number that changes with the hyperparameters."""
        return self._changes

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_update_call": None, "_update_version": -1}

    def _take_old_arguments(self, learning_rate: Any, kwargs: dict[str, Any]) -> Any:
        """The learning rate, after the spellings of Keras 2 have been taken out of `kwargs`."""
        learning_rate = kwargs.pop("lr", learning_rate)
        self._decay = float(kwargs.pop("decay", None) or 0.0)
        kwargs.pop("jit_compile", None)
        kwargs.pop("is_legacy_optimizer", None)
        if kwargs:
            known = [p for p in inspect.signature(type(self)).parameters if p != "kwargs"]
            hints = " ".join(filter(None, (suggest(key, known) for key in kwargs)))
            raise ValueError(
                message(
                    f"{type(self).__name__}() does not know the argument(s) {', '.join(map(repr, kwargs))}.",
                    hint=hints or f"The arguments are {', '.join(known)}.",
                )
            )
        return learning_rate

    def _check_options(self) -> None:
        clips = {n: getattr(self, n) for n in ("clipnorm", "clipvalue", "global_clipnorm")}
        if sum(value is not None for value in clips.values()) > 1:
            raise ValueError(
                message(
                    "Only one of `clipnorm`, `clipvalue` and `global_clipnorm` can be given.",
                    received=", ".join(f"{key}={value}" for key, value in clips.items()),
                )
            )
        steps = self.gradient_accumulation_steps
        if steps and steps < 2:
            raise ValueError(
                message(
                    "Argument `gradient_accumulation_steps` must be an integer >= 2 or None.", received=steps
                )
            )
        if not self.use_ema:
            return
        if not 0 <= self.ema_momentum <= 1:
            raise ValueError(
                message("Argument `ema_momentum` must be in [0, 1].", received=self.ema_momentum)
            )
        every = self.ema_overwrite_frequency
        if every and (not isinstance(every, int) or every < 1):
            raise ValueError(
                message("Argument `ema_overwrite_frequency` must be an integer >= 1 or None.", received=every)
            )

    # Learning rate ---------------------------------------------------------------------------------------
    def _as_rate(self, value: Any) -> Any:
        """A schedule, a callable or a variable as they are; a number as a variable."""
        if isinstance(value, (LearningRateSchedule, Variable)):
            return value
        if callable(value):
            self._called_rate = own_variable(self.name, np.zeros((), np.float32), "learning_rate")
            return value
        try:
            number = np.asarray(value, dtypes.numpy_dtype(settings.floatx()))
        except (TypeError, ValueError):
            number = np.zeros(1)
        if number.ndim or isinstance(value, (bool, str)) or value is None:
            raise ValueError(
                message(
                    "Argument `learning_rate` is no learning rate.",
                    expected="a number, a LearningRateSchedule, or a callable without arguments",
                    received=value,
                )
            )
        return own_variable(self.name, number, "learning_rate", aggregation="only_first_replica")

    @property
    def learning_rate(self) -> Any:
        """The learning rate: a variable, or what the schedule or the callable gives now.

        Assigning a number sets the variable; assigning a schedule or a callable replaces it.
        """
        rate = self._learning_rate
        if isinstance(rate, LearningRateSchedule):
            return rate(self._iterations)
        return rate if isinstance(rate, Variable) else rate()

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        old = self._learning_rate
        if isinstance(value, LearningRateSchedule) or (callable(value) and not isinstance(value, Variable)):
            self._learning_rate = self._as_rate(value)
            self._variables[:] = [v for v in self._variables if v is not old]
            self._changes += 1
        elif isinstance(old, Variable):
            old.assign(raw_of(value) if isinstance(value, (Tensor, Variable)) else np.float32(value))
        else:
            raise TypeError(
                message(
                    f"The learning rate of optimizer '{self.name}' cannot be set.",
                    expected="an optimizer that was created with a number as its learning_rate",
                    received=f"one that follows {type(old).__name__}",
                    hint="A schedule can be replaced by another: optimizer.learning_rate = new_schedule.",
                )
            )

    @property
    def lr(self) -> Any:
        """The learning rate, as Keras 2 spelled it."""
        return self.learning_rate

    @lr.setter
    def lr(self, value: Any) -> None:
        self.learning_rate = value

    def _call_rate(self) -> None:
        """Ask a learning rate that is a plain callable for its value, which the update then reads."""
        if self._called_rate is not None and not isinstance(self._learning_rate, LearningRateSchedule):
            self._called_rate.assign(self._learning_rate())

    def _rate(self) -> Any:
        """The learning rate of this step, a raw float32 scalar."""
        rate = self._learning_rate
        steps = self._iterations._raw()
        if isinstance(rate, LearningRateSchedule):
            value = raw_of(rate(Tensor(steps)))
        else:
            variable: Any = rate if isinstance(rate, Variable) else self._called_rate
            value = variable._raw()
        value = jnp.asarray(value, jnp.float32)
        return value / (1.0 + self._decay * steps) if self._decay else value

    # Variables -------------------------------------------------------------------------------------------
    @property
    def variables(self) -> list[Variable]:
        """The optimizer's own variables, in the order in which files hold them."""
        known = {*self._variables, *self._index}
        return [*self._variables, *(v for v in self._walk_variables() if v not in known)]

    @property
    def weights(self) -> list[Variable]:
        """The same as `variables`."""
        return self.variables

    @property
    def iterations(self) -> Any:
        """The number of updates so far: a variable (a tensor, if gradients are accumulated)."""
        counter: Any = self._iterations
        steps = self.gradient_accumulation_steps
        return counter // steps if steps else counter

    def _updates(self) -> Any:
        """The number of updates so far, a raw integer scalar."""
        steps = self.gradient_accumulation_steps
        raw = self._iterations._raw()
        return raw // steps if steps else raw

    def add_variable(
        self,
        shape: Sequence[int],
        initializer: Any = "zeros",
        dtype: Any = None,
        aggregation: str = "none",
        layout: Any = None,
        name: str | None = None,
    ) -> Variable:
        """Make a variable of the optimizer's own, saved with it; for optimizers that you write.

        Args:
            shape: The shape, all of it known.
            initializer: An initializer, its name, or an array.
            dtype: The dtype; the float dtype of the settings if None.
            aggregation: How replicas combine it; kept on the variable.
            layout: How it lies on several devices, a `TensorLayout` or a JAX sharding.
            name: Its name.
        """
        dtype = str(dtypes.standardize(dtype))
        value = np.empty(tuple(shape), dtypes.numpy_dtype(dtype))
        value[...] = _initial_value(initializer, tuple(shape), dtype)
        options = {"aggregation": aggregation, "layout": layout}
        variable = own_variable(self.name, value, name or unique_name("variable"), **options)
        self._variables.append(variable)
        return variable

    def add_variable_from_reference(
        self, reference_variable: Any, name: str | None = None, initializer: Any = "zeros"
    ) -> Variable:
        """Make a variable with the shape and dtype of one of the model's.

        Args:
            reference_variable: The model's variable.
            name: What the new one holds, such as `"momentum"`.
            initializer: An initializer, its name, or an array.
        """
        shape, slot = tuple(reference_variable.shape), Slot(name or "var")
        if initializer != "zeros":
            slot = Slot(name or "var", _initial_value(initializer, shape, str(reference_variable.dtype)))
        variable = slot_variable(self.name, slot, reference_variable)
        self._variables.append(variable)
        return variable

    def add_optimizer_variables(
        self, trainable_variables: Iterable[Any], name: str | Sequence[str], initializer: Any = "zeros"
    ) -> Any:
        """Make variables for each of the model's variables.

        Args:
            trainable_variables: The model's variables.
            name: What they hold; a list makes several for each.
            initializer: An initializer, or one for each name.

        Returns:
            A list with a variable for each of the model's (None where it is overwritten with its gradient);
            a tuple of such lists if `name` is a list.

        Raises:
            ValueError: If there are more or fewer initializers than names.
        """
        names = [name] if isinstance(name, str) else list(name)
        initializers = (
            list(initializer) if isinstance(initializer, (list, tuple)) else [initializer] * len(names)
        )
        if len(names) != len(initializers):
            raise ValueError(
                message("Names and initializers differ in number.", expected=names, received=initializers)
            )
        columns: tuple[list, ...] = tuple([] for _ in names)
        for variable in trainable_variables:
            for column, one, first in zip(columns, names, initializers, strict=True):
                skip = getattr(variable, "overwrite_with_gradient", False)
                column.append(None if skip else self.add_variable_from_reference(variable, one, first))
        return columns[0] if isinstance(name, str) else columns

    def get_weights(self) -> list[np.ndarray]:
        """The values of `variables`, as arrays."""
        return [v.numpy() for v in self.variables]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Set the values of `variables`.

        Args:
            weights: Arrays in the order of `variables`.

        Raises:
            ValueError: If the optimizer is not built, or a number or shape does not fit.
        """
        variables = self.variables
        if not self.built or len(weights) != len(variables):
            raise ValueError(
                message(
                    f"These weights do not fit optimizer '{self.name}'.",
                    expected=f"{len(variables)} arrays" if self.built else "an optimizer that is built",
                    received=f"{len(weights)} arrays",
                    hint=None if self.built else "Call optimizer.build(model.trainable_variables) first.",
                )
            )
        for variable, value in zip(variables, weights, strict=True):
            variable.assign(value)

    # Config and files ------------------------------------------------------------------------------------
    def get_config(self) -> dict[str, Any]:
        """The arguments that `from_config` takes to make an equal optimizer, without its variables."""
        rate = self._learning_rate
        config = {
            "name": self.name,
            "learning_rate": float(rate.numpy()) if isinstance(rate, Variable) else serial.serialize(rate),
            "weight_decay": self.weight_decay,
            "clipnorm": self.clipnorm,
            "global_clipnorm": self.global_clipnorm,
            "clipvalue": self.clipvalue,
            "use_ema": self.use_ema,
            "ema_momentum": self.ema_momentum,
            "ema_overwrite_frequency": self.ema_overwrite_frequency,
            "loss_scale_factor": self.loss_scale_factor,
            "gradient_accumulation_steps": self.gradient_accumulation_steps,
        }
        if self._decay:
            config["decay"] = self._decay
        for name in inspect.signature(type(self)).parameters:
            if name not in config and hasattr(self, name):
                config[name] = getattr(self, name)
        return config

    @classmethod
    def from_config(cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Any:
        """Make an optimizer from what `get_config` gave.

        Args:
            config: The arguments; a schedule may be an object or plain data.
            custom_objects: Name -> class, for schedules of your own.
        """
        config = dict(config)
        if isinstance(config.get("learning_rate"), Mapping):
            config["learning_rate"] = serial.deserialize(dict(config["learning_rate"]), custom_objects)
        return cls(**config)

    def save_own_variables(self, store: Any) -> None:
        """Write the variables into a mapping of numbered arrays; counters are stored with 64 bits."""
        for i, variable in enumerate(self.variables):
            value = np.asarray(variable.numpy())
            store[str(i)] = value.astype(np.int64) if value.dtype == np.int32 else value

    def stored_variables(self, count: int) -> list[Variable]:
        """The variables in the order of a file that holds `count`; Keras 2 keeps the learning rate elsewhere."""
        variables = list(self.variables)
        if count == len(variables) - 1:
            return [v for v in variables if v is not self._learning_rate]
        return variables

    def load_own_variables(self, store: Any) -> None:
        """Read the variables from a mapping of numbered arrays; one of another length is left alone."""
        variables = self.stored_variables(len(store.keys()))
        if len(store.keys()) != len(variables):
            hint = "" if self.built else " It has not been built on the model's variables yet."
            warnings.warn(
                f"The state of optimizer '{self.name}' is not loaded: it has {len(variables)} variables and "
                f"the file has {len(store.keys())}.{hint}",
                stacklevel=2,
            )
            return
        for i, variable in enumerate(variables):
            variable.assign(np.asarray(store[str(i)]))


_ABSENT = object()


def _is_other(known: Any, value: Any) -> bool:
    """Whether an attribute is a hyperparameter that has changed."""
    if isinstance(value, (list, tuple)):
        return known is not value  # what is inside may not be comparable
    return isinstance(value, (bool, int, float, str, np.generic, type(None))) and known != value


def _initial_value(initializer: Any, shape: tuple, dtype: str) -> Any:
    if isinstance(initializer, str) and initializer == "zeros":
        return 0.0
    if isinstance(initializer, (str, dict, type)):
        from addax import initializers

        initializer = initializers.get(initializer)
    return np.asarray(initializer(shape, dtype=dtype) if callable(initializer) else initializer)


def _full_signature(cls: type) -> inspect.Signature:
    """The signature of an optimizer's constructor, with the shared options in the place of `**options`."""
    own = list(inspect.signature(cls.__init__).parameters.values())[1:]
    if not any(p.kind is p.VAR_KEYWORD and "Options" in str(p.annotation) for p in own):
        return inspect.Signature(own)
    own = [p for p in own if p.kind is not p.VAR_KEYWORD]
    names = {p.name for p in own}
    shared = list(inspect.signature(OptimizerState.__init__).parameters.values())[2:]
    keyword_only = [
        p.replace(kind=p.KEYWORD_ONLY) for p in shared if p.name not in names and p.kind is not p.VAR_KEYWORD
    ]
    return inspect.Signature([*own, *keyword_only, shared[-1]])
