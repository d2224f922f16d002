"""What makes one number of many, sums up along the way, or sorts."""

from __future__ import annotations

import numpy as np

from addax.engine._jax import jnp
from addax.export.onnx._graph import Graph
from addax.export.onnx._registry import Call, NotExpressible, rule
from addax.export.onnx.rules._shapes import pad

_REDUCTIONS = {
    "reduce_sum": "ReduceSum",
    "reduce_prod": "ReduceProd",
    "reduce_max": "ReduceMax",
    "reduce_min": "ReduceMin",
    "reduce_and": "ReduceMin",
    "reduce_or": "ReduceMax",
}


@rule(*_REDUCTIONS)
def _reduce(graph: Graph, call: Call, x: str) -> str:
    axes = call.params["axes"]
    if not axes:
        return x
    logical = call.input.dtype == bool
    x = graph.cast(x, np.int32) if logical else x
    result = graph.op(_REDUCTIONS[call.name], x, graph.ints(*axes), keepdims=0)
    return graph.cast(result, bool) if logical else result


@rule("argmax", "argmin")
def _place_of_extreme(graph: Graph, call: Call, x: str) -> str:
    (axis,) = call.params["axes"]
    kind = "ArgMax" if call.name == "argmax" else "ArgMin"
    if call.input.dtype == bool:
        x = graph.cast(x, np.int32)
    return graph.cast(graph.op(kind, x, axis=axis, keepdims=0), call.output.dtype)


@rule("cumsum")
def _running_sum(graph: Graph, call: Call, x: str) -> str:
    axis = graph.constant(call.params["axis"], np.int64)
    return graph.op("CumSum", x, axis, reverse=int(call.params["reverse"]))


@rule("cumprod", "cummax", "cummin")
def _running(graph: Graph, call: Call, x: str) -> str:
    axis, dtype = call.params["axis"], call.input.dtype
    count, rank = call.input.shape[axis], len(call.input.shape)
    if not isinstance(count, int):
        raise NotExpressible("the length along its axis is not known")
    kind, neutral = {"cumprod": ("Mul", 1), "cummax": ("Max", "min"), "cummin": ("Min", "max")}[call.name]
    if isinstance(neutral, str):
        neutral = getattr((jnp.finfo if jnp.issubdtype(dtype, jnp.floating) else jnp.iinfo)(dtype), neutral)
    fill, reach = graph.constant(neutral, dtype), 1
    while reach < count:  # each element takes in what the one `reach` before it has
        moved = (-reach, reach) if call.params["reverse"] else (reach, -reach)
        shifted = pad(graph, x, [moved if i == axis else (0, 0) for i in range(rank)], fill)
        x = graph.op(kind, x, shifted)
        reach *= 2
    return x


@rule("sort")
def _sort(graph: Graph, call: Call, keys: str, *others: str) -> list[str]:
    if call.params["num_keys"] != 1:
        raise NotExpressible("sorting by several keys")
    axis = call.params["dimension"]
    count = graph.size(call.input.shape[axis])
    ordered, places = graph.ops("TopK", keys, count, outputs=2, axis=axis, largest=0)
    return [ordered, *(graph.op("GatherElements", x, places, axis=axis) for x in others)]


@rule("top_k")
def _largest(graph: Graph, call: Call, x: str) -> list[str]:
    axis = call.params.get("axis", -1)
    values, places = graph.ops("TopK", x, graph.ints(call.params["k"]), outputs=2, axis=axis)
    return [values, graph.cast(places, call.outputs[1].dtype)]
