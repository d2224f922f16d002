"""The recurrent kernels give what the plain loop gives, and its gradients."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from addax import layers, ops
from addax.core import context
from addax.layers.rnn._recurrence import Loop

_rng = np.random.default_rng(5)
X = jnp.asarray(_rng.normal(size=(3, 6, 4)), jnp.float32)
MASK = jnp.asarray(_rng.random((3, 6)) < 0.6)
CELLS = [layers.LSTMCell, layers.GRUCell, layers.SimpleRNNCell]


def recurrence_of(make, loop, mask=None, **options):
    """A function of the input, the states and the weights, and values for them."""
    cell = make(5, bias_initializer="normal", **options)
    cell.build(X.shape)
    states = [jnp.asarray(_rng.normal(size=(3, 5)), jnp.float32) for _ in cell.get_initial_state(3)]

    def run(x, states, weights):
        cell._weights = lambda: [*weights, None][:3]
        return cell.run(x, states, mask, True, loop)

    return run, (X, states, [jnp.asarray(w.numpy()) for w in cell.weights])


def slowly(run):
    def plain(*args):
        with context.entered(forward=True):
            return run(*args)

    return plain


def weighted(run):
    """A number that depends on every output."""

    def total(*args):
        leaves = jax.tree.leaves(run(*args))
        return sum(
            jnp.sum(jnp.cos(jnp.arange(x.size).reshape(x.shape)) * x.astype("float32")) for x in leaves
        )

    return total


def same(found, wanted, tolerance=1e-5):
    for a, b in zip(jax.tree.leaves(found), jax.tree.leaves(wanted), strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_allclose(np.float32(a), np.float32(b), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("make", CELLS)
@pytest.mark.parametrize(
    ("loop", "mask", "options"),
    [
        (Loop(sequences=False, unroll=True), None, {"use_bias": False}),
        (Loop(sequences=True, backwards=True, zero_output=True), MASK, {}),
    ],
)
def test_outputs_states_and_gradients_are_those_of_the_plain_loop(make, loop, mask, options):
    run, values = recurrence_of(make, loop, mask, **options)
    assert "custom_vjp" in str(jax.make_jaxpr(run)(*values))
    same(jax.jit(run)(*values), jax.jit(slowly(run))(*values))
    gradient = jax.jit(jax.grad(weighted(run), argnums=(0, 1, 2)))
    same(gradient(*values), jax.jit(jax.grad(weighted(slowly(run)), argnums=(0, 1, 2)))(*values))


@pytest.mark.parametrize("make", CELLS[:2])
def test_gradients_of_gradients(make):
    run, (x, states, weights) = recurrence_of(make, Loop(sequences=True), MASK)

    def penalty(run):
        def of(weights):
            return sum(jnp.sum(g**2) for g in jax.grad(weighted(run), argnums=2)(x, states, weights))

        return jax.jit(jax.grad(of))

    same(penalty(run)(weights), penalty(slowly(run))(weights), 1e-4)


def test_a_batch_of_models_by_vmap():
    run, (x, states, weights) = recurrence_of(layers.GRUCell, Loop(sequences=False))
    several = [jnp.stack([w, 2 * w]) for w in weights]
    gradient = jax.jit(jax.grad(weighted(run), argnums=2))
    found = jax.jit(jax.vmap(gradient, in_axes=(None, None, 0)))(x, states, several)
    for i in range(2):
        same([g[i] for g in found], gradient(x, states, [w[i] for w in several]))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision(dtype):
    run, values = recurrence_of(layers.GRUCell, Loop(sequences=True))
    both = jax.jit(lambda *v: (run(*v), jax.grad(weighted(run), argnums=(0, 1, 2))(*v)))
    found = jax.tree.leaves(both(*jax.tree.map(lambda x: x.astype(dtype), values)))
    assert {x.dtype.name for x in found} == {dtype}
    for a, b in zip(found, jax.tree.leaves(both(*values)), strict=True):
        np.testing.assert_allclose(np.float32(a), np.float32(b), rtol=0.05, atol=0.05 * float(abs(b).max()))


def test_an_export_with_open_sizes():
    run, (x, states, weights) = recurrence_of(layers.LSTMCell, Loop(sequences=True), None)
    batch, steps = jax.export.symbolic_shape("b, t")
    shapes = [
        jax.ShapeDtypeStruct((batch, steps, 4), "float32"),
        [jax.ShapeDtypeStruct((batch, 5), "float32")] * 2,
        [jax.ShapeDtypeStruct(w.shape, w.dtype) for w in weights],
    ]
    exported = jax.export.export(jax.jit(run))(*shapes)
    same(exported.call(x, states, weights), run(x, states, weights))


def test_a_derivative_taken_forwards():
    run, (x, states, weights) = recurrence_of(layers.SimpleRNNCell, Loop(sequences=False))
    direction = jnp.ones_like(x)
    _, slope = ops.jvp(lambda x: run(x, states, weights)[0], (x,), (direction,))
    gradient = jax.grad(lambda x: run(x, states, weights)[0].sum())(x)
    np.testing.assert_allclose(np.sum(slope), np.sum(gradient), rtol=1e-4)
