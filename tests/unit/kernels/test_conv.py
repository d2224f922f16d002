"""Convolutions as they are written for a CPU, against XLA's own, which `native_operations` keeps."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from addax import kernels, ops
from addax.kernels import _onednn

RNG = np.random.default_rng(0)


@pytest.fixture(autouse=True, params=["xla", "onednn"])
def library(request, monkeypatch):
    """With the kernels that XLA compiles, and with oneDNN wherever it can be called."""
    if request.param == "onednn" and not _onednn.available():
        pytest.skip("jaxlib has no oneDNN on this machine")
    monkeypatch.setattr(_onednn, "seconds_saved", lambda *_: float(request.param == "onednn"))


# input shape, kernel shape, strides, padding, dilation
PLAIN = {
    "three_wide": ((2, 17, 8, 16), (3, 3, 16, 4), (1, 2), "same", 1),
    "three_step": ((2, 9, 8, 3), (3, 3, 3, 4), 2, "same", 1),
    "even_step_valid": ((2, 10, 11, 2), (4, 2, 2, 5), (2, 3), "valid", 1),
    "one": ((2, 5, 4, 3), (1, 1, 3, 6), 1, "valid", 1),
    "one_step": ((2, 5, 4, 3), (1, 1, 3, 6), 2, "same", 1),
    "patches": ((2, 9, 8, 3), (4, 4, 3, 5), 4, "valid", 1),
    "holes": ((2, 9, 9, 2), (2, 2, 2, 3), 3, "same", 1),
    "long_step": ((1, 23, 22, 1), (6, 6, 1, 2), 5, "same", 1),
    "dilated": ((2, 9, 8, 3), (3, 2, 3, 4), 1, "same", (2, 3)),
    "dilated_step": ((1, 9, 8, 2), (3, 3, 2, 2), 2, "same", 2),
    "pairs": ((2, 6, 6, 2), (3, 3, 2, 2), 1, ((2, 0), (1, 3)), 1),
    "line": ((2, 11, 3), (5, 3, 4), 2, "same", 1),
    "volume": ((1, 5, 4, 6, 2), (3, 2, 3, 2, 3), (1, 2, 2), "same", 1),
    "volume_wide": ((1, 6, 5, 7, 1), (4, 3, 3, 1, 2), 1, "same", 1),
    "few_inputs": ((2, 9, 8, 1), (3, 3, 1, 8), 1, "same", 1),
    "few_inputs_step": ((2, 9, 8, 3), (3, 3, 3, 16), (2, 1), "same", 1),
    "few_inputs_dilated": ((2, 11, 9, 4), (3, 2, 4, 10), 1, "valid", (2, 3)),
    "few_inputs_line": ((2, 30, 2), (9, 2, 8), 3, "same", 1),
    "few_outputs": ((2, 7, 8, 5), (3, 3, 5, 16), 1, "same", 1),
    "few_outputs_step": ((2, 7, 10, 6), (3, 4, 6, 9), (2, 1), ((0, 2), (1, 4)), (2, 1)),
    "few_outputs_odd": ((2, 7, 9, 5), (3, 3, 5, 16), 1, "same", 1),
    "few_outputs_line": ((2, 12, 9), (5, 9, 12), 1, "valid", 1),
    "groups": ((2, 7, 6, 6), (3, 3, 2, 9), 2, "same", 1),
    "many_groups": ((1, 5, 4, 68), (3, 3, 2, 34), 1, "same", 1),
    "depthwise_step": ((3, 7, 6, 4), (3, 3, 1, 8), 2, "same", 1),
    "depthwise_dilated": ((2, 9, 8, 2), (3, 3, 1, 2), 1, "valid", 2),
}


def draw(*shape, dtype="float32"):
    return jnp.asarray(RNG.normal(size=shape), dtype)


def both(function, *args):
    """The function's result with the kernels, and with XLA's operations."""
    ours = jax.jit(function)(*args)
    with kernels.native_operations():
        theirs = jax.jit(lambda *a: function(*a))(*args)
    return ours, theirs


def assert_same(pair, rtol=2e-4, atol=2e-4):
    for ours, theirs in zip(jax.tree.leaves(pair[0]), jax.tree.leaves(pair[1]), strict=True):
        assert ours.shape == theirs.shape and ours.dtype == theirs.dtype
        np.testing.assert_allclose(
            np.asarray(ours, "float32"), np.asarray(theirs, "float32"), rtol=rtol, atol=atol
        )


def names(function, *args):
    """The primitives in a function's jaxpr, inner ones too."""
    return str(jax.make_jaxpr(function)(*args))


@pytest.mark.parametrize("case", PLAIN)
def test_values_and_gradients_are_those_of_the_native_operation(case):
    shape, window, strides, padding, dilation = PLAIN[case]
    x, w = draw(*shape), draw(*window)

    def loss(x, w):
        y = ops.conv(x, w, strides, padding, "channels_last", dilation)
        return jnp.sum(jnp.sin(y)), y

    def run(x, w):
        return jax.value_and_grad(loss, (0, 1), has_aux=True)(x, w)

    assert "addax_conv_kernel" in names(run, x, w) and "conv_general_dilated" not in names(run, x, w)
    assert_same(both(run, x, w))


