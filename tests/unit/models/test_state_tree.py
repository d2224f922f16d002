import numpy as np
import pytest

import addax as keras


def compiled() -> keras.Model:
    keras.backend.clear_session()
    layers = [keras.Input((2,)), keras.layers.Dense(1, name="d"), keras.layers.BatchNormalization(name="b")]
    model = keras.Sequential(layers, name="m")
    model.compile("adam", "mse", metrics=["mae"])
    return model


def test_the_tree_restores_a_trained_model() -> None:
    x, y = np.random.default_rng(0).normal(size=(2, 8, 2)).astype(np.float32)
    model = compiled()
    model.fit(x, y[:, :1], epochs=2, verbose=0)
    tree = model.get_state_tree("numpy_array")
    assert sorted(tree["trainable_variables"]["m"]["d"]) == ["bias", "kernel"]
    assert {"iteration", "learning_rate", "m_d_kernel_momentum"} < set(tree["optimizer_variables"]["adam"])
    assert sorted(tree["metrics_variables"]["mean_absolute_error"]) == ["count", "total"]
    other = compiled()
    other.set_state_tree(tree)
    for one in (model, other):
        one.fit(x, y[:, :1], shuffle=False, verbose=0)
    for a, b in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_what_does_not_fit_is_refused() -> None:
    model = compiled()
    with pytest.raises(ValueError, match="does not have"):
        model.set_state_tree({"trainable_variables": {"m": {"other": np.ones(1)}}})
    with pytest.raises(ValueError, match="Unknown kind"):
        model.set_state_tree({"weights": {}})
    with pytest.raises(ValueError, match="backend_tensor"):
        model.get_state_tree("list")
    twice = keras.Model()
    twice.a, twice.b = keras.Variable(1.0, name="v"), keras.Variable(1.0, name="v")
    with pytest.raises(ValueError, match="same path"):
        twice.get_state_tree()
