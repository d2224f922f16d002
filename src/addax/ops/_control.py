"""Control flow: Python functions over tensors, which may read and assign variables, inside of operations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from addax.core import context, tree
from addax.core.errors import message
from addax.engine import Tensor, Variable
from addax.engine import _jax as _engine_jax
from addax.engine._jax import jax, jnp, lax
from addax.engine._operators import stack
from addax.engine._tensor import is_concrete
from addax.ops._closure import Nest, Scope, is_array, perform
from addax.ops._composite import composite
from addax.ops._core import convert_to_tensor, unstack

__all__ = [
    "associative_scan",
    "cond",
    "fori_loop",
    "map",
    "scan",
    "switch",
    "vectorized_map",
    "while_loop",
]

_UNROLLED = 64  # eager loops up to this length run step by step, which costs less than to compile them


def _known(value: Any) -> Any:
    """The value as a NumPy scalar, or None if it is only known when the compiled function runs."""
    if isinstance(value, (bool, int, float, np.number, np.bool_, np.ndarray)):
        return np.asarray(value)[()]
    raw = value._value if isinstance(value, Tensor) else value._raw() if isinstance(value, Variable) else value
    return np.asarray(raw)[()] if is_concrete(raw) else None


def _check_callable(fn: Any, name: str, what: str) -> None:
    if not callable(fn):
        raise TypeError(message(f"{name}(): `{what}` must be a function.", received=fn))


def _scalar_bool(value: Any, name: str) -> Any:
    """A condition as one boolean, on the host if it is known there."""
    raw = value._value if isinstance(value, Tensor) else value._read() if isinstance(value, Variable) else value
    known = is_concrete(raw) or not hasattr(raw, "aval")
    raw = np.asarray(raw) if known else raw
    if raw.size != 1:
        raise ValueError(
            message(f"{name}(): the condition must be one value.", expected="a scalar", received=f"shape {raw.shape}")
        )
    return bool(raw.reshape(())) if known else raw.reshape(()).astype(bool)


def _as_loop_value(x: Any) -> Any:
    """Numbers and arrays as tensors, so that a loop's values have one type from the start."""
    return convert_to_tensor(x) if is_array(x) and not hasattr(x, "aval") else x


# Branches ------------------------------------------------------------------------------------------------
@composite
def cond(pred: Any, true_fn: Callable, false_fn: Callable) -> Any:
    """Call one of two functions, as a scalar says.

    Args:
        pred: A boolean scalar.
        true_fn: Called without arguments if `pred` is true.
        false_fn: Called without arguments if it is not; gives tensors of the same shapes and dtypes.

    Returns:
        What the function gave.

    Raises:
        ValueError: If `pred` is not one value.
        TypeError: If the two results differ in structure, shape or dtype (in compiled code).

    Example:
        >>> import addax as keras
        >>> x = keras.ops.ones((2,))
        >>> keras.ops.cond(keras.ops.sum(x) > 1.0, lambda: x + 1.0, lambda: x - 1.0).numpy()
        array([2., 2.], dtype=float32)
    """
    _check_callable(true_fn, "cond", "true_fn")
    _check_callable(false_fn, "cond", "false_fn")
    known = _known(pred)
    if known is not None:
        return true_fn() if _scalar_bool(known, "cond") else false_fn()

    def operate(scope: Scope, raws: list) -> Any:
        return _choose(scope, "cond", _scalar_bool(raws[0], "cond").astype(np.int32), [false_fn, true_fn], [])

    return perform("cond", operate, Nest(pred))


@composite
def switch(index: Any, branches: Any, *operands: Any) -> Any:
    """Call one of several functions, as an integer says.

    Args:
        index: An integer scalar; moved into the range of `branches`.
        branches: Functions of the operands, with results of equal shapes and dtypes.
        *operands: Arguments for the function.

    Returns:
        What the function gave.

    Example:
        >>> import addax as keras
        >>> float(keras.ops.switch(1, [lambda x: x + 1.0, lambda x: x * 3.0], keras.ops.ones(())))
        3.0
    """
    branches = list(branches)
    if not branches:
        raise ValueError("switch() needs at least one branch.")
    for branch in branches:
        _check_callable(branch, "switch", "branches")
    known = _known(index)
    if known is not None:
        return branches[min(max(int(known), 0), len(branches) - 1)](*operands)
    nest = Nest(tree.map_structure(_as_loop_value, operands))

    def operate(scope: Scope, raws: list) -> Any:
        return _choose(scope, "switch", raws[0], branches, nest.fill(raws[1:]))

    return perform("switch", operate, Nest((index, *tree.map_structure(_as_loop_value, operands))))


