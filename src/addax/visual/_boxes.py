"""A model as boxes and edges: what stands in each box, and what leads where."""

from __future__ import annotations

import dataclasses
from typing import Any

from addax.core import tree
from addax.engine import OpCall
from addax.layers import InputLayer, Layer


@dataclasses.dataclass(frozen=True)
class Options:
    """What `plot_model` was asked to show."""

    shapes: bool = False
    dtype: bool = False
    names: bool = False
    activations: bool = False
    trainable: bool = False
    expand_nested: bool = False


@dataclasses.dataclass
class Box:
    """A layer or an op.

    Attributes:
        title: Its class, or the op's name.
        lines: Further lines.
        family: The room of `addax.layers` that it is from, `"op"`, `"input"`, `"model"` or `"other"`.
        inside: The boxes of a nested model that is opened, else None.
    """

    title: str
    lines: list[str]
    family: str
    inside: Picture | None = None


@dataclasses.dataclass(frozen=True)
class Edge:
    """From an output of a box to an input of another, by their numbers."""

    source: int
    target: int
    output: int = 0
    input: int = 0


@dataclasses.dataclass
class Picture:
    """Boxes and edges.

    Attributes:
        boxes: The boxes.
        edges: The edges, each once.
        inputs: The boxes where data comes in.
        outputs: The boxes where it goes out.
    """

    boxes: list[Box]
    edges: list[Edge]
    inputs: list[int]
    outputs: list[int]


def picture_of(model: Any, options: Options) -> Picture:
    """The picture of a model: of its graph; of its stack of layers; or of one box, if it has neither."""
    graph = getattr(model, "_graph", None)
    if graph is not None:
        return _of_graph(graph, options)
    layers = getattr(model, "layers", None) if type(model).__name__ == "Sequential" else None
    if not layers:
        return Picture([_box(model, options)], [], [0], [0])
    boxes = [_box(layer, options) for layer in layers]
    chain = [Edge(i, i + 1) for i in range(len(boxes) - 1)]
    return Picture(boxes, chain, [0], [len(boxes) - 1])


def _of_graph(graph: Any, options: Options) -> Picture:
    operations = list(graph.operations)
    numbers = {id(operation): i for i, operation in enumerate(operations)}
    edges: dict[Edge, None] = {}
    for node in graph.nodes:
        target = numbers[id(node.operation)]
        for i, x in enumerate(node.inputs):
            source = numbers[id(x._node.operation)]
            edges[Edge(source, target, x._index, i)] = None
    boxes = [_box(operation, options) for operation in operations]
    plain = dict.fromkeys(_without_ports(edge, boxes) for edge in edges)
    ends = [[numbers[id(x._node.operation)] for x in tensors] for tensors in (graph.inputs, graph.outputs)]
    return Picture(boxes, list(plain), *ends)


def _without_ports(edge: Edge, boxes: list[Box]) -> Edge:
    """Which input and output matters for opened models only."""
    return dataclasses.replace(
        edge,
        output=edge.output if boxes[edge.source].inside is not None else 0,
        input=edge.input if boxes[edge.target].inside is not None else 0,
    )


def _box(operation: Any, options: Options) -> Box:
    is_model = hasattr(operation, "layers")
    inside = None
    if is_model and options.expand_nested and (getattr(operation, "_graph", None) or operation.layers):
        inside = picture_of(operation, options)
        inside = inside if len(inside.boxes) > 1 or inside.boxes[0].family != "model" else None
    title = operation.op.name if isinstance(operation, OpCall) else type(operation).__name__
    if inside is not None:
        title = f"{operation.name} ({title})"
    return Box(title, _lines(operation, options), _family(operation, is_model), inside)


def _family(operation: Any, is_model: bool) -> str:
    if is_model:
        return "model"
    if isinstance(operation, InputLayer):
        return "input"
    if not isinstance(operation, Layer):
        return "op"
    parts = type(operation).__module__.split(".")
    return parts[2] if parts[:2] == ["addax", "layers"] and len(parts) > 3 else "other"


def _lines(operation: Any, options: Options) -> list[str]:
    lines = []
    if options.names:
        lines.append(operation.name)
    if options.activations:
        activation = getattr(operation, "activation", None)
        if activation is not None:
            lines.append(f"activation: {getattr(activation, '__name__', type(activation).__name__)}")
    if options.shapes:
        lines.extend(_shape_lines(operation))
    if options.dtype:
        lines.append(f"dtype: {_dtype(operation)}")
    if options.trainable and getattr(operation, "weights", None):
        lines.append("trainable" if operation.trainable else "frozen")
    return lines


def _dtype(operation: Any) -> str:
    nodes = operation._inbound_nodes
    if nodes:
        return ", ".join(dict.fromkeys(str(x.dtype) for x in nodes[0].output_tensors))
    return str(getattr(operation, "compute_dtype", "?"))


def _shape_lines(operation: Any) -> list[str]:
    nodes = operation._inbound_nodes
    if isinstance(operation, InputLayer):
        return [f"shape: {_text(operation.batch_shape)}"]
    if nodes:
        return [f"in: {_shapes(nodes[0].inputs)}", f"out: {_shapes(nodes[0].output_tensors)}"]
    graph = getattr(operation, "_graph", None)
    if graph is not None:
        return [f"in: {_shapes(graph.inputs)}", f"out: {_shapes(graph.outputs)}"]
    seen = operation.__dict__.get("_seen_output_shape")
    return ["out: ?" if seen is None else f"out: {', '.join(map(_text, _flat(seen)))}"]


def _flat(shapes: Any) -> list:
    found = (
        tree.flatten(tree.map_structure(lambda s: [s], shapes))
        if isinstance(shapes, (dict, list))
        else [shapes]
    )
    return found if found else ["?"]


def _shapes(tensors: list) -> str:
    shown = [_text(x.shape) for x in tensors[:3]]
    return ", ".join(shown) + (f", ... ({len(tensors)})" if len(tensors) > 3 else "")


def _text(shape: Any) -> str:
    return str(tuple(shape)) if isinstance(shape, (tuple, list)) else str(shape)
