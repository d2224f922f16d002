"""Checkpoints of objects, written as TensorFlow writes them: a bundle of tensors, and the graph of objects."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from addax.core import dtypes
from addax.data import DatasetIterator
from addax.engine import Variable
from addax.formats import (
    CHECKPOINT_SCHEMA,
    OBJECT_GRAPH_KEY,
    VARIABLE_VALUE,
    checkpoint_key,
    write_bundle,
)
from addax.saving._object_graph import ObjectNode, object_graph
from addax.saving._state_file import encode_nest

ITERATOR_STATE = "ADDAX_ITERATOR"  # TensorFlow keeps another thing under its own name


def write_objects(prefix: str | os.PathLike[str], root: Any) -> None:
    """Write the values of all objects that a root leads to; the files appear whole or not at all.

    Args:
        prefix: The path without extension; the folder is created.
        root: The object to start at.

    Raises:
        TypeError: If an iterator's position cannot be saved.
        OSError: If the files cannot be written.
    """
    nodes = object_graph(root)
    tensors: dict[str, Any] = {}
    messages = [_message(node, tensors) for node in nodes]
    for number in _with_values(nodes, messages):
        messages[number]["has_checkpoint_values"] = {"value": True}
    graph = CHECKPOINT_SCHEMA.encode("CheckpointGraph", {"nodes": messages})
    write_bundle(prefix, {**tensors, OBJECT_GRAPH_KEY: graph})


def _message(node: ObjectNode, tensors: dict[str, Any]) -> dict[str, Any]:
    """An object as the graph has it; its values go into `tensors`."""
    children = [{"node_id": number, "local_name": name} for name, number in node.edges.items()]
    attribute = None
    if isinstance(node.obj, Variable):
        attribute = VARIABLE_VALUE
        key = checkpoint_key(node.path, attribute)
        tensors[key] = _value(node.obj, node.path)
    elif isinstance(node.obj, DatasetIterator):
        attribute = ITERATOR_STATE
        key = checkpoint_key(node.path, attribute)
        text, arrays = encode_nest(node.obj.get_state())
        tensors[key] = text
        tensors |= {f"{key}/{number}": array for number, array in enumerate(arrays)}
    if attribute is None:
        return {"children": children}
    name = node.obj.path if isinstance(node.obj, Variable) else ""
    return {
        "children": children,
        "attributes": [{"name": attribute, "full_name": name, "checkpoint_key": key}],
    }


def _value(variable: Variable, path: tuple[str, ...]) -> np.ndarray:
    """The value in the dtype that the variable promises; counters of updates have 64 bits in TensorFlow."""
    array = np.asarray(variable.numpy())
    if array.dtype.kind not in "OSU":
        counts = path[-1:] == ("_iterations",)
        return array.astype("int64" if counts else dtypes.numpy_dtype(variable._dtype), copy=False)
    items = [item.encode() if isinstance(item, str) else item for item in array.reshape(-1).tolist()]
    texts = np.empty(len(items), object)
    texts[:] = items
    return texts.reshape(array.shape)


def _with_values(nodes: list[ObjectNode], messages: list[dict[str, Any]]) -> set[int]:
    """The numbers of the objects that have values, or lead to some."""
    parents: dict[int, set[int]] = {}
    for number, node in enumerate(nodes):
        for child in node.edges.values():
            parents.setdefault(child, set()).add(number)
    found: set[int] = set()
    left = [number for number, item in enumerate(messages) if "attributes" in item]
    while left:
        number = left.pop()
        if number not in found:
            found.add(number)
            left.extend(parents.get(number, ()))
    return found
