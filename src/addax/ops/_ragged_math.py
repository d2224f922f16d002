"""More of what operations mean for ragged tensors: normalizing, running sums, products, choosing and parting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from addax.core.errors import message
from addax.engine import Tensor
from addax.engine import _operators as operators
from addax.ops import _nn_activation as activation
from addax.ops import _numpy_reduce as reduce
from addax.ops._ragged import RaggedTensor
from addax.ops._ragged_dense import indices as places_of
from addax.ops._ragged_making import take_rows
from addax.ops._ragged_ops import SPECIAL, map_flat_values
from addax.ops._ragged_ops import apply as apply
from addax.ops._ragged_shape import DynamicRaggedShape
from addax.ops._rows import host_integers


def _padded(rt: RaggedTensor, filler: Any, function: Callable[[Tensor], Tensor]) -> RaggedTensor:
    """What a function along the last, ragged axis gives for rows that are filled up."""
    if rt.ragged_rank > 1:
        return rt.with_values(_padded(rt.values, filler, function))
    return RaggedTensor.from_tensor(function(rt.to_tensor(filler)), np.asarray(rt.row_lengths()))


def _normalized(dense: Callable) -> Callable:
    def normalized(x: RaggedTensor, axis: Any = -1) -> RaggedTensor:
        last = x.ndim - 1
        if axis not in (-1, last):
            raise ValueError(
                message(f"{dense.__name__}() of ragged tensors is along the last axis.", received=axis)
            )
        if x.ragged_rank < last:
            return map_flat_values(lambda values: dense(values, axis=-1), x)
        return _padded(x, -np.inf, dense)

    return normalized


def _running(dense: Callable) -> Callable:
    def running(x: RaggedTensor, axis: Any = None, dtype: Any = None) -> RaggedTensor:
        axis = axis + x.ndim if axis is not None and axis < 0 else axis
        if axis is None or axis == 0:
            raise ValueError(
                message(f"{dense.__name__}() of ragged tensors is along axis 1 or later.", received=axis)
            )
        if axis > 1:
            if isinstance(x.values, RaggedTensor):
                return x.with_values(running(x.values, axis - 1, dtype))
            return x.with_values(dense(x.values, axis=axis - 1, dtype=dtype))
        if x.ragged_rank > 1:
            raise ValueError(
                message(f"{dense.__name__}() over ragged rows is not defined.", received=x.shape)
            )
        lengths = np.asarray(x.row_lengths())
        return RaggedTensor.from_tensor(dense(x.to_tensor(), axis=1, dtype=dtype), lengths)

    return running


def _variance(x: RaggedTensor, axis: Any = None, keepdims: bool = False) -> Any:
    if axis is None:
        return reduce.var(x.flat_values)
    mean = SPECIAL["mean"](x, axis, True)
    return SPECIAL["mean"](operators.multiply(x - mean, x - mean), axis, keepdims)


def _deviation(x: RaggedTensor, axis: Any = None, keepdims: bool = False) -> Any:
    from addax.ops._numpy_elementwise import sqrt

    return sqrt(_variance(x, axis, keepdims))


def _matmul(x1: Any, x2: Any) -> RaggedTensor:
    if not isinstance(x1, RaggedTensor) or isinstance(x2, RaggedTensor) or x1.ragged_rank == x1.ndim - 1:
        raise TypeError(
            message(
                "matmul() of ragged tensors takes one whose last axis is not ragged, and a matrix behind it.",
                received=f"shapes {x1.shape} and {x2.shape}",
            )
        )
    return x1.with_flat_values(operators.matmul(x1.flat_values, x2))


def _split(x: RaggedTensor, indices_or_sections: Any, axis: int = 0) -> list:
    if axis != 0:
        raise ValueError(message("Ragged tensors are split along the first axis.", received=f"axis {axis}"))
    cut = host_integers(indices_or_sections, "The sections")
    parts = np.split(np.arange(len(x)), int(cut) if not cut.ndim else cut.tolist())
    return [take_rows(x, rows) for rows in parts]


def _gather_nd(x: RaggedTensor, indices: Any, *ignored: Any) -> Any:
    index = host_integers(indices, "indices")
    if index.shape[-1] != 2 or x.ragged_rank != 1:
        raise ValueError(
            message(
                "gather_nd() of a ragged tensor takes pairs: a row and a place in it.",
                expected="indices of shape (..., 2), one ragged dimension",
                received=f"indices of shape {index.shape}, a ragged tensor of shape {x.shape}",
            )
        )
    row, place = index.reshape(-1, 2).T
    lengths = np.diff(x._splits)
    if ((row < 0) | (row >= len(lengths))).any() or ((place < 0) | (place >= lengths[row])).any():
        raise IndexError(
            message("gather_nd() was asked for places that are not there.", received=index.tolist())
        )
    found = take_rows(x.values, x._splits[row] + place)
    return operators.reshape(found, (*index.shape[:-1], *found.shape[1:]))


def places(x: RaggedTensor, index: np.ndarray) -> Any:
    """The same places of all rows, which all of them must have."""
    lengths = np.diff(x._splits)
    if index.ndim > 1 or index.size and (index.max() >= min(lengths, default=0) or index.min() < 0):
        raise IndexError(
            message(
                "Not every row has these places.",
                received=index.tolist(),
                expected=f"rows of lengths {lengths.tolist()}",
            )
        )
    chosen = take_rows(x.values, (x._splits[:-1, None] + index.reshape(1, -1)).reshape(-1))
    if isinstance(chosen, RaggedTensor):
        return RaggedTensor.from_uniform_row_length(chosen, index.size, len(x))
    return operators.reshape(chosen, (len(x), *index.shape, *chosen.shape[1:]))


def _nonzero(x: RaggedTensor) -> tuple:
    kept = np.asarray(x.flat_values).reshape(-1) != 0
    return tuple(Tensor(column) for column in places_of(x)[kept].T)


def _reshape(x: RaggedTensor, newshape: Any) -> Any:
    sizes = tuple(np.atleast_1d(host_integers(newshape, "shape")).tolist())
    if sizes != (-1,):
        raise TypeError(
            message(
                "A ragged tensor has no other shape than the flat one, (-1,).",
                received=f"shape {sizes}",
                hint="merge_dims(), .flat_values, or .to_tensor() first.",
            )
        )
    return operators.reshape(x.flat_values, (-1,))


SPECIAL.update(
    {
        "shape_tensor": DynamicRaggedShape.from_tensor,
        "softmax": _normalized(activation.softmax),
        "log_softmax": _normalized(activation.log_softmax),
        "cumsum": _running(reduce.cumsum),
        "cumprod": _running(reduce.cumprod),
        "var": _variance,
        "std": _deviation,
        "matmul": _matmul,
        "split": _split,
        "gather_nd": _gather_nd,
        "nonzero": _nonzero,
        "reshape": _reshape,
    }
)
