"""What the rewritten code calls (as `ag__`): control flow that is staged when it depends on traced tensors."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from addax.core.errors import message
from addax.engine import _control as control
from addax.engine._checks import check
from addax.engine._control import MaybeReturned, NoReturn
from addax.engine._jax import jnp, not_tracing
from addax.engine._staging import staged
from addax.engine._tensor import Tensor
from addax.engine._variable import Variable
from addax.engine.autograph._calls import (
    FunctionScope,
    autograph_artifact,
    converted_call,
    in_python,
    with_function_scope,
)
from addax.engine.autograph._ranges import DynamicRange

__all__ = [
    "FunctionScope",
    "Undefined",
    "UndefinedReturnValue",
    "and_",
    "assert_stmt",
    "autograph_artifact",
    "converted_call",
    "eq",
    "for_stmt",
    "if_exp",
    "if_stmt",
    "ld",
    "ldu",
    "not_",
    "not_eq",
    "or_",
    "while_stmt",
    "with_function_scope",
]

Undefined = control.Undefined
UndefinedReturnValue = NoReturn


def ld(value: Any) -> Any:
    """The value of a name, which must have one."""
    if type(value) is Undefined:
        raise value.error()
    return value


def ldu(load: Callable[[], Any], name: str) -> Any:
    """The value of an attribute or item, which may not exist."""
    try:
        return load()
    except (KeyError, AttributeError, NameError):
        return Undefined(name)


# Conditionals --------------------------------------------------------------------------------------------
def if_stmt(
    test: Any,
    body: Callable,
    orelse: Callable,
    get_state: Callable,
    set_state: Callable,
    symbol_names: tuple[str, ...],
    nouts: int,
) -> None:
    """An `if` statement: `body` and `orelse` assign the names of the state, the first `nouts` are used later."""
    if not staged(test):
        body() if test else orelse()
        return
    before = get_state()

    def branch(run: Callable) -> Callable:
        def traced() -> tuple:
            set_state(before)
            run()
            return tuple(get_state()[:nouts])

        return traced

    try:
        after = control.cond(test, branch(body), branch(orelse), symbol_names[:nouts])
    except BaseException:
        set_state(before)
        raise
    set_state((*after, *before[nouts:]))


def if_exp(test: Any, if_true: Callable, if_false: Callable, text: str) -> Any:
    """A conditional expression."""
    if staged(test):
        return control.cond(test, if_true, if_false)
    return if_true() if test else if_false()


# Loops ---------------------------------------------------------------------------------------------------
def while_stmt(
    test: Callable,
    body: Callable,
    get_state: Callable,
    set_state: Callable,
    symbol_names: tuple[str, ...],
    opts: dict,
) -> None:
    """A `while` statement: turns are run in Python until the test hangs on a traced tensor."""
    while True:
        proceed = test()
        if staged(proceed):
            _while(test, body, get_state, set_state, symbol_names)
            return
        if not proceed:
            return
        body()


def _while(test: Callable, body: Callable, get_state: Callable, set_state: Callable, names: tuple) -> None:
    before = get_state()

    def traced_test(state: tuple) -> Any:
        set_state(state)
        return test()

    def traced_body(state: tuple) -> tuple:
        set_state(state)
        body()
        return tuple(get_state())

    try:
        after = control.while_loop(traced_test, traced_body, tuple(before), names)
    except BaseException:
        set_state(before)
        raise
    set_state(after)


def for_stmt(
    iterated: Any,
    extra_test: Callable | None,
    body: Callable,
    get_state: Callable,
    set_state: Callable,
    symbol_names: tuple[str, ...],
    opts: dict,
) -> None:
    """A `for` statement: over tensors it is staged, over Python's iterables each turn runs in Python."""
    if isinstance(iterated, (Tensor, Variable)) and not not_tracing():
        _for_tensor(iterated, extra_test, body, get_state, set_state, symbol_names)
    elif isinstance(iterated, DynamicRange):
        _for_range(iterated, extra_test, body, get_state, set_state, symbol_names)
    else:
        in_python(iterated)
        _for_python(iterated, extra_test, body, get_state, set_state, symbol_names)


