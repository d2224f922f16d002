"""Functions that bring a gradient of their own."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any

from addax.core import context
from addax.core.errors import message
from addax.engine import Bindings, Tensor, raw_of
from addax.engine import _jax as _engine_jax
from addax.engine import custom_gradient as _on_tapes
from addax.engine._jax import jax, jnp
from addax.engine._op import inexact
from addax.engine._tape import gradients_of
from addax.ops._closure import Nest, Scope, perform

__all__ = ["custom_gradient"]


def custom_gradient(f: Callable) -> Callable:
    """Decorator that gives a function a gradient of its own, on tapes and in compiled code.

    Args:
        f: Takes tensors, gives `(outputs, grad_fn)`. `grad_fn(*upstream)`, or `grad_fn(*args, upstream=...)`,
            returns one gradient for each argument of `f`. If it takes `variables=`, the trainable ones that `f`
            reads, it returns a list of their gradients besides.

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
        if not _takes_upstream_by_name(grad_fn):
            return result, grad_fn

        def pull(*cotangents: Any) -> Any:
            return grad_fn(*args, upstream=cotangents[0] if len(cotangents) == 1 else cotangents)

        return result, pull

    return call


def _takes_upstream_by_name(grad_fn: Callable) -> bool:
    """Whether it is Keras's form; TensorFlow's may have a first argument of that name."""
    try:
        parameter = inspect.signature(grad_fn).parameters.get("upstream")
    except (TypeError, ValueError):
        return False
    return parameter is not None and parameter.kind is parameter.KEYWORD_ONLY


def _in_trace(f: Callable, args: tuple, kwargs: dict) -> Any:
    nest = Nest(args)

    def operate(scope: Scope, raws: list) -> Any:
        where = [i for i, raw in enumerate(raws) if inexact(raw)]
        # JAX differentiates by arguments only, so what the function reads becomes some.
        variables = [v for v in scope.variables if v.trainable and inexact(scope.values[v])]
        results: list[Nest] = []

        def rule(*values: Any) -> tuple[list, Callable]:
            full = list(raws)
            for i, value in zip(where, values[: len(where)], strict=True):
                full[i] = value
            outer = scope.values
            scope.values = {**outer, **dict(zip(variables, values[len(where) :], strict=True))}
            inside = Bindings(scope.values, scope.context.bindings)
            try:
                (result, grad_fn), scope.last = scope.call(
                    functools.partial(f, **kwargs), nest.fill(full), scope.start()
                )
            finally:
                scope.values = outer
            results.append(Nest(result))
            return results[-1].raws, functools.partial(_pull_back, grad_fn, inside, values, where, variables)

        explicit = [*[raws[i] for i in where], *[scope.values[v] for v in variables]]
        outs = jax.custom_gradient(rule)(*explicit)
        return results[-1].fill(outs)

    return perform("custom_gradient", operate, nest, explicit=True)


def _pull_back(
    grad_fn: Callable, inside: Bindings, values: Sequence, where: list, variables: list, cotangents: list
) -> tuple:
    upstream = [Tensor(c) for c in cotangents]
    with context.entered(tapes=(), bindings=inside):
        grads, of_variables = gradients_of(grad_fn, upstream, variables)
    if len(grads) <= max(where, default=-1):
        raise ValueError(
            message(
                "A custom gradient gave the wrong number of gradients.",
                expected="one for each argument",
                received=str(len(grads)),
            )
        )
    return tuple(
        jnp.zeros_like(value) if grad is None else jnp.asarray(raw_of(grad), value.dtype)
        for grad, value in zip([*[grads[i] for i in where], *of_variables], values, strict=True)
    )
