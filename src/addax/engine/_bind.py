"""The one purification: imperative code with variables becomes a pure function, which can then be compiled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from addax.core import context, dtypes, tree
from addax.core.errors import message
from addax.engine._jax import jax, jnp, lax
from addax.engine._symbolic import SymbolicTensor
from addax.engine._tensor import Tensor, is_concrete
from addax.engine._variable import Variable


class Bindings:
    """The values that variables have while pure code runs, and which of them it wrote.

    Args:
        values: Variable -> raw array.
        parent: The bindings outside of these; a variable that is unknown here is read there.
    """

    def __init__(self, values: dict[Variable, Any], parent: Bindings | None = None) -> None:
        self.values = values
        self.parent = parent
        self.written: dict[Variable, Any] = {}
        self.unknown: dict[Variable, None] = {}

    def read(self, variable: Variable) -> Any:
        """The value of a variable."""
        if variable in self.values:
            return self.values[variable]
        if self.parent is not None:
            return self.parent.read(variable)
        if is_text(variable):
            return variable._value
        self.unknown[variable] = None
        return variable._value

    def write(self, variable: Variable, raw: Any) -> None:
        """Set the value of a variable."""
        if variable not in self.values and not self._known_outside(variable):
            self.root().unknown[variable] = None
        self.values[variable] = raw
        self.written[variable] = raw

    def _known_outside(self, variable: Variable) -> bool:
        return self.parent is not None and (variable in self.parent.values or self.parent._known_outside(variable))

    def root(self) -> Bindings:
        """The outermost bindings."""
        return self if self.parent is None else self.parent.root()


class ProbeBindings(Bindings):
    """Bindings of shape inference: every variable is abstract, every write is forgotten."""

    def __init__(self) -> None:
        super().__init__({}, None)

    def read(self, variable: Variable) -> Any:
        if variable not in self.values:
            if is_text(variable):
                return variable._value
            self.values[variable] = lax.full(variable._shape, 0, dtypes.numpy_dtype(variable._dtype))
        return self.values[variable]

    def write(self, variable: Variable, raw: Any) -> None:
        self.values[variable] = raw


def is_text(variable: Variable) -> bool:
    """Whether a variable holds strings, which never enter a trace."""
    return variable._dtype == "string"


def pure(fn: Callable, variables: Iterable[Variable]) -> Callable:
    """A function of the variables' values that runs `fn` and also returns what it wrote.

    Args:
        fn: Imperative code that may read and assign `variables`.
        variables: The variables whose values become arguments.

    Returns:
        `run(values, *args, **kwargs) -> (result, written)`, where `written` maps variables to raw arrays.

    Example:
        >>> import addax as keras
        >>> v = keras.Variable(1.0)
        >>> result, written = pure(lambda: v.assign_add(1.0), [v])([np.float32(5.0)])
        >>> float(written[v]), float(v)
        (6.0, 1.0)
    """
    variables = list(variables)

    def run(values: Sequence, *args: Any, **kwargs: Any) -> tuple[Any, dict[Variable, Any]]:
        bindings = Bindings(dict(zip(variables, values, strict=True)), context.current().bindings)
        with context.entered(bindings=bindings):
            result = fn(*args, **kwargs)
        return result, bindings.written

    return run


def value_and_grad(fn: Callable, variables: Sequence[Variable]) -> tuple[Any, Any, list]:
    """Run `fn() -> (loss, aux)` once and differentiate the loss with respect to variables.

    What `fn` writes to any variable is kept.

    Args:
        fn: Imperative code; `loss` is a scalar tensor, `aux` any nest of tensors.
        variables: The variables to differentiate by.

    Returns:
        The loss, aux, and a list of raw gradients in the order of `variables`.
    """
    spec: dict[str, Any] = {}
    run = pure(fn, variables)

    def loss_of(values: list) -> tuple[Any, Any]:
        (loss, aux), written = run(values)
        spec["written"] = list(written)
        leaves, spec["rebuild"] = unwrap(aux)
        return raw_of(loss), (leaves, list(written.values()))

    values = [jnp.asarray(v._raw()) for v in variables]
    (loss, (leaves, written)), grads = jax.value_and_grad(loss_of, has_aux=True)(values)
    for variable, raw in zip(spec["written"], written, strict=True):
        variable._write(raw)
    return Tensor(loss), spec["rebuild"](leaves), grads


def raw_of(value: Any) -> Any:
    """The raw array of a tensor, a variable or anything that converts to one."""
    if type(value) is Tensor:
        return value._value
    if isinstance(value, Tensor):
        return value._value
    if isinstance(value, Variable):
        return value._read()
    return value if hasattr(value, "aval") else jnp.asarray(value)


def unwrap(nest: Any) -> tuple[list, Callable[[Sequence], Any]]:
    """The raw arrays of a nest's tensors, and a function that puts new ones in their places."""
    leaves = tree.flatten(nest)
    where = [i for i, x in enumerate(leaves) if _is_array(x)]
    was_raw = [not isinstance(leaves[i], (Tensor, Variable)) for i in where]
    arrays = [raw_of(leaves[i]) for i in where]
    kept = [None if _is_array(x) else x for x in leaves]
    shell = tree.map_structure(lambda _: None, nest)

    def rebuild(new: Sequence) -> Any:
        full = list(kept)
        for i, raw, value in zip(where, was_raw, new, strict=True):
            full[i] = value if raw else Tensor(value)
        return tree.pack_sequence_as(shell, full)

    return arrays, rebuild


def _is_array(value: Any) -> bool:
    if isinstance(value, Tensor):
        return value.dtype != "string"
    return isinstance(value, Variable) or hasattr(value, "aval")


