"""`Functional`: a model that is a graph of layers and ops, and its config."""

from __future__ import annotations

from typing import Any

from addax.core import serial, tree
from addax.core.errors import message
from addax.engine import SymbolicTensor
from addax.layers import Layer
from addax.layers.core._ends import AddLoss, AddMetric
from addax.models import _op_config
from addax.models._model import Model


class Functional(Model):
    """A model made by `Model(inputs, outputs)`.

    Args:
        inputs: A symbolic tensor, or a list or dict of them.
        outputs: A nest of symbolic tensors.
        name: The name.
        **kwargs: `trainable` and `dtype`.
    """

    def __init__(self, inputs: Any, outputs: Any, name: str | None = None, **kwargs: Any) -> None:
        super().__init__(inputs=inputs, outputs=outputs, name=name, **kwargs)

    @property
    def layers(self) -> list[Layer]:
        """The layers of the graph, inputs included, in running order."""
        return list(self._graph_layers)

    @property
    def operations(self) -> list:
        """Layers and ops of the graph, in running order."""
        return list(self._graph.operations)  # type: ignore[union-attr]

    def get_config(self) -> dict[str, Any]:
        """The graph as plain data, in Keras's form."""
        if type(self) is not Functional:
            return super().get_config()
        return graph_config(self)

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """A model from what `get_config` gave (or from a config of Keras 3, or of tf.keras 2)."""
        return graph_from_config(cls, config, custom_objects)


def graph_config(model: Any) -> dict[str, Any]:
    """The config of a functional model or of a `Function`."""
    graph = model._graph
    assert graph is not None
    inside = {id(node) for node in graph.all_nodes}
    numbers: dict[int, int] = {}
    layers = []
    for operation in graph.operations:
        nodes = [n for n in operation._inbound_nodes if id(n) in inside]
        numbers.update({id(n): i for i, n in enumerate(nodes)})
        layers.append((operation, nodes))
    entries = []
    for operation, nodes in layers:
        calls = [] if isinstance(operation, Layer) and not _has_inputs(nodes) else nodes
        data, inbound = _op_config.entry(operation, calls)
        entry = {**data, "name": operation.name}
        entry["inbound_nodes"] = [_call_config(args, kwargs, numbers) for args, kwargs in inbound]
        entries.append(entry)

    def place(x: SymbolicTensor) -> list:
        operation = x.op
        return [operation.name, numbers[id(x._node)] + _first_call(operation), x._index]

    return {
        "name": model.name,
        "trainable": getattr(model, "trainable", True),
        "layers": entries,
        "input_layers": tree.map_structure(place, model._inputs_nest),
        "output_layers": tree.map_structure(place, graph.outputs_nest),
    }


def _first_call(operation: Any) -> int:
    """The number of an operation's first call where a config names the ends of a graph.

    A functional model counts the call by which it was made; calls inside the graph are counted from zero.
    """
    return int(isinstance(operation, Functional))


def _has_inputs(nodes: list) -> bool:
    return any(n.inputs for n in nodes)


def _call_config(args: Any, kwargs: Any, numbers: dict[int, int]) -> dict[str, Any]:
    def plain(x: Any) -> Any:
        if isinstance(x, SymbolicTensor):
            return {
                "class_name": "__keras_tensor__",
                "config": {
                    "shape": list(x.shape),
                    "dtype": str(x.dtype),
                    "keras_history": [x.op.name, numbers[id(x._node)], x._index],
                },
            }
        return serial.serialize(x)

    return {"args": tree.map_structure(plain, list(args)), "kwargs": tree.map_structure(plain, dict(kwargs))}


class _Waiting(Exception):
    """A call that needs a tensor which is not made yet."""


def graph_from_config(cls: type, config: dict[str, Any], custom_objects: Any = None) -> Any:
    """Rebuild a graph: make the operations, then replay their calls as their inputs become known."""
    from addax.core.registry import custom_object_scope

    config = dict(config)
    with custom_object_scope(custom_objects):
        operations: dict[str, Any] = {}
        calls: list[tuple[str, int, Any]] = []
        keras2 = any(_op_config.is_keras2(entry) for entry in config["layers"])
        for entry in config["layers"]:
            name = entry.get("name") or entry["config"]["name"]
            operations[name] = _op_config.make(entry)
            first = int(keras2 and _counts_its_making(operations[name]))
            for i, inbound in enumerate(_op_config.standard_nodes(entry, operations[name]), first):
                calls.append((name, i, inbound))
        made: dict[tuple[str, int], list] = {}
        for name, operation in operations.items():
            if (
                isinstance(operation, Layer)
                and operation._inbound_nodes
                and not _has_inputs(operation._inbound_nodes)
            ):
                made[(name, 0)] = operation._inbound_nodes[0].output_tensors
        _replay(calls, operations, made)
        if not keras2:
            made = {(name, i + _first_call(operations[name])): tensors for (name, i), tensors in made.items()}
        inputs = _tensors_at(config["input_layers"], made)
        outputs = _tensors_at(config["output_layers"], made)
    extra = {k: v for k, v in config.items() if k not in ("layers", "input_layers", "output_layers")}
    trainable = extra.pop("trainable", None)
    extra.pop("dtype", None)
    if issubclass(cls, Functional):
        model = cls(inputs, outputs, name=extra.pop("name", None), **extra)
    else:
        model = cls(inputs=inputs, outputs=outputs, **extra)
    ends = [op for op in operations.values() if isinstance(op, (AddLoss, AddMetric))]
    if ends:
        model._end_with(*[x for end in ends for node in end._inbound_nodes for x in node.output_tensors])
    if trainable is False:
        model._trainable = False  # each layer has its own flag
    return model


def _counts_its_making(operation: Any) -> bool:
    """Whether Keras 2 counts the making of a nested model as its first call."""
    return isinstance(operation, Model) and operation.inputs is not None


def _replay(calls: list, operations: dict[str, Any], made: dict[tuple[str, int], list]) -> None:
    pending = calls
    while pending:
        later = []
        done_with: set[str] = set()
        for name, index, (args, kwargs) in pending:
            if name in done_with:  # calls of a shared layer keep their order
                later.append((name, index, (args, kwargs)))
                continue
            try:
                real_args, real_kwargs = _fill(args, made), _fill(kwargs, made)
            except _Waiting:
                later.append((name, index, (args, kwargs)))
                done_with.add(name)
                continue
            result = operations[name](*real_args, **real_kwargs)
            made[(name, index)] = tree.flatten(result)
        if len(later) == len(pending):
            raise ValueError(
                message(
                    "The config's graph has calls whose inputs are never made.",
                    received=f"layers {[name for name, _, _ in later]}",
                )
            )
        pending = later


def _fill(value: Any, made: dict[tuple[str, int], list]) -> Any:
    if isinstance(value, dict):
        if value.get("class_name") == "__keras_tensor__":
            name, node, index = value["config"]["keras_history"]
            if (name, node) not in made:
                raise _Waiting
            return made[(name, node)][index]
        if "class_name" in value and "config" in value:
            return serial.deserialize(value)
        return {k: _fill(v, made) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_fill(v, made) for v in value)
    return value


def _tensors_at(places: Any, made: dict[tuple[str, int], list]) -> Any:
    if isinstance(places, dict):
        return {k: _tensors_at(v, made) for k, v in places.items()}
    if len(places) == 3 and isinstance(places[0], str) and isinstance(places[1], int):
        return made[(places[0], places[1])][places[2]]
    return [_tensors_at(p, made) for p in places]
