"""Pieces of imperative code traced on their own: the branches of a conditional, the body of a loop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from addax.core import context
from addax.core.errors import message
from addax.engine import _jax
from addax.engine._bind import Bindings
from addax.engine._jax import jax, jnp
from addax.engine._op import FlatOp, execute
from addax.engine._pack import pack, raw_leaves
from addax.engine._tensor import Tensor, is_concrete
from addax.engine._variable import Variable


def staged(value: Any) -> bool:
    """Whether a value is an array that is not known yet, so that Python cannot decide by it."""
    raw = (
        value._value if isinstance(value, Tensor) else value._raw() if isinstance(value, Variable) else value
    )
    return isinstance(raw, jax.core.Tracer)


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


class Code:
    """A traced piece of code: a function of its arguments and of the arrays that it closes over.

    Attributes:
        form: The form of its result (see `engine._pack`).
        count: How many of the outputs belong to the result; the rest are the values of `written`.
        written: The variables that it assigns.
        consts: The arrays that it closes over.
        reads: Which of them are the values of variables: id of the array -> variable.
    """

    def __init__(self, closed: Any, form: Any, bindings: _Own) -> None:
        self._closed = closed
        self.form = form
        self.written = list(bindings.written)
        self.consts = list(closed.consts)
        self.reads = {id(raw): variable for variable, raw in bindings.copies.items()}
        self.outputs = list(closed.out_avals)
        self.count = len(self.outputs) - len(self.written)

    def run(self, consts: Sequence, args: Sequence = ()) -> list:
        """Evaluate it on other arrays in the places of its consts and arguments."""
        return _jax.closed_call(self._closed.replace(consts=list(consts)))(*args)


class _Own(Bindings):
    """The variables of one piece of code.

    A value that it reads is a copy that nothing else holds, so that it can be told from all other arrays.
    """

    def __init__(self, trace: Any) -> None:
        super().__init__({}, context.current().bindings)
        self._around = trace
        self.copies: dict[Variable, Any] = {}

    def read(self, variable: Variable) -> Any:
        """The value of a variable."""
        if variable not in self.values:
            value = variable._value if self.parent is None else self.parent.read(variable)
            if variable._dtype == "string":
                return value
            with _jax.under(self._around):
                self.copies[variable] = self.values[variable] = jnp.array(value)
        return self.values[variable]


class Outside:
    """Stands for the open tapes while a piece of code is traced, and notes which of their tensors it uses."""

    def __init__(self) -> None:
        self.tapes = context.current().tapes
        self._found: dict[
            int, tuple[Any, Any]
        ] = {}  # id of a raw array -> the array, and what the tape knows it by

    def _wants(self, leaves: Sequence) -> bool:
        for x in leaves:
            self.sees(x)
        return False

    def _alias(self, old: Any, new: Any) -> None:
        """Nothing is recorded here, so nothing is known by two names."""

    def sees(self, x: Any) -> bool:
        """Whether a tape outside wants `x`; notes it if so."""
        wanted = [tape.sees(x) if isinstance(tape, Outside) else tape._wants([x]) for tape in self.tapes]
        if not any(wanted):
            return False
        raw = _raw(x)
        self._found[id(raw)] = (raw, x)
        return True

    def leaf(self, raw: Any) -> Any:
        """What the tapes know a raw array by; the array itself if they do not."""
        return self._found[id(raw)][1] if id(raw) in self._found else raw

    def hidden(self, consts: Sequence) -> list[Tensor]:
        """Tensors that the tapes want but whose values the trace took for constants."""
        known = {id(c) for c in consts}
        found = [(raw, x) for raw, x in self._found.values() if id(raw) not in known]
        return [x for raw, x in found if isinstance(x, Tensor) and is_concrete(raw)]


def _raw(x: Any) -> Any:
    return x._raw() if isinstance(x, Variable) else x._value if isinstance(x, Tensor) else x


def trace(fn: Callable, avals: Sequence, outside: Outside) -> Code:
    """Run `fn` once on abstract arrays, with variables bound anew, so that what it writes is found.

    Args:
        fn: Called with raw arrays; it gives a nest.
        avals: Shapes and dtypes of the arrays.
        outside: What notes the tensors of the tapes that are open.
    """
    code = _trace(fn, avals, outside)
    hidden = outside.hidden(code.consts)
    if not hidden:
        return code
    kept = [x._value for x in hidden]
    try:
        for x in hidden:
            x._value = jnp.array(x._value)  # a tracer of the trace around this one
        return _trace(fn, avals, outside)
    finally:
        for x, value in zip(hidden, kept, strict=True):
            x._value = value


def _trace(fn: Callable, avals: Sequence, outside: Outside) -> Code:
    seen: dict[str, Any] = {}
    bindings = _Own(_jax.current_trace())

    def run(*arrays: Any) -> list:
        with context.entered(bindings=bindings, tapes=(outside,) if outside.tapes else ()):
            leaves: list = []
            seen["form"] = pack(fn(*arrays), leaves, results=True)
        return [*raw_leaves(leaves), *bindings.written.values()]

    closed = jax.make_jaxpr(run)(*avals)
    return Code(closed, seen["form"], bindings)


class Inputs:
    """The arrays that several pieces of code close over, each once."""

    def __init__(self) -> None:
        self.values: list = []
        self.leaves: list = []
        self._places: dict[int, int] = {}

    def add(self, value: Any, leaf: Any) -> int:
        """The place of an array, by its identity; `leaf` is what the tapes know it by."""
        place = self._places.get(id(value))
        if place is None:
            place = self._places[id(value)] = len(self.values)
            self.values.append(value)
            self.leaves.append(leaf)
        return place


def run_as_op(fn: Callable, name: str, leaves: Sequence, values: Sequence) -> list:
    """Run a function of flat arrays as one op, which the open tapes record; gives tensors."""
    out, record = execute(FlatOp(fn, name, compilable=False), list(leaves), list(values))
    wrapped = [Tensor(raw) for raw in out]
    if record is not None:
        record(wrapped)
    return wrapped
