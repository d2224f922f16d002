"""What stands around the program of a model with texts, as ONNX nodes, as far as ONNX has operators for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from addax.core.errors import message
from addax.export.onnx._convert import ONNXExportError
from addax.export.onnx._graph import Graph
from addax.export.text._graph import TextGraph
from addax.formats import dtype_from_code, tensor_from_message

ML_DOMAIN, ML_VERSION = "ai.onnx.ml", 2
_BINARY = {
    "AddV2": "Add",
    "Equal": "Equal",
    "GreaterEqual": "GreaterOrEqual",
    "Less": "Less",
    "LogicalAnd": "And",
}
_FAR = (1 << 62, -(1 << 62))  # beyond any size, in both directions


def convert_text(graph: Graph, text: TextGraph, known: dict[str, str]) -> None:
    """Add the nodes of a part of a model to a graph.

    Args:
        graph: The graph.
        text: The part.
        known: The names of its inputs by reference; those of its values come in.

    Raises:
        ONNXExportError: A layer needs an operator that ONNX does not have.
    """
    for node in text.nodes:
        op, attrs = node["op"], node["attr"]
        if op == "Const":
            found = _constant(graph, tensor_from_message(attrs["value"]["tensor"]))
        elif op == "LookupTableFindV2":
            found = _lookup(graph, text, node, known)
        elif op in _BINARY:
            found = graph.op(_BINARY[op], *(known[ref] for ref in node["input"]))
        elif op in _RULES:
            found = _RULES[op](graph, attrs, *(known[ref] for ref in node["input"]))
        else:
            raise _refusal(op, text.owners.get(node["name"], ""))
        output = {"LookupTableFindV2": "values", "Cast": "y", **dict.fromkeys((*_BINARY, "FloorMod"), "z")}
        known[f"{node['name']}:{output.get(op, 'output')}:0"] = found


def _refusal(op: str, owner: str) -> ONNXExportError:
    return ONNXExportError(
        message(
            f"ONNX has no operators for what layer '{owner}' does with texts.",
            expected="StringLookup and IntegerLookup with one index for unknown tokens, and columns of texts",
            received=f"{op}, which {owner or 'it'} needs",
            hint='Export as format="tf_saved_model", or export the model that begins after this layer, and do what '
            "it does before.",
        )
    )


def _constant(graph: Graph, value: np.ndarray) -> str:
    if value.dtype.kind != "O":
        return graph.constant(value)
    name = graph.fresh("texts")
    graph.root.constants[name] = value
    return name


def _lookup(graph: Graph, text: TextGraph, node: dict[str, Any], known: dict[str, str]) -> str:
    table = text.tables[node["input"][0]]
    default = graph.known(known[node["input"][2]])
    assert default is not None
    keys: dict[str, Any] = {"keys_strings" if table.of_text else "keys_int64s": list(table.keys)}
    return graph.op(
        "LabelEncoder",
        known[node["input"][1]],
        domain=ML_DOMAIN,
        values_int64s=list(table.values),
        default_int64=int(default),
        **keys,
    )


def _cast(graph: Graph, attrs: dict[str, Any], x: str) -> str:
    return graph.cast(x, dtype_from_code(attrs["DstT"]["type"]))


def _strided(graph: Graph, attrs: dict[str, Any], x: str, begin: str, end: str, step: str) -> str:
    masks = [attrs.get(name, {}).get("i", 0) for name in ("begin_mask", "end_mask", "shrink_axis_mask")]
    bounds = [graph.known(name) for name in (begin, end, step)]
    starts, ends, steps = ([] if b is None else b.tolist() for b in bounds)
    dropped = []
    for axis, width in enumerate(steps):
        if masks[2] >> axis & 1:
            dropped.append(axis)
            ends[axis] = starts[axis] + 1 if starts[axis] != -1 else _FAR[0]
            continue
        starts[axis] = _FAR[width > 0] if masks[0] >> axis & 1 else starts[axis]
        ends[axis] = _FAR[width < 0] if masks[1] >> axis & 1 else ends[axis]
    axes = graph.ints(*range(len(steps)))
    found = graph.op("Slice", x, graph.ints(*starts), graph.ints(*ends), axes, graph.ints(*steps))
    return graph.op("Squeeze", found, graph.ints(*dropped)) if dropped else found


_RULES: dict[str, Callable[..., str]] = {
    "Cast": _cast,
    "FloorMod": lambda graph, attrs, x, y: graph.op("Mod", x, y),
    "GatherV2": lambda graph, attrs, params, indices, axis: graph.op("Gather", params, indices, axis=0),
    "Reshape": lambda graph, attrs, x, shape: graph.op("Reshape", x, shape),
    "SelectV2": lambda graph, attrs, condition, yes, no: graph.op("Where", condition, yes, no),
    "StridedSlice": _strided,
}
