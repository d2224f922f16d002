"""The layers of a model as a graph that TensorBoard draws."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from addax.core import tree

if TYPE_CHECKING:
    from addax.formats import GraphNode


def graph_nodes(model: Any) -> list[GraphNode]:
    """A node for each layer of a Sequential or functional model; none for a model that is only code."""
    nodes: list[GraphNode] = []
    _add(nodes, model, "")
    return nodes


def _add(nodes: list[GraphNode], model: Any, prefix: str) -> None:
    from addax.formats import GraphNode

    layers = list(getattr(model, "layers", None) or ())
    inputs = _inputs_by_layer(model, [layer.name for layer in layers])
    if inputs is None:
        return
    for layer in layers:
        name = f"{prefix}{layer.name}"
        sources = tuple(f"{prefix}{source}" for source in inputs.get(layer.name, ()))
        nodes.append(GraphNode(name, type(layer).__name__, sources, _output_shape(layer)))
        if getattr(layer, "layers", None):
            _add(nodes, layer, f"{name}/")


def _output_shape(layer: Any) -> tuple | None:
    """The shape of a layer's output, where it has one and it is known."""
    try:
        shape = layer.output.shape
    except (AttributeError, ValueError, RuntimeError):  # several outputs, several calls, or none yet
        return None
    return tuple(shape)


def _inputs_by_layer(model: Any, names: list[str]) -> dict[str, list[str]] | None:
    """Layer name -> names of the layers it reads; None for models that have no graph."""
    kinds = {cls.__name__ for cls in type(model).__mro__}
    if "Sequential" in kinds:
        return {name: [before] for before, name in zip(names, names[1:], strict=False)}
    if "Functional" not in kinds:
        return None
    found: dict[str, list[str]] = {}
    for layer in model.get_config().get("layers", ()):
        sources = [leaf for node in layer.get("inbound_nodes", ()) for leaf in _histories(node)]
        found[layer["name"]] = list(dict.fromkeys(sources))
    return found


def _histories(value: Any) -> list[str]:
    """The names of the layers whose outputs a serialized call holds."""
    if isinstance(value, dict):
        history = (
            value.get("config", {}).get("keras_history") if isinstance(value.get("config"), dict) else None
        )
        if history:
            return [str(history[0])]
        return [name for item in value.values() for name in _histories(item)]
    if tree.is_nested(value):
        return [name for item in value for name in _histories(item)]
    return []
