"""The calls of a graph of symbolic tensors, one after the other, with nested models opened where texts enter them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from addax import layers
from addax.core import context, tree
from addax.core.errors import message
from addax.engine import Node, SymbolicTensor
from addax.export.text._graph import STRING
from addax.export.text._rules import rule_of
from addax.layers.preprocess._hashed_crossing import HashedCrossing
from addax.layers.preprocess._hashing import Hashing


@dataclass(eq=False)
class Place:
    """A tensor between two calls."""

    dtype: str
    shape: tuple[int | None, ...]


@dataclass(eq=False)
class Call:
    """A call of a layer or operation.

    Attributes:
        operation: What is called.
        args: Its positional arguments, places instead of tensors.
        kwargs: Those with names.
        outputs: The places of its results.
    """

    operation: Any
    args: tuple
    kwargs: dict[str, Any]
    outputs: list[Place]
    inputs: list[Place] = field(init=False)

    def __post_init__(self) -> None:
        self.inputs = [x for x in tree.flatten((self.args, self.kwargs)) if isinstance(x, Place)]

    @property
    def takes_text(self) -> bool:
        """Whether texts go in."""
        return any(x.dtype == STRING for x in self.inputs)


def needs_host(operation: Any) -> bool:
    """Whether a layer works on the host even with numbers."""
    if isinstance(operation, (Hashing, HashedCrossing)):
        return True
    shares = getattr(operation, "num_oov_indices", 1) > 1 and not operation.invert
    return isinstance(operation, layers.IntegerLookup) and shares


def has_text(inputs: Sequence[SymbolicTensor], outputs: Any) -> bool:
    """Whether a graph has something that a numerical program cannot do."""
    return any(x.dtype == STRING for x in inputs) or text_layer(inputs, outputs) is not None


def text_layer(inputs: Sequence[SymbolicTensor], outputs: Any) -> Any:
    """The first layer or operation that a numerical program cannot do; None if there is none."""
    calls, _ = flat_calls([Place(str(x.dtype), tuple(x.shape)) for x in inputs], inputs, outputs)
    for call in calls:
        texts = any(x.dtype == STRING for x in [*call.inputs, *call.outputs])
        if texts or needs_host(call.operation):
            return call.operation
    return None


def flat_calls(
    places: Sequence[Place], inputs: Sequence[SymbolicTensor], outputs: Any
) -> tuple[list[Call], Any]:
    """The calls between inputs and outputs.

    Args:
        places: What stands for the inputs.
        inputs: The inputs.
        outputs: The nest of outputs.

    Returns:
        The calls in an order in which they can run, and the nest of outputs with places instead of tensors.

    Raises:
        ValueError: The outputs do not hang on the inputs alone.
    """
    known = {id(x): place for x, place in zip(inputs, places, strict=True)}
    calls: list[Call] = []

    def fill(x: Any) -> Any:
        return known[id(x)] if isinstance(x, SymbolicTensor) else x

    for node in _in_order(tree.flatten(outputs), known):
        args, kwargs = tree.map_structure(fill, node.args), tree.map_structure(fill, node.kwargs)
        made = [Place(str(x.dtype), tuple(x.shape)) for x in node.output_tensors]
        call = Call(node.operation, args, kwargs, made)
        inner = _opened(call)
        if inner is None:
            calls.append(call)
        else:
            calls += inner[0]
            made = inner[1]
        known |= {id(x): place for x, place in zip(node.output_tensors, made, strict=True)}
    return calls, tree.map_structure(fill, outputs)


def _in_order(outputs: list[Any], known: dict[int, Place]) -> list[Node]:
    order: list[Node] = []
    done: set[int] = set()
    stack = [
        (x._node, False) for x in reversed(outputs) if isinstance(x, SymbolicTensor) and id(x) not in known
    ]
    while stack:
        node, expanded = stack.pop()
        if id(node) in done:
            continue
        if expanded and node is not None:
            done.add(id(node))
            order.append(node)
            continue
        if node is None or node.is_input:
            raise ValueError(
                message("An output depends on an input that the function does not have.", received=node)
            )
        stack.append((node, True))
        stack += [(x._node, False) for x in reversed(node.inputs) if id(x) not in known]
    return order


def _is_model(operation: Any) -> bool:
    """Whether this is a layer of a user's, or a model, with layers inside."""
    known = not isinstance(operation, layers.Layer) or rule_of(operation) is not None
    return not known and any(operation._flatten_layers(include_self=False))


def _traced(call: Call) -> tuple[list[Call], list[Place]] | None:
    """The calls inside a model whose code is Python, by running it on symbolic tensors; None if it does not."""
    symbols = {x: layers.Input(batch_shape=x.shape, dtype=x.dtype) for x in call.inputs}
    kwargs = {key: x for key, x in call.kwargs.items() if key not in ("training", "mask")}
    args, kwargs = tree.map_structure(
        lambda x: symbols[x] if isinstance(x, Place) else x, (call.args, kwargs)
    )
    try:
        with context.entered(training=False):
            outputs = call.operation.call(*args, **kwargs)
    except (TypeError, AttributeError, ValueError):
        return None
    calls, found = flat_calls(list(symbols), list(symbols.values()), outputs)
    return calls, tree.flatten(found)


def _opened(call: Call) -> tuple[list[Call], list[Place]] | None:
    """The calls inside a model that is called, if there is something of texts in it."""
    graph = getattr(call.operation, "_graph", None)
    if call.kwargs.get("training"):
        return None
    if graph is None:
        return _traced(call) if call.takes_text and _is_model(call.operation) else None
    if not has_text(graph.inputs, graph.outputs_nest):
        return None
    given = tree.flatten(call.args[0]) if call.args else []
    nest = call.args[0] if call.args else None
    if isinstance(nest, dict) and not isinstance(call.operation.input, dict):
        given = [nest[name] for name in call.operation.input_names]
    fits = len(given) == len(graph.inputs) and all(
        len(x.shape) == len(y.shape) for x, y in zip(given, graph.inputs, strict=True)
    )
    if not fits:
        return None
    calls, outputs = flat_calls(given, graph.inputs, graph.outputs_nest)
    return calls, tree.flatten(outputs)
