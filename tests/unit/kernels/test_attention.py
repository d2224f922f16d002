"""The CPU's attention gives what JAX's own function gives, and its gradients."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from addax import ops

_rng = np.random.default_rng(2)


def arrays(dtype, *shapes):
    return [jnp.asarray(_rng.normal(size=s), dtype) for s in shapes]


@pytest.mark.parametrize(
    ("heads", "dtype", "options"),
    [
        (2, "float32", {}),
        (1, "float32", {"is_causal": True, "scale": 0.3}),
        (4, "bfloat16", {"mask": _rng.random((2, 1, 5, 7)) < 0.4}),
        (2, "float32", {"bias": _rng.normal(size=(1, 4, 5, 7)), "mask": _rng.random((2, 4, 5, 7)) < 0.8}),
    ],
)
def test_values_and_gradients_are_those_of_jax(heads, dtype, options):
    given = arrays(dtype, (2, 5, 4, 8), (2, 7, heads, 8), (2, 7, heads, 8))
    direct = {**options, "bias": jnp.asarray(options["bias"], dtype)} if "bias" in options else options

    def both(function, options):
        def total(*given):
            out = function(*given, **options)
            return jnp.sum(jnp.sin(out.astype("float32") * 3)), out

        return jax.jit(jax.grad(total, argnums=(0, 1, 2), has_aux=True))(*given)

    found = both(ops.dot_product_attention, options)
    wanted = both(jax.nn.dot_product_attention, direct)
    tolerance = 2e-5 if dtype == "float32" else 0.05
    for a, b in zip(jax.tree.leaves(found), jax.tree.leaves(wanted), strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_allclose(np.float32(a), np.float32(b), rtol=tolerance, atol=tolerance)
