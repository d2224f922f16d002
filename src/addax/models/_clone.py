"""`clone_model`: the same architecture with new weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from addax.core import serial, tree
from addax.core.errors import message
from addax.engine import Node, OpCall, SymbolicTensor
from addax.layers import Input, InputLayer, Lambda, Layer
from addax.layers.core._ends import AddLoss, AddMetric
from addax.models._functional import Functional
from addax.models._model import Model
from addax.models._sequential import Sequential


def clone_model(
    model: Model,
    input_tensors: Any = None,
    clone_function: Callable | None = None,
    call_function: Callable | None = None,
    recursive: bool = False,
    **kwargs: Any,
) -> Model:
    """A model of the same architecture with freshly initialised weights.

    Args:
        model: A Sequential or functional model, or a subclassed one whose config is complete.
        input_tensors: Symbolic tensors to start from; new Inputs if None.
        clone_function: Takes each layer and gives its copy; from the layer's config if None.
        call_function: Takes a layer's copy and the arguments of a call; calls it, if None.
        recursive: Whether `clone_function` is also applied inside nested models.
        **kwargs: Attributes to set on the result.

    Returns:
        The new model.

    Raises:
        ValueError: If the model is subclassed, and a clone or call function is given.

    Example:
        >>> import addax as keras
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        >>> keras.models.clone_model(model).count_params()
        3
    """
    if not isinstance(model, (Sequential, Functional)):
        if clone_function is not None or call_function is not None or input_tensors is not None:
            raise ValueError(
                message(
                    "A subclassed model is cloned by its config alone.",
                    expected="no clone_function, call_function or input_tensors",
                    received=f"model '{model.name}' of class {type(model).__name__}",
                )
            )
        return type(model).from_config(model.get_config())
    copy = _Copier(clone_function, recursive)
    if isinstance(model, Sequential):
        new: Model = _clone_sequential(model, copy, input_tensors)
    else:
        new = _clone_graph(model, copy, call_function, input_tensors)
    for name, value in kwargs.items():
        setattr(new, name, value)
    return new


class _Copier:
    """Copies each layer once."""

    def __init__(self, clone_function: Callable | None, recursive: bool) -> None:
        self.function = clone_function or _from_config
        self.recursive = recursive
        self.copies: dict[int, Any] = {}

    def __call__(self, layer: Any) -> Any:
        found = self.copies.get(id(layer))
        if found is None:
            if isinstance(layer, Model) and self.recursive and isinstance(layer, (Sequential, Functional)):
                found = clone_model(layer, clone_function=self.function, recursive=True)
            else:
                found = self.function(layer)
            self.copies[id(layer)] = found
        return found


def _from_config(layer: Any) -> Any:
    if isinstance(layer, (Sequential, Functional)):
        return clone_model(layer)
    if isinstance(layer, OpCall):
        return layer.op
    if isinstance(layer, Lambda):  # the function itself goes on, not its code
        base = {"name": layer.name, "trainable": layer.trainable, "dtype": layer.dtype_policy}
        return Lambda(**{**layer._bound_arguments, **base})
    data = serial.serialize_object(layer)
    data.pop("build_config", None)
    data.pop("compile_config", None)
    return serial.deserialize(data, {type(layer).__name__: type(layer)})


def _clone_sequential(model: Sequential, copy: _Copier, input_tensors: Any) -> Sequential:
    new = Sequential(name=model.name, trainable=model.trainable)
    if input_tensors is not None:
        tensors = tree.flatten(input_tensors)
        if len(tensors) != 1:
            raise ValueError(
                message("A Sequential model has one input.", received=f"{len(tensors)} input_tensors")
            )
        new.add(InputLayer(batch_shape=tensors[0].shape, dtype=tensors[0].dtype))
    elif model._start is not None:
        start = model._start
        new.add(InputLayer(batch_shape=start.batch_shape, dtype=start.dtype, name=start.name))
    for layer in model.layers:
        new.add(copy(layer))
    return new


def _clone_graph(
    model: Functional, copy: _Copier, call_function: Callable | None, input_tensors: Any
) -> Model:
    graph = model._graph
    assert graph is not None
    if input_tensors is None:
        inputs = [
            Input(batch_shape=x.shape, dtype=x.dtype, name=x._node.operation.name) for x in graph.inputs
        ]
    else:
        inputs = [
            x if isinstance(x, SymbolicTensor) else Input(batch_shape=x.shape)
            for x in tree.flatten(input_tensors)
        ]
    call = call_function or (lambda layer, *args, **kw: layer(*args, **kw))

    ends: list = []

    def run(node: Node, args: tuple, kwargs: dict) -> Any:
        if not isinstance(node.operation, Layer):
            return node.operation(*args, **kwargs)
        result = call(copy(node.operation), *args, **kwargs)
        if isinstance(node.operation, (AddLoss, AddMetric)):
            ends.append(result)
        return result

    outputs = graph.run(inputs, run)
    nest = tree.pack_sequence_as(model._inputs_nest, inputs)
    new = Functional(nest, outputs, name=model.name)
    if ends:
        new._end_with(*ends)
    return new
