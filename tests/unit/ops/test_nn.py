"""Ops of `ops.nn`: shapes of symbolic tensors, settings, errors, what Keras gets wrong."""

from __future__ import annotations

import numpy as np
import pytest

from addax import ops
from addax.core import config
from addax.engine import GradientTape, SymbolicTensor, Variable


def image(*shape):
    return SymbolicTensor((None, *shape))


def test_shapes_of_symbolic_results():
    kernel = np.ones((3, 3, 4, 5), "float32")
    assert ops.conv(image(9, 8, 4), kernel).shape == (None, 7, 6, 5)
    assert ops.conv(image(None, None, 4), kernel, strides=2, padding="same").shape == (None, None, None, 5)
    assert ops.conv_transpose(image(9, 8, 4), np.ones((3, 3, 2, 4)), 2, "same").shape == (None, 18, 16, 2)
    assert ops.depthwise_conv(image(9, 8, 4), np.ones((3, 3, 4, 2))).shape == (None, 7, 6, 8)
    assert ops.max_pool(image(9, 8, 4), 2).shape == (None, 4, 4, 4)
    assert ops.adaptive_average_pool(image(None, 8, 4), (2, 3)).shape == (None, 2, 3, 4)
    assert ops.one_hot(SymbolicTensor((None, 3), "int32"), 5).shape == (None, 3, 5)
    assert ops.softmax(image(3)).shape == (None, 3)
    assert [m.shape for m in ops.moments(image(3), [0])] == [(3,), (3,)]
    assert ops.sparse_categorical_crossentropy(SymbolicTensor((None,), "int32"), image(3)).shape == (None,)
    assert ops.unfold(image(3, 8, 8), 2).shape == (None, 12, 49)
    assert ops.ctc_loss(
        SymbolicTensor((None, 5), "int32"),
        image(9, 4),
        SymbolicTensor((None,), "int32"),
        SymbolicTensor((None,), "int32"),
    ).shape == (None,)
    assert ops.dot_product_attention(*[image(6, 2, 8)] * 3).shape == (None, 6, 2, 8)


def test_the_image_layout_of_the_settings_counts():
    x = np.ones((1, 4, 4, 2), "float32")
    assert ops.max_pool(x, 2).shape == (1, 2, 2, 2)
    config.set_image_data_format("channels_first")
    try:
        assert ops.max_pool(x, 2).shape == (1, 4, 2, 1)
    finally:
        config.set_image_data_format("channels_last")
    assert ops.max_pool(x, 2).shape == (1, 2, 2, 2)


def test_epsilon_of_the_settings_counts():
    before = float(ops.binary_crossentropy(1.0, 0.0))
    config.set_epsilon(1e-3)
    try:
        assert float(ops.binary_crossentropy(1.0, 0.0)) == pytest.approx(-np.log(1e-3), rel=1e-4)
    finally:
        config.set_epsilon(1e-7)
    assert float(ops.binary_crossentropy(1.0, 0.0)) == before == pytest.approx(-np.log(1e-7), rel=1e-4)


def test_sparsemax_projects_onto_the_simplex():
    # Keras 3.15 sums too much when several elements stay, so its rows do not add up to one.
    x = np.random.default_rng(0).normal(size=(5, 6)).astype("float32")
    y = ops.sparsemax(x).numpy()
    np.testing.assert_allclose(y.sum(1), 1, rtol=1e-5)
    for row, out in zip(x, y, strict=True):
        tau = max(row[out > 0] - out[out > 0])
        np.testing.assert_allclose(out, np.maximum(row - tau, 0), atol=1e-6)


def test_integers_are_taken_as_floats_where_they_must_be():
    assert (
        ops.sigmoid([0, 1]).dtype
        == ops.softmax([1, 2]).dtype
        == ops.average_pool([[[1], [2]]], 2).dtype
        == "float32"
    )
    assert ops.relu([-1, 2]).dtype == "int32" and ops.max_pool([[[1], [2]]], 2).dtype == "int32"


def test_a_zero_vector_has_a_finite_gradient_under_normalize():
    x = Variable(np.zeros(3, "float32"))
    with GradientTape() as tape:
        y = ops.sum(ops.normalize(x))
    assert np.isfinite(tape.gradient(y, x).numpy()).all()


