"""Ops of `ops.nn` against the real Keras on JAX: values, dtypes, gradients."""

from __future__ import annotations

import keras as real
import numpy as np
import pytest

from addax import ops
from addax.engine import GradientTape

pytestmark = pytest.mark.grid

RNG = np.random.default_rng(0)


def draw(*shape, dtype="float32"):
    return RNG.normal(size=shape).astype(dtype)


X = draw(4, 6)
IMAGE = draw(2, 9, 8, 4)
SEQUENCE = draw(2, 11, 3)
PROBABILITIES = np.asarray(real.ops.softmax(draw(5, 4)))

ACTIVATIONS = {
    "celu": {"alpha": 0.7},
    "elu": {"alpha": 0.7},
    "gelu": {"approximate": False},
    "glu": {"axis": 1},
    "hard_shrink": {"threshold": 0.3},
    "hard_sigmoid": {},
    "hard_silu": {},
    "hard_swish": {},
    "hard_tanh": {},
    "leaky_relu": {"negative_slope": 0.1},
    "log_sigmoid": {},
    "log_softmax": {"axis": 0},
    "relu": {},
    "relu6": {},
    "selu": {},
    "sigmoid": {},
    "silu": {},
    "soft_shrink": {"threshold": 0.2},
    "softmax": {"axis": 0},
    "softplus": {},
    "softsign": {},
    "sparse_plus": {},
    "sparse_sigmoid": {},
    "squareplus": {"b": 3},
    "swish": {},
    "tanh_shrink": {},
}


def assert_same(ours, theirs, rtol=1e-5, atol=1e-5):
    if isinstance(ours, (list, tuple)):
        assert len(ours) == len(theirs)
        for a, b in zip(ours, theirs, strict=True):
            assert_same(a, b, rtol, atol)
        return
    theirs = np.asarray(theirs)
    assert ours.dtype.name == theirs.dtype.name
    assert tuple(ours.shape) == theirs.shape
    wide = np.complex64 if theirs.dtype.kind == "c" else np.float64
    np.testing.assert_allclose(np.asarray(ours).astype(wide), theirs.astype(wide), rtol=rtol, atol=atol)


def both(name, *args, rtol=1e-5, atol=1e-5, **kwargs):
    assert_same(getattr(ops, name)(*args, **kwargs), getattr(real.ops, name)(*args, **kwargs), rtol, atol)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_have_the_values_of_keras(name):
    both(name, 3 * X)
    both(name, 3 * X, **ACTIVATIONS[name])


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_keep_half_precision(name):
    import jax.numpy as jnp

    x = jnp.asarray(X, "bfloat16")
    ours = getattr(ops, name)(ops.convert_to_tensor(x))
    assert ours.dtype.name == np.asarray(getattr(real.ops, name)(x)).dtype.name == "bfloat16"


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_have_the_gradients_of_keras(name):
    import jax

    x = ops.convert_to_tensor(X)
    with GradientTape() as tape:
        tape.watch(x)
        y = ops.sum(getattr(ops, name)(x) * 1.5)
    wanted = jax.grad(lambda x: (getattr(real.ops, name)(x) * 1.5).sum())(X)
    assert_same(tape.gradient(y, x), wanted)


def test_threshold():
    both("threshold", X, 0.5, -1.0)


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("options", [{}, {"strides": 2}, {"dilation_rate": 2}, {"strides": (2, 1)}])
def test_conv(padding, options):
    both("conv", IMAGE, draw(3, 2, 4, 5), padding=padding, **options)
    both("conv", IMAGE, draw(3, 2, 2, 6), padding=padding, **options)  # in two groups
    both("depthwise_conv", IMAGE, draw(3, 2, 4, 2), padding=padding, **options)
    if options != {"strides": (2, 1)}:
        both("conv", SEQUENCE, draw(3, 3, 5), padding=padding, **options)
        both("separable_conv", IMAGE, draw(3, 2, 4, 2), draw(1, 1, 8, 5), padding=padding, **options)


def test_conv_in_channels_first_and_in_three_dimensions():
    both("conv", draw(2, 4, 7, 7), draw(3, 3, 4, 5), data_format="channels_first")
    both("conv", draw(1, 5, 5, 5, 2), draw(2, 2, 2, 2, 3), strides=2)


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("window", [1, 2, 3, 5])
@pytest.mark.parametrize("strides", [1, 2, 3])
def test_conv_transpose_has_the_sizes_of_keras(padding, window, strides):
    kernel = draw(window, 2, 3)
    both("conv_transpose", SEQUENCE, kernel, strides=strides, padding=padding)
    both("conv_transpose", SEQUENCE, kernel, strides=strides, padding=padding, output_padding=strides - 1)
    if strides == 1:
        both("conv_transpose", SEQUENCE, kernel, strides=1, padding=padding, dilation_rate=2)


def test_conv_transpose_of_images():
    both("conv_transpose", IMAGE, draw(3, 4, 2, 4), strides=(2, 3), padding="same")
    both("conv_transpose", draw(2, 4, 5, 5), draw(3, 3, 2, 4), strides=2, data_format="channels_first")


@pytest.mark.parametrize("name", ["max_pool", "average_pool"])
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("size, strides", [(2, 2), ((3, 2), (1, 2)), (3, 2)])
def test_pools(name, padding, size, strides):
    both(name, IMAGE, size, strides, padding)
    both(name, IMAGE, size, strides, padding, data_format="channels_first")
    if isinstance(size, int):
        both(name, SEQUENCE, size, strides, padding)
        assert_same(getattr(ops, name)(IMAGE, size), getattr(real.ops, name)(IMAGE, size, size))


