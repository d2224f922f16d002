"""Pooling on a CPU: elementwise work on shifted images, forwards and backwards.

XLA runs `reduce_window` over images with a scalar loop and the gradient of its maximum (`select_and_scatter`) with a
search for each window. Here the maximum and the place where it was come from one pass of comparisons over the
elements of the windows; the way back reads, for each input, the windows that it is in. Both are loops over channels
that the compiler makes vectors of. Of equal elements the first one is the maximum, as it is to XLA.

The sum of chosen elements of windows is linear, and so is its transpose: a pair of primitives, so that derivatives
of every order and in both modes, `vmap` and `jit` meet only these programs. Batch comes first and channels last.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from addax.engine._jax import jax, jnp, lax
from addax.kernels._native import lowered
from addax.kernels._primitive import define

__all__ = ["max_windows", "sum_windows"]

_LARGEST = 64  # elements of a window: larger ones are left to XLA, in one operation
_PHASES = 16  # places within a stride, likewise


def _taps(window: Sequence[int]) -> Any:
    return itertools.product(*map(range, window))


def _outputs(space: Sequence[int], window: Sequence[int], strides: Sequence[int]) -> tuple[int, ...]:
    return tuple((n - k) // s + 1 for n, k, s in zip(space, window, strides, strict=True))


def _tap(x: Any, at: Sequence[int], out: Sequence[int], strides: Sequence[int]) -> Any:
    ends = [a + (n - 1) * s + 1 for a, n, s in zip(at, out, strides, strict=True)]
    return lax.slice(x, (0, *at, 0), (x.shape[0], *ends, x.shape[-1]), (1, *strides, 1))


def _largest(x: Any, window: tuple[int, ...], strides: tuple[int, ...]) -> tuple[Any, Any]:
    """The maximum of each window and the number of the element that it is."""
    out = _outputs(x.shape[1:-1], window, strides)
    best = _tap(x, (0,) * len(window), out, strides)
    where = jnp.zeros(best.shape, jnp.uint8)
    for number, at in enumerate(_taps(window)):
        if number:
            tap = _tap(x, at, out, strides)
            stays = (best >= tap) | (best != best)  # NaN stays, and comes in because it compares with nothing
            best, where = jnp.where(stays, best, tap), jnp.where(stays, where, jnp.uint8(number))
    return best, where


def _chosen(x: Any, *where: Any, window: tuple, strides: tuple, space: tuple) -> Any:
    """The sum over each window, or the element of it that `where` numbers."""
    out = _outputs(space, window, strides)
    wide = jnp.promote_types(x.dtype, jnp.float32)
    terms = []
    for number, at in enumerate(_taps(window)):
        term = _tap(x, at, out, strides).astype(wide)
        terms.append(jnp.where(where[0] == number, term, 0) if where else term)
    return functools.reduce(lax.add, terms).astype(x.dtype)


def _spread(dy: Any, *where: Any, window: tuple, strides: tuple, space: tuple) -> Any:
    """For each input, the sum over the windows that it is in, or over those that chose it."""
    rank = len(window)
    wide = jnp.promote_types(dy.dtype, jnp.float32)
    apart = all(k <= s for k, s in zip(window, strides, strict=True))
    if apart:
        return _fit(_spread_apart(dy, where, window, strides), space)
    counts = [-(-n // s) for n, s in zip(space, strides, strict=True)]
    reach = [(k - 1) // s for k, s in zip(window, strides, strict=True)]
    pads = [
        (0, 0, 0),
        *((r, c - n, 0) for r, c, n in zip(reach, counts, dy.shape[1:-1], strict=True)),
        (0, 0, 0),
    ]
    dy = lax.pad(dy, jnp.zeros((), dy.dtype), pads)
    chosen = [lax.pad(w, jnp.uint8(255), pads) for w in where]
    parts = []
    for phase in _taps(strides):
        terms = [jnp.zeros((dy.shape[0], *counts, dy.shape[-1]), wide)]
        for back in itertools.product(*(range(r + 1) for r in reach)):
            at = [a + b * s for a, b, s in zip(phase, back, strides, strict=True)]
            if any(a >= k for a, k in zip(at, window, strict=True)):
                continue
            starts = [r - b for r, b in zip(reach, back, strict=True)]
            term = _tap(dy, starts, counts, (1,) * rank).astype(wide)
            number = np.ravel_multi_index(at, window)
            if chosen:
                term = jnp.where(_tap(chosen[0], starts, counts, (1,) * rank) == number, term, 0)
            terms.append(term)
        parts.append(functools.reduce(lax.add, terms).astype(dy.dtype))
    if len(parts) == 1:
        return _fit(parts[0], space)
    stacked = jnp.stack(parts, rank + 1).reshape((dy.shape[0], *counts, *strides, dy.shape[-1]))
    order = [axis for i in range(rank) for axis in (1 + i, 1 + rank + i)]
    sizes = [c * s for c, s in zip(counts, strides, strict=True)]
    mixed = stacked.transpose((0, *order, stacked.ndim - 1))
    return _fit(mixed.reshape((dy.shape[0], *sizes, dy.shape[-1])), space)


def _spread_apart(dy: Any, where: Sequence, window: tuple, strides: tuple) -> Any:
    """Windows that do not meet: every input asks whether its window chose it."""
    rank = len(window)
    blocks = [size for pair in zip(dy.shape[1:-1], strides, strict=True) for size in pair]
    shape = (dy.shape[0], *blocks, dy.shape[-1])
    axes = (0, *range(1, 2 * rank, 2), 2 * rank + 1)
    numbers = np.full(strides, 255, np.uint8)
    numbers[tuple(slice(0, k) for k in window)] = np.arange(math.prod(window)).reshape(window)
    place = lax.broadcast_in_dim(jnp.asarray(numbers), shape, tuple(range(2, 2 * rank + 1, 2)))
    mine = lax.broadcast_in_dim(where[0], shape, axes) == place if where else place != 255
    out = jnp.where(mine, lax.broadcast_in_dim(dy, shape, axes), jnp.zeros((), dy.dtype))
    return out.reshape(
        (dy.shape[0], *(n * s for n, s in zip(dy.shape[1:-1], strides, strict=True)), dy.shape[-1])
    )


def _fit(x: Any, space: Sequence[int]) -> Any:
    """Cut or fill the spatial axes at their ends."""
    if x.shape[1:-1] == tuple(space):
        return x
    pads = [(0, n - have, 0) for n, have in zip(space, x.shape[1:-1], strict=True)]
    return lax.pad(x, jnp.zeros((), x.dtype), [(0, 0, 0), *pads, (0, 0, 0)])


@functools.cache
def _primitives() -> tuple[Any, Any]:
    """The sum of what is chosen in each window, and its transpose."""
    chosen = define(
        "addax_windows",
        _chosen,
        _chosen,
        (lambda ct, x, *where, **params: spread.bind(ct, *where, **params),),
        lambda *args, **params: _fold(chosen, *args, **params),
    )
    spread = define(
        "addax_windows_spread",
        _spread,
        _spread,
        (lambda ct, dy, *where, **params: chosen.bind(ct, *where, **params),),
        lambda *args, **params: _fold(spread, *args, **params),
    )
    return chosen, spread


def _fold(primitive: Any, size: int, arrays: Sequence, batched: Sequence[bool], **params: Any) -> Any:
    full = [a if b else jnp.broadcast_to(a, (size, *a.shape)) for a, b in zip(arrays, batched, strict=True)]
    out = primitive.bind(*[a.reshape((-1, *a.shape[2:])) for a in full], **params)
    return out.reshape((size, -1, *out.shape[1:]))


@functools.cache
def _max() -> Any:
    @functools.partial(jax.custom_jvp, nondiff_argnums=(1, 2))
    def largest(x: Any, window: tuple, strides: tuple) -> Any:
        return _largest(x, window, strides)[0]

    @largest.defjvp
    def _jvp(window: tuple, strides: tuple, primals: tuple, tangents: tuple) -> tuple:
        best, where = _largest(primals[0], window, strides)
        space = tuple(primals[0].shape[1:-1])
        return best, _primitives()[0].bind(tangents[0], where, window=window, strides=strides, space=space)

    return largest


def _suits(x: Any, window: Sequence[int], strides: Sequence[int]) -> bool:
    return (
        lowered(x) and math.prod(window) <= _LARGEST and math.prod(strides) <= max(_PHASES, math.prod(window))
    )


def _prepared(
    x: Any, window: Sequence[int], strides: Sequence[int], padding: str, last: bool, fill: Any
) -> Any:
    """The inputs with channels last and padding around, or None if no window fits."""
    x = x if last else jnp.moveaxis(x, 1, -1)
    pads = lax.padtype_to_pads(x.shape[1:-1], window, strides, padding)
    if any(low or high for low, high in pads):
        x = lax.pad(x, jnp.asarray(fill, x.dtype), [(0, 0, 0), *((a, b, 0) for a, b in pads), (0, 0, 0)])
    return None if any(n < k for n, k in zip(x.shape[1:-1], window, strict=True)) else x


def _all_axes(sizes: Sequence[int], last: bool) -> tuple[int, ...]:
    return (1, *sizes, 1) if last else (1, 1, *sizes)


def max_windows(x: Any, window: Sequence[int], strides: Sequence[int], padding: str, last: bool) -> Any:
    """The maximum of each window, in the way that is fast on the device at hand.

    Args:
        x: Array `(batch, *space, channels)`, or channels second.
        window: Its size, for each spatial axis.
        strides: Steps between windows.
        padding: `"SAME"` or `"VALID"`.
        last: Whether channels come last.
    """
    window, strides = tuple(window), tuple(strides)
    if _suits(x, window, strides):
        ready = _prepared(x, window, strides, padding, last, -np.inf)
        if ready is not None:
            out = _max()(ready, window, strides)
            return out if last else jnp.moveaxis(out, -1, 1)
    lowest = -np.inf if jnp.issubdtype(x.dtype, jnp.inexact) else jnp.iinfo(x.dtype).min
    sizes, steps = _all_axes(window, last), _all_axes(strides, last)
    return lax.reduce_window(x, x.dtype.type(lowest), lax.max, sizes, steps, padding)


def sum_windows(x: Any, window: Sequence[int], strides: Sequence[int], padding: str, last: bool) -> Any:
    """The sum of each window, in the way that is fast on the device at hand.

    Args:
        x: Array `(batch, *space, channels)`, or channels second.
        window: Its size, for each spatial axis.
        strides: Steps between windows.
        padding: `"SAME"` or `"VALID"`.
        last: Whether channels come last.
    """
    window, strides = tuple(window), tuple(strides)
    if window == strides and padding == "VALID" and math.prod(window) > _LARGEST:
        return _sum_blocks(x, window, last)
    if _suits(x, window, strides):
        ready = _prepared(x, window, strides, padding, last, 0)
        if ready is not None:
            space = tuple(ready.shape[1:-1])
            out = _primitives()[0].bind(ready, window=window, strides=strides, space=space)
            return out if last else jnp.moveaxis(out, -1, 1)
    return lax.reduce_window(
        x, x.dtype.type(0), lax.add, _all_axes(window, last), _all_axes(strides, last), padding
    )


def _sum_blocks(x: Any, window: tuple[int, ...], last: bool) -> Any:
    """The sum of large windows side by side, whose gradient is a broadcast."""
    first = 1 if last else 2
    shape = list(x.shape[:first])
    for axis, size in enumerate(window, first):
        count = x.shape[axis] // size
        x = lax.slice_in_dim(x, 0, count * size, axis=axis)
        shape += [count, size]
    blocks = x.reshape((*shape, *x.shape[first + len(window) :]))
    return jnp.sum(blocks, tuple(range(first + 1, first + 2 * len(window), 2)))
