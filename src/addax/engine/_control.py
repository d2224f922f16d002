"""Conditionals and loops over traced values, for AutoGraph, `tf.cond` and `tf.while_loop` alike.

The branches are imperative code: they may read and assign variables and use tensors that open tapes watch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from addax.core.errors import message
from addax.engine._errors import ShapeNeedsValue
from addax.engine._jax import jax, jnp, lax
from addax.engine._loops import while_loop as raw_while_loop
from addax.engine._pack import RAW, TENSOR, Composite, Held, pack, raw_leaves, unpack
from addax.engine._staging import Code, Inputs, Outside, run_as_op, trace
from addax.engine._tensor import Tensor
from addax.engine._variable import Variable, host_array

ZERO = object()  # stands for a value that one branch lacks and that nobody will use


class Undefined:
    """The value of a name that has none yet.

    Args:
        name: The name.
        reason: Why it has none, for the error.
    """

    def __init__(self, name: str, reason: str = "is used before it gets a value") -> None:
        self.name, self.reason = name, reason

    def __repr__(self) -> str:
        return f"<undefined {self.name}>"

    def __eq__(self, other: Any) -> bool:
        return type(other) is Undefined

    def __hash__(self) -> int:
        return hash(Undefined)

    def error(self) -> UnboundLocalError:
        """The error of using it."""
        return UnboundLocalError(f"'{self.name}' {self.reason}.")


class NoReturn:
    """The return value of a function that has not returned."""

    def __eq__(self, other: Any) -> bool:
        return type(other) is NoReturn

    def __hash__(self) -> int:
        return hash(NoReturn)


class MaybeReturned(Composite):
    """The return value of a function that has returned on some of the paths: elsewhere it is zeros, never used."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def _parts(self) -> tuple[tuple, Any]:
        return (self.value,), None

    @classmethod
    def _from_parts(cls, parts: tuple, rest: Any) -> MaybeReturned:
        return cls(*parts)


def scalar_bool(value: Any, what: str = "The condition") -> Any:
    """A raw condition as a scalar of dtype bool.

    Raises:
        ValueError: If it has more than one element.
    """
    raw = jnp.asarray(value._value if isinstance(value, Tensor) else value)
    if raw.size != 1:
        raise ValueError(
            message(
                f"{what} has more than one element.",
                expected="a scalar",
                received=f"a tensor of shape {tuple(raw.shape)}",
                hint="Reduce it with tf.reduce_all or tf.reduce_any, or choose by element with tf.where.",
            )
        )
    return raw.reshape(()) if raw.dtype == bool else raw.reshape(()) != 0


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
    merge = _Merge([code.outputs for code in codes], names)
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
        merge: _Merge,
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


