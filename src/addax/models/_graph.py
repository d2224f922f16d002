"""The graph of a functional model: which operations lie between inputs and outputs, and running them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from addax.core import tree
from addax.core.errors import message
from addax.engine import Node, SymbolicTensor


class Graph:
    """Operations between symbolic inputs and outputs, in an order in which they can run.

    Args:
        inputs: A nest of symbolic tensors.
        outputs: A nest of symbolic tensors that depend on them.
        ends: Further ones, whose operations run as well although nothing comes out.

    Attributes:
        nodes: Calls of operations, inputs left out, in running order.
        operations: Layers and ops, inputs included, by depth as Keras lists them.

    Raises:
        ValueError: If an output does not hang on the inputs, or two operations have one name.
    """

    def __init__(self, inputs: Any, outputs: Any, ends: Sequence[SymbolicTensor] = ()) -> None:
        self.inputs = tree.flatten(inputs)
        self.ends = list(ends)
        self.outputs_nest = outputs
        self.outputs = tree.flatten(outputs)
        for what, tensors in (("input", self.inputs), ("output", self.outputs)):
            _check_symbolic(what, tensors)
        self._sources = {id(x) for x in self.inputs}
        order = self._post_order()
        self.all_nodes = order
        self.operations = _by_depth(order, self._sources)
        self.nodes = [n for n in order if not self._is_source(n)]
        _check_names(self.operations)

    def _is_source(self, node: Node) -> bool:
        return all(id(x) in self._sources for x in node.output_tensors)

    def _post_order(self) -> list[Node]:
        """Every node after the nodes that it depends on (by an explicit stack: graphs may be deep)."""
        order: list[Node] = []
        done: set[int] = set()
        for tensor in [*self.outputs, *self.ends, *self.inputs]:
            if tensor._node is None:
                raise ValueError(
                    message(
                        f"Tensor '{tensor.name}' comes from nowhere.",
                        hint="Start the model with keras.Input().",
                    )
                )
            stack: list[tuple[Node, bool]] = [(tensor._node, False)]
            while stack:
                node, expanded = stack.pop()
                if id(node) in done:
                    continue
                if expanded or self._is_source(node):
                    done.add(id(node))
                    order.append(node)
                    continue
                if node.is_input:
                    raise ValueError(_disconnected(node, self.inputs))
                stack.append((node, True))
                stack.extend((parent, False) for parent in reversed(node.parent_nodes))
        return order

    def run(self, values: list, call: Callable[[Node, tuple, dict], Any] | None = None) -> Any:
        """Run the graph on a list of values for the inputs; return the nest of outputs."""
        return self._run({id(x): value for x, value in zip(self.inputs, values, strict=True)}, call)

    def _run(self, known: dict[int, Any], call: Callable | None = None) -> Any:
        def fill(x: Any) -> Any:
            return known[id(x)] if isinstance(x, SymbolicTensor) else x

        for node in self.nodes:
            if all(id(x) in known for x in node.output_tensors):
                continue
            args, kwargs = tree.map_structure(fill, node.args), tree.map_structure(fill, node.kwargs)
            results = call(node, args, kwargs) if call else node.operation(*args, **kwargs)
            for symbolic, value in zip(node.output_tensors, tree.flatten(results), strict=True):
                known[id(symbolic)] = value
        return tree.map_structure(fill, self.outputs_nest)

    # Strings never enter compiled code: what takes them runs before, on the host -----------------------
    def _text_nodes(self) -> list[Node]:
        """Nodes that take strings, and those that they depend on."""
        takes_text = [n for n in self.nodes if any(x.dtype == "string" for x in n.inputs)]
        wanted = {id(n) for n in takes_text}
        for node in reversed(self.nodes):
            if id(node) in wanted:
                wanted.update(id(x._node) for x in node.inputs)
        return [n for n in self.nodes if id(n) in wanted]

    def stage(self, values: list) -> dict[str, Any]:
        """Run the nodes that take strings; give a nest of what the rest of the graph needs."""
        known = {id(x): value for x, value in zip(self.inputs, values, strict=True)}
        for node in self._text_nodes():
            fill = lambda x: known[id(x)] if isinstance(x, SymbolicTensor) else x  # noqa: E731
            args, kwargs = tree.map_structure(fill, node.args), tree.map_structure(fill, node.kwargs)
            for symbolic, value in zip(
                node.output_tensors, tree.flatten(node.operation(*args, **kwargs)), strict=True
            ):
                known[id(symbolic)] = value
        return {_STAGED: [known[id(x)] for x in self._frontier()]}

    def _frontier(self) -> list[SymbolicTensor]:
        """Numeric tensors that the staged part hands over: inputs, and results of nodes that take strings."""
        made = [x for node in self._text_nodes() for x in node.output_tensors]
        return [x for x in [*self.inputs, *made] if x.dtype != "string"]

    def run_staged(self, staged: dict[str, Any]) -> Any:
        """Run the rest of the graph on what `stage` gave."""
        return self._run({id(x): v for x, v in zip(self._frontier(), staged[_STAGED], strict=True)})


_STAGED = "__addax_staged__"


def is_staged(inputs: Any) -> bool:
    """Whether the inputs of a model come from `Graph.stage`."""
    return isinstance(inputs, dict) and _STAGED in inputs


def _check_symbolic(what: str, tensors: list) -> None:
    if not tensors:
        raise ValueError(f"A model needs at least one {what}.")
    for x in tensors:
        if not isinstance(x, SymbolicTensor):
            raise ValueError(
                message(
                    f"Every {what} of a model must be a symbolic tensor.",
                    expected="what keras.Input() or a layer called on it returned",
                    received=x,
                )
            )


def _disconnected(node: Node, inputs: list) -> str:
    return message(
        "The graph is disconnected: an output depends on an input that the model does not have.",
        expected=f"outputs that depend on {[x.name for x in inputs]} only",
        received=f"an output that depends on '{node.operation.name}' of shape {node.output_tensors[0].shape}",
        hint=f"Add it: Model(inputs=[..., {node.operation.name}], ...).",
    )


def _by_depth(order: list[Node], sources: set[int]) -> list:
    """Operations, farthest from the outputs first; at one depth in the order of a walk from the outputs."""
    depths: dict[int, int] = {}
    operation_depths: dict[int, int] = {}
    by_id: dict[int, Any] = {}
    first_met: dict[int, int] = {}
    for node in order:
        first_met.setdefault(id(node.operation), len(first_met))
        by_id[id(node.operation)] = node.operation
    for node in reversed(order):
        depth = max(depths.get(id(node), 0), operation_depths.get(id(node.operation), 0))
        depths[id(node)] = operation_depths[id(node.operation)] = depth
        if all(id(x) in sources for x in node.output_tensors):
            continue
        for parent in node.inputs:
            key = id(parent._node)
            depths[key] = max(depths.get(key, 0), depth + 1)
    return [by_id[key] for key in sorted(by_id, key=lambda k: (-operation_depths[k], first_met[k]))]


def _check_names(operations: list) -> None:
    repeated = [name for name, count in Counter(op.name for op in operations).items() if count > 1]
    if repeated:
        raise ValueError(
            message(
                f"The name '{repeated[0]}' is used by {sum(op.name == repeated[0] for op in operations)} layers.",
                hint="Names in a model are unique: pass name=... to one of them.",
            )
        )
