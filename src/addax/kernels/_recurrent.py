"""LSTM, GRU and simple recurrences with a backward pass of their own.

These make them faster than a scan that JAX differentiates. Inputs, bias and states meet the weights'
gradients in one matrix product over all steps, outside of the loop. Everything on the way back that does not depend
on the gradient is computed for all steps at once, which leaves few operations to each turn. And sigmoid is tanh at
half the argument, so that the gates of an LSTM are one loop over their elements.

A cell has blocks of `units` columns in its kernels. The blocks of a GRU are update, reset, the state's part of the
candidate and the input's part of it, so that both parts are columns of the same product.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from addax.engine._jax import jax, jnp, lax

__all__ = ["GRU", "LSTM", "SIMPLE", "recurrence"]


class _Simple:
    """`h = tanh(pre)`."""

    scales = (1.0,)  # of the blocks, before tanh
    blocks = 1  # of which the state meets this many
    cuts = ()  # the blocks before which the inputs' part is cut into the arrays that `step` gets

    @staticmethod
    def step(rows: list, product: Any, states: tuple) -> tuple[list, tuple]:
        """What is kept of a step besides the states, and the next states."""
        return [], (jnp.tanh(rows[0] + product),)

    @staticmethod
    def factors(kept: list, before: tuple, after: tuple) -> tuple[list, Any, tuple]:
        """Derivatives by the blocks, of a state by the one before, and what `turn` needs besides."""
        return [1 - after[0] * after[0]], None, ()

    turn = None  # the gradient of the state is what the factors of all blocks are multiplied with


class _LSTM:
    """`c = f * c + i * g`, `h = o * tanh(c)`; blocks i, f, g, o, where sigmoid(x) is `tanh(x / 2) / 2 + 1 / 2`."""

    scales = (0.5, 0.5, 1.0, 0.5)
    blocks = 4
    cuts = ()

    @staticmethod
    def gates(kept: Any) -> tuple:
        i, f, g, o = _parts(kept, 4)
        return _sigmoid(i), _sigmoid(f), g, _sigmoid(o)

    @staticmethod
    def step(rows: list, product: Any, states: tuple) -> tuple[list, tuple]:
        kept = jnp.tanh(rows[0] + product)
        i, f, g, o = _LSTM.gates(kept)
        c = f * states[1] + i * g
        return [kept], (o * jnp.tanh(c), c)

    @staticmethod
    def factors(kept: list, before: tuple, after: tuple) -> tuple[list, Any, tuple]:
        i, f, g, o = _LSTM.gates(kept[0])
        memory = jnp.tanh(after[1])
        blocks = [g * i * (1 - i), before[1] * f * (1 - f), i * (1 - g * g), memory * o * (1 - o)]
        return blocks, None, (o * (1 - memory * memory), f)

    @staticmethod
    def turn(d: tuple, more: tuple) -> tuple[list, tuple]:
        """What the factors of the blocks are multiplied with, and the gradients of the other states."""
        dh, dc = d
        dc = dc + dh * more[0]
        return [dc, dc, dc, dh], (dc * more[1],)


class _GRU:
    """`h = u * h + (1 - u) * n` with `n = tanh(input + r * state)`; blocks u, r, state, input."""

    scales = (0.5, 0.5, 1.0, 1.0)
    blocks = 3
    cuts = (
        2,
        3,
    )  # apart, since XLA does not vectorize the tanh of `n` when it reads several parts of one array

    @staticmethod
    def step(rows: list, product: Any, states: tuple) -> tuple[list, tuple]:
        units = states[0].shape[-1]
        gates = jnp.tanh(rows[0] + product[:, : 2 * units])
        of_state = rows[1] + product[:, 2 * units :]
        u, r = _parts(gates, 2)
        n = jnp.tanh(rows[2] + _sigmoid(r) * of_state)
        return [gates, of_state, n], (n + _sigmoid(u) * (states[0] - n),)

    @staticmethod
    def factors(kept: list, before: tuple, after: tuple) -> tuple[list, Any, tuple]:
        gates, of_state, n = kept
        u, r = map(_sigmoid, _parts(gates, 2))
        of_input = (1 - u) * (1 - n * n)
        blocks = [(before[0] - n) * u * (1 - u), of_input * of_state * r * (1 - r), of_input * r, of_input]
        return blocks, u, ()

    turn = None


SIMPLE, LSTM, GRU = _Simple, _LSTM, _GRU


def recurrence(
    cell: Any, x: Any, states: list, weights: list, valid: Any, sequences: bool, unroll: bool
) -> tuple[Any, list]:
    """Run a cell with the activations tanh and sigmoid over all steps.

    Forward differentiation (`jax.jvp`) is not possible through it; `ops.jvp` takes another way.

    Args:
        cell: `LSTM`, `GRU` (whose reset gate acts after the product) or `SIMPLE`.
        x: Inputs of shape (time, batch, features).
        states: The first states, each of shape (batch, units); the first of them is the output.
        weights: `kernel`, `recurrent_kernel` and `bias` (or None) as the layers have them.
        valid: None, or booleans of shape (time, batch): the states stay where they are false.
        sequences: Whether the states of all steps are wanted.
        unroll: Whether the loop is written out.

    Returns:
        The first state after each step, of shape (time, batch, units), or None; and the last states.
    """
    dtypes = [s.dtype for s in states]
    weights = _in_blocks(cell, weights)
    full = tuple(s.astype(jnp.float32) for s in states)
    mask = None if valid is None else valid[..., None]
    outputs, last = _differentiable(cell, sequences, unroll)(x, mask, full, *weights)
    outputs = outputs.astype(dtypes[0]) if sequences else None
    return outputs, [s.astype(d) for s, d in zip(last, dtypes, strict=True)]


def _in_blocks(cell: Any, weights: list) -> list:
    """Kernel, recurrent kernel and bias with a column for each block."""
    kernel, recurrent, bias = weights
    if cell is not _GRU:
        return [kernel, recurrent, jnp.zeros(kernel.shape[1:], kernel.dtype) if bias is None else bias]
    if bias is None:
        bias = jnp.zeros((2, kernel.shape[1]), kernel.dtype)
    of_input, of_state = (jnp.split(b, 3) for b in bias)
    kernel = jnp.split(kernel, 3, axis=1)
    return [
        jnp.concatenate([*kernel[:2], jnp.zeros_like(kernel[2]), kernel[2]], axis=1),
        recurrent,
        jnp.concatenate([of_input[0] + of_state[0], of_input[1] + of_state[1], of_state[2], of_input[2]]),
    ]


@functools.cache
def _differentiable(cell: Any, sequences: bool, unroll: bool) -> Any:
    """The loop as a function with its own gradient."""

    @jax.custom_vjp
    def run(x: Any, mask: Any, states: tuple, kernel: Any, recurrent: Any, bias: Any) -> tuple:
        outputs, last, _ = _forwards(cell, unroll, sequences, False, x, mask, states, kernel, recurrent, bias)
        return outputs, last

    def forwards(x: Any, mask: Any, states: tuple, kernel: Any, recurrent: Any, bias: Any) -> tuple:
        given = (x, mask, states, kernel, recurrent, bias)
        outputs, last, kept = _forwards(cell, unroll, True, True, *given)
        return (outputs if sequences else None, last), (given, outputs, kept)

    def backwards(saved: tuple, d: tuple) -> tuple:
        return _backwards(cell, unroll, *saved, *d)

    run.defvjp(forwards, backwards)
    return run


def _forwards(
    cell: Any, unroll: bool, sequences: bool, keep: bool, x: Any, mask: Any, states: tuple, *weights: Any
) -> tuple[Any, tuple, Any]:
    """The first state after each step (or None), the last states, and what the way back needs (or None)."""
    kernel, recurrent, bias = weights
    units = states[0].shape[-1]
    scales = np.repeat(np.float32(cell.scales), units)
    rows = _product(_with_ones(x), _scaled(jnp.concatenate([kernel, bias[None]]), scales))
    rows = jnp.split(rows, [cut * units for cut in cell.cuts], -1)
    recurrent = _scaled(recurrent, scales[: recurrent.shape[1]])

    def step(before: tuple, rows: list, valid: Any) -> tuple[list, tuple]:
        kept, after = cell.step(rows, _product(before[0].astype(x.dtype), recurrent), before)
        if mask is not None:
            after = tuple(jnp.where(valid, new, old) for new, old in zip(after, before, strict=True))
        return kept, after

    if not keep:

        def turn(before: tuple, given: tuple) -> tuple[tuple, Any]:
            after = step(before, *given)[1]
            return after, after[0] if sequences else None

        last, outputs = lax.scan(turn, states, (rows, mask), unroll=unroll or 1)
        return outputs, last, None

    # LSTM: what is kept of a step takes the place of its row, which nobody needs again. Where there are several rows,
    # XLA would read one of them once more after that, and so copy all of them in every step.
    in_place = cell is _LSTM

    def keeping(carry: tuple, given: tuple) -> tuple[tuple, list]:
        before, place, stored = carry
        i, row, valid = given
        kept, after = step(before, [_taken(p, i) for p in place] if in_place else row, valid)
        stored = tuple(_put(s, a, i) for s, a in zip(stored, after, strict=True))
        if in_place:
            return (after, [_put(p, k, i) for p, k in zip(place, kept, strict=True)], stored), []
        return (after, place, stored), kept

    # Of different numbers, though they are all overwritten: else XLA makes one and copies it.
    stored = tuple(jnp.full((len(x), *s.shape), float(i), s.dtype) for i, s in enumerate(states))
    steps = (jnp.arange(len(x)), [] if in_place else rows, mask)
    start = (states, rows if in_place else [], stored)
    (last, place, stored), kept = lax.scan(keeping, start, steps, unroll=unroll or 1)
    return stored[0], last, (place if in_place else kept, stored)


def _backwards(
    cell: Any, unroll: bool, given: tuple, outputs: Any, kept: tuple, d_outputs: Any, d_last: tuple
) -> tuple:
    """Gradients of everything given, from those of the outputs (or None) and of the last states."""
    x, mask, states, kernel, recurrent, bias = given
    kept, after = kept
    width = recurrent.shape[1]
    before = tuple(jnp.concatenate([s[None], a[:-1]]) for s, a in zip(states, after, strict=True))
    blocks, stays, more = cell.factors(kept, before, after)
    if mask is not None:
        blocks = [jnp.where(mask, b, 0) for b in blocks]
        stays = jnp.where(mask, 0.0 if stays is None else stays, 1.0)
        more = tuple(jnp.where(mask, m, float(i)) for i, m in enumerate(more))  # of h nothing, of c all
    factors = jnp.concatenate(blocks[: cell.blocks], axis=-1)
    transposed = recurrent.T

    in_place = cell is _LSTM  # as forwards: what a turn finds takes the place of its factors

    def turn(carry: tuple, given: tuple) -> tuple[tuple, Any]:
        (dh, *others), place = carry
        i, factor, stay, more, d_output = given
        factor = _taken(place, i) if in_place else factor
        dh = dh if d_output is None else dh + d_output
        if cell.turn is None:
            d_row, found = _times(dh, factor), dh
        else:
            d_blocks, others = cell.turn((dh, *others), more)
            d_row = found = jnp.concatenate(d_blocks, axis=-1) * factor
        before = _product(d_row.astype(x.dtype), transposed)
        states = (before if stay is None else before + dh * stay, *others)
        return (states, _put(place, found, i) if in_place else None), None if in_place else found

    rows = (jnp.arange(len(x)), None if in_place else factors, stays, more, d_outputs)
    start = (d_last, factors if in_place else None)
    (d_states, place), found = lax.scan(turn, start, rows, reverse=True, unroll=unroll or 1)
    d_rows: Any = place if in_place else found
    rest = [(d_rows * block).astype(x.dtype) for block in blocks[cell.blocks :]]  # not met by the state
    d_rows = (d_rows if cell.turn is not None else _times(d_rows, factors)).astype(x.dtype)
    ones = _with_ones(x)
    d_weights = _over_steps(jnp.concatenate([ones, before[0].astype(x.dtype)], axis=-1), d_rows)
    d_kernel, d_recurrent = jnp.split(d_weights, [ones.shape[-1]])
    d_kernel = jnp.concatenate([d_kernel, *[_over_steps(ones, d) for d in rest]], axis=-1)
    d_x = _dot(d_rows, kernel[:, :width], ((2,), (1,)))
    for i, d in enumerate(rest):
        d_x = d_x + _dot(d, _parts(kernel, len(blocks))[cell.blocks + i], ((2,), (1,)))
    return (
        d_x.astype(x.dtype),
        None,
        d_states,
        d_kernel[:-1].astype(kernel.dtype),
        d_recurrent.astype(recurrent.dtype),
        d_kernel[-1].astype(bias.dtype),
    )


def _taken(array: Any, i: Any) -> Any:
    return lax.dynamic_index_in_dim(array, i, keepdims=False, allow_negative_indices=False)


def _put(array: Any, row: Any, i: Any) -> Any:
    return lax.dynamic_update_index_in_dim(array, row, i, 0, allow_negative_indices=False)


def _over_steps(x: Any, d: Any) -> Any:
    """The gradient of a kernel that met `x` in all steps."""
    return _dot(x, d, ((0, 1), (0, 1)))


def _with_ones(x: Any) -> Any:
    """`x` with one more feature, which meets the bias."""
    return jnp.concatenate([x, jnp.ones((*x.shape[:2], 1), x.dtype)], axis=-1)


def _product(x: Any, kernel: Any) -> Any:
    return _dot(x, kernel, ((x.ndim - 1,), (0,)))


def _dot(a: Any, b: Any, contracted: tuple) -> Any:
    """A product of arrays of the compute dtype, summed up in 32 bits."""
    return lax.dot_general(a, b.astype(a.dtype), (contracted, ((), ())), preferred_element_type=jnp.float32)


def _scaled(kernel: Any, scales: np.ndarray) -> Any:
    return kernel * jnp.asarray(scales, kernel.dtype)


def _sigmoid(half: Any) -> Any:
    """`sigmoid(x)` from `tanh(x / 2)`."""
    return 0.5 * half + 0.5


def _parts(x: Any, count: int) -> list:
    size = x.shape[-1] // count
    return [x[..., i * size : (i + 1) * size] for i in range(count)]


def _times(dh: Any, factors: Any) -> Any:
    """Each block of the factors times the gradient of the state."""
    blocks = factors.reshape(*dh.shape[:-1], -1, dh.shape[-1])
    return (dh[..., None, :] * blocks).reshape(factors.shape)