class _Merge:
    """What two branches give, brought to one form, one shape and one dtype.

    Attributes:
        pairs: For each array of the merged form, where the two branches have it: a number of an output,
            a Python number, or `ZERO`.
    """

    def __init__(self, outputs: Sequence[list], names: Sequence[str]) -> None:
        self.given = outputs
        self.names = names
        self.pairs: list[tuple] = []
        self.specs: list[tuple] = []
        self._next = [0, 0]
        self._name = ""

    def forms(self, first: Any, second: Any) -> Any:
        """The merged form of two results."""
        if self.names:
            merged = []
            for name, a, b in zip(self.names, first[2], second[2], strict=True):
                self._name = name
                merged.append(self._form(a, b))
            return (tuple, None, tuple(merged))
        return self._form(first, second)

    def outputs(self, which: int, out: Sequence) -> list:
        """The arrays of the merged form, from the outputs of one branch."""
        result = []
        for pair, (shape, dtype) in zip(self.pairs, self.specs, strict=True):
            source = pair[which]
            if source is ZERO:
                result.append(jnp.zeros(shape, dtype))
            elif type(source) is Held:
                result.append(jnp.asarray(source.value, dtype))
            else:
                result.append(lax.convert_element_type(out[source], dtype))
        return result

    def _form(self, a: Any, b: Any) -> Any:
        if _is_array(a) or _is_array(b):
            if _is_arraylike(a) and _is_arraylike(b):
                return self._pair(self._source(0, a), self._source(1, b))
            return self._odd(a, b)
        if type(a) is Held and type(b) is Held:
            if a == b:
                return a
            if _is_arraylike(a) and _is_arraylike(b):
                return self._pair(a, b)
        elif type(a) is tuple and type(b) is tuple and _same_kind(a, b):
            return self._children(a, b)
        return self._odd(a, b)

    def _children(self, a: tuple, b: tuple) -> tuple:
        if type(a[1]) is Held:
            return (a[0], a[1], self._form(a[2], b[2]))
        others = b[2]
        if a[1] is not None and a[1] != b[1]:
            raise self._differ(a, b, "a dict with its keys in the same order in both")
        return (a[0], a[1], tuple(self._form(x, y) for x, y in zip(a[2], others, strict=True)))

    def _odd(self, a: Any, b: Any) -> Any:
        """Two forms that are not alike: one side may lack a value."""
        for which, (form, other) in enumerate(((a, b), (b, a))):
            if type(form) is Held and type(form.value) is Undefined:
                return self._undefined(form.value, other, which)
            if type(form) is Held and type(form.value) is NoReturn:
                if _is_maybe(other):
                    return (MaybeReturned, other[1], self._zeros(other[2], which))
                return (MaybeReturned, Held(None), (tuple, None, (self._zeros(other, which),)))
            if _is_maybe(form) and not _is_maybe(other):
                inner = form[2][2][0]
                return self._form(inner, other) if which == 0 else self._form(other, inner)
        raise self._differ(a, b)

    def _undefined(self, value: Undefined, other: Any, which: int) -> Any:
        name = self._name or value.name
        branch = ("if", "else")[which]
        reason = f"gets a value in one branch of a conditional on a tensor only; set it in the '{branch}' branch too"
        if not name.isidentifier():  # an attribute or item, which must not be left undefined
            raise ValueError(f"'{name}' {reason}.")
        self._zeros(other, which, record=False)
        return Held(Undefined(name, reason))

    def _zeros(self, form: Any, which: int, record: bool = True) -> Any:
        """The form of what only the other side has; this side gives zeros."""
        if _is_array(form) or (type(form) is Held and _is_number(form.value)):
            source = self._source(1 - which, form)
            if not record:
                return form
            return self._pair(*((ZERO, source) if which == 0 else (source, ZERO)))
        if type(form) is Held:
            return form
        if type(form[1]) is Held:
            return (form[0], form[1], self._zeros(form[2], which, record))
        return (form[0], form[1], tuple(self._zeros(child, which, record) for child in form[2]))

    def _source(self, which: int, form: Any) -> Any:
        if type(form) is Held:
            return form
        place = self._next[which]
        self._next[which] += 1
        return place

    def _pair(self, a: Any, b: Any) -> Any:
        specs = [self._spec(which, source) for which, source in enumerate((a, b)) if source is not ZERO]
        strong = [
            s for s, source in zip(specs, (x for x in (a, b) if x is not ZERO)) if type(source) is not Held
        ]
        if len({shape for shape, _ in specs}) > 1:
            raise ShapeNeedsValue(
                message(
                    f"The two branches of a conditional give {self._what()} of different shapes.",
                    received=" and ".join(str(shape) for shape, _ in specs),
                )
            )
        dtypes = {dtype for _, dtype in (strong or specs)}
        if len(dtypes) > 1 and strong:
            raise TypeError(
                message(
                    f"The two branches of a conditional give {self._what()} of different dtypes.",
                    received=" and ".join(np.dtype(dtype).name for _, dtype in specs),
                    hint="Cast them to one dtype with tf.cast.",
                )
            )
        dtype = next(iter(dtypes)) if len(dtypes) == 1 else jnp.result_type(*dtypes)
        self.pairs.append((a, b))
        self.specs.append((specs[0][0], dtype))
        return TENSOR

    def _spec(self, which: int, source: Any) -> tuple:
        if type(source) is Held:
            return ((), host_array(source.value).dtype)
        aval = self.given[which][source]
        return (tuple(aval.shape), aval.dtype)

    def _what(self) -> str:
        return f"'{self._name}'" if self._name else "results"

    def _differ(self, a: Any, b: Any, expected: str = "the same kind of value in both") -> TypeError:
        if self._name.startswith("retval_"):
            return TypeError(
                message(
                    "A function that returns in one branch of a conditional on a tensor must return in the other too.",
                    expected="a value of the same form on every path",
                    received=f"{_form_text(a)} and {_form_text(b)}",
                )
            )
        return TypeError(
            message(
                f"The two branches of a conditional on a tensor give {self._what()} of different kinds.",
                expected=expected,
                received=f"{_form_text(a)} and {_form_text(b)}",
            )
        )


