"""`Compiled`: imperative code over variables, traced once for each form of its arguments and compiled.

The code runs once, under a trace. A variable that it reads becomes an argument of the program at that moment
(`Bindings.read`), so nobody has to know the variables beforehand.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np

from addax.core import config, context
from addax.core.errors import message
from addax.core.garbage import collected_seldom
from addax.engine import _collecting, _jax, _placement
from addax.engine._bind import Bindings
from addax.engine._checks import Check
from addax.engine._errors import forget_note
from addax.engine._jax import jax, jnp, lax
from addax.engine._memory import make_room
from addax.engine._op import FlatOp, execute
from addax.engine._pack import pack, raw_leaves, unpack
from addax.engine._tensor import Tensor
from addax.engine._variable import Variable
from addax.engine._work import libraries, libraries_pay
from addax.engine.autograph import converted, retrying


class Program:
    """One trace: a pure function of variables and arrays, with what it writes.

    Attributes:
        variables: The variables whose values are its first arguments.
        written: The variables that its last results are stored in.
        created: The variables that came into being during the trace.
        flat: The function over flat arrays, as a tape takes it.
        options: How XLA is to compile it.
        calls_libraries: Whether it may call others than XLA's own.
    """

    def __init__(self, closed: Any, form: Any, written: Sequence[Variable], name: str, donate: bool) -> None:
        self.closed, self.variables = _jax.lift(closed)
        self.form = form
        self.written = list(written)
        self.created: list[Variable] = []
        self._count = len(closed.jaxpr.outvars) - len(self.written)
        self._effects = bool(closed.jaxpr.effects)
        self.options = _jax.loops_compiled(closed.jaxpr)
        self.calls_libraries = libraries_pay(closed.jaxpr)
        self.flat = FlatOp(_jax.closed_call(self.closed), name, options=self.options)
        writes = {id(v) for v in self.written if type(v) is not Check}
        self._donated = frozenset(i for i, v in enumerate(self.variables) if donate and id(v) in writes)
        self._shared = _shared(self.closed.jaxpr, self.variables, self.written, self._count)
        self._only_computes = not (self.written or self._shared or self._effects)
        self._jitted = self.flat.compiled
        if self._donated:
            donated = sorted(self._donated)
            self._jitted = jax.jit(self.flat.fn, donate_argnums=donated, compiler_options=self.options)
        self._ahead: Future | None = None
        self._run: Callable = self._first_run

    @property
    def results(self) -> list:
        """Shapes and dtypes of the arrays in the result."""
        return self.closed.out_avals[: self._count]

    @property
    def is_pure(self) -> bool:
        """Whether a run does nothing but give its results."""
        return not (self.written or self.created or self._effects)

    @functools.cached_property
    def _calls_back(self) -> bool:
        names = (e.primitive.name for e in _jax.equations(self.closed.jaxpr))
        return self._effects or any("callback" in name for name in names)

    @property
    def may_overlap(self) -> bool:
        """Whether another thread may run it while its caller goes on: it ran before, and nobody watches it."""
        watched = any(type(v) is Check for v in self.written) or bool(context.current().tapes)
        return self._run != self._first_run and not watched and not self._calls_back

    def compile_ahead(self) -> None:
        """Compile on another thread, unless that was begun before; the first run waits for it."""
        if self._ahead is None:
            self._ahead = _compiler().submit(self._compile)

    def _compile(self) -> Any:
        with libraries(self.calls_libraries):
            return self._jitted.lower(*self.closed.in_avals).compile()

    def replace(self, flat: FlatOp) -> None:
        """Have another function of the same arguments do the work."""
        self.flat, self._jitted, self._donated, self._ahead = flat, flat.compiled, frozenset(), None
        self._run = self._first_run

    def __call__(self, leaves: list) -> Any:
        """Run on tensors and arrays, write the variables, and give the result as a nest."""
        if _collecting.collected is not None:
            _collecting.note(self)
        arrays = raw_leaves(leaves)
        if context.current().tapes:
            values = [jnp.asarray(v._raw()) for v in self.variables]
            out, record = execute(self.flat, [*self.variables, *leaves], [*values, *arrays])
        else:
            if self._only_computes:
                return unpack(self.form, iter(self._run(*[v._peek() for v in self.variables], *arrays)))
            values = [self._value(i, v) for i, v in enumerate(self.variables)]
            out, record = self._run(*values, *arrays), None
        checks = self._store(out)
        if self._effects:
            jax.effects_barrier()  # what it prints comes before what the caller prints
        for variable, raw in checks:
            variable.settle(raw)
        if record is not None:
            out = [Tensor(raw) for raw in out]
            record(out)
        return unpack(self.form, iter(out))

    def _first_run(self, *arrays: Any) -> list:
        make_room(self._compile, self.closed)
        self._run = self._jitted if self._ahead is None else self._ahead.result()
        with collected_seldom(), libraries(self.calls_libraries):  # JAX makes XLA's program now
            return self._run(*arrays)

    def users_variables(self) -> list[Variable]:
        """The variables that it reads or writes, without those that only serve assertions."""
        return [v for v in (*self.variables, *self.written) if type(v) is not Check]

    def _store(self, out: list) -> list:
        """Write the variables; gives the outcomes of assertions."""
        checks = []
        for variable, raw in zip(self.written, out[self._count :], strict=True):
            if type(variable) is Check:
                checks.append((variable, raw))
            else:
                variable._write(raw)
        for variable in self._shared:
            variable._escaped = True
        return checks

    def _value(self, position: int, variable: Variable) -> Any:
        value = variable._peek()
        if position in self._donated and (variable._escaped or isinstance(value, np.ndarray)):
            return jnp.array(value)  # somebody else may hold the old one
        return value


@functools.cache
def _compiler() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="compile")


def _shared(
    jaxpr: Any, variables: Sequence[Variable], written: Sequence[Variable], count: int
) -> list[Variable]:
    """Variables whose array, after a run, is also that of a result, an argument or another variable.

    JAX hands an argument that comes out unchanged on as the same array, so its memory must not be given away.
    """
    inputs = {id(var): i for i, var in enumerate(jaxpr.invars)}
    places = [id(var) for var in jaxpr.outvars]
    shared = [variables[inputs[p]] for p in places if inputs.get(p, len(variables)) < len(variables)]
    for variable, place in zip(written, places[count:], strict=True):
        if place in inputs or places.count(place) > 1:
            shared.append(variable)
    return shared


class Compiled:
    """Imperative code over variables, compiled for each form of its arguments.

    Args:
        fn: The code. It is called with the nests that `Compiled` is called with, tracers in the tensors.
        variables: Variables that are known to be touched. They need not be named: the trace finds them.
        donate: Whether the old values of written variables may be overwritten in place.
        name: For errors and profiles.
    """

    def __init__(
        self, fn: Callable, variables: Iterable[Variable] = (), donate: bool = False, name: str = "function"
    ) -> None:
        self.fn = fn
        self.donate = donate
        self.name = name
        self.traces = 0
        self._programs: dict[Any, Program] = {}

    def __call__(self, *args: Any, static: Any = None) -> Any:
        """Run on nests of arrays; `static` (hashable) and everything in `args` that is no array fix the trace."""
        leaves: list = []
        form = pack(args, leaves)
        return self.program(form, leaves, static)(leaves)

    def program(self, form: Any, leaves: list, static: Any = None) -> Program:
        """The program for arguments of this form, traced if it is new.

        Args:
            form: What the arguments are but for their arrays; it can be hashed.
            leaves: The arrays of the arguments.
            static: A further part of the key, which the function gets as `static=` if it is not None.
        """
        leaves = raw_leaves(leaves)
        key = (form, static, surroundings(), tuple([(x.shape, x.dtype) for x in leaves]))
        found = self._programs.get(key)
        if found is None:
            found = self._programs[key] = self._trace(form, leaves, static)
        return found

    def _trace(self, form: Any, leaves: list, static: Any) -> Program:
        kwargs = {} if static is None else {"static": static}
        specs = [jax.ShapeDtypeStruct(x.shape, _canonical(x.dtype)) for x in leaves]
        self.traces += 1
        run = lambda *args: converted(self.fn)(*args, **kwargs)  # noqa: E731
        return retrying(lambda: trace(run, form, specs, self.name, self.donate))

    @property
    def variables(self) -> list[Variable]:
        """The variables met so far."""
        found = [v for p in self._programs.values() for v in p.users_variables()]
        return list(dict.fromkeys(found))

    def clear(self) -> None:
        """Forget what was compiled."""
        self._programs.clear()


def surroundings() -> tuple:
    """What else a trace depends on: the training flag, the dtypes, the devices and the replica in force."""
    now = context.current()
    return (now.training, now.autocast, config.floatx(), _placement.in_force(), now.replica)


def _canonical(dtype: Any) -> Any:
    return jax.dtypes.canonicalize_dtype(dtype) if isinstance(dtype, np.dtype) else dtype


@collected_seldom()
def trace(fn: Callable, form: Any, specs: Sequence, name: str, donate: bool = False) -> Program:
    """Run `fn` once, on arguments of a form with abstract arrays.

    Args:
        fn: Imperative code.
        form: The form of its positional arguments, as `pack` gives it.
        specs: Shapes and dtypes of the arrays in them.
        name: For errors and profiles.
        donate: Whether the old values of written variables may be overwritten in place.
    """
    seen: dict[str, Any] = {}

    def run(*arrays: Any) -> list:
        bindings = Bindings({}, lift=True)
        with context.entered(tapes=(), bindings=bindings, call=None):
            outputs: list = []
            seen["form"] = pack(fn(*unpack(form, iter(arrays))), outputs, results=True)
        seen["written"] = list(bindings.written)
        seen["created"] = [v for v in bindings.created if type(v) is not Check]
        return [*raw_leaves(outputs), *(_as_stored(v, raw) for v, raw in bindings.written.items())]

    run.__name__ = name
    try:
        closed = jax.make_jaxpr(run)(*specs)
    except Exception as error:
        forget_note(error)
        raise
    program = Program(closed, seen["form"], seen["written"], name, donate)
    program.created = seen["created"]
    return program


def _as_stored(variable: Variable, raw: Any) -> Any:
    if tuple(raw.shape) != tuple(variable._shape):
        raise ValueError(
            message(
                f"Variable '{variable.path}' would change its shape.",
                expected=f"shape {tuple(variable._shape)}",
                received=f"shape {tuple(raw.shape)}",
            )
        )
    raw = lax.convert_element_type(raw, _canonical(variable._value.dtype))  # never weakly typed
    return _placement.placed(raw, getattr(variable, "_layout", None))
