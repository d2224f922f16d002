"""`Repeated`: a compiled step, run many times in one dispatch over rows of arrays that stay on the device."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from addax.engine import _jax
from addax.engine._checks import Check
from addax.engine._compile import Program
from addax.engine._jax import jax, jnp, lax
from addax.engine._pack import unpack

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
    for equation in _equations(program.closed.jaxpr):
        name = equation.primitive.name
        if "callback" in name or name in _SLOW and jax.default_backend() == "cpu":
            return False
        if name == "dot_general":
            work += _dot_flops(equation)
    return work < _FLOPS


def _equations(jaxpr: Any) -> Iterator[Any]:
    for equation in jaxpr.eqns:
        yield equation
        for value in equation.params.values():
            for inner in value if isinstance(value, (list, tuple)) else (value,):
                inner = getattr(inner, "jaxpr", inner)
                if hasattr(inner, "eqns"):
                    yield from _equations(inner)


def _dot_flops(equation: Any) -> float:
    (contracted, _), _ = equation.params["dimension_numbers"]
    left = equation.invars[0].aval.shape
    return 2.0 * math.prod(left[i] for i in contracted) * math.prod(equation.outvars[0].aval.shape)


class Repeated:
    """Runs a program once for each row of an index array, variables carried from step to step.

    Args:
        program: The program of one step, whose arguments are arrays with the batch on the first axis.
        limit: The most steps of one dispatch.
    """

    def __init__(self, program: Program, limit: int) -> None:
        self.program = program
        self.limit = limit
        places = {id(v): i for i, v in enumerate(program.variables)}
        self._written_at = [places.get(id(v)) for v in program.written]
        written = set(map(id, program.written))
        self._constant_at = [i for i, v in enumerate(program.variables) if id(v) not in written]
        self._jitted = jax.jit(self._loop, donate_argnums=0)

    def _loop(self, state: list, constants: list, data: list, rows: Any, count: Any) -> tuple[list, list]:
        program, results = self.program, self.program._count

        def step(i: Any, carry: tuple[list, list]) -> tuple[list, list]:
            values: list = [None] * len(program.variables)
            for place, value in zip(self._constant_at, constants, strict=True):
                values[place] = value
            for place, value in zip(self._written_at, carry[0], strict=True):
                if place is not None:
                    values[place] = value
            index = lax.dynamic_index_in_dim(rows, i, keepdims=False)
            out = program.flat.fn(*values, *[jnp.take(a, index, axis=0, mode="clip") for a in data])
            return list(out[results:]), list(out[:results])

        shapes = program.closed.out_avals[:results]
        empty = [jnp.zeros(a.shape, a.dtype) for a in shapes]
        return lax.fori_loop(0, count, step, (state, empty))

    def __call__(self, data: Sequence, rows: Sequence[np.ndarray]) -> Any:
        """Run one step for each element of `rows`; give the nest of results of the last one.

        Args:
            data: Arrays on the device, in the order of the program's arguments.
            rows: Row numbers of the batches, at most `limit` of them, all of one length.
        """
        program = self.program
        index = np.zeros((self.limit, len(rows[0])), np.int32)
        index[: len(rows)] = rows
        state = [_owned(v) for v in program.written]
        constants = [jnp.asarray(program.variables[i]._peek()) for i in self._constant_at]
        state, results = self._jitted(state, constants, list(data), index, np.int32(len(rows)))
        for variable, raw in zip(program.written, state, strict=True):
            variable._write(raw)
        return unpack(program.form, iter(results))


def _owned(variable: Any) -> Any:
    """The value of a variable in memory that may be overwritten."""
    value = variable._peek()
    if variable._escaped or isinstance(value, np.ndarray) or not _jax.not_tracing():
        return jnp.array(value)
    return value
