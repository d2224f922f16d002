"""`JaxLayer` and `FlaxLayer`: training, state, draws, and modules of Flax's form; `TorchModuleWrapper` alone."""

from __future__ import annotations

import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import addax as keras
from addax import layers

X = np.random.default_rng(0).normal(size=(8, 3)).astype("float32")


def dense(params, inputs):
    return inputs @ params["w"] + params["b"]


def init(rng, inputs):
    return {"w": jax.random.normal(jnp.asarray(rng), (inputs.shape[-1], 2)) * 0.1, "b": jnp.zeros(2)}


def counting(params, state, rng, inputs, training):
    noise = 0.0 if rng is None else jax.random.normal(jnp.asarray(rng), inputs.shape)
    return inputs * params + noise, {"calls": state["calls"] + int(training)}


def test_parameters_are_trained_by_fit_and_by_tapes():
    layer = layers.JaxLayer(dense, init)
    model = keras.Sequential([keras.Input((3,)), layer])
    assert [tuple(w.shape) for w in layer.trainable_weights] == [(2,), (3, 2)]
    model.compile(keras.optimizers.SGD(0.1), "mse")
    y = X @ np.ones((3, 2), "float32")
    losses = model.fit(X, y, epochs=30, verbose=0).history["loss"]
    assert losses[-1] < 0.1 * losses[0]
    np.testing.assert_allclose(model.predict(X, verbose=0), layer(X), rtol=1e-5, atol=1e-6)


def test_state_moves_on_and_draws_happen_in_training_only():
    layer = layers.JaxLayer(counting, params=2.0, state={"calls": 0}, seed=1)
    np.testing.assert_allclose(layer(X), 2 * X)
    first, second = layer(X, training=True), layer(X, training=True)
    assert (first != second).numpy().any()
    assert int(layer.state["calls"].numpy()) == 2
    assert [w.trainable for w in layer.weights] == [True, False]


class Module:
    """What `FlaxLayer` needs of a module of Flax."""

    def __call__(self, x, training):
        raise AssertionError("only apply() is called")

    def init(self, rngs, x, method=None, training=None):
        assert set(rngs) == {"params", "dropout"} and training is True
        return {"params": {"w": jnp.full((x.shape[-1],), 2.0)}, "batch_stats": {"seen": jnp.zeros(())}}

    def apply(self, variables, x, rngs=None, method=None, mutable=(), training=None):
        assert mutable == ["batch_stats"] and set(rngs) == ({"dropout"} if training else set())
        seen = variables["batch_stats"]["seen"] + (1.0 if training else 0.0)
        return x * variables["params"]["w"], {"batch_stats": {"seen": seen}}


def test_a_module_of_flax_is_initialized_applied_and_updated():
    layer = layers.FlaxLayer(Module())
    np.testing.assert_allclose(layer(X), 2 * X)
    layer(X, training=True)
    assert float(layer.state["batch_stats"]["seen"].numpy()) == 1.0
    assert len(layer.trainable_weights) == len(layer.non_trainable_weights) == 1


def test_functions_with_other_parameters_are_refused():
    with pytest.raises(ValueError, match="call_fn"):
        layers.JaxLayer(lambda x: x)
    with pytest.raises(ValueError, match="parameters"):
        layers.JaxLayer(dense)


def test_an_exported_model_is_a_layer(tmp_path):
    model = keras.Sequential([keras.Input((3,)), layers.Dense(2)])
    model.export(tmp_path / "saved")
    layer = layers.TFSMLayer(str(tmp_path / "saved"))
    inputs = keras.Input((3,))
    around = keras.Model(inputs, layer(inputs))
    np.testing.assert_allclose(around.predict(X, verbose=0), model(X), rtol=1e-5, atol=1e-6)
    assert set(layers.TFSMLayer(str(tmp_path / "saved"), "serving_default")(X)) == {"output_0"}
    with pytest.raises(ValueError, match="serving_default"):
        layers.TFSMLayer(str(tmp_path / "saved"), "predict")
    with pytest.raises(ValueError, match="safe_mode"):
        layers.TFSMLayer.from_config(layer.get_config())
    assert layers.TFSMLayer.from_config(layer.get_config(), safe_mode=False).filepath == layer.filepath


def test_a_wrapper_of_torch_modules_says_that_torch_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ImportError, match="pip install torch"):
        layers.TorchModuleWrapper(object())


@pytest.mark.parametrize("safe_mode", [None, False])
def test_pickled_modules_of_torch_are_never_read(safe_mode, monkeypatch):
    """What Keras writes: a pickle, which PyTorch would load."""
    opened = []
    monkeypatch.setitem(sys.modules, "torch", type("Torch", (), {"load": opened.append}))
    config = {
        "module": "keras.layers",
        "class_name": "TorchModuleWrapper",
        "config": {"name": "outer", "module": "gASVBQAAAAAAAABLAS4=", "output_shape": None},
        "registered_name": None,
    }
    with pytest.raises(ValueError, match="load_weights"):
        keras.saving.deserialize_keras_object(config, safe_mode=safe_mode)
    assert opened == []
