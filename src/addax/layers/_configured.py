"""`Configured`: a layer as plain data (its constructor's arguments, the shapes it was built with) and in files."""

from __future__ import annotations

import functools
import inspect
from typing import Any

from addax import activations, dtype_policies, regularizers
from addax.core import serial
from addax.core.errors import message
from addax.layers._shapes import as_shape
from addax.layers._weights import Weights

BASE_ARGUMENTS = ("name", "trainable", "dtype", "activity_regularizer", "autocast")
LEGACY_ARGUMENTS = (
    "input_shape",
    "batch_input_shape",
    "input_dim",
    "input_length",
    "batch_size",
    "weights",
    "dynamic",
)


class Configured(Weights):
    """A base of `Layer`."""

    name: str
    built: bool
    dtype_policy: Any
    activity_regularizer: Any
    _trainable: bool
    _build_shapes: Any
    _bound_arguments: dict[str, Any]
    _renamed_arguments: dict[str, str] = {}  # constructor argument -> attribute, where they differ
    _optional_arguments: tuple[str, ...] = ()  # arguments that the config leaves out while they are None

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, as plain data.

        Our own layers give every argument, from the attribute of the same name; a user's class gives what its
        constructor was called with.
        """
        config: dict[str, Any] = {
            "name": self.name,
            "trainable": self._trainable,
            "dtype": self._dtype_config(),
        }
        ours = type(self).__module__.partition(".")[0] == "addax"
        named = constructor_names(type(self))
        given = {k: v for k, v in self._bound_arguments.items() if k not in LEGACY_ARGUMENTS or k in named}
        for name in named if ours else list(given):
            if name in BASE_ARGUMENTS or (ours and name == "weights"):
                continue
            value = (
                getattr(self, self._renamed_arguments.get(name, name), given.get(name))
                if ours
                else given[name]
            )
            if value is not None or name not in self._optional_arguments:
                config[name] = _config_value(value)
        always = "activity_regularizer" in named and "activity_regularizer" not in self._optional_arguments
        if self.activity_regularizer is not None or (ours and always):
            config["activity_regularizer"] = regularizers.serialize(self.activity_regularizer)
        return config

    def _dtype_config(self) -> Any:
        return dtype_policies.serialize(self.dtype_policy)

    def get_build_config(self) -> dict[str, Any] | None:
        """The shapes that `build` was called with, so that a loaded layer can be built."""
        shapes = self._build_shapes
        if shapes is None:
            return None
        if len(shapes) == 1:
            return {"input_shape": next(iter(shapes.values()))}
        return {"shapes_dict": dict(shapes)}

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Build from what `get_build_config` gave."""
        build = self.build  # type: ignore[attr-defined]
        if not config:
            return
        if "shapes_dict" in config:
            build(**{k: as_shape(v) for k, v in config["shapes_dict"].items()})
        elif config.get("input_shape") is not None:
            build(as_shape(config["input_shape"]))

    def save_own_variables(self, store: Any) -> None:
        """Put this layer's own variables into a mapping of key to array."""
        for i, variable in enumerate(self._own_variables()):
            store[str(i)] = variable

    def load_own_variables(self, store: Any) -> None:
        """Take this layer's own variables from a mapping of key to array.

        Raises:
            ValueError: If their number differs.
        """
        variables = self._own_variables()
        if len(store.keys()) != len(variables):
            hint = "The layer is not built: call the model on data (or build it) before loading weights."
            raise ValueError(
                message(
                    f"Layer '{self.name}' has another number of variables than the file.",
                    expected=f"{len(variables)} variables",
                    received=f"{len(store.keys())} variables in the file",
                    hint=hint if not self.built or not variables else None,
                )
            )
        for i, variable in enumerate(variables):
            variable.assign(store[str(i)])


def _config_value(value: Any) -> Any:
    """A value of a config; activations and other functions of ours by name, as Keras writes them."""
    if inspect.isfunction(value) and serial.public_module(value) is not None:
        return activations.serialize(value)
    return serial.serialize(value)


@functools.lru_cache(maxsize=4096)
def constructor_names(cls: type) -> tuple[str, ...]:
    """Names of the constructor arguments, of the base classes below `Layer` too if `**kwargs` go there."""
    names: dict[str, None] = {}
    for base in cls.__mro__:
        init = base.__dict__.get("__init__")
        if Configured in base.__bases__:  # `Layer`, whose own arguments are `BASE_ARGUMENTS`
            break
        if init is None:
            continue
        parameters = list(inspect.signature(init).parameters.values())[1:]
        for p in parameters:
            if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL):
                names.setdefault(p.name)
        if not any(p.kind is p.VAR_KEYWORD for p in parameters):
            break
    return tuple(names)
