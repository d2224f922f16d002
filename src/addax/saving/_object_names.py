"""The graph of objects that a checkpoint holds, and which of its objects is which of ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from addax.core.errors import message
from addax.engine import Variable
from addax.formats import CHECKPOINT_SCHEMA, OBJECT_GRAPH_KEY, BundleReader, split_key
from addax.optimizers import Optimizer
from addax.saving._walk import _kind

_WEIGHTED = "layer_with_weights-"
_PLAIN = "layer-"
# What optimizers of TensorFlow 2.10 and older call what ours keep.
_OLD_NAMES = {"iter": "_iterations", "learning_rate": "_learning_rate"}
_OLD_SLOTS = {
    "m": ("momentum",),
    "v": ("velocity", "norm"),
    "vhat": ("velocity_hat",),
    "momentum": ("momentum",),
    "rms": ("velocity",),
    "mg": ("average_gradient",),
    "accumulator": ("accumulator",),
    "accum_grad": ("accumulated_grad",),
    "accum_var": ("accumulated_delta_var",),
    "linear": ("linear",),
}


@dataclass(frozen=True, slots=True)
class StoredSlot:
    """What an old optimizer keeps for a variable: the number of that, its name, the number of the slot."""

    variable: int
    name: str
    slot: int


@dataclass(slots=True)
class StoredNode:
    """An object of a checkpoint: its children's numbers by name, its values' keys by attribute, and slots."""

    edges: dict[str, int] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    slots: list[StoredSlot] = field(default_factory=list)


class StoredGraph(Sequence[StoredNode]):
    """The objects of a checkpoint; the first is the root.

    Args:
        reader: The checkpoint. Without a graph in it, the graph follows from the keys.

    Raises:
        ValueError: If the graph is damaged.
    """

    def __init__(self, reader: BundleReader) -> None:
        self._nodes = _decoded(_graph_bytes(reader)) if OBJECT_GRAPH_KEY in reader else _of_keys(reader)

    def __getitem__(self, number: Any) -> Any:
        return self._nodes[number]

    def __len__(self) -> int:
        return len(self._nodes)


def _graph_bytes(reader: BundleReader) -> bytes:
    entry = reader.entry(OBJECT_GRAPH_KEY)
    if entry.shape != () or entry.dtype != object:
        raise ValueError(
            message(
                "The object graph of the checkpoint is damaged.",
                expected="one string",
                received=f"{entry.dtype} of shape {entry.shape}",
            )
        )
    return reader[OBJECT_GRAPH_KEY].item()


def _decoded(data: bytes) -> list[StoredNode]:
    nodes = []
    stored = CHECKPOINT_SCHEMA.decode("CheckpointGraph", data).get("nodes", [])
    for item in stored:
        edges = {c.get("local_name", ""): c.get("node_id", 0) for c in item.get("children", [])}
        keys = {
            a.get("name", ""): a["checkpoint_key"]
            for a in item.get("attributes", [])
            if a.get("checkpoint_key")
        }
        slots = [
            StoredSlot(
                s.get("original_variable_node_id", 0),
                s.get("slot_name", ""),
                s.get("slot_variable_node_id", 0),
            )
            for s in item.get("slot_variables", [])
        ]
        nodes.append(StoredNode(edges, keys, slots))
        numbers = [*edges.values(), *(n for s in slots for n in (s.variable, s.slot))]
        if not all(0 <= number < len(stored) for number in numbers):
            raise ValueError(
                message(
                    "The object graph of the checkpoint is damaged.",
                    expected=f"numbers of objects below {len(stored)}",
                    received=str(numbers)[:100],
                )
            )
    return nodes or [StoredNode()]


def _of_keys(reader: BundleReader) -> list[StoredNode]:
    nodes = [StoredNode()]
    for key in reader:
        split = split_key(key)
        path, attribute = split if split is not None else (tuple(key.split("/")), "VARIABLE_VALUE")
        at = nodes[0]
        for name in path:
            if name not in at.edges:
                at.edges[name] = len(nodes)
                nodes.append(StoredNode())
            at = nodes[at.edges[name]]
        at.keys.setdefault(attribute, key)
    return nodes


def stored_children(
    obj: Any, mine: Mapping[str, Any], graph: StoredGraph, number: int
) -> Iterator[tuple[Any, int]]:
    """Pairs of a child of an object and its number in the stored graph.

    Args:
        obj: The object.
        mine: Its children, by name.
        graph: The stored graph.
        number: The object's number in it.
    """
    edges = graph[number].edges
    if isinstance(obj, Optimizer):
        yield from _of_optimizer(obj, mine, graph, edges)
        return
    # Keras 2 counts as layers also what are operations here, but those have no weights.
    plain = _kind(obj) != "Functional" or not any(name.startswith(_WEIGHTED) for name in edges)
    for name, child in edges.items():
        if name in mine and (plain or not name.startswith(_PLAIN)):
            yield mine[name], child


def _of_optimizer(
    obj: Optimizer, mine: Mapping[str, Any], graph: StoredGraph, edges: Mapping[str, int]
) -> Iterator[tuple[Any, int]]:
    own = [mine[name] for name in ("_iterations", "_learning_rate") if name in mine]
    known = set()
    for name, child in edges.items():
        ours = _OLD_NAMES.get(name, name)
        if ours in ("_iterations", "_learning_rate"):
            known.add(child)
        if ours in mine and ours != "_variables":
            yield mine[ours], child
    if "_variables" not in edges:
        return
    # Keras 2 has the learning rate elsewhere; what is kept for the model's variables has one order.
    listed = graph[edges["_variables"]].edges
    numbers = [listed[name] for name in sorted(filter(str.isdecimal, listed), key=int)]
    theirs = [n for n in numbers if n not in known]
    slots = [v for v in obj._variables if not any(v is one for one in own)]
    if len(theirs) == len(slots):
        yield from zip(slots, theirs, strict=True)


def slot_pairs(
    optimizer: Optimizer, slots: Sequence[StoredSlot], object_at: Callable[[int], Any]
) -> Iterator[tuple[Variable, int]]:
    """Pairs of what an optimizer keeps for a variable and its number, for optimizers of old TensorFlow.

    Args:
        optimizer: The optimizer.
        slots: What the checkpoint has for it.
        object_at: The object of a number, or None.
    """
    for slot in slots:
        variable = object_at(slot.variable)
        place = optimizer._index.get(variable) if isinstance(variable, Variable) else None
        if place is None or not optimizer.built:
            continue
        kept = optimizer._slots[place]
        for name in _OLD_SLOTS.get(slot.name, ()):
            if name in kept:
                yield kept[name], slot.slot
