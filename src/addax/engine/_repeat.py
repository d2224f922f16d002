"""`Repeated`: a compiled step, run many times in one dispatch, a batch of the data each time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from addax.core.garbage import collected_seldom
from addax.engine import _jax
from addax.engine._checks import Check
from addax.engine._compile import Program
from addax.engine._grouped import grouped
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
        collect: Whether the results of all steps are wanted, their first axes joined (with places for `places`
            steps), or those of the last one.
        lay_out: What becomes of each array of a batch before the step, so that several devices share it.

    Attributes:
        places: For how many steps it has places: those of whole groups, which may be more than `limit`.
    """

    def __init__(
        self,
        program: Program,
        limit: int,
        collect: bool = False,
        lay_out: Callable | None = None,
    ) -> None:
        self.program = program
        self.limit = limit
        self._collect, self._lay_out = collect, lay_out
        batch = program.closed.in_avals[len(program.variables) :]
        self._size = batch[0].shape[0] if batch and batch[0].shape else 0  # of a batch of rows
        at = {id(v): i for i, v in enumerate(program.variables)}
        self._written_at = [at.get(id(v)) for v in program.written]
        written = set(map(id, program.written))
        self._constant_at = [i for i, v in enumerate(program.variables) if id(v) not in written]
        carried = [place for place in self._written_at if place is not None]
        self._grouped = None if lay_out else grouped(program.closed, carried, len(self._constant_at))
        size = self._grouped.size if self._grouped else 1
        self.places = -(-limit // size) * size
        loop = self._loop_over_groups if self._grouped else self._loop
        self._jitted = jax.jit(loop, donate_argnums=0, compiler_options=program.options)
        self._run: Callable = self._first_run

    @property
    def is_grouped(self) -> bool:
        """Whether it rounds as several batches in one product do, which a single step may not."""
        return self._grouped is not None

    def _loop(self, state: list, constants: list, data: list, count: Any, rows: Any) -> tuple[list, list]:
        program = self.program

        def step(i: Any, carry: tuple[list, list]) -> tuple[list, list]:
            values: list = [None] * len(program.variables)
            for place, value in zip(self._constant_at, constants, strict=True):
                values[place] = value
            for place, value in zip(self._written_at, carry[0], strict=True):
                if place is not None:
                    values[place] = value
            batch = _batch(data, i, rows, self._size)
            out = program.flat.fn(*values, *(batch if self._lay_out is None else map(self._lay_out, batch)))
            return self._carry_on(carry, out, i)

        return self._joined(*lax.fori_loop(0, count, step, (state, self._no_results())))

    def _loop_over_groups(
        self, state: list, constants: list, data: list, count: Any, rows: Any
    ) -> tuple[list, list]:
        grouped = self._grouped
        assert grouped is not None
        size = grouped.size

        def group(j: Any, carry: tuple[list, list]) -> tuple[list, list]:
            start = j * size
            batches = _batches(data, start, size, rows, self._size)
            cut = grouped.early(*constants, *batches)
            if grouped.is_whole and self._collect:
                pairs = zip(carry[1], cut, strict=True)
                return [], [lax.dynamic_update_slice_in_dim(whole, part, start, 0) for whole, part in pairs]

            def step(k: Any, carry: tuple[list, list]) -> tuple[list, list]:
                held = [v for place, v in zip(self._written_at, carry[0], strict=True) if place is not None]
                batch = [lax.dynamic_index_in_dim(a, k, keepdims=False) for a in (*cut, *batches)]
                batch[len(cut) : len(cut)] = constants
                return self._carry_on(carry, grouped.late(*held, *batch), start + k)

            return lax.fori_loop(0, jnp.minimum(size, count - start), step, carry)

        groups = (count + size - 1) // size
        return self._joined(*lax.fori_loop(0, groups, group, (state, self._no_results())))

    def _carry_on(self, carry: tuple[list, list], out: Sequence, i: Any) -> tuple[list, list]:
        """What goes on to the next step, after step i gave `out`."""
        results = self.program._count
        found = list(out[:results])
        if self._collect:
            pairs = zip(carry[1], found, strict=True)
            found = [lax.dynamic_update_index_in_dim(whole, part, i, 0) for whole, part in pairs]
        return list(out[results:]), found

    def _no_results(self) -> list:
        lead = (self.places,) if self._collect else ()
        avals = self.program.closed.out_avals[: self.program._count]
        return [jnp.zeros((*lead, *a.shape), a.dtype) for a in avals]

    def _joined(self, state: list, found: list) -> tuple[list, list]:
        return state, [a.reshape(-1, *a.shape[2:]) for a in found] if self._collect else found

    @property
    def may_overlap(self) -> bool:
        """Whether another thread may run it while its caller goes on: it ran before."""
        return self._run is self._jitted  # programs that call Python are not repeated

    def _first_run(self, *args: Any) -> Any:
        self._run = self._jitted
        with collected_seldom(), libraries(self.program.calls_libraries):  # JAX makes XLA's program now
            return self._jitted(*args)

    def _table(self, rows: np.ndarray) -> np.ndarray:
        """Row numbers with places for all steps, so that one program serves every number of steps."""
        rows = _shortest(rows)
        if not rows.shape:
            return rows
        table = np.zeros((self.places, *rows.shape[1:]), np.int32)
        table[: len(rows)] = rows
        return table

    def __call__(self, data: Sequence, count: int, rows: np.ndarray | None = None) -> Any:
        """Run `count` steps; give the nest of results.

        Args:
            data: Arrays in the order of the program's arguments: of samples, if `rows` are given; else `places`
                batches on top of each other.
            count: The number of steps, at most `limit`.
            rows: Row numbers of shape `(count, batch)`.
        """
        program = self.program
        table = None if rows is None else self._table(rows)
        state = [_owned(v) for v in program.written]
        constants = [program.variables[i]._peek() for i in self._constant_at]
        state, results = self._run(state, constants, list(data), np.int32(count), table)
        for variable, raw in zip(program.written, state, strict=True):
            variable._write(raw)
        return unpack(program.form, iter(results))


def _shortest(rows: np.ndarray) -> np.ndarray:
    """Row numbers as the first of all if the others follow it, or the first of each batch, or all.

    Slices are copied faster than rows are gathered.
    """
    starts = rows[:, 0]
    if not np.array_equal(rows, starts[:, None] + np.arange(rows.shape[1])):
        return rows
    follow = np.array_equal(starts, starts[0] + np.arange(len(starts)) * rows.shape[1])
    return np.asarray(starts[0], np.int32) if follow else starts


def _batch(data: list, i: Any, rows: Any, size: int) -> list:
    """The arrays of step i."""
    if rows is None:
        return [lax.dynamic_index_in_dim(a, i, keepdims=False) for a in data]
    index = lax.dynamic_index_in_dim(rows, i, keepdims=False) if rows.shape else rows + i * size
    if not index.shape:
        return [lax.dynamic_slice_in_dim(a, index, size) for a in data]
    return [jnp.take(a, index, axis=0, mode="clip") for a in data]


def _batches(data: list, first: Any, count: int, rows: Any, size: int) -> list:
    """The arrays of `count` steps from `first` on, on top of each other; what is behind the last row is arbitrary."""
    if rows is None:
        return [lax.dynamic_slice_in_dim(a, first, count) for a in data]

    def put(k: Any, found: list) -> list:
        pairs = zip(found, _batch(data, first + k, rows, size), strict=True)
        return [lax.dynamic_update_index_in_dim(whole, part, k, 0) for whole, part in pairs]

    def one_by_one() -> list:
        empty = [jnp.zeros((count, size, *a.shape[1:]), a.dtype) for a in data]
        return lax.fori_loop(0, count, put, empty)

    def at_once() -> list:
        parts = [lax.dynamic_slice_in_dim(a, rows + first * size, count * size) for a in data]
        return [a.reshape(count, size, *a.shape[1:]) for a in parts]

    length = min(len(a) for a in data)
    if rows.shape or length < count * size:
        return one_by_one()
    return lax.cond(rows + (first + count) * size <= length, at_once, one_by_one)


def _owned(variable: Any) -> Any:
    """The value of a variable in memory that may be overwritten."""
    value = variable._peek()
    if variable._escaped or isinstance(value, np.ndarray) or not _jax.not_tracing():
        return jnp.array(value)
    return value
