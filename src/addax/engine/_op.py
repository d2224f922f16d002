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
from addax.engine._jax import jax, jnp
from addax.engine._symbolic import SymbolicTensor
from addax.engine._tensor import Tensor
from addax.engine._variable import Variable, host_array

F = TypeVar("F", bound=Callable)

TENSOR, RAW, VARIABLE, SYMBOLIC, NUMPY, SCALAR, SEQUENCE, DICT, NONE, TEXT, OTHER = range(11)

_ARRAYS = frozenset((TENSOR, RAW, VARIABLE, NUMPY))

_kinds: dict[type, int] = {
    Tensor: TENSOR,
    Variable: VARIABLE,
    SymbolicTensor: SYMBOLIC,
    np.ndarray: NUMPY,
    list: SEQUENCE,
    tuple: SEQUENCE,
    dict: DICT,
    bool: SCALAR,
    int: SCALAR,
    float: SCALAR,
    complex: SCALAR,
    type(None): NONE,
    str: TEXT,
    bytes: TEXT,
}


def kind_of(value: Any) -> int:
    """Which of the kinds above a value is."""
    cls = type(value)
    kind = _kinds.get(cls)
    if kind is None:
        kind = _kinds[cls] = _slow_kind(value)
    return kind


def _slow_kind(value: Any) -> int:
    """The kind of a value of a class that was not met before."""
    by_class = (
        (Tensor, TENSOR),
        (Variable, VARIABLE),
        (SymbolicTensor, SYMBOLIC),
        ((jax.Array, jax.core.Tracer), RAW),
        (np.ndarray, NUMPY),
        ((str, np.str_, np.bytes_), TEXT),
        (np.generic, SCALAR),
        ((list, tuple), SEQUENCE),
        (dict, DICT),
    )
    for classes, kind in by_class:
        if isinstance(value, classes):
            return kind
    if hasattr(value, "__addax_tensor__") or hasattr(value, "__jax_array__") or isinstance(value, type):
        return OTHER
    return NUMPY if hasattr(value, "__array__") else OTHER  # pandas columns, torch tensors


class _Leaf:
    """The place of an array in a template of arguments."""

    def __repr__(self) -> str:
        return "<array>"


LEAF = _Leaf()


class FlatOp:
    """An op with its static arguments fixed: a function of a flat list of arrays, compiled once.

    Attributes:
        fn: The function over raw arrays.
        compilable: Whether `jax.jit` may run it (not if its output shape depends on data).
    """

    __slots__ = ("_compiled", "_pullback", "bound", "compilable", "fn", "name")

    def __init__(self, fn: Callable, name: str, compilable: bool = True) -> None:
        self.fn = fn
        self.name = name
        self.compilable = compilable
        self._compiled: Callable | None = None
        self._pullback: FlatOp | None = None
        self.bound: dict[Any, FlatOp] = {}  # forms of a pullback, by which cotangents are missing

    @property
    def compiled(self) -> Callable:
        if self._compiled is None:
            self._compiled = jax.jit(self.fn) if self.compilable else self.fn
        return self._compiled

    @property
    def pullback(self) -> FlatOp:
        """The op `(arrays, cotangents) -> gradients` that a tape applies; itself differentiable."""
        if self._pullback is None:
            self._pullback = FlatOp(
                functools.partial(_pull_back, self.fn), f"{self.name}_gradient", self.compilable
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
        host: Callable | None = None,
        host_values: bool = False,
        name: str | None = None,
    ) -> None:
        self.fn = fn
        self.name = name or fn.__name__
        self.signature = inspect.signature(fn)
        self.compilable = compilable
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
            values = _plain_values(args)
            if values is not None:
                flat = self.plain[len(args)]
                if flat is not None:
                    return _run_plain(flat, args, values)
        call = _Call(self)
        try:
            template = call.template(args, kwargs)
        except _Symbolic:
            from addax.engine._infer import symbolic_call

            return symbolic_call(self, args, kwargs)
        except _Composed as found:
            return found.value.__addax_op__(self, args, kwargs)
        if call.has_text:
            return self._on_host(args, kwargs)
        return call.run(template)

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
            return FlatOp(functools.partial(_call_template, self.fn, template), self.name, compilable=False)
        if found is None:
            found = FlatOp(functools.partial(_call_template, self.fn, template), self.name, self.compilable)
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


