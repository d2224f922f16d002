"""Functions of functions: `vectorize` over elements, `jvp` for derivatives in one direction."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from addax.core import context, tree
from addax.core.errors import message
from addax.engine._bind import raw_of
from addax.engine._jax import jax, jnp
from addax.engine._op import op
from addax.engine._tensor import Tensor


def vectorize(
    pyfunc: Callable, *, excluded: Iterable | None = None, signature: str | None = None
) -> Callable:
    """A function of tensors that applies `pyfunc` to all elements, with broadcasting.

    Args:
        pyfunc: A function of scalars, written with ops.
        excluded: Positions and names of arguments to pass on as they are.
        signature: The core dimensions, such as `"(n),(n)->()"`, if `pyfunc` takes or gives more than scalars.

    Returns:
        The function of tensors.

    Raises:
        ValueError: If `pyfunc` cannot be called.

    Example:
        >>> import addax as keras
        >>> keras.ops.vectorize(lambda a, b: a * b)([1, 2], [[3], [4]]).shape
        TensorShape([2, 2])
    """
    if not callable(pyfunc):
        raise ValueError(message("vectorize() takes a function.", expected="a callable", received=pyfunc))

    def of_elements(*args: Any, **kwargs: Any) -> Any:
        return tree.map_structure(raw_of, pyfunc(*args, **kwargs))

    # What `pyfunc` does besides (reading variables, printing) happens at each call, so it is not compiled.
    @op(compilable=False, name="vectorize")
    def vectorized(*args: Any, **kwargs: Any) -> Any:
        return jnp.vectorize(of_elements, excluded=frozenset(excluded or ()), signature=signature)(
            *args, **kwargs
        )

    return vectorized


def jvp(fun: Callable, primals: Any, tangents: Any, has_aux: bool = False) -> Any:
    """The value of a function and its derivative in one direction, by forward differentiation.

    Args:
        fun: A function of tensors.
        primals: A list or tuple of its arguments.
        tangents: The direction: a list or tuple of tensors of the same shapes.
        has_aux: Whether `fun` returns a pair, of what is differentiated and something else.

    Returns:
        A tuple `(value, derivative)`, with `has_aux` `(value, derivative, aux)`.

    Example:
        >>> import addax as keras
        >>> value, derivative = keras.ops.jvp(keras.ops.square, (3.0,), (1.0,))
        >>> float(value), float(derivative)
        (9.0, 6.0)
    """
    wrap = _same if all(hasattr(x, "aval") for x in primals) else Tensor

    def of_raw(*raw: Any) -> Any:
        return tree.map_structure(raw_of, fun(*map(wrap, raw)))

    @op(compilable=False, lists=("points", "directions"), name="jvp")
    def run(points: Any, directions: Any) -> Any:
        points = [jnp.asarray(x) for x in points]
        directions = [jnp.asarray(t, x.dtype) for t, x in zip(directions, points, strict=True)]
        with context.entered(forward=True):
            return jax.jvp(of_raw, points, directions, has_aux=has_aux)

    return run(list(primals), list(tangents))


def _same(x: Any) -> Any:
    return x
