"""`Sequential`: a stack of layers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from addax.core import context, serial
from addax.core.errors import message
from addax.engine import SymbolicTensor, TensorShape
from addax.layers import InputLayer, Layer
from addax.models import _graph
from addax.models._model import Model


class Sequential(Model):
    """Layers one after another, each with one input and one output.

    The input's shape comes from an `Input` at the start, from `input_shape=` of the first layer, from
    `build(input_shape)`, or from the first data.

    Args:
        layers: Layers in order.
        trainable: Whether the weights are updated in training.
        name: The name.

    Example:
        >>> import addax as keras
        >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2), keras.layers.Dense(1)])
        >>> model.output_shape, model.count_params()
        (TensorShape([None, 1]), 13)
    """

    _holds_to_its_shapes = False  # the layers know best, as sequences of another length may follow the first

    def __init__(
        self, layers: Any = None, trainable: bool = True, name: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(trainable=trainable, name=name, **kwargs)
        self._stack: list[Layer] = []
        self._start: InputLayer | None = None
        if layers is not None:
            for layer in layers if isinstance(layers, Iterable) else [layers]:
                self.add(layer)

    def add(self, layer: Any, rebuild: bool = True) -> None:
        """Put a layer on top.

        Args:
            layer: A layer, a model, or what `Input` returned.
            rebuild: Accepted for Keras's sake.

        Raises:
            TypeError: If it is no layer.
            ValueError: If its name is taken, or an Input is not at the start.
        """
        if isinstance(layer, SymbolicTensor) and layer._node is not None:
            layer = layer._node.operation
        if not isinstance(layer, Layer):
            raise TypeError(
                message(
                    "Only layers can be added to a Sequential model.",
                    received=layer,
                    hint=f"Make an object: {layer.__name__}(...)." if isinstance(layer, type) else None,
                )
            )
        if any(layer is other or layer.name == other.name for other in [*self._stack, *self._starts()]):
            raise ValueError(
                message(
                    f"The name '{layer.name}' is already used in this model.",
                    expected="layers with unique names",
                    received=str([other.name for other in self.layers]),
                    hint="Pass name=... to one of them.",
                )
            )
        if isinstance(layer, InputLayer):
            self._add_input(layer)
            return
        if not self._stack and self._start is None and layer._batch_input_shape is not None:
            self._start = InputLayer(batch_shape=layer._batch_input_shape, dtype=_input_dtype(layer))
        elif (
            not self._stack and self._start is None and isinstance(layer, Model) and layer.inputs is not None
        ):
            if len(layer.inputs) == 1:
                self._start = InputLayer(batch_shape=layer.inputs[0].shape, dtype=layer.inputs[0].dtype)
        self._stack.append(layer)
        self._forget_steps()
        self._extend(layer)

    def _starts(self) -> list[Layer]:
        return [self._start] if self._start is not None else []

    def _add_input(self, layer: InputLayer) -> None:
        if self._stack or self._start is not None:
            raise ValueError(
                message(
                    "An Input belongs at the start of a Sequential model.",
                    received=f"the layers {[other.name for other in self.layers]} before '{layer.name}'",
                )
            )
        self._start = layer

    def _extend(self, layer: Layer) -> None:
        """Run a new layer on the symbolic output so far, if the shape is known."""
        if self._start is None:
            return
        try:
            if self._graph is None and len(self._stack) > 1:
                self._rebuild()
                return
            x = self._start.output if self._graph is None else self._graph.outputs[0]
            self._set_stack_graph(self._run_layers([layer], x))
        except Exception:
            self._stack.pop()
            raise

    def _set_stack_graph(self, output: Any) -> None:
        assert self._start is not None
        start = self._start.output
        self._set_graph(start, output)
        self._build_shapes = {"input_shape": start.shape}

    def _end_with(self, *ends: SymbolicTensor) -> None:
        raise ValueError(
            message(
                "A Sequential model cannot hold losses or metrics of symbolic tensors.",
                where=self.name,
                expected="a functional model",
                received=f"a tensor of shape {ends[0].shape}",
                hint="model = keras.Model(model.inputs, model.outputs), or call add_loss() within a layer.",
            )
        )

    def _rebuild(self) -> None:
        """Run the whole stack on the symbolic input."""
        assert self._start is not None
        if self._stack:
            self._set_stack_graph(self._run_layers(self._stack, self._start.output))

    def _run_layers(self, layers: list[Layer], x: Any) -> Any:
        """Run layers on a symbolic tensor; weights that they make have the model's name in their path."""
        with context.entered(path=self._scope()):
            for layer in layers:
                x = layer(x)
        return x

    def pop(self, rebuild: bool = True) -> Layer:
        """Take the top layer off and return it.

        Args:
            rebuild: Whether the model is put together anew, if it was.

        Raises:
            TypeError: If there is none.
        """
        if not self._stack:
            raise TypeError("The model has no layers to take off.")
        layer = self._stack.pop()
        self._graph = None
        if self._start is not None and self._stack:
            self._rebuild()
        elif not self._stack:
            self.built = False
        self._forget_steps()
        return layer

    def _builds_in_call(self) -> bool:
        return False

    def _has_own_build(self) -> bool:
        return type(self).build is not Sequential.build

    def build(self, input_shape: Any = None) -> None:
        """Create all weights for inputs of a shape, batch dimension included (any batch size fits later)."""
        if self._graph is not None or not self._stack:
            return
        if input_shape is None:
            if self._start is None:
                raise ValueError(
                    message(
                        f"Sequential model '{self.name}' does not know its input's shape.",
                        hint="Start it with keras.Input(shape=...), or call build((None, ...)).",
                    )
                )
        elif isinstance(input_shape, (list, dict)) and not isinstance(input_shape, TensorShape):
            super().build(input_shape)
            return
        elif self._start is None:
            shape = (None, *TensorShape(input_shape)[1:])
            self._start = InputLayer(batch_shape=shape, dtype=_input_dtype(self._stack[0]))
        self._rebuild()

    def _infer_build(self, inputs: Any, batch: int | None = None) -> Any:
        if isinstance(inputs, SymbolicTensor) and self._start is None:
            shape = (None, *inputs.shape[1:]) if batch is not None else inputs.shape
            self._start = InputLayer(batch_shape=shape, dtype=inputs.dtype)
            self._rebuild()
        if self._graph is None:
            return super()._infer_build(inputs, batch)
        return self._graph.outputs_nest

    def _stage(self, inputs: Any) -> Any:
        """The part of the first layer that takes strings, if it alone does; see `Model._stage`."""
        prepare = getattr(self._stack[0], "prepare", None) if self._graph is None and self._stack else None
        return super()._stage(inputs) if prepare is None else prepare(inputs)

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        """Run the layers in order."""
        if _graph.is_staged(inputs):
            return super().call(inputs)
        x = inputs if self._graph is None else self._match_inputs(inputs)[0]
        for layer in self._stack:
            x = layer(x)
        return x

    @property
    def layers(self) -> list[Layer]:
        """The layers in order, without the input."""
        return list(self._stack)

    @property
    def input_names(self) -> list[str]:
        """The name of the input."""
        return [self._start.name] if self._start is not None else []

    def get_config(self) -> dict[str, Any]:
        """The layers as plain data, in Keras's form."""
        entries = [serial.serialize_object(layer) for layer in [*self._starts(), *self._stack]]
        config = {
            "name": self.name,
            "trainable": self.trainable,
            "dtype": self._dtype_config(),
            "layers": entries,
        }
        if self._start is not None and self.built:
            config["build_input_shape"] = list(self._start.batch_shape)
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Sequential:
        """A model from what `get_config` gave (or from a config of Keras 3, or of tf.keras 2)."""
        entries = config if isinstance(config, list) else config["layers"]
        name = None if isinstance(config, list) else config.get("name")
        model = cls(name=name)
        for entry in entries:
            packages = ("addax.layers", "addax.models", "addax.applications")
            model.add(serial.deserialize(entry, custom_objects, packages=packages))
        if isinstance(config, dict):
            shape = config.get("build_input_shape")
            if shape is not None and model._graph is None and isinstance(shape, (list, tuple)):
                model.build(TensorShape(shape))
            if config.get("trainable") is False:
                model.trainable = False
        return model


def _input_dtype(layer: Layer) -> Any:
    """The dtype of the data that a first layer takes: indices for an embedding, floats else."""
    return getattr(layer, "_data_dtype", None) or layer.compute_dtype
