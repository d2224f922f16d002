"""Times the CPU's convolutions and poolings against XLA's own: `python benchmarks/kernels/conv.py [rounds]`.

Each row is one layer; each number is milliseconds of a call, the least of the rounds, outside of a loop and inside
of one. The rules of `addax/kernels/_conv.py` and `_pool.py` rest on this table.
"""

from __future__ import annotations

import sys
import time

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from addax import kernels, ops

# name, batch, size, channels, filters, window, stride, depthwise
LAYERS = (
    ("cnn 1", 32, 28, 1, 32, 3, 1, False),
    ("cnn 2", 32, 13, 32, 64, 3, 1, False),
    ("resnet 16", 32, 32, 16, 16, 3, 1, False),
    ("resnet 16-32", 32, 32, 16, 32, 3, 2, False),
    ("resnet 32", 32, 16, 32, 32, 3, 1, False),
    ("resnet 64", 32, 8, 64, 64, 3, 1, False),
    ("shortcut", 32, 32, 16, 32, 1, 2, False),
    ("point", 32, 32, 32, 64, 1, 1, False),
    ("depthwise", 32, 32, 32, 1, 3, 1, True),
    ("depthwise 2", 32, 16, 64, 1, 3, 2, True),
    ("stem", 1, 224, 3, 64, 7, 2, False),
)
TURNS = 4


def least(function, args, rounds, turns):
    """Milliseconds of a call outside of a loop and inside of one of some turns."""
    shapes = jax.eval_shape(function, *args)

    def loop(first, *rest):
        def body(_, out):
            return function(first + jax.tree.leaves(out)[0].ravel()[0] * 1e-20, *rest)

        return lax.fori_loop(0, turns, body, jax.tree.map(lambda s: jnp.zeros(s.shape, s.dtype), shapes))

    found = []
    for timed, count in ((function, 1), (loop, turns)):
        compiled = jax.jit(timed).lower(*args).compile()
        jax.block_until_ready(compiled(*args))
        best = float("inf")
        for _ in range(rounds):
            start = time.perf_counter()
            jax.block_until_ready(compiled(*args))
            best = min(best, (time.perf_counter() - start) / count)
        found.append(f"{best * 1e3:8.2f}")
    return " ".join(found)


def row(name, function, args, rounds):
    """One line: the kernels' times, then those of XLA's operations."""
    ours = least(function, args, rounds, TURNS)
    with kernels.native_operations():
        theirs = least(lambda *a: function(*a), args, max(1, rounds // 3), 1)
    print(f"{name:28s} {ours}   | {theirs}", flush=True)


def main():
    """Print the table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    rng = np.random.default_rng(0)
    ops.zeros(1)  # before JAX is used by itself: Addax tells XLA which library computes convolutions

    def draw(*shape):
        return jnp.asarray(rng.normal(size=shape), "float32")

    print(f"{'milliseconds':28s} {'call':>8s} {'in loop':>8s}   | {'XLA':>8s} {'in loop':>8s}")
    for name, batch, size, channels, filters, window, stride, depthwise in LAYERS:
        x, w = draw(batch, size, size, channels), draw(window, window, channels, filters)
        op = ops.depthwise_conv if depthwise else ops.conv
        run = lambda x, w: op(x, w, stride, "same", "channels_last")  # noqa: B023, E731
        dy = jnp.ones(jax.eval_shape(run, x, w).shape)
        row(f"{name} forwards", run, (x, w), rounds)
        row(f"{name} to inputs", lambda dy, x, w: jax.vjp(run, x, w)[1](dy)[0], (dy, x, w), rounds)  # noqa: B023
        row(f"{name} to kernel", lambda x, w, dy: jax.vjp(run, x, w)[1](dy)[1], (x, w, dy), rounds)  # noqa: B023
    for window, stride in ((2, 2), (3, 2)):
        x = draw(32, 26, 26, 32)
        for op in (ops.max_pool, ops.average_pool):
            run = lambda x: jnp.sum(op(x, window, stride, "same", "channels_last") ** 2)  # noqa: B023, E731
            row(f"{op.__name__} {window}/{stride} both ways", jax.grad(run), (x,), rounds)


if __name__ == "__main__":
    main()
