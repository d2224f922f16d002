"""A while loop over raw arrays that has a gradient in reverse mode, which `lax.while_loop` lacks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from addax.engine._jax import jax, jnp, lax

_SLOTS = 32  # states kept for the way back; those between are computed again


def while_loop(
    check: Callable, turn: Callable, carry: Sequence, consts: Sequence, limit: int | None = None
) -> list:
    """Repeat `carry = turn(carry, consts)` while `check(carry, consts)`.

    For the gradient the loop is run again: every n/32-th state is kept, and the turns between two of them are
    repeated from there, so the memory does not grow with the number of turns n.

    Args:
        check: Gives a scalar of dtype bool.
        turn: Gives arrays of the shapes and dtypes of `carry`.
        carry: Arrays that go round.
        consts: Arrays that stay as they are.
        limit: The largest number of turns, or None.
    """
    carry, consts = list(carry), list(consts)
    if limit is not None:
        counted = [jnp.asarray(0), *carry]
        out = while_loop(
            lambda c, k: (c[0] < limit) & check(c[1:], k),
            lambda c, k: [c[0] + 1, *turn(c[1:], k)],
            counted,
            consts,
        )
        return out[1:]

    @jax.custom_vjp
    def loop(carry: list, consts: list) -> list:
        return lax.while_loop(lambda c: check(c, consts), lambda c: turn(c, consts), carry)

    def forward(carry: list, consts: list) -> tuple:
        count, out = lax.while_loop(
            lambda c: check(c[1], consts), lambda c: (c[0] + 1, turn(c[1], consts)), (jnp.asarray(0), carry)
        )
        return out, (count, carry, consts)

    def backward(saved: tuple, cotangents: list) -> tuple[list, list]:
        count, start, consts = saved
        return _backward(turn, count, start, consts, cotangents)

    loop.defvjp(forward, backward)
    return list(loop(carry, consts))


def _backward(turn: Callable, count: Any, start: list, consts: list, cotangents: list) -> tuple[list, list]:
    floats = [i for i, x in enumerate(start) if _inexact(x)]
    weights = [i for i, x in enumerate(consts) if _inexact(x)]
    stride = jnp.maximum((count + _SLOTS - 1) // _SLOTS, 1)
    kept = _checkpoints(turn, count, start, consts, stride)

    def pull(carry: tuple) -> tuple:
        k, state_grads, const_grads = carry
        slot = k // stride
        state = [lax.dynamic_index_in_dim(x, slot, keepdims=False) for x in kept]
        state = lax.fori_loop(0, k - slot * stride, lambda _, s: turn(s, consts), state)

        def of_floats(some: list, others: list) -> list:
            out = turn(_with(state, floats, some), _with(consts, weights, others))
            return [out[i] for i in floats]

        _, vjp = jax.vjp(of_floats, [state[i] for i in floats], [consts[i] for i in weights])
        state_grads, more = vjp(state_grads)
        return k - 1, state_grads, [a + b for a, b in zip(const_grads, more, strict=True)]

    first = (count - 1, [cotangents[i] for i in floats], [jnp.zeros_like(consts[i]) for i in weights])
    _, state_grads, const_grads = lax.while_loop(lambda c: c[0] >= 0, pull, first)
    nothing: list = [None] * len(start)
    return _with(nothing, floats, state_grads), _with([None] * len(consts), weights, const_grads)


def _checkpoints(turn: Callable, count: Any, start: list, consts: list, stride: Any) -> list:
    """Every `stride`-th state, stacked."""
    room = [jnp.zeros((_SLOTS, *x.shape), x.dtype) for x in start]

    def keep(k: Any, carry: tuple) -> tuple:
        state, kept = carry
        new = [
            lax.dynamic_update_index_in_dim(b, x, k // stride, 0) for b, x in zip(kept, state, strict=True)
        ]
        kept = [jnp.where(k % stride == 0, a, b) for a, b in zip(new, kept, strict=True)]
        return turn(state, consts), kept

    return lax.fori_loop(0, count, keep, (start, room))[1]


def _with(values: Sequence, places: Sequence[int], new: Sequence) -> list:
    full = list(values)
    for i, value in zip(places, new, strict=True):
        full[i] = value
    return full


def _inexact(x: Any) -> bool:
    return jnp.issubdtype(x.dtype, jnp.inexact)