def _plain_values(args: tuple) -> list | None:
    """The raw values of tensors on the device, variables and floats, at least one a tensor; None for all else.

    Most calls are of this kind, and sorting their arguments would cost as much as running them.
    """
    values, tensors = [], False
    for x in args:
        kind = kind_of(x)
        if kind == TENSOR:
            raw = x._value
            tensors = True
        elif kind == VARIABLE:
            raw = x._read()
        elif type(x) is float:
            raw = x
        else:
            return None
        if type(raw) is np.ndarray:
            return None
        values.append(raw)
    return values if tensors else None


def _run_plain(flat: FlatOp, args: tuple, values: list) -> Any:
    out, record = execute(flat, args, values)
    wrapped = Tensor(out) if kind_of(out) == RAW else _wrap(out, raw=False)
    if record is not None:
        record(wrapped)
    return wrapped


class _Symbolic(Exception):
    """Raised while arguments are sorted, when one of them is symbolic."""


class _Composed(Exception):
    """Raised while arguments are sorted, when one says itself what an op means for it (`__addax_op__`)."""

    def __init__(self, value: Any) -> None:
        self.value = value


def _call_template(fn: Callable, template: tuple, *arrays: Any) -> Any:
    """Put arrays back into the places of the template and call."""
    iterator = iter(arrays)
    args, kwargs = template
    return fn(
        *[_fill(item, iterator) for item in args],
        **{name: _fill(item, iterator) for name, item in kwargs},
    )


def _fill(item: Any, arrays: Any) -> Any:
    if item is LEAF:
        return next(arrays)
    if type(item) is _Nest:
        values = [_fill(child, arrays) for child in item.children]
        if item.keys is not None:
            return dict(zip(item.keys, values, strict=True))
        return item.cls(*values) if hasattr(item.cls, "_fields") else item.cls(values)
    if type(item) is _Static:
        return item.value
    return item


class _Nest:
    """A list, tuple or dict of arguments in a template."""

    __slots__ = ("_hash", "children", "cls", "keys")

    def __init__(self, cls: type, children: tuple, keys: tuple | None = None) -> None:
        self.cls, self.children, self.keys = cls, children, keys
        self._hash: int | None = None

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash((self.cls, self.children, self.keys))
        return self._hash

    def __eq__(self, other: Any) -> bool:
        return (
            type(other) is _Nest
            and self.cls is other.cls
            and self.keys == other.keys
            and self.children == other.children
        )


class _Static:
    """A static argument that must not be mixed up with an equal one of another type (`1`, `1.0` and `True`)."""

    __slots__ = ("_key", "value")

    def __init__(self, value: Any, key: Any) -> None:
        self.value, self._key = value, (type(value), key)

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: Any) -> bool:
        return type(other) is _Static and self._key == other._key