def test_half_precision_moments_do_not_overflow():
    mean, variance = ops.moments(np.full((100,), 300, "float16") * np.float16(1), [0])
    assert float(mean) == 300.0 and float(variance) == 0.0
    _, variance = ops.moments(np.array([-6e4, 6e4], "float16"), [0])
    assert float(variance) == 65504.0


def test_soft_capped_attention_bounds_the_logits():
    q = 100 * np.ones((1, 2, 1, 4), "float32")
    k = np.stack([q[:, 0], -q[:, 0]], 1)
    v = np.array([1.0, 0.0], "float32").reshape(1, 2, 1, 1)
    out = ops.dot_product_attention(q, k, v, attn_logits_soft_cap=1.0).numpy()
    np.testing.assert_allclose(out, 1 / (1 + np.exp(-2)), rtol=1e-5, atol=1e-6)
    causal = ops.dot_product_attention(q, k, v, attn_logits_soft_cap=1.0, is_causal=True).numpy()
    np.testing.assert_allclose(causal[0, 0, 0, 0], 1.0)


def test_flash_attention_that_does_not_fit_is_refused():
    q = np.ones((1, 2, 1, 4), "float32")
    with pytest.raises(ValueError, match="[Ff]lash"):
        ops.dot_product_attention(q, q, q, flash_attention=True)


ONES = np.ones((1, 4, 4, 2), "float32")
REFUSED = {
    "channels": (lambda: ops.conv(ONES, np.ones((3, 3, 3, 4))), "evenly divisible"),
    "empty": (lambda: ops.conv(ONES, np.ones((5, 5, 2, 4))), "empty output"),
    "kernel rank": (lambda: ops.conv(ONES, np.ones((3, 2, 4))), "rank"),
    "padding": (lambda: ops.conv(ONES, np.ones((3, 3, 2, 4)), padding="full"), "padding"),
    "strides": (lambda: ops.conv(ONES, np.ones((3, 3, 2, 4)), strides=(1, 1, 1)), "strides"),
    "data format": (lambda: ops.conv(ONES, np.ones((3, 3, 2, 4)), data_format="last"), "data_format"),
    "depthwise": (lambda: ops.depthwise_conv(ONES, np.ones((3, 3, 4, 1))), "must match"),
    "transpose": (lambda: ops.conv_transpose(ONES, np.ones((3, 3, 4, 1))), "must match"),
    "pool": (lambda: ops.max_pool(ONES, (1, 2, 3)), "pool_size"),
    "adaptive": (lambda: ops.adaptive_max_pool(ONES, (1, 2, 3)), "spatial"),
    "glu": (lambda: ops.glu(np.ones(3)), "even"),
    "one_hot": (lambda: ops.multi_hot([1]), "num_classes"),
    "bce": (lambda: ops.binary_crossentropy(np.ones(3), np.ones(4)), "same shape"),
    "cce": (lambda: ops.categorical_crossentropy(np.ones(3), np.ones(4)), "same shape"),
    "scce": (lambda: ops.sparse_categorical_crossentropy(np.ones((2, 3)), np.ones((2, 3))), "do not fit"),
    "psnr": (lambda: ops.psnr(np.ones(3), np.ones(4), 1.0), "same shape"),
    "normalize": (lambda: ops.normalize(np.ones(3), order=0), "order"),
    "block": (lambda: ops.space_to_depth(ONES, 3), "height"),
    "block size": (lambda: ops.depth_to_space(ONES, 1), "block_size"),
    "unfold": (lambda: ops.unfold(ONES, (5, 5)), "does not fit"),
    "fold": (lambda: ops.fold(np.ones((1, 4, 3)), (3, 3), 2), "do not make up"),
    "ctc": (lambda: ops.ctc_decode(np.ones((1, 2, 3)), [2], strategy="best"), "strategy"),
    "attention": (lambda: ops.dot_product_attention(ONES[0], ONES[0], ONES[0]), "rank 4"),
    "layer norm": (lambda: ops.layer_normalization(ONES, wrong=1), "unexpected keyword"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_wrong_arguments_are_refused(name):
    run, match = REFUSED[name]
    with pytest.raises((ValueError, TypeError), match=match):
        run()
