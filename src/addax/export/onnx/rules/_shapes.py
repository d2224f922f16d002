"""What moves elements about by their places: shapes, parts, joins, paddings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from addax.export.onnx._graph import Graph
from addax.export.onnx._registry import Call, rule


@rule("reshape", "squeeze", "expand_dims")
def _reshape(graph: Graph, call: Call, x: str, *_: str) -> str:
    return graph.reshape(x, call.output.shape)


@rule("transpose")
def _transpose(graph: Graph, call: Call, x: str) -> str:
    return graph.transpose(x, call.params["permutation"])


@rule("broadcast_in_dim")
def _broadcast(graph: Graph, call: Call, x: str, *_: str) -> str:
    shape = call.params["shape"]
    spread: list[Any] = [1] * len(shape)
    for dim, axis in zip(call.input.shape, call.params["broadcast_dimensions"], strict=True):
        spread[axis] = dim
    if spread != list(call.input.shape):
        x = graph.reshape(x, spread)
    return x if spread == list(shape) else graph.op("Expand", x, graph.shape(shape))


@rule("concatenate")
def _concatenate(graph: Graph, call: Call, *inputs: str) -> str:
    return graph.op("Concat", *inputs, axis=call.params["dimension"])


@rule("split")
def _split(graph: Graph, call: Call, x: str) -> list[str]:
    sizes = call.params["sizes"]
    if len(sizes) == 1:
        return [x]
    return graph.ops("Split", x, graph.shape(sizes), outputs=len(sizes), axis=call.params["axis"])


@rule("slice")
def _slice(graph: Graph, call: Call, x: str) -> str:
    starts, ends, strides = (call.params[k] for k in ("start_indices", "limit_indices", "strides"))
    steps = strides or [1] * len(starts)
    axes = [
        i
        for i, dim in enumerate(call.input.shape)
        if not (_is(starts[i], 0) and _is(ends[i], dim) and _is(steps[i], 1))
    ]
    if not axes:
        return x
    bounds = [graph.shape([bound[i] for i in axes]) for bound in (starts, ends)]
    return graph.op("Slice", x, *bounds, graph.ints(*axes), graph.ints(*[steps[i] for i in axes]))


def _is(a: Any, b: Any) -> bool:
    return str(a) == str(b)


@rule("rev")
def _reverse(graph: Graph, call: Call, x: str) -> str:
    return graph.flip(x, call.params["dimensions"])


@rule("pad")
def _pad(graph: Graph, call: Call, x: str, fill: str) -> str:
    config = call.params["padding_config"]
    x = dilate(graph, x, call.input.shape, [inner for *_, inner in config], fill)
    return pad(graph, x, [(low, high) for low, high, _ in config], fill)


def pad(graph: Graph, x: str, pads: Sequence[tuple[Any, Any]], fill: str) -> str:
    """Add elements before and after each axis, or take away as many as a negative number says."""
    if all(_is(p, 0) for pair in pads for p in pair):
        return x
    return graph.op("Pad", x, graph.shape([low for low, _ in pads] + [high for _, high in pads]), fill)


def dilate(graph: Graph, x: str, shape: Sequence[Any], between: Sequence[int], fill: str) -> str:
    """Put elements between those of each axis.

    Args:
        graph: The graph.
        x: The array.
        shape: Its shape.
        between: How many, for each axis.
        fill: The element.
    """
    dims = list(shape)
    for axis, count in enumerate(between):
        if count:
            # Each element becomes a row that ends in the new ones; behind the last element they go again.
            x = graph.reshape(x, [*dims[: axis + 1], 1, *dims[axis + 1 :]])
            x = pad(graph, x, [(0, count if i == axis + 1 else 0) for i in range(len(dims) + 1)], fill)
            dims[axis] *= count + 1
            x = graph.reshape(x, dims)
            dims[axis] -= count
            x = graph.op("Slice", x, graph.ints(0), graph.ints(-count), graph.ints(axis))
    return x


@rule("iota")
def _iota(graph: Graph, call: Call, *_: str) -> str:
    shape, axis = call.output.shape, call.params["dimension"]
    numbers = graph.range(shape[axis], call.output.dtype)
    if len(shape) == 1:
        return numbers
    column = graph.reshape(numbers, [dim if i == axis else 1 for i, dim in enumerate(shape)])
    return graph.op("Expand", column, graph.shape(shape))


@rule("stack")
def _stack(graph: Graph, call: Call, *inputs: str) -> str:
    axis = call.params["axis"]
    return graph.op("Concat", *[graph.op("Unsqueeze", x, graph.ints(axis)) for x in inputs], axis=axis)
