"""Calls in rewritten code: user functions are rewritten in turn, builtins get a form for traced tensors."""

from __future__ import annotations

import functools
import sys
import types
from collections.abc import Callable
from typing import Any

from addax.engine._errors import IteratesInPython
from addax.engine._jax import jnp, not_tracing
from addax.engine._staging import staged
from addax.engine._tensor import Tensor
from addax.engine._variable import Variable
from addax.engine.autograph._ranges import DynamicRange
from addax.engine.autograph._search import wants_conversion
from addax.engine.autograph._transpile import CannotConvert, is_rewritten, rewrite

_LIBRARIES = frozenset(
    "addax jax jaxlib numpy malt ml_dtypes scipy pandas matplotlib PIL h5py sklearn absl pytest _pytest IPython "
    "tensorflow keras tf_keras".split()
)
_builtins = frozenset(sys.stdlib_module_names) - {"__main__", "test"}


class FunctionScope:
    """Surrounds the body of a rewritten function."""

    def __init__(self, function_name: str, scope_name: str, options: Any) -> None:
        self.name = scope_name

    def __enter__(self) -> FunctionScope:
        return self

    def __exit__(self, *exc: Any) -> None:
        return None

    def ret(self, value: Any, did_return: Any) -> Any:
        """The value that the function gives."""
        from addax.engine.autograph._operators import returned

        return returned(value)


def with_function_scope(thunk: Callable, scope_name: str, options: Any) -> Any:
    """The body of a rewritten lambda."""
    return thunk(FunctionScope("lambda", scope_name, options))


def autograph_artifact(fn: Any, extras: Any = None) -> Any:
    """Decorates functions that are defined inside of rewritten ones, and so are rewritten themselves."""
    return fn


def is_library(module: str | None) -> bool:
    """Whether code of this module is never rewritten."""
    head = (module or "").partition(".")[0]
    return head in _LIBRARIES or head in _builtins


def function_of(fn: Any) -> types.FunctionType | None:
    """The Python function behind a function, a bound method or a user's callable object; else None."""
    if isinstance(fn, types.MethodType):
        fn = fn.__func__
    elif not isinstance(fn, types.FunctionType) and not isinstance(fn, type):
        fn = getattr(type(fn), "__call__", None)  # noqa: B004 - the method itself is wanted
    return fn if isinstance(fn, types.FunctionType) else None


def convert(fn: Any) -> Any:
    """A function, bound method or callable object, rewritten.

    Raises:
        CannotConvert: If that is not possible.
    """
    if isinstance(fn, functools.partial):
        return functools.partial(convert(fn.func), *fn.args, **fn.keywords)
    if isinstance(fn, types.FunctionType):
        return rewrite(fn)
    inner = function_of(fn)
    if inner is None:
        raise CannotConvert(f"{fn!r} is not a Python function")
    owner = fn.__self__ if isinstance(fn, types.MethodType) else fn
    return types.MethodType(rewrite(inner), owner)


def converted_call(fn: Any, args: tuple, kwargs: dict | None, scope: FunctionScope) -> Any:
    """Call `fn`, rewritten if it is a user's function that may need it."""
    kwargs = kwargs or {}
    special = _special(fn, args, kwargs, scope)
    if special is not None:
        return special[0]
    if isinstance(fn, functools.partial):
        return converted_call(fn.func, (*fn.args, *args), {**fn.keywords, **kwargs}, scope)
    inner = function_of(fn)
    if inner is None or is_rewritten(inner.__code__) or is_library(inner.__globals__.get("__name__")):
        return fn(*args, **kwargs)
    if not wants_conversion(inner):
        return fn(*args, **kwargs)
    try:
        new = convert(fn)
    except CannotConvert:
        new = fn
    return new(*args, **kwargs)


def _special(fn: Any, args: tuple, kwargs: dict, scope: FunctionScope) -> tuple | None:
    """The result of a builtin that needs another form here, in a tuple; None for anything else."""
    try:
        replacement = _REPLACED.get(fn)
    except TypeError:  # not hashable
        return None
    if replacement is not None:
        return (replacement(*args, **kwargs),)
    if fn is super or fn is locals or fn is globals or fn is eval:
        return (_in_caller(fn, args, scope),)
    return None


def _in_caller(fn: Any, args: tuple, scope: FunctionScope) -> Any:
    """Builtins that look at the frame they are called from."""
    from malt.operators import py_builtins

    if fn is super:
        return py_builtins.super_in_original_context(fn, args, scope)
    if fn is eval:
        return py_builtins.eval_in_original_context(fn, args, scope)
    if fn is locals:
        return py_builtins.locals_in_original_context(scope)
    return py_builtins.globals_in_original_context(scope)


# Builtins ------------------------------------------------------------------------------------------------
def _range(*args: Any) -> Any:
    if not any(staged(a) for a in args):
        return range(*args)
    if len(args) == 1:
        return DynamicRange(0, args[0], 1)
    return DynamicRange(args[0], args[1], args[2] if len(args) == 3 else 1)


def _number(dtype: Any, python: Callable) -> Callable:
    def convert_number(*args: Any, **kwargs: Any) -> Any:
        if len(args) == 1 and not kwargs and staged(args[0]):
            from addax.engine import _operators

            return _operators.cast(args[0], dtype)
        return python(*args, **kwargs)

    return convert_number


def _fold(python: Callable, combine: str) -> Callable:
    """`any` and `all` over things of which some are traced."""

    def reduce(values: Any) -> Any:
        if isinstance(values, (Tensor, Variable)) and staged(values):
            raw = values._value if isinstance(values, Tensor) else values._raw()
            return Tensor(getattr(jnp, python.__name__)(raw))
        values = list(values)
        if not any(staged(v) for v in values):
            return python(values)
        raws = [jnp.asarray(v._value if isinstance(v, Tensor) else v).astype(bool) for v in values]
        return Tensor(functools.reduce(getattr(jnp, combine), raws))

    return reduce


def _extreme(python: Callable, combine: str) -> Callable:
    """`min` and `max` of traced scalars."""

    def choose(*args: Any, **kwargs: Any) -> Any:
        if kwargs or len(args) == 1 and not isinstance(args[0], (list, tuple)):
            return python(*args, **kwargs)
        values = args[0] if len(args) == 1 else args
        if not any(staged(v) for v in values):
            return python(*args, **kwargs)
        raws = [
            v._value if isinstance(v, Tensor) else v._raw() if isinstance(v, Variable) else v for v in values
        ]
        return Tensor(functools.reduce(getattr(jnp, combine), raws))

    return choose


def in_python(value: Any) -> None:
    """Refuse to iterate over a dataset while a function is traced, which would unroll all of it.

    Raises:
        IteratesInPython: If `value` is a dataset or its iterator, and something is being traced.
    """
    if hasattr(value, "element_spec") and not not_tracing():
        raise IteratesInPython("A dataset is iterated over, which happens in Python.")


def _stepping(python: Callable) -> Callable:
    """`iter` and `next`, which must not run on datasets while a function is traced."""

    def step(*args: Any) -> Any:
        in_python(args[0])
        return python(*args)

    return step


_REPLACED: dict[Any, Callable] = {
    range: _range,
    int: _number("int32", int),
    float: _number("float32", float),
    bool: _number("bool", bool),
    any: _fold(any, "logical_or"),
    all: _fold(all, "logical_and"),
    min: _extreme(min, "minimum"),
    max: _extreme(max, "maximum"),
    iter: _stepping(iter),
    next: _stepping(next),
}
