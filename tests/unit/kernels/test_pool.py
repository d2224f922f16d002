"""Pooling as it is written for a CPU, against XLA's own, which `native_operations` keeps."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from addax import kernels, ops

RNG = np.random.default_rng(0)

# input shape, window, strides, padding
CASES = {
    "two_rest": ((2, 7, 9, 3), 2, None, "valid"),
    "two_same": ((2, 7, 9, 3), 2, None, "same"),
    "three_step_two": ((2, 9, 8, 3), 3, 2, "same"),
    "three_step_one": ((1, 6, 7, 2), 3, 1, "same"),
    "uneven": ((1, 9, 8, 2), (2, 3), (3, 1), "valid"),
    "gaps": ((1, 11, 11, 1), 2, 3, "same"),
    "line": ((2, 11, 3), 3, 2, "valid"),
    "volume": ((1, 5, 4, 6, 2), 2, 1, "same"),
}


def both(function, *args):
    ours = jax.jit(function)(*args)
    with kernels.native_operations():
        theirs = jax.jit(lambda *a: function(*a))(*args)
    return ours, theirs


def assert_same(pair, tolerance=1e-5):
    for ours, theirs in zip(jax.tree.leaves(pair[0]), jax.tree.leaves(pair[1]), strict=True):
        assert ours.shape == theirs.shape and ours.dtype == theirs.dtype
        np.testing.assert_allclose(
            np.asarray(ours, "float32"), np.asarray(theirs, "float32"), rtol=tolerance, atol=tolerance
        )


def draw(shape, last=True):
    x = jnp.asarray(RNG.integers(-3, 4, shape), "float32")  # many elements are equal
    return x if last else jnp.moveaxis(x, -1, 1)


def gradient_of(op, window, strides, padding, data_format="channels_last"):
    def run(x):
        def loss(x):
            y = op(x, window, strides, padding, data_format)
            return jnp.sum(y * jnp.cos(jnp.arange(y.size, dtype=y.dtype)).reshape(y.shape)), y

        return jax.value_and_grad(loss, has_aux=True)(x)

    return run


@pytest.mark.parametrize("op", [ops.max_pool, ops.average_pool], ids=["max", "average"])
@pytest.mark.parametrize("case", CASES)
def test_values_and_gradients_are_those_of_the_native_operation(case, op):
    shape, window, strides, padding = CASES[case]
    x = draw(shape)
    run = gradient_of(op, window, strides, padding)
    assert "reduce_window" not in str(jax.make_jaxpr(run)(x))
    assert_same(both(run, x))


@pytest.mark.parametrize("op", [ops.max_pool, ops.average_pool], ids=["max", "average"])
def test_channels_first(op):
    shape, window, strides, padding = CASES["three_step_two"]
    assert_same(both(gradient_of(op, window, strides, padding, "channels_first"), draw(shape, last=False)))


def test_of_equal_elements_the_first_gets_the_gradient():
    gradient = jax.grad(lambda x: jnp.sum(ops.max_pool(x, 2, data_format="channels_last")))(
        jnp.ones((1, 4, 4, 1))
    )
    assert np.asarray(gradient)[0, :, :, 0].tolist() == [[1, 0, 1, 0], [0] * 4, [1, 0, 1, 0], [0] * 4]


def test_nan_is_the_maximum():
    x = np.arange(8.0, dtype="float32").reshape(1, 8, 1)
    x[0, [0, 3, 6, 7]] = np.nan
    found = np.asarray(ops.max_pool(jnp.asarray(x), 2, data_format="channels_last"))[0, :, 0]
    np.testing.assert_array_equal(found, [np.nan, np.nan, 5, np.nan])


@pytest.mark.parametrize(("op", "dtype"), [(ops.max_pool, "bfloat16"), (ops.average_pool, "float16")])
def test_half_precision(op, dtype):
    assert_same(both(gradient_of(op, 3, 2, "same"), draw((1, 6, 6, 2)).astype(dtype)), 2e-2)


@pytest.mark.parametrize("op", [ops.max_pool, ops.average_pool], ids=["max", "average"])
def test_other_derivatives_and_vmap(op):
    # The same numbers in any order of tests: which element is the largest must not change within the step below.
    x = jnp.asarray(np.random.default_rng(7).normal(size=(3, 2, 7, 5, 2)), "float32")

    def f(x):
        return jnp.sum(jnp.sin(op(x, 2, 1, "same", "channels_last")))

    def run(x):
        a, v = x[0], x[1]
        second = jax.grad(lambda a: jnp.vdot(jax.grad(f)(a), v))(a)
        return (
            jax.vmap(jax.value_and_grad(f))(x),
            second,
            jax.jvp(f, (a,), (v,)),
            jax.jvp(jax.grad(f), (a,), (v,)),
        )

    ours = jax.jit(run)(x)
    with kernels.native_operations():
        # XLA's maximum has no second derivative, so that is differences of the first.
        first = jax.jit(lambda x: (jax.vmap(jax.value_and_grad(f))(x), jax.jvp(f, (x[0],), (x[1],))))(x)
        step = 1e-3
        near = [jax.jit(jax.grad(f))(x[0] + s * step * x[1]) for s in (1, -1)]
    assert_same(((ours[0], ours[2]), first), 1e-4)
    expected = (near[0] - near[1]) / (2 * step)
    np.testing.assert_allclose(ours[1], expected, atol=5e-3)
    np.testing.assert_allclose(ours[3][1], expected, atol=5e-3)


def test_integers_and_large_windows():
    x = jnp.arange(12).reshape(1, 12, 1)
    assert np.asarray(ops.max_pool(x, 3, data_format="channels_last")).ravel().tolist() == [2, 5, 8, 11]
    assert_same(both(gradient_of(ops.max_pool, 9, 9, "valid"), draw((1, 19, 18, 2))))
    wide = gradient_of(ops.average_pool, 9, 9, "valid")
    assert_same(both(wide, draw((1, 19, 18, 2))))
    assert "reduce_window" not in str(jax.make_jaxpr(wide)(draw((1, 19, 18, 2))))
    first = gradient_of(ops.average_pool, 9, 9, "valid", "channels_first")
    assert_same(both(first, draw((1, 19, 18, 2), last=False)))
