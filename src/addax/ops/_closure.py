"""Runs a caller's Python functions inside one operation of JAX: what they touch becomes input and output.

The functions may read and assign variables, and use tensors from around them; `perform` finds both.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from addax.core import context, tree
from addax.core.errors import message
from addax.engine import Bindings, Tensor, Variable
from addax.engine import _jax as _engine_jax
from addax.engine._bind import is_text
from addax.engine._jax import jax, jnp
from addax.engine._op import FlatOp, _trace_with_residuals
from addax.engine._variable import host_array


class Nest:
    """A nest whose arrays can be taken out and put back; what is no array stays.

    Args:
        nest: Tensors, arrays, numbers and anything else, in tuples, lists and dicts.
        chosen: Which leaves count as arrays; `is_array` if None.
    """

    def __init__(self, nest: Any, chosen: Callable[[Any], bool] | None = None) -> None:
        chosen = chosen or is_array
        self.leaves = tree.flatten(nest)
        self.shell = tree.map_structure(lambda _: None, nest)
        self.where = [i for i, x in enumerate(self.leaves) if chosen(x)]
        self.objects = [self.leaves[i] for i in self.where]
        self.raw_inputs = [hasattr(x, "aval") for x in self.objects]
        self.kept = [None if chosen(x) else x for x in self.leaves]

    @property
    def raws(self) -> list:
        """The arrays, in order."""
        return [raw_value(x) for x in self.objects]

    def fill(self, raws: Sequence) -> Any:
        """The nest with other arrays: raw where it held raw ones, tensors elsewhere."""
        full = list(self.kept)
        for i, was_raw, value in zip(self.where, self.raw_inputs, raws, strict=True):
            full[i] = value if was_raw else Tensor(value)
        return tree.pack_sequence_as(self.shell, full)

    def put(self, objects: Sequence) -> Any:
        """The nest with other objects in the places of its arrays, as they are."""
        full = list(self.kept)
        for i, value in zip(self.where, objects, strict=True):
            full[i] = value
        return tree.pack_sequence_as(self.shell, full)


def is_array(x: Any) -> bool:
    """Whether a leaf takes part in a computation: numbers and numeric tensors do; text and None do not."""
    if isinstance(x, (Tensor, Variable)):
        return x.dtype != "string"
    if isinstance(x, np.ndarray):
        return x.dtype.kind not in "OSU"
    return isinstance(x, (bool, int, float, complex, np.number, np.bool_)) or hasattr(x, "aval")


def raw_value(x: Any) -> Any:
    """The raw array of a leaf."""
    if isinstance(x, Tensor):
        return jnp.asarray(x._value)
    if isinstance(x, Variable):
        return jnp.asarray(x._read())
    return x if hasattr(x, "aval") else jnp.asarray(host_array(x))


class _Again(Exception):
    """A function touched something new; the operation is traced again with it."""


class Scope:
    """What the functions of one operation touch, and the values they see while it runs.

    Args:
        explicit: Whether variables that are only read become inputs, too.
    """

    def __init__(self, explicit: bool) -> None:
        self.explicit = explicit
        self.variables: dict[Variable, None] = {}
        self.written: dict[Variable, None] = {}
        self.tensors: dict[int, Tensor] = {}
        self.grown = False
        self.context = context.current()
        self.values: dict[Variable, Any] = {}
        self.last: list = []

    def start(self) -> list:
        """The first values of the variables that are written, for a carry."""
        return [self.values[v] for v in self.written]

    def call(self, fn: Callable, args: Sequence, state: Sequence) -> tuple[Any, list]:
        """Run a function with some values of the written variables.

        Returns:
            The function's result, and the values of the written variables after it.
        """
        bindings = _ScopeBindings({**self.values, **dict(zip(self.written, state, strict=True))}, self)
        outer = self.context
        watcher = _Watcher(self, outer.tapes)
        current = outer._replace(bindings=bindings, tapes=(watcher,) if outer.tapes else ())
        with context.entered(**current._asdict()):
            result = tree.map_structure(lambda x: x.value if isinstance(x, Variable) else x, fn(*args))
            watcher._wants(tree.flatten(result))
        if self.grown:
            raise _Again
        return result, [bindings.values[v] for v in self.written]

    def note_read(self, variable: Variable) -> None:
        """Make a variable an input of the operation."""
        if self.explicit and variable not in self.variables:
            self.variables[variable] = None
            self.grown = True

    def note_written(self, variable: Variable) -> None:
        """Make a variable an input and an output of the operation."""
        if variable not in self.written:
            self.variables[variable] = self.written[variable] = None
            self.grown = True

    def note_tensor(self, tensor: Tensor) -> None:
        """Make a tensor that a function uses from around it an input of the operation."""
        self.tensors[id(tensor)] = tensor
        self.grown = True

    def inputs(self) -> tuple[list, list]:
        """Variables and tensors as a tape knows them, and their raw arrays."""
        bindings = self.context.bindings
        raws = [jnp.asarray(v._raw() if bindings is None else bindings.read(v)) for v in self.variables]
        raws += [jnp.asarray(t._value) for t in self.tensors.values()]
        return [*self.variables, *self.tensors.values()], raws

    @contextlib.contextmanager
    def entered(self, raws: Sequence) -> Iterator[None]:
        """Let variables and tensors have other values (tracers) in a block."""
        count = len(self.variables)
        tensors = list(self.tensors.values())
        before = [t._value for t in tensors]
        self.values = dict(zip(self.variables, raws[:count], strict=True))
        self.last = []
        try:
            for tensor, raw in zip(tensors, raws[count:], strict=True):
                tensor._value = raw
            yield
        finally:
            for tensor, raw in zip(tensors, before, strict=True):
                tensor._value = raw


class _ScopeBindings(Bindings):
    """Bindings in a function of an operation: they note what is met."""

    def __init__(self, values: dict[Variable, Any], scope: Scope) -> None:
        super().__init__(values, scope.context.bindings)
        self.scope = scope

    def read(self, variable: Variable) -> Any:
        if variable in self.values:
            return self.values[variable]
        if is_text(variable):
            return variable._value
        self.scope.note_read(variable)
        return variable._device_value() if self.parent is None else self.parent.read(variable)

    def write(self, variable: Variable, raw: Any) -> None:
        self.scope.note_written(variable)
        self.values[variable] = self.written[variable] = raw

    def add_loss(self, loss: Any) -> None:
        """Nothing: a tensor of the function's own means nothing outside of it."""


