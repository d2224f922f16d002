"""Fourier transforms. ONNX has no complex numbers: between these rules, they are pairs along one more axis."""

from __future__ import annotations

from addax.engine._jax import lax
from addax.export.onnx._graph import Graph
from addax.export.onnx._registry import Call, NotExpressible, rule

_AXIS_IS_INPUT = 20  # the version of the operators from which on the axis is an input of DFT


@rule("fft")
def _transform(graph: Graph, call: Call, x: str) -> str:
    lengths = call.params["fft_lengths"]
    if call.params["fft_type"] != lax.FftType.RFFT or len(lengths) != 1:
        raise NotExpressible("only transforms of real numbers along one axis have one")
    axis = len(call.input.shape) - 1
    column = graph.op("Unsqueeze", x, graph.ints(axis + 1))
    if graph.opset < _AXIS_IS_INPUT:
        return graph.op("DFT", column, axis=axis, onesided=1)
    return graph.op("DFT", column, "", graph.constant(axis, "int64"), onesided=1)


@rule("real", "imag")
def _part(graph: Graph, call: Call, x: str) -> str:
    number = graph.constant(0 if call.name == "real" else 1, "int64")
    return graph.op("Gather", x, number, axis=len(call.input.shape))
