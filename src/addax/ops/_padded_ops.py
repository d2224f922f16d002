"""What operations mean for ragged tensors in compiled code (`engine.PaddedRows`): for the rows, not the padding."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from addax.core import dtypes, tree
from addax.core.errors import message
from addax.engine import PaddedRows, Tensor
from addax.engine import _operators as operators
from addax.ops import _nn_activation as activation
from addax.ops import _numpy_index as index
from addax.ops import _numpy_reduce as reduce
from addax.ops import _numpy_shape as shape_ops
from addax.ops._core import convert_to_tensor
from addax.ops._numpy_create import ones_like
from addax.ops._numpy_elementwise import maximum, minimum
from addax.ops._ragged_ops import BESIDE, ELEMENTWISE, attach_operators
from addax.ops._ragged_shape import DynamicRaggedShape

# Those with a place where the value or the derivative is infinite, which padding must not come to stand on.
_SINGULAR = frozenset(
    """
    arccos arccosh arcsin arctanh digamma divide erfinv floor_divide lgamma log log10 log1p log2 mod power reciprocal
    rsqrt sqrt true_divide xlog1py xlogy zeta
    """.split()
)
_HARMLESS = 0.5


def apply(rows: PaddedRows, op: Any, args: tuple, kwargs: dict) -> Any:
    """Run an operation some of whose arguments are ragged.

    Raises:
        TypeError: If it has no meaning for ragged tensors, or would need to know the rows.
    """
    special = _SPECIAL.get(op.name)
    if special is not None:
        bound = op.signature.bind(*args, **kwargs)
        bound.apply_defaults()
        return special(*bound.arguments.values())
    if op.name in ELEMENTWISE:
        return map_values(rows, op, args, kwargs, op.name in _SINGULAR)
    if op.name in BESIDE:
        return rows.with_padded(op(*[x.padded if x is rows else x for x in args], **kwargs))
    raise refusal(f"{op.name}()", rows)


def refusal(what: str, rows: Any) -> TypeError:
    """The error for something that ragged tensors cannot do in compiled code."""
    shape = ", ".join(map(str, (None, *rows.shape[1:])))
    return TypeError(
        message(
            f"In compiled code, ragged tensors do not know: {what}.",
            received=f"a ragged tensor of shape ({shape})",
            hint="Reduce its rows first (GlobalAveragePooling1D, LSTM, tf.reduce_sum(x, axis=1)), or make it dense: "
            "x.to_tensor(shape=[None, length]), or rt.to_tensor() in the Dataset, with Embedding(mask_zero=True).",
        )
    )


# Element by element ------------------------------------------------------------------------------------------
def map_values(
    rows: PaddedRows, function: Callable, args: tuple, kwargs: dict, singular: bool = True
) -> PaddedRows:
    """A function on the values of ragged tensors with the same rows; the result has these rows.

    Args:
        rows: One of these.
        function: A function of tensors.
        args: Its arguments.
        kwargs: Its keyword arguments.
        singular: Whether it may be infinite at 0, where padding is.
    """
    part = lambda x: _values(x, rows, singular)  # noqa: E731
    return rows.with_padded(function(*map(part, args), **{name: part(x) for name, x in kwargs.items()}))


def _values(x: Any, like: PaddedRows, singular: bool) -> Any:
    """The values of an argument for the padded values of a ragged tensor."""
    if isinstance(x, PaddedRows):
        if tuple(x.padded.shape[:2]) != tuple(like.padded.shape[:2]) or x.ndim != like.ndim:
            raise _unequal(x, like)
        return _filled(x, _HARMLESS) if singular else x.padded
    if not hasattr(x, "shape") or isinstance(x, (np.generic, dtypes.DType)):
        return x
    shape = tuple(x.shape)
    outside = shape[: max(0, len(shape) - (like.ndim - 2))]  # what is beside the batch and the rows
    if outside and (outside[-1] != 1 or len(outside) > 2):
        raise _unequal(x, like)
    return x


def _unequal(x: Any, like: PaddedRows) -> ValueError:
    return ValueError(
        message(
            "A ragged tensor meets another with other rows.",
            expected=f"rows like those of shape {like.shape}, or sizes of 1",
            received=f"shape {x.shape}",
        )
    )


def _filled(x: PaddedRows, value: Any) -> Tensor:
    """The padded values, with a value of one's choice as padding."""
    if x.dtype.is_integer and value == _HARMLESS:
        value = 1
    return _choose(_over(x), x.padded, value)


def _choose(valid: Tensor, x: Tensor, value: Any) -> Tensor:
    """`x` where it is valid, else the value, in the dtype of `x`."""
    return index.where(valid, x, operators.cast(convert_to_tensor(value), x.dtype))


def _over(x: PaddedRows) -> Tensor:
    """What belongs to a row, with axes of one for those behind it."""
    valid = x.valid
    return operators.reshape(valid, (*valid.shape, *[1] * (x.ndim - 2)))


# Reductions --------------------------------------------------------------------------------------------------
def _axes(x: PaddedRows, axis: Any) -> tuple[int, ...]:
    given = range(x.ndim) if axis is None else axis if isinstance(axis, (tuple, list)) else [axis]
    return tuple(sorted({int(a) % x.ndim for a in given}))


