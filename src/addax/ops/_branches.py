"""Branches: one of several Python functions over tensors, which may read and assign variables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from addax.core import tree
from addax.core.errors import message
from addax.engine import Tensor, Variable
from addax.engine._jax import lax
from addax.engine._tensor import is_concrete
from addax.ops._closure import Nest, Scope, is_array, perform
from addax.ops._composite import composite
from addax.ops._core import convert_to_tensor

__all__ = ["cond", "switch"]


def known_scalar(value: Any) -> Any:
    """The value as a NumPy scalar, or None if it is only known when the compiled function runs."""
    if isinstance(value, (bool, int, float, np.number, np.bool_, np.ndarray)):
        return np.asarray(value)[()]
    raw = (
        value._value if isinstance(value, Tensor) else value._raw() if isinstance(value, Variable) else value
    )
    return np.asarray(raw)[()] if is_concrete(raw) else None


def check_callable(fn: Any, name: str, what: str) -> None:
    """Raise TypeError unless an argument is a function."""
    if not callable(fn):
        raise TypeError(message(f"{name}(): `{what}` must be a function.", received=fn))


def scalar_bool(value: Any, name: str) -> Any:
    """A condition as one boolean, on the host if it is known there."""
    raw = (
        value._value if isinstance(value, Tensor) else value._read() if isinstance(value, Variable) else value
    )
    known = is_concrete(raw) or not hasattr(raw, "aval")
    raw = np.asarray(raw) if known else raw
    if raw.size != 1:
        raise ValueError(
            message(
                f"{name}(): the condition must be one value.",
                expected="a scalar",
                received=f"shape {raw.shape}",
            )
        )
    return bool(raw.reshape(())) if known else raw.reshape(()).astype(bool)


def as_loop_value(x: Any) -> Any:
    """Numbers and arrays as tensors, so that a loop's values have one type from the start."""
    return convert_to_tensor(x) if is_array(x) and not hasattr(x, "aval") else x


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
    check_callable(true_fn, "cond", "true_fn")
    check_callable(false_fn, "cond", "false_fn")
    known = known_scalar(pred)
    if known is not None:
        return true_fn() if scalar_bool(known, "cond") else false_fn()

    def operate(scope: Scope, raws: list) -> Any:
        return _choose(scope, "cond", scalar_bool(raws[0], "cond").astype(np.int32), [false_fn, true_fn], [])

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
        check_callable(branch, "switch", "branches")
    known = known_scalar(index)
    if known is not None:
        return branches[min(max(int(known), 0), len(branches) - 1)](*operands)
    nest = Nest(tree.map_structure(as_loop_value, operands))

    def operate(scope: Scope, raws: list) -> Any:
        return _choose(scope, "switch", raws[0], branches, nest.fill(raws[1:]))

    return perform("switch", operate, Nest((index, *tree.map_structure(as_loop_value, operands))))


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
    shown = "; ".join(
        ", ".join(f"{r.dtype.name}{list(r.shape)}" for r in nest.raws) or "nothing" for nest in found
    )
    return TypeError(
        message(
            f"{name}(): the results of the functions differ.",
            expected="the same structure, shapes and dtypes from each, so that one program can hold them all",
            received=shown,
        )
    )