@pytest.mark.parametrize("case", ["three_step", "groups"])
def test_channels_first(case):
    shape, window, strides, padding, dilation = PLAIN[case]
    x, w = jnp.moveaxis(draw(*shape), -1, 1), draw(*window)

    def run(x, w):
        f = lambda x, w: jnp.sum(ops.conv(x, w, strides, padding, "channels_first", dilation) ** 2)  # noqa: E731
        return jax.value_and_grad(f, (0, 1))(x, w)

    assert_same(both(run, x, w), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_half_precision(dtype):
    x, w = draw(2, 8, 8, 4, dtype=dtype), draw(3, 3, 4, 8, dtype=dtype)
    depthwise, point = draw(2, 2, 8, 1, dtype=dtype), draw(1, 1, 8, 4, dtype=dtype)

    def run(x, *ws):
        def f(x, w, depthwise, point):
            y = ops.conv(x, w, 2, "same", "channels_last")
            return jnp.sum(ops.separable_conv(y, depthwise, point, 1, "same", "channels_last"))

        return jax.grad(f, (0, 1, 2, 3))(x, *ws)

    assert_same(both(run, x, w, depthwise, point), rtol=3e-2, atol=0.3)


@pytest.mark.parametrize(
    ("strides", "padding", "extra", "dilation"),
    [
        (1, "same", None, 1),
        (2, "same", None, 1),
        (2, "valid", None, 1),
        (3, "same", 1, 1),
        (1, "valid", None, 2),
    ],
)
def test_transposed_convolutions(strides, padding, extra, dilation):
    x, w = draw(2, 5, 4, 3), draw(3, 3, 4, 3)

    def run(x, w):
        def loss(x, w):
            y = ops.conv_transpose(x, w, strides, padding, extra, "channels_last", dilation)
            return jnp.sum(jnp.sin(y)), y

        return jax.value_and_grad(loss, (0, 1), has_aux=True)(x, w)

    assert_same(both(run, x, w))


@pytest.mark.parametrize(("channels", "strides"), [(3, 2), (1, 1)], ids=["plain", "depthwise"])
def test_derivatives_of_second_order_and_forwards(channels, strides):
    x, w, v = draw(2, 5, 4, 3), draw(2, 2, channels, 3), draw(2, 5, 4, 3)

    def f(x, w):
        return jnp.sum(jnp.sin(ops.conv(x, w, strides, "same", "channels_last")))

    def run(x, w):
        twice = jax.grad(lambda x, w: jnp.vdot(jax.grad(f)(x, w), v), (0, 1))(x, w)
        kernel = jax.grad(lambda x, w: jnp.sum(jax.grad(f, 1)(x, w) ** 2), (0, 1))(x, w)
        return twice, kernel, jax.jvp(f, (x, w), (v, w))

    assert_same(both(run, x, w), rtol=1e-3, atol=2e-3)


@pytest.mark.parametrize(("channels", "strides"), [(3, 2), (1, 1)], ids=["plain", "depthwise"])
def test_vmap_over_inputs_kernels_and_both(channels, strides):
    x, w = draw(3, 2, 5, 4, 3), draw(3, 2, 2, channels, 3)

    def grads(x, w):
        f = lambda x, w: jnp.sum(ops.conv(x, w, strides, "same", "channels_last") ** 2)  # noqa: E731
        return jax.value_and_grad(f, (0, 1))(x, w)

    def run(x, w):
        return [
            jax.vmap(grads, axes)(*arrays)
            for axes, arrays in (((0, None), (x, w[0])), ((None, 0), (x[0], w)), ((0, 0), (x, w)))
        ]

    assert_same(both(run, x, w), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64"])
def test_kernels_of_other_types(dtype):
    with jax.enable_x64(dtype == "float64"):
        x, w = draw(2, 9, 6, 3).astype(dtype), draw(3, 2, 3, 4).astype(dtype)
        f = jax.grad(lambda x, w: jnp.sum(ops.conv(x, w, 2, "same", "channels_last") ** 2), (0, 1))
        assert [g.dtype for g in f(x, w)] == [x.dtype, w.dtype]
        assert_same(both(f, x, w), rtol=0.05, atol=0.2)


def test_sizes_that_are_not_known_and_other_dtypes_stay_whole():
    from jax import export

    w = np.ones((3, 3, 1, 2), "float32")
    f = jax.jit(lambda x: ops.conv(x, w, data_format="channels_last"))
    spec = jax.ShapeDtypeStruct(export.symbolic_shape("b, 6, 6, 1"), "float32")
    assert "stablehlo.convolution" in export.export(f)(spec).mlir_module()
    whole = ops.conv(jnp.ones((1, 4, 4, 1), "int32"), jnp.ones((3, 3, 1, 1), "int32"))
    assert int(whole[0, 0, 0, 0]) == 9


def test_a_program_for_another_device_has_whole_convolutions():
    x, w = draw(2, 6, 6, 2), draw(3, 3, 1, 2)
    f = jax.jit(jax.grad(lambda x, w: jnp.sum(ops.conv(x, w, data_format="channels_last") ** 2), (0, 1)))
    traced = f.trace(x, w)
    assert traced.lower(lowering_platforms=("cuda",)).as_text().count("stablehlo.convolution") == 3
    assert "stablehlo.convolution" not in traced.lower(lowering_platforms=("cpu",)).as_text()
