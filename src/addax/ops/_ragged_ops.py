"""What operations mean for ragged tensors. The door asks here when an argument is one (`RaggedTensor.__addax_op__`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from addax.core import tree
from addax.core.errors import message
from addax.engine import PaddedRows, Tensor
from addax.engine import _operators as operators
from addax.ops import _numpy_reduce as reduce
from addax.ops import _segment
from addax.ops._core import convert_to_tensor
from addax.ops._numpy_shape import concatenate
from addax.ops._ragged import RaggedTensor
from addax.ops._ragged_making import take_rows
from addax.ops._rows import host_integers, places_in_rows, row_numbers, spans, splits_of

# Operations that look at one element at a time, so that they may be run on the values.
ELEMENTWISE = frozenset(
    """
    absolute add arccos arccosh arcsin arcsinh arctan arctan2 arctanh bitwise_and bitwise_left_shift
    bitwise_not bitwise_or bitwise_right_shift bitwise_xor cast ceil celu clip conj cos cosh deg2rad
    digamma divide divide_no_nan elu equal erf erfc erfinv exp exp2 expm1 floor floor_divide gelu
    greater greater_equal hard_sigmoid hard_silu hard_tanh identity imag isclose isfinite isinf
    isnan leaky_relu less less_equal lgamma log log10 log1p log2 log_sigmoid logical_and logical_not
    logical_or logical_xor maximum minimum mish mod multiply negative not_equal one_hot ones_like
    power rad2deg real reciprocal relu relu6 round rsqrt selu sigmoid sign silu sin sinh soft_shrink
    softplus softsign sparse_plus sqrt square squared_difference stop_gradient subtract swish tan
    tanh tanh_shrink true_divide trunc where xlog1py xlogy zeros_like zeta
    """.split()
)

BESIDE = frozenset(("random_dropout",))  # likewise, with arguments that have nothing to do with the elements


def apply(op: Any, args: tuple, kwargs: dict) -> Any:
    """Run an operation some of whose arguments are ragged.

    Raises:
        TypeError: If it has no meaning for ragged tensors.
    """
    special = SPECIAL.get(op.name)
    if special is not None:
        bound = op.signature.bind(*args, **kwargs)
        bound.apply_defaults()
        return special(*bound.arguments.values())
    if op.name in ELEMENTWISE:
        return map_flat_values(op, *args, **kwargs)
    if op.name in BESIDE:
        (rt,) = (x for x in args if isinstance(x, RaggedTensor))
        return rt.with_flat_values(op(*[x.flat_values if x is rt else x for x in args], **kwargs))
    raise TypeError(
        message(
            f"{op.name}() does not take ragged tensors.",
            received=next(x for x in tree.flatten((args, kwargs)) if isinstance(x, RaggedTensor)).shape,
            hint="Call .to_tensor() on it, or work on .flat_values and put them back by .with_flat_values().",
        )
    )


def map_flat_values(function: Callable, *args: Any, **kwargs: Any) -> Any:
    """A function on the values of ragged tensors, which have the same rows; the result has these rows.

    Args:
        function: A function of tensors, which keeps the first dimension.
        *args: Ragged tensors, tensors that broadcast to them, and anything else.
        **kwargs: Likewise.

    Raises:
        ValueError: If rows differ.
    """
    ragged = [x for x in (*args, *kwargs.values()) if isinstance(x, RaggedTensor)]
    in_code = [x for x in (*args, *kwargs.values()) if isinstance(x, PaddedRows)]
    if in_code:
        return in_code[0].map_values(function, args, kwargs)
    if not ragged:
        return function(*args, **kwargs)
    like = max(ragged, key=lambda x: x.ragged_rank)
    parts = [_spread(x, like) for x in args]
    named = {name: _spread(x, like) for name, x in kwargs.items()}
    return like.with_flat_values(function(*parts, **named))


def _spread(x: Any, like: RaggedTensor) -> Any:
    """The values of an argument for the values of a ragged tensor."""
    if isinstance(x, RaggedTensor):
        if x.ragged_rank < like.ragged_rank or not _same_rows(x, like):
            return _broadcast(x, like)
        return x.flat_values
    if isinstance(x, (list, tuple)):
        x = convert_to_tensor(x, None if like.dtype == "string" else like.dtype)
    if not isinstance(x, (Tensor, np.ndarray)) and not hasattr(x, "_read"):
        return x
    shape = tuple(x.shape)
    if len(shape) <= like.flat_values.ndim - 1 or not shape:  # it broadcasts within the values
        return x
    return _broadcast(x, like)


def _same_rows(a: RaggedTensor, b: RaggedTensor) -> bool:
    pairs = zip(a._all_splits(), b._all_splits(), strict=True)
    return all(np.array_equal(x, y) for x, y in pairs)


def _broadcast(x: Any, like: RaggedTensor) -> Any:
    """A tensor of fewer or shorter dimensions, its elements repeated for the rows of a ragged tensor."""
    splits = like._splits
    count = len(x) if isinstance(x, RaggedTensor) else x.shape[0]
    tensor = x if isinstance(x, RaggedTensor) else convert_to_tensor(x)
    missing = like.ndim - len(x.shape)
    if missing:
        raise _unequal(x, like)
    if count not in (1, len(like)):
        raise _unequal(x, like)
    rows = row_numbers(splits)
    if isinstance(tensor, RaggedTensor):
        lengths = np.diff(tensor._splits)
        if not np.isin(lengths, (1, *np.unique(np.diff(splits)))).all():
            raise _unequal(x, like)
        own = np.zeros_like(rows) if count == 1 else rows
        places = np.where(lengths[own] == 1, 0, places_in_rows(splits))
        if (places >= lengths[own]).any():
            raise _unequal(x, like)
        values = take_rows(tensor.values, tensor._splits[own] + places)
    else:
        own = np.zeros_like(rows) if count == 1 else rows
        width = tensor.shape[1]
        places = np.zeros_like(rows) if width == 1 else places_in_rows(splits)
        if width != 1 and len(like) and (np.diff(splits) != width).any():
            raise _unequal(x, like)
        flat = operators.reshape(tensor, (count * width, *tensor.shape[2:]))
        values = take_rows(flat, own * width + places)
    return _spread(values, like.values) if isinstance(like.values, RaggedTensor) else values


def _unequal(x: Any, like: RaggedTensor) -> ValueError:
    lengths = np.diff(like._splits).tolist()
    received = (
        f"rows of lengths {np.diff(x._splits).tolist()}"
        if isinstance(x, RaggedTensor)
        else f"shape {x.shape}"
    )
    return ValueError(
        message(
            "A ragged tensor meets another with other rows.",
            expected=f"rows of lengths {lengths}, or sizes of 1",
            received=received,
            hint="Rows have to agree one by one; cut or fill them first.",
        )
    )


# Reductions ----------------------------------------------------------------------------------------------
def _reduction(name: str, segments: Callable, dense: Callable) -> Callable:
    def reduced(x: Any, axis: Any = None, keepdims: bool = False, *rest: Any) -> Any:
        if axis is None:
            return dense(x.flat_values)
        axes = sorted(
            {a + x.ndim if a < 0 else a for a in (axis if isinstance(axis, (tuple, list)) else [axis])}
        )
        if axes == list(range(x.ndim)):
            return dense(x.flat_values)
        found = x
        for a in reversed(axes):
            found = _along(found, a, segments, dense)
        return _with_ones(found, axes) if keepdims else found

    reduced.__name__ = name
    return reduced


def _with_ones(found: Any, axes: list[int]) -> Any:
    from addax.ops._numpy_shape import expand_dims

    for axis in axes:
        found = expand_dims(found, axis)
    return found


def _along(x: Any, axis: int, segments: Callable, dense: Callable) -> Any:
    if not isinstance(x, RaggedTensor):
        return dense(x, axis=axis)
    if axis > 1:
        return x.with_values(_along(x.values, axis - 1, segments, dense))
    lengths = np.diff(x._splits)
    if axis == 1 and not isinstance(x.values, RaggedTensor):
        return segments(x.values, row_numbers(x._splits), len(lengths))
    if axis == 1:
        return _reduce_rows(x, segments)
    if isinstance(x.values, RaggedTensor):
        return _reduce_rows(_regrouped(x), segments)
    return segments(x.values, places_in_rows(x._splits), int(lengths.max(initial=0)))


def _regrouped(x: RaggedTensor) -> RaggedTensor:
    """The values grouped by their place in the rows, instead of by row."""
    place = places_in_rows(x._splits)
    order = np.argsort(place, kind="stable")
    counts = np.bincount(place, minlength=int(np.diff(x._splits).max(initial=0)))
    return RaggedTensor(take_rows(x.values, order), splits_of(counts))


def _reduce_rows(x: RaggedTensor, segments: Callable) -> RaggedTensor:
    """The second dimension reduced, where a third one is ragged: rows of a group are added place by place."""
    inner = x.values
    group = row_numbers(x._splits)
    widths = np.zeros(len(x), np.int64)
    np.maximum.at(widths, group, np.diff(inner._splits))
    starts = splits_of(widths)
    target = starts[group][row_numbers(inner._splits)] + places_in_rows(inner._splits)
    if isinstance(inner.values, RaggedTensor):
        order = np.argsort(target, kind="stable")
        counts = np.bincount(target, minlength=int(starts[-1]))
        joined = RaggedTensor(take_rows(inner.values, order), splits_of(counts))
        return RaggedTensor(_reduce_rows(joined, segments), starts)
    return RaggedTensor(segments(inner.values, target, int(starts[-1])), starts)


def _segments(function: Callable) -> Callable:
    return lambda values, numbers, count: function(values, numbers.astype(np.int32), count)


def _mean(values: Any, numbers: np.ndarray, count: int) -> Any:
    total = _segment.segment_sum(values, numbers.astype(np.int32), count)
    sizes = np.bincount(numbers, minlength=count).astype(np.float32)
    sizes = sizes.reshape((-1, *[1] * (len(total.shape) - 1)))
    kind = values.dtype if values.dtype.is_floating else "float32"
    return operators.divide(operators.cast(total, kind), operators.cast(convert_to_tensor(sizes), kind))


def _any(values: Any, numbers: np.ndarray, count: int) -> Any:
    found = _segment.segment_max(operators.cast(values, "int32"), numbers.astype(np.int32), count)
    return operators.greater(found, 0)


def _all(values: Any, numbers: np.ndarray, count: int) -> Any:
    return operators.logical_not(_any(operators.logical_not(values), numbers, count))


# Rows ----------------------------------------------------------------------------------------------------
def _ragged(x: Any) -> RaggedTensor:
    """Any tensor of rank 2 or more as a ragged one; one of rank 1 as itself."""
    return x if isinstance(x, RaggedTensor) else RaggedTensor.from_tensor(x)


def concat(xs: Any, axis: int = 0) -> Any:
    """Ragged (and dense) tensors joined along an axis."""
    xs = list(xs)
    rank = len(xs[0].shape)
    axis = axis + rank if axis < 0 else axis
    if all(not isinstance(x, RaggedTensor) for x in xs):
        return _concat_dense(xs, axis)
    ragged = [_ragged(x) for x in xs]
    if axis == 0:
        values = concat([x.values for x in ragged], 0)
        return RaggedTensor(values, splits_of(np.concatenate([np.diff(x._splits) for x in ragged])))
    counts = {len(x) for x in ragged}
    if len(counts) > 1:
        raise ValueError(
            message("concat() joins rows one by one.", expected="as many rows", received=sorted(counts))
        )
    if axis > 1:
        return ragged[0].with_values(concat([x.values for x in ragged], axis - 1))
    rows = counts.pop()
    whole = concat([x.values for x in ragged], 0)
    offsets = np.cumsum([0, *(int(x._splits[-1]) for x in ragged[:-1])])
    lengths = np.stack([np.diff(x._splits) for x in ragged], 1).reshape(-1)
    starts = np.stack(
        [x._splits[:-1] + offset for x, offset in zip(ragged, offsets, strict=True)], 1
    ).reshape(-1)
    return RaggedTensor(take_rows(whole, spans(starts, lengths)), splits_of(lengths.reshape(rows, -1).sum(1)))


def _concat_dense(xs: list, axis: int) -> Any:
    if any(x.dtype == "string" for x in xs):
        return Tensor(np.concatenate([np.asarray(x) for x in xs], axis))
    return concatenate(xs, axis=axis)


def stack(xs: Any, axis: int = 0) -> RaggedTensor:
    """Tensors, ragged or not, of one rank along a new axis; rows may differ in length."""
    xs = [x if isinstance(x, RaggedTensor) else convert_to_tensor(x) for x in xs]
    rank = len(xs[0].shape)
    axis = axis + rank + 1 if axis < 0 else axis
    if axis == 0:
        lengths = np.asarray([len(x) if isinstance(x, RaggedTensor) else x.shape[0] for x in xs], np.int64)
        values = concat([_ragged(x) if rank > 1 else x for x in xs], 0)
        return RaggedTensor(values, splits_of(lengths))
    return concat([expand_dims(x, axis) for x in xs], axis)


def expand_dims(x: Any, axis: Any) -> Any:
    """A new dimension of one."""
    axis = axis[0] if isinstance(axis, tuple) else axis
    axis = axis + x.ndim + 1 if axis < 0 else axis
    if not isinstance(x, RaggedTensor):
        from addax.ops._numpy_shape import expand_dims as dense

        return dense(x, axis)
    if axis == 0:
        return RaggedTensor(x, np.asarray([0, len(x)], np.int64), len(x))
    if axis == 1:
        return RaggedTensor(x, np.arange(len(x) + 1), 1)
    return x.with_values(expand_dims(x.values, axis - 1))


def take(x: Any, indices: Any, axis: Any = None) -> Any:
    """Rows by their numbers, where the rows, the numbers or both are ragged."""
    if isinstance(indices, RaggedTensor):
        if axis not in (0, None):
            raise ValueError(message("Ragged indices choose along the first axis.", received=f"axis {axis}"))
        return indices.with_flat_values(take(x, indices.flat_values, 0))
    if not isinstance(x, RaggedTensor):
        from addax.ops._numpy_index import take as dense

        return (
            Tensor(np.asarray(x)[np.asarray(indices)]) if x.dtype == "string" else dense(x, indices, axis=0)
        )
    if axis == 1:
        from addax.ops._ragged_math import places

        return places(x, host_integers(indices, "indices"))
    if axis not in (0, None):
        raise ValueError(
            message("Rows of ragged tensors are chosen along the first axes.", received=f"axis {axis}")
        )
    numbers = host_integers(indices, "indices")
    found = take_rows(x, numbers.reshape(-1))
    for width in reversed(numbers.shape[1:]):
        found = RaggedTensor.from_uniform_row_length(found, width)
    return found if numbers.ndim else found[0]


def flip(x: RaggedTensor, axis: Any = None) -> Any:
    """The elements of some axes in the reverse order."""
    axes = range(x.ndim) if axis is None else axis if isinstance(axis, (tuple, list)) else [axis]
    found: Any = x
    for one in axes:
        found = _flipped(found, one + x.ndim if one < 0 else one)
    return found


def _flipped(x: Any, axis: int) -> Any:
    if not isinstance(x, RaggedTensor):
        from addax.ops._numpy_shape import flip as dense

        return dense(x, axis)
    if axis == 0:
        return take_rows(x, np.arange(len(x))[::-1])
    if axis == 1:
        starts, ends = x._splits[:-1], x._splits[1:]
        back = np.repeat(ends - 1, ends - starts) - places_in_rows(x._splits)
        return x.with_values(take_rows(x.values, back))
    return x.with_values(_flipped(x.values, axis - 1))


def tile(x: RaggedTensor, repeats: Any) -> Any:
    """Repeated along each axis."""
    counts = host_integers(repeats, "multiples").tolist()
    found: Any = x
    for axis, count in enumerate(counts):
        found = concat([found] * count, axis) if count != 1 else found
    return found


def squeeze(x: RaggedTensor, axis: Any = None) -> Any:
    """Without dimensions of one."""
    axes = [axis] if isinstance(axis, int) else list(axis) if axis is not None else [0] if len(x) == 1 else []
    found: Any = x
    for one in sorted((a + x.ndim if a < 0 else a for a in axes), reverse=True):
        found = _squeezed(found, one)
    return found


def _squeezed(x: Any, axis: int) -> Any:
    if not isinstance(x, RaggedTensor):
        from addax.ops._numpy_shape import squeeze as dense

        return dense(x, axis)
    if axis == 0 and len(x) == 1:
        return x.values
    if axis == 1 and (np.diff(x._splits) == 1).all():
        return x.values
    if axis > 1:
        return x.with_values(_squeezed(x.values, axis - 1))
    raise ValueError(
        message("squeeze() takes out dimensions of one.", received=f"axis {axis} of shape {x.shape}")
    )


def _size(x: RaggedTensor) -> Tensor:
    return Tensor(np.asarray(int(np.prod(x.flat_values.shape)), np.int32))


SPECIAL: dict[str, Callable] = {
    "sum": _reduction("sum", _segments(_segment.segment_sum), reduce.sum),
    "mean": _reduction("mean", _mean, reduce.mean),
    "prod": _reduction("prod", _segments(_segment.segment_prod), reduce.prod),
    "max": _reduction("max", _segments(_segment.segment_max), reduce.max),
    "min": _reduction("min", _segments(_segment.segment_min), reduce.min),
    "any": _reduction("any", _any, reduce.any),
    "all": _reduction("all", _all, reduce.all),
    "concatenate": concat,
    "stack": stack,
    "expand_dims": expand_dims,
    "take": take,
    "flip": flip,
    "tile": tile,
    "squeeze": squeeze,
    "size": _size,
}


def attach_operators(cls: type) -> None:
    """Give a class of ragged tensors the operators of tensors."""
    names = "add sub mul truediv floordiv mod pow and or xor lt le gt ge eq ne".split()
    functions = (
        "add subtract multiply divide floor_divide mod power bitwise_and bitwise_or bitwise_xor less less_equal "
        "greater greater_equal equal not_equal"
    ).split()
    for name, function in zip(names, functions, strict=True):
        run = getattr(operators, function)
        setattr(cls, f"__{name}__", lambda self, other, run=run: run(self, other))
        if function in functions[:10]:
            setattr(cls, f"__r{name}__", lambda self, other, run=run: run(other, self))
    for name, function in (("neg", "negative"), ("abs", "absolute"), ("invert", "logical_not")):
        run = getattr(operators, function)
        setattr(cls, f"__{name}__", lambda self, run=run: run(self))


attach_operators(RaggedTensor)
