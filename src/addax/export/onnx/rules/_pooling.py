"""Largest elements, smallest elements and sums of windows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import reduce
from typing import Any

import numpy as np

from addax.export.onnx._graph import Graph
from addax.export.onnx._registry import Call, NotExpressible, refuse_early_bfloat16, rule
from addax.export.onnx.rules._elementwise import is_float
from addax.export.onnx.rules._shapes import dilate, pad

_MOST_AXES = 3


@rule("reduce_window_max", "reduce_window_min", "reduce_window_sum")
def _windows(graph: Graph, call: Call, x: str) -> str:
    kind, dtype = call.name.rpartition("_")[2], call.input.dtype
    refuse_early_bfloat16(graph, dtype)
    if not is_float(call.input):  # whole numbers of 32 bits are exact as such
        dtype = np.dtype(np.float64)
        x = graph.cast(x, dtype)
    if kind == "min":
        x = graph.op("Neg", x)
    fill = graph.constant(0 if kind == "sum" else -np.inf, dtype)
    x, shape = _prepared(graph, call, x, fill, kind)
    axes = _pooled_axes(call)
    if axes:
        x = _over_space(graph, call, x, shape, axes, "sum" if kind == "sum" else "max", dtype)
    if kind == "min":
        x = graph.op("Neg", x)
    if dtype == call.input.dtype:
        return x
    return graph.cast(graph.op("Round", x) if kind == "sum" else x, call.output.dtype)


def _prepared(graph: Graph, call: Call, x: str, fill: str, kind: str) -> tuple[str, list[Any]]:
    """The input with the padding, and the gaps between its elements, in it."""
    shape, gaps, pads = list(call.input.shape), call.params["base_dilation"], call.params["padding"]
    x = dilate(graph, x, shape, [d - 1 for d in gaps], fill)
    shape = [(n - 1) * d + 1 if d > 1 else n for n, d in zip(shape, gaps, strict=True)]
    x = pad(graph, x, pads, fill)
    return x, [n + low + high for n, (low, high) in zip(shape, pads, strict=True)]


def _pooled_axes(call: Call) -> list[int]:
    both = zip(call.params["window_dimensions"], call.params["window_strides"], strict=True)
    return [i for i, (size, stride) in enumerate(both) if size != 1 or stride != 1]


def _over_space(
    graph: Graph, call: Call, x: str, shape: list[Any], space: list[int], kind: str, dtype: Any
) -> str:
    """Pool along some axes, with all others as batch and channels."""
    if len(space) > _MOST_AXES:
        raise NotExpressible(f"windows over {len(space)} axes")
    rest = [i for i in range(len(shape)) if i not in space]
    order = [*rest, *space]
    x = graph.transpose(x, order)
    if len(rest) != 2:
        lead = [_product([shape[i] for i in rest[:-1]]), shape[rest[-1]] if rest else 1]
        x = graph.reshape(x, [*lead, *(shape[i] for i in space)])
    sizes, strides, dilations = (
        [call.params[key][i] for i in space]
        for key in ("window_dimensions", "window_strides", "window_dilation")
    )
    if kind == "max":
        x = graph.op("MaxPool", x, kernel_shape=sizes, strides=strides, dilations=dilations)
    elif any(d != 1 for d in dilations):
        raise NotExpressible("sums over windows with gaps")
    else:
        x = graph.op("AveragePool", x, kernel_shape=sizes, strides=strides)
        x = graph.op("Mul", x, graph.constant(math.prod(sizes), dtype))
    if len(rest) != 2:
        x = graph.reshape(x, [call.output.shape[i] for i in order])
    return graph.transpose(x, np.argsort(order).tolist())


def _product(dims: Sequence[Any]) -> Any:
    return reduce(lambda a, b: a * b, dims, 1)
