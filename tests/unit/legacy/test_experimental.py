"""Linear and wide & deep models of `tf.keras.experimental`, and the mixed precision of TensorFlow 2.0."""

import numpy as np
import pytest

import addax as keras
from addax import tf
from addax.legacy import data_adapter

experimental = tf.keras.experimental
RNG = np.random.default_rng(0)
X = {"a": RNG.normal(size=(64, 3)).astype("float32"), "b": RNG.normal(size=(64, 2)).astype("float32")}
Y = (X["a"] @ [[1.0], [-2.0], [0.5]] + X["b"] @ [[3.0], [0.0]] + 1.0).astype("float32")


def test_a_linear_model_of_a_dict_finds_the_weights():
    model = experimental.LinearModel()
    model.compile(keras.optimizers.SGD(0.2), "mse")
    model.fit(X, Y, epochs=60, batch_size=64, verbose=0)
    assert model.evaluate(X, Y, verbose=0) < 1e-3
    assert sorted(v.name for v in model.weights) == ["bias", "kernel", "kernel"]
    np.testing.assert_allclose(model.dense_layers[0].kernel.numpy()[:, 0], [1, -2, 0.5], atol=0.02)


@pytest.mark.parametrize("x", [X["a"], [X["a"], X["b"]]], ids=["one", "list"])
def test_a_linear_model_is_a_sum_of_products(x):
    model = experimental.LinearModel(units=2, activation="sigmoid", kernel_initializer="ones")
    each = x if isinstance(x, list) else [x]
    expected = 1 / (1 + np.exp(-sum(a.sum(1) for a in each)))
    np.testing.assert_allclose(model(x).numpy(), np.stack([expected, expected], 1), rtol=1e-5)


def test_other_inputs_are_named():
    model = experimental.LinearModel()
    model(X)
    with pytest.raises(ValueError, match="built for other inputs"):
        model.call({"a": X["a"], "c": X["b"]})


def deep():
    return keras.Sequential([keras.layers.Dense(8, activation="relu"), keras.layers.Dense(1)])


@pytest.mark.parametrize("count", [1, 2])
def test_wide_and_deep_trains_both_parts(count):
    keras.utils.set_random_seed(0)
    model = experimental.WideDeepModel(experimental.LinearModel(), deep())
    deep_optimizer = keras.optimizers.RMSprop(0.02)
    model.compile(
        [keras.optimizers.SGD(0.1), deep_optimizer] if count == 2 else deep_optimizer, "mse", ["mae"]
    )
    x = X["a"], X["b"]
    before = model.evaluate(x, Y, verbose=0)[0]
    model.fit(x, Y, epochs=60, verbose=0)
    assert model.evaluate(x, Y, verbose=0)[0] < before / 4
    linear, dense = model.linear_model(X["a"]), model.dnn_model(X["b"])
    np.testing.assert_allclose(model(x).numpy(), linear.numpy() + dense.numpy(), rtol=1e-5)


def test_each_part_has_its_optimizer():
    model = experimental.WideDeepModel(experimental.LinearModel(), deep())
    model.compile([keras.optimizers.SGD(0.0), keras.optimizers.SGD(0.1)], "mse")
    model.fit((X["a"], X["b"]), Y, epochs=2, verbose=0)
    assert not model.linear_model.dense_layers[0].kernel.numpy().any()
    assert model.dnn_model.layers[-1].bias.numpy().any()
    with pytest.raises(ValueError, match="two parts"):
        model.compile(["sgd"] * 3)


def test_they_survive_a_file(tmp_path):
    model = experimental.WideDeepModel(experimental.LinearModel(), deep(), activation="sigmoid")
    x = X["a"], X["b"]
    expected = model(x).numpy()
    model.save(tmp_path / "m.keras")
    np.testing.assert_array_equal(keras.saving.load_model(tmp_path / "m.keras")(x).numpy(), expected)


def test_mixed_precision_of_tensorflow_2_0():
    old = keras.mixed_precision.experimental
    policy = old.Policy("mixed_float16", loss_scale="dynamic")
    assert (policy.compute_dtype, policy.variable_dtype) == ("float16", "float32")
    try:
        old.set_policy(policy)
        assert old.global_policy().name == "mixed_float16"
    finally:
        old.set_policy("float32")
    assert float(old.LossScaleOptimizer(keras.optimizers.SGD(), loss_scale=128).initial_scale) == 128.0
    assert isinstance(old.LossScaleOptimizer(keras.optimizers.SGD()), keras.optimizers.LossScaleOptimizer)


def test_expand_1d():
    a, (b, c) = data_adapter.expand_1d((np.ones(3), (np.ones((3, 2)), None)))
    assert a.shape == (3, 1) and b.shape == (3, 2) and c is None
