"""Whether an operation is written for XLA's CPU compiler, or left as the one operation that it is."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any

from addax.engine._jax import jax, jnp

__all__ = ["lowered", "native_operations", "once", "says_where"]

_NATIVE: ContextVar[bool] = ContextVar("addax_native_operations", default=False)


@contextlib.contextmanager
def native_operations() -> Iterator[None]:
    """What is traced inside keeps its convolutions and poolings whole: for programs that run elsewhere.

    Example:
        >>> from addax.kernels import native_operations
        >>> import addax as keras
        >>> with native_operations():
        ...     y = keras.ops.max_pool([[[1.0], [3.0]]], 2)
        >>> y.shape
        TensorShape([1, 1, 1])
    """
    token = _NATIVE.set(True)
    try:
        yield
    finally:
        _NATIVE.reset(token)


def once(fn: Callable[..., Any], *arrays: Any) -> Any:
    """The result of a function, which XLA computes once, however many loops read it.

    XLA's CPU compiler puts what is cheap by its count into each loop that reads it, and takes optimization barriers
    away before. A call that must not be inlined it leaves alone. Several devices share no such call.

    Args:
        fn: A function of arrays.
        arrays: Its arguments.

    Example:
        >>> import jax.numpy as jnp
        >>> float(once(jnp.sum, jnp.ones(3)))
        3.0
    """
    if jax.device_count() > 1:
        return fn(*arrays)
    from jax.experimental.xla_metadata import set_xla_metadata

    with set_xla_metadata(inlineable="false"):
        return jax.jit(fn)(*arrays)


def says_where(call: Callable[..., Any], owner: Any) -> Callable[..., Any]:
    """A function whose operations name their owner, if what is traced now is to run elsewhere; else itself.

    Args:
        call: A function.
        owner: An object with a `path`; class and path get into the name stack of each equation.

    Example:
        >>> says_where(len, None) is len
        True
    """
    if not _NATIVE.get():
        return call
    return jax.named_scope(f"{type(owner).__name__}@{owner.path}")(call)


def lowered(*arrays: Any) -> bool:
    """Whether arrays of these shapes and dtypes are to be computed by the kernels of this package.

    JAX is asked while it traces, since only there both branches of `lax.platform_dependent` would have to be
    differentiated. A program that nevertheless is compiled for another device is right there, and its
    convolutions are whole again: their primitives have a rule for each platform.
    """
    if _NATIVE.get() or jax.default_backend() != "cpu":
        return False
    return all(
        jnp.issubdtype(a.dtype, jnp.floating)
        and 3 <= a.ndim <= 5
        and all(type(d) is int and d for d in a.shape)
        for a in arrays
    )
