"""Loops over traced values: what goes round, found by tracing the body until its form settles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from addax.core.errors import message
from addax.engine._errors import ShapeNeedsValue
from addax.engine._jax import jax, jnp, lax
from addax.engine._pack import TENSOR, Held, pack, raw_leaves, unpack
from addax.engine._staging import Code, Inputs, Outside, run_as_op, scalar_bool, trace
from addax.engine._state import (
    MaybeReturned,
    NoReturn,
    Undefined,
    form_text,
    is_array,
    is_arraylike,
    is_maybe,
    is_number,
    same_kind,
)
from addax.engine._tensor import Tensor
from addax.engine._variable import host_array

_NOTHING = Held(Undefined("a name"))


class Loop:
    """A loop over traced values: what goes round, found by tracing the body.

    Args:
        body: Takes extra arrays (the index, the element) and the state; gives the next state.
        state: A tuple of nests that goes round.
        names: What the parts of the state are called, for errors.
        extra: Shapes and dtypes of the extra arrays.
    """

    def __init__(self, body: Callable, state: tuple, names: Sequence[str], extra: Sequence = ()) -> None:
        self.names = names
        self.extra = list(extra)
        self.outside = Outside()
        self.missing: list[str] = []  # names that get their first value in the loop
        self.soft: set[int] = set()  # places of arrays that came as Python numbers, so may change their dtype
        leaves: list = []
        self.form = pack(state, leaves, results=True)
        self.leaves = leaves
        self._numbers_to_arrays()
        self.code = self._settle(body)
        self.test: Code | None = None
        self.variables = list(self.code.written)

    def run(self, test: Callable | None, step: Callable, name: str, before: Sequence = ()) -> tuple:
        """Make the loop and give the state after it.

        Args:
            test: Takes the state and gives a traced bool; None if `step` does not need it.
            step: `step(loop, check, turn, carry, consts, before)` runs the loop on raw arrays.
            name: The name of the op.
            before: Leaves that `step` needs besides, such as what is iterated over.
        """
        if test is not None:
            self.test = trace(lambda *arrays: test(self.enter(arrays)), self._avals(), self.outside)
            self.variables = list(dict.fromkeys([*self.variables, *self.test.written]))
        inputs, carry = Inputs(), []
        for leaf in self.leaves:
            carry.append((_stored(leaf), leaf))
        codes = [code for code in (self.code, self.test) if code is not None]
        places = {id(code): [self._place(c, code, inputs) for c in code.consts] for code in codes}
        values = [raw for raw, _ in carry] + [jnp.asarray(v._raw()) for v in self.variables]
        known = [leaf for _, leaf in carry] + list(self.variables)
        width, ahead = len(values), len(before)

        def turn(state: Sequence, consts: Sequence, *extra: Any) -> list:
            out = self.code.run(
                self._consts(places[id(self.code)], state, consts), [*extra, *self._own(state)]
            )
            return self._next(out, state)

        def check(state: Sequence, consts: Sequence) -> Any:
            assert self.test is not None
            out = self.test.run(self._consts(places[id(self.test)], state, consts), self._own(state))
            return scalar_bool(out[0], "The condition of a loop")

        def run(*arrays: Any) -> list:
            start, consts = arrays[ahead : ahead + width], arrays[ahead + width :]
            return step(check, turn, list(start), list(consts), arrays[:ahead])

        tensors = run_as_op(
            run, name, [*before, *known, *inputs.leaves], [*raw_leaves(list(before)), *values, *inputs.values]
        )
        for variable, tensor in zip(self.variables, tensors[len(carry) :], strict=True):
            variable._write(tensor._value)
        return unpack(self.form, iter(tensors[: len(carry)]))

    def enter(self, arrays: Sequence) -> tuple:
        """The state as a nest, with other arrays in it."""
        return unpack(self.form, iter([Tensor(a) for a in arrays]))

    def _avals(self) -> list:
        return [jax.ShapeDtypeStruct(x.shape, x.dtype) for x in map(_stored, self.leaves)]

    def _numbers_to_arrays(self) -> None:
        leaves, given = [], iter(self.leaves)

        def visit(form: Any) -> Any:
            if is_array(form):
                leaves.append(next(given))
                return form
            if type(form) is Held:
                if not is_number(form.value):
                    return form
                self.soft.add(len(leaves))
                leaves.append(Tensor(host_array(form.value)))
                return TENSOR
            if type(form[1]) is Held:
                return (form[0], form[1], visit(form[2]))
            return (form[0], form[1], tuple(visit(child) for child in form[2]))

        self.form = visit(self.form)
        self.leaves = leaves

    def _settle(self, body: Callable) -> Code:
        """Trace the body until what goes in has the form of what comes out."""
        for _ in range(4):
            count = len(self.extra)
            code = trace(
                lambda *arrays, count=count: body(*arrays[:count], self.enter(arrays[count:])),
                [*self.extra, *self._avals()],
                self.outside,
            )
            fit = _Fit(self, code)
            self.form, self.leaves, self.soft = fit.form, fit.leaves, fit.soft
            self.missing += fit.missing
            if not fit.changed:
                self.sources = fit.sources
                return code
        raise TypeError(
            message("The state of this loop changes its form from turn to turn.", received=str(self.names))
        )

    def _place(self, const: Any, code: Code, inputs: Inputs) -> int:
        """Where a const of the code is: -1 - i for the i-th variable of the state, else a place in the inputs."""
        variable = code.reads.get(id(const))
        places = {id(v): i for i, v in enumerate(self.variables)}
        if id(variable) in places:
            return -1 - places[id(variable)]
        return inputs.add(const, self.outside.leaf(const))

    def _consts(self, places: Sequence[int], state: Sequence, consts: Sequence) -> list:
        count = len(self.leaves)
        return [state[count - 1 - p] if p < 0 else consts[p] for p in places]

    def _own(self, state: Sequence) -> Sequence:
        return state[: len(self.leaves)]

    def _next(self, out: Sequence, state: Sequence) -> list:
        result = []
        for source, before in zip(self.sources, self._own(state), strict=True):
            value = jnp.asarray(source.value) if type(source) is Held else out[source]
            result.append(lax.convert_element_type(value, before.dtype))
        written = dict(zip(self.code.written, out[self.code.count :], strict=True))
        for variable, before in zip(self.variables, state[len(self.leaves) :], strict=True):
            result.append(lax.convert_element_type(written.get(variable, before), before.dtype))
        return result


def _stored(leaf: Any) -> Any:
    raw = jnp.asarray(leaf._value if isinstance(leaf, Tensor) else leaf)
    return lax.convert_element_type(raw, raw.dtype)


class _Fit:
    """Compares the state that goes into a loop's body with the state that comes out."""

    def __init__(self, loop: Loop, code: Code) -> None:
        self.loop, self.code = loop, code
        self.leaves: list = []
        self.sources: list = []
        self.soft: set[int] = set()
        self.missing: list[str] = []
        self.changed = False
        self._in = iter(enumerate(loop.leaves))
        self._out = 0
        self._name = ""
        pairs = zip(loop.names or [""] * len(loop.form[2]), loop.form[2], code.form[2], strict=True)
        self.form = (loop.form[0], None, tuple(self._named(name, a, b) for name, a, b in pairs))

    def _named(self, name: str, a: Any, b: Any) -> Any:
        self._name = name
        if a == _NOTHING and b != _NOTHING:
            self.missing.append(name)
        return self._visit(a, b)

    def _visit(self, a: Any, b: Any) -> Any:
        if is_array(a):
            return self._array(b)
        if type(a) is Held:
            return self._held(a, b)
        if is_maybe(a) and not is_maybe(b) and b != Held(NoReturn()):
            b = (MaybeReturned, Held(None), (tuple, None, (b,)))
        if type(b) is not tuple or not same_kind(a, b) or (a[1] is not None and a[1] != b[1]):
            raise self._differs(a, b)
        if type(a[1]) is Held:
            return (a[0], a[1], self._visit(a[2], b[2]))
        return (a[0], a[1], tuple(self._visit(x, y) for x, y in zip(a[2], b[2], strict=True)))

    def _array(self, b: Any) -> Any:
        place, leaf = next(self._in)
        if not is_arraylike(b):
            raise self._differs(TENSOR, b)
        source = self._take(b)
        given = _stored(leaf)
        soft = place in self.loop.soft
        if type(source) is not Held:
            aval = self.code.outputs[source]
            self._check(given, aval, soft)
            if aval.dtype != given.dtype and soft:
                leaf, self.changed = Tensor(given.astype(aval.dtype)), True
        self._keep(leaf, source, soft)
        return TENSOR

    def _check(self, given: Any, aval: Any, soft: bool) -> None:
        if tuple(given.shape) != tuple(aval.shape):
            raise ShapeNeedsValue(
                message(
                    f"'{self._name}' changes its shape in a loop.",
                    expected=f"shape {tuple(given.shape)}, as before the loop",
                    received=f"shape {tuple(aval.shape)} after one turn",
                    hint="Collect values in a tf.TensorArray, or give it its final shape before the loop.",
                )
            )
        if given.dtype != aval.dtype and not soft:
            raise TypeError(
                message(
                    f"'{self._name}' changes its dtype in a loop.",
                    expected=f"dtype {given.dtype.name}, as before the loop",
                    received=f"dtype {aval.dtype.name} after one turn",
                    hint="Cast with tf.cast, or start with a value of the final dtype.",
                )
            )

    def _held(self, a: Held, b: Any) -> Any:
        if type(a.value) is NoReturn and not (type(b) is Held and b == a):
            wrapped = b if is_maybe(b) else (MaybeReturned, Held(None), (tuple, None, (b,)))
            return self._placeholders(wrapped)
        if type(a.value) is Undefined and not (type(b) is Held and type(b.value) is Undefined):
            return self._placeholders(b)
        if type(b) is Held and (a == b or type(a.value) is Undefined):
            return a
        raise self._differs(a, b)

    def _placeholders(self, form: Any) -> Any:
        """Zeros for what gets its first value in the loop."""
        self.changed = True
        if is_arraylike(form):
            source = self._take(form)
            if type(source) is Held:
                self._keep(Tensor(np.zeros_like(host_array(source.value))), source, True)
            else:
                aval = self.code.outputs[source]
                self._keep(Tensor(jnp.zeros(aval.shape, aval.dtype)), source, False)
            return TENSOR
        if type(form) is Held:
            return form
        if type(form[1]) is Held:
            return (form[0], form[1], self._placeholders(form[2]))
        return (form[0], form[1], tuple(self._placeholders(child) for child in form[2]))

    def _take(self, form: Any) -> Any:
        if type(form) is Held:
            return form
        self._out += 1
        return self._out - 1

    def _keep(self, leaf: Any, source: Any, soft: bool) -> None:
        if soft:
            self.soft.add(len(self.leaves))
        self.leaves.append(leaf)
        self.sources.append(source)

    def _differs(self, a: Any, b: Any) -> TypeError:
        return TypeError(
            message(
                f"'{self._name}' changes its kind in a loop over tensors.",
                expected=f"{form_text(a)}, as before the loop",
                received=f"{form_text(b)} after one turn",
            )
        )
