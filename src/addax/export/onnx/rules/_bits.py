"""Logic, of truth values and of the bits of whole numbers."""

from __future__ import annotations

import numpy as np

from addax.export.onnx._graph import Graph
from addax.export.onnx._registry import Call, NotExpressible, rule

_LOGIC = {"and": "And", "or": "Or", "xor": "Xor", "not": "Not"}


@rule(*_LOGIC)
def _logic(graph: Graph, call: Call, *inputs: str) -> str:
    return graph.op(("" if call.input.dtype == bool else "Bitwise") + _LOGIC[call.name], *inputs)


@rule("bitcast_convert_type")
def _same_bits(graph: Graph, call: Call, x: str) -> str:
    before, after = call.input.dtype, call.output.dtype
    whole = all(dtype.kind in "iu" for dtype in (before, after))
    if before != after and (not whole or before.itemsize != after.itemsize):
        raise NotExpressible(f"it takes {before} as {after}")
    return x if before == after else graph.cast(x, after)  # conversion keeps the bits of whole numbers


@rule("shift_left", "shift_right_logical")
def _shift(graph: Graph, call: Call, x: str, count: str) -> str:
    dtype = call.input.dtype
    unsigned = np.dtype(f"uint{8 * dtype.itemsize}")
    moved = graph.op(
        "BitShift",
        graph.cast(x, unsigned),
        graph.cast(count, unsigned),
        direction="LEFT" if call.name == "shift_left" else "RIGHT",
    )
    return graph.cast(moved, dtype)
