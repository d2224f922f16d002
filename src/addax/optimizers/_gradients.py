"""Gradients before they are used: clipping, and the choice between two branches that write variables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from addax.engine import Variable, pure
from addax.engine._jax import jnp, lax
from addax.engine._tensor import is_concrete


def clip_by_norm(grad: Any, limit: float) -> Any:
    """A gradient scaled down so that its L2 norm is at most `limit`."""
    norm = jnp.sqrt(jnp.sum(jnp.square(grad)))
    return grad * limit / jnp.maximum(norm, limit)


def clip_by_global_norm(grads: Sequence[Any], limit: float) -> list:
    """Gradients scaled down so that the L2 norm of all together is at most `limit`; NaN if it is infinite."""
    norm = jnp.sqrt(sum(jnp.sum(jnp.square(grad)) for grad in grads))
    scale = limit * jnp.minimum(1.0 / norm, 1.0 / limit) + (norm - norm)
    return [grad * scale.astype(grad.dtype) for grad in grads]


def clip_by_value(grad: Any, limit: float) -> Any:
    """A gradient with every element in [-limit, limit]."""
    return jnp.clip(grad, -limit, limit)


def all_finite(grads: Sequence[Any]) -> Any:
    """Whether no gradient holds an infinity or a NaN."""
    return jnp.all(jnp.stack([jnp.all(jnp.isfinite(grad)) for grad in grads]))


def run_either(predicate: Any, then: Callable, otherwise: Callable, variables: Sequence[Variable]) -> None:
    """Run one of two pieces of imperative code; a predicate that is known only later becomes a `lax.cond`.

    Args:
        predicate: A scalar bool array.
        then: Runs if it is true; writes to `variables` only.
        otherwise: Runs if it is false; writes to `variables` only.
        variables: Every variable that one of them may write.
    """
    if is_concrete(predicate):
        (then if bool(predicate) else otherwise)()
        return
    variables = list(dict.fromkeys(variables))
    values = [v._raw() for v in variables]

    def branch(code: Callable) -> Callable:
        run = pure(code, variables)

        def on_values(values: list) -> list:
            _, written = run(values)
            return [written.get(v, old) for v, old in zip(variables, values, strict=True)]

        return on_values

    for variable, new in zip(
        variables, lax.cond(predicate, branch(then), branch(otherwise), values), strict=True
    ):
        variable._write(new)
