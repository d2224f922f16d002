"""Conditionals and loops over traced values, for AutoGraph, `tf.cond` and `tf.while_loop` alike.

The branches are imperative code: they may read and assign variables and use tensors that open tapes watch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from addax.engine._checks import check
from addax.engine._jax import jax, jnp, lax
from addax.engine._loop import Loop
from addax.engine._loops import while_loop as raw_while_loop
from addax.engine._merge import Merge
from addax.engine._pack import unpack
from addax.engine._staging import Code, Inputs, Outside, run_as_op, scalar_bool, trace
from addax.engine._state import MaybeReturned, NoReturn, Undefined
from addax.engine._tensor import Tensor
from addax.engine._variable import Variable

__all__ = ["MaybeReturned", "NoReturn", "Undefined", "cond", "scalar_bool", "scan", "while_loop"]


# Conditionals --------------------------------------------------------------------------------------------
def cond(condition: Any, true_fn: Callable, false_fn: Callable, names: Sequence[str] = ()) -> Any:
    """The result of one of two functions; the choice is made when the compiled code runs.

    Args:
        condition: A traced scalar.
        true_fn: Takes nothing and gives a nest.
        false_fn: Takes nothing and gives a nest of the same form, shapes and dtypes.
        names: What the parts of the results are called, for errors; the results are then tuples.

    Returns:
        The nest; where both branches give the same Python value, that value.

    Raises:
        TypeError: If the nests differ in form or dtype.
        ShapeNeedsValue: If they differ in shape, which compiled code cannot have.
    """
    outside = Outside()
    codes = [trace(fn, (), outside) for fn in (true_fn, false_fn)]
    merge = Merge([code.outputs for code in codes], names)
    form = merge.forms(codes[0].form, codes[1].form)
    variables = list(dict.fromkeys(v for code in codes for v in code.written))
    inputs = Inputs()
    inputs.add(scalar_bool(condition), condition)
    places = [[inputs.add(c, outside.leaf(c)) for c in code.consts] for code in codes]
    present = {v: inputs.add(jnp.asarray(v._raw()), v) for v in variables}

    def run(*values: Any) -> tuple:
        sides = [_Side(code, places[i], merge, i, variables, present) for i, code in enumerate(codes)]
        return lax.cond(values[0], *sides, values)

    tensors = run_as_op(run, "cond", inputs.leaves, inputs.values)
    count = len(merge.pairs)
    for variable, tensor in zip(variables, tensors[count:], strict=True):
        variable._write(tensor._value)
    return unpack(form, iter(tensors))


class _Side:
    """One branch as `lax.cond` takes it."""

    def __init__(
        self,
        code: Code,
        places: list[int],
        merge: Merge,
        which: int,
        variables: list[Variable],
        present: dict,
    ) -> None:
        self.code, self.places, self.merge, self.which = code, places, merge, which
        self.variables, self.present = variables, present

    def __call__(self, values: Sequence) -> tuple:
        out = self.code.run([values[i] for i in self.places])
        written = dict(zip(self.code.written, out[self.code.count :], strict=True))
        result = self.merge.outputs(self.which, out)
        for variable in self.variables:
            value = written.get(variable, values[self.present[variable]])
            result.append(lax.convert_element_type(value, values[self.present[variable]].dtype))
        return tuple(result)


# Loops ----------------------------------------------------------------------------------------------------
def while_loop(
    test: Callable, body: Callable, state: tuple, names: Sequence[str] = (), limit: int | None = None
) -> tuple:
    """Run `state = body(state)` while `test(state)` holds, as one op of the compiled code.

    It has a gradient, although the number of turns is not known beforehand (see `engine._loops`).

    Args:
        test: Takes the state and gives a scalar.
        body: Takes the state and gives the next, of the same form, shapes and dtypes.
        state: A tuple of nests.
        names: What the parts of the state are called, for errors.
        limit: The largest number of turns, or None.
    """
    loop = Loop(body, tuple(state), names)
    if loop.missing:  # in a nest such as a TensorArray what was not written is zero, as it is in TensorFlow
        name = loop.missing[0]
        check(
            scalar_bool(test(tuple(state))),
            UnboundLocalError,
            f"'{name}' gets its value in a loop that made no turn.",
        )

    def step(proceed: Callable, turn: Callable, carry: list, consts: list, before: Sequence) -> list:
        return raw_while_loop(proceed, turn, carry, consts, limit)

    return loop.run(test, step, "while_loop")


def scan(body: Callable, xs: Any, state: tuple, names: Sequence[str] = ()) -> tuple:
    """Run `state = body(x, state)` for each `x` of the first axis of `xs`, as one op of the compiled code.

    Args:
        body: Takes an element (a raw array) and the state; gives the next state.
        xs: A tensor of rank 1 at least.
        state: A tuple of nests.
        names: What the parts of the state are called, for errors.
    """
    raw = jnp.asarray(xs._value if isinstance(xs, Tensor) else xs)
    loop = Loop(body, tuple(state), names, [jax.ShapeDtypeStruct(raw.shape[1:], raw.dtype)])

    def step(proceed: Callable, turn: Callable, carry: list, consts: list, before: Sequence) -> list:
        return lax.scan(lambda state, x: (turn(state, consts, x), None), carry, before[0])[0]

    return loop.run(None, step, "scan", [xs])
