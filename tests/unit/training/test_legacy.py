"""`compiled_loss` and `compiled_metrics`, which training steps of tf.keras 2 use."""

import numpy as np
import pytest

import addax as keras
from addax import layers

X = np.random.RandomState(0).rand(6, 3).astype("float32")
Y = X[:, :1] * 2


@pytest.fixture
def model():
    model = keras.Sequential([keras.Input((3,)), layers.Dense(1, kernel_regularizer="l2")])
    model.compile("sgd", "mse", metrics=["mae"])
    return model


def test_the_loss_adds_penalties_and_is_tracked(model):
    y_pred = model(X)
    plain = np.mean((np.asarray(y_pred) - Y) ** 2)
    penalty = float(model.losses[0])
    assert float(model.compiled_loss(Y, y_pred)) == pytest.approx(plain, rel=1e-5)
    total = model.compiled_loss(Y, y_pred, regularization_losses=model.losses)
    assert float(total) == pytest.approx(plain + penalty, rel=1e-5)
    (tracker,) = model.compiled_loss.metrics
    assert float(tracker.result()) == pytest.approx(plain + penalty / 2, rel=1e-5)


def test_weights_reach_the_loss(model):
    y_pred = model(X)
    weight = np.arange(6, dtype="float32")
    expected = np.mean((np.asarray(y_pred) - Y)[:, 0] ** 2 * weight)
    assert float(model.compiled_loss(Y, y_pred, sample_weight=weight)) == pytest.approx(expected, rel=1e-5)


def test_metrics_are_one_object(model):
    y_pred = model(X)
    model.compiled_metrics.update_state(Y, y_pred)
    (metric,) = model.compiled_metrics.metrics
    assert metric.name == "mae"
    assert float(metric.result()) == pytest.approx(np.mean(np.abs(np.asarray(y_pred) - Y)), rel=1e-5)