def _choose(scope: Scope, name: str, index: Any, branches: list, args: Any) -> Any:
    """`lax.switch` over functions of tensors."""
    found: list[Nest] = []

    def branch(fn: Callable) -> Callable:
        def run(state: list) -> tuple[list, list]:
            result, new_state = scope.call(fn, args, state)
            found.append(Nest(result))
            return found[-1].raws, new_state

        return run

    start = scope.start()
    try:
        raws, scope.last = lax.switch(index, [branch(fn) for fn in branches], start)
    except TypeError as error:
        if len(found) < len(branches):
            raise
        raise _mismatch(name, found) from error
    return found[-1].fill(raws)


def _mismatch(name: str, found: list[Nest]) -> TypeError:
    shown = "; ".join(", ".join(f"{r.dtype.name}{list(r.shape)}" for r in nest.raws) or "nothing" for nest in found)
    return TypeError(
        message(
            f"{name}(): the results of the functions differ.",
            expected="the same structure, shapes and dtypes from each, so that one program can hold them all",
            received=shown,
        )
    )


# Loops ---------------------------------------------------------------------------------------------------
@composite
def while_loop(cond: Callable, body: Callable, loop_vars: Any, maximum_iterations: Any = None) -> Any:
    """Call `body` as long as `cond` is true.

    Args:
        cond: Takes the loop variables, gives a boolean scalar.
        body: Takes the loop variables, gives their next values.
        loop_vars: A tuple or list of tensors (or nests of them), or one tensor.
        maximum_iterations: The largest number of steps, or None. In compiled code, gradients need it.

    Returns:
        The last values, in the form of `loop_vars`.

    Example:
        >>> import addax as keras
        >>> i, total = keras.ops.while_loop(lambda i, t: i < 4, lambda i, t: (i + 1, t + i), (0, 0))
        >>> int(i), int(total)
        (4, 6)
    """
    _check_callable(cond, "while_loop", "cond")
    _check_callable(body, "while_loop", "body")
    many = isinstance(loop_vars, (tuple, list)) and not hasattr(loop_vars, "_fields")
    start = tuple(loop_vars) if many else (loop_vars,)
    start = tree.map_structure(_as_loop_value, start)

    def advance(*values: Any) -> tuple:
        result = body(*values)
        return tuple(result) if many and isinstance(result, (tuple, list)) else (result,)

    last = _python_while if _engine_jax.not_tracing() else _compiled_while
    values = last(cond, advance, start, maximum_iterations)
    if not many:
        return values[0]
    return list(values) if isinstance(loop_vars, list) else values


def _python_while(cond: Callable, advance: Callable, values: tuple, limit: Any) -> tuple:
    count = 0
    limit = None if limit is None else int(limit)
    while (limit is None or count < limit) and _scalar_bool(cond(*values), "while_loop"):
        values = tree.map_structure(_as_loop_value, advance(*values))
        count += 1
    return values


def _raw(x: Any) -> Any:
    return x._value if isinstance(x, Tensor) else x._read() if isinstance(x, Variable) else x


def _compiled_while(cond: Callable, advance: Callable, values: tuple, limit: Any) -> tuple:
    nest = Nest(values)
    steps = None if limit is None else _known(limit)

    def operate(scope: Scope, raws: list) -> Any:
        def test(carry: tuple) -> Any:
            count, raws, state = carry
            wanted, _ = scope.call(cond, nest.fill(raws), state)
            wanted = _scalar_bool(wanted, "while_loop")
            return wanted if limit is None else jnp.logical_and(wanted, count < _raw(limit))

        def step(carry: tuple) -> tuple:
            count, raws, state = carry
            result, state = scope.call(advance, nest.fill(raws), state)
            return count + 1, _carried(result, nest, raws, "while_loop"), state

        start = (jnp.int32(0), raws, scope.start())
        if steps is not None and _differentiated(raws):
            _, last, scope.last = _bounded_while(test, step, start, int(steps))
        else:
            _, last, scope.last = lax.while_loop(test, step, start)
        return nest.fill(last)

    return perform("while_loop", operate, nest)


def _bounded_while(test: Callable, step: Callable, start: Any, steps: int) -> Any:
    """A loop of fixed length that stands still at the end; unlike `lax.while_loop` it has a gradient."""

    def advance(carry: Any, _: Any) -> tuple:
        return lax.cond(test(carry), step, lambda same: same, carry), None

    return lax.scan(advance, start, None, length=steps)[0]


def _differentiated(raws: list) -> bool:
    """Whether JAX or a tape differentiates what is being traced."""
    if context.current().tapes:
        return True
    return any(type(x).__name__ in ("JVPTracer", "LinearizeTracer") for x in raws)