class _Watcher:
    """Stands for the open tapes inside of an operation: finds the tensors that they watch."""

    def __init__(self, scope: Scope, tapes: tuple) -> None:
        self.scope, self.tapes = scope, tapes

    def _wants(self, leaves: Sequence) -> bool:
        for x in leaves:
            if isinstance(x, Tensor) and id(x) not in self.scope.tensors:
                if any(id(x) in getattr(tape, "_live", ()) for tape in self.tapes):
                    self.scope.note_tensor(x)
        return False

    def _alias(self, old: Any, new: Any) -> None:
        self._wants([old])


def perform(
    name: str, operate: Callable, operands: Nest, compilable: bool = True, explicit: bool = False
) -> Any:
    """Run `operate` as one operation: it is compiled when eager, and recorded as one step on a tape.

    Args:
        name: The operation's name, for errors.
        operate: `operate(scope, raws) -> nest` calls JAX's control flow on the raw operands, calls the user's
            functions by `scope.call`, and leaves the last values of `scope.written` in `scope.last`.
        operands: The operands.
        compilable: Whether eager calls are compiled as a whole.
        explicit: Whether variables that the functions read are inputs even where no tape asks for it.

    Returns:
        The nest that `operate` gave, tensors where it was raw arrays.
    """
    eager = _engine_jax.not_tracing()
    tapes = context.current().tapes
    scope = Scope(explicit=explicit or eager or bool(tapes))
    shape: list = []

    def run(*values: Any) -> list:
        count = len(operands.objects)
        with scope.entered(values[count:]):
            result = operate(scope, list(values[:count]))
        found = Nest(result)
        shape[:] = [found]
        return [*found.raws, *scope.last]

    flat = FlatOp(run, name, compilable)
    leaves, values, outs = _settle(flat, scope, operands, probe=eager or bool(tapes))
    record = None
    if outs is None:
        outs, record = _execute(flat, leaves, values, tapes, eager)
    found = shape[0]
    count = len(found.objects)
    wrapped = [Tensor(x) for x in outs]
    if record is not None:
        record(wrapped)
    for variable, raw in zip(scope.written, outs[count:], strict=True):
        variable._write(raw)
    full = list(found.kept)
    for i, was_raw, out in zip(found.where, found.raw_inputs, wrapped[:count], strict=True):
        full[i] = out._value if was_raw else out
    return tree.pack_sequence_as(found.shell, full)


def _settle(flat: FlatOp, scope: Scope, operands: Nest, probe: bool) -> tuple[list, list, Any]:
    """Trace until nothing new is met: leaves and values of the inputs, and the result if it was computed."""
    raws = operands.raws
    while True:
        scope.grown = False
        leaves, values = scope.inputs()
        values = [*raws, *values]
        try:
            outs = jax.eval_shape(flat.fn, *values) if probe else flat.fn(*values)
        except _Again:
            continue
        return [*operands.objects, *leaves], values, None if probe else outs


def _execute(flat: FlatOp, leaves: list, values: list, tapes: tuple, eager: bool) -> tuple[list, Any]:
    wanting = tuple(t for t in tapes if t._wants(leaves))
    if not eager and len(wanting) == 1:
        return _trace_with_residuals(flat, leaves, values, _Explaining(wanting[0], flat.name))
    outs = flat.compiled(*values) if eager else flat.fn(*values)
    if not wanting:
        return outs, None
    return outs, lambda wrapped: [t._record(flat, leaves, values, wrapped) for t in wanting]


class _Explaining:
    """Stands for a tape: says what to do if there is no gradient of a loop."""

    def __init__(self, tape: Any, name: str) -> None:
        self.tape, self.name = tape, name

    def _record(self, pull_back: Callable, inputs: list, values: list, result: Any) -> None:
        def explained(cotangents: list) -> list:
            try:
                return pull_back(cotangents)
            except ValueError as error:
                if "Reverse-mode differentiation" not in str(error):
                    raise
                raise ValueError(
                    message(
                        f"{self.name}() has no known number of steps, so compiled code cannot go backwards.",
                        hint="Pass maximum_iterations=, or use fori_loop or scan with a fixed length.",
                    )
                ) from error

        self.tape._record(explained, inputs, values, result)
