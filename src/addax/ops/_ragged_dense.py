"""Ragged tensors as dense and as sparse ones."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax.core import dtypes
from addax.engine import Tensor
from addax.engine import _operators as operators
from addax.ops._core import convert_to_tensor
from addax.ops._numpy_shape import broadcast_to, concatenate
from addax.ops._ragged import RaggedTensor
from addax.ops._ragged_making import take_rows
from addax.ops._rows import places_in_rows, row_numbers


def to_dense(rt: RaggedTensor, default_value: Any, shape: Any) -> Tensor:
    """See `RaggedTensor.to_tensor`."""
    sizes = [None] * rt.ndim if shape is None else [None if d in (None, -1) else int(d) for d in shape]
    values = rt.values
    if isinstance(values, RaggedTensor):
        values = to_dense(values, default_value, [None, *sizes[2:]])
    lengths = np.diff(rt._splits)
    width = int(lengths.max(initial=0)) if sizes[1] is None else sizes[1]
    rows = len(lengths) if sizes[0] is None else sizes[0]
    index = np.full((rows, width), values.shape[0], np.int64)  # the place behind the last value: the default
    row, place = row_numbers(rt._splits), places_in_rows(rt._splits)
    kept = (row < rows) & (place < width)
    index[row[kept], place[kept]] = np.flatnonzero(kept)
    return take_rows(_with_default(values, default_value), index)


def _with_default(values: Tensor, default: Any) -> Tensor:
    """The values, and one more row of defaults."""
    shape = (1, *values.shape[1:])
    if values.dtype == "string":
        text = b"" if default is None else np.asarray(convert_to_tensor(default))[()]
        return Tensor(np.concatenate([np.asarray(values), np.full(shape, text, object)]))
    filler = np.zeros((), dtypes.numpy_dtype(values.dtype)) if default is None else default
    return concatenate([values, broadcast_to(operators.cast(convert_to_tensor(filler), values.dtype), shape)])


def indices(rt: RaggedTensor) -> np.ndarray:
    """The place of each flat value in the dense tensor, int64 of shape `(values, rank)`."""
    own = np.stack([row_numbers(rt._splits), places_in_rows(rt._splits)], 1)
    if isinstance(rt.values, RaggedTensor):
        inner = indices(rt.values)
        return np.concatenate([own[inner[:, 0]], inner[:, 1:]], 1)
    rest = rt.values.shape[1:]
    if not rest:
        return own
    places = np.stack([axis.ravel() for axis in np.indices(rest)], 1)
    return np.concatenate([np.repeat(own, len(places), 0), np.tile(places, (len(own), 1))], 1)


def to_sparse(rt: RaggedTensor) -> Any:
    """See `RaggedTensor.to_sparse`."""
    from addax.ops._sparse import SparseTensor

    flat = rt.flat_values
    if flat.ndim > 1:
        flat = (
            Tensor(np.asarray(flat).reshape(-1)) if flat.dtype == "string" else operators.reshape(flat, (-1,))
        )
    return SparseTensor(indices(rt), flat, np.asarray(rt.bounding_shape()))
