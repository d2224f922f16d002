"""New primitives of JAX: operations with a program for the CPU, another for the rest, and rules to transpose."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Any

from addax.engine._jax import jax

__all__ = ["define", "translated"]

_TRANSLATED: ContextVar[bool] = ContextVar("addax_translated", default=False)


def define(
    name: str,
    cpu: Callable,
    rest: Callable,
    transposes: Sequence[Callable],
    fold: Callable | None = None,
) -> Any:
    """A primitive of one result that is linear in its first argument, or in each of two.

    Args:
        name: What it is called in a jaxpr.
        cpu: The function of its arrays and parameters that is compiled for a CPU.
        rest: The one that is compiled for other devices.
        transposes: For the first argument, or both of two, a function of the cotangent, the arguments and the
            parameters that gives the gradient of the argument, of which only `aval` is known.
        fold: A batching rule for the common cases; it gives None for the others.
    """
    from jax._src.core import Primitive  # `jax.extend` would import the whole of Pallas as well
    from jax.interpreters import ad, batching, mlir

    primitive = Primitive(name)
    primitive.def_impl(lambda *arrays, **params: _compiled(primitive, tuple(params.items()))(*arrays))
    primitive.def_abstract_eval(functools.partial(_abstract, rest))
    if len(transposes) == 2:
        ad.defbilinear(primitive, *transposes)
    else:
        ad.primitive_jvps[primitive] = functools.partial(_jvp_of_first, primitive)
        ad.primitive_transposes[primitive] = functools.partial(_transpose_first, transposes[0])
    batching.primitive_batchers[primitive] = functools.partial(_batch, cpu, fold)
    whole = mlir.lower_fun(rest, multiple_results=False)
    mlir.register_lowering(primitive, functools.partial(_lower, cpu, whole), platform="cpu")
    mlir.register_lowering(primitive, whole)
    return primitive


def _lower(cpu: Callable, whole: Callable, ctx: Any, *arrays: Any, **params: Any) -> Any:
    """The program for this CPU; the whole operation in what is to run elsewhere, or later."""
    from jax.interpreters import mlir

    if ctx.module_context.lowering_parameters.for_export:
        return whole(ctx, *arrays, **params)
    token = _TRANSLATED.set(True)
    try:
        return mlir.lower_fun(cpu, multiple_results=False)(ctx, *arrays, **params)
    finally:
        _TRANSLATED.reset(token)


def translated() -> bool:
    """Whether what is traced now is the translation of a primitive, of which nobody asks a derivative any more."""
    return _TRANSLATED.get()


@functools.lru_cache(maxsize=512)
def _compiled(primitive: Any, params: tuple) -> Callable:
    return jax.jit(functools.partial(primitive.bind, **dict(params)))


def _abstract(function: Callable, *avals: Any, **params: Any) -> Any:
    specs = [jax.ShapeDtypeStruct(a.shape, a.dtype) for a in avals]
    out = jax.eval_shape(functools.partial(function, **params), *specs)
    return jax.core.ShapedArray(out.shape, out.dtype)


def _jvp_of_first(primitive: Any, arrays: Sequence, tangents: Sequence, **params: Any) -> tuple:
    from jax.interpreters import ad

    out = primitive.bind(*arrays, **params)
    if type(tangents[0]) is ad.Zero:
        return out, ad.zeros_like_aval(jax.typeof(out))
    return out, primitive.bind(tangents[0], *arrays[1:], **params)


def _transpose_first(rule: Callable, cotangent: Any, *arrays: Any, **params: Any) -> list:
    from jax.interpreters import ad

    if type(cotangent) is ad.Zero:
        return [ad.Zero(arrays[0].aval)] + [None] * (len(arrays) - 1)
    return [rule(cotangent, *arrays, **params)] + [None] * (len(arrays) - 1)


def _batch(cpu: Callable, fold: Callable | None, arrays: Sequence, axes: Sequence, **params: Any) -> tuple:
    size = next(a.shape[axis] for a, axis in zip(arrays, axes, strict=True) if axis is not None)
    front = [
        a if axis is None else jax.numpy.moveaxis(a, axis, 0) for a, axis in zip(arrays, axes, strict=True)
    ]
    batched = [axis is not None for axis in axes]
    out = None if fold is None else fold(size, front, batched, **params)
    if out is None:
        out = jax.vmap(functools.partial(cpu, **params), [0 if b else None for b in batched])(*front)
    return out, 0