def _for_python(
    iterated: Iterable,
    extra_test: Callable | None,
    body: Callable,
    get_state: Callable,
    set_state: Callable,
    names: tuple,
) -> None:
    for item in iterated:
        proceed = True if extra_test is None else extra_test()
        if staged(proceed):  # the rest of the turns are made only if no `break` happened on the way
            if_stmt(
                proceed, lambda item=item: body(item), lambda: None, get_state, set_state, names, len(names)
            )
        elif proceed:
            body(item)
        else:
            return


def _for_tensor(
    iterated: Any,
    extra_test: Callable | None,
    body: Callable,
    get_state: Callable,
    set_state: Callable,
    names: tuple,
) -> None:
    if not iterated.shape:
        raise TypeError("Cannot iterate over a scalar tensor.")
    if not iterated.shape[0]:
        return
    if extra_test is not None:
        count = iterated.shape[0]
        rows = iterated if isinstance(iterated, Tensor) else iterated[...]

        def pick(i: Any) -> Any:
            return _row(rows, i)

        _counted(count, pick, extra_test, body, get_state, set_state, names)
        return
    before = get_state()

    def traced(item: Any, state: tuple) -> tuple:
        set_state(state)
        body(Tensor(item))
        return tuple(get_state())

    try:
        after = control.scan(traced, iterated, tuple(before), names)
    except BaseException:
        set_state(before)
        raise
    set_state(after)


def _row(rows: Any, i: Any) -> Any:
    from addax.engine import _operators

    return _operators.getitem(rows, i)


def _for_range(
    iterated: DynamicRange,
    extra_test: Callable | None,
    body: Callable,
    get_state: Callable,
    set_state: Callable,
    names: tuple,
) -> None:
    _counted(iterated.count(), iterated.item, extra_test, body, get_state, set_state, names)


def _counted(
    count: Any,
    pick: Callable,
    extra_test: Callable | None,
    body: Callable,
    get_state: Callable,
    set_state: Callable,
    names: tuple,
) -> None:
    """A loop over `pick(0), ..., pick(count - 1)` as a `while` with a counter."""
    before = get_state()

    def traced_test(state: tuple) -> Any:
        i, *rest = state
        set_state(tuple(rest))
        more = i < count
        return more if extra_test is None else and_(lambda: more, extra_test)

    def traced_body(state: tuple) -> tuple:
        i, *rest = state
        set_state(tuple(rest))
        body(pick(i))
        return (i + 1, *get_state())

    try:
        _, *after = control.while_loop(traced_test, traced_body, (0, *before), ("the counter", *names))
    except BaseException:
        set_state(before)
        raise
    set_state(tuple(after))


# Logic ---------------------------------------------------------------------------------------------------
def and_(first: Callable, second: Callable) -> Any:
    """`first and second`; where the first is traced both are evaluated."""
    a = first()
    if not staged(a):
        return a and second()
    return Tensor(jnp.logical_and(_truth(a), _truth(second())))


def or_(first: Callable, second: Callable) -> Any:
    """`first or second`; where the first is traced both are evaluated."""
    a = first()
    if not staged(a):
        return a or second()
    return Tensor(jnp.logical_or(_truth(a), _truth(second())))


def not_(value: Any) -> Any:
    """`not value`."""
    if not staged(value):
        return not value
    return Tensor(jnp.logical_not(_truth(value)))


def _truth(value: Any) -> Any:
    if isinstance(value, (Tensor, Variable)) or staged(value):
        raw = (
            value._value
            if isinstance(value, Tensor)
            else value._raw()
            if isinstance(value, Variable)
            else value
        )
        return jnp.asarray(raw)
    return bool(value)


def eq(a: Any, b: Any) -> Any:
    """`a == b`."""
    return a == b


def not_eq(a: Any, b: Any) -> Any:
    """`a != b`."""
    return a != b


def assert_stmt(test: Any, text: Callable) -> None:
    """An `assert` statement; on a traced tensor the check is made when the compiled code runs."""
    if not staged(test):
        assert test, text()  # noqa: S101
        return
    said = text()
    check(control.scalar_bool(test), AssertionError, "" if said is None else f"{said}")


def returned(value: Any) -> Any:
    """The return value of a function, at its end."""
    if type(value) is NoReturn:
        return None
    if type(value) is MaybeReturned:
        raise TypeError(
            message(
                "A function that returns in one branch of a conditional on a tensor must return in the other too.",
                expected="a `return` with a value of the same form on every path",
            )
        )
    return value
