"""The one door for operations: `@op` decides what a call means; the function inside sees raw arrays only.

* any symbolic argument: a symbolic result, and a node in the graph;
* raw `jax.Array`s or tracers and no `Tensor`: a raw array, so that `jax.grad` over Addax code works;
* anything else: a `Tensor`, recorded by the tapes that are open.
"""

from __future__ import annotations

import functools
import inspect
import weakref
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import numpy as np

from addax.core import config, context, dtypes
from addax.core.errors import message
from addax.engine import _jax
from addax.engine._arguments import (
    LEAF,
    NUMPY,
    RAW,
    SCALAR,
    Call,
    Composed,
    Symbolic,
    any_tracer,
    call_template,
    kind_of,
    plain_values,
)
from addax.engine._collecting import scoped
from addax.engine._jax import jax, jnp
from addax.engine._tensor import Tensor
from addax.engine._variable import Variable, host_array

F = TypeVar("F", bound=Callable)


class FlatOp:
    """An op with its static arguments fixed: a function of a flat list of arrays, compiled once.

    Attributes:
        fn: The function over raw arrays.
        compilable: Whether `jax.jit` may run it (not if its output shape depends on data).
        taped: Whether tapes record it.
        options: How XLA is to compile it, and its way back.
    """

    __slots__ = ("_compiled", "_pullback", "bound", "compilable", "fn", "name", "options", "taped")

    def __init__(
        self,
        fn: Callable,
        name: str,
        compilable: bool = True,
        taped: bool = True,
        options: dict | None = None,
    ) -> None:
        self.fn = fn
        self.name = name
        self.compilable = compilable
        self.taped = taped
        self.options = options
        self._compiled: Callable | None = None
        self._pullback: FlatOp | None = None
        self.bound: dict[Any, FlatOp] = {}  # forms of a pullback, by which cotangents are missing

    @property
    def compiled(self) -> Callable:
        if self._compiled is None:
            self._compiled = jax.jit(self.fn, compiler_options=self.options) if self.compilable else self.fn
        return self._compiled

    @property
    def pullback(self) -> FlatOp:
        """The op `(arrays, cotangents) -> gradients` that a tape applies; itself differentiable."""
        if self._pullback is None:
            self._pullback = FlatOp(
                functools.partial(_pull_back, self.fn),
                f"{self.name}_gradient",
                self.compilable,
                options=self.options,
            )
        return self._pullback


def inexact(value: Any) -> bool:
    """Whether gradients flow through a raw array."""
    return dtypes.is_float(value.dtype.name) or value.dtype.kind == "c"


def _pull_back(fn: Callable, arrays: list, cotangents: list) -> list:
    """Gradients for the arrays (None for integers), from cotangents of the outputs (None for zero)."""
    arrays = [jnp.asarray(a) for a in arrays]
    where = [i for i, a in enumerate(arrays) if inexact(a)]

    def of_inexact(*values: Any) -> list:
        full = list(arrays)
        for i, value in zip(where, values, strict=True):
            full[i] = value
        return flat_outputs(fn(*full))

    outs, vjp = jax.vjp(of_inexact, *[arrays[i] for i in where])
    grads: list = [None] * len(arrays)
    for i, grad in zip(where, vjp(complete_cotangents(outs, cotangents)), strict=True):
        grads[i] = grad
    return grads


def complete_cotangents(outs: list, cotangents: list) -> list:
    """Cotangents as `jax.vjp` wants them: zeros for None, float0 for integer outputs, the output's dtype."""
    full = []
    for out, cotangent in zip(outs, cotangents, strict=True):
        if not inexact(out):
            full.append(np.zeros(out.shape, jax.dtypes.float0))
        elif cotangent is None:
            full.append(jnp.zeros(out.shape, out.dtype))
        else:
            full.append(jnp.asarray(cotangent, out.dtype))
    return full


def flat_outputs(out: Any) -> list:
    """The arrays of an op's result, in order."""
    return jax.tree_util.tree_leaves(out)


_all: weakref.WeakSet[Op] = weakref.WeakSet()


@config.on_change
def _forget_compiled() -> None:
    for operation in list(_all):
        operation.flat.clear()
        operation.plain.clear()


