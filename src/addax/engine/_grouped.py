"""The part of a step that needs nothing of the steps before it, computed for several batches at once.

A matrix product of 32 rows takes as long to lay out its weights as to use them; of 512 rows it runs at the machine's
rate. Steps that do not learn (`predict`, `evaluate`) meet the same weights in each batch, so all but what they add to
metrics can be computed together, by `vmap`: each batch is still one to the code that was traced.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from addax.engine import _jax
from addax.engine._jax import jax
from addax.engine._work import flops

_ROWS = 512  # of a product, from which on more of them do not make it faster
_WEIGHTS = 1 << 14  # elements of a kernel that takes time to lay out
_BYTES = 1 << 22  # of the largest array of a group; larger ones do not stay near the core
_FLOPS = 256e6  # of a group: it is computed whole, a millisecond or two, where only one batch is wanted


class Grouped(NamedTuple):
    """A step in two parts.

    Attributes:
        size: The number of batches of a group.
        early: A function of the constants and of the arrays of a group, flat, that gives what `late` needs.
        late: A function of the carried values, and for one batch what `early` gave, the constants and the arrays.
        is_whole: Whether `early` already gives the results, and nothing is carried.
    """

    size: int
    early: Callable
    late: Callable
    is_whole: bool


def grouped(closed: Any, carried: Sequence[int], constants: int) -> Grouped | None:
    """A step in two parts, if it pays to compute the first one for several batches at once.

    The answer depends on the program alone.

    Args:
        closed: The program of the step.
        carried: Positions of the arguments that change from step to step, in the order in which `late` gets them.
        constants: The number of other arguments that stay the same; they come before the arrays of a batch.
    """
    jaxpr = closed.jaxpr
    given = [v for i, v in enumerate(jaxpr.invars) if i not in carried]
    early, late, changing = [], [], {jaxpr.invars[i] for i in carried}
    for equation in jaxpr.eqns:
        if any(v in changing for v in _variables(equation.invars)):
            late.append(equation)
            changing.update(equation.outvars)
        else:
            early.append(equation)
    made = {v for equation in early for v in equation.outvars}
    wanted = [v for equation in late for v in _variables(equation.invars)] + _variables(jaxpr.outvars)
    cut = [v for v in dict.fromkeys(wanted) if v in made]
    first = _part(closed, given, cut, early)
    last = _part(closed, [*(jaxpr.invars[i] for i in carried), *cut, *given], jaxpr.outvars, late)
    size = _size(first.jaxpr, set(given[constants:]))
    if size < 2 or any(flops(e) for e in _jax.equations(last.jaxpr)):
        return None
    several = _for_several(first, constants, size)
    if several is None:
        return None
    whole = not carried and not late and list(jaxpr.outvars) == cut
    return Grouped(size, _jax.closed_call(several), _jax.closed_call(last), whole)


def _part(closed: Any, invars: list, outvars: list, equations: list) -> Any:
    """Some equations of a program as a program."""
    names = closed.jaxpr.debug_info.with_unknown_names()
    jaxpr = closed.jaxpr.replace(invars=invars, outvars=outvars, eqns=equations, debug_info=names)
    return closed.replace(jaxpr=jaxpr)


def _variables(atoms: Any) -> list:
    from jax._src.core import Literal  # `jax.extend` would import the whole of Pallas as well

    return [v for v in atoms if not isinstance(v, Literal)]


def _size(jaxpr: Any, arrays: set) -> int:
    """How many batches to compute at once: 1 if no product of theirs with a large kernel gains by it."""
    of_batch, rows, work, largest = set(arrays), 0, 0.0, max((_bytes(v) for v in arrays), default=0)
    for equation in jaxpr.eqns:
        depends = [v in of_batch for v in _variables(equation.invars)]
        if not any(depends):
            continue
        if not all(map(_can_be_joined, _jax.equations_of(equation))):
            return 1
        of_batch.update(equation.outvars)
        largest = max(largest, *map(_bytes, equation.outvars))
        work += sum(map(flops, _jax.equations_of(equation)))
        if equation.primitive.name == "dot_general" and not all(depends):
            rows = max(rows, _rows(equation, depends.index(True)))
    size = 1
    while 0 < rows * size < _ROWS and 2 * size * largest <= _BYTES and 2 * size * work <= _FLOPS:
        size *= 2
    return size


def _bytes(variable: Any) -> int:
    return variable.aval.size * variable.aval.dtype.itemsize


def _rows(product: Any, position: int) -> int:
    """How many rows meet the kernel in a product; 0 if the kernel is small.

    Args:
        product: The equation.
        position: Which of the two is the one with the rows.
    """
    contracted, batch = product.params["dimension_numbers"]
    given, kernel = (product.invars[p].aval for p in (position, 1 - position))
    if kernel.size < _WEIGHTS or batch[0]:
        return 0
    return given.size // math.prod(given.shape[i] for i in contracted[position])


def _can_be_joined(equation: Any) -> bool:
    """Whether an equation is not slower for several batches: neither a convolution nor with branches or turns."""
    return _SLOWER.isdisjoint(equation.primitive.name.split("_"))


_SLOWER = frozenset(("conv", "scan", "while", "cond", "sort", "fft", "linear"))


def _for_several(part: Any, constants: int, size: int) -> Any:
    """A program for `size` batches, on top of each other; None if one of its operations knows no such."""
    batched = [0 if i >= constants else None for i in range(len(part.in_avals))]
    specs = [
        jax.ShapeDtypeStruct(a.shape if axis is None else (size, *a.shape), a.dtype)
        for a, axis in zip(part.in_avals, batched, strict=True)
    ]
    try:
        return jax.make_jaxpr(jax.vmap(_jax.closed_call(part), batched))(*specs)
    except NotImplementedError:
        return None
