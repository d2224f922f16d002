"""Convolutions, ordinary and transposed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from addax.export.onnx._graph import Graph
from addax.export.onnx._registry import Call, NotExpressible, refuse_early_bfloat16, rule
from addax.export.onnx.rules._shapes import dilate, pad


@rule("conv_general_dilated")
def _convolution(graph: Graph, call: Call, x: str, kernel: str) -> str:
    numbers, params = call.params["dimension_numbers"], call.params
    if params["batch_group_count"] != 1:
        raise NotExpressible("a convolution with groups of the batch")
    refuse_early_bfloat16(graph, call.input.dtype)
    x, kernel = graph.transpose(x, numbers.lhs_spec), graph.transpose(kernel, numbers.rhs_spec)
    shape = [call.inputs[0].shape[i] for i in numbers.lhs_spec]
    kernel_shape = [call.inputs[1].shape[i] for i in numbers.rhs_spec]
    convolve = _plain if all(d == 1 for d in params["lhs_dilation"]) else _spread
    result = convolve(graph, params, call.input.dtype, x, shape, kernel, kernel_shape)
    return graph.transpose(result, np.argsort(numbers.out_spec).tolist())


def _plain(
    graph: Graph, params: dict, dtype: Any, x: str, shape: list, kernel: str, kernel_shape: list
) -> str:
    pads = params["padding"]
    if any(not isinstance(p, int) or p < 0 for pair in pads for p in pair):
        x = pad(graph, x, [(0, 0), (0, 0), *pads], graph.constant(0, dtype))
        pads = [(0, 0)] * len(pads)
    return graph.op(
        "Conv",
        x,
        kernel,
        kernel_shape=kernel_shape[2:],
        strides=params["window_strides"],
        dilations=params["rhs_dilation"],
        group=params["feature_group_count"],
        pads=[low for low, _ in pads] + [high for _, high in pads],
    )


def _spread(
    graph: Graph, params: dict, dtype: Any, x: str, shape: list, kernel: str, kernel_shape: list
) -> str:
    """A convolution over an input with zeros between its elements: a transposed one of the turned kernel."""
    # A transposed convolution cuts off of the full result what the convolution does not pad.
    full = [(k - 1) * d for k, d in zip(kernel_shape[2:], params["rhs_dilation"], strict=True)]
    cut = [(f - low, f - high) for f, (low, high) in zip(full, params["padding"], strict=True)]
    transposable = all(s == 1 for s in params["window_strides"]) and all(
        isinstance(low, int) and isinstance(high, int) and low >= 0 for low, high in cut
    )
    if not transposable or any(-h >= d for (_, h), d in zip(cut, params["lhs_dilation"], strict=True)):
        between = [0, 0, *(d - 1 for d in params["lhs_dilation"])]
        x = dilate(graph, x, shape, between, graph.constant(0, dtype))
        return _plain(graph, params, dtype, x, shape, kernel, kernel_shape)
    groups = params["feature_group_count"]
    return graph.op(
        "ConvTranspose",
        x,
        _turned(graph, kernel, kernel_shape, groups),
        kernel_shape=kernel_shape[2:],
        strides=params["lhs_dilation"],
        dilations=params["rhs_dilation"],
        group=groups,
        pads=[low for low, _ in cut] + [max(high, 0) for _, high in cut],
        output_padding=[max(-high, 0) for _, high in cut],
    )


def _turned(graph: Graph, kernel: str, shape: Sequence[int], groups: int) -> str:
    """The kernel of the transposed convolution: reversed in space, inputs before outputs in each group."""
    outputs, inputs, *space = shape
    axes = range(2, 2 + len(space))
    kernel = graph.flip(kernel, list(axes))
    if groups == 1:
        return graph.transpose(kernel, [1, 0, *axes])
    kernel = graph.reshape(kernel, [groups, outputs // groups, inputs, *space])
    kernel = graph.transpose(kernel, [0, 2, 1, *(axis + 1 for axis in axes)])
    return graph.reshape(kernel, [groups * inputs, outputs // groups, *space])
