"""JAX, imported when first used: `from addax.engine._jax import jax, jnp, lax`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import jax
    from jax import lax
    from jax import numpy as jnp
else:
    from addax.core.lazy import LazyModule

    jax = LazyModule("jax")
    jnp = LazyModule("jax.numpy")
    lax = LazyModule("jax.lax")

__all__ = ["jax", "jnp", "lax", "not_tracing"]


def not_tracing() -> bool:
    """Whether ops run now, rather than being traced by `jit`, `grad`, `vmap` or `eval_shape`."""
    global not_tracing
    from jax._src.core import trace_state_clean  # JAX has no public name for it

    not_tracing = trace_state_clean
    return trace_state_clean()