class _Call:
    """One passage through the door: sorts the arguments, then runs the op and wraps the result."""

    __slots__ = ("has_raw", "has_tensor", "has_text", "leaves", "op", "values")

    def __init__(self, op: Op) -> None:
        self.op = op
        self.leaves: list = []  # the objects, as the tape knows them
        self.values: list = []  # their raw arrays
        self.has_tensor = self.has_raw = self.has_text = False

    # Sorting the arguments
    def template(self, args: tuple, kwargs: dict) -> tuple:
        op = self.op
        names = op.positional
        if len(args) > len(names) and op.rest is None:
            op.signature.bind(*args, **kwargs)  # raises the TypeError that Python would
        items = []
        for i, value in enumerate(args):
            name = names[i] if i < len(names) else op.rest
            items.append(self._item(name, value))
        if not kwargs:
            return (tuple(items), ())
        return (tuple(items), tuple((name, self._item(name, value)) for name, value in kwargs.items()))

    def _item(self, name: Any, value: Any) -> Any:
        kind = kind_of(value)
        dynamic = self.op.dynamic.get(name, False)
        if kind in _ARRAYS:
            return self._array(kind, value, dynamic)
        if kind == SYMBOLIC:
            raise _Symbolic
        if kind == SCALAR:
            return self._leaf(value, _scalar(value)) if dynamic else _Static(value, value)
        if kind == SEQUENCE:
            return self._sequence(name, value, dynamic)
        if kind == DICT:
            return _Nest(dict, tuple(self._item(name, v) for v in value.values()), tuple(value))
        if kind == TEXT:
            self.has_text = self.has_text or (dynamic and self.op.host is not None)
            return value
        return None if kind == NONE else self._other(name, value)

    def _array(self, kind: int, value: Any, dynamic: bool) -> Any:
        """An argument that holds an array: a leaf, or a Python value where the parameter is static."""
        if not dynamic:
            known = _known_ints(value)
            if known is not None:
                return known
        if kind == TENSOR:
            return self._tensor(value)
        if kind == VARIABLE:
            return self._leaf(value, value._read())
        if kind == NUMPY:
            return self._numpy(value)
        self.has_raw = True
        return self._leaf(value, value)

    def _other(self, name: Any, value: Any) -> Any:
        if hasattr(value, "__addax_op__"):
            raise _Composed(value)
        convert = getattr(value, "__addax_tensor__", None)
        if convert is not None:
            return self._item(name, convert())
        if hasattr(value, "__jax_array__"):
            if not self.op.dynamic.get(name, False) and _jax.is_dimension(value):
                return value
            return self._item(name, value.__jax_array__())
        if isinstance(value, slice):
            return _Slice.of([self._static(v) for v in (value.start, value.stop, value.step)])
        return value

    def _static(self, value: Any) -> Any:
        """A bound of a slice: a Python integer, if the value is known."""
        if value is None or isinstance(value, int):
            return value
        if isinstance(value, SymbolicTensor):
            raise _Symbolic
        return value.__index__() if hasattr(value, "__index__") else value

    def _tensor(self, value: Tensor) -> Any:
        raw = value._value
        if type(raw) is np.ndarray and raw.dtype.kind in "OSU":
            self.has_text = True
        self.has_tensor = True
        self.leaves.append(value)
        self.values.append(raw)
        return LEAF

    def _leaf(self, value: Any, raw: Any) -> Any:
        if type(raw) is np.ndarray and raw.dtype.kind in "OSU":
            self.has_text = True
        self.leaves.append(value)
        self.values.append(raw)
        return LEAF

    def _numpy(self, value: Any) -> Any:
        array = np.asarray(value)
        if array.dtype.kind in "OSU":
            array = host_array(array)
            if array.dtype.kind == "O":
                self.has_text = True
        return self._leaf(value, array)

    def _sequence(self, name: Any, value: Any, dynamic: bool) -> Any:
        op = self.op
        if not dynamic:
            return self._static_sequence(name, value)
        if name in op.lists or name == op.rest:
            return _Nest(_constructor(value), tuple(self._item(name, v) for v in value))
        if _contains_tensor(value):
            return self._item(name, _pack(value))
        array = host_array(value)
        if array.dtype.kind == "O":
            self.has_text = True
        return self._leaf(array, array)

    def _static_sequence(self, name: Any, value: Any) -> Any:
        children = tuple(self._item(name, v) for v in value)
        return _Nest(_constructor(value), children)

    # Running
    def run(self, template: tuple) -> Any:
        flat = self.op.specialised(template)
        if self.op.host_values:
            return _wrap(flat.fn(*self.values), raw=False)
        out, record = execute(flat, self.leaves, self.values)
        wrapped = _wrap(out, raw=self.has_raw and not self.has_tensor)
        if record is not None:
            record(wrapped)
        return wrapped