class Op:
    """What the door knows about one operation.

    Args:
        fn: The function over raw arrays.
        static: Names of parameters that are never arrays (shapes, axes), although they have no default.
        dynamic: Names of parameters that may be arrays, although they have a default.
        lists: Names of parameters that take a list of arrays (as `concatenate` does).
        compilable: False if the output's shape depends on the data.
        taped: False if no gradient ever flows through it, so that tapes do not connect its result to its inputs.
        host: A NumPy function that serves string tensors, or None.
        host_values: Whether the result is a NumPy array that is known at trace time (as `shape`'s is).
    """

    def __init__(
        self,
        fn: Callable,
        *,
        static: Iterable[str] = (),
        dynamic: Iterable[str] = (),
        lists: Iterable[str] = (),
        compilable: bool = True,
        taped: bool = True,
        host: Callable | None = None,
        host_values: bool = False,
        name: str | None = None,
    ) -> None:
        self.fn = fn
        self.name = name or fn.__name__
        self.signature = inspect.signature(fn)
        self.compilable = compilable
        self.taped = taped
        self.host = host
        self.host_values = host_values
        self.lists = frozenset(lists)
        self.dynamic: dict[str, bool] = {}
        for param in self.signature.parameters.values():
            is_dynamic = param.default is inspect.Parameter.empty or param.name in dynamic
            self.dynamic[param.name] = is_dynamic and param.name not in static
        self.positional = [
            p.name
            for p in self.signature.parameters.values()
            if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
        ]
        rest = [p.name for p in self.signature.parameters.values() if p.kind is p.VAR_POSITIONAL]
        self.rest = rest[0] if rest else None
        self.flat: dict[Any, FlatOp] = {}
        self.plain = _Plain(self)
        _all.add(self)

    def __reduce__(self) -> str:
        return self.name

    # The door --------------------------------------------------------------------------------------------
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not kwargs:
            values = plain_values(args)
            if values is not None:
                flat = self.plain[len(args)]
                if flat is not None:
                    return _run_plain(flat, args, values)
        call = Call(self)
        try:
            template = call.template(args, kwargs)
        except Symbolic:
            from addax.engine._infer import symbolic_call

            return symbolic_call(self, args, kwargs)
        except Composed as found:
            return found.value.__addax_op__(self, args, kwargs)
        if call.has_text:
            return self._on_host(args, kwargs)
        return self._run(call, template)

    def _run(self, call: Call, template: tuple) -> Any:
        flat = self.specialised(template)
        if self.host_values:
            return _wrap(flat.fn(*call.values), raw=False)
        out, record = execute(flat, call.leaves, call.values)
        wrapped = _wrap(out, raw=call.has_raw and not call.has_tensor)
        if record is not None:
            record(wrapped)
        return wrapped

    def _on_host(self, args: tuple, kwargs: dict) -> Any:
        if self.host is None:
            raise TypeError(
                message(
                    f"{self.name}() does not take string tensors.",
                    hint="Look the strings up first (StringLookup).",
                )
            )
        names = [*self.positional, *[self.rest] * len(args)]
        args = tuple(self._host_argument(name, value) for name, value in zip(names, args, strict=False))
        kwargs = {name: self._host_argument(name, value) for name, value in kwargs.items()}
        return jax.tree_util.tree_map(lambda x: Tensor(np.asarray(x)), self.host(*args, **kwargs))

    def _host_argument(self, name: Any, value: Any) -> Any:
        """An argument of the NumPy function: arrays for what is dynamic, with strings as bytes."""
        if name in self.lists and type(value) in (list, tuple):
            return type(value)(_host_value(v) for v in value)
        return _host_value(value) if self.dynamic.get(name, False) else _map_arrays(_host_static, value)

    def apply(self, args: tuple, kwargs: dict) -> Any:
        """Run the bare function on raw arrays, as shape inference does."""
        return self.fn(*args, **kwargs)

    def specialised(self, template: tuple) -> FlatOp:
        """The flat op for a template of arguments."""
        try:
            found = self.flat.get(template)
        except TypeError:  # an unhashable static argument: nothing to reuse
            return FlatOp(functools.partial(call_template, self.fn, template), self.name, compilable=False)
        if found is None:
            fn = functools.partial(call_template, self.fn, template)
            found = FlatOp(fn, self.name, self.compilable, self.taped)
            self.flat[template] = found
        return found


class _Plain(dict):
    """Number of arguments -> the flat op for that many tensors by position; None where they go the longer way."""

    def __init__(self, op: Op) -> None:
        self._op = weakref.ref(op)

    def __missing__(self, count: int) -> FlatOp | None:
        op = self._op()
        assert op is not None
        names = op.positional[:count]
        plain = (
            len(names) == count
            and not op.host_values
            and all(op.dynamic[n] and n not in op.lists for n in names)
        )
        self[count] = op.specialised(((LEAF,) * count, ())) if plain else None
        return self[count]


def _run_plain(flat: FlatOp, args: tuple, values: list) -> Any:
    out, record = execute(flat, args, values)
    wrapped = Tensor(out) if kind_of(out) == RAW else _wrap(out, raw=False)
    if record is not None:
        record(wrapped)
    return wrapped


