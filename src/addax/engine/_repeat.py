"""`Repeated`: a compiled step, run many times in one dispatch, a batch of the data each time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from addax.core.garbage import collected_seldom
from addax.engine import _jax
from addax.engine._checks import Check
from addax.engine._compile import Program
from addax.engine._jax import jax, jnp, lax
from addax.engine._pack import unpack
from addax.engine._work import flops, libraries

# XLA's CPU code for these is slow inside of a loop, or they are loops themselves, which need no company.
_SLOW = frozenset(
    (
        "conv_general_dilated",
        "reduce_window",
        "reduce_window_max",
        "select_and_scatter_add",
        "scan",
        "while",
        "fft",
        "sort",
    )
)
_FLOPS = 200e6  # a step of more work than this hides its dispatch


def suits(program: Program) -> bool:
    """Whether many steps in one dispatch pay: the step is short, and made of what runs well inside of a loop.

    The answer depends on the program alone, never on a clock, so that two runs of a script compute the same.
    """
    if any(type(v) is Check for v in program.written) or program.closed.jaxpr.effects:
        return False
    if any(v._dtype == "string" for v in (*program.variables, *program.written)):
        return False
    work = 0.0
    for equation in _jax.equations(program.closed.jaxpr):
        name = equation.primitive.name
        if "callback" in name or name in _SLOW and jax.default_backend() == "cpu":
            return False
        work += flops(equation)
    return work < _FLOPS


class Repeated:
    """Runs a program once for each batch of a chunk, variables carried from step to step.

    Args:
        program: The program of one step.
        limit: The most steps of one dispatch.
        stacked: Whether the data is `limit` batches on top of each other; else it is arrays of samples, and each
            call says which rows make its batches.
        collect: Whether the results of all steps are wanted, their first axes joined (with places for `limit`
            steps), or those of the last one.
        lay_out: What becomes of each array of a batch before the step, so that several devices share it.
    """

    def __init__(
        self,
        program: Program,
        limit: int,
        stacked: bool = False,
        collect: bool = False,
        lay_out: Callable | None = None,
    ) -> None:
        self.program = program
        self.limit = limit
        self._stacked, self._collect, self._lay_out = stacked, collect, lay_out
        batch = program.closed.in_avals[len(program.variables) :]
        self._size = batch[0].shape[0] if batch and batch[0].shape else 0  # of a batch of rows
        places = {id(v): i for i, v in enumerate(program.variables)}
        self._written_at = [places.get(id(v)) for v in program.written]
        written = set(map(id, program.written))
        self._constant_at = [i for i, v in enumerate(program.variables) if id(v) not in written]
        self._jitted = jax.jit(self._loop, donate_argnums=0, compiler_options=program.options)
        self._run: Callable = self._first_run

    def _loop(self, state: list, constants: list, data: list, count: Any, rows: Any) -> tuple[list, list]:
        program, results = self.program, self.program._count

        def step(i: Any, carry: tuple[list, list]) -> tuple[list, list]:
            values: list = [None] * len(program.variables)
            for place, value in zip(self._constant_at, constants, strict=True):
                values[place] = value
            for place, value in zip(self._written_at, carry[0], strict=True):
                if place is not None:
                    values[place] = value
            batch = _batch(data, i, rows, self._size)
            out = program.flat.fn(*values, *(batch if self._lay_out is None else map(self._lay_out, batch)))
            found = out[:results]
            if self._collect:
                pairs = zip(carry[1], found, strict=True)
                found = [lax.dynamic_update_index_in_dim(whole, part, i, 0) for whole, part in pairs]
            return list(out[results:]), list(found)

        lead = (self.limit,) if self._collect else ()
        empty = [jnp.zeros((*lead, *a.shape), a.dtype) for a in program.closed.out_avals[:results]]
        state, found = lax.fori_loop(0, count, step, (state, empty))
        return state, [a.reshape(-1, *a.shape[2:]) for a in found] if self._collect else found

    @property
    def may_overlap(self) -> bool:
        """Whether another thread may run it while its caller goes on: it ran before."""
        return self._run is self._jitted  # programs that call Python are not repeated

    def _first_run(self, *args: Any) -> Any:
        self._run = self._jitted
        with collected_seldom(), libraries(self.program.calls_libraries):  # JAX makes XLA's program now
            return self._jitted(*args)

    def __call__(self, data: Sequence, count: int, rows: np.ndarray | None = None) -> Any:
        """Run `count` steps; give the nest of results.

        Args:
            data: Arrays in the order of the program's arguments, as `stacked` says.
            count: The number of steps, at most `limit`.
            rows: Row numbers of shape `(count, batch)` if the data is not stacked.
        """
        program = self.program
        if rows is not None:
            rows = _starts_or_all(rows)
            index = np.zeros((self.limit, *rows.shape[1:]), np.int32)
            index[:count] = rows
            rows = index
        state = [_owned(v) for v in program.written]
        constants = [program.variables[i]._peek() for i in self._constant_at]
        state, results = self._run(state, constants, list(data), np.int32(count), rows)
        for variable, raw in zip(program.written, state, strict=True):
            variable._write(raw)
        return unpack(program.form, iter(results))


def _starts_or_all(rows: np.ndarray) -> np.ndarray:
    """The first row of each batch, if the others follow it, since slices are copied faster than rows are gathered."""
    first = rows[:, :1]
    return first[:, 0] if np.array_equal(rows, first + np.arange(rows.shape[1])) else rows


def _batch(data: list, i: Any, rows: Any, size: int) -> list:
    """The arrays of step i."""
    if rows is None:
        return [lax.dynamic_index_in_dim(a, i, keepdims=False) for a in data]
    index = lax.dynamic_index_in_dim(rows, i, keepdims=False)
    if not index.shape:
        return [lax.dynamic_slice_in_dim(a, index, size) for a in data]
    return [jnp.take(a, index, axis=0, mode="clip") for a in data]


def _owned(variable: Any) -> Any:
    """The value of a variable in memory that may be overwritten."""
    value = variable._peek()
    if variable._escaped or isinstance(value, np.ndarray) or not _jax.not_tracing():
        return jnp.array(value)
    return value
