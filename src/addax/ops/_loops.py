"""Loops and maps over Python functions of tensors, which may read and assign variables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from addax.core import context, tree
from addax.core.errors import message
from addax.engine import Tensor, Variable
from addax.engine import _jax as _engine_jax
from addax.engine._jax import jax, jnp, lax
from addax.engine._operators import stack
from addax.ops._branches import as_loop_value, check_callable, known_scalar, scalar_bool
from addax.ops._closure import Nest, Scope, is_array, perform
from addax.ops._composite import composite
from addax.ops._core import convert_to_tensor, unstack

__all__ = ["associative_scan", "fori_loop", "map", "scan", "vectorized_map", "while_loop"]

_UNROLLED = 64  # eager loops up to this length run step by step, which costs less than to compile them


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
    check_callable(cond, "while_loop", "cond")
    check_callable(body, "while_loop", "body")
    many = isinstance(loop_vars, (tuple, list)) and not hasattr(loop_vars, "_fields")
    start = tuple(loop_vars) if many else (loop_vars,)
    start = tree.map_structure(as_loop_value, start)

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
    while (limit is None or count < limit) and scalar_bool(cond(*values), "while_loop"):
        values = tree.map_structure(as_loop_value, advance(*values))
        count += 1
    return values


def _raw(x: Any) -> Any:
    return x._value if isinstance(x, Tensor) else x._read() if isinstance(x, Variable) else x


def _compiled_while(cond: Callable, advance: Callable, values: tuple, limit: Any) -> tuple:
    nest = Nest(values)
    steps = None if limit is None else known_scalar(limit)

    def operate(scope: Scope, raws: list) -> Any:
        def test(carry: tuple) -> Any:
            count, raws, state = carry
            wanted, _ = scope.call(cond, nest.fill(raws), state)
            wanted = scalar_bool(wanted, "while_loop")
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
    check_callable(body_fun, "fori_loop", "body_fun")
    value = tree.map_structure(as_loop_value, init_val)
    ends = _known_ends(lower, upper)
    if ends is not None and _engine_jax.not_tracing() and ends[1] - ends[0] <= _UNROLLED:
        for i in range(*ends):
            value = tree.map_structure(as_loop_value, body_fun(convert_to_tensor(i), value))
        return value
    nest = Nest(value)

    def operate(scope: Scope, raws: list) -> Any:
        def step(i: Any, carry: tuple) -> tuple:
            raws, state = carry
            result, state = scope.call(body_fun, (Tensor(i), nest.fill(raws)), state)
            return _carried(result, nest, raws, "fori_loop"), state

        bounds = (raws[0], raws[1]) if ends is None else ends
        last, scope.last = lax.fori_loop(*bounds, step, (raws[2:], scope.start()))
        return nest.fill(last)

    return perform("fori_loop", operate, Nest((as_loop_value(lower), as_loop_value(upper), value)))


def _known_ends(lower: Any, upper: Any) -> tuple[int, int] | None:
    first, end = known_scalar(lower), known_scalar(upper)
    return None if first is None or end is None else (int(first), int(end))


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
    check_callable(f, "scan", "f")
    if not isinstance(unroll, bool) and not (isinstance(unroll, int) and unroll >= 1):
        raise ValueError(
            message("scan(): wrong `unroll`.", expected="a positive integer or a bool", received=unroll)
        )
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
        (last, scope.last), ys = lax.scan(
            step, start, raws[count:], length=steps, reverse=reverse, unroll=unroll
        )
        return first.fill(last), outputs[-1].fill(ys)

    return perform("scan", operate, Nest((init, xs)))


def _loop_values(nest: Any) -> Any:
    """A nest with tensors for its arrays; lists of numbers are tensors, not nests."""
    if isinstance(nest, list) and nest and all(isinstance(x, (bool, int, float, list)) for x in nest):
        return convert_to_tensor(nest)
    return tree.map_structure(as_loop_value, nest)


def _steps(xs: Any, length: Any, name: str) -> int:
    """The number of rows."""
    arrays = [x for x in tree.flatten(xs) if hasattr(x, "shape")]
    found = {int(x.shape[0]) if len(x.shape) else -1 for x in arrays}
    if length is not None:
        found.add(int(length))
    if -1 in found or len(found) != 1:
        raise ValueError(
            message(
                f"{name}(): the number of steps is not clear.",
                expected="tensors with the same first dimension, or `length` if there are none",
                received=f"shapes {[tuple(x.shape) for x in arrays]}, length={length}",
            )
        )
    return found.pop()


def _python_scan(f: Callable, carry: Any, xs: Any, steps: int, reverse: bool) -> tuple[Any, Any]:
    rows = [unstack(x) if hasattr(x, "shape") else [x] * steps for x in tree.flatten(xs)]
    shell = tree.map_structure(lambda _: None, xs)
    outputs: list = [None] * steps
    for i in reversed(range(steps)) if reverse else range(steps):
        result = f(carry, tree.pack_sequence_as(shell, [row[i] for row in rows]))
        carry, outputs[i] = tree.map_structure(as_loop_value, result[0]), result[1]
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
    check_callable(f, "map", "f")
    return scan(lambda carry, x: (carry, f(x)), (), xs)[1]


@composite
def vectorized_map(function: Callable, elements: Any) -> Any:
    """Call a function for all rows of some tensors at once.

    Random numbers that the function draws are the same for each row; keys among `elements` make them differ.

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
    check_callable(function, "vectorized_map", "function")
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
                    "vectorized_map(): what the function assigns to a variable differs from row to row.",
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
    check_callable(f, "associative_scan", "f")
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