def _reduction(dense: Callable, neutral: Callable) -> Callable:
    """A reduction in which the padding is the neutral element.

    Args:
        dense: The reduction of tensors.
        neutral: The neutral element for a dtype.
    """

    def reduced(x: PaddedRows, axis: Any = None, keepdims: bool = False, *rest: Any) -> Any:
        axes = _axes(x, axis)
        if 1 not in axes:
            if 0 in axes:
                raise refusal(f"{dense.__name__}(axis=0), from row to row", x)
            return x.with_padded(dense(x.padded, axis=axes, keepdims=keepdims))
        return dense(_filled(x, neutral(x.dtype)), axis=axes, keepdims=keepdims)

    return reduced


def _mean(x: PaddedRows, axis: Any = None, keepdims: bool = False) -> Any:
    axes = _axes(x, axis)
    if 1 not in axes:
        return _REDUCTIONS["mean"](x, axis, keepdims)
    kind = x.dtype if x.dtype.is_floating else "float32"
    values = x.with_padded(operators.cast(x.padded, kind))
    ones = x.with_padded(operators.cast(ones_like(x.padded), kind))
    total, count = (_REDUCTIONS["sum"](part, axes, keepdims) for part in (values, ones))
    return operators.divide(total, count)


def _lowest(dtype: dtypes.DType) -> Any:
    return -np.inf if dtype.is_floating else np.iinfo(dtypes.numpy_dtype(dtype)).min


def _highest(dtype: dtypes.DType) -> Any:
    return np.inf if dtype.is_floating else np.iinfo(dtypes.numpy_dtype(dtype)).max


_REDUCTIONS = {
    "sum": _reduction(reduce.sum, lambda dtype: 0),
    "mean": _reduction(reduce.mean, lambda dtype: 0),
    "prod": _reduction(reduce.prod, lambda dtype: 1),
    "max": _reduction(reduce.max, _lowest),
    "min": _reduction(reduce.min, _highest),
    "any": _reduction(reduce.any, lambda dtype: False),
    "all": _reduction(reduce.all, lambda dtype: True),
}


def _size(x: PaddedRows) -> Tensor:
    inner = int(np.prod(x.padded.shape[2:]))
    return operators.cast(reduce.sum(x.lengths) * inner, "int32")


def _normalized(dense: Callable) -> Callable:
    """`softmax` and its like, along the last axis."""

    def normalized(x: PaddedRows, axis: Any = -1) -> PaddedRows:
        axes = list(_axes(x, axis))
        if 0 in axes:
            raise refusal(f"{dense.__name__}(axis=0), from row to row", x)
        # Finite, so that a row without values has no NaN, which would spoil gradients.
        values = _filled(x, np.finfo(np.float32).min / 4) if 1 in axes else x.padded
        return x.with_padded(dense(values, axis=tuple(axes)))

    return normalized


# Form --------------------------------------------------------------------------------------------------------
def _take(x: Any, indices: Any, axis: Any = None) -> PaddedRows:
    if isinstance(x, PaddedRows) or axis not in (0, None):
        raise refusal("take() of rows", x if isinstance(x, PaddedRows) else indices)
    return indices.with_padded(index.take(x, indices.padded, axis=0))


def _matmul(x1: Any, x2: Any) -> PaddedRows:
    if not isinstance(x1, PaddedRows) or isinstance(x2, PaddedRows) or x1.ndim < 3 or len(x2.shape) != 2:
        raise refusal("matmul() but by a matrix", x1 if isinstance(x1, PaddedRows) else x2)
    return x1.with_padded(operators.matmul(x1.padded, x2))


def _concatenate(xs: Any, axis: int = 0) -> PaddedRows:
    like = next(x for x in xs if isinstance(x, PaddedRows))
    axis = int(axis) % like.ndim
    if axis == 0 or not all(isinstance(x, PaddedRows) for x in xs):
        raise refusal(f"concat(axis={axis}) of ragged and other tensors, or of rows", like)
    if axis > 1:
        return like.with_padded(shape_ops.concatenate([_values(x, like, False) for x in xs], axis=axis))
    found = xs[0]
    for x in xs[1:]:
        found = _row_by_row(found, x)
    return found


def _row_by_row(a: PaddedRows, b: PaddedRows) -> PaddedRows:
    """Each row of `a` with that of `b` behind it."""
    width = a.padded.shape[1] + b.padded.shape[1]
    both = shape_ops.concatenate([a.padded, b.padded], axis=1)
    place = np.arange(width)[None]
    ends = operators.reshape(a.lengths, (-1, 1))
    source = index.where(place < ends, place, place - ends + a.padded.shape[1])
    source = operators.cast(minimum(source, width - 1), "int32")
    source = operators.reshape(source, (*source.shape, *[1] * (a.ndim - 2)))
    return PaddedRows(index.take_along_axis(both, source, axis=1), a.lengths + b.lengths)