def _carried(result: Any, like: Nest, before: list, name: str) -> list:
    """The next raw values of a loop; shapes and dtypes must not change."""
    new = Nest(result)
    if len(new.objects) != len(like.objects):
        raise ValueError(
            message(
                f"{name}(): the function gave another structure than it took.",
                expected=f"{len(like.objects)} tensors",
                received=f"{len(new.objects)} tensors",
            )
        )
    raws = []
    for old, raw in zip(before, new.raws, strict=True):
        if raw.shape != old.shape or raw.dtype != old.dtype:
            raise TypeError(
                message(
                    f"{name}(): a value of the loop changes its shape or dtype.",
                    expected=f"{old.dtype.name}{list(old.shape)}, as at the start",
                    received=f"{raw.dtype.name}{list(raw.shape)}",
                    hint="Give the start value this shape and dtype, or cast in the function.",
                )
            )
        raws.append(lax.convert_element_type(raw, old.dtype))
    return raws


@composite
def fori_loop(lower: Any, upper: Any, body_fun: Callable, init_val: Any) -> Any:
    """Call a function for each integer from `lower` (included) to `upper` (not included).

    Args:
        lower: The first integer.
        upper: The end.
        body_fun: `body_fun(i, value)` gives the next value.
        init_val: The first value, a nest of tensors.

    Returns:
        The last value.

    Example:
        >>> import addax as keras
        >>> int(keras.ops.fori_loop(0, 4, lambda i, total: total + i, 0))
        6
    """
    _check_callable(body_fun, "fori_loop", "body_fun")
    value = tree.map_structure(_as_loop_value, init_val)
    first, end = _known(lower), _known(upper)
    known = first is not None and end is not None
    if known and _engine_jax.not_tracing() and int(end) - int(first) <= _UNROLLED:
        for i in range(int(first), int(end)):
            value = tree.map_structure(_as_loop_value, body_fun(convert_to_tensor(i), value))
        return value
    nest = Nest(value)

    def operate(scope: Scope, raws: list) -> Any:
        def step(i: Any, carry: tuple) -> tuple:
            raws, state = carry
            result, state = scope.call(body_fun, (Tensor(i), nest.fill(raws)), state)
            return _carried(result, nest, raws, "fori_loop"), state

        bounds = (int(first), int(end)) if known else (raws[0], raws[1])
        last, scope.last = lax.fori_loop(*bounds, step, (raws[2:], scope.start()))
        return nest.fill(last)

    return perform("fori_loop", operate, Nest((_as_loop_value(lower), _as_loop_value(upper), value)))


@composite
def scan(
    f: Callable,
    init: Any,
    xs: Any = None,
    length: Any = None,
    reverse: bool = False,
    unroll: Any = 1,
) -> tuple[Any, Any]:
    """Call a function for each row of some tensors, with a value that is carried from call to call.

    Args:
        f: `f(carry, x)` gives the next carry and an output.
        init: The first carry, a nest of tensors.
        xs: A nest of tensors with one first dimension, or None.
        length: The number of steps, needed if `xs` is None.
        reverse: Whether to go from the last row to the first.
        unroll: How many steps one step of the compiled loop makes; True for all.

    Returns:
        The last carry, and a nest of outputs, stacked along a new first axis.

    Raises:
        ValueError: If the number of steps is not clear, or `unroll` is wrong.

    Example:
        >>> import addax as keras
        >>> last, sums = keras.ops.scan(lambda c, x: (c + x, c + x), 0.0, [1.0, 2.0, 3.0])
        >>> float(last), sums.numpy()
        (6.0, array([1., 3., 6.], dtype=float32))
    """
    _check_callable(f, "scan", "f")
    if not isinstance(unroll, bool) and not (isinstance(unroll, int) and unroll >= 1):
        raise ValueError(message("scan(): wrong `unroll`.", expected="a positive integer or a bool", received=unroll))
    init, xs = _loop_values(init), _loop_values(xs)
    steps = _steps(xs, length, "scan")
    if _engine_jax.not_tracing() and 0 < steps <= _UNROLLED:
        return _python_scan(f, init, xs, steps, reverse)
    first, rows = Nest(init), Nest(xs)
    count = len(first.objects)

    def operate(scope: Scope, raws: list) -> Any:
        outputs: list[Nest] = []

        def step(carry: tuple, row: list) -> tuple:
            before, state = carry
            (new, output), state = scope.call(f, (first.fill(before), rows.fill(row)), state)
            outputs.append(Nest(output))
            return (_carried(new, first, before, "scan"), state), outputs[-1].raws

        start = (raws[:count], scope.start())
        (last, scope.last), ys = lax.scan(step, start, raws[count:], length=steps, reverse=reverse, unroll=unroll)
        return first.fill(last), outputs[-1].fill(ys)

    return perform("scan", operate, Nest((init, xs)))


def _loop_values(nest: Any) -> Any:
    """A nest with tensors for its arrays; lists of numbers are tensors, not nests."""
    if isinstance(nest, list) and nest and all(isinstance(x, (bool, int, float, list)) for x in nest):
        return convert_to_tensor(nest)
    return tree.map_structure(_as_loop_value, nest)


