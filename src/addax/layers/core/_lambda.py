"""`Lambda`: any function as a layer."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from addax.core import serial, tree
from addax.core.errors import message
from addax.engine import SymbolicTensor, TensorShape
from addax.layers._layer import Layer


class Lambda(Layer):
    """Apply a function.

    A function without a name can be saved only as code, which is not loaded without `safe_mode=False`; and
    variables that it uses are not those of the layer. A subclass of `Layer` has neither trouble.

    Args:
        function: Called with the inputs, and with `mask` and `training` if it takes them.
        output_shape: The shape of the output without the batch dimension, or a function of the input's shape.
            It is found by running the function if None.
        mask: A mask for the output, or a function of inputs and mask that gives one.
        arguments: Further keyword arguments of the function.
        **kwargs: Arguments of `Layer`.

    Raises:
        TypeError: If `function` cannot be called.

    Example:
        >>> import addax as keras
        >>> keras.layers.Lambda(lambda x: x**2)([2.0, 3.0]).numpy()
        array([4., 9.], dtype=float32)
    """

    _renamed_arguments = {"output_shape": "_output_shape", "mask": "_mask"}
    _optional_arguments = ("output_shape", "mask")

    def __init__(
        self,
        function: Callable,
        output_shape: Any = None,
        mask: Any = None,
        arguments: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not callable(function):
            raise TypeError(
                message("`function` is wrong.", where="Lambda", expected="a function", received=function)
            )
        self.function = function
        self.arguments = dict(arguments or {})
        self._output_shape = output_shape
        self._mask = mask
        self.supports_masking = mask is not None
        self._passed = [name for name in ("mask", "training") if name in _parameters(function)]

    def call(self, inputs: Any, mask: Any = None, training: bool | None = None) -> Any:
        """Call the function."""
        known = {"mask": mask, "training": training}
        return self.function(inputs, **{**self.arguments, **{name: known[name] for name in self._passed}})

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """The mask that the constructor was given."""
        return self._mask(inputs, previous_mask) if callable(self._mask) else self._mask

    def compute_output_spec(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """The symbolic output, of the given shape if there is one."""
        if self._output_shape is None:
            return super().compute_output_spec(inputs, *args, **kwargs)
        shapes = tree.map_structure(lambda x: x.shape, inputs)
        if callable(self._output_shape):
            found = self._output_shape(shapes)
        else:
            batch = tree.flatten(inputs)[0].shape[0]
            found = _with_batch(self._output_shape, batch)
        return _specs(found, self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "function": serial.serialize(self.function)}

    @classmethod
    def from_config(
        cls, config: Mapping[str, Any], custom_objects: Mapping | None = None, safe_mode: bool | None = None
    ) -> Any:
        """A layer like the one that gave `config`; code of a lambda is refused unless safe mode is off.

        Args:
            config: What `get_config` gave.
            custom_objects: Name -> function, for functions that were not registered.
            safe_mode: False lets lambdas in; None for what loading or the settings say.
        """
        config = _from_keras2(config)
        for name in ("function", "output_shape", "mask"):
            if isinstance(config.get(name), dict):
                config[name] = serial.deserialize(config[name], custom_objects, safe_mode)
        return cls(**config)


def _from_keras2(config: Mapping[str, Any]) -> dict[str, Any]:
    """A config of Keras 2, where the type of a function stands beside it, in the form of Keras 3."""
    found = {k: v for k, v in config.items() if not k.endswith(("_type", "_module")) and k != "module"}
    for name in ("function", "output_shape"):
        kind = config.get(f"{name}_type")
        if kind == "lambda":
            found[name] = {"class_name": "__lambda__", "config": {"value": found[name]}}
        elif kind == "function":
            found[name] = {"class_name": "function", "config": found[name], "module": "builtins"}
    return found


def _parameters(function: Callable) -> tuple[str, ...]:
    try:
        return tuple(inspect.signature(function).parameters)
    except ValueError:  # some builtins have no signature
        return ()


def _is_shape(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and all(d is None or isinstance(d, int) for d in value)


def _with_batch(shape: Any, batch: Any) -> Any:
    if _is_shape(shape):
        return (batch, *shape)
    if isinstance(shape, dict):
        return {key: _with_batch(one, batch) for key, one in shape.items()}
    return [_with_batch(one, batch) for one in shape]


def _specs(shapes: Any, dtype: Any) -> Any:
    if _is_shape(shapes) or isinstance(shapes, TensorShape):
        return SymbolicTensor(shapes, dtype)
    if isinstance(shapes, dict):
        return {key: _specs(one, dtype) for key, one in shapes.items()}
    return [_specs(one, dtype) for one in shapes]