def _stack(xs: Any, axis: int = 0) -> PaddedRows:
    like = next(x for x in xs if isinstance(x, PaddedRows))
    axis = int(axis) % (like.ndim + 1)
    if axis < 2 or not all(isinstance(x, PaddedRows) for x in xs):
        raise refusal(f"stack(axis={axis})", like)
    return like.with_padded(operators.stack([_values(x, like, False) for x in xs], axis=axis))


def _expand_dims(x: PaddedRows, axis: Any) -> PaddedRows:
    axis = int(axis[0] if isinstance(axis, (tuple, list)) else axis) % (x.ndim + 1)
    if axis < 2:
        raise refusal(f"expand_dims(axis={axis})", x)
    return x.with_padded(shape_ops.expand_dims(x.padded, axis))


def _squeeze(x: PaddedRows, axis: Any = None) -> PaddedRows:
    axes = _axes(x, [a for a, size in enumerate(x.shape) if a > 1 and size == 1] if axis is None else axis)
    if any(a < 2 for a in axes):
        raise refusal("squeeze() of the rows", x)
    return x.with_padded(shape_ops.squeeze(x.padded, axes)) if axes else x


def _get_item(x: Any, key: Any) -> Any:
    if not isinstance(x, PaddedRows):
        raise refusal(
            "indexing by a ragged tensor", next(k for k in tree.flatten(key) if isinstance(k, PaddedRows))
        )
    return _item(x, key)


_SPECIAL: dict[str, Callable] = {
    "get_item": _get_item,
    "shape_tensor": DynamicRaggedShape.from_tensor,
    **_REDUCTIONS,
    "mean": _mean,
    "size": _size,
    "softmax": _normalized(activation.softmax),
    "log_softmax": _normalized(activation.log_softmax),
    "take": _take,
    "matmul": _matmul,
    "concatenate": _concatenate,
    "stack": _stack,
    "expand_dims": _expand_dims,
    "squeeze": _squeeze,
}


# Methods -----------------------------------------------------------------------------------------------------
def _item(x: PaddedRows, key: Any) -> PaddedRows:
    """What `x[key]` gives: slices of all rows, and what lies within them."""
    keys = list(key) if isinstance(key, tuple) else [key]
    if Ellipsis in keys:
        at = keys.index(Ellipsis)
        keys[at : at + 1] = [slice(None)] * (x.ndim - sum(k is not None for k in keys) + 1)
    rows, *keys = keys
    steps, *rest = keys or [slice(None)]
    if rows != slice(None) or not isinstance(steps, slice):
        raise refusal("the rows by number, or a step that not every row has", x)
    found = _cut(x, steps)
    return found.with_padded(found.padded[(slice(None), slice(None), *rest)]) if rest else found


def _cut(x: PaddedRows, part: slice) -> PaddedRows:
    """The same slice of each row: of the first steps, or without them, or of the last ones."""
    if part == slice(None):
        return x
    start, stop = part.start or 0, part.stop
    if part.step not in (None, 1) or not all(isinstance(v, int) for v in (start, stop or 0)):
        raise refusal("slices but by known numbers and a step of 1", x)
    lengths = x.lengths
    begin = np.minimum(start, x.padded.shape[1]) if start >= 0 else maximum(lengths + start, 0)
    end = lengths if stop is None else minimum(lengths, stop) if stop >= 0 else lengths + stop
    kept = maximum(end - begin, 0)
    if start >= 0:
        return PaddedRows(x.padded[:, int(begin) : stop if stop is None or stop > 0 else None], kept)
    width = min(-start, int(x.padded.shape[1]))
    source = operators.reshape(begin, (-1, 1)) + np.arange(width)[None]
    source = operators.cast(minimum(source, x.padded.shape[1] - 1), "int32")
    source = operators.reshape(source, (*source.shape, *[1] * (x.ndim - 2)))
    return PaddedRows(index.take_along_axis(x.padded, source, axis=1), kept)


def _to_tensor(
    x: PaddedRows, default_value: Any = None, name: str | None = None, shape: Any = None
) -> Tensor:
    """A dense tensor, rows filled up or cut to a length that has to be given.

    Args:
        x: The ragged tensor.
        default_value: What fills rows up; 0 or the empty string if None.
        name: Accepted for TensorFlow's sake.
        shape: The shape of the result, of which the second size counts.

    Raises:
        TypeError: If it is not: the longest row of a batch is not known in compiled code.
    """
    width = None if shape is None or len(shape) < 2 else shape[1]
    if width in (None, -1):
        raise refusal("to_tensor() without a length, for the longest row is not known", x)
    width = int(width)
    filled = _filled(x, 0 if default_value is None else default_value)[:, :width]
    missing = width - int(filled.shape[1])
    if not missing:
        return filled
    sides = [(0, 0), (0, missing), *[(0, 0)] * (x.ndim - 2)]
    return shape_ops.pad(filled, sides, constant_values=0 if default_value is None else default_value)


def _attach() -> None:
    """Give the class its meaning: it stands below the operations."""
    attach_operators(PaddedRows)
    cls: Any = PaddedRows
    cls.__addax_op__, cls.__getitem__, cls.to_tensor, cls.map_values = apply, _item, _to_tensor, map_values


_attach()