@pytest.mark.parametrize("name", ["adaptive_max_pool", "adaptive_average_pool"])
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_adaptive_pools(name, data_format):
    both(name, IMAGE, (3, 3), data_format=data_format)
    both(name, SEQUENCE, 2, data_format=data_format)


def test_encodings():
    both("one_hot", np.array([[0, 2], [-1, 5]]), 4)
    both("one_hot", np.array([0, 2]), 4, axis=0, dtype="int32")
    both("multi_hot", np.array([[0, 2], [1, 1]]), 4)
    both("multi_hot", np.array([0, 3]), 4, dtype="bool")


@pytest.mark.parametrize("from_logits", [False, True])
def test_crossentropies(from_logits):
    output = draw(5, 4) if from_logits else PROBABILITIES
    target = np.eye(4, dtype="float32")[[0, 3, 1, 2, 2]]
    both("categorical_crossentropy", target, output, from_logits=from_logits)
    both("sparse_categorical_crossentropy", np.array([0, 3, 1, 2, -1]), output, from_logits=from_logits)
    both(
        "sparse_categorical_crossentropy",
        np.array([[0], [3], [1], [2], [9]]),
        output,
        from_logits=from_logits,
    )
    both("binary_crossentropy", target, output, from_logits=from_logits)
    both("categorical_crossentropy", target, output, from_logits=from_logits, axis=0)


def test_moments():
    both("moments", IMAGE, [0, 1, 2])
    both("moments", IMAGE, axes=(1,), keepdims=True)
    both("moments", IMAGE.astype("float16"), [0], rtol=1e-3, atol=1e-3)


def test_normalizations():
    mean, variance, scale, offset = draw(4), abs(draw(4)), draw(4), draw(4)
    both("batch_normalization", IMAGE, mean, variance, 3)
    both("batch_normalization", IMAGE, mean, variance, -1, offset=offset, scale=scale, epsilon=0.1)
    both("layer_normalization", IMAGE)
    both("layer_normalization", IMAGE, scale, offset, axis=-1, epsilon=1e-3, rtol=1e-4, atol=1e-5)
    both("layer_normalization", IMAGE, draw(8, 4), draw(8, 4), axis=(2, 3), rtol=1e-4, atol=1e-5)
    both("layer_normalization", IMAGE.astype("float16"), rtol=2e-3, atol=2e-3)
    both("rms_normalization", IMAGE, scale)
    both("rms_normalization", IMAGE, axis=(1, 2))
    for order in (1, 2, 3):
        both("normalize", X, axis=0, order=order)
    both("normalize", np.zeros((2, 3), "float32"))


def test_blocks():
    both("space_to_depth", draw(2, 4, 6, 3), 2)
    both("space_to_depth", draw(2, 3, 4, 6), 2, data_format="channels_first")
    both("depth_to_space", draw(2, 4, 6, 8), 2)
    both("depth_to_space", draw(2, 8, 4, 6), 2, data_format="channels_first")


@pytest.mark.parametrize("options", [{}, {"stride": 2}, {"padding": (1, 2)}, {"dilation": 2}])
def test_fold_and_unfold(options):
    image = draw(2, 3, 8, 9)
    both("unfold", image, (2, 3), **options)
    columns = np.asarray(real.ops.unfold(image, (2, 3), **options))
    both("fold", columns, (8, 9), (2, 3), **options)


def test_polar_and_psnr():
    both("polar", abs(X), X)
    both("psnr", X, X + 0.1, 2.0)


def test_ctc_loss():
    target = np.array([[1, 1, 2], [3, 2, 0], [2, 0, 0]])
    args = (target, draw(3, 8, 5), np.array([3, 2, 1]), np.array([8, 6, 4]))
    both("ctc_loss", *args, rtol=1e-4)
    both("ctc_loss", *args[:2], np.array([0, 2, 3]), np.array([8, 8, 8]), mask_index=4, rtol=1e-4)


def test_ctc_loss_gradient():
    import jax

    target, lengths = np.array([[1, 1, 2]]), (np.array([3]), np.array([7]))
    logits = ops.convert_to_tensor(draw(1, 8, 4))
    with GradientTape() as tape:
        tape.watch(logits)
        loss = ops.sum(ops.ctc_loss(target, logits, *lengths))
    wanted = jax.grad(lambda x: real.ops.ctc_loss(target, x, *lengths).sum())(logits.numpy())
    assert_same(tape.gradient(loss, logits), wanted, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("merge_repeated", [True, False])
def test_ctc_greedy_decoding(merge_repeated):
    args = (draw(3, 9, 4), np.array([9, 5, 7]))
    both("ctc_decode", *args, merge_repeated=merge_repeated)
    both("ctc_decode", *args, merge_repeated=merge_repeated, mask_index=None)


@pytest.mark.parametrize("width", [3, 12])
def test_ctc_beam_search(width):
    args = (2 * draw(3, 7, 4), np.array([7, 4, 6]))
    both("ctc_decode", *args, strategy="beam_search", beam_width=width, top_paths=3, mask_index=0, rtol=1e-4)


@pytest.mark.parametrize("is_causal", [True, False])
def test_dot_product_attention(is_causal):
    q, k, v = draw(2, 5, 4, 8), draw(2, 5, 4, 8), draw(2, 5, 4, 8)
    mask = RNG.random((2, 1, 5, 5)) > 0.3
    mask[..., 0] = True
    both("dot_product_attention", q, k, v, is_causal=is_causal)
    both("dot_product_attention", q, k, v, mask=mask, scale=0.3, is_causal=is_causal)
    both("dot_product_attention", q, k[:, :, :2], v[:, :, :2], bias=draw(1, 4, 5, 5), is_causal=is_causal)