def _is_array(form: Any) -> bool:
    return form is TENSOR or form is RAW


def _is_number(value: Any) -> bool:
    return isinstance(value, (bool, int, float, complex)) and not isinstance(value, str)


def _is_arraylike(form: Any) -> bool:
    return _is_array(form) or (type(form) is Held and _is_number(form.value))


def _is_maybe(form: Any) -> bool:
    return type(form) is tuple and form[0] is MaybeReturned


def _same_kind(a: tuple, b: tuple) -> bool:
    if a[0] is not b[0]:
        return False
    if a[1] is None or type(a[1]) is not Held:
        return len(a[2]) == len(b[2])
    return a[1] == b[1]


def _form_text(form: Any) -> str:
    if _is_array(form):
        return "a tensor"
    if type(form) is Held:
        if isinstance(form.value, (Undefined, NoReturn)):
            return "nothing"
        return f"{form.value!r}"
    return f"a {form[0].__name__}"


# Loops ---------------------------------------------------------------------------------------------------
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
            if _is_array(form):
                leaves.append(next(given))
                return form
            if type(form) is Held:
                if not _is_number(form.value):
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
                lambda *arrays: body(*arrays[:count], self.enter(arrays[count:])),
                [*self.extra, *self._avals()],
                self.outside,
            )
            fit = _Fit(self, code)
            self.form, self.leaves, self.soft = fit.form, fit.leaves, fit.soft
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
        self.changed = False
        self._in = iter(enumerate(loop.leaves))
        self._out = 0
        self._name = ""
        pairs = zip(loop.names or [""] * len(loop.form[2]), loop.form[2], code.form[2], strict=True)
        self.form = (loop.form[0], None, tuple(self._named(name, a, b) for name, a, b in pairs))

    def _named(self, name: str, a: Any, b: Any) -> Any:
        self._name = name
        return self._visit(a, b)

    def _visit(self, a: Any, b: Any) -> Any:
        if _is_array(a):
            return self._array(b)
        if type(a) is Held:
            return self._held(a, b)
        if _is_maybe(a) and not _is_maybe(b) and b != Held(NoReturn()):
            b = (MaybeReturned, Held(None), (tuple, None, (b,)))
        if type(b) is not tuple or not _same_kind(a, b) or (a[1] is not None and a[1] != b[1]):
            raise self._differs(a, b)
        if type(a[1]) is Held:
            return (a[0], a[1], self._visit(a[2], b[2]))
        return (a[0], a[1], tuple(self._visit(x, y) for x, y in zip(a[2], b[2], strict=True)))

    def _array(self, b: Any) -> Any:
        place, leaf = next(self._in)
        if not _is_arraylike(b):
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
            wrapped = b if _is_maybe(b) else (MaybeReturned, Held(None), (tuple, None, (b,)))
            return self._placeholders(wrapped)
        if type(a.value) is Undefined and not (type(b) is Held and type(b.value) is Undefined):
            return self._placeholders(b)
        if type(b) is Held and (a == b or type(a.value) is Undefined):
            return a
        raise self._differs(a, b)

    def _placeholders(self, form: Any) -> Any:
        """Zeros for what gets its first value in the loop."""
        self.changed = True
        if _is_arraylike(form):
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
                expected=f"{_form_text(a)}, as before the loop",
                received=f"{_form_text(b)} after one turn",
            )
        )


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

    def step(check: Callable, turn: Callable, carry: list, consts: list, before: Sequence) -> list:
        return raw_while_loop(check, turn, carry, consts, limit)

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

    def step(check: Callable, turn: Callable, carry: list, consts: list, before: Sequence) -> list:
        return lax.scan(lambda state, x: (turn(state, consts, x), None), carry, before[0])[0]

    return loop.run(None, step, "scan", [xs])