class _Retrace(Exception):
    """The trace met variables that it did not know; it is made again with them."""


class Compiled:
    """`jit(pure(fn))`: imperative code over variables, compiled, with the variables found by running it.

    Args:
        fn: The imperative code.
        variables: Variables that are known to be touched; others are found while tracing.
        donate: Whether the old values of written variables may be overwritten in place.
        name: For errors.
    """

    def __init__(
        self, fn: Callable, variables: Iterable[Variable] = (), donate: bool = False, name: str = "function"
    ) -> None:
        self.fn = fn
        self.variables: list[Variable] = list(dict.fromkeys(variables))
        self.donate = donate
        self.name = name
        self.traces = 0
        self._jitted: dict[Any, _Executable] = {}

    def __call__(self, *args: Any, static: Any = None) -> Any:
        """Run on a nest of arrays; `static` (hashable) and everything in `args` that is no array fix the trace."""
        leaves, key, place = _split(args)
        key = (key, static)
        while True:
            executable = self._jitted.get(key)
            if executable is None:
                executable = self._jitted[key] = _Executable(self, place, static)
            try:
                return executable(leaves)
            except _Retrace:
                self._jitted.clear()

    def learn(self, unknown: Iterable[Variable]) -> None:
        """Add variables that a trace met."""
        self.variables = list(dict.fromkeys([*self.variables, *unknown]))

    def clear(self) -> None:
        """Forget what was compiled."""
        self._jitted.clear()


class _Executable:
    """One trace of a `Compiled`."""

    def __init__(self, owner: Compiled, place: Callable, static: Any) -> None:
        self.owner, self.place, self.static = owner, place, static
        self.variables = list(owner.variables)
        self.specs: dict[Any, tuple] = {}
        self.run = pure(owner.fn, self.variables)
        options = {"donate_argnums": (0,)} if owner.donate else {}
        self.jitted = jax.jit(self._traced, **options)
        self._last: tuple | None = None

    def _traced(self, values: list, leaves: list) -> tuple[list, list]:
        owner = self.owner
        owner.traces += 1
        args = self.place(leaves)
        holder: dict = {}

        def fn() -> Any:
            holder["bindings"] = context.current().bindings
            kwargs = {} if self.static is None else {"static": self.static}
            return owner.fn(*args, **kwargs)

        with context.entered(tapes=(), bindings=None):
            result, written = pure(fn, self.variables)(values)
        unknown = holder["bindings"].unknown
        if unknown:
            owner.learn(unknown)
            raise _Retrace
        arrays, rebuild = unwrap(result)
        which = [i for i, v in enumerate(self.variables) if v in written or owner.donate]
        self._last = (rebuild, which)
        current = {**dict(zip(self.variables, values, strict=True)), **written}
        return arrays, [_as_stored(self.variables[i], current[self.variables[i]]) for i in which]

    def __call__(self, leaves: list) -> Any:
        values = [self._value(v) for v in self.variables]
        key = tuple((x.shape, x.dtype, getattr(x, "weak_type", False)) if hasattr(x, "dtype") else type(x) for x in leaves)
        arrays, written = self.jitted(values, leaves)
        spec = self.specs.get(key)
        if spec is None:
            spec = self.specs[key] = self._last  # type: ignore[assignment]
        rebuild, which = spec  # type: ignore[misc]
        for i, raw in zip(which, written, strict=True):
            self.variables[i]._write(raw)
        return rebuild(arrays)

    def _value(self, variable: Variable) -> Any:
        value = variable._peek()
        if self.owner.donate and (variable._escaped or isinstance(value, np.ndarray)):
            value = jnp.array(value)  # somebody else may hold the old one
        return value


def _as_stored(variable: Variable, raw: Any) -> Any:
    if tuple(raw.shape) != tuple(variable._shape):
        raise ValueError(
            message(
                f"Variable '{variable.path}' would change its shape.",
                expected=f"shape {tuple(variable._shape)}",
                received=f"shape {tuple(raw.shape)}",
            )
        )
    return raw


def _split(args: Any) -> tuple[list, Any, Callable]:
    """Arrays of the arguments, a hashable key of the rest, and a function that puts arrays back."""
    leaves = tree.flatten(args)
    arrays, markers = [], []
    for x in leaves:
        if isinstance(x, SymbolicTensor):
            raise TypeError("A compiled function was called on a symbolic tensor.")
        if isinstance(x, Tensor):
            if x.dtype == "string":
                markers.append(_Held(x))
            else:
                arrays.append(x._value)
                markers.append(_TENSOR)
        elif isinstance(x, np.ndarray) or hasattr(x, "aval"):
            arrays.append(x)
            markers.append(_RAW if hasattr(x, "aval") else _TENSOR)
        else:
            markers.append(_Held(x))
    shell = tree.map_structure(lambda _: None, args)
    key = (repr(shell), tuple(markers))

    def place(new: Sequence) -> Any:
        iterator = iter(new)
        full = []
        for marker in markers:
            if marker is _TENSOR:
                full.append(Tensor(next(iterator)))
            elif marker is _RAW:
                full.append(next(iterator))
            else:
                full.append(marker.value)
        return tree.pack_sequence_as(shell, full)

    return arrays, key, place


_TENSOR, _RAW = "tensor", "raw"


class _Held:
    """A Python value that is part of the trace: compared by value if it can be hashed, else by identity."""

    __slots__ = ("key", "value")

    def __init__(self, value: Any) -> None:
        self.value = value
        try:
            hash(value)
            self.key = (type(value), value)
        except TypeError:
            self.key = (type(value), id(value))

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, _Held) and self.key == other.key
