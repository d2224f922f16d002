"""Functions that bring a gradient of their own."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any

from addax.core import context
from addax.core.errors import message
from addax.engine import Tensor, raw_of
from addax.engine import _jax as _engine_jax
from addax.engine import custom_gradient as _on_tapes
from addax.engine._jax import jax, jnp
from addax.engine._op import inexact
from addax.ops._closure import Nest, Scope, perform

__all__ = ["custom_gradient"]


def custom_gradient(f: Callable) -> Callable:
    """Decorator that gives a function a gradient of its own, on tapes and in compiled code.

    Args:
        f: Takes tensors, gives `(outputs, grad_fn)`. `grad_fn(*upstream)`, or `grad_fn(*args, upstream=...)`,
            returns one gradient for each argument of `f`.

    Returns:
        A function of the same arguments that gives `outputs`.

    Example:
        >>> import addax as keras
        >>> @keras.ops.custom_gradient
        ... def double(x):
        ...     return x * 2.0, lambda *args, upstream: upstream * 2.0
        >>> float(double(keras.ops.ones(())))
        2.0
    """
    plain = _with_upstream(f)
    on_tapes = _on_tapes(plain)

    @functools.wraps(f)
    def call(*args: Any, **kwargs: Any) -> Any:
        if _engine_jax.not_tracing():
            return on_tapes(*args, **kwargs)
        return _in_trace(plain, args, kwargs)

    return call


def _with_upstream(f: Callable) -> Callable:
    """The function with a `grad_fn(*upstream)`, whichever form the caller's has."""

    @functools.wraps(f)
    def call(*args: Any, **kwargs: Any) -> Any:
        result, grad_fn = f(*args, **kwargs)
        try:
            takes_upstream = "upstream" in inspect.signature(grad_fn).parameters
        except (TypeError, ValueError):
            takes_upstream = False
        if not takes_upstream:
            return result, grad_fn

        def pull(*cotangents: Any) -> Any:
            return grad_fn(*args, upstream=cotangents[0] if len(cotangents) == 1 else cotangents)

        return result, pull

    return call


def _in_trace(f: Callable, args: tuple, kwargs: dict) -> Any:
    nest = Nest(args)

    def operate(scope: Scope, raws: list) -> Any:
        where = [i for i, raw in enumerate(raws) if inexact(raw)]
        results: list[Nest] = []

        def rule(*values: Any) -> tuple[list, Callable]:
            full = list(raws)
            for i, value in zip(where, values, strict=True):
                full[i] = value
            (result, grad_fn), scope.last = scope.call(
                functools.partial(f, **kwargs), nest.fill(full), scope.start()
            )
            results.append(Nest(result))
            return results[-1].raws, functools.partial(_pull_back, grad_fn, values, where)

        outs = jax.custom_gradient(rule)(*[raws[i] for i in where])
        return results[-1].fill(outs)

    return perform("custom_gradient", operate, nest)


def _pull_back(grad_fn: Callable, values: Sequence, where: list, cotangents: list) -> tuple:
    with context.entered(tapes=()):
        grads = grad_fn(*[Tensor(c) for c in cotangents])
    grads = list(grads) if isinstance(grads, (list, tuple)) else [grads]
    if len(grads) <= max(where, default=-1):
        raise ValueError(
            message(
                "A custom gradient gave the wrong number of gradients.",
                expected="one for each argument",
                received=str(len(grads)),
            )
        )
    return tuple(
        jnp.zeros_like(value) if grads[i] is None else jnp.asarray(raw_of(grads[i]), value.dtype)
        for i, value in zip(where, values, strict=True)
    )
