"""Layers that draw in training, and ActivityRegularization."""

import numpy as np
import pytest

import addax as keras
from addax import layers

ONES = np.ones((200, 100), "float32")


def drawn(layer, x=ONES):
    return np.asarray(layer(x, training=True))


def test_dropout_zeroes_a_fraction_and_keeps_the_mean():
    out = drawn(layers.Dropout(0.25, seed=1))
    assert set(np.unique(out).round(4)) == {0.0, np.float32(1 / 0.75).round(4)}
    assert out.mean() == pytest.approx(1, abs=0.02)


def test_dropout_at_its_limits():
    np.testing.assert_array_equal(drawn(layers.Dropout(0.0)), ONES)
    np.testing.assert_array_equal(drawn(layers.Dropout(1.0)), 0)


def test_noise_shape_shares_draws_along_an_axis():
    out = drawn(layers.Dropout(0.5, noise_shape=(None, 1), seed=2))
    assert (out == out[:, :1]).all() and len(np.unique(out)) == 2
    with pytest.raises(ValueError, match=r"`noise_shape` does not fit[\s\S]*\(200, 100\)"):
        drawn(layers.Dropout(0.5, noise_shape=(3, 1)))
    with pytest.raises(ValueError, match="`noise_shape` is wrong"):
        layers.Dropout(0.5, noise_shape=3)


@pytest.mark.parametrize("name", ["Dropout", "GaussianDropout", "AlphaDropout", "SpatialDropout2D"])
@pytest.mark.parametrize("rate", [-0.1, 1.5, "x", None])
def test_rates_are_fractions(name, rate):
    with pytest.raises(ValueError, match=f"{name}: `rate` is wrong"):
        getattr(layers, name)(rate)


@pytest.mark.parametrize(
    ("layer", "shape", "axes"),
    [
        (layers.SpatialDropout1D(0.5, seed=1), (6, 5, 8), (1,)),
        (layers.SpatialDropout2D(0.5, seed=1), (6, 3, 4, 8), (1, 2)),
        (layers.SpatialDropout2D(0.5, data_format="channels_first", seed=1), (6, 8, 3, 4), (2, 3)),
        (layers.SpatialDropout3D(0.5, seed=1), (6, 2, 3, 2, 8), (1, 2, 3)),
    ],
    ids=["1D", "2D", "2D channels first", "3D"],
)
def test_spatial_dropout_drops_whole_channels(layer, shape, axes):
    out = drawn(layer, np.ones(shape, "float32"))
    assert (out.min(axis=axes) == out.max(axis=axes)).all()
    assert {0.0, 2.0} == set(np.unique(out))


def test_gaussian_noise_and_dropout_have_the_stated_moments():
    noise = drawn(layers.GaussianNoise(2.0, seed=1)) - 1
    assert noise.mean() == pytest.approx(0, abs=0.05) and noise.std() == pytest.approx(2, abs=0.05)
    factor = drawn(layers.GaussianDropout(0.2, seed=1))
    assert factor.mean() == pytest.approx(1, abs=0.02) and factor.std() == pytest.approx(0.5, abs=0.02)
    with pytest.raises(ValueError, match="`stddev` is wrong"):
        layers.GaussianNoise(-1)


def test_alpha_dropout_keeps_mean_and_variance():
    x = np.random.default_rng(0).normal(size=ONES.shape).astype("float32")
    out = drawn(layers.AlphaDropout(0.3, seed=1), x)
    assert out.mean() == pytest.approx(0, abs=0.03) and out.std() == pytest.approx(1, abs=0.03)


def test_training_is_passed_down_from_the_model():
    x = keras.Input((100,))
    model = keras.Model(x, layers.Dropout(0.5)(x))
    np.testing.assert_array_equal(np.asarray(model(ONES)), ONES)
    assert (np.asarray(model(ONES, training=True)) == 0).any()
    always = keras.Model(x, layers.Dropout(0.5)(x, training=True))
    assert (np.asarray(always(ONES)) == 0).any()


def test_the_seed_is_a_variable_but_no_weight():
    layer = layers.Dropout(0.5)
    layer(ONES)
    assert layer.weights == [] and len(layer.non_trainable_variables) == 1


def test_activity_regularization_adds_the_mean_penalty_of_the_batch():
    layer = layers.ActivityRegularization(l1=0.5, l2=0.25)
    layer(np.full((4, 3), 2.0, "float32"))
    assert float(layer.losses[0]) == pytest.approx(3 * (0.5 * 2 + 0.25 * 4))
    with pytest.raises(ValueError, match="`l1` is wrong"):
        layers.ActivityRegularization(l1=-1)
