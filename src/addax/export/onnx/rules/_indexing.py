"""What reads or writes a part whose place is computed."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax.export.onnx._graph import Graph
from addax.export.onnx._registry import Call, NotExpressible, rule


@rule("dynamic_slice")
def _dynamic_slice(graph: Graph, call: Call, x: str, *starts: str) -> str:
    shape, sizes = call.input.shape, call.params["slice_sizes"]
    axes = [i for i in range(len(shape)) if str(shape[i]) != str(sizes[i])]
    if not axes:
        return x
    begin = [_start(graph, starts[i], shape[i], sizes[i]) for i in axes]
    first = graph.op("Concat", *begin, axis=0) if len(begin) > 1 else begin[0]
    last = graph.op("Add", first, graph.shape([sizes[i] for i in axes]))
    return graph.op("Slice", x, first, last, graph.ints(*axes))


@rule("dynamic_update_slice")
def _dynamic_update_slice(graph: Graph, call: Call, x: str, part: str, *starts: str) -> str:
    shape, sizes = call.inputs[0].shape, call.inputs[1].shape
    axes = [i for i in range(len(shape)) if str(shape[i]) != str(sizes[i])]
    if not axes:
        return part
    if len(axes) > 1:
        raise NotExpressible("writing a part that is smaller along several axes")
    (axis,) = axes
    start = _start(graph, starts[axis], shape[axis], sizes[axis])
    before = graph.op("Slice", x, graph.ints(0), start, graph.ints(axis))
    end = graph.op("Add", start, graph.size(sizes[axis]))
    after = graph.op("Slice", x, end, graph.size(shape[axis]), graph.ints(axis))
    return graph.op("Concat", before, part, after, axis=axis)


def _start(graph: Graph, start: str, dim: Any, size: Any) -> str:
    """Where a part begins, moved so that it lies inside."""
    start = graph.reshape(graph.cast(start, np.int64), (1,))
    return graph.op("Min", graph.op("Max", start, graph.ints(0)), graph.size(dim - size))
