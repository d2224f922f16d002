"""Normalization layers."""

import numpy as np
import pytest

import addax as keras
from addax import layers
from addax.engine import Compiled

X = np.random.default_rng(0).normal(3.0, 2.0, size=(64, 5)).astype("float32")


# BatchNormalization
def test_batch_norm_normalizes_in_training_and_moves_its_averages():
    layer = layers.BatchNormalization(momentum=0.75)
    out = np.asarray(layer(X, training=True))
    np.testing.assert_allclose(out.mean(0), 0, atol=1e-4)
    np.testing.assert_allclose(out.std(0), 1, atol=1e-2)
    np.testing.assert_allclose(np.asarray(layer.moving_mean), 0.25 * X.mean(0), rtol=1e-4)
    np.testing.assert_allclose(np.asarray(layer.moving_variance), 0.75 + 0.25 * X.var(0), rtol=1e-4)


def test_batch_norm_uses_its_averages_otherwise():
    layer = layers.BatchNormalization(epsilon=0.0)
    layer.build((None, 5))
    layer.moving_mean.assign(np.full(5, 2.0))
    layer.moving_variance.assign(np.full(5, 4.0))
    np.testing.assert_allclose(np.asarray(layer(X)), (X - 2) / 2, rtol=1e-5)
    np.testing.assert_array_equal(np.asarray(layer.moving_mean), 2.0)


def test_a_frozen_batch_norm_is_in_inference_mode():
    layer = layers.BatchNormalization()
    layer.build((None, 5))
    layer.trainable = False
    out = layer(X, training=True)
    np.testing.assert_allclose(np.asarray(out), X / np.sqrt(1.001), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(np.asarray(layer.moving_mean), 0)
    assert layer.trainable_weights == [] and len(layer.non_trainable_weights) == 4


def test_averages_move_in_compiled_code():
    layer = layers.BatchNormalization(momentum=0.0)
    step = Compiled(lambda x: layer(x, training=True))
    step(X)
    np.testing.assert_allclose(np.asarray(layer.moving_mean), X.mean(0), rtol=1e-4)
    step(X + 1)
    np.testing.assert_allclose(np.asarray(layer.moving_mean), X.mean(0) + 1, rtol=1e-4)


def test_batch_norm_leaves_masked_steps_out_of_the_statistics():
    steps = np.random.default_rng(1).normal(size=(4, 6, 3)).astype("float32")
    steps[:, 4:] = 0.0
    layer = layers.BatchNormalization(momentum=0.0)
    out = layer(layers.Masking()(steps), training=True)
    valid = steps[:, :4].reshape(-1, 3)
    np.testing.assert_allclose(np.asarray(layer.moving_mean), valid.mean(0), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(np.asarray(layer.moving_variance), valid.var(0), rtol=1e-4)
    assert out._keras_mask.shape == (4, 6)
    with pytest.raises(ValueError, match="one dimension less"):
        layer(steps, mask=np.ones((4,), bool))


def test_batch_norm_of_half_precision_does_not_overflow():
    layer = layers.BatchNormalization(dtype="mixed_float16")
    out = layer(np.full((8, 2), 6e4, "float32") * np.array([[1.0, 0.5]], "float32"), training=True)
    assert out.dtype == "float16" and np.isfinite(np.asarray(out)).all()
    assert layer.gamma.dtype == layer.moving_mean.dtype == "float32"


def test_batch_norm_takes_the_axis_of_old_files():
    assert layers.BatchNormalization(axis=[3]).axis == 3
    with pytest.raises(ValueError, match="`axis` is wrong"):
        layers.BatchNormalization(axis="last")


@pytest.mark.parametrize(
    "name", ["BatchNormalization", "LayerNormalization", "GroupNormalization", "RMSNormalization"]
)
def test_the_size_of_the_axis_must_be_known(name):
    with pytest.raises(ValueError, match=r"size of axis -1[\s\S]*shape \(None, None\)"):
        getattr(layers, name)()(keras.Input((None,)))


def test_renorm_refuses_unknown_bounds():
    with pytest.raises(ValueError, match="`renorm_clipping` is wrong"):
        layers.BatchNormalization(renorm=True, renorm_clipping={"rmx": 3})


# The others
def test_layer_norm_normalizes_each_sample():
    out = np.asarray(layers.LayerNormalization(epsilon=1e-6)(X))
    np.testing.assert_allclose(out.mean(1), 0, atol=1e-5)
    np.testing.assert_allclose(out.std(1), 1, atol=1e-3)


def test_layer_norm_over_several_axes_has_weights_of_their_shape():
    layer = layers.LayerNormalization(axis=[1, 2])
    layer.build((None, 4, 5))
    assert layer.gamma.shape == (4, 5)


def test_layer_norm_divides_by_the_variance_when_asked_to():
    with pytest.warns(UserWarning, match="RMSNormalization"):
        layer = layers.LayerNormalization(rms_scaling=True, epsilon=0.0)
    np.testing.assert_allclose(np.asarray(layer(X)), X / np.sqrt(X.var(1, keepdims=True)), rtol=1e-4)
    assert [w.name for w in layer.weights] == ["gamma"]


@pytest.mark.parametrize("name", ["LayerNormalization", "RMSNormalization", "UnitNormalization"])
def test_axes_are_integers(name):
    with pytest.raises(TypeError, match=f"{name}: `axis` is wrong"):
        getattr(layers, name)(axis="x")


def test_group_norm_with_one_group_for_each_channel_normalizes_channels():
    x = np.random.default_rng(2).normal(size=(3, 20, 4)).astype("float32")
    out = np.asarray(layers.GroupNormalization(groups=-1)(x))
    np.testing.assert_allclose(out.mean(1), 0, atol=1e-5)


@pytest.mark.parametrize("groups", [3, 32])
def test_groups_must_divide_the_channels(groups):
    with pytest.raises(ValueError, match=rf"multiple of groups={groups}[\s\S]*4 channels"):
        layers.GroupNormalization(groups)(np.ones((2, 4), "float32"))


def test_groups_are_positive_or_minus_one():
    with pytest.raises(ValueError, match="`groups` is wrong"):
        layers.GroupNormalization(0)


def test_unit_norm_gives_vectors_of_length_one():
    np.testing.assert_allclose(
        np.linalg.norm(np.asarray(layers.UnitNormalization()(X)), axis=1), 1, rtol=1e-5
    )


def test_spectral_norm_brings_the_largest_singular_value_to_one():
    layer = layers.SpectralNormalization(layers.Dense(4), power_iterations=20)
    layer(X)
    layer.layer.kernel.assign(np.random.default_rng(0).normal(size=(5, 4)) * 3)
    before = np.asarray(layer(X))
    np.testing.assert_array_equal(np.asarray(layer(X)), before)  # nothing happens outside of training
    layer(X, training=True)
    assert np.linalg.norm(np.asarray(layer.layer.kernel), 2) == pytest.approx(1, abs=1e-2)


def test_spectral_norm_needs_a_kernel():
    with pytest.raises(ValueError, match=r"nothing to normalize[\s\S]*Flatten"):
        layers.SpectralNormalization(layers.Flatten())(X)
    with pytest.raises(ValueError, match="`power_iterations` is wrong"):
        layers.SpectralNormalization(layers.Dense(2), power_iterations=0)
