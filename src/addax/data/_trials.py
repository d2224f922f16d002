"""The sizes of what a function gives that runs on the host, from trials on made-up elements.

Compiled functions tell their sizes by their trace. One that takes strings, or needs values, is run on a few elements
of the right shapes and other values: sizes that are the same each time, and are not 0, are taken for known. What
certainly depends on values (`tf.strings.split`, a call of Python) ends the trial, and no size is known.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from addax.data import _nest
from addax.data._spec import SparseTensorSpec, TensorSpec, relaxed, spec_of
from addax.engine._probing import DependsOnValues, trial
from addax.ops._sparse import SparseTensor

_TRIALS = 3
_TEXTS = (b"", b"7", b"1, 2 a-b_c|d;e:f/g.h\ti\nj \xc3\xa4")


def known_sizes(run: Callable, spec: Any, args: tuple, result: Any) -> Any:
    """The specs of a function's results.

    Args:
        run: The function, of a nest of arguments on the host; it must leave no traces.
        spec: The specs of the arguments.
        args: Real arguments.
        result: What it gave for them.
    """
    open_spec = relaxed(spec_of(result))
    found = [result]
    try:
        for number in range(_TRIALS):
            made_up = _nest.map_up_to(spec, lambda s, x, n=number: _other(s, x, n), args)
            with trial(), contextlib.suppress(_Failed):
                found.append(_tried(run, made_up))
    except (DependsOnValues, _NoOther, ValueError):
        return open_spec
    same = [x for x in found if _nest.same_form(x, result)]
    if len(same) < 2 or len(same) < len(found):
        return open_spec
    columns = zip(*map(_nest.flatten, same), strict=True)
    leaves = [_size(s, column) for s, column in zip(_nest.flatten(open_spec), columns, strict=True)]
    return _nest.pack(open_spec, leaves)


class _Failed(Exception):
    """The function did not take made-up values."""


class _NoOther(Exception):
    """There are no other values of this kind."""


def _tried(run: Callable, args: tuple) -> Any:
    try:
        return run(args)
    except DependsOnValues:
        raise
    except Exception as error:  # of any kind: the values are not what it is for
        raise _Failed from error


def _other(spec: Any, value: Any, number: int) -> Any:
    """A value of the same spec, with other sizes where they are unknown."""
    if isinstance(value, SparseTensor):
        places = value._places[: number and 1] * 0
        sizes = spec.shape or [None] * len(value._shape)
        shape = [n + number + 1 if d is None else n for n, d in zip(value._shape, sizes, strict=True)]
        return SparseTensor(places, np.asarray(value.values)[: len(places)], shape)
    if not isinstance(value, np.ndarray) or not isinstance(spec, TensorSpec) or spec.shape is None:
        raise _NoOther
    shape = [value.shape[i] + number + 1 if d is None else d for i, d in enumerate(spec.shape)]
    count = int(np.prod(shape))
    if value.dtype == object:
        out = np.empty(count, object)
        out[:] = [_TEXTS[number] for _ in range(count)]
        return out.reshape(shape)
    values = np.arange(count) * 7 + 1 if number == 2 else np.full(count, number)
    return (values % 101).astype(value.dtype).reshape(shape)


def _size(open_spec: Any, values: tuple) -> Any:
    if isinstance(open_spec, SparseTensorSpec):
        return functools.reduce(lambda a, b: a.most_specific_compatible_type(b), map(spec_of, values))
    if not isinstance(open_spec, TensorSpec) or any(v.dtype != values[0].dtype for v in values):
        return open_spec
    if len({v.ndim for v in values}) > 1:
        return TensorSpec(None, open_spec.dtype)
    sizes = [set(column) for column in zip(*[v.shape for v in values], strict=True)]
    return TensorSpec([s.pop() or None if len(s) == 1 else None for s in sizes], open_spec.dtype)
