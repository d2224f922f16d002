"""What the machine can do: the roof over the workloads."""

from __future__ import annotations

import time

import numpy as np

_REPEATS = 5
_COPIED = 2**28  # bytes


def _best(run):
    run()
    taken = []
    for _ in range(_REPEATS):
        start = time.perf_counter()
        run()
        taken.append(time.perf_counter() - start)
    return min(taken)


def _copy_rate():
    """GB/s of a copy between two arrays in memory: bytes read and bytes written."""
    source = np.ones(_COPIED // 4, "float32")
    target = np.empty_like(source)
    return 2 * _COPIED / _best(lambda: np.copyto(target, source)) / 1e9


def jax_rates(options):
    """GFLOP/s of matrix products in JAX and NumPy, GB/s of a copy."""
    import jax
    import jax.numpy as jnp

    side = 8_192 if options.gpu else 2_048
    product = jax.jit(jnp.matmul)
    found = {}
    for dtype in ("float32", "bfloat16") if options.gpu else ("float32",):
        a = jnp.ones((side, side), dtype)
        best = _best(lambda a=a: product(a, a).block_until_ready())
        found[dtype] = 2 * side**3 / best / 1e9
    if options.gpu:
        x = jnp.ones(2**28, "float32")
        copy = jax.jit(lambda x: x + 1)
        found["copy"] = 2 * x.nbytes / _best(lambda: copy(x).block_until_ready()) / 1e9
    else:
        a = np.ones((side, side), "float32")
        found["numpy"] = 2 * side**3 / _best(lambda: a @ a) / 1e9
        found["copy"] = _copy_rate()
    return found


def torch_rates(options):
    """GFLOP/s of matrix products in PyTorch."""
    import torch

    side = 8_192 if options.gpu else 2_048
    torch.backends.cuda.matmul.allow_tf32 = True
    found = {}
    for dtype in ("float32", "bfloat16") if options.gpu else ("float32",):
        device = "cuda" if options.gpu else "cpu"
        a = torch.ones((side, side), dtype=getattr(torch, dtype), device=device)

        def run(a=a):
            (a @ a)[0, 0].item()

        found[dtype] = 2 * side**3 / _best(run) / 1e9
    return found
