"""Objects as TensorFlow's checkpoints see them: which object leads to which, and by what name.

The names are those of Keras 3 and of Keras 2 at once, so that checkpoints of both are read, and read ours.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from addax.data import DatasetIterator
from addax.engine import Module, Variable
from addax.layers import Layer
from addax.optimizers import Optimizer
from addax.saving._walk import _bare_attributes, _kind

TRAINABLE = "_trainable_variables"  # of an optimizer; a way to the model's variables, not the best one
_OF_OPTIMIZERS = ("iterations", "learning_rate")  # private in every Keras
_MAX_DEPTH = 8  # of containers in containers


class Group:
    """Objects by name, in the place of an object that we do not have.

    Args:
        members: The objects.
        last: Whether the members are better named by another way to them, if there is one.
    """

    def __init__(self, members: Mapping[str, Any], last: bool = False) -> None:
        self.members = dict(members)
        self.last = last

    def _tracked_children(self) -> dict[str, Any]:
        return self.members


def is_tracked(value: Any, depth: int = 0) -> bool:
    """Whether a checkpoint holds something of a value: a variable, what owns some, or a container of these."""
    if isinstance(value, (Variable, Module, DatasetIterator)) or hasattr(value, "_tracked_children"):
        return True
    if isinstance(value, (list, tuple)):
        return depth < _MAX_DEPTH and any(is_tracked(item, depth + 1) for item in value)
    if isinstance(value, dict):
        return depth < _MAX_DEPTH and any(is_tracked(item, depth + 1) for item in value.values())
    return False


def children(obj: Any) -> dict[str, Any]:
    """What an object leads to, by name: the best name of each comes first.

    Args:
        obj: A variable, module, iterator or container, or an object with `_tracked_children()`.
    """
    if isinstance(obj, (Variable, DatasetIterator)):
        return {}
    if hasattr(obj, "_tracked_children"):
        return obj._tracked_children()
    if isinstance(obj, Module):
        found = _of_optimizer(obj) if isinstance(obj, Optimizer) else _of_module(obj)
        return _with_other_names(found)
    items = obj.items() if isinstance(obj, dict) else enumerate(obj)
    return {str(key): value for key, value in items if is_tracked(value)}


def _with_other_names(found: dict[str, Any]) -> dict[str, Any]:
    """An attribute that is private in one Keras may be public in the other; public names come first."""
    ordered: dict[str, Any] = {}
    for name, child in found.items():
        public = name.lstrip("_")
        if public not in _OF_OPTIMIZERS and public not in found and not isinstance(child, Group):
            ordered.setdefault(public, child)
        ordered.setdefault(name, child)
    for name, child in list(ordered.items()):
        if not name.startswith("_") and isinstance(child, (Variable, Module)):
            ordered.setdefault(f"_{name}", child)
    return ordered


def _of_module(obj: Module) -> dict[str, Any]:
    bare = _bare_attributes(_kind(obj))
    found = _layers(obj) if isinstance(obj, Layer) else {}
    for name in sorted(obj.__dict__):
        if name not in obj._skip_walk and name != "_bound_arguments" and name not in bare:
            value = obj.__dict__[name]
            if is_tracked(value):
                found[name] = value
    optimizer = obj.__dict__.get("optimizer")
    if isinstance(optimizer, Optimizer):  # of a compiled model, whose walk leaves it out
        found["optimizer"] = optimizer
    if isinstance(obj, Layer):  # a weight that no attribute holds goes by its own name
        held = {id(value) for value in found.values()}
        for variable in obj._own:
            if id(variable) not in held:
                found.setdefault(variable.name, variable)
    return found


def _layers(obj: Layer) -> dict[str, Any]:
    """The layers of a model that knows their order, by numbers."""
    kind, graph = _kind(obj), getattr(obj, "_graph", None)
    if kind not in ("Sequential", "Functional"):
        return {}
    layers = list(obj.layers)  # type: ignore[attr-defined]
    found: dict[str, Any] = {f"layer-{number}": layer for number, layer in enumerate(layers)}
    if graph is not None:
        weighted = [layer for layer in layers if layer.weights]
        found |= {f"layer_with_weights-{number}": layer for number, layer in enumerate(weighted)}
        operations = {str(n): op for n, op in enumerate(graph.operations) if isinstance(op, Layer)}
        listed = Group({"_operations": Group(operations)})
        found |= {"_functional": listed} if kind == "Sequential" else listed.members
    return found


def _of_optimizer(obj: Optimizer) -> dict[str, Any]:
    found: dict[str, Any] = {"_iterations": obj._iterations}
    if isinstance(obj._learning_rate, Variable):
        found["_learning_rate"] = obj._learning_rate
    for name in sorted(obj.__dict__):
        value = obj.__dict__[name]
        inner = value if isinstance(value, (list, tuple)) else [value]
        if inner and all(isinstance(one, Optimizer) for one in inner):
            found[name] = value
    found["_variables"] = Group({str(n): v for n, v in enumerate(obj._variables)})
    found[TRAINABLE] = Group({str(n): v for n, v in enumerate(obj._trainable_variables)}, last=True)
    return found


@dataclass(slots=True)
class ObjectNode:
    """An object in the graph.

    Attributes:
        obj: The object.
        path: The names that lead to it from the root.
        edges: The numbers of its children, by name.
    """

    obj: Any
    path: tuple[str, ...]
    edges: dict[str, int] = field(default_factory=dict)


def object_graph(root: Any) -> list[ObjectNode]:
    """Everything that a root leads to, each object once, by the shortest way; the root is the first."""
    nodes = [ObjectNode(root, ())]
    numbers = {id(root): 0}
    first, last = deque([0]), deque()
    while first or last:
        number = (first or last).popleft()
        node = nodes[number]
        for name, child in children(node.obj).items():
            known = numbers.get(id(child))
            if known is None:
                known = numbers[id(child)] = len(nodes)
                nodes.append(ObjectNode(child, (*node.path, name)))
                (last if isinstance(child, Group) and child.last else first).append(known)
            node.edges[name] = known
    return nodes


def graph_variables(root: Any) -> Iterator[tuple[tuple[str, ...], Variable]]:
    """The variables that a root leads to, each with its path."""
    return ((node.path, node.obj) for node in object_graph(root) if isinstance(node.obj, Variable))
