"""Products of matrices and their kin."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

from addax.export.onnx._graph import Graph
from addax.export.onnx._registry import Call, rule


@rule("dot_general")
def _dot(graph: Graph, call: Call, a: str, b: str) -> str:
    (left_sum, right_sum), (left_batch, right_batch) = call.params["dimension_numbers"]
    left, right = call.inputs
    dtype = call.output.dtype
    a = a if left.dtype == dtype else graph.cast(a, dtype)
    b = b if right.dtype == dtype else graph.cast(b, dtype)
    left_free = [i for i in range(left.ndim) if i not in (*left_sum, *left_batch)]
    right_free = [i for i in range(right.ndim) if i not in (*right_sum, *right_batch)]
    if not left_batch and len(left_sum) == 1 and right.ndim == 2 and left_free:
        # Rows of any shape by a matrix, as most layers have it.
        a = graph.transpose(a, [*left_free, *left_sum])
        return graph.op("MatMul", a, graph.transpose(b, [*right_sum, *right_free]))
    a = graph.transpose(a, [*left_batch, *left_free, *left_sum])
    b = graph.transpose(b, [*right_batch, *right_sum, *right_free])
    batch = [left.shape[i] for i in left_batch]
    rows, columns = _dims(left, left_free), _dims(right, right_free)
    summed = _dims(left, left_sum)
    if len(rows) != 1 or len(summed) != 1:
        a = graph.reshape(a, [*batch, _product(rows), _product(summed)])
    if len(columns) != 1 or len(summed) != 1:
        b = graph.reshape(b, [*batch, _product(summed), _product(columns)])
    result = graph.op("MatMul", a, b)
    return result if len(rows) == len(columns) == 1 else graph.reshape(result, call.output.shape)


def _dims(aval: Any, axes: Sequence[int]) -> list[Any]:
    return [aval.shape[i] for i in axes]


def _product(dims: Sequence[Any]) -> Any:
    return reduce(lambda a, b: a * b, dims, 1)