class _Slice:
    """A slice in a template; Python 3.11 cannot hash slices."""

    __slots__ = ()

    @staticmethod
    def of(parts: list) -> _Static:
        return _Static(slice(*parts), tuple(parts))


def _constructor(value: Any) -> type:
    if hasattr(value, "_fields"):
        return type(value)
    return list if isinstance(value, list) else tuple


def _known_ints(value: Any) -> _Static | None:
    """A static argument (a shape, an axis) that came as an array of integers, if its values are known."""
    raw = (
        value._value if isinstance(value, Tensor) else value._raw() if isinstance(value, Variable) else value
    )
    if not isinstance(raw, np.ndarray) and (_any_tracer([raw]) or not hasattr(raw, "dtype")):
        return None
    if getattr(raw.dtype, "kind", "") not in ("i", "u") or raw.ndim > 1:
        return None
    known = np.asarray(raw).tolist()
    known = tuple(known) if isinstance(known, list) else known
    return _Static(known, known)


def _scalar(value: Any) -> Any:
    if isinstance(value, np.generic):
        return np.asarray(value)
    if type(value) is int and not -(2**31) <= value < 2**31:
        return np.asarray(value, np.uint32 if 0 <= value < 2**32 else np.float32)
    return value


_MARKS = ("__jax_array__", "__addax_tensor__", "__addax_op__")


def _contains_tensor(value: Any) -> bool:
    for item in value:
        kind = kind_of(item)
        if kind in (TENSOR, RAW, VARIABLE, SYMBOLIC) or (kind == SEQUENCE and _contains_tensor(item)):
            return True
        if kind == OTHER and any(hasattr(item, mark) for mark in _MARKS):
            return True
    return False


def _pack(value: Any) -> Any:
    """Stack a list of tensors and numbers where one tensor is wanted, as TensorFlow does."""
    from addax.engine import _operators

    return _operators.stack([_pack(v) if isinstance(v, (list, tuple)) else v for v in value])


def execute(flat: FlatOp, leaves: Sequence, values: list) -> tuple[Any, Callable | None]:
    """Run a flat op on raw values, the right way for where we are.

    Returns:
        The raw result, and a function that records the wrapped result on the open tapes (or None).
    """
    tapes = context.current().tapes
    if tapes:
        tapes = tuple(t for t in tapes if t._wants(leaves))
    if _jax.not_tracing():
        out = flat.compiled(*values)
    elif _any_tracer(values):
        if len(tapes) == 1 and len(context.current().tapes) == 1:
            return _trace_with_residuals(flat, leaves, values, tapes[0])
        out = flat.fn(*values)
    elif _known(values):
        with jax.ensure_compile_time_eval():  # known values stay known inside a trace
            out = flat.fn(*values)
    else:
        out = flat.fn(*values)
    if not tapes:
        return out, None
    return out, lambda wrapped: [t._record(flat, leaves, values, wrapped) for t in tapes]


def untaped(call: Any, *values: Any) -> Any:
    """An op's raw result on raw arrays, without what the door does for tensors, tapes and text."""
    flat = call.op.specialised(((LEAF,) * len(values), ()))
    return execute(flat, [], list(values))[0]


def _known(values: list) -> bool:
    """Whether an op inside a trace works on arrays that have values (creation ops work on none)."""
    kinds = {kind_of(v) for v in values}
    return bool(kinds & {RAW, NUMPY}) and kinds <= {RAW, NUMPY, SCALAR}


def _any_tracer(values: list) -> bool:
    tracer = jax.core.Tracer
    return any(isinstance(v, tracer) for v in values)


def _trace_with_residuals(flat: FlatOp, leaves: Sequence, values: list, tape: Any) -> tuple[Any, Callable]:
    """Inside a trace with one tape: keep the residuals of the forward pass instead of running it again."""
    values = [jnp.asarray(v) for v in values]
    where = [i for i, v in enumerate(values) if inexact(v)]

    def of_inexact(*some: Any) -> Any:
        full = list(values)
        for i, value in zip(where, some, strict=True):
            full[i] = value
        return flat.fn(*full)

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
