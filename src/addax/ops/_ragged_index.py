"""`ragged[...]`: rows, slices of rows, and what lies within them."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax.core.errors import message
from addax.ops._ragged import RaggedTensor
from addax.ops._ragged_making import take_rows
from addax.ops._rows import host_integers, spans, splits_of


def item(rt: RaggedTensor, key: Any) -> Any:
    """What `rt[key]` gives.

    Raises:
        ValueError: If a number is asked for in a ragged dimension, where not every row has such a place.
        IndexError: If there is no such row.
    """
    keys = list(key) if isinstance(key, tuple) else [key]
    at = next((i for i, k in enumerate(keys) if k is Ellipsis), None)
    if at is not None:
        named = sum(k is not None for k in keys) - 1
        keys[at : at + 1] = [slice(None)] * (rt.ndim - named)
    return _item(rt, keys)


def _item(rt: Any, keys: list) -> Any:
    if not keys:
        return rt
    if not isinstance(rt, RaggedTensor):
        return rt[tuple(keys)]
    first, *rest = keys
    if first is None:
        found = RaggedTensor(rt, np.asarray([0, len(rt)], np.int64), len(rt))
        return _within(found, rest)
    if isinstance(first, slice):
        return _within(_rows(rt, first), rest)
    number = int(host_integers(first, "An index"))
    if not -len(rt) <= number < len(rt):
        raise IndexError(message("There is no such row.", expected=f"below {len(rt)}", received=number))
    start, end = rt._splits[number % len(rt)], rt._splits[number % len(rt) + 1]
    return _item(take_rows(rt.values, np.arange(start, end)), rest)


def _rows(rt: RaggedTensor, part: slice) -> RaggedTensor:
    return rt if part == slice(None) else take_rows(rt, np.arange(len(rt))[_known(part)])


def _known(part: slice) -> slice:
    bounds = (part.start, part.stop, part.step)
    return slice(*(None if b is None else int(host_integers(b, "A bound of a slice")) for b in bounds))


def _within(rt: RaggedTensor, keys: list) -> Any:
    """The keys for the second dimension and those behind it."""
    if not keys:
        return rt
    first, *rest = keys
    if first is None:  # each row within a dimension of one
        return RaggedTensor(_within(rt, rest), np.arange(len(rt) + 1), 1)
    if not isinstance(first, slice):
        return _column(rt, int(host_integers(first, "An index")), rest)
    inner = rt if first == slice(None) else _cut(rt, _known(first))
    if not rest:
        return inner
    values = inner.values
    if isinstance(values, RaggedTensor):
        return RaggedTensor(_within(values, rest), inner._splits, inner.uniform)
    return inner.with_values(values[(slice(None), *rest)])


def _cut(rt: RaggedTensor, part: slice) -> RaggedTensor:
    """The same slice of each row."""
    index, lengths = [], []
    for start, end in zip(rt._splits[:-1], rt._splits[1:], strict=True):
        chosen = np.arange(start, end)[part]
        index.append(chosen)
        lengths.append(len(chosen))
    flat = np.concatenate(index) if index else np.zeros(0, np.int64)
    uniform = None if rt.uniform is None else len(range(rt.uniform)[part])
    return RaggedTensor(take_rows(rt.values, flat), splits_of(np.asarray(lengths, np.int64)), uniform)


def _column(rt: RaggedTensor, number: int, rest: list) -> Any:
    lengths = np.diff(rt._splits)
    if rt.uniform is None and not (lengths == lengths[:1]).all():
        raise ValueError(
            message(
                "A number is no index into a ragged dimension: not every row has such a place.",
                received=f"index {number}, rows of lengths {lengths.tolist()}",
                hint="Take a slice of one, rt[:, i:i + 1], or rt.to_tensor()[:, i].",
            )
        )
    if len(lengths) and not -lengths[0] <= number < lengths[0]:
        raise IndexError(message("There is no such place in the rows.", received=number))
    width = int(lengths[0]) if len(lengths) else 0
    places = spans(rt._splits[:-1] + number % max(width, 1), np.ones(len(lengths), np.int64))
    found = take_rows(rt.values, places)
    return (
        _within(found, rest)
        if isinstance(found, RaggedTensor)
        else found[(slice(None), *rest)]
        if rest
        else found
    )