def execute(flat: FlatOp, leaves: Sequence, values: list) -> tuple[Any, Callable | None]:
    """Run a flat op on raw values, the right way for where we are.

    Returns:
        The raw result, and a function that records the wrapped result on the open tapes (or None).
    """
    tapes = context.current().tapes if flat.taped else ()
    if tapes:
        tapes = tuple(t for t in tapes if t._wants(leaves))
    try:
        if _jax.not_tracing():
            out = flat.compiled(*values)
        elif any_tracer(values):
            if len(tapes) == 1 and len(context.current().tapes) == 1:
                return _trace_with_residuals(flat, leaves, values, tapes[0])
            out = scoped(flat.fn, flat.name)(*values)
        elif _known(values, flat):
            with jax.ensure_compile_time_eval():  # known values stay known inside a trace
                out = flat.fn(*values)
        else:
            out = flat.fn(*values)
    except (TypeError, ValueError) as error:
        from addax.engine._blame import explained

        better = explained(error, flat.name, values)
        if better is None:
            raise
        raise better from None
    if not tapes:
        return out, None
    return out, lambda wrapped: [t._record(flat, leaves, values, wrapped) for t in tapes]


def untaped(call: Any, *values: Any) -> Any:
    """An op's raw result on raw arrays, without what the door does for tensors, tapes and text."""
    flat = call.op.specialised(((LEAF,) * len(values), ()))
    return execute(flat, [], list(values))[0]


def _known(values: list, flat: FlatOp) -> bool:
    """Whether an op inside a trace works on values: on arrays that have some, or on integers, as sizes are.

    Creation ops, which are not compilable, do not count: what they fill may be large.
    """
    kinds = {kind_of(v) for v in values}
    if kinds == {SCALAR}:
        return flat.compilable and all(type(v) is int for v in values)
    return bool(kinds & {RAW, NUMPY}) and kinds <= {RAW, NUMPY, SCALAR}


def _trace_with_residuals(flat: FlatOp, leaves: Sequence, values: list, tape: Any) -> tuple[Any, Callable]:
    """Inside a trace with one tape: keep the residuals of the forward pass instead of running it again."""
    values = [jnp.asarray(v) for v in values]
    where = [i for i, v in enumerate(values) if inexact(v)]
    fn = scoped(flat.fn, flat.name)

    def of_inexact(*some: Any) -> Any:
        full = list(values)
        for i, value in zip(where, some, strict=True):
            full[i] = value
        return fn(*full)

    out, vjp = jax.vjp(of_inexact, *[values[i] for i in where])
    outs, treedef = jax.tree_util.tree_flatten(out)

    def pull_back(cotangents: list) -> list:
        grads: list = [None] * len(values)
        full = jax.tree_util.tree_unflatten(treedef, complete_cotangents(outs, cotangents))
        for i, grad in zip(where, vjp(full), strict=True):
            grads[i] = grad
        return grads

    pull_back.flat = flat  # type: ignore[attr-defined] - for a tape that is opened later and watches the way back
    return out, lambda wrapped: tape._record(pull_back, leaves, values, wrapped)


def _wrap(out: Any, raw: bool) -> Any:
    """Tensors (or raw arrays) in the structure of an op's result."""
    if raw:
        return out
    kind = kind_of(out)
    if kind in (RAW, NUMPY):
        return Tensor(out)
    if kind == SCALAR:
        return Tensor(np.asarray(out))
    return jax.tree_util.tree_map(Tensor, out)


def _host_value(value: Any) -> Any:
    """An array (or index) as NumPy functions take it, strings as bytes."""
    if isinstance(value, (Tensor, Variable)):
        value = np.asarray(value)
    if hasattr(value, "_fields"):
        return _map_arrays(_host_static, value)
    if isinstance(value, (str, bytes, list, tuple)) or getattr(value, "dtype", np.dtype(int)).kind in "OSU":
        return host_array(value)
    return value


def _host_static(value: Any) -> Any:
    return np.asarray(value) if isinstance(value, (Tensor, Variable)) else value


def _map_arrays(fn: Callable, value: Any) -> Any:
    if hasattr(value, "_fields"):
        return type(value)(*(_map_arrays(fn, v) for v in value))
    if isinstance(value, (list, tuple)):
        return type(value)(_map_arrays(fn, v) for v in value)
    if isinstance(value, dict):
        return {k: _map_arrays(fn, v) for k, v in value.items()}
    return fn(value)


def op(fn: F | None = None, **options: Any) -> F:
    """Make a function over raw arrays an operation of the library (see `Op` for the options).

    Parameters without a default take arrays, those with one are static, unless the options say otherwise.
    """
    if fn is None:
        return functools.partial(op, **options)  # type: ignore[return-value]
    operation = Op(fn, **options)

    @functools.wraps(fn)
    def call(*args: Any, **kwargs: Any) -> Any:
        return operation(*args, **kwargs)

    call.op = operation  # type: ignore[attr-defined]
    return call  # type: ignore[return-value]