def _steps(xs: Any, length: Any, name: str) -> int:
    """The number of rows."""
    found = {tuple(x.shape)[0] if len(x.shape) else None for x in tree.flatten(xs) if hasattr(x, "shape")}
    if length is not None:
        found.add(int(length))
    if None in found or len(found) != 1:
        raise ValueError(
            message(
                f"{name}(): the number of steps is not clear.",
                expected="tensors with the same first dimension, or `length` if there are none",
                received=f"numbers of rows: {', '.join(str(n) for n in found) or 'none'}",
            )
        )
    return found.pop()


def _python_scan(f: Callable, carry: Any, xs: Any, steps: int, reverse: bool) -> tuple[Any, Any]:
    rows = [unstack(x) if hasattr(x, "shape") else [x] * steps for x in tree.flatten(xs)]
    shell = tree.map_structure(lambda _: None, xs)
    outputs: list = [None] * steps
    for i in reversed(range(steps)) if reverse else range(steps):
        result = f(carry, tree.pack_sequence_as(shell, [row[i] for row in rows]))
        carry, outputs[i] = tree.map_structure(_as_loop_value, result[0]), result[1]
    return carry, tree.map_structure(_stacked, *outputs)


def _stacked(*values: Any) -> Any:
    return stack(list(values)) if is_array(values[0]) else values[0]


@composite
def map(f: Callable, xs: Any) -> Any:
    """Call a function for each row of some tensors, one after the other.

    Args:
        f: Takes a row of each tensor, in the form of `xs`; gives a nest of tensors.
        xs: A nest of tensors with one first dimension.

    Returns:
        The results, stacked along a new first axis.

    Example:
        >>> import addax as keras
        >>> keras.ops.map(lambda row: keras.ops.sum(row), keras.ops.ones((2, 3))).numpy()
        array([3., 3.], dtype=float32)
    """
    _check_callable(f, "map", "f")
    return scan(lambda carry, x: (carry, f(x)), (), xs)[1]


@composite
def vectorized_map(function: Callable, elements: Any) -> Any:
    """Call a function for all rows of some tensors at once.

    Args:
        function: Takes a row of each tensor, in the form of `elements`; gives a nest of tensors.
        elements: A nest of tensors with one first dimension.

    Returns:
        The results, stacked along a new first axis.

    Raises:
        ValueError: If the function assigns to a variable what differs from row to row.

    Example:
        >>> import addax as keras
        >>> keras.ops.vectorized_map(lambda row: row * keras.ops.max(row), keras.ops.ones((2, 3))).shape
        TensorShape([2, 3])
    """
    _check_callable(function, "vectorized_map", "function")
    elements = _loop_values(elements)
    _steps(elements, None, "vectorized_map")
    nest = Nest(elements)

    def operate(scope: Scope, raws: list) -> Any:
        outputs: list[Nest] = []

        def one(row: list) -> tuple[list, list]:
            result, state = scope.call(function, (nest.fill(row),), scope.start())
            outputs.append(Nest(result))
            return outputs[-1].raws, state

        try:
            results, scope.last = jax.vmap(one, out_axes=(0, None))(raws)
        except ValueError as error:
            if "out_axes" not in str(error):
                raise
            raise ValueError(
                message(
                    "vectorized_map(): the function assigns a value that differs from row to row to a variable.",
                    hint="Return the value, or use map(), which goes row by row.",
                )
            ) from error
        return outputs[-1].fill(results)

    return perform("vectorized_map", operate, nest, compilable=False)


@composite
def associative_scan(f: Callable, elems: Any, reverse: bool = False, axis: int = 0) -> Any:
    """All partial results of an associative operation along an axis, in logarithmic depth.

    Args:
        f: `f(a, b)` takes two nests in the form of `elems` and gives a third; associative.
        elems: A nest of tensors of equal size along `axis`.
        reverse: Whether to begin at the end.
        axis: The axis.

    Returns:
        A nest like `elems`: at each place the result of everything up to there.

    Example:
        >>> import addax as keras
        >>> keras.ops.associative_scan(lambda a, b: a + b, [1.0, 2.0, 3.0]).numpy()
        array([1., 3., 6.], dtype=float32)
    """
    _check_callable(f, "associative_scan", "f")
    nest = Nest(_loop_values(elems))

    def operate(scope: Scope, raws: list) -> Any:
        def combine(a: list, b: list) -> list:
            result, _ = scope.call(f, (nest.fill(a), nest.fill(b)), scope.start())
            return Nest(result).raws

        results = lax.associative_scan(combine, raws, reverse=reverse, axis=axis)
        if scope.written:
            raise ValueError(message("associative_scan(): the function may not assign to variables."))
        return nest.fill(results)

    return perform("associative_scan", operate, nest)
